// "This machine" and what every page says of it, with a live appliance whose root helper is played: the answers of the
// node are made here, the pages are real. test/image/machine_page.mjs has the real ones.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, check, run } from "./support/check.mjs";
import { faintTexts, launch, namelessControls, watchedPage } from "./support/chromium.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";
import { setUpNode } from "./support/set_up.mjs";

inOwnNetwork(import.meta.url);

const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
mkdirSync(kPictures, { recursive: true });
const { node, call, login } = await setUpNode();
const browser = await launch();
const image = join(node.data, "upgrade.iso");
writeFileSync(image, Buffer.alloc(1 << 20));

const kKey = "0123456789abcdef";
const drive = (name, serial, content, more = {}) => ({
  name,
  serial,
  content,
  title: `Samsung SSD 870${serial ? `, serial number ${serial}` : ""}`,
  bytes: 500_107_862_016,
  proof: serial || name,
  ours: false,
  whole: true,
  in_use: false,
  install_sentence: "",
  ...more,
});
const kNone = { state: "none", from: "", done_bytes: 0, total_bytes: 0, version: "", older: false, sentence: "" };
const fromMedium = () => ({
  known: true,
  sentence: "",
  data: { in_memory: true, device: "", encrypted: false, bytes: 0, free_bytes: 0, bad: false, sentence: "" },
  drives: [
    drive("sda", "S5R1NJ0W", "3 partitions: ntfs \"Windows\""),
    drive("sda1", "", "Sonde's data", { title: "partition of sda", whole: false, ours: true, install_sentence: "This is a part of a drive." }),
    drive("sdb", "", "empty", { bytes: 2_000_000_000, install_sentence: "The disk sdb is too small: it has 2.0 GB, and 4.3 GB are needed." }),
  ],
  network: [],
  watchdog: true,
  setup_file: { sentence: "", bad: false },
  systems: {
    installed: false,
    version: "0.2.0",
    development: false,
    built: "",
    on_trial: false,
    sentence: "",
    trial_well_s: 30,
    trial_limit_s: 300,
    slots: [],
  },
  work: null,
  image: kNone,
});
const installed = (more = {}) => {
  const now = fromMedium();
  now.data = { ...now.data, in_memory: false, device: "sda5", bytes: 490e9, free_bytes: 480e9 };
  now.drives = [drive("sda5", "", "Sonde's data", { title: "partition of sda", whole: false, ours: true, in_use: true, install_sentence: "This is a part of a drive." }), drive("sdb", "S5R1", "empty")];
  now.systems = {
    ...now.systems,
    installed: true,
    sentence: "System a runs.",
    slots: [
      { slot: "a", version: "0.2.0", development: false, signed_by: kKey, state: "runs", sentence: "" },
      { slot: "b", version: "0.1.0+development", development: true, signed_by: kKey, state: "before", sentence: "" },
    ],
  };
  return { ...now, ...more };
};

/** A page of an appliance; `machine` may be changed, `asked` has what was sent, `refuse` answers instead. */
async function opened(machine, options = {}) {
  const seat = { machine, asked: [], refuse: null, ...(await watchedPage(browser, options)) };
  const told = () => ({
    in_memory: seat.machine.data.in_memory,
    bad: seat.machine.data.bad,
    sentence: seat.machine.data.sentence,
    on_trial: seat.machine.systems.on_trial,
  });
  await seat.page.route("**/api/v1/stream", (route) => route.abort());
  await seat.page.route("**/api/v1/node", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), machine: told() } });
  });
  await seat.page.route("**/api/v1/machine**", (route) => {
    const request = route.request();
    if (request.method() === "GET") return route.fulfill({ json: seat.machine });
    const body = request.headers()["content-type"].includes("json") ? request.postDataJSON() : "octets";
    seat.asked.push([request.method(), new URL(request.url()).pathname.replace("/api/v1", "") + new URL(request.url()).search, body]);
    if (seat.refuse) return route.fulfill({ status: seat.refuse.status, json: seat.refuse });
    return route.fulfill({ status: 202, json: request.method() === "PUT" ? seat.machine : { sentence: "It has begun." } });
  });
  await login(seat.page);
  await seat.page.goto(`${node.base}/#/node/machine`);
  await seat.page.getByRole("heading", { name: "Drives" }).waitFor();
  return seat;
}

/** The stream is played dead, which a browser tells. */
const quiet = (seen) => seen.said.filter((line) => !/stream/.test(line));

check("on a host that is no appliance nothing of a machine is shown", async () => {
  assert.equal((await call("GET", "/node")).machine, null);
  const { page, context } = await watchedPage(browser);
  await login(page);
  await page.goto(`${node.base}/#/node/machine`);
  await page.getByRole("link", { name: "Backup and restore" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "This machine" }).count(), 0);
  await context.close();
});

check("while data are in memory every page says so, and leads to the drives", async () => {
  const { page, seen, context } = await opened(fromMedium());
  await page.goto(`${node.base}/#/overview`);
  await page.getByText("Measurements are in memory and gone with the power").waitFor();
  await page.screenshot({ path: `${kPictures}/machine-overview.png` });
  await page.getByRole("link", { name: "choose a drive" }).click();
  await page.getByText("not encrypted").waitFor();
  assert.deepEqual(quiet(seen), []);
  await context.close();
});

check("a drive is formatted once its serial number was typed; what the node refuses stands at the field", async () => {
  const seat = await opened(fromMedium());
  const { page } = seat;
  const row = page.getByRole("row", { name: /^sda Samsung/ });
  await row.getByRole("button", { name: "Keep data here" }).click();
  seat.refuse = { status: 422, field: "typed", sentence: "That is not what sda is called." };
  await page.fill("#f-typed", "S5R2");
  await page.getByRole("button", { name: "Format and use" }).click();
  await page.locator("#f-typed-under.bad").getByText("That is not what sda is called.").waitFor();
  await page.screenshot({ path: `${kPictures}/machine-format.png` });
  seat.refuse = null;
  await page.fill("#f-typed", "S5R1NJ0W");
  await page.getByRole("button", { name: "Format and use" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual(seat.asked.at(-1), ["POST", "/machine/data", { drive: "sda", typed: "S5R1NJ0W", format: true }]);
  seat.machine.work = { what: "use-data", sentence: "Formatting sda; then the node starts anew with its data there.", done_bytes: 0, total_bytes: 0, ended: false, failed: false };
  await page.getByText("this page asks you to log in").waitFor();
  await seat.context.close();
});

check("data of ours are taken without typing, and a drive that cannot hold the system says why", async () => {
  const seat = await opened(fromMedium());
  const { page } = seat;
  await page.getByRole("row", { name: /^sda1/ }).getByRole("button", { name: "Keep data here" }).click();
  await page.getByRole("button", { name: "Use its data" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual(seat.asked.at(-1)[2], { drive: "sda1", typed: "", format: false });
  const small = page.getByRole("row", { name: /^sdb/ }).getByRole("button", { name: "Install here" });
  assert.ok(await small.isDisabled());
  assert.match(await small.getAttribute("title"), /too small/);
  await seat.context.close();
});

check("progress is the node's own: a page that is loaded again goes on showing it", async () => {
  const work = { what: "upgrade", sentence: "writing the image", done_bytes: 30e6, total_bytes: 73e6, ended: false, failed: false };
  const seat = await opened(installed({ work }));
  await seat.page.getByText("writing the image: 30.0 MB of 73.0 MB").waitFor();
  await seat.page.reload();
  await seat.page.getByText("writing the image: 30.0 MB of 73.0 MB").waitFor();
  assert.ok(await seat.page.getByRole("button", { name: "Restart machine" }).isDisabled());
  await seat.page.screenshot({ path: `${kPictures}/machine-upgrade.png`, fullPage: true });
  seat.machine.work = { ...work, sentence: "Version 0.3.0 is ready: the next start tries it.", ended: true };
  seat.machine.systems.slots[1] = { ...seat.machine.systems.slots[1], version: "0.3.0", development: false, state: "next" };
  await seat.page.getByText("the next start tries it", { exact: true }).waitFor();
  await seat.page.getByText("the next start takes the system of before, by itself").waitFor();
  await seat.context.close();
});

check("an image is uploaded and written; an older one asks for the password, at the field when it is wrong", async () => {
  const seat = await opened(installed());
  const { page } = seat;
  await page.getByText("It may be older than what runs").click();
  await page.setInputFiles("input[type=file]", image);
  await page.waitForFunction(() => !document.querySelector("fieldset[disabled]"));
  assert.deepEqual(seat.asked.at(-1), ["PUT", "/machine/image?older=1", "octets"]);
  seat.machine.image = { ...kNone, state: "ready", from: "upload", version: "0.1.0", older: true, sentence: "Version 0.1.0 is here, and its signature is right." };
  await page.getByRole("button", { name: "Upgrade to version 0.1.0" }).click();
  seat.refuse = { status: 422, field: "password", sentence: "The password is wrong." };
  await page.fill("#f-password", "not this one");
  await page.getByRole("button", { name: "Write it to slot b" }).click();
  await page.locator("#f-password-under.bad").getByText("The password is wrong.").waitFor();
  await page.screenshot({ path: `${kPictures}/machine-older.png` });
  assert.deepEqual(seat.asked.at(-1), ["POST", "/machine/upgrade", { older: true, password: "not this one" }]);
  await seat.context.close();
});

check("what is refused of an upload stands where it was chosen; a fetch names its address", async () => {
  const seat = await opened(installed());
  const { page } = seat;
  seat.refuse = { status: 422, field: "", sentence: "The image carries no signature: nobody vouches for it." };
  await page.setInputFiles("input[type=file]", image);
  await page.getByText("nobody vouches for it").waitFor();
  seat.refuse = null;
  await page.fill("#f-url", "ftp://example.org/x");
  await page.getByRole("button", { name: "Fetch it" }).click();
  await page.getByText("It begins with https:// or http://.").waitFor();
  await page.fill("#f-url", "https://example.org/sonde.iso");
  await page.getByRole("button", { name: "Fetch it" }).click();
  await page.waitForFunction(() => !document.querySelector("form button[disabled]"));
  assert.deepEqual(seat.asked.at(-1), ["POST", "/machine/image/fetch", { url: "https://example.org/sonde.iso", older: false }]);
  seat.machine.image = { ...kNone, state: "receiving", from: "https://example.org/sonde.iso", done_bytes: 10e6, total_bytes: 73e6 };
  await page.getByText("Fetching https://example.org/sonde.iso: 10.0 MB of 73.0 MB").waitFor();
  await page.getByRole("button", { name: "Stop it" }).click();
  await page.waitForFunction(() => true);
  assert.deepEqual(seat.asked.at(-1).slice(0, 2), ["DELETE", "/machine/image"]);
  await seat.context.close();
});

check("going back asks for the password, a restart is confirmed, and the page waits for the machine", async () => {
  const seat = await opened(installed());
  const { page } = seat;
  await page.getByRole("button", { name: "Go back to it" }).click();
  await page.fill("#f-password", "mine");
  await page.getByRole("button", { name: "Go back", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual(seat.asked.at(-1), ["POST", "/machine/go-back", { password: "mine" }]);
  await page.getByRole("button", { name: "Restart machine" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart machine" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  seat.machine.work = { what: "reboot", sentence: "The machine starts again.", done_bytes: 0, total_bytes: 0, ended: false, failed: false };
  await page.getByText("Starting again…").waitFor();
  // It is away, and then knows no session any more.
  await page.route("**/api/v1/machine", (route) => route.abort());
  await page.getByText("It does not answer at the moment").waitFor();
  await page.context().clearCookies();
  await page.unroute("**/api/v1/machine");
  await page.route("**/api/v1/machine", (route) => route.continue());
  await page.locator("#f-user").waitFor();
  await seat.context.close();
});

check("it reads well on a desk and on a phone, in both themes", async () => {
  for (const [width, theme] of [
    [1440, "light"],
    [1440, "dark"],
    [390, "light"],
    [390, "dark"],
  ])
    for (const [name, machine] of [
      ["medium", fromMedium()],
      ["installed", installed({ image: { ...kNone, state: "ready", version: "0.3.0", sentence: "Version 0.3.0 is here, and its signature is right." } })],
    ]) {
      const { page, seen, context } = await opened(machine, { width, theme });
      await page.screenshot({ path: `${kPictures}/machine-${name}-${width}-${theme}.png`, fullPage: true });
      assert.deepEqual(await faintTexts(page), []);
      assert.deepEqual(await namelessControls(page), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide} px too wide at ${width}`);
      assert.deepEqual(quiet(seen), []);
      await context.close();
    }
});

await run(async () => {
  await browser.close();
  await node.stop();
});
