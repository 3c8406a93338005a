// Two interfaces: one manages and alone shows the page and the shell; the other measures in a VLAN with an MTU of its own.
// Seen from both links.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, checkLong, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Lan } from "./support/lan.mjs";
import { Machine } from "./support/machine.mjs";
import { tcpPort } from "./support/port_scan.mjs";
import { setupMedium } from "./support/setup_medium.mjs";
import { Station } from "./support/station.mjs";

inOwnNetwork(import.meta.url);

const kManaging = "198.18.0.7",
  kMeasuring = "198.51.100.7",
  kRouter = "198.51.100.1",
  kFarAway = "203.0.113.9",
  kPassword = "correct horse battery";
const lan = new Lan({ addresses: ["198.18.0.1/16"] });
execFileSync("ip", ["address", "add", `${kFarAway}/32`, "dev", "lo"]);
const station = await Station.open({ own: [kRouter], vlan: 30 });

const folder = mkdtempSync(join(tmpdir(), "sonde-interfaces-"));
execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "somebody", "-f", join(folder, "key")]);
const medium = join(folder, "setup.img");
setupMedium(medium, {
  name: "sonde-two.example.org",
  password: kPassword,
  network: { interface: "eth1", ipv4: "fixed", address4: `${kMeasuring}/24`, gateway4: kRouter, ipv6: "off", vlan: 30, mtu: 1400 },
  management: {
    same: "no",
    interface: "eth0",
    ipv4: "fixed",
    address4: `${kManaging}/16`,
    gateway4: "198.18.0.1",
    "shell-keys": readFileSync(join(folder, "key.pub"), "utf8").trim(),
  },
  engines: { light: "anyone", throughput: "nobody" },
});
const links = [station.card("52:54:00:00:00:08")];
let machine = await Machine.start({ iso: image(), words: [], disks: [medium], front: lan, guest: kManaging, links });
const client = new Client(machine);
let mac;

const interfaces = async () => (await client.get("/node")).interfaces;

check("the interface that manages shows page and shell", async () => {
  await machine.console.expect(/This node was set up by sonde-setup\.xml on vda/, 240);
  await client.logInWhenReady("admin", kPassword);
  for (const port of [22, 80, 443]) assert.equal(await tcpPort(kManaging, port), "open", `port ${port}`);
  return `after ${machine.age().toFixed(0)} s`;
});

check("the one that measures is there in its VLAN only, and for its own address only", async () => {
  mac = await station.whoHas(kMeasuring, { limit: 30 });
  assert.equal(mac, "525400000008");
  assert.equal(await station.whoHas(kManaging), undefined);
  for (const vlan of [0, 31]) assert.equal(await station.whoHas(kMeasuring, { vlan }), undefined, `VLAN ${vlan}`);
});

check("it answers OWAMP, but shows neither page nor shell, nor those of the other interface's address", async () => {
  assert.equal((await station.connect(mac, kRouter, kMeasuring, 861))?.open, true);
  for (const address of [kMeasuring, kManaging])
    for (const port of [22, 80, 443]) assert.notEqual((await station.connect(mac, kRouter, address, port))?.open, true, `port ${port}`);
});

check("its MTU is in force: what it sends and what it offers fits into it", async () => {
  const pieces = await station.ping(mac, kRouter, kMeasuring, 1500);
  assert.ok(pieces.length >= 2, `${pieces.length} pieces`);
  for (const { length } of pieces) assert.ok(length <= 1400, `${length} octets`);
  assert.equal((await station.ping(mac, kRouter, kMeasuring, 1400)).length, 1);
  assert.equal((await station.connect(mac, kRouter, kMeasuring, 861)).mss, 1360);
});

check("to somebody far away each interface answers itself", async () => {
  assert.equal((await station.connect(mac, kFarAway, kMeasuring, 861))?.open, true);
  assert.equal(await tcpPort(kManaging, 443, { from: kFarAway }), "open");
});

check("another VLAN and MTU take the place of those of before at once", async () => {
  await client.send("PATCH", "/setup/answers", { answers: { "network.vlan": "31", "network.mtu": "" } });
  station.vlan = 31;
  assert.equal(await station.whoHas(kMeasuring, { limit: 60 }), mac);
  assert.equal(await station.whoHas(kMeasuring, { vlan: 30 }), undefined);
  assert.equal((await station.connect(mac, kRouter, kMeasuring, 861)).mss, 1460);
  for (let names; ; await pause(1000)) {
    names = (await interfaces()).map((one) => one.name).sort();
    if (names.join() === "eth0,eth1,eth1.31,lo") break;
    assert.ok(machine.age() < 400, `interfaces ${names}`);
  }
});

checkLong("a fixed address for the first one with a link follows the link, also where the first card has none at the start", async () => {
  await machine.kill();
  const drive = join(folder, "drive.img"),
    answers = join(folder, "first.img"),
    address = "198.51.100.9";
  station.vlan = 0;
  execFileSync("truncate", ["-s", "600M", drive]);
  const network = { ipv4: "fixed", address4: `${address}/24`, gateway4: kRouter, ipv6: "off" };
  setupMedium(answers, { name: "sonde-first.example.org", password: kPassword, network, data: { device: "vdb" } });
  const start = async () => {
    machine = await Machine.start({ iso: image(), words: [], disks: [answers, drive], front: lan, guest: kManaging, links });
  };
  const link = (up) => machine.monitor("set_link", { name: lan.name, up });
  await start();
  await machine.console.expect(/This node was set up by sonde-setup\.xml/, 240);
  assert.equal(await station.whoHas(address), undefined);
  await link(false);
  assert.equal(await station.whoHas(address, { limit: 60 }), "525400000008");
  await link(true);
  for (; await station.whoHas(address); await pause(1000)) assert.ok(machine.age() < 400, "it stays with the second card");
  await machine.kill();
  await start();
  await link(false);
  assert.equal(await station.whoHas(address, { limit: 240 }), "525400000008");
});

await run(async () => {
  await machine.kill();
  station.close();
  rmSync(folder, { recursive: true });
});
