// "Fit to measure": what was found about the host, worst first, what to type, and the button that only an appliance has.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { assert, check, run } from "./support/check.mjs";
import { faintTexts, launch, namelessControls, watchedPage } from "./support/chromium.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";
import { setUpNode } from "./support/set_up.mjs";

inOwnNetwork(import.meta.url);

const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
mkdirSync(kPictures, { recursive: true });
// Something that is bad wherever this runs: too small for IPv6.
execFileSync("ip", ["link", "set", "eth0", "mtu", "1200"]);
const { node, login, call } = await setUpNode();
const browser = await launch();
const { page, seen } = await watchedPage(browser);
await login(page);

/** Opens the page; answers what the node told it. */
async function open(at) {
  const answered = at.waitForResponse("**/api/v1/check");
  await at.goto(`${node.base}/#/overview`);
  await at.goto(`${node.base}/#/node/fit`);
  const told = await (await answered).json();
  await at.locator(".findings details").first().waitFor();
  return told;
}

check("the page shows what the API tells, worst first, in the same words", async () => {
  const told = await open(page);
  const plain = (text) => text.replace(/\u00a0/g, " ");
  const titles = await page.locator(".findings details:not(.tuning) > summary strong").allTextContents();
  assert.deepEqual(titles, told.findings.map((f) => f.title));
  const words = { bad: "bad", watch: "could be better", unknown: "not known", good: "good" };
  const states = await page.locator(".findings details:not(.tuning) > summary .state").allTextContents();
  assert.deepEqual(states.map((s) => s.trim()), told.findings.map((f) => words[f.state]));
  assert.ok(told.findings.some((f) => f.id === "nic.eth0.link" && f.is.includes("driver veth")));
  assert.ok(plain(await page.locator("main").textContent()).includes(told.sentence));
});

check("a finding opens to its reason, its remedy and what to type; without the appliance no button is offered", async () => {
  const told = await open(page);
  assert.equal(told.findings.find((f) => f.id === "nic.eth0.mtu").state, "bad");
  const shown = page.locator('[id="f-nic.eth0.mtu"]');
  assert.ok(await shown.evaluate((e) => e.open), "what is bad is open");
  await shown.getByText("ip link set dev eth0 mtu 1500").waitFor();
  for (const mendable of told.findings.filter((f) => f.rows.length)) {
    const row = page.locator(`[id="f-${mendable.id}"]`);
    await row.locator("summary").click();
    await row.getByText("This host is no live appliance").waitFor();
  }
  assert.equal(await page.getByRole("button", { name: "Mend it now" }).count(), 0);
  await page.locator(".tuning > summary").click();
  await page.getByText("net.core.rmem_max").first().waitFor();
  assert.equal(await page.locator(".tuning tbody tr").count(), told.tuning.length);
});

check("on an appliance the button asks, mends, and what was found is read again", async () => {
  // The helper is played here: the answers of the node are, the page is real.
  const { page: theirs, seen: heard, context } = await watchedPage(browser);
  await login(theirs);
  const told = await call("GET", "/check");
  const made = (state) => ({
    ...told,
    can_mend: true,
    mend_sentence: "",
    findings: [{ ...told.findings[0], id: "nic.eth0.ring", title: "eth0: receive ring", state, rows: ["nic.receive_ring"] }],
  });
  let mended = 0;
  await theirs.route("**/api/v1/check", (route) => route.fulfill({ json: made(mended ? "good" : "watch") }));
  await theirs.route("**/api/v1/check/nic.eth0.ring/mend", (route) => {
    ++mended;
    return route.fulfill({ status: 204 });
  });
  await open(theirs);
  await theirs.getByText("eth0: receive ring").click();
  await theirs.getByRole("button", { name: "Mend it now" }).click();
  const dialog = theirs.getByRole("dialog");
  await dialog.getByText("Receive ring of the measuring NICs: the most that the NIC has.").waitFor();
  await theirs.screenshot({ path: `${kPictures}/fit-mend.png` });
  await dialog.getByRole("button", { name: "Mend it now" }).click();
  await theirs.getByText("was mended, and this host was looked at again").waitFor();
  await theirs.locator("summary .state.good").first().waitFor();
  assert.equal(mended, 1);
  assert.deepEqual(heard.said, []);
  await context.close();
});

check("the overview says so while something is bad, and leads there", async () => {
  await page.goto(`${node.base}/#/overview`);
  await page.getByRole("link", { name: "This host is not fit to measure" }).waitFor();
  await page.screenshot({ path: `${kPictures}/fit-overview.png`, fullPage: true });
  await page.getByRole("link", { name: "This host is not fit to measure" }).click();
  await page.locator(".findings details").first().waitFor();
  assert.deepEqual(seen.said, []);
});

check("it reads well on a desk and on a phone, in both themes", async () => {
  for (const [width, theme] of [
    [1440, "light"],
    [1440, "dark"],
    [390, "light"],
    [390, "dark"],
  ]) {
    const { page: theirs, seen: heard, context } = await watchedPage(browser, { width, theme });
    await login(theirs);
    await open(theirs);
    await theirs.screenshot({ path: `${kPictures}/fit-${width}-${theme}.png`, fullPage: true });
    await theirs.locator(".tuning > summary").click();
    await theirs.locator(".tuning tbody tr").first().waitFor();
    await theirs.screenshot({ path: `${kPictures}/fit-open-${width}-${theme}.png`, fullPage: true });
    assert.deepEqual(await faintTexts(theirs), []);
    assert.deepEqual(await namelessControls(theirs), []);
    const wide = await theirs.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px too wide at ${width}`);
    assert.deepEqual(heard.said, []);
    await context.close();
  }
});

await run(async () => {
  await browser.close();
  await node.stop();
});
