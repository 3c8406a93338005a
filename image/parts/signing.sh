# Sourced by build: what the image says of itself, whose signatures it believes, and its own.

architecture=amd64
mark_offset=$((32768 + 883)) # the part of the volume descriptor (ISO 9660) that is free for applications
trailer_octets=4096

# sign_with KEY NEXT: KEY empty: one made here, and a version that says so. NEXT: public key that is believed, too.
sign_with() {
  key=$1
  next=$2
  kind=release
  if [ -z "$key" ]; then
    key="$work/development.key"
    kind=development
    version=$version+development
    [ -f "$key" ] || (umask 077 && openssl genpkey -algorithm ed25519 -out "$key")
  fi
  public_key "$key" >/dev/null
  openssl pkey -in "$key" -noout 2>/dev/null || fail "$key holds no private key to sign with"
  [ -z "$next" ] || public_key "$next" >/dev/null
}

# public_key FILE: the 32 octets of an Ed25519 key in hexadecimal digits, of a private or a public key in PEM.
public_key() {
  local der
  der=$(openssl pkey -in "$1" -pubout -outform DER 2>/dev/null | xxd -p -c 100) ||
    der=$(openssl pkey -pubin -in "$1" -pubout -outform DER 2>/dev/null | xxd -p -c 100) || der=
  # RFC 8410: all before the key itself is always the same.
  [[ $der =~ ^302a300506032b6570032100([0-9a-f]{64})$ ]] || fail "$1 holds no Ed25519 key in PEM form"
  echo "${BASH_REMATCH[1]}"
}

make_identity() {
  printf '%s\n' product=sonde "architecture=$architecture" "version=$version" "kind=$kind" \
    "built=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" >"$target/etc/sonde/image"
  {
    public_key "$key"
    [ -z "$next" ] || public_key "$next"
  } >"$target/etc/sonde/image-keys"
}

# Behind the medium's own octets: what it is, and the signature of that. Its length stands in the volume descriptor, so
# that the end is found on a stick or in a slot, too.
sign_medium() {
  local size sum signature manifest="$work/manifest"
  size=$(stat -c %s "$iso")
  printf 'SONDE-IMAGE 1\nsize=%d\n' "$size" | put "$iso" $mark_offset
  sum=$(sha256sum "$iso" | cut -d' ' -f1)
  printf '%s\n' product=sonde "architecture=$architecture" "version=$version" "size=$size" "sha256=$sum" \
    "key=$(public_key "$key" | xxd -r -p | sha256sum | cut -c 1-16)" >"$manifest"
  openssl pkeyutl -sign -rawin -inkey "$key" -in "$manifest" -out "$work/signature"
  signature=$(xxd -p -c 100 "$work/signature")
  { echo SONDE-SIGNATURE && cat "$manifest" && echo "signature=$signature"; } >>"$iso"
  truncate -s $((size + trailer_octets)) "$iso"
}
