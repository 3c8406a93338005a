// What holds for every page: read without a mouse, contrast, names of controls, stillness, weight, nothing from elsewhere.
import { assert, check, run } from "./support/check.mjs";
import { faintTexts, launch, namelessControls, watchedPage } from "./support/chromium.mjs";
import { setUpNode } from "./support/set_up.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";

inOwnNetwork(import.meta.url);

const kPages = [
  "overview",
  "paths",
  "tests",
  "tests/new",
  "timeline",
  "peers",
  "peers/new",
  "node",
  "node/ports",
  "node/limits",
  "node/settings",
  "node/users",
  "node/tokens",
  "node/certificate",
  "node/backup",
  "node/account",
  "help",
  "help/backup",
  "help/clocks",
  "help/fitness",
  "node/fit",
];
const kMost = 250e3;

const { node, login, paths, tests } = await setUpNode({ peers: ["192.0.2.10", "127.0.0.2"] });
const browser = await launch();
const { page: first, context: session } = await watchedPage(browser);
await login(first);
const storage = await session.storageState();

check("the first load weighs less than 250 kB, all of it from the node itself", async () => {
  const { page, seen, context } = await watchedPage(browser);
  let weight = 0,
    count = 0;
  const wire = await context.newCDPSession(page);
  await wire.send("Network.enable");
  wire.on("Network.loadingFinished", (e) => ((weight += e.encodedDataLength), ++count));
  await page.goto(`${node.base}/`);
  await page.locator("#f-user").waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(weight > 20e3 && weight < kMost, `${weight} bytes`);
  assert.deepEqual(seen.foreign, []);
  const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  await context.close();
  return `${(weight / 1000).toFixed(0)} kB in ${count} answers, first content after ${painted?.toFixed(0)} ms`;
});

for (const theme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    check(`every page is readable, named and still: ${theme}, ${width} px`, async () => {
      const { page, seen, context } = await watchedPage(browser, { width, theme, storage });
      const wrong = [];
      for (const name of [...kPages, `paths/${paths[0].id}`, `tests/${tests[0].id}`, `tests/${tests[0].id}?edit=1`]) {
        await page.goto("about:blank");
        await page.goto(`${node.base}/#/${name}`);
        await page.locator("main h1").first().waitFor({ state: "attached" });
        await page.waitForTimeout(700);
        const faint = await faintTexts(page),
          nameless = await namelessControls(page);
        const { moved, wide } = await page.evaluate(() => ({
          moved: window.layoutMoved,
          wide: document.documentElement.scrollWidth - innerWidth,
        }));
        if (faint.length) wrong.push(`${name}: faint ${faint.join(", ")}`);
        if (nameless.length) wrong.push(`${name}: without a name ${nameless.join(", ")}`);
        if (moved > 0.1) wrong.push(`${name}: moved by ${moved.toFixed(3)}`);
        if (wide > 0) wrong.push(`${name}: ${wide} px too wide`);
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(seen.said, []);
      assert.deepEqual(seen.failed, []);
      await context.close();
    });
  }
}

check("everything on a page is reached with Tab, and where one is can be seen", async () => {
  const { page, context } = await watchedPage(browser, { storage });
  await page.goto(`${node.base}/#/tests`);
  await page.getByRole("link", { name: "Add a test" }).waitFor();
  const reached = new Set();
  for (let i = 0; i < 60; ++i) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const e = document.activeElement;
      return {
        what: (e.getAttribute("aria-label") || e.textContent).trim(),
        outline: getComputedStyle(e).outlineStyle !== "none" || e === document.body,
      };
    });
    assert.ok(here.outline, `no outline on ${here.what}`);
    reached.add(here.what);
  }
  for (const wanted of ["Overview", "Tests", "Help", "Search", "Change theme", "Add a test", "Pause"])
    assert.ok(
      [...reached].some((r) => r.startsWith(wanted)),
      `${wanted} is not reached`,
    );
  await context.close();
  return `${reached.size} stops`;
});

check("the address is the state: range, folds and comparison are the same for who opens the link", async () => {
  const { page, context } = await watchedPage(browser, { storage });
  await page.goto(`${node.base}/#/paths/${paths[0].id}`);
  await page.getByRole("button", { name: "6\u00a0h" }).click();
  await page.getByText("compare with the week before").click();
  await page.getByRole("button", { name: "Loss" }).click();
  const link = page.url();
  const other = await watchedPage(browser, { storage });
  await other.page.goto(link);
  await other.page.locator("button[aria-pressed=true]", { hasText: "6\u00a0h" }).waitFor();
  assert.ok(await other.page.getByLabel("compare with the week before").isChecked());
  assert.equal(await other.page.getByRole("button", { name: "Loss" }).getAttribute("aria-expanded"), "false");
  await other.context.close();
  await context.close();
  return link.split("#")[1];
});

check("every link of the help leads somewhere", async () => {
  const { page, context } = await watchedPage(browser, { storage });
  await page.goto(`${node.base}/#/help`);
  const chapters = page.locator('nav[aria-label=Chapters] a');
  await chapters.first().waitFor();
  const all = await chapters.evaluateAll((links) => links.map((a) => a.getAttribute("href")));
  for (const chapter of all) {
    await page.goto(node.base + "/" + chapter);
    await page.locator(`nav[aria-label=Chapters] a[href="${chapter}"][aria-current=page]`).waitFor();
    await page.locator(".prose h1").waitFor();
    assert.deepEqual(await page.locator(".prose a:not([href])").allInnerTexts(), [], chapter);
    for (const to of await page.locator('.prose a[href^="#/help/"]').evaluateAll((links) => links.map((a) => a.getAttribute("href"))))
      assert.ok(all.includes(to), `${chapter} leads to ${to}`);
  }
  await context.close();
  return `${all.length} chapters`;
});

check("a chosen theme holds, and the canvas follows it", async () => {
  const { page, context } = await watchedPage(browser, { storage });
  await page.goto(`${node.base}/#/node`);
  await page.getByLabel("Change theme").click();
  await page.getByLabel("Change theme").click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.reload();
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(18, 22, 27)");
  await context.close();
});

check("100,000 points are drawn and panned", async () => {
  const { page, context } = await watchedPage(browser, { storage });
  await page.goto(`${node.base}/#/overview`);
  await page.locator("main").waitFor();
  const frames = await page.evaluate(async () => {
    const root = document.querySelector("script[type=module]").src;
    const { makePlot } = await import(new URL("chart/plot.js", root));
    const { drawEnvelope } = await import(new URL("parts/packet_chart.js", root));
    const t = Array.from({ length: 200000 }, (_, i) => i * 0.1),
      delay = t.map((x, i) => 0.01 + 0.001 * Math.sin(x / 50) + 0.0005 * ((i * 7919) % 13));
    const place = document.body.appendChild(document.createElement("div"));
    place.style.width = "1200px";
    const plot = makePlot(place, {
      height: 180,
      timeLabels: true,
      y: { labels: (v) => v.map(String) },
      draw: (pen) => drawEnvelope(pen, { t, delay }, "rgb(0, 114, 178)"),
    });
    const took = [];
    for (let i = 0; i < 60; ++i) {
      const begun = performance.now();
      plot.set([i * 20, i * 20 + 10000], [0.008, 0.02]);
      await new Promise(requestAnimationFrame);
      took.push(performance.now() - begun);
    }
    plot.destroy();
    place.remove();
    return took.sort((a, b) => a - b);
  });
  await context.close();
  assert.equal(frames.length, 60);
  return `60 steps over 100,000 points: median ${frames[30].toFixed(1)} ms, slowest ${frames[59].toFixed(1)} ms each with its frame`;
});

await run(async () => {
  await browser.close();
  await node.stop();
});
