# Sourced by build: the initial memory system. It finds the medium and goes over to the system on it.

make_initramfs() {
  local tree="$work/initramfs" applet
  rm -rf "$tree"
  mkdir -p "$tree"/{bin,dev,proc,sys,medium,system}
  cp "$debian/bin/busybox" "$tree/bin/busybox"
  for applet in sh mount umount mkdir modprobe find sort xargs sleep switch_root cat grep reboot rm; do
    ln -s busybox "$tree/bin/$applet"
  done
  install -m 755 image/initramfs/init image/root/etc/sonde/drivers "$tree/"
  sed 's/^kernel\///' "$work/modules.taken" | picked initramfs/modules | sed 's/^/kernel\//' >"$work/initramfs.wanted"
  with_needed "$work/initramfs.wanted" "$modules/lib/modules/$kernel" >"$work/initramfs.modules"
  copy_modules "$work/initramfs.modules" "$modules/lib/modules/$kernel" "$tree"
  find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  (cd "$tree" && find . -print0 | sort -z | cpio --null --quiet --create --format=newc --reproducible -R 0:0) |
    zstd -q -19 -T0 -f -o "$work/initrd"
}
