// Set-up files in every way: at an address with a wrong and with the right hash, on media that come while the machine
// runs, on the stick's own partition. What is wrong changes nothing and is told.
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, check, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Lan } from "./support/lan.mjs";
import { Machine } from "./support/machine.mjs";
import { fileInStick, setupMediumOf, setupText } from "./support/setup_medium.mjs";

inOwnNetwork(import.meta.url);

const kAddress = "198.18.0.7",
  kPassword = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "sonde-media-"));
const place = (name) => join(folder, name);
const text = (name) => setupText({ name, password: kPassword });
const answer = text("sonde-by-address.example.org");

/** A web server that gives `given` to everybody. */
const lan = new Lan({ addresses: ["198.18.0.1/16"] });
// A machine that starts anew calls itself another client: its card tells whose the address is.
lan.serve(`--dhcp-range=${kAddress},${kAddress}`, "--dhcp-ignore-clid", "--port=0");
let given = answer.replace("by-address", "by-somebody"),
  asked = 0;
const server = http.createServer((_, response) => {
  ++asked;
  response.end(given);
});
await new Promise((listening) => server.listen(8080, "198.18.0.1", listening));

/** A sentence on the console, broken into lines wherever it is. */
const sentence = (pattern) => new RegExp(pattern.source.replaceAll(" ", "\\s+"));

const setUp = async (machine) => JSON.parse((await machine.ask("/api/v1/health", { timeout: 5000 })).body).set_up;

let machine, client;

/** A medium with this file comes, as a drive that is put in. */
async function plug(name, content) {
  setupMediumOf(place(name), content);
  await machine.monitor("blockdev-add", { driver: "raw", "node-name": name, "read-only": true, file: { driver: "file", filename: place(name) } });
  await machine.monitor("device_add", { driver: "virtio-blk-pci", drive: name, id: name });
}

check("a file at an address that is not the announced one changes nothing, and the console says so", async () => {
  const sum = createHash("sha256").update(answer).digest("hex");
  const words = ["sonde.setup=http://198.18.0.1:8080/answers", `sonde.setup.sha256=${sum}`];
  machine = await Machine.start({ iso: image(), front: lan, guest: kAddress, words });
  client = new Client(machine);
  const said = /is another file than the kernel's command line announces \(its SHA-256 differs\)\. Nothing was changed\./;
  await machine.console.expect(sentence(said), 240);
  assert.equal(await setUp(machine), false);
  return `after ${machine.age().toFixed(0)} s`;
});

check("a file on a medium with one wrong answer changes nothing; the console tells its line and column", async () => {
  await plug("wrong", text("sonde-wrong.example.org").replace("<administrator ", '<site contact="nobody"/>\n  <administrator '));
  await machine.console.expect(sentence(/sonde-setup\.xml on vda line 4, column \d+: contact "nobody"[^]*Nothing was changed\./), 60);
  assert.equal(await setUp(machine), false);
});

check("the announced file sets the node up once it is there", async () => {
  given = answer;
  await machine.console.expect(sentence(/This node was set up by http:\/\/198\.18\.0\.1:8080\/answers\./), 120);
  await client.logInWhenReady("admin", kPassword);
  const { site, name } = await client.get("/node");
  assert.equal(site?.name ?? name, "sonde-by-address.example.org");
  return `asked ${asked} times`;
});

check("a medium that comes later is ignored, and that is told", async () => {
  await plug("later", text("sonde-later.example.org"));
  await machine.console.expect(sentence(/sonde-setup\.xml on vd[ab] was ignored: this node is set up already\./), 60);
  const { site, name } = await client.get("/node");
  assert.equal(site?.name ?? name, "sonde-by-address.example.org");
});

check("a file on the stick's own partition sets the node up", async () => {
  await machine.kill(); // it has the network's place
  const stick = place("stick.iso");
  copyFileSync(image(), stick);
  fileInStick(stick, text("sonde-stick.example.org"));
  machine = await Machine.start({ iso: stick, how: "usb", front: lan, guest: kAddress });
  await machine.console.expect(sentence(/This node was set up by sonde-setup\.xml on sda2\./), 240);
  client = new Client(machine);
  await client.logInWhenReady("admin", kPassword);
  return `after ${machine.age().toFixed(0)} s`;
});

await run(async () => {
  await machine?.kill();
  server.close();
  lan.stop();
  rmSync(folder, { recursive: true });
});
