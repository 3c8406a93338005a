// bill.mjs VERSION SECONDS LOCK: the bill of materials of the image as SPDX 2.3 in JSON. Comes in: a line for each
// package of Debian, as bill.sh keeps them. LOCK: package-lock.json, for what of npm is in the pages.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [version, seconds, lock] = process.argv.slice(2);
const lines = readFileSync(0, "utf8");
const id = (text) => "SPDXRef-" + text.replace(/[^A-Za-z0-9.-]/g, (c) => `-${c.charCodeAt(0).toString(16)}-`);
const unknown = "NOASSERTION";

const part = (name, versionInfo, purl, more = {}) => ({
  SPDXID: id(`${purl.split("/")[0].slice(4)}-${name}`),
  name,
  versionInfo,
  downloadLocation: unknown,
  filesAnalyzed: false,
  licenseConcluded: unknown,
  licenseDeclared: unknown,
  copyrightText: unknown,
  externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
  ...more,
});

const system = part("sonde", version, `pkg:generic/sonde@${encodeURIComponent(version)}`, {
  licenseDeclared: "Apache-2.0",
  comment: "The image. Its executable is conveyed under GPL-3.0-or-later, because it is linked with librrd: see NOTICE.",
});

const debian = lines
  .trim()
  .split("\n")
  .map((line) => line.split("\t"))
  .map(([name, versionInfo, architecture, source, sourceVersion, , sha256]) =>
    part(name, versionInfo, `pkg:deb/debian/${name}@${encodeURIComponent(versionInfo)}?arch=${architecture}`, {
      supplier: "Organization: Debian",
      sourceInfo: `built from ${source} ${sourceVersion}`,
      comment: `Licence and authors: /usr/share/doc/${name}/copyright in the image.`,
      ...(sha256 === "-" ? {} : { checksums: [{ algorithm: "SHA256", checksumValue: sha256 }] }),
    }),
  );

const compiled = [
  part("civetweb", "1.15", "pkg:generic/civetweb@1.15", { licenseDeclared: "MIT", comment: "With the changes in web/civetweb." }),
  ...Object.entries(JSON.parse(readFileSync(lock, "utf8")).packages)
    .filter(([path, one]) => path.startsWith("node_modules/") && !one.dev)
    .map(([path, one]) => [path.slice("node_modules/".length), one])
    .map(([name, one]) => part(name, one.version, `pkg:npm/${name}@${one.version}`, { licenseDeclared: one.license ?? unknown })),
  part("preact", unknown, "pkg:npm/preact", { licenseDeclared: "MIT", comment: "Within htm's standalone module." }),
];

const parts = [...debian, ...compiled];
const digest = createHash("sha256").update(lines).update(version).digest("hex");
const bill = {
  spdxVersion: "SPDX-2.3",
  dataLicense: "CC0-1.0",
  SPDXID: "SPDXRef-DOCUMENT",
  name: `sonde-${version}`,
  documentNamespace: `urn:sonde:bill:${digest}`,
  creationInfo: { created: new Date(seconds * 1000).toISOString().replace(".000", ""), creators: ["Tool: image/build"] },
  documentDescribes: [system.SPDXID],
  packages: [system, ...parts],
  relationships: [
    { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: system.SPDXID },
    ...parts.map((one) => ({ spdxElementId: system.SPDXID, relationshipType: "CONTAINS", relatedSpdxElement: one.SPDXID })),
  ],
};
process.stdout.write(JSON.stringify(bill, null, 1) + "\n");
