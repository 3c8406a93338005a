// The demonstration as a newcomer sees it: it starts, its pages tell a story, and nothing of it stays behind. The story's
// pictures, at 0, 3 and 8 minutes, are taken by "scripts/test --long"; else only its beginning is looked at.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, check, run } from "./support/check.mjs";
import { launch, watchedPage } from "./support/chromium.mjs";
import { ask, until } from "./support/node.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";

inOwnNetwork(import.meta.url);

const kDemo = new URL("../../scripts/parts/demo.mjs", import.meta.url).pathname;
const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
const kLong = Boolean(process.env.SONDE_TEST_LONG);
const kBadAfter = 200; // s: the pictures at 3 minutes are of the good time
const kPort = 18443;
const kNodes = ["geneva", "lyon", "tokyo", "nairobi"];
const base = (name) => `https://127.0.0.1:${kPort + kNodes.indexOf(name)}`;

const spaces = () => spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout.split("\n");
/** What this demonstration makes: namespaces and a folder. */
const made = () => [...spaces(), ...readdirSync(tmpdir())].filter((name) => name.startsWith(`sonde-demo-${demo.pid}-`));

const demo = spawn(process.execPath, [kDemo, "--bad-after", String(kBadAfter), "--port", String(kPort)], {
  stdio: ["ignore", "pipe", "inherit"],
});
let said = "",
  ended = null;
demo.stdout.on("data", (text) => (said += text));
demo.on("exit", (code) => (ended = code));
await until(
  () => said.includes("Stop with Ctrl-C") || ended !== null,
  60000,
  () => `it did not start:\n${said}`,
);
const begun = Date.now();
const browser = await launch();
const { page, seen } = await watchedPage(browser, { height: 1300 });
mkdirSync(kPictures, { recursive: true });

async function items(node, path) {
  const answer = await ask(base(node), `/api/v1${path}`);
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text).items;
}
const pathTo = async (node, peer) => (await items(node, "/paths")).find((p) => p.peer_name === peer);

/** The overview, and a path within one side and one across, as they are now. */
async function photograph(moment) {
  for (const [name, looks] of [
    ["wide", { width: 1440, height: 1300 }],
    ["narrow", { width: 390, height: 844 }],
  ]) {
    await page.setViewportSize(looks);
    for (const [node, address, what] of [
      ["geneva", "overview", "overview"],
      ["geneva", `paths/${(await pathTo("geneva", "lyon")).id}?range=1h`, "near"],
      ["geneva", `paths/${(await pathTo("geneva", "tokyo")).id}?range=1h`, "across"],
      ["tokyo", "overview", "far-overview"],
    ]) {
      await page.goto(`${base(node)}/#/${address}`);
      await page.locator("#app h1").first().waitFor();
      await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
      await page.screenshot({ path: `${kPictures}/demo-${moment}-${what}-${name}.png`, fullPage: true });
    }
  }
}

const lossOf = async (node, peer) =>
  (await items(node, `/results?test=owamp-${peer}&limit=3`)).map((r) => r.directions?.map((d) => d.counts));

check("four pages answer without a password, and each node measures the three others", async () => {
  for (const node of kNodes) {
    const answer = await ask(base(node), "/");
    assert.equal(answer.status, 200);
    const peers = (await items(node, "/paths")).map((p) => p.peer_name).sort();
    assert.deepEqual(peers, kNodes.filter((name) => name !== node).sort());
  }
});

check("pings and routes have results, through both routers where the peer is on the other side", async () => {
  const first = (test) =>
    until(
      async () => (await items("geneva", `/results?test=${test}&limit=1`))[0],
      60000,
      () => `${test} has no result`,
    );
  assert.equal((await first("ping-tokyo")).outcome, "done");
  const hops = async (peer) => {
    await first(`trace-${peer}`);
    return (await items("geneva", `/tests/trace-${peer}/routes`))[0].route.hops.length;
  };
  assert.equal(await hops("lyon"), 2);
  assert.equal(await hops("tokyo"), 3);
  await photograph("0-min");
});

check("who is not logged in sees every strip, and is told what a login would show", async () => {
  await page.goto(`${base("geneva")}/#/paths/${(await pathTo("geneva", "tokyo")).id}`);
  for (const strip of ["Throughput", "Round trip", "Route"])
    await page.locator(`section.strip[aria-label='${strip}'] canvas`).first().waitFor();
  await page.goto(`${base("geneva")}/#/timeline`);
  await page.getByText("The timeline is shown to those who are logged in").waitFor();
  await page.goto(`${base("geneva")}/#/overview`);
  await page.getByText("of 3 paths").first().waitFor();
  assert.deepEqual(seen.said, []);
});

if (kLong) {
  const at = (minutes) => new Promise((go) => setTimeout(go, begun + minutes * 60000 - Date.now()));

  check("at 3 minutes no path is in trouble, and throughput was measured", async () => {
    await at(3);
    await photograph("3-min");
    for (const peer of ["lyon", "tokyo", "nairobi"])
      // A heavy test that fills the queue may cost a light one a packet.
      for (const counts of (await lossOf("geneva", peer)).flat()) assert.ok(counts.lost < 0.01 * counts.sent, peer);
    for (const path of await items("geneva", "/paths")) assert.equal(path.state, "learning", path.sentence);
    const runs = (await Promise.all(["lyon", "tokyo"].map((peer) => items("geneva", `/results?test=throughput-${peer}`)))).flat();
    assert.ok(runs.some((r) => r.outcome === "done"), JSON.stringify(runs.map((r) => r.sentence)));
  });

  check("at 8 minutes the paths across are bad and those within one side are not", async () => {
    await at(8);
    await photograph("8-min");
    const states = {};
    for (const node of kNodes)
      for (const path of await items(node, "/paths")) states[`${node} ${path.peer_name}`] = path.state;
    const side = (name) => (kNodes.indexOf(name) < 2 ? "west" : "east");
    for (const [pair, state] of Object.entries(states)) {
      const [here, there] = pair.split(" ");
      if (side(here) === side(there)) assert.ok(!["bad", "watch"].includes(state), `${pair} is ${state}`);
      else assert.ok(["bad", "watch"].includes(state), `${pair} is ${state}`);
    }
    return JSON.stringify(states);
  });
}

check("Ctrl-C removes all of it and says which link it was", async () => {
  await page.goto("about:blank"); // an open page would say that its node is gone
  demo.kill("SIGINT");
  await until(
    () => ended !== null,
    30000,
    () => `it did not end:\n${said}`,
  );
  assert.equal(ended, 0);
  assert.match(said, /It was the link between the two routers/);
  assert.deepEqual(made(), []);
  // from one node to the next is no other host
  assert.deepEqual(seen.foreign.filter((address) => !address.startsWith("https://127.0.0.1:")), []);
  assert.deepEqual(seen.said, []);
});

await run(async () => {
  await browser.close();
  if (ended === null) demo.kill("SIGTERM");
});
