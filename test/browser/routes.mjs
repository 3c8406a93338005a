// The story of a route that changes, from real routers to the path page.
import { mkdirSync } from "node:fs";
import { assert, check, run } from "./support/check.mjs";
import { launch, watchedPage } from "./support/chromium.mjs";
import { until } from "./support/node.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";
import { makeRouters } from "./support/routers.mjs";
import { setUpNode } from "./support/set_up.mjs";

inOwnNetwork(import.meta.url);

const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
const routers = makeRouters();
const { node, login, call, tests, paths } = await setUpNode({ peers: [routers.target] });
const browser = await launch();
const { page, seen } = await watchedPage(browser, { height: 1300 });
await login(page);

const test = await call("POST", "/tests", { probe: "trace", peer: tests[0].peer, options: {} });
const routes = async () => (await call("GET", `/tests/${test.id}/routes`)).items;
const results = async () => (await call("GET", `/results?test=${test.id}`)).items;

async function trace() {
  const before = (await results()).length;
  await call("POST", `/tests/${test.id}/run`, {});
  return until(
    async () => {
      const all = await results();
      return all.length > before && all[0];
    },
    30000,
    () => "the run has no result",
  );
}

const hops = (item) => item.route.hops.map((h) => h.routers.map((r) => r.address).join());

check("the first run tells the route, the second only that it is the same", async () => {
  const first = await trace();
  assert.equal(first.outcome, "done", first.sentence);
  assert.deepEqual(hops(first), ["10.96.1.2", "10.96.2.2", "10.96.9.1"]);
  assert.equal((await trace()).route, undefined);
  assert.equal((await routes()).length, 1);
});

check("a changed route is one more, and the event says where", async () => {
  routers.through("r3");
  await trace();
  const all = await routes();
  assert.deepEqual(all.map(hops), [
    ["10.96.1.2", "10.96.2.2", "10.96.9.1"],
    ["10.96.1.2", "10.96.3.2", "10.96.9.1"],
  ]);
  assert.equal(all[0].until, all[1].since);
  const events = (await call("GET", `/events?test=${test.id}&kind=route_change`)).items;
  assert.equal(events.length, 1);
  assert.match(events[0].sentence, /changed at hop 2: 10\.96\.2\.2 → 10\.96\.3\.2; 3 hops before, 3 hops now\./);
  return events[0].sentence;
});

check("the path page has a route strip, and shows the difference", async () => {
  // Two more changes make a picture: back to the first route, and to a router that does not answer any more.
  routers.through("r2");
  await trace();
  routers.silence("r2");
  await trace();
  routers.through("r3");
  await trace();
  const begin = Date.parse((await routes())[0].since);
  const range = { from: new Date(begin - 200).toISOString(), to: new Date().toISOString() };
  await page.goto(`${node.base}/#/paths/${paths[0].id}?${new URLSearchParams(range)}`);
  const strip = page.locator("section.strip[aria-label='Route']");
  await strip.locator("canvas").waitFor();
  mkdirSync(kPictures, { recursive: true });
  await strip.getByRole("button", { name: "Show the difference" }).first().click();
  const dialog = page.getByRole("dialog");
  const changed = dialog.locator("tr.changed");
  await changed.first().waitFor();
  assert.equal(await changed.count(), 1);
  assert.match(await changed.innerText(), /10\.96\.2\.2[^]*10\.96\.3\.2/);
  await page.screenshot({ path: `${kPictures}/route-difference.png` });
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.screenshot({ path: `${kPictures}/route-strip.png`, fullPage: true });
  assert.deepEqual(seen.foreign, []);
  assert.deepEqual(seen.said, []);
});

await run(async () => {
  await browser.close();
  await node.stop();
});
