// Takes README's pictures of the live appliance again, from an image in a machine of its own: the screen as it starts and
// the set-up page. SONDE_IMAGE names the image, else it is the newest of build/image.
import { setTimeout as pause } from "node:timers/promises";
import { launch, watchedPage } from "../../test/browser/support/chromium.mjs";
import { inOwnNetwork } from "../../test/browser/support/own_network.mjs";
import { image } from "../../test/image/support/image.mjs";
import { Machine } from "../../test/image/support/machine.mjs";

inOwnNetwork(import.meta.url);

const folder = new URL(".", import.meta.url).pathname;
const machine = await Machine.start({ iso: image() });
try {
  const code = (await machine.console.expect(/Set-up code\s+([0-9A-HJKMNP-TV-Z]{10})/, 240))[1];
  await pause(3000); // the screen draws itself anew every two seconds
  await machine.picture(`${folder}console.png`);
  const browser = await launch();
  const { page } = await watchedPage(browser, { width: 1200, height: 800 });
  await page.goto(`https://localhost:${machine.port}/`);
  await page.getByLabel("Set-up code").fill(code);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByLabel("Name of this node").waitFor();
  await pause(1000); // its suggestions come a moment later
  await page.screenshot({ path: `${folder}set-up.png` });
  await browser.close();
} finally {
  await machine.kill();
}
