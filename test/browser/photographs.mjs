// Every page with 0, 3, 40 and 400 paths, over an hour, a month and a year, light and dark, wide and narrow: pictures to
// be looked at, in build/pictures. What can be checked without eyes is checked: nothing is wider than the screen, nothing
// said on the console. The whole set takes ten minutes: "scripts/test --long"; else 400 paths, half of the
// looks and most ranges on the phone are left out, and the year is kept by the hour. PATHS=3,40 takes only those.
import { mkdirSync, mkdtempSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, check, run } from "./support/check.mjs";
import { launch, watchedPage } from "./support/chromium.mjs";
import { openNode, setUpNode } from "./support/set_up.mjs";
import { until } from "./support/node.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";

inOwnNetwork(import.meta.url);

const kRoot = new URL("../../", import.meta.url).pathname;
const kPictures = process.env.SONDE_PICTURES ?? join(kRoot, "build/pictures");
const kGenerator = process.env.SONDE_GENERATE_YEAR ?? join(kRoot, "build/release/test/support/generate_year");
const kLong = Boolean(process.env.SONDE_TEST_LONG);
const kCounts = (process.env.PATHS ?? (kLong ? "0,3,40,400" : "0,3,40")).split(",").map(Number);
const kRanges = ["1h", "1m", "1y"];
const kAllLooks = [
  { theme: "light", width: 1440 },
  { theme: "dark", width: 390 },
  { theme: "dark", width: 1440 },
  { theme: "light", width: 390 },
];
const kLooks = kLong ? kAllLooks : kAllLooks.slice(0, 2);
const kStill = [
  "overview",
  "paths",
  "tests",
  "tests/new",
  "peers",
  "peers/new",
  "node/ports",
  "node/settings",
  "help/reading_the_graphs",
];

/** A data folder with that many paths, each with a year behind it; the first three tell a prepared story. */
function yearOf(paths) {
  const data = mkdtempSync(join(tmpdir(), "sonde-pictures-"));
  const made = spawnSync(
    kGenerator,
    [data, "--paths", String(paths), "--cases", "--own-tests", ...(kLong && paths <= 3 ? ["--full-step-year"] : [])],
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`generate_year ended with ${made.status}: ${made.error ?? made.stderr}`);
  return data;
}

const nameOf = (page) => page.replace(/[^a-z]+/gi, "-").replace(/^-|-$/g, "");

/** Path, node and test are looked at over each range; the other pages have none. With few paths each is looked at. */
function views(paths, tests, ranges) {
  const ranged = [["node", "node"]];
  const shown = paths.length <= 3 ? paths : [paths[0], paths.at(-1)];
  shown.forEach((path) => ranged.push([`paths/${path.id}`, "path-" + path.peer_name.split(".")[0]]));
  if (tests.length) ranged.push([`tests/${tests[0].id}`, "test"]);
  return [
    ...kStill.map((page) => ({ address: page, name: nameOf(page) })),
    ...ranged.flatMap(([page, name]) => ranges.map((r) => ({ address: `${page}?range=${r}`, name: `${name}-${r}` }))),
  ];
}

/** After a start the node reads each path's past; until then no path is judged by it. */
async function pastRead(made) {
  const unread = (p) => p.directions.some((d) => d.normal_delay === null);
  await until(async () => !(await made.call("GET", "/paths")).items.some(unread), 60000, () => "a path's past is not read");
}

async function photograph(browser, made, count, { theme, width }) {
  const folder = join(kPictures, `${count}-paths`, `${theme}-${width}`);
  mkdirSync(folder, { recursive: true });
  if (count <= 40) await pastRead(made);
  const height = width > 800 ? 900 : 844;
  const { page, seen, context } = await watchedPage(browser, { theme, width, height });
  await made.login(page);
  await page.mouse.move(0, 0);
  const wrong = [];
  for (const { address, name } of views(made.paths, made.tests, kLong || width > 800 ? kRanges : ["1m"])) {
    await page.goto(`${made.node.base}/#/${address}`);
    await page.locator("main").waitFor();
    await page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true]"), null, { timeout: 5000 }).catch(() => {});
    await page.waitForTimeout(400);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    // As high as the page, so that what stands at the foot of the screen stands at the foot of the picture.
    const high = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.min(high, 12000) });
    await page.screenshot({ path: join(folder, name + ".png") });
    await page.setViewportSize({ width, height });
    if (await page.locator("main .refused").count()) wrong.push(`${name} says ${await page.locator("main .refused").first().innerText()}`);
    if (wide > 0) wrong.push(`${name} is ${wide} px too wide`);
  }
  await context.close();
  assert.deepEqual(wrong, []);
  assert.deepEqual(seen.said, []);
  return folder;
}

const browser = await launch();
const empty = await setUpNode();
let made = null;
for (const count of kCounts) {
  check(`a node with ${count} paths opens its page`, async () => {
    if (made && made !== empty) await made.node.stop();
    made = count ? await openNode(yearOf(count), empty, count) : empty;
    assert.equal(made.paths.length, count);
  });
  for (const look of kLooks) {
    check(`${count} paths, ${look.theme}, ${look.width} px: pictures`, () => photograph(browser, made, count, look));
  }
}

await run(async () => {
  await browser.close();
  if (made !== empty) await made?.node.stop();
  await empty.node.stop();
});
