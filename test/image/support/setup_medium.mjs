// A second medium with the answers of an unattended set-up: a FAT volume labelled SONDE_SETUP.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

const kSonde = process.env.SONDE ?? "build/release/appliance/sonde";

const attributes = (answers) =>
  Object.entries(answers)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join("");

/** The file. groups: answers by group; data is memory unless told. */
export function setupText({ name, password, data = { device: "memory" }, ...groups }) {
  const hash = execFileSync(kSonde, ["hash-password"], { input: password + "\n" }).toString().trim();
  const all = { host: { name }, ...groups, administrator: { user: "admin", "password-hash": hash }, data };
  const order = ["host", "network", "management", "time", "site", "engines", "administrator", "data"];
  const elements = order.filter((group) => all[group]).map((group) => `  <${group}${attributes(all[group])}/>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<sonde-setup version="1">\n${elements.join("")}</sonde-setup>\n`;
}

/** Makes the medium `path` with these answers. */
export function setupMedium(path, answers) {
  setupMediumOf(path, setupText(answers));
}

/** Puts the file into the FAT partition of a stick that holds the image. */
export function fileInStick(stick, text) {
  const { partitiontable } = JSON.parse(execFileSync("sfdisk", ["--json", stick], { stdio: ["ignore", "pipe", "ignore"] }));
  const { start } = partitiontable.partitions.find((one) => one.type === "ef");
  writeFileSync(stick + ".xml", text);
  execFileSync("mcopy", ["-i", `${stick}@@${start * 512}`, stick + ".xml", "::/sonde-setup.xml"]);
  rmSync(stick + ".xml");
}

/** The same as a disc; QEMU's arguments of a machine that it lies in. */
export function setupDisc(path, answers) {
  const file = path + ".xml";
  writeFileSync(file, setupText(answers));
  rmSync(path, { force: true });
  const words = ["-outdev", path, "-volid", "SONDE_SETUP", "-map", file, "/sonde-setup.xml"];
  execFileSync("xorriso", words, { stdio: ["ignore", "ignore", "pipe"] });
  rmSync(file);
  return ["-drive", `if=none,id=answers,media=cdrom,file=${path},readonly=on,format=raw`, "-device", "ide-cd,drive=answers"];
}

/** The same with the file as it is given. */
export function setupMediumOf(path, text) {
  const file = path + ".xml";
  writeFileSync(file, text);
  rmSync(path, { force: true });
  execFileSync("truncate", ["-s", "2M", path]);
  execFileSync("mformat", ["-i", path, "-v", "SONDE_SETUP", "::"]);
  execFileSync("mcopy", ["-i", path, file, "::/sonde-setup.xml"]);
  rmSync(file);
}
