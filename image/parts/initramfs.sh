# Sourced by build: the initial memory system. It finds the medium and goes over to the system on it.

make_initramfs() {
  local tree="$work/initramfs" version applet
  version=$(ls "$modules/lib/modules")
  rm -rf "$tree"
  mkdir -p "$tree"/{bin,dev,proc,sys,medium,system,memory,root}
  cp "$debian/bin/busybox" "$tree/bin/busybox"
  for applet in sh mount umount mkdir modprobe find sort xargs sleep losetup switch_root cat echo ls cp insmod; do
    ln -s busybox "$tree/bin/$applet"
  done
  install -m 755 image/initramfs/init "$tree/init"
  mkdir -p "$tree/lib/modules/$version"
  # Discs, their controllers and file systems; networks wait for the system.
  grep -E '^kernel/(drivers/(ata|block|cdrom|nvme|scsi|usb/(host|storage|core|common)|virtio|md|hv|xen|pci)|fs/(isofs|squashfs|overlayfs|ext4|jbd2|mbcache|fat|nls|crypto)|lib|crypto|block)/' \
    "$work/modules.taken" >"$work/initramfs.wanted"
  awk -F'[: ]+' 'NR == FNR { wanted[$1]; next } $1 in wanted { for (i = 1; i <= NF; ++i) if ($i != "") print $i }' \
    "$work/initramfs.wanted" "$modules/lib/modules/$version/modules.dep" | sort -u >"$work/initramfs.modules"
  (cd "$modules/lib/modules/$version" && cp --parents $(cat "$work/initramfs.modules") modules.order \
    modules.builtin modules.builtin.modinfo "$tree/lib/modules/$version")
  logged image-depmod depmod -b "$tree" "$version"
  find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  (cd "$tree" && find . -print0 | sort -z | cpio --null --quiet --create --format=newc --reproducible -R 0:0) |
    zstd -q -19 -T0 -f -o "$work/initrd"
}
