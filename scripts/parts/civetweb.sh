# Sourced by setup: the source of CivetWeb as Debian packs it, into build/civetweb. Debian's binary package has no IPv6
# and no TLS that works with OpenSSL 3.

civetweb_version=1.15+dfsg-4

# The host's own package sources, for source packages; nothing on the host is changed. $1: the folder for them.
write_source_lists() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] && sed -n 's/^deb\(-src\)\{0,1\}\([[:space:]]\)/deb-src\2/p' "$file" >>"$1/host.list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$1/$(basename "$file")"
  done
  return 0
}

fetch_civetweb() {
  local work apt tarball
  [ "$(cat build/civetweb/.version 2>/dev/null)" = "$civetweb_version" ] && return
  work="$root/build/civetweb-fetch"
  rm -rf "$work" build/civetweb
  mkdir -p "$work/sources" "$work/lists/partial" "$work/cache/archives/partial" build/civetweb
  write_source_lists "$work/sources"
  apt="apt-get -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$work/sources
    -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache -o APT::Sandbox::User=root"
  # A mirror without source packages among the host's is no reason to stop: what counts is whether ours comes.
  # shellcheck disable=SC2086 # words
  $apt update >build/civetweb.log 2>&1 || true
  # shellcheck disable=SC2086
  if ! (cd "$work" && $apt source --download-only "civetweb=$civetweb_version") >>build/civetweb.log 2>&1; then
    tail -n 20 build/civetweb.log >&2
    fail "Debian's source package civetweb $civetweb_version could not be fetched. It is part of Debian 12; is another release installed, or the mirror not reachable?"
  fi
  # apt has checked it against the signed lists.
  tarball=$(echo "$work"/civetweb_*.orig.tar.xz)
  tar -xf "$tarball" -C build/civetweb --strip-components=1
  echo "$civetweb_version" >build/civetweb/.version
  rm -rf "$work"
}
