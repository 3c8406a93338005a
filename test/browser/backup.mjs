// A backup made on one node's page, restored on another's: the same graphs there, and the way back.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, check, run } from "./support/check.mjs";
import { launch, watchedPage } from "./support/chromium.mjs";
import { ask, until } from "./support/node.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";
import { openNode, setUpNode } from "./support/set_up.mjs";

inOwnNetwork(import.meta.url);

const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
const kGenerate = new URL("../../build/release/test/support/generate_year", import.meta.url).pathname;
mkdirSync(kPictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "sonde-backup-"));
const file = join(folder, "backup.tar.gz");

// The first node has a year of paths; the second is fresh and set up.
const b = await setUpNode();
execFileSync(kGenerate, [join(folder, "a"), "--paths", "2"]);
const a = await openNode(join(folder, "a"), b, 2);
const browser = await launch();
const year = await a.call("GET", "/tests");
// as the generator ends it; the minute after belongs to nobody
const end = new Date(Math.floor(Date.now() / 60e3) * 60e3).toISOString();
const range = { from: new Date(Date.parse(end) - 30 * 86400e3).toISOString(), to: end };

const readings = async (of) => {
  const all = {};
  for (const test of year.items)
    for (const direction of ["forward", "reverse"]) {
      const query = new URLSearchParams({ direction, ...range, resolution: "1 h" });
      all[`${test.id} ${direction}`] = await of.call("GET", `/tests/${test.id}/smoke?${query}`);
    }
  return all;
};

/** The drawn pixels of each chart, and how many of them there are. */
async function drawn(page, base) {
  await page.goto(`${base}/#/paths/${a.paths[0].id}?${new URLSearchParams(range)}`);
  await page.locator("section.strip[aria-label='Delay'] canvas, section.strip canvas").first().waitFor();
  let last;
  // until nothing is drawn any more
  return until(async () => {
    const now = await page.evaluate(() =>
      [...document.querySelectorAll("section.strip canvas")].map((c) => c.toDataURL()),
    );
    await new Promise((soon) => setTimeout(soon, 400));
    const still = JSON.stringify(now) === JSON.stringify(last) && now.some((picture) => picture.length > 5000);
    last = now;
    return still && now;
  }, 30000);
}

const first = await watchedPage(browser);
await a.login(first.page);
const second = await watchedPage(browser);
await b.login(second.page);
let before;

check("a backup is downloaded from the page, which says what is not in it", async () => {
  const { page, seen } = first;
  before = await drawn(page, a.node.base);
  await page.screenshot({ path: `${kPictures}/backup-a.png` });
  await page.goto(`${a.node.base}/#/node/backup`);
  await page.getByText("Not in it:").waitFor();
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download a backup" }).click();
  const download = await waiting;
  assert.match(download.suggestedFilename(), /^sonde-sonde-here\.example\.net-\d{4}-\d\d-\d\d\.tar\.gz$/);
  await download.saveAs(file);
  await until(async () => (await a.call("GET", "/backup/state")).doing === "nothing", 20000);
  const names = execFileSync("tar", ["tzf", file]).toString().trim().split("\n");
  assert.equal(names[0], "backup.json");
  assert.equal(names.at(-1), "SHA256SUMS");
  assert.ok(!names.includes("access.json"));
  const access = JSON.parse(readFileSync(join(a.node.data, "access.json")));
  const inside = execFileSync("tar", ["xOzf", file], { maxBuffer: 1 << 30 });
  assert.equal(inside.indexOf(access.users[0].password), -1);
  assert.deepEqual(seen.said, []);
  return `${names.length} files, ${readFileSync(file).length} bytes`;
});

check("a file that is no backup is refused in words, and nothing changes", async () => {
  const { page } = second;
  const wrong = join(folder, "wrong.tar.gz");
  writeFileSync(wrong, readFileSync(file).subarray(0, 50000));
  await page.goto(`${b.node.base}/#/node/backup`);
  await page.getByText("Choose the file first.").waitFor();
  await page.screenshot({ path: `${kPictures}/backup-page.png`, fullPage: true });
  await page.setInputFiles("input[type=file]", wrong);
  await page.getByText("Say whether this is the same node or a copy.").waitFor();
  await page.getByText("the same node", { exact: true }).click();
  await page.getByRole("button", { name: "Restore this backup" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input").fill("restore");
  await dialog.getByRole("button", { name: "Restore backup" }).click();
  await page.getByText("is no whole backup of Sonde").waitFor();
  await page.screenshot({ path: `${kPictures}/backup-refused.png`, fullPage: true });
  assert.equal((await b.call("GET", "/tests")).items.filter((t) => !t.self_check).length, 0);
});

check("the backup is restored on the fresh node, which asks for a login and has the same graphs", async () => {
  const { page } = second;
  await page.setInputFiles("input[type=file]", file);
  await page.getByRole("button", { name: "Restore this backup" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input").fill("restore");
  await page.screenshot({ path: `${kPictures}/backup-asked.png` });
  await dialog.getByRole("button", { name: "Restore backup" }).click();
  // the year's node lets anybody read, so it is this part that asks
  await page.getByText("This part is shown to administrators.").waitFor({ timeout: 60000 });
  await b.login(page);
  await b.call("POST", "/session", { user: "admin", password: b.password });
  assert.deepEqual((await b.call("GET", "/tests")).items.map((t) => t.id), year.items.map((t) => t.id));
  assert.deepEqual(await readings(b), await readings(a));
  const after = await drawn(page, b.node.base);
  await page.screenshot({ path: `${kPictures}/backup-b.png` });
  assert.ok(before.length > 1 && before.some((picture) => picture.length > 5000));
  assert.equal(after.length, before.length);
  assert.deepEqual(
    after.map((picture, i) => picture === before[i]),
    before.map(() => true),
    "the charts are not drawn the same",
  );
  return `${after.length} canvases alike`;
});

check("what was before can be brought back", async () => {
  const { page } = second;
  await page.goto(`${b.node.base}/#/node/backup`);
  await page.getByRole("button", { name: "Go back to what was before" }).waitFor();
  for (const [width, theme] of [
    [1440, "light"],
    [390, "dark"],
  ]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: theme });
    await page.screenshot({ path: `${kPictures}/backup-restored-${width}-${theme}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Go back to what was before" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Go back" }).click();
  await page.locator("#f-user").waitFor({ timeout: 60000 });
  await b.call("POST", "/session", { user: "admin", password: b.password });
  assert.equal((await b.call("GET", "/tests")).items.filter((t) => !t.self_check).length, 0);
  assert.deepEqual(second.seen.foreign, []);
  assert.equal((await ask(b.node.base, "/api/v1/health")).status, 200);
});

await run(async () => {
  await browser.close();
  await a.node.stop();
  await b.node.stop();
  rmSync(folder, { recursive: true, force: true });
});
