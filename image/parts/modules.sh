# Sourced by build: the kernel, and those of its modules that image/modules names, in build/image/modules.

modules="$work/modules"

# picked FILE: of the paths that come in, those that its patterns take.
picked() {
  lines "$1" >"$work/patterns"
  grep -E -f <(grep -v '^!' "$work/patterns") | grep -vE -f <(sed -n 's/^!//p' "$work/patterns"; echo '^$')
}

# with_needed LIST: the kernel's own list says what each module needs.
with_needed() {
  awk -F'[: ]+' 'NR == FNR { wanted[$1]; next } $1 in wanted { for (i = 1; i <= NF; ++i) if ($i != "") print $i }' \
    "$1" "$2/modules.dep" | sort -u
}

# copy_modules LIST FROM TREE: with the lists that depmod needs.
copy_modules() {
  local to
  to="$3/lib/modules/$kernel"
  mkdir -p "$to"
  (cd "$2" && xargs cp --parents -t "$to" modules.order modules.builtin modules.builtin.modinfo) <"$1"
  logged image-depmod depmod -b "$3" "$kernel"
}

prune_modules() {
  local from
  kernel=$(ls "$debian/usr/lib/modules")
  from="$debian/usr/lib/modules/$kernel"
  rm -rf "$modules"
  logged image-depmod depmod -b "$debian" "$kernel"
  (cd "$from/kernel" && find . -name '*.ko' -printf '%P\n') | picked modules | sed 's/^/kernel\//' >"$work/modules.wanted"
  with_needed "$work/modules.wanted" "$from" >"$work/modules.taken"
  copy_modules "$work/modules.taken" "$from" "$modules"
  cp -a "$modules/lib/modules" "$target/usr/lib/"
  cp "$debian/boot/vmlinuz-$kernel" "$work/vmlinuz"
}
