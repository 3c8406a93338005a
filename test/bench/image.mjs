// How large the image is, how long a machine takes from its power to its page and its first point, and what 50 tests leave
// of 256 MB. Emulated without KVM: real hardware is several times faster. Prints lines of figure, measured, aim.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "../image/support/client.mjs";
import { shell } from "../image/support/console_shell.mjs";
import { image } from "../image/support/image.mjs";
import { Machine } from "../image/support/machine.mjs";
import { newestResult } from "../image/support/results.mjs";
import { setupMedium } from "../image/support/setup_medium.mjs";

inOwnNetwork(import.meta.url);

const kPassword = "correct horse battery";
const kTests = 50;
const iso = image();
const figure = (name, measured, aim = "") => console.log(`${name}\t${measured}\t${aim}`);
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Median of three starts. */
async function powerToPage(way) {
  const seconds = [];
  for (let i = 0; i < 3; ++i) {
    const machine = await Machine.start({ iso, ...way });
    seconds.push(await machine.page(300));
    await machine.kill();
  }
  return median(seconds);
}

async function withSetUp(does) {
  const folder = mkdtempSync(join(tmpdir(), "sonde-bench-"));
  const medium = join(folder, "setup.img"),
    data = join(folder, "data");
  execFileSync("truncate", ["-s", "40G", data]);
  setupMedium(medium, { name: "bench.example.org", password: kPassword, data: { device: "vdb" } });
  const machine = await Machine.start({ iso, memory: 256, disks: [medium, data] });
  try {
    const client = new Client(machine);
    await client.logInWhenReady("admin", kPassword, 300);
    await does(machine, client);
  } finally {
    await machine.kill();
    rmSync(folder, { recursive: true });
  }
}

async function memoryWith(machine, client) {
  const tests = [];
  for (let i = 0; i < kTests; ++i) {
    const schedule = { kind: "every", period: "1min" };
    tests.push(await client.send("POST", "/tests", { probe: "ping", title: `test ${i + 1}`, peer: "self", family: "IPv4", schedule }));
  }
  for (const test of tests) await newestResult(client, test.id, "done", 300);
  let free;
  await shell(
    machine.console,
    async (command) => {
      const { said } = await command("grep -E '^(MemTotal|MemAvailable)' /proc/meminfo");
      free = said.match(/MemAvailable: +(\d+)/)[1] / 1024;
    },
    { user: "admin", password: kPassword },
  );
  return free;
}

figure("size of the image", `${(statSync(iso).size / 1e6).toFixed(1)} MB`, "<= 80 MB");
for (const [name, way, aim] of [
  ["power-on to page, BIOS, disc, 256 MB", { boots: "bios", how: "cd", memory: 256 }, "<= 15 s"],
  ["power-on to page, UEFI, stick", { boots: "uefi", how: "usb" }, "<= 18 s"],
  ["power-on to page, Secure Boot, disc", { boots: "secure", how: "cd" }, "<= 18 s"],
])
  figure(name, `${(await powerToPage(way)).toFixed(1)} s`, aim);
await withSetUp(async (machine, client) => {
  await newestResult(client, "self-ping", "done", 300);
  figure("power-on to first point, set up by a file", `${machine.age().toFixed(1)} s`, "<= 60 s");
  const free = await memoryWith(machine, client);
  figure(`left of 256 MB with ${kTests} tests, data on a drive`, `${free.toFixed(0)} MiB`, "> 0 MiB");
});
