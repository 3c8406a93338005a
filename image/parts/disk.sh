# Sourced by build: what an installed disk boots with, in the root's /usr/share/sonde/boot. The system only copies it:
# boot.img to sector 0 (its first 440 octets), core.img to sector 2048, efi.img into the EFI partition.

bios_partition_sector=2048

# number VALUE OCTETS: little-endian, as it stands on a disk.
number() {
  local value=$1 octets=$2
  while ((octets-- > 0)); do
    printf '%b' "\\x$(printf %02x $((value & 255)))"
    value=$((value >> 8))
  done
}

# put FILE OFFSET: what comes in, into the middle of a file.
put() { dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# GRUB for the BIOS of a disk, with what grub-bios-setup would write: where the rest is, and not to trust the BIOS's word
# on which disk it is.
make_disk_bios_loader() {
  local folder=$1
  logged image-grub-disk grub-mkimage -O i386-pc -o "$folder/core.img" -p '(,gpt2)/boot/grub' -C xz \
    biosdisk part_gpt fat iso9660 normal configfile linux serial terminal echo sleep test regexp loadenv boot
  number $((bios_partition_sector + 1)) 8 | put "$folder/core.img" 500
  cp /usr/lib/grub/i386-pc/boot.img "$folder/boot.img"
  number $bios_partition_sector 8 | put "$folder/boot.img" 92
  number 255 1 | put "$folder/boot.img" 100
  number 37008 2 | put "$folder/boot.img" 102
  [ "$(stat -c %s "$folder/core.img")" -le 1048576 ] || fail "GRUB does not fit into the partition for it"
}

make_disk_efi_partition() {
  local image=$1
  new_efi_partition "$image" 16M SONDE_BOOT
  mmd -i "$image" ::/boot ::/boot/grub
  { printf '# GRUB Environment Block\n# Slots of Sonde\nslot=a\ntrial=\ntried=\n'; printf '#%.0s' {1..1024}; } |
    head -c 1024 >"$work/grubenv"
  mcopy -i "$image" "$work/grubenv" image/disk/grub.cfg ::/boot/grub/
  # shellcheck disable=SC2016 # GRUB's own names
  echo 'regexp --set=1:root "^\(([^)]*)\)" "$cmdpath"
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg' >"$work/efi.cfg"
  mcopy -i "$image" "$work/efi.cfg" ::/EFI/debian/grub.cfg
}

make_disk_boot() {
  local folder="$target/usr/share/sonde/boot"
  mkdir -p "$folder"
  make_disk_bios_loader "$folder"
  make_disk_efi_partition "$folder/efi.img"
}
