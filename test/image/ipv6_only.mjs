// A network without IPv4: one router that advertises a prefix and a name server. The appliance takes an address of its
// own, is set up by a disc, shows its page there, resolves names and measures.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, run } from "../browser/support/check.mjs";
import { startNode } from "../browser/support/node.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Lan, slaacAddress } from "./support/lan.mjs";
import { Machine } from "./support/machine.mjs";
import { newestResult } from "./support/results.mjs";
import { setupDisc } from "./support/setup_medium.mjs";

inOwnNetwork(import.meta.url);

const kPrefix = "2001:db8:7::",
  kRouter = `${kPrefix}1`,
  kPassword = "correct horse battery";
const lan = new Lan({ addresses: [`${kRouter}/64`, "fe80::1/64"] });
lan.serve("--enable-ra", `--dhcp-range=${kPrefix},ra-only`, "--local=/example.org/", `--host-record=peer.example.org,${kRouter}`, `--host-record=both.example.org,198.18.0.1,${kRouter}`);
const address = slaacAddress(kPrefix, lan.mac);
const peer = await startNode({ offset: 0, listen: kRouter });

const folder = mkdtempSync(join(tmpdir(), "sonde-ipv6-"));
const disc = setupDisc(join(folder, "setup.iso"), {
  name: "sonde-six.example.org",
  password: kPassword,
  engines: { light: "networks", "light-networks": `${kPrefix}/64`, throughput: "nobody" },
});
const machine = await Machine.start({ iso: image(), words: [], front: lan, guest: address, more: disc });
const client = new Client(machine);

check("the console shows the page at the address that the router's prefix gives, and no other", async () => {
  await machine.console.expect(/This node was set up by sonde-setup\.xml on sr[01]/, 240);
  const pages = machine.console.text().match(/https:\/\/\S+/g);
  assert.deepEqual([...new Set(pages)], [`https://${machine.host}/`]);
  return `after ${machine.age().toFixed(0)} s`;
});

const testTo = (peer, probe, family) =>
  client.send("POST", "/tests", { probe, title: `${probe}, ${family}`, peer, family, schedule: { kind: "every", period: "1min" } });

check("it measures to a peer that only the advertised name server knows: ping, and OWAMP both ways", async () => {
  await client.logInWhenReady("admin", kPassword);
  const { id: host } = await client.send("POST", "/peers", { name: "peer", address: "peer.example.org" });
  const seen = [];
  for (const probe of ["ping", "owamp"]) {
    const { id } = await testTo(host, probe, "IPv6");
    await client.send("POST", `/tests/${id}/run`, {});
    const { statistics } = await newestResult(client, id);
    assert.ok(statistics.length > 0, probe);
    seen.push(`${probe}: ${statistics.length} statistics`);
  }
  assert.match(lan.said, /query\[AAAA\] peer\.example\.org from fe80::/);
  const { id } = await testTo(host, "ping", "IPv4");
  await client.send("POST", `/tests/${id}/run`, {});
  const { sentence } = await newestResult(client, id, "failed");
  assert.match(sentence, /peer\.example\.org has no address to test: it has no IPv4 address/);
  return seen.join(", ");
});

check("a peer with both families is asked by the one that leads there", async () => {
  const { resolved, answers } = await client.send("POST", "/peers/check", { address: "both.example.org" });
  assert.deepEqual(resolved, [kRouter, "198.18.0.1"]);
  assert.ok(answers.find((a) => a.service === "ping").answers);
});

check("the page answers there under that address, and its certificate names it", async () => {
  for (const [host, status] of [[machine.host, 200], ["another.example.org", 421]])
    assert.equal((await machine.ask("/", { timeout: 5000, headers: { Host: host } })).status, status, host);
  for (let names; ; await pause(1000)) {
    ({ names } = await client.get("/node/certificate"));
    if (names.includes(address) && names.includes("sonde-six.example.org")) break;
    assert.ok(machine.age() < 300, `the certificate names ${names}`);
  }
});

await run(async () => {
  await machine.kill();
  await peer.stop();
  lan.stop();
  rmSync(folder, { recursive: true });
});
