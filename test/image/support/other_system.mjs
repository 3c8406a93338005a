// A medium whose system has other files than the one that was built, for what a sound system never does.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const quietly = (program, ...words) => execFileSync(program, words, { stdio: ["ignore", "ignore", "pipe"] });

/** Writes the medium `to`, with `files` ({ "etc/sonde/start": text }) instead of those of the medium `iso`. */
export function withFiles(iso, to, files) {
  const folder = mkdtempSync(join(tmpdir(), "sonde-system-"));
  try {
    const [system, root] = ["system", "root"].map((name) => join(folder, name));
    quietly("xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/sonde/system", system);
    quietly("unsquashfs", "-quiet", "-no-progress", "-dest", root, system);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    quietly("mksquashfs", root, system, "-comp", "zstd", "-Xcompression-level", "1", "-noappend", "-all-root", "-quiet", "-no-progress");
    quietly("xorriso", "-indev", iso, "-outdev", to, "-boot_image", "any", "keep", "-map", system, "/sonde/system", "-commit");
    // Its length, where an image tells it (core/host/image_file.h).
    const octets = readFileSync(to);
    octets.write(`SONDE-IMAGE 1\nsize=${octets.length}\n\0`, 32768 + 883);
    writeFileSync(to, octets);
    return to;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
