// Other images out of the one that was built: another version, a changed content, another signer.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const kTrailer = 4096;

/** The key that the image was signed with: SONDE_IMAGE_KEY, else the one that image/build made. */
export function imageKey() {
  return createPrivateKey(readFileSync(process.env.SONDE_IMAGE_KEY ?? "build/image/development.key"));
}

export function strangersKey() {
  return generateKeyPairSync("ed25519").privateKey;
}

function keyName(key) {
  const raw = Buffer.from(createPublicKey(key).export({ format: "jwk" }).x, "base64url");
  return createHash("sha256").update(raw).digest("hex").slice(0, 16);
}

/** The medium without what is behind it. */
export function content(iso) {
  const whole = readFileSync(iso);
  return whole.subarray(0, whole.length - kTrailer);
}

/** The begin of the compressed system on the medium is overwritten: the kernel starts, and finds nothing to go over to. */
export function withoutSystem(octets) {
  const broken = Buffer.from(octets);
  for (let at = 0; at < broken.length; at += 2048)
    if (broken.toString("latin1", at, at + 4) === "hsqs") broken.fill(0, at, at + 4096);
  return broken;
}

/** A file with this content under this version, signed by `key` under the name of `name`. */
export function signed(file, octets, version, key = imageKey(), name = key) {
  const manifest = [
    "product=sonde",
    "architecture=amd64",
    `version=${version}`,
    `size=${octets.length}`,
    `sha256=${createHash("sha256").update(octets).digest("hex")}`,
    `key=${keyName(name)}`,
    "",
  ].join("\n");
  const trailer = Buffer.alloc(kTrailer);
  trailer.write(`SONDE-SIGNATURE\n${manifest}signature=${sign(null, Buffer.from(manifest), key).toString("hex")}\n`);
  writeFileSync(file, Buffer.concat([octets, trailer]));
  return file;
}
