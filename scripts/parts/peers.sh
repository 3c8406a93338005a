# Sourced by setup: programs of others that our tests run against. They are unpacked, not installed: none becomes a
# service of this host, and chrony would remove the host's own time server.

peer_packages="iperf3 libiperf0 libsctp1 chrony libedit2 libbsd0 libmd0"

fetch_peers() {
  local work
  [ "$(cat build/peers/.packages 2>/dev/null)" = "$peer_packages" ] && return
  know_packages
  work="$root/build/peers-fetch"
  rm -rf "$work" build/peers
  mkdir -p "$work" build/peers
  # shellcheck disable=SC2086 # a list of words
  if ! (cd "$work" && apt-get -o APT::Sandbox::User=root download $peer_packages) >build/peers.log 2>&1; then
    logged apt-update as_root apt-get update
    # shellcheck disable=SC2086
    (cd "$work" && logged peers apt-get -o APT::Sandbox::User=root download $peer_packages)
  fi
  for package in "$work"/*.deb; do
    dpkg-deb -x "$package" build/peers
  done
  echo "$peer_packages" >build/peers/.packages
  rm -rf "$work"
}
