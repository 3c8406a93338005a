// A medium's kernel and its memory system, for QEMU to load itself: what firmware and boot menu would do in seconds.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const known = new Map();

function extracted(iso) {
  const folder = mkdtempSync(join(tmpdir(), "sonde-kernel-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const files = ["vmlinuz", "initrd", "grub/system.cfg"];
  const [kernel, memory, menu] = files.map((name) => join(folder, name.replace("/", "-")));
  const each = [kernel, memory, menu].flatMap((to, n) => ["-extract", `/boot/${files[n]}`, to]);
  execFileSync("xorriso", ["-osirrox", "on", "-indev", iso, ...each], { stdio: ["ignore", "ignore", "pipe"] });
  const line = readFileSync(menu, "utf8").match(/linux \/boot\/vmlinuz (.*)/)[1];
  return { kernel, memory, line };
}

/** QEMU's arguments; `words` stand where the menu puts those of its own. */
export function kernelOf(iso, words) {
  if (!known.has(iso)) known.set(iso, extracted(iso));
  const { kernel, memory, line } = known.get(iso);
  const whole = line.replace("$sonde_words", words.join(" ")).replace("$sonde_quiet", "quiet");
  return ["-kernel", kernel, "-initrd", memory, "-append", whole];
}
