// What goes wrong with the drive for data while the appliance runs: each fault is told on the console and on the page, and
// measuring goes on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { shell } from "./support/console_shell.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";
import { faultsOf, makeFileSystem, makeNode } from "./support/made_data.mjs";
import { addPeer, addQuickTests, measures, peerNames, problem, settledCertificate, until } from "./support/measuring.mjs";

inOwnNetwork(import.meta.url);

const kPassword = "correct horse battery",
  kAdministrator = { user: "admin", password: kPassword };
const folder = mkdtempSync(join(tmpdir(), "sonde-data-"));
const [own, other] = ["own", "other"].map((name) => join(folder, name));
await makeNode(join(folder, "data"), { password: kPassword });
makeFileSystem(own, { folder: join(folder, "data") });
makeFileSystem(other);

const machine = await Machine.start({ iso: image(), words: [], disks: [own, other] });
const client = new Client(machine);
let fingerprint, quick, oldest;

check("two drives with the label: the first is used, and both are named", async () => {
  await client.logInWhenReady("admin", kPassword);
  await machine.console.expect(/Data +on vda\n[\s\S]*2 partitions are labelled SONDE_DATA \(vda, vdb\): vda is/, 60);
  await problem(client, /\(vda, vdb\): vda is used/);
  [quick] = await addQuickTests(client, 1);
  await measures(client, quick);
  oldest = (await client.get(`/results?test=${quick}&limit=1000`)).items.at(-1).id;
  return `after ${machine.age().toFixed(0)} s`;
});

check("a full drive: storing stops and says so, measuring and changing go on, storing resumes when there is room", async () => {
  const all = await client.get("/results?limit=1000");
  await shell(
    machine.console,
    async (command) => {
      // To the last block, the ones that are kept for root included.
      const { said } = await command("fallocate -l 7500M /data/filler; dd if=/dev/zero of=/data/filler2 bs=1M; df /data", 200);
      assert.match(said, / 100% \/data/);
    },
    kAdministrator,
  );
  await problem(client, /Storing stopped .* must stay free|Storing stopped .* is full/, 90);
  await machine.console.expect(/! Storing stopped/, 60);
  await assert.rejects(addPeer(client, "no room"), /: 5\d\d .*(full|space|room)/i);
  // Runs go on: the next ones of the self-check are planned and end.
  const ended = async () => (await client.get("/runs")).items.filter((one) => one.state === "done").length;
  const before = await ended();
  await until(ended, (now) => now > before, 90);
  await shell(machine.console, (command) => command("rm /data/filler*; sync"), kAdministrator);
  await until(() => client.get("/node"), ({ disk }) => disk.storing, 60);
  await measures(client, quick);
  const now = await client.get("/results?limit=1000");
  assert.ok(all.items.every((one) => now.items.some((later) => later.id === one.id)), "a result is gone");
});

check("the drive is pulled out: console and page say so, and measuring goes on with the same settings", async () => {
  fingerprint = (await settledCertificate(client)).fingerprint_sha256;
  await addPeer(client, "just before");
  await pause(5000);
  await machine.monitor("device_del", { id: "device0" });
  await machine.console.expect(/Data +in memory\n[\s\S]*The data partition vda was pulled out/, 90);
  await client.logInWhenReady("admin", kPassword);
  await problem(client, /The data partition vda was pulled out/);
  assert.equal((await client.get("/node/certificate")).fingerprint_sha256, fingerprint);
  assert.ok((await peerNames(client)).includes("just before"));
  await measures(client, quick);
});

check("it is put back: its data are there again, and it is said that what came meanwhile is not in them", async () => {
  await machine.monitor("blockdev-add", { driver: "file", "node-name": "again", filename: own });
  await machine.monitor("device_add", { driver: "virtio-blk-pci", drive: "again", id: "again", serial: "disk0" });
  await machine.console.expect(/Data +on vd\w\n[\s\S]*is in use again/, 120);
  await client.logInWhenReady("admin", kPassword);
  await problem(client, null);
  const first = (await client.get(`/results?test=${quick}&limit=1000`)).items.at(-1);
  assert.equal(first.id, oldest);
  await measures(client, quick);
});

check("the file systems are sound afterwards", async () => {
  await machine.kill();
  for (const file of [own, other]) assert.equal(faultsOf(file), "");
});

await run(async () => {
  await machine.kill();
  rmSync(folder, { recursive: true });
});
