// What a viewer, an operator and an administrator find on the pages: what each may, and why not the rest.
import { mkdirSync } from "node:fs";
import { assert, check, run } from "./support/check.mjs";
import { launch, watchedPage } from "./support/chromium.mjs";
import { inOwnNetwork } from "./support/own_network.mjs";
import { setUpNode } from "./support/set_up.mjs";

inOwnNetwork(import.meta.url);

const kPictures = process.env.SONDE_PICTURES ?? "build/pictures";
mkdirSync(kPictures, { recursive: true });
const { node, login, password, tests } = await setUpNode({ peers: ["127.0.0.2"] });
const browser = await launch();
const { page, seen } = await watchedPage(browser);
await login(page);

async function loggedIn(user, options = {}) {
  const opened = await watchedPage(browser, options);
  await opened.page.goto(`${node.base}/#/login`);
  await opened.page.fill("#f-user", user);
  await opened.page.fill("#f-password", password);
  await opened.page.getByRole("button", { name: "Log in" }).click();
  await opened.page.getByRole("link", { name: "Overview" }).waitFor();
  return opened;
}

async function addUser(name, role, sentence) {
  await page.goto(`${node.base}/#/node/users`);
  await page.getByRole("button", { name: "Add a user" }).click();
  await page.fill("#f-name", name);
  await page.selectOption("#f-role", role);
  await page.getByText(sentence).waitFor();
  await page.screenshot({ path: `${kPictures}/user-${role}.png` });
  await page.fill("#f-password", password);
  await page.getByRole("dialog").getByRole("button", { name: "Add user" }).click();
  await page.locator("td.first", { hasText: name }).waitFor();
}

check("the users' form says what each role may", async () => {
  await addUser("victor", "viewer", "changes nothing but the own password");
  await addUser("olga", "operator", "Not users, tokens, limits, settings, the certificate or backups.");
  assert.deepEqual(seen.said, []);
});

check("an operator runs and edits a test, and reads why settings are not theirs", async () => {
  const { page: theirs, seen: heard } = await loggedIn("olga");
  await theirs.goto(`${node.base}/#/tests`);
  await theirs.getByRole("link", { name: "Add a test" }).waitFor();
  await theirs.goto(`${node.base}/#/tests/${tests[0].id}?edit=1`);
  await theirs.fill("#f-title", "edited by olga");
  await theirs.getByRole("button", { name: "Save test" }).click();
  await theirs.getByRole("heading", { name: "edited by olga" }).waitFor();
  for (const part of ["settings", "limits", "certificate"]) {
    await theirs.goto(`${node.base}/#/node/${part}`);
    await theirs.getByText("You are logged in as an operator; only an administrator may change this part of the node.").waitFor();
    await theirs.screenshot({ path: `${kPictures}/operator-${part}.png` });
  }
  assert.equal(await theirs.getByRole("button", { name: "Save settings" }).count(), 0);
  assert.equal(await theirs.getByRole("link", { name: "Users" }).count(), 0);
  assert.deepEqual(heard.said, []);
});

check("a viewer reads why nothing can be changed, in place", async () => {
  for (const [width, theme] of [
    [1440, "light"],
    [390, "dark"],
  ]) {
    const { page: theirs, seen: heard } = await loggedIn("victor", { width, theme });
    for (const part of ["tests", "peers", "tests/new", "peers/new", `tests/${tests[0].id}`]) {
      await theirs.goto(`${node.base}/#/${part}`);
      await theirs.getByText("You are logged in as a viewer; only operators and administrators may change tests and peers.").waitFor();
      await theirs.screenshot({ path: `${kPictures}/viewer-${part.replaceAll("/", "-")}-${width}.png` });
    }
    assert.equal(await theirs.getByRole("button", { name: "Run now" }).count(), 0);
    assert.deepEqual(heard.said, []);
  }
});

await run(async () => {
  await browser.close();
  await node.stop();
});
