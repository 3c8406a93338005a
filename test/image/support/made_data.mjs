// Data partitions made and looked at without a machine: a node of this host writes the folder, mke2fs the file system.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const kSonde = process.env.SONDE ?? "build/release/appliance/sonde";
const kUser = "100"; // sonde in the image's /etc/passwd

/**
 * A folder with what /data holds of a node that was set up as admin with `password`; `more` answers by group of the
 * set-up file. The node runs on the loopback of this host meanwhile.
 */
export async function makeNode(folder, { name = "sonde-test.example.org", password }) {
  const data = join(folder, "sonde");
  mkdirSync(folder, { recursive: true });
  const node = spawn(kSonde, ["run", "--data", data, "--listen", "127.0.0.1"], { stdio: "ignore" });
  const hash = execFileSync(kSonde, ["hash-password"], { input: password + "\n" }).toString().trim();
  const file = join(folder, "setup.xml");
  writeFileSync(
    file,
    `<sonde-setup version="1"><host name="${name}"/><administrator user="admin" password-hash="${hash}"/></sonde-setup>\n`,
  );
  for (let tries = 0; ; ++tries) {
    const done = spawnSync(kSonde, ["setup-file", file, "--data", data], { encoding: "utf8" });
    if (done.status === 0) break;
    if (tries > 100) throw new Error(`the node was not set up: ${done.stdout}${done.stderr}`);
    await pause(200);
  }
  rmSync(file);
  node.kill("SIGTERM");
  await once(node, "exit");
  execFileSync("chown", ["-R", `${kUser}:${kUser}`, data]);
  return data;
}

/**
 * Makes the file `image` an ext4 labelled `label` with what is in `folder`, if one is named. It takes as much of the disk
 * as is written to it only; a test that measures each second may take 1.6 GB in the end, which the node wants to see.
 */
export function makeFileSystem(image, { folder, megabytes = 8000, label = "SONDE_DATA" } = {}) {
  rmSync(image, { force: true });
  execFileSync("truncate", ["-s", `${megabytes}M`, image]);
  const sizes = ["-N", "20000", "-E", "lazy_itable_init=0,lazy_journal_init=0"];
  execFileSync("mke2fs", ["-q", "-F", "-t", "ext4", "-L", label, ...sizes, ...(folder ? ["-d", folder] : []), image]);
}

/** One command of debugfs; it writes only where `writing` says so. */
export function debugfs(image, command, writing = false) {
  return execFileSync("debugfs", [...(writing ? ["-w"] : []), "-R", command, image], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** Replaces a file of the image; the mode and the node's user stay. */
export function replaceFile(image, path, content) {
  const file = image + ".content";
  writeFileSync(file, content);
  const commands = [`rm ${path}`, `write ${file} ${path}`, `sif ${path} uid ${kUser}`, `sif ${path} gid ${kUser}`, `sif ${path} mode 0100600`];
  for (const command of commands) debugfs(image, command, true);
  rmSync(file);
}

/** Replays the journal as the next start does, then looks at everything: what is wrong, or nothing. */
export function faultsOf(image) {
  const replayed = spawnSync("e2fsck", ["-p", image], { encoding: "utf8" });
  if (replayed.status > 1) return `e2fsck -p: ${replayed.status} ${replayed.stdout}${replayed.stderr}`;
  const looked = spawnSync("e2fsck", ["-f", "-n", image], { encoding: "utf8" });
  return looked.status === 0 ? "" : `e2fsck -f -n: ${looked.status} ${looked.stdout}${looked.stderr}`;
}

/** Makes the file `image` a drive with one partition that was made for data, whose begin was overwritten. */
export function damagedPartition(image) {
  rmSync(image, { force: true });
  execFileSync("truncate", ["-s", "600M", image]);
  execFileSync("sfdisk", ["--quiet", image], { input: "label: gpt\nname=sonde-data, type=linux\n" });
  return image;
}
