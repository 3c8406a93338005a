// A person's first half hour with a node of their own: set-up, a peer, a test, its first point, zoom, export, restart.
import { readFileSync } from "node:fs";
import { assert, check, run } from "./support/check.mjs";
import { launch, watchedPage } from "./support/chromium.mjs";
import { startNode, until } from "./support/node.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";

inOwnNetwork(import.meta.url);

const kPassword = `made for this run ${process.pid} ${Date.now()}`;
const begun = Date.now();
let node = await startNode();
const browser = await launch();
const { page, seen } = await watchedPage(browser);
const text = (selector) => page.locator(selector).first().innerText();
const sees = (words, patience = 20000) => page.getByText(words).first().waitFor({ timeout: patience });
const asked = (path) => page.evaluate((p) => fetch("/api/v1" + p).then((r) => r.json()), path);

check("the link opens the set-up page, and the code leaves the address at once", async () => {
  assert.match(node.link, /#.{10}$/);
  await page.goto(node.link);
  await sees("Who and where");
  assert.ok(!page.url().includes(node.link.split("#")[1]), page.url());
});

check("a field that is left with a wrong value says so beside itself", async () => {
  await page.fill("#f-site-contact", "nobody at all");
  await page.press("#f-site-contact", "Tab");
  await until(
    async () => /"nobody at all": allowed is an e-mail address/.test(await text("#f-site-contact-under")),
    5000,
    () => "the node's sentence does not stand beside the field",
  );
  await page.fill("#f-administrator-password", "short");
  await page.press("#f-administrator-password", "Tab");
  assert.match(await text("#f-administrator-password-under"), /at least 10/);
});

check("networks are asked for under their choice, and what the node says of them stands there", async () => {
  const networks = page.locator("#f-engines-throughput_networks");
  assert.equal(await networks.count(), 0);
  await page.locator('input[name="engines.throughput"]').nth(1).check();
  await networks.fill("192.0.2.1/24");
  await networks.press("Tab");
  await until(async () => /a prefix without host bits/.test(await text("#f-engines-throughput_networks-under")), 5000);
  await page.locator('input[name="engines.throughput"]').first().check();
  assert.equal(await networks.count(), 0);
});

check("nothing is set up while a field is wrong", async () => {
  await page.getByRole("button", { name: "Finish and start measuring" }).click();
  assert.equal((await asked("/health")).set_up, false);
});

check("set-up ends on the Overview", async () => {
  await page.fill("#f-site-contact", "noc@example.org");
  await page.fill("#f-site-place", "Geneva");
  await page.fill("#f-administrator-password", kPassword);
  await page.fill("#f-administrator-password-again", kPassword);
  await page.getByRole("button", { name: "Finish and start measuring" }).click();
  await page.getByRole("link", { name: "Overview" }).waitFor();
  assert.equal((await asked("/health")).set_up, true);
  assert.match(page.url(), /#\/overview$/);
});

check("within a minute of the start the clock and an interface are drawn", async () => {
  await until(
    async () => (await page.locator(".plot canvas").count()) >= 2,
    60000 - (Date.now() - begun),
    () => "no graph within 60 s of the start",
  );
  await page.screenshot({ path: `${process.env.SONDE_PICTURES ?? "/tmp"}/first_minute.png` }).catch(() => {});
  return `${((Date.now() - begun) / 1000).toFixed(1)} s after the start`;
});

check("a peer is asked what it answers to when its field is left", async () => {
  await page.getByRole("link", { name: "Add a peer" }).click();
  await page.fill("#f-address", "192.0.2.10 ");
  await page.press("#f-address", "Tab");
  await page.locator(".answers li").first().waitFor({ timeout: 15000 });
  return (await page.locator(".answers li").allInnerTexts()).map((t) => t.replace(/\s+/g, " ")).join("; ");
});

check("a name with a blank is refused at the field", async () => {
  await page.fill("#f-address", "192.0.2.10 somewhere");
  await page.press("#f-address", "Tab");
  assert.match(await text("#f-address-under"), /holds a blank/);
  await page.fill("#f-address", "192.0.2.10");
});

check("a peer is added", async () => {
  await page.fill("#f-name", "Myself");
  const ticked = page.locator("fieldset input[type=checkbox]:checked");
  while (await ticked.count()) await ticked.first().uncheck();
  await page.getByRole("button", { name: "Add peer", exact: true }).click();
  await until(async () => (await asked("/peers")).items.some((p) => p.name === "Myself"), 10000);
});

check("the form of a test tells its cost as it is filled in", async () => {
  await page.goto(`${node.base}/#/tests/new`);
  await page
    .getByText(/^round trip/)
    .first()
    .click();
  await page.getByText("Myself").first().click();
  await until(async () => /on the wire/.test(await text(".cost")), 10000);
  const before = await text(".cost");
  await page.fill("#f-options-count", "600");
  await until(async () => (await text(".cost")) !== before && /on the wire/.test(await text(".cost")), 10000);
  return `${before.split("\n")[0]} → ${(await text(".cost")).split("\n")[0]}`;
});

check("an option out of its range is refused at the field", async () => {
  await page.fill("#f-options-count", "0");
  await page.getByRole("button", { name: "Add test" }).click();
  assert.match(await text("#f-options-count-under"), /allowed is a whole number from 1/);
});

check("a test is added, run now, and its first point arrives", async () => {
  await page.fill("#f-options-count", "5");
  await page.fill("#f-options-interval", "0.1 s");
  await page.getByRole("button", { name: "Add test" }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.goto(`${node.base}/#/overview`);
  await page.locator("a.path-line").first().click({ timeout: 20000 });
  const clicked = Date.now();
  await until(
    async () => /\d.*[mµn]s/.test(await text(".readout tbody")),
    90000,
    () => "no point within 90 s",
  );
  return `${((Date.now() - clicked) / 1000).toFixed(1)} s; ${(await text(".readout tbody")).replace(/\s+/g, " ")}`;
});

check("dragging zooms and is in the address; a double click goes back", async () => {
  await page.goto(page.url().replace(/\?.*$/, "") + "?range=1h");
  const over = page.locator(".plot .u-over").first();
  await over.waitFor();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.999, box.y + 40, { steps: 5 });
  await page.mouse.up();
  await until(
    () => /from=.*to=/.test(page.url()),
    5000,
    () => page.url(),
  );
  const zoomed = page.url();
  await over.dblclick();
  await until(
    () => /range=1h/.test(page.url()),
    5000,
    () => page.url(),
  );
  await page.goto(zoomed);
  await page.locator(".plot .u-over").first().waitFor();
  return zoomed.split("?")[1];
});

check("what is seen is exported as CSV, JSON and PNG", async () => {
  await page.goto(page.url().replace(/\?.*$/, "") + "?range=1h");
  await page.mouse.move(0, 0);
  await until(async () => /\d.*[mµn]s/.test(await text(".readout tbody")), 20000);
  await page.keyboard.press("e");
  const saved = async (button) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: button }).click(),
    ]);
    return readFileSync(await download.path());
  };
  const csv = (await saved("Save CSV")).toString().trim().split("\r\n");
  const json = JSON.parse(await saved("Save JSON"));
  const png = await saved("Save picture");
  assert.equal(csv.length - 1, json.rows.length);
  assert.ok(json.rows.length > 0 && json.rows.every((r) => r.sent >= r.lost && (r.p50_s === null || r.p50_s > 0)));
  assert.match(csv[0], /^direction,test,begin,step_s,sent,lost,min_s/);
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  await page.keyboard.press("Escape");
  return `${json.rows.length} rows, picture of ${png.length} bytes`;
});

check("a result shows each packet and how it was measured", async () => {
  await page.locator("section:has(h2:text('Results')) tbody a").first().click();
  await sees("How it was measured");
  await sees("Each packet by its time of sending");
  await sees("All statistics");
});

check("an administrator changes the answers of the set-up, only those that were touched", async () => {
  await page.goto(`${node.base}/#/node/settings`);
  await page.fill("#f-site-communities", "LHC, US ATLAS");
  await page.fill("#f-site-place", "Lyon");
  await page.getByRole("button", { name: "Save answers" }).click();
  await sees("Saved; it holds from now on.");
  const { site } = await asked("/settings");
  assert.deepEqual([site.place, site.communities, site.contact], ["Lyon", ["LHC", "US ATLAS"], "noc@example.org"]);
  await page.fill("#f-banner", "test system");
  await page.getByRole("button", { name: "Save settings" }).click();
  await until(async () => (await asked("/settings")).banner === "test system", 5000);
  await page.fill("#f-banner", "");
  await page.getByRole("button", { name: "Save settings" }).click();
  await until(async () => (await asked("/settings")).banner === "", 5000);
  assert.equal((await asked("/settings")).site.place, "Lyon");
});

check("/ finds a page by a part of its name, without a mouse", async () => {
  await page.keyboard.press("/");
  await page.locator("dialog input:focus").waitFor();
  await page.keyboard.type("clocks and errors");
  // The list of help pages may come after the first letters.
  await page.locator("dialog li").first().filter({ hasText: "Clocks and errors" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Clocks and errors" }).waitFor();
});

check("logging out hides everything; a wrong password says so; the right one opens again", async () => {
  await page.getByRole("button", { name: "Log out" }).click();
  await page.fill("#f-user", "admin");
  await page.fill("#f-password", "certainly not this");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator(".refused, .under.bad").first().waitFor();
  const said = await page.locator(".refused, .under.bad").allInnerTexts();
  await page.fill("#f-password", kPassword);
  await until(async () => {
    const button = page.getByRole("button", { name: "Log in" });
    if (await button.isVisible()) await button.click({ timeout: 2000 }).catch(() => {});
    return page.getByRole("link", { name: "Overview" }).isVisible();
  }, 30000);
  return said.filter(Boolean).join(" ");
});

check("the whole way took no word on the console, no other host, no answer of 500", () => {
  // The wrong password is answered with 401, which the browser itself reports.
  const said = seen.said.filter((line) => !/status of 401/.test(line));
  assert.deepEqual(said, []);
  assert.deepEqual(seen.foreign, []);
  assert.deepEqual(seen.failed, []);
});

check("a page that loses its node says since when, and goes on by itself when it is back", async () => {
  const { data, offset } = node;
  await page.goto(`${node.base}/#/overview`);
  await page.locator("a.path-line").first().waitFor();
  await node.stop({ keep: true });
  await sees("The node has not answered since", 40000);
  node = await startNode({ data, offset });
  await until(
    async () =>
      !(await page
        .getByText("The node has not answered since")
        .first()
        .isVisible()
        .catch(() => false)),
    60000,
    () => "the notice stays",
  );
});

check("a test is deleted only after typing it, and its results are gone", async () => {
  await page.goto(`${node.base}/#/tests`);
  if (
    await page
      .locator("#f-password")
      .isVisible()
      .catch(() => false)
  ) {
    await page.fill("#f-user", "admin");
    await page.fill("#f-password", kPassword);
    await page.getByRole("button", { name: "Log in" }).click();
  }
  await page.getByRole("button", { name: "Delete" }).first().click();
  const sure = page.getByRole("button", { name: "Delete test and its results" });
  assert.ok(await sure.isDisabled());
  await page.locator("dialog input").fill("delete");
  await sure.click();
  await until(async () => (await asked("/tests")).items.every((t) => t.self_check), 15000);
});

await run(async () => {
  await browser.close();
  await node.stop();
});
