// The story of a throughput test: its cost while it is typed, a day that is too full, runs, the strip, one result.
import { mkdirSync } from "node:fs";
import { assert, check, run } from "./support/check.mjs";
import { faintTexts, launch, watchedPage } from "./support/chromium.mjs";
import { iperf3Server } from "./support/iperf3.mjs";
import { until } from "./support/node.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";
import { setUpNode } from "./support/set_up.mjs";

inOwnNetwork(import.meta.url);

const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
mkdirSync(kPictures, { recursive: true });
const made = await setUpNode({ peers: ["192.0.2.10"] });
const { node, login, call } = made;
const kPort = 5401; // 5201 and what lies behind it may be the node's own
const serve = () => iperf3Server("0.0.0.0", "-p", String(kPort));
let server = await serve();
const browser = await launch();
const { page, seen } = await watchedPage(browser, { height: 1300 });
await login(page);

/** As people read it: without the blanks that keep a number and its unit together. */
const plain = (text) => text.replace(/[\u00a0\u202f\s]+/g, " ");
const text = async (where) => plain(await (typeof where === "string" ? page.locator(where) : where).first().innerText());
const sees = async (where, wanted, patience = 15000) => {
  let told = "";
  await until(
    async () => wanted.test((told = await text(where))),
    patience,
    () => `${wanted} does not come: “${told}”`,
  );
  return told;
};
const filling = async () => (await call("GET", "/tests")).items.filter((t) => t.probe === "throughput");
const results = async (test) => (await call("GET", `/results?test=${test.id}`)).items;
const strip = page.locator("section.strip[aria-label='Throughput']");
const readout = page.locator(".readout");

async function runTest(test) {
  const before = (await results(test)).length;
  await call("POST", `/tests/${test.id}/run`, {});
  return until(
    async () => {
      const all = await results(test);
      return all.length > before && all[0];
    },
    60000,
    () => "the run has no result",
  );
}

check("the cost line tells slot, wire, disk and the share of the day, and follows what is typed", async () => {
  await page.goto(`${node.base}/#/tests/new`);
  await page.getByRole("radio", { name: /achievable throughput/ }).check();
  await page.getByRole("radio", { name: "Another host" }).check();
  const family = page.getByLabel("Address family");
  for (const [address, its] of [["::1", "IPv6"], ["127.0.0.2", "IPv4"]]) {
    await page.fill("#f-new_address", address);
    await page.press("#f-new_address", "Tab");
    await until(async () => (await family.inputValue()) === its, 10000, () => `${address} is not asked by ${its}`);
  }
  await sees(".cost", /8 min of the slot for heavy tests a day.*on the wire, never more than .* on disk.*0\.56 % of the day is taken/);
  await page.fill("#f-options-duration", "3 s");
  await page.fill("#f-options-rate", "20000000");
  await page.getByText("Advanced").click();
  await page.fill("#f-options-port", String(kPort));
  return sees(".cost", /2 min 36 s of the slot.*about 90\.0 MB on the wire.*0\.18 % of the day/);
});

check("a day that has no room for it is told with its sum, in the cost line and at the field, before and after saving", async () => {
  await page.fill("#f-period", "15 s");
  await page.fill("#f-spread", "0 s");
  await sees(".cost .overfull", /87 % of the day is taken: too much, at most 80 % may be\. Measure less often/);
  const sum = /The day is overfull: 1 heavy test needs 74880 s of the slot a day, 87 % of it; allowed is 80 %/;
  await sees("#f-period-under", sum);
  await page.screenshot({ path: `${kPictures}/throughput-overfull.png`, fullPage: true });
  const saving = page.waitForResponse((r) => r.url().endsWith("/api/v1/tests") && r.request().method() === "POST");
  await page.getByRole("button", { name: "Add test" }).click();
  assert.equal((await saving).status(), 422);
  await sees("#f-period-under", sum);
  assert.equal((await filling()).length, 0);
  // The browser itself tells of the refusal; nothing else was said.
  await until(() => seen.said.length > 0, 5000);
  assert.deepEqual(seen.said.splice(0).filter((line) => !/status of 422 /.test(line)), []);
  assert.ok(page.url().includes("tests/new"));
});

check("times of the day are a schedule, and a wrong one is told at its field", async () => {
  await page.selectOption("#f-kind", "at");
  await page.fill("#f-times", "14:30, 2:00");
  await page.press("#f-times", "Tab");
  await sees("#f-times-under", /“2:00” is not a time of the day/);
  await page.fill("#f-times", "14:30, 02:00");
  await page.fill("#f-spread", "10 min");
  await sees(".cost", /26 s of the slot/);
  await page.getByRole("button", { name: "Add test" }).click();
  await page.getByRole("heading", { level: 1 }).filter({ hasText: "127.0.0.2" }).waitFor();
  const [test] = await filling();
  assert.deepEqual(test.schedule.times, ["02:00", "14:30"]);
  return test.sentence;
});

check("a change of the test is counted in place of what it was", async () => {
  const [test] = await filling();
  await page.goto(`${node.base}/#/tests/${test.id}?edit=1`);
  await sees(".cost", /26 s of the slot.*0\.030 % of the day/);
  assert.equal(await page.inputValue("#f-times"), "02:00, 14:30");
});

check("the Tests page tells how much of the day the heavy tests take", async () => {
  await page.goto(`${node.base}/#/tests`);
  await sees(".answer", /The heavy ones take 0\.030 % of the day/);
  return sees(".day-bar", /1 heavy test takes 26 s of the day, 0\.030 % of it; at most 80 % may be planned/);
});

check("runs by hand are steps of the strip, on a path that nothing else measures", async () => {
  const [test] = await filling();
  const first = await runTest(test);
  assert.equal(first.outcome, "done", first.sentence);
  await runTest(test);
  const path = (await call("GET", `/paths/${test.path}`)) ?? {};
  assert.deepEqual(path.directions, []);
  assert.equal(path.state, "learning");
  assert.match(path.sentence, /Geneva ⇄ 127\.0\.0\.2: throughput [12]\d(\.\d)? Mbit\/s to it/);
  await page.goto(`${node.base}/#/paths/${test.path}?range=1h`);
  await strip.locator("canvas").waitFor();
  await sees(strip, /Geneva → 127\.0\.0\.2.*dashed: asked for 20\.0 Mbit\/s/);
  await sees(readout, /[12]\d(\.\d)? Mbit\/s by hand .* idle, .* loaded: .* segments? sent again/);
  assert.equal(await page.locator("section.strip").count(), 1);
});

check("a run that fails is marked, with its sentence in the readout and below the strip", async () => {
  server.stop();
  const [test] = await filling();
  const failed = await runTest(test);
  assert.equal(failed.outcome, "failed");
  await sees(readout, /failed at \d\d:\d\d:\d\d: .*refused/);
  return sees(strip.locator(".run-words"), /failed: .*refused/);
});

check("under the cursor stands the run of that time; where none is, it says so", async () => {
  const [test] = await filling();
  const all = await results(test);
  const done = all.filter((r) => r.outcome === "done").at(-1);
  const begin = Date.parse(done.begin);
  const range = { from: new Date(begin - 60000).toISOString(), to: new Date(begin + 60000).toISOString() };
  await page.goto(`${node.base}/#/paths/${test.path}?${new URLSearchParams(range)}`);
  const plot = strip.locator(".u-over").first();
  await plot.waitFor();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * (61500 / 120000), box.y + box.height / 2);
  await sees(readout, /at 20.* Mbit\/s by hand .* sent again/);
  await page.mouse.move(box.x + box.width * 0.1, box.y + box.height / 2);
  await sees(readout, /no run yet at this time/);
  await page.mouse.move(0, 0);
});

check("what is seen can be taken away: each run with its numbers", async () => {
  await strip.getByRole("button", { name: "data" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/throughput run/).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Save CSV" }).click(),
  ]);
  const { readFileSync } = await import("node:fs");
  const [head, ...rows] = readFileSync(await download.path(), "utf8").trim().split("\r\n");
  assert.match(head, /^direction,test,begin,.*outcome,requester,throughput_bps,octets_received,retransmits/);
  assert.ok(rows.some((r) => /^forward,.*,done,web: admin,[12]\d{7}/.test(r)), rows.join("\n"));
  await dialog.getByRole("button", { name: "Close" }).click();
  await strip.getByRole("button", { name: "how it was measured" }).click();
  await sees(dialog, /protocol TCP/);
  await dialog.getByRole("button", { name: "Close" }).click();
});

check("a result shows its seconds, the delay that the load added, and what limited the sender", async () => {
  const [test] = await filling();
  const done = (await results(test)).find((r) => r.outcome === "done");
  assert.equal(done.intervals, undefined);
  await page.goto(`${node.base}/#/results/${done.id}`);
  const part = page.locator("section[aria-label='Throughput']");
  await sees(part, /Latency under load .* idle, .* loaded: the load adds/);
  await sees(part, /What limited the sender .*was the limit/);
  assert.ok((await part.locator("canvas").count()) >= 3);
  const plot = part.locator(".u-over").first();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  return sees(part.locator(".reading"), /1\.0 to 2\.0 s: .*octets\) · [12]\d(\.\d)? Mbit\/s .* round trip .* window/);
});

check("beside pings, both directions: no page moves sideways, complains or is faint, light and dark, wide and narrow", async () => {
  server = await serve();
  const [ping] = (await call("GET", "/tests")).items.filter((t) => t.probe === "ping" && !t.self_check);
  const options = { duration: "4 s", rate: "30000000", direction: "both", port: String(kPort) };
  const both = await call("POST", "/tests", { probe: "throughput", peer: ping.peer, options });
  const udp = { ...options, protocol: "udp", direction: "reverse", duration: "2 s" };
  await call("POST", "/tests", { probe: "throughput", peer: ping.peer, options: udp });
  await call("POST", `/tests/${ping.id}/run`, {});
  for (const test of (await filling()).filter((t) => t.peer === ping.peer)) {
    const told = await runTest(test);
    assert.equal(told.outcome, "done", told.sentence);
  }
  const result = (await results(both))[0];
  const route = await call("POST", "/tests", { probe: "trace", peer: ping.peer, options: {} });
  await call("POST", `/tests/${route.id}/run`, {});
  await until(async () => (await results(route)).length > 0, 30000);
  const pages = {
    path: `paths/${both.path}?range=1h`,
    result: `results/${result.id}`,
    form: `tests/${both.id}?edit=1`,
    tests: "tests",
    paths: "paths",
    overview: "overview",
  };
  const wrong = [];
  for (const theme of ["light", "dark"]) {
    for (const width of [1440, 390]) {
      const view = await watchedPage(browser, { theme, width, height: 900 });
      await login(view.page);
      for (const [name, address] of Object.entries(pages)) {
        await view.page.goto(`${node.base}/#/${address}`);
        await view.page.locator("main h1").waitFor();
        await view.page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true]"));
        if (name === "form") await view.page.locator(".cost [role=status]").waitFor();
        if (name === "path") assert.equal(await view.page.locator("section.strip[aria-label='Throughput']").count(), 2);
        const wide = await view.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) wrong.push(`${name} is ${wide} px too wide at ${width}`);
        wrong.push(...(await faintTexts(view.page)).map((t) => `${name} ${theme}: ${t}`));
        await view.page.screenshot({ path: `${kPictures}/throughput-${name}-${theme}-${width}.png`, fullPage: true });
      }
      wrong.push(...view.seen.said, ...view.seen.foreign);
      await view.context.close();
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(seen.said, []);
  assert.deepEqual(seen.foreign, []);
});

await run(async () => {
  await browser.close();
  await node.stop();
  server.stop();
});
