// A disk with two systems: it starts by every firmware, a new system is tried once and proves itself, a broken one gives
// way to the one of before by itself, and what must not be installed is refused.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, checkLong, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";
import { withFiles } from "./support/other_system.mjs";
import { content, imageKey, signed, strangersKey, withoutSystem } from "./support/resign.mjs";

inOwnNetwork(import.meta.url);

// Seconds; an emulated machine beside other work is slow.
const kPatience = 300;
const folder = mkdtempSync(join(tmpdir(), "sonde-upgrade-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const disk = join(folder, "disk"),
  other = join(folder, "other.iso");

/** The appliance's own functions on the disk, as long as no machine runs from it. */
function slots(word, ...more) {
  const done = spawnSync("build/release/test/support/slot_disk", [word, disk, "--root", "build/image/root", ...more], {
    encoding: "utf8",
  });
  return { status: done.status, said: (done.stdout + done.stderr).trim() };
}
function upgrade(file) {
  const done = slots("upgrade", "--image", file);
  assert.equal(done.status, 0, done.said);
  assert.equal(done.said, `slot=${done.said[5]} trial=${done.said[5] === "a" ? "b" : "a"} tried=0`);
}

async function started(boots, use) {
  const machine = await Machine.start({ disks: [disk], boots });
  try {
    return await use(machine);
  } finally {
    await machine.kill();
  }
}

check("the medium's system goes onto a disk", () => {
  const done = slots("install", "--image", image());
  assert.deepEqual(done, { status: 0, said: "slot=a trial=- tried=0" });
});

// With Secure Boot it is UEFI, too.
for (const boots of process.env.SONDE_TEST_LONG ? ["bios", "uefi", "secure"] : ["bios", "secure"])
  check(`the disk starts by ${boots} and its page answers`, () =>
    started(boots, async (machine) => `page after ${(await machine.page(kPatience)).toFixed(1)} s`),
  );

check("unsigned, wrongly signed, older and truncated images are refused, and the disk stays as it was", () => {
  const octets = content(image());
  const refused = (file, sentence) => {
    const done = slots("upgrade", "--image", file);
    assert.equal(done.status, 1, done.said);
    assert.match(done.said, sentence);
    assert.equal(slots("show").said, "slot=a trial=- tried=0");
  };
  writeFileSync(other, octets);
  refused(other, /carries no signature/);
  refused(signed(other, octets, "9.0.0", strangersKey()), /does not know/);
  refused(signed(other, octets, "9.0.0", strangersKey(), imageKey()), /signature of the image is wrong/);
  refused(signed(other, octets, "0.0.1"), /older/);
  writeFileSync(other, octets.subarray(0, octets.length / 2));
  refused(other, /cut off/);
});

check("a new system is tried at the next start, proves itself and is trusted from then on", async () => {
  upgrade(signed(other, content(image()), "9.0.0"));
  const seconds = await started("bios", async (machine) => {
    await machine.page(kPatience);
    for (; slots("show").said !== "slot=b trial=- tried=0"; await pause(1000))
      if (machine.age() > 2 * kPatience) throw new Error(`not trusted after ${2 * kPatience} s: ${slots("show").said}`);
    return machine.age();
  });
  return `trusted after ${seconds.toFixed(0)} s`;
});

check("a broken system gives way to the one of before by itself", async () => {
  upgrade(signed(other, withoutSystem(content(image())), "9.1.0"));
  const seconds = await started("secure", async (machine) => {
    await machine.console.expect(/The system of before comes back/, kPatience);
    return machine.page(2 * kPatience);
  });
  assert.equal(slots("show").said, "slot=b trial=a tried=1");
  return `page after ${seconds.toFixed(0)} s`;
});

check("a machine whose power goes during a trial starts the system of before", async () => {
  upgrade(signed(other, content(image()), "9.2.0"));
  await started("bios", (machine) => machine.page(kPatience));
  assert.equal(slots("show").said, "slot=b trial=a tried=1");
  await started("bios", (machine) => machine.page(kPatience));
  assert.equal(slots("show").said, "slot=b trial=a tried=1");
});

checkLong("a system that hangs before any of its programs starts gives way to the one of before, too", async () => {
  const start = readFileSync("image/root/etc/sonde/start", "utf8");
  const hangs = start.replace("mkdir -p /dev/pts", "sleep 100000\nmkdir -p /dev/pts");
  assert.notEqual(hangs, start);
  const made = withFiles(image(), join(folder, "hangs.iso"), { "etc/sonde/start": hangs });
  upgrade(signed(other, readFileSync(made), "9.3.0"));
  const seconds = await started("bios", (machine) => machine.page(480 + 2 * kPatience));
  assert.ok(seconds > 480, `a page after ${seconds} s cannot be that of the system of before`);
  assert.equal(slots("show").said, "slot=b trial=a tried=1");
  return `page after ${seconds.toFixed(0)} s`;
});

checkLong("the medium still starts beside an installed disk, and not from it", async () => {
  const machine = await Machine.start({ iso: image(), how: "usb", disks: [disk] });
  try {
    await machine.page(kPatience);
  } finally {
    await machine.kill();
  }
  assert.equal(slots("show").said, "slot=b trial=a tried=1");
});

await run();
