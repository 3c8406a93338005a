// The bill of materials of an image names where every file of its system is from, and the system has the licence of each.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, check, run } from "../browser/support/check.mjs";
import { image } from "./support/image.mjs";

const folder = mkdtempSync(join(tmpdir(), "sonde-bill-"));
const iso = image();
const taken = (path) => {
  const to = join(folder, path.split("/").pop());
  execFileSync("xorriso", ["-osirrox", "on", "-indev", iso, "-extract", path, to], { stdio: "ignore" });
  return to;
};
const bill = JSON.parse(readFileSync(taken("/sonde/bill.spdx.json"), "utf8"));
const debian = bill.packages.filter((one) => one.SPDXID.startsWith("SPDXRef-deb-"));
const files = execFileSync("unsquashfs", ["-lls", taken("/sonde/system")], { maxBuffer: 1 << 26 })
  .toString()
  .split("\n")
  .filter((line) => line.startsWith("-"))
  .map((line) => line.slice(line.indexOf("squashfs-root") + "squashfs-root".length));

check("it has what SPDX 2.3 asks for, and one thing that it describes", () => {
  for (const key of ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages"])
    assert.ok(bill[key], key);
  assert.equal(bill.spdxVersion, "SPDX-2.3");
  assert.match(bill.creationInfo.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const ids = bill.packages.map((one) => one.SPDXID);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
  for (const { spdxElementId, relatedSpdxElement } of bill.relationships)
    for (const id of [spdxElementId, relatedSpdxElement]) assert.ok(id === bill.SPDXID || ids.includes(id), id);
  for (const one of bill.packages) assert.ok(one.name && one.downloadLocation && one.versionInfo, one.SPDXID);
  return `${debian.length} packages of Debian`;
});

check("each package of Debian is told with version, source and hash, and its licence is in the system", () => {
  const there = new Set(files);
  for (const one of debian) {
    assert.match(one.externalRefs[0].referenceLocator, /^pkg:deb\/debian\/[^@]+@[^?]+\?arch=(amd64|all)$/);
    assert.match(one.sourceInfo, /^built from \S+ \S+$/);
    if (one.name === "grub-pc-bin") continue; // only what was made with it is in the image
    assert.match(one.checksums[0].checksumValue, /^[0-9a-f]{64}$/);
    assert.ok(there.has(`/usr/share/doc/${one.name}/copyright`), one.name);
  }
});

check("every file of the system is from a package of the bill, or Sonde's", () => {
  const owners = "build/image/debian.files";
  assert.ok(existsSync(owners), "the image was not built here");
  const of = new Map(readFileSync(owners, "utf8").trim().split("\n").map((line) => line.split("\t")));
  const told = new Set(debian.map((one) => one.name));
  const own = /^\/(etc\/(sonde\/|group|hosts|inittab|nsswitch\.conf|passwd|ssl\/certs\/ca-certificates\.crt)|usr\/(bin\/sonde|share\/sonde\/|share\/doc\/|lib\/dhcpcd\/dhcpcd-hooks\/50-time|lib\/modules\/[^/]+\/modules\.))/;
  const strange = files.filter((path) => !own.test(path) && !told.has(of.get(path)));
  assert.deepEqual(strange, []);
  return `${files.length} files`;
});

check("its size and hash are those told beside it", () => {
  const [sum] = readFileSync(`${iso}.sha256`, "utf8").split(" ");
  assert.equal(execFileSync("sha256sum", [iso]).toString().split(" ")[0], sum);
  return `${(statSync(iso).size / 1e6).toFixed(1)} MB`;
});

await run(() => rmSync(folder, { recursive: true }));
