// The image boots by BIOS and UEFI, with Secure Boot, from a disc and a stick, in little memory, and its page answers
// before anyone typed a word; and what a start does that finds none.
import { assert, check, checkLong, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";

inOwnNetwork(import.meta.url);

const kWays = [
  { sentence: "by BIOS from a disc, in 256 MB", boots: "bios", how: "cd", memory: 256 },
  { sentence: "by UEFI from a stick", boots: "uefi", how: "usb" },
  { sentence: "with Secure Boot from a disc", boots: "secure", how: "cd" },
];

for (const { sentence, ...way } of kWays)
  check(`it boots ${sentence}, and a stranger gets the set-up page and nothing else`, async () => {
    const machine = await Machine.start({ iso: image(), ...way });
    try {
      const seconds = await machine.page();
      assert.equal((await machine.ask("/", { timeout: 5000 })).status, 200);
      for (const path of ["/api/v1/paths", "/api/v1/node", "/api/v1/results"])
        assert.equal((await machine.ask(path, { timeout: 5000 })).status, 403, path);
      return `page after ${seconds.toFixed(1)} s`;
    } finally {
      await machine.kill();
    }
  });

checkLong("a start that finds no system is tried again by itself, unless somebody wants a shell", async () => {
  const machine = await Machine.start({ iso: image(), words: ["sonde.slot=z"] });
  try {
    for (const _ of ["at first", "and again"]) {
      await machine.console.expect(/no drive holds the system that was booted/, 300);
      await machine.console.expect(/Press Enter for a shell/);
    }
    machine.console.type("\r");
    machine.console.type("echo in-$((1+1))\r");
    await machine.console.expect(/in-2/, 30);
  } finally {
    await machine.kill();
  }
});

await run();
