// Two interfaces with IPv6 alone, each with a gateway of its own: what asks by one of them is answered by that one.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, check, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Lan } from "./support/lan.mjs";
import { Machine } from "./support/machine.mjs";
import { until } from "./support/measuring.mjs";
import { tcpPort } from "./support/port_scan.mjs";
import { newestResult } from "./support/results.mjs";
import { setupMedium } from "./support/setup_medium.mjs";

inOwnNetwork(import.meta.url);

const kFarAway = "2001:db8:9::9",
  kPassword = "correct horse battery";
const link = (number, port) => {
  const [own, router] = ["7", "1"].map((host) => `2001:db8:${number}::${host}`);
  const lan = new Lan({ name: `lan${number}`, mac: `52:54:00:00:00:1${number}`, addresses: [`${router}/64`] });
  return { lan, own, router, port };
};
const manages = link(1, 443),
  measures = link(2, 861);
execFileSync("ip", ["address", "add", `${kFarAway}/128`, "dev", "lo"]);

/** What comes for somebody far away, by link: "2001:db8:1::7.443 > ...". */
const seen = new Map();
const watchers = [manages, measures].map(({ lan }) => {
  const words = ["-i", lan.name, "-n", "-l", "--immediate-mode", `ip6 and tcp and dst host ${kFarAway}`];
  const watcher = spawn("tcpdump", words, { stdio: ["ignore", "pipe", "ignore"] });
  seen.set(lan.name, "");
  watcher.stdout.on("data", (text) => seen.set(lan.name, seen.get(lan.name) + text));
  process.on("exit", () => watcher.kill());
  return watcher;
});

const folder = mkdtempSync(join(tmpdir(), "sonde-sources-"));
const medium = join(folder, "setup.img");
const fixed = ({ own, router }) => ({ ipv4: "off", ipv6: "fixed", address6: `${own}/64`, gateway6: router });
setupMedium(medium, {
  name: "sonde-two.example.org",
  password: kPassword,
  network: { interface: "eth1", ...fixed(measures) },
  management: { same: "no", interface: "eth0", ...fixed(manages) },
  engines: { light: "anyone", throughput: "nobody" },
});
const links = [measures.lan.card()];
const machine = await Machine.start({ iso: image(), words: [], disks: [medium], front: manages.lan, guest: manages.own, links });

const opens = (address, port, from) => until(() => tcpPort(address, port, { from }), (what) => what === "open", 60);

check("both interfaces take their addresses", async () => {
  await machine.console.expect(/This node was set up by sonde-setup\.xml on vda/, 240);
  for (const { own, port } of [manages, measures]) await opens(own, port);
  return `after ${machine.age().toFixed(0)} s`;
});

for (const [name, mine, other] of [
  ["manages", manages, measures],
  ["measures", measures, manages],
])
  check(`to somebody far away the one that ${name} answers itself`, async () => {
    const answer = `${mine.own}.${mine.port} > ${kFarAway}`;
    const answers = (where) => seen.get(where.lan.name).includes(answer);
    const ask = () => tcpPort(mine.own, mine.port, { from: kFarAway });
    // Its table comes some seconds after its address.
    await until(ask, () => answers(mine), 30);
    for (const { lan } of [mine, other]) seen.set(lan.name, "");
    assert.equal(await ask(), "open");
    await until(() => answers(mine), Boolean, 10);
    assert.ok(!answers(other), "the other one answers, too");
  });

check("what begins here leaves by the one that measures", async () => {
  const client = new Client(machine);
  await client.logIn("admin", kPassword);
  const { id: peer } = await client.send("POST", "/peers", { name: "far away", address: kFarAway });
  const { id } = await client.send("POST", "/tests", { probe: "ping", peer, schedule: { kind: "every", period: "1min" } });
  await client.send("POST", `/tests/${id}/run`, {});
  const { local_address } = await newestResult(client, id);
  assert.equal(local_address, measures.own);
});

await run(async () => {
  await machine.kill();
  for (const watcher of watchers) watcher.kill();
  rmSync(folder, { recursive: true });
});
