# Sourced by build: the root of the image in build/image/root. Only what image/files names is in it, with the libraries
# that it needs, Sonde, and what image/root lays over that.

target="$work/root"

# libraries FILE...: what the programs load, by the loader of the image, which reads no cache of this host.
libraries() {
  local file
  for file in "$@"; do
    chroot "$debian" /lib64/ld-linux-x86-64.so.2 --list "$file" 2>/dev/null || true
  done | grep -oE '/[^ ]+ \(0x' | cut -d' ' -f1 | sort -u
}

# take PATH: a file or folder of the packages; links with what they lead to.
take() {
  local path=$1 link
  [ -e "$debian$path" ] || [ -L "$debian$path" ] || fail "image/files names $path, which no package of the image has"
  if [ -L "$debian$path" ]; then
    link=$(readlink "$debian$path")
    [[ $link = /* ]] || link=$(dirname "$path")/$link
    take "$(realpath -ms "$link")"
  fi
  (cd "$debian" && cp -a --parents ".$path" "$target")
}

# Who is believed when an upgrade is fetched, in one file.
take_authorities() {
  local file="$target/etc/ssl/certs/ca-certificates.crt"
  mkdir -p "$(dirname "$file")"
  cat "$debian"/usr/share/ca-certificates/mozilla/*.crt >"$file"
}

is_program() { [ -f "$1" ] && [ "$(head -c 4 "$1" | od -An -tx1 | tr -d ' ')" = 7f454c46 ]; }

make_root() {
  local path library
  rm -rf "$target"
  mkdir -p "$target"
  for path in bin sbin lib lib64; do
    mkdir -p "$target/usr/$path"
    ln -s "usr/$path" "$target/$path"
  done
  mkdir -p "$target"/{dev,proc,sys,run,tmp,var,data,etc}
  install -D -m 755 "build/release/appliance/sonde" "$debian/usr/bin/sonde"
  strip --strip-unneeded "$debian/usr/bin/sonde"
  lines files >"$work/files"
  echo /usr/bin/sonde >>"$work/files"
  while read -r path; do take "$path"; done <"$work/files"
  while read -r path; do
    if is_program "$debian$path"; then echo "$path"; fi
  done < <(cd "$target" && find . -type f -perm -u+x -printf '/%P\n') >"$work/programs"
  mapfile -t programs <"$work/programs"
  while read -r library; do
    [ -e "$target$library" ] || take "$library"
  done < <(libraries "${programs[@]}")
  take /lib64/ld-linux-x86-64.so.2
  install -m 755 "$debian/bin/busybox" "$target/usr/bin/busybox"
  for path in $("$target/usr/bin/busybox" --list); do
    [ -e "$target/usr/bin/$path" ] || [ -e "$target/usr/sbin/$path" ] || ln -s busybox "$target/usr/bin/$path"
  done
  ln -sf ../bin/busybox "$target/usr/sbin/init"
  take_authorities
  cp -a image/root/. "$target/"
}
