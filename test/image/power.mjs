// The power goes at random moments while much is measured and changed: everything that the node had answered for is there
// again, on a drive that lost whatever it had not been told to keep.
import https from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";
import { faultsOf, makeFileSystem, makeNode } from "./support/made_data.mjs";
import { addPeer, addQuickTests, peerNames, settledCertificate, until } from "./support/measuring.mjs";
import { copyDrive, cutPower, loggedDrive } from "./support/power_cut.mjs";

inOwnNetwork(import.meta.url);

const kCuts = process.env.SONDE_TEST_LONG ? 10 : 3,
  kTests = 8,
  kPassword = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "sonde-power-"));
const [drive, before, log, looked] = ["drive", "before", "log", "looked"].map((name) => join(folder, name));
await makeNode(join(folder, "data"), { password: kPassword });
makeFileSystem(drive, { folder: join(folder, "data"), megabytes: 40000 });

/** What the node answered for so far. */
const answered = { results: new Set(), points: new Map(), peers: new Set(), fingerprint: undefined };
const begun = Date.now();
let machine,
  client,
  changes = 0,
  tests = [];

/** Hears every result that the node announces, until the connection breaks. */
function listen() {
  const options = {
    ...{ host: "127.0.0.1", port: machine.port, path: "/api/v1/stream", rejectUnauthorized: false, agent: false },
    headers: { Host: "localhost", Accept: "text/event-stream", Cookie: client.cookie },
  };
  const request = https.get(options, (response) => {
    let text = "";
    response.on("data", (piece) => {
      const events = (text += piece).split("\n\n");
      text = events.pop();
      for (const event of events) {
        const { id } = /^event: result$/m.test(event) ? JSON.parse(event.match(/^data: (.*)$/m)[1]) : {};
        if (id) answered.results.add(id);
      }
    });
    response.on("error", () => {});
  });
  request.on("error", () => {});
}

/** Adds peers, one after the other, until the node is gone. */
async function change() {
  while (machine.running()) {
    const name = `peer ${++changes}`;
    try {
      await addPeer(client, name);
      answered.peers.add(name);
    } catch {
      return;
    }
  }
}

/** The points of one test's series, by series and time. */
async function points() {
  const found = new Map();
  const { items } = await client.get(`/series?test=${tests[0]}`),
    from = new Date(begun).toISOString();
  for (const { id } of items.slice(0, 3)) {
    const { begin, step_s, index, value } = await client.get(`/series/${id}/data?resolution=1s&from=${from}`);
    for (const [n, place] of index.entries())
      if (step_s === 1 && value[n] !== null) found.set(`${id} ${Date.parse(begin) / 1000 + place}`, value[n]);
  }
  return found;
}

/** A value has other last digits once it has gone from the journal into a file of librrd, which reads decimals in several roundings. */
const same = (a, b) => Math.abs(a - b) <= 1e-14 * Math.abs(b);

/** Remembers what the pages are told, as often as it comes, until the node is gone. */
async function look() {
  while (machine.running()) {
    try {
      for (const [at, value] of await points()) answered.points.set(at, value);
    } catch {
      return;
    }
  }
}

async function everyResult() {
  const ids = new Map();
  for (let next = ""; next !== undefined; ) {
    const page = await client.get(`/results?limit=1000${next}`);
    for (const { id } of page.items) ids.set(id, (ids.get(id) ?? 0) + 1);
    next = page.next ? `&before=${page.next}` : undefined;
  }
  return ids;
}

async function start() {
  copyDrive(drive, before);
  machine = await Machine.start({ iso: image(), words: [], more: loggedDrive(drive, log, 0) });
  client = new Client(machine);
  await client.logInWhenReady("admin", kPassword, 240);
}

async function load() {
  if (!tests.length) tests = await addQuickTests(client, kTests);
  answered.fingerprint ??= (await settledCertificate(client)).fingerprint_sha256;
  listen();
  const busy = Promise.all([change(), look()]);
  await pause(4000 + Math.random() * 6000);
  await machine.kill();
  await busy;
}

check("measurements and changes are answered for until the power goes", async () => {
  await start();
  await load();
  assert.ok(answered.results.size > kTests, `only ${answered.results.size} results were announced`);
});

for (let cut = 1; cut <= kCuts; ++cut)
  check(`power cut ${cut}: the file system is sound, and all that was answered for is there, once`, async () => {
    const lost = cutPower(before, log, drive, Math.random);
    copyDrive(drive, looked);
    assert.equal(faultsOf(looked), "");
    await start();
    const ids = await everyResult(),
      peers = await peerNames(client);
    for (const id of answered.results) assert.equal(ids.get(id), 1, `result ${id}`);
    for (const name of answered.peers) assert.ok(peers.includes(name), `the change ${name}`);
    // Files that were being written are restored from the journal behind the start.
    const missing = async () => {
      const drawn = await points();
      return [...answered.points].filter(([at, value]) => !same(drawn.get(at), value)).map(([at, value]) => `${at}: ${drawn.get(at)}, not ${value}`);
    };
    await until(missing, (points) => points.length === 0, 90);
    const { fingerprint_sha256 } = await client.get("/node/certificate");
    assert.equal(fingerprint_sha256, answered.fingerprint);
    assert.ok(cut === 1 || (answered.peers.size > cut && answered.points.size > 0), "too little was answered for");
    const seen = `${answered.results.size} results, ${answered.peers.size} changes, ${answered.points.size} points; the drive lost ${lost.dropped} of ${lost.unsafe} unsafe writes after ${lost.writes}, ${lost.flushes} flushes`;
    if (cut < kCuts) await load();
    return seen;
  });

await run(async () => {
  await machine.kill();
  rmSync(folder, { recursive: true });
});
