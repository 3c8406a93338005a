// Which image is tested: SONDE_IMAGE, else the newest of build/image.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export function image() {
  if (process.env.SONDE_IMAGE) return process.env.SONDE_IMAGE;
  const folder = "build/image";
  const found = readdirSync(folder)
    .filter((name) => /^sonde-.*\.iso$/.test(name))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!found.length) throw new Error("there is no image in build/image: make it with image/build");
  return found[0];
}
