// Two machines on one link measure each other: one was set up by hand, the other by a file on a second medium.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, check, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";
import { newestResult } from "./support/results.mjs";
import { setupMedium } from "./support/setup_medium.mjs";

inOwnNetwork(import.meta.url);

const kPassword = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "sonde-pair-"));
const link = (side, mac) => [`socket,id=link,${side}=127.0.0.1:10701`, `virtio-net-pci,netdev=link,mac=${mac}`];

/** A machine whose second card is on the link; eth0 shows the page. */
async function node(number, side) {
  const file = join(folder, `setup${number}.img`);
  setupMedium(file, {
    name: `sonde-${number}.example.org`,
    password: kPassword,
    network: { interface: "eth1", ipv4: "fixed", address4: `192.0.2.${number}/24`, ipv6: "off" },
    management: { same: "no", interface: "eth0" },
    engines: { light: "networks", "light-networks": "192.0.2.0/24", throughput: "networks", "throughput-networks": "192.0.2.0/24" },
  });
  return Machine.start({ iso: image(), words: [], disks: [file], links: [link(side, `52:54:00:00:00:0${number}`)] });
}

const one = await node(1, "listen"),
  two = await node(2, "connect");
const clients = [new Client(one), new Client(two)];

check("both are set up by the file on a second medium, and their consoles say so", async () => {
  for (const machine of [one, two]) await machine.console.expect(/This node was set up by sonde-setup\.xml on vda/, 240);
  for (const client of clients) await client.logInWhenReady("admin", kPassword);
  return `after ${one.age().toFixed(0)} s`;
});

check("they measure each other: ping, OWAMP both ways, throughput", async () => {
  const client = clients[0];
  const peer = await client.send("POST", "/peers", { name: "two", address: "192.0.2.2" });
  const tests = {};
  for (const probe of ["ping", "owamp", "throughput"]) {
    const schedule = probe === "throughput" ? { kind: "every", period: "1h", spread: "5min" } : { kind: "every", period: "1min" };
    const made = await client.send("POST", "/tests", { probe, title: `${probe} to two`, peer: peer.id, schedule });
    tests[probe] = made.id;
    if (probe === "throughput") await client.send("POST", `/tests/${made.id}/run`, {});
  }
  const seen = [];
  for (const [probe, id] of Object.entries(tests)) {
    const { statistics } = await newestResult(client, id);
    assert.ok(statistics.length > 0, probe);
    seen.push(`${probe}: ${statistics.length} statistics`);
  }
  return seen.join(", ");
});

await run(async () => {
  for (const machine of [one, two]) await machine.kill();
  rmSync(folder, { recursive: true });
});
