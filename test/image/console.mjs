// A person at the serial line answers the questions, with a fixed address, and formats a drive for the data. Then the
// page answers at that address, and everything is there again after the power went.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { answerSetup, takeTheRest } from "./support/console_set_up.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";

inOwnNetwork(import.meta.url);

const kAddress = "10.0.2.40",
  kPassword = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "sonde-console-"));
const disk = join(folder, "disk0.img");
execFileSync("truncate", ["-s", "600M", disk]);
const start = () => Machine.start({ iso: image(), disks: [disk], guest: kAddress });
let machine = await start();
let fingerprint;

check("the console shows the addresses, the set-up code and that data are in memory, before anybody typed", async () => {
  await machine.console.expect(/Page\s+https:\/\/10\.0\.2\.15\//, 120);
  await machine.console.expect(/Set-up code\s+[0-9A-HJKMNP-TV-Z]{10}/);
  await machine.console.expect(/Fingerprint\s+(?:[0-9A-F]{2}:){15}[0-9A-F]{2}/);
  await machine.console.expect(/There is no data partition/);
  return `after ${machine.age().toFixed(1)} s`;
});

check("one part is in force at once, with the address that was suggested, and what was answered of another stays", async () => {
  const { console } = machine;
  console.type("5\r");
  await console.answer(/Organisation \[.*\]: /, "Example Research Network");
  await takeTheRest(console);
  console.type("2\r");
  await console.answer(/Interface \[.*\]: /, "");
  await console.answer(/IPv4 \[Automatic\]: /, "2");
  await console.answer(/IPv4 address \[10\.0\.2\.15\/24\]: /, "");
  await console.answer(/IPv4 router \[.*\]: /, "10.0.2.2");
  await takeTheRest(console);
  await console.expect(/5 {2}Who and where +answered/, 60);
  // It asks with what is in force now.
  console.type("2\r");
  await console.answer(/Interface \[.*\]: /, "");
  await console.answer(/IPv4 \[Fixed\]: /, "back");
});

check("answers that are wrong are explained and asked again", async () => {
  await answerSetup(machine.console, {
    name: "sonde-test.example.org",
    wrongAddress: "10.0.2.300/24",
    address: `${kAddress}/24`,
    gateway: "10.0.2.2",
    password: kPassword,
    disk: "vda",
  });
});

check("the page answers at the fixed address, and the administrator logs in", async () => {
  await machine.page();
  const client = new Client(machine);
  await client.logIn("admin", kPassword);
  // It takes up the new name and address within half a minute.
  for (let certificate; ; await pause(1000)) {
    certificate = await client.get("/node/certificate");
    fingerprint = certificate.fingerprint_sha256;
    if (certificate.names.includes(kAddress) && certificate.names.includes("sonde-test.example.org")) break;
    assert.ok(machine.age() < 300, `the certificate names ${certificate.names}`);
  }
  assert.equal((await client.get("/setup/answers")).groups.flatMap((g) => g.questions).find((q) => q.key === "site.organisation").suggestion, "Example Research Network");
  const node = await client.get("/node");
  assert.equal(node.site?.name ?? node.name, "sonde-test.example.org");
});

check("the power goes: settings, key and password are there again", async () => {
  await machine.kill();
  machine = await start();
  const seconds = await machine.page();
  const client = new Client(machine);
  await client.logIn("admin", kPassword);
  await machine.console.expect(/Data\s+on vda1/, 60);
  assert.equal((await client.get("/node/certificate")).fingerprint_sha256, fingerprint);
  return `page after ${seconds.toFixed(1)} s`;
});

await run(async () => {
  await machine.kill();
  rmSync(folder, { recursive: true });
});
