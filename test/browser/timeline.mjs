// The timeline of a node that fills a path, skips, is tested from outside, plans, and pauses.
import { mkdirSync } from "node:fs";
import { assert, check, run } from "./support/check.mjs";
import { faintTexts, launch, namelessControls, watchedPage } from "./support/chromium.mjs";
import { filledTimeline, iso } from "./support/filled_timeline.mjs";
import { iperf3Client, iperf3Server } from "./support/iperf3.mjs";
import { until } from "./support/node.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";
import { setUpNode } from "./support/set_up.mjs";

inOwnNetwork(import.meta.url);

const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
const kAddress = "192.0.2.10";
mkdirSync(kPictures, { recursive: true });
const { node, login, call, tests } = await setUpNode({ peers: [kAddress] });
await iperf3Server(kAddress);
const browser = await launch();
const { page, seen, context } = await watchedPage(browser);
await login(page);
const storage = await context.storageState();

const { line, fill, done, long, skipped } = await filledTimeline(call, tests[0].peer);

const block = (words, on = page) => on.locator(`.tl-block[aria-label*="${words}"]`);
const details = (on = page) => on.getByRole("region", { name: "Chosen" });
async function open(query = "", on = page) {
  await on.goto("about:blank");
  await on.goto(`${node.base}/#/timeline${query}`);
  await on.locator(".tl-block").first().waitFor();
}

/** Runs in the page: what a field for a local time holds at `t`. */
function localMinute(t) {
  const d = new Date(t);
  const two = (n) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

check("it opens with what a person would say of the slot's last and next day", async () => {
  await open();
  const answer = await page.locator(".tl-answer").innerText();
  assert.match(answer, /The slot for heavy tests was used 2 times in the last 24 h \(\d+\ss together\)\./);
  assert.ok(answer.includes(`One run was skipped, “fill Bern” at`), answer);
  assert.ok(answer.includes(skipped.sentence), answer);
  assert.match(answer, /The next heavy test is “fill (Lyon|Zurich)” at/);
  assert.deepEqual(
    await page.locator("nav a").allInnerTexts(),
    ["Overview", "Paths", "Tests", "Timeline", "This node", "Help"],
  );
  return answer;
});

check("a skipped run explains itself, and its link shows the same to a colleague", async () => {
  await open("?span=6h");
  assert.match(skipped.sentence, /busy with its own test "fill Zurich" until .*without a spread/);
  await page.getByRole("button", { name: "Larger" }).click();
  await until(() => page.url().includes("from="), 5000);
  await open(`?from=${iso(Date.now() / 1000 - 240)}&to=${iso(Date.now() / 1000 + 120)}`);
  await block("fill Bern · skipped").click();
  await details().getByRole("link", { name: "its result" }).waitFor();
  const told = await details().innerText();
  assert.ok(told.includes(skipped.sentence), told);
  assert.match(told, /Outcome\s+skipped/);
  assert.match(told, /Asked for by\s+the schedule/);
  assert.match(told, /Begun\s+never/);
  await page.screenshot({ path: `${kPictures}/timeline-skipped.png` });
  const other = await watchedPage(browser, { storage });
  await other.page.goto(page.url());
  await details(other.page).getByRole("link", { name: "its result" }).waitFor();
  assert.equal(await details(other.page).innerText(), told);
  await other.context.close();
});

check("a run that was done tells who asked, when, how long, and leads to its result and its test", async () => {
  await open(`?block=${done.run}`);
  await details().getByRole("link", { name: "its result" }).waitFor();
  assert.match(await details().innerText(), /Outcome\s+done[^]*Asked for by\s+web: admin[^]*Begun[^]*Ended[^]*after/);
  await details().getByRole("link", { name: "fill Lyon" }).click();
  await page.getByRole("heading", { name: "fill Lyon" }).waitFor();
});

check("a test from outside comes into the picture by itself, with its address, and takes no selection away", async () => {
  await open(`?block=${done.run}`);
  const outside = page.locator("[data-track=outside] .tl-block");
  assert.equal(await outside.count(), 0);
  const client = await iperf3Client(5201 + node.offset, "-t", "1");
  assert.equal(client.ended, 0, client.said);
  await page.locator("[data-track=outside] .tl-block[aria-label*=' · done']").waitFor();
  assert.match(await outside.first().getAttribute("aria-label"), /test from 127\.0\.0\.1 · done in .* · 127\.0\.0\.1, from outside/);
  assert.match(await details().innerText(), /fill Lyon/);
  await outside.first().click();
  assert.match(await details().innerText(), /Why\s+TCP, [\d.]+ [MG]B of payload\./);
});

check("one that the node refuses says why, with who asked", async () => {
  await call("POST", `/tests/${long.id}/run`, {});
  await until(async () => (await line()).blocks.some((b) => b.test === long.id && b.state === "running"), 10000);
  const client = await iperf3Client(5201 + node.offset, "-t", "1");
  assert.notEqual(client.ended, 0);
  await open("?only=troubled");
  const row = page.locator(".tl-table tr", { hasText: "test from 127.0.0.1" });
  await row.waitFor();
  assert.match(await row.innerText(), /refused[^]*Refused: this node has a test of its own until/);
  assert.equal(await page.locator(".tl-table tr", { hasText: "ping" }).count(), 0);
  // An earlier run of it is done already: the slot is free once none of them runs.
  await until(async () => !(await line()).blocks.some((b) => b.test === long.id && b.state === "running"), 20000);
});

check("what is planned is outlined, and a gap offers tests now or once, in a form that is filled in", async () => {
  await open("?span=6h");
  assert.ok((await page.locator("[data-track=planned] .tl-bar.planned").count()) > 0);
  await page.locator(".tl-gap").first().focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Run something here" });
  const first = dialog.locator(".tl-choices li").first();
  await first.waitFor();
  assert.match(await first.innerText(), /fill (Lyon|Zurich|Bern)[^]*heavy/);
  assert.match(await dialog.locator(".tl-choices li").last().innerText(), /light/);
  await page.screenshot({ path: `${kPictures}/timeline-gap.png` });
  const lyon = dialog.locator(".tl-choices li", { hasText: "fill Lyon" });
  // Well ahead of now and before "fill Lyon": the checks below find the slot free.
  const once = await page.evaluate(localMinute, iso(Date.now() / 1000 + 2400));
  await dialog.locator("#gap-at").fill(once);
  await lyon.getByRole("link", { name: /Run once at/ }).click();
  await page.locator("#f-at").waitFor();
  assert.equal((await page.locator("#f-at").inputValue()).slice(0, 16), once);
  assert.equal(await page.locator("#f-kind").inputValue(), "once");
  assert.equal(await page.locator("#f-title").inputValue(), "fill Lyon, once");
  await page.getByRole("button", { name: "Add test" }).click();
  await page.getByRole("heading", { name: "fill Lyon, once" }).waitFor();
  await open("?span=6h");
  await block("fill Lyon, once · planned").first().waitFor();
});

check("a click into the free future means that time, in every track of the slot", async () => {
  await open("?span=6h");
  const view = await page.locator(".tl-plot").boundingBox();
  const now = Date.now() / 1000;
  for (const share of [0.15, 0.5, 0.85]) {
    await page.mouse.click(view.x + view.width * 0.75, view.y + view.height * share);
    const dialog = page.getByRole("dialog", { name: "Run something here" });
    const chosen = await dialog.locator("#gap-at").inputValue();
    const meant = await page.evaluate((text) => Date.parse(text) / 1000, chosen);
    assert.ok(Math.abs(meant - (now + 1.5 * 3600)) < 400, `${chosen} is not an hour and a half from now`);
    await dialog.getByRole("button", { name: "Close" }).click();
  }
});

check("a time that is taken says by what", async () => {
  await open("?span=6h");
  await page.locator(".tl-gap").first().focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Run something here" });
  const lyon = dialog.locator(".tl-choices li", { hasText: "fill Lyon" }).first();
  await lyon.waitFor();
  const planned = (await line()).blocks.find((b) => b.title === "fill Lyon, once" && b.state === "planned");
  await dialog.locator("#gap-at").fill(await page.evaluate(localMinute, planned.planned));
  await lyon.getByText(/“fill Lyon, once” has the slot from|before “fill Lyon, once”/).waitFor();
  assert.ok(await lyon.getByRole("button", { name: "Run once" }).isDisabled());
  await dialog.getByRole("button", { name: "Close" }).click();
});

check("Run now in the gap at now runs it", async () => {
  await open();
  const before = (await line()).blocks.filter((b) => b.test === fill.id && b.state === "done").length;
  await page.locator(".tl-gap").first().focus();
  await page.keyboard.press("Enter");
  const lyon = page.getByRole("dialog").locator(".tl-choices li", { hasText: "fill Lyon" }).first();
  await lyon.getByRole("button", { name: "Run now" }).click();
  await lyon.getByText("runs now").waitFor();
  await page.keyboard.press("Escape");
  await until(async () => (await line()).blocks.filter((b) => b.test === fill.id && b.state === "done").length > before, 20000);
});

check("a pause is added with its errors at the field, shades both lanes, skips what is planned, is deleted and put back", async () => {
  await open();
  const part = page.getByRole("region", { name: "Pauses" });
  await part.getByText("No pause: this node measures all day.").waitFor();
  await part.getByRole("button", { name: "Add a pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause" });
  const planned = (await line()).blocks.filter((b) => b.test === fill.id && b.state === "planned").at(-1);
  const hour = planned.planned.slice(11, 13);
  await dialog.getByLabel("Name").fill("backup");
  await dialog.getByLabel("Begins at").fill("25:00");
  await dialog.getByLabel("Ends at").fill(`${hour}:59`);
  await dialog.getByRole("button", { name: "Save pause" }).click();
  await dialog.getByText("The begin “25:00” is not a time of day").waitFor();
  await dialog.getByLabel("Begins at").fill(`${hour}:00`);
  await dialog.getByRole("button", { name: "Save pause" }).click();
  await dialog.waitFor({ state: "detached" });
  await part.getByText(`Nobody measures from ${hour}:00 to ${hour}:59 UTC every day (backup).`).waitFor();
  await page.locator("[data-track=pauses] .tl-block").last().click();
  await details().getByText("Nobody measures from").waitFor();
  assert.ok((await page.locator(".tl-pause").count()) > 0);
  await block("fill Lyon · will be skipped").first().waitFor();
  await page.locator(".tl-gap.paused").last().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Nothing can run here" }).getByText("(backup)").waitFor();
  await page.getByRole("button", { name: "Close" }).last().click();
  await page.screenshot({ path: `${kPictures}/timeline.png`, fullPage: true });
  await part.getByRole("button", { name: "Delete" }).click();
  await part.getByText("is deleted").waitFor();
  assert.equal((await call("GET", "/pause-windows")).items.length, 0);
  await part.getByRole("button", { name: "Put it back" }).click();
  await part.getByRole("button", { name: "Delete" }).waitFor();
  assert.equal((await call("GET", "/pause-windows")).items[0].name, "backup");
});

check("a rule that only the node knows stands at its field too", async () => {
  await open();
  const part = page.getByRole("region", { name: "Pauses" });
  await part.getByRole("button", { name: "Add a pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause" });
  const there = (await call("GET", "/pause-windows")).items[0];
  await dialog.getByLabel("Name").fill(there.name);
  await dialog.getByLabel("Begins at").fill(there.begin);
  await dialog.getByLabel("Ends at").fill(there.end);
  await dialog.getByRole("button", { name: "Save pause" }).click();
  await dialog.locator("#f-begin-under", { hasText: "each pause once" }).waitFor();
  await dialog.getByRole("button", { name: "Leave" }).click();
});

check("a pause is edited; one that somebody else changed meanwhile is refused with a sentence, and the second try holds", async () => {
  const part = page.getByRole("region", { name: "Pauses" });
  await part.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause" });
  await dialog.getByLabel("Name").fill("nightly backup");
  await dialog.getByLabel("Sat").uncheck();
  let old = true;
  await page.route("**/api/v1/pause-windows", (route) => {
    const headers = { ...route.request().headers() };
    if (route.request().method() === "PUT" && old) {
      headers["if-match"] = '"1"';
      old = false;
    }
    return route.continue({ headers });
  });
  await dialog.getByRole("button", { name: "Save pause" }).click();
  await dialog.locator(".refused").waitFor();
  const said = await dialog.locator(".refused").innerText();
  await dialog.getByRole("button", { name: "Save pause" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.unroute("**/api/v1/pause-windows");
  await part.getByText(/on Mon, Tue, Wed, Thu, Fri, Sun \(nightly backup\)/).waitFor();
  assert.equal((await call("GET", "/pause-windows")).items.length, 1);
  return said;
});

check("without a mouse: Tab comes to each track, arrows go along and across, Enter opens, Escape closes", async () => {
  // So near that runs some seconds apart are blocks of their own, however fast this went.
  await open(`?from=${iso(Date.now() / 1000 - 240)}&to=${iso(Date.now() / 1000 + 60)}`);
  const here = () => page.evaluate(() => document.activeElement.closest("[data-track]")?.dataset.track ?? "");
  const tracks = new Set();
  for (let i = 0; i < 40 && !tracks.has("outside"); ++i) {
    await page.keyboard.press("Tab");
    if (await here()) tracks.add(await here());
  }
  assert.deepEqual([...tracks], ["gaps", "planned", "by hand", "outside"]);
  await page.locator("[data-track='by hand'] .tl-block[tabindex='0']").focus();
  const word = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.keyboard.press("Home");
  const first = await word();
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await word(), first);
  assert.equal(await page.locator(".tl-words").innerText(), await word());
  await page.keyboard.press("ArrowDown");
  assert.equal(await here(), "outside");
  await page.keyboard.press("Enter");
  await details().waitFor();
  await page.keyboard.press("Escape");
  await details().waitFor({ state: "detached" });
});

check("dragging enlarges, the address holds it, and a click stays a click", async () => {
  await open();
  const frame = await page.locator(".tl-plot").boundingBox();
  await page.mouse.move(frame.x + frame.width * 0.4, frame.y + 5);
  await page.mouse.down();
  await page.mouse.move(frame.x + frame.width * 0.6, frame.y + 8, { steps: 5 });
  await page.mouse.up();
  await until(() => page.url().includes("from="), 5000);
  assert.equal(await page.getByRole("dialog").count(), 0);
  const query = new URLSearchParams(page.url().split("?")[1]);
  const hours = (Date.parse(query.get("to")) - Date.parse(query.get("from"))) / 3600e3;
  assert.ok(Math.abs(hours - 9.6) < 0.3, `${hours} h`);
  await page.keyboard.press("+");
  await until(() => page.url() !== "" && new URLSearchParams(page.url().split("?")[1]).get("to") !== query.get("to"), 5000);
  await page.getByRole("button", { name: "Now in the middle" }).click();
  await until(() => !page.url().includes("from="), 5000);
});

check("a link to a day long ago tells of that day, not of today", async () => {
  await page.goto(`${node.base}/#/timeline?from=2026-01-05T00:00:00Z&to=2026-01-05T06:00:00Z`);
  await page.locator(".tl-answer", { hasText: /was not used from \d\sJan .* to \d\sJan/ }).waitFor();
  assert.doesNotMatch(await page.locator(".tl-answer").innerText(), /last 24 h|next/);
  assert.equal(await page.locator(".tl-gap").count(), 0);
});

check("a dense day says how many runs are in a place, and what is left out is said in words", async () => {
  const other = await watchedPage(browser, { storage });
  await other.page.route("**/api/v1/timeline*", async (route) => {
    const told = await (await route.fetch()).json();
    const like = told.blocks.find((b) => b.test === fill.id && b.run);
    const now = Date.parse(told.now) / 1000;
    for (let i = 0; i < 600; ++i)
      told.blocks.push({
        ...like,
        run: `made-${i}`,
        lane: i % 10 ? "light" : "heavy",
        state: i % 50 ? "done" : "failed",
        sentence: i % 50 ? "Done." : "Nobody answers.",
        planned: iso(now - 3600 - i * 60),
        begin: iso(now - 3600 - i * 60),
        end: iso(now - 3590 - i * 60),
      });
    await route.fulfill({ json: { ...told, runs_left_out: 1234, tests_not_read: 7 } });
  });
  await open("", other.page);
  const bundle = other.page.locator(`.tl-block[aria-label*="done, "][aria-label*=" failed"]`).first();
  assert.match(await bundle.getAttribute("aria-label"), /\d+\sruns: /);
  await bundle.click();
  await details(other.page).getByText("Enlarge this time").waitFor();
  await other.page.getByText("The past of 7 tests is not in this picture").waitFor();
  await other.page.getByText("1\u202f234\u00a0further runs had no room").waitFor();
  await other.page.screenshot({ path: `${kPictures}/timeline-dense.png` });
  await other.context.close();
});

for (const theme of ["light", "dark"]) {
  check(`on a phone it is readable, without sideways scroll: ${theme}`, async () => {
    const phone = await watchedPage(browser, { width: 390, theme, storage });
    await open(`?block=${skipped.run}&only=heavy`, phone.page);
    await details(phone.page).waitFor();
    assert.equal(await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    assert.deepEqual(await faintTexts(phone.page), []);
    assert.deepEqual(await namelessControls(phone.page), []);
    const top = async () => (await phone.page.locator(".tl-picture").boundingBox()).y;
    const before = await top();
    for (const one of await phone.page.locator(".tl-block, .tl-gap").all()) {
      await one.focus();
      assert.equal(await top(), before, await one.getAttribute("aria-label"));
    }
    await phone.page.screenshot({ path: `${kPictures}/timeline-390-${theme}.png`, fullPage: true });
    assert.deepEqual(phone.seen.said, []);
    await phone.context.close();
  });
}

check("a viewer reads all of it and has nothing to change", async () => {
  const password = `made for a viewer ${process.pid} ${Date.now()}`;
  await call("POST", "/users", { name: "vera", role: "viewer", password });
  const viewer = await watchedPage(browser);
  await viewer.page.goto(`${node.base}/#/login`);
  await viewer.page.fill("#f-user", "vera");
  await viewer.page.fill("#f-password", password);
  await viewer.page.getByRole("button", { name: "Log in" }).click();
  await viewer.page.getByRole("link", { name: "Timeline" }).click();
  await block("fill Lyon", viewer.page).first().waitFor();
  await viewer.page.getByText("Nobody measures from").first().waitFor();
  assert.equal(await viewer.page.locator(".tl-gap").count(), 0);
  for (const name of ["Add a pause", "Edit", "Delete"])
    assert.equal(await viewer.page.getByRole("button", { name }).count(), 0, name);
  await viewer.context.close();
});

check("nothing was said on the console, and nothing asked of anyone else", () => {
  // The pauses that the node refused are lines of the browser's own.
  assert.deepEqual(
    seen.said.filter((s) => !/4(12|22) .*pause-windows/.test(s)),
    [],
  );
  assert.deepEqual(seen.foreign, []);
  assert.deepEqual(seen.failed, []);
});

await run(async () => {
  await browser.close();
  await node.stop();
});
