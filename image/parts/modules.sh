# Sourced by build: the kernel, and those of its modules that a measuring host can need, in build/image/modules.

modules="$work/modules"

# Folders and names that no measuring host needs; what the others depend on stays.
unwanted_modules='/(sound|drivers/(gpu|media|iio|staging|infiniband|isdn|comedi|input|hid|bluetooth|leds|w1|rtc|mfd|power|video|thunderbolt|platform|pcmcia|parport|nfc|mmc|mtd|memstick|greybus|gnss|counter|accessibility|auxdisplay|cdrom/gdrom|char/(agp|ipmi|tpm|pcmcia)|edac|extcon|firewire|fpga|gpio|hwmon|i2c|ipack|mailbox|md/dm-vdo|message|misc|ntb|pinctrl|pps/clients|pwm|rapidio|regulator|siox|slimbus|soundwire|spi|spmi|ssb|bcma|target|uio|usb/(gadget|serial|atm|misc|image|typec|musb|dwc2|dwc3|chipidea|isp1760|usbip)|vfio|watchdog/(pcwd|wdt)|xen/(tty|pciback))|net/(wireless|bluetooth|mac80211|mac802154|nfc|can|ax25|netrom|rose|x25|atm|appletalk|dccp|rds|tipc|batman-adv|6lowpan|ieee802154|l2tp|rxrpc|ceph|9p|openvswitch|sunrpc)|drivers/net/(wireless|wwan|can|hamradio|ieee802154|arcnet|fddi|plip|ppp|slip|wan|appletalk)|fs/(ceph|cifs|nfs|nfsd|smb|ocfs2|gfs2|btrfs|xfs|f2fs|jfs|reiserfs|nilfs2|ubifs|jffs2|afs|coda|9p|dlm|lockd|orangefs|hfs|hfsplus|ufs|minix|adfs|affs|befs|bfs|efs|erofs|freevxfs|hpfs|omfs|qnx4|qnx6|sysv|ntfs|ntfs3|zonefs|udf|fuse|quota|cachefiles|fscache))/'

prune_modules() {
  local from version module
  version=$(ls "$debian/lib/modules")
  from="$debian/lib/modules/$version"
  rm -rf "$modules"
  mkdir -p "$modules/lib/modules/$version"
  # Closed over what each needs, by the kernel's own list.
  logged image-depmod depmod -b "$debian" "$version"
  (cd "$from" && find kernel -name '*.ko') | grep -vE "$unwanted_modules" >"$work/modules.wanted"
  awk -F'[: ]+' 'NR == FNR { wanted[$1]; next } $1 in wanted { for (i = 1; i <= NF; ++i) if ($i != "") print $i }' \
    "$work/modules.wanted" "$from/modules.dep" | sort -u >"$work/modules.taken"
  (cd "$from" && cp --parents $(cat "$work/modules.taken") modules.order modules.builtin modules.builtin.modinfo \
    "$modules/lib/modules/$version")
  logged image-depmod depmod -b "$modules" "$version"
  mkdir -p "$target/lib/modules"
  cp -a "$modules/lib/modules/$version" "$target/lib/modules/"
  cp "$debian/boot/vmlinuz-$version" "$work/vmlinuz"
}
