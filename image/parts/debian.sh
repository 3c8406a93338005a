# Sourced by build: the Debian packages of the image, unpacked but not configured, in build/image/debian.

debian="$work/debian"

# lines FILE: its words without comments.
lines() { sed -e 's/#.*//' -e '/^ *$/d' "$root/image/$1"; }

# The archives of Debian that this host itself uses.
debian_sources() {
  # shellcheck disable=SC2016 # apt's own names
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u
}

# /bin, /sbin and /lib become links into /usr, as on every Debian of today.
merge_usr() {
  local folder
  for folder in bin sbin lib lib64; do
    mkdir -p "$debian/usr/$folder"
    cp -a "$debian/$folder/." "$debian/usr/$folder/"
    rm -rf "${debian:?}/$folder"
    ln -s "usr/$folder" "$debian/$folder"
  done
}

fetch_debian() {
  local wanted
  wanted=$(lines packages)
  if [ "$(cat "$debian.packages" 2>/dev/null)" = "$wanted" ]; then return; fi
  rm -rf "$debian" "$debian.packages"
  know_packages
  debian_sources >"$work/sources.list"
  logged image-debian mmdebstrap --mode=root --variant=extract --include="$(tr '\n' ' ' <<<"$wanted")" \
    --skip=cleanup/apt/cache bookworm "$debian" "$work/sources.list"
  note_packages "$debian/var/cache/apt/archives"
  rm -rf "$debian/var/cache/apt"
  merge_usr
  echo "$wanted" >"$debian.packages"
}
