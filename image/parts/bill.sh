# Sourced by build: which package of Debian each file of the image comes from, what is owed for that (licences, the bill
# of materials as SPDX 2.3) and, on demand, the sources of it all.

packages="$work/debian.list" # package, version, architecture, source, its version, further sources, SHA-256 of the file
owners="$work/debian.files"  # path, package

# note_packages FOLDER: reads the fetched packages once; they are not needed again.
note_packages() {
  local file name version architecture source more
  : >"$packages"
  : >"$owners"
  for file in "$1"/*.deb; do
    { read -r name; read -r version; read -r architecture; read -r source; read -r more; } < <(
      # shellcheck disable=SC2016 # dpkg's own names
      dpkg-deb --show --showformat '${Package}\n${Version}\n${Architecture}\n${source:Package} ${source:Version}\n${Built-Using}\n' "$file"
    )
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$version" "$architecture" "${source% *}" "${source#* }" "${more:--}" \
      "$(sha256sum "$file" | cut -d' ' -f1)" >>"$packages"
    dpkg-deb --fsys-tarfile "$file" | tar -t | sed -nE 's/^\.//; s/^\/(bin|sbin|lib|lib64)\//\/usr\/\1\//; /[^\/]$/p' |
      sed "s/$/\t$name/" >>"$owners"
  done
  sort -o "$packages" "$packages"
  sort -o "$owners" "$owners"
}

# The packages that some file of the image is from, one a line. Links do not count: busybox's have the names of others.
used_packages() {
  {
    (cd "$target" && find . -type f -printf '/%P\n')
    printf '%s\n' "/boot/vmlinuz-$kernel" /usr/lib/shim/shimx64.efi.signed \
      /usr/sbin/update-ca-certificates \
      /usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed
  } | sort -u | join -t $'\t' - "$owners" | cut -f2 | sort -u
}

# What Debian wrote about whose work it is, where Debian keeps it, and the common licences that these texts point to.
keep_licences() {
  local name
  cp -a "$debian/usr/share/common-licenses" "$target/usr/share/"
  for name in $(used_packages); do
    mkdir -p "$target/usr/share/doc/$name"
    cp -L "$debian/usr/share/doc/$name/copyright" "$target/usr/share/doc/$name/" || fail "$name says nothing of its licence"
  done
  mkdir -p "$target/usr/share/doc/sonde"
  cp LICENSE NOTICE "$target/usr/share/doc/sonde/"
}

# make_bill FILE: the bill of materials.
make_bill() {
  used_packages | join -t $'\t' - "$packages" >"$work/packages.used"
  # GRUB for the BIOS is put together from the modules of this host's package.
  # shellcheck disable=SC2016 # dpkg's own names
  dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t-\t-\n' grub-pc-bin \
    >>"$work/packages.used"
  node image/parts/bill.mjs "$version" "$SOURCE_DATE_EPOCH" package-lock.json <"$work/packages.used" >"$1"
}

# make_sources FILE: Sonde's own, and what Debian built each package from, as Debian signed it.
make_sources() {
  local lists="$work/source-lists" store="$work/sources" apt name wanted absent=
  rm -rf "$store"
  mkdir -p "$lists/partial" "$store"
  sed -n 's/^deb /deb-src /p' "$work/sources.list" >"$work/source.list"
  apt=(-o "Dir::Etc::SourceList=$work/source.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$lists")
  logged image-source-lists apt-get "${apt[@]}" update
  # "further sources" are "glibc (= 2.36-9), ...": what was linked in, or signed.
  wanted=$(awk -F'\t' '{ print $4 "=" $5; if ($6 != "-") print $6 }' "$work/packages.used" |
    tr ',' '\n' | sed -E 's/ *\(= ([^)]+)\)/=\1/; s/ //g' | sort -u)
  wanted+=" civetweb"
  for name in $wanted; do
    echo "      $name"
    (cd "$store" && apt-get "${apt[@]}" source --download-only -qq "$name") >"$root/build/image-source.log" 2>&1 </dev/null ||
      absent+=" $name"
  done
  [ -z "$absent" ] || fail "Debian's archive does not give these sources today:$absent (the others are in $store)"
  git archive --format=tar --prefix="sonde-$version/" HEAD >"$store/sonde-$version.tar"
  tar -C "$store" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf "$1" .
}
