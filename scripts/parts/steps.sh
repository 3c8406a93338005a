# Sourced by the scripts: numbered steps, logged commands, Debian packages.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
mkdir -p build
step_number=0

# steps N: how many steps follow.
steps() { step_total=$1; }

step() {
  step_number=$((step_number + 1))
  echo "[$step_number/$step_total] $*"
}

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# logged NAME COMMAND...: its output goes to build/NAME.log and is shown only if it fails.
logged() {
  local log="$root/build/$1.log"
  shift
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 40 "$log" >&2
  fail "this failed: $* (all it said is in $log)"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "root is needed for: $*"
  fi
}

# missing PACKAGE...: those that are not installed.
missing() {
  comm -23 <(printf '%s\n' "$@" | sort) <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^installed //p' | sort)
}

# install_missing PACKAGE...: installs what is not there, without recommended packages and without questions.
install_missing() {
  local needed
  needed=$(missing "$@" | tr '\n' ' ')
  [ -z "$needed" ] && return
  echo "      installing: $needed"
  know_packages
  # shellcheck disable=SC2086 # a list of words
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $needed \
    >"$root/build/apt.log" 2>&1 </dev/null; then
    logged apt-update as_root apt-get update # the lists may be older than the mirror
    # shellcheck disable=SC2086
    logged apt as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $needed
  fi
}

# A fresh image has no package lists yet.
know_packages() {
  apt-cache show cmake >/dev/null 2>&1 || logged apt-update as_root apt-get update
}
