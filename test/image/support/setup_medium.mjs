// A second medium with the answers of an unattended set-up: a FAT volume labelled SONDE_SETUP.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

const kSonde = process.env.SONDE ?? "build/release/appliance/sonde";

const attributes = (answers) =>
  Object.entries(answers)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join("");

/** Makes the file `path`. groups: answers by group; data is memory unless told. */
export function setupMedium(path, { name, password, data = { device: "memory" }, ...groups }) {
  const hash = execFileSync(kSonde, ["hash-password"], { input: password + "\n" }).toString().trim();
  const all = { host: { name }, ...groups, administrator: { user: "admin", "password-hash": hash }, data };
  const order = ["host", "network", "management", "time", "site", "engines", "administrator", "data"];
  const elements = order.filter((group) => all[group]).map((group) => `  <${group}${attributes(all[group])}/>\n`);
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<sonde-setup version="1">\n${elements.join("")}</sonde-setup>\n`;
  setupMediumOf(path, text);
}

/** The same with a file as it is given. */
export function setupMediumOf(path, text) {
  const file = path + ".xml";
  writeFileSync(file, text);
  rmSync(path, { force: true });
  execFileSync("truncate", ["-s", "2M", path]);
  execFileSync("mformat", ["-i", path, "-v", "SONDE_SETUP", "::"]);
  execFileSync("mcopy", ["-i", path, file, "::/sonde-setup.xml"]);
  rmSync(file);
}
