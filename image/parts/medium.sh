# Sourced by build: the system as one compressed file, and the medium that boots by BIOS and UEFI, from CD and USB.

make_system() {
  find "$target" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  rm -f "$work/system"
  logged image-squashfs mksquashfs "$target" "$work/system" -comp zstd -Xcompression-level "${SONDE_IMAGE_LEVEL:-19}" -b 256K -noappend -all-root -no-xattrs \
    -no-progress
}

# GRUB as a program of the BIOS; it finds its menu on the medium, or beside the very same system elsewhere.
make_bios_loader() {
  echo "search --file --set=root /sonde/is-$id
set prefix=(\$root)/boot/grub" >"$work/early.cfg"
  logged image-grub grub-mkimage -O i386-pc-eltorito -o "$1" -p /boot/grub -c "$work/early.cfg" -C xz \
    biosdisk iso9660 search search_fs_file normal configfile linux serial terminal echo sleep part_msdos part_gpt
}

# new_efi_partition IMAGE SIZE LABEL: the system partition of UEFI. Microsoft's firmware knows shim, shim knows Debian's
# GRUB, GRUB knows Debian's kernel.
new_efi_partition() {
  local image=$1
  rm -f "$image"
  truncate -s "$2" "$image"
  mformat -i "$image" -N 534f4e44 -v "$3" ::
  mmd -i "$image" ::/EFI ::/EFI/BOOT ::/EFI/debian
  mcopy -i "$image" "$debian/usr/lib/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
  mcopy -i "$image" "$debian/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed" ::/EFI/BOOT/grubx64.efi
}

make_efi_partition() {
  local image=$1
  new_efi_partition "$image" 6M SONDE_EFI
  echo "search --file --set=root /sonde/is-$id
set prefix=(\$root)/boot/grub
configfile \$prefix/grub.cfg" >"$work/efi.cfg"
  mcopy -i "$image" "$work/efi.cfg" ::/EFI/debian/grub.cfg
}

make_medium() {
  local tree="$work/medium" stamp id
  stamp=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S00)
  rm -rf "$tree"
  mkdir -p "$tree/boot/grub" "$tree/sonde"
  id=$(sha256sum "$work/system" | cut -c 1-16)
  echo "$id" >"$tree/sonde/id"
  : >"$tree/sonde/is-$id"
  sed -e "s/=ID /=$id /" -e "s/\"VERSION\"/\"$version\"/" image/system.cfg >"$tree/boot/grub/system.cfg"
  cp image/grub.cfg "$tree/boot/grub/grub.cfg"
  cp "$work/vmlinuz" "$work/initrd" "$tree/boot/"
  cp "$work/system" "$tree/sonde/system"
  cp "${iso%.iso}.spdx.json" "$tree/sonde/bill.spdx.json"
  make_bios_loader "$tree/boot/grub/bios.img"
  make_efi_partition "$work/efi.img"
  find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  logged image-medium xorriso -as mkisofs -r -V SONDE -o "$iso" --modification-date="$stamp" \
    -b boot/grub/bios.img -no-emul-boot -boot-load-size 4 -boot-info-table --grub2-boot-info \
    --grub2-mbr /usr/lib/grub/i386-pc/boot_hybrid.img \
    -append_partition 2 0xef "$work/efi.img" -partition_cyl_align off \
    -eltorito-alt-boot -e --interval:appended_partition_2:all:: -no-emul-boot "$tree"
}
