// What is found at the start and cannot be used as it is: a configuration, an archive, file systems, a clock. Each is told
// on the console and on the page, and the node measures.
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { assert, check, checkLong, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { shell } from "./support/console_shell.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";
import { damagedPartition, debugfs, faultsOf, makeFileSystem, makeNode, replaceFile } from "./support/made_data.mjs";
import { withFiles } from "./support/other_system.mjs";
import { addQuickTests, measures, peerNames, problem, until } from "./support/measuring.mjs";

inOwnNetwork(import.meta.url);

const kPassword = "correct horse battery",
  kAdministrator = { user: "admin", password: kPassword };
const folder = mkdtempSync(join(tmpdir(), "sonde-broken-"));
const file = (name) => join(folder, name);
await makeNode(file("data"), { password: kPassword });
const drive = (name) => (makeFileSystem(file(name), { folder: file("data") }), file(name));
let machine, client, quick;

async function start(disks, clock) {
  machine = await Machine.start({ iso: image(), words: [], disks, more: clock ? ["-rtc", `base=${clock}`] : [] });
  client = new Client(machine);
}

/** The certificate that the page shows, which a browser with the right time must find valid. */
async function certificate() {
  const socket = tls.connect({ host: "127.0.0.1", port: machine.port, rejectUnauthorized: false });
  await new Promise((done, failed) => socket.once("secureConnect", done).once("error", failed));
  const seen = new X509Certificate(socket.getPeerCertificate().raw);
  socket.destroy();
  assert.ok(Date.parse(seen.validFrom) < Date.now() && Date.now() < Date.parse(seen.validTo), `${seen.validFrom} to ${seen.validTo}`);
  return `valid ${seen.validFrom} to ${seen.validTo}`;
}

/** Sets the machine's clock right, as a person or chrony does, and sees new points in the series from then on. */
async function setClock() {
  await shell(machine.console, (command) => command(`date -u -s "${new Date().toISOString().slice(0, 19).replace("T", " ")}"`), kAdministrator);
  const right = Date.now();
  await client.logInWhenReady("admin", kPassword);
  await measures(client, quick);
  const [newest] = (await client.get(`/results?test=${quick}&limit=1`)).items;
  assert.ok(Math.abs(Date.parse(newest.begin) - Date.now()) < 120_000, newest.begin);
  const newestPoints = async () => {
    const { items } = await client.get(`/series?test=${quick}`);
    return client.get(`/series/${items[0].id}/data?resolution=1s&from=${new Date(right - 60_000).toISOString()}`);
  };
  await until(
    newestPoints,
    ({ begin, step_s, index, value }) => index.some((place, n) => value[n] !== null && Date.parse(begin) + place * step_s * 1000 >= right - 2000),
    90,
  );
}

check("a torn configuration and a damaged archive are put aside, the last good version runs, and all is told", async () => {
  const disk = drive("torn");
  const whole = debugfs(disk, "cat /sonde/sonde.xml");
  replaceFile(disk, "/sonde/sonde.xml", whole.slice(0, whole.length / 2));
  replaceFile(disk, "/sonde/archive/journal.db", "no database ".repeat(1000));
  await start([disk], "1970-01-02T00:00:00");
  await client.logInWhenReady("admin", kPassword, 240);
  await problem(client, /The configuration could not be read \(sonde\.xml line .*The last good version runs/);
  await problem(client, /What was measured before cannot be read: .*a new archive was begun/);
  await machine.console.expect(/! The configuration could not be read[\s\S]*! What was measured before cannot be read/, 60);
  [quick] = await addQuickTests(client, 1);
  assert.ok((await peerNames(client)).length > 0);
  await measures(client, quick);
  return `after ${machine.age().toFixed(0)} s`;
});

check("with the clock in 1970 the page's certificate is valid, and results are marked as in doubt", async () => {
  await problem(client, /clock is not believed .*before the day this program was built/);
  const [newest] = (await client.get(`/results?test=${quick}&limit=1`)).items;
  assert.equal(newest.time_in_doubt, true);
  assert.equal((await client.get("/node")).clock.synchronised, false);
  return certificate();
});

check("set right, the clock is believed and the archive goes on", async () => {
  await setClock();
  const left = (await client.get("/node")).problems.filter((one) => /clock/.test(one));
  assert.deepEqual(left, []);
  await machine.kill();
});

check("a file system that needs a decision, and one that cannot be recognised, are left alone; their node measures", async () => {
  const disk = drive("errors"),
    damaged = damagedPartition(file("damaged"));
  debugfs(disk, "sif /lost+found block[0] 0xdead", true);
  debugfs(disk, "ssv state 2", true);
  await start([disk, damaged], "2036-06-01T00:00:00");
  await client.logInWhenReady("admin", kPassword, 240);
  await problem(client, /vdb1 is not used: the begin .* is damaged.* vda is not used: .*Inode 11 has corrupt extent header.*goes on with its settings/);
  await machine.console.expect(/Data +in memory\n[\s\S]*vda is not used/, 60);
  [quick] = await addQuickTests(client, 1);
  await measures(client, quick);
  assert.match(faultsOf(disk), /corrupt extent header/, "somebody decided");
  return `after ${machine.age().toFixed(0)} s`;
});

check("with the clock in 2036 the page's certificate is valid, and the console says that nobody vouches for it", async () => {
  await machine.console.expect(/Clock +not synchronised/, 60);
  assert.equal((await client.get("/node")).clock.synchronised, false);
  return certificate();
});

check("set right, results and series go on", async () => {
  await setClock();
  await machine.kill();
});

checkLong("in 2039 a node that measured before does not believe the clock, and goes on when it is set right", async () => {
  await start([drive("sound")], "2039-01-01T00:00:00");
  await client.logInWhenReady("admin", kPassword, 240);
  [quick] = await addQuickTests(client, 1);
  await problem(client, /clock is not believed .*more than a year ahead/);
  await machine.console.expect(/! This node's clock is not believed/, 60);
  await measures(client, quick);
  await certificate();
  await setClock();
  await machine.kill();
});

checkLong("drivers that never finish loading keep the node from nothing", async () => {
  const drivers = readFileSync("image/root/etc/sonde/drivers", "utf8") + "sleep 100000\n";
  const hangs = withFiles(image(), file("hangs.iso"), { "etc/sonde/drivers": drivers });
  machine = await Machine.start({ iso: hangs, words: [], disks: [drive("hangs")] });
  client = new Client(machine);
  await machine.console.expect(/drivers are still being loaded; the start goes on without them/, 200);
  await client.logInWhenReady("admin", kPassword);
  [quick] = await addQuickTests(client, 1);
  await measures(client, quick);
  await machine.kill();
  return `said after ${machine.age().toFixed(0)} s`;
});

await run(async () => {
  await machine?.kill();
  rmSync(folder, { recursive: true });
});
