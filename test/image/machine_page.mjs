// "This machine" as its page asks for it, from outside: data on an empty drive, the system on a disk, restart; then on
// the installed disk an upgrade by upload and from an address, what is refused, and the trial and
// the way back (--long).
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, checkLong, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { shell } from "./support/console_shell.mjs";
import { image } from "./support/image.mjs";
import { Lan } from "./support/lan.mjs";
import { Machine } from "./support/machine.mjs";
import { withFiles } from "./support/other_system.mjs";
import { content, imageKey, signed, strangersKey } from "./support/resign.mjs";

inOwnNetwork(import.meta.url);

// Seconds; an emulated machine beside other work is slow.
const kPatience = 300;
const folder = mkdtempSync(join(tmpdir(), "sonde-machine-page-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, "data"),
  disk = join(folder, "disk"),
  other = join(folder, "other.iso");
execFileSync("truncate", ["-s", "512M", data]);
execFileSync("truncate", ["-s", "5G", disk]);
const kAddress = "198.18.0.7",
  kServer = "198.18.0.1";
const lan = new Lan({ addresses: [`${kServer}/16`] });
lan.serve(`--dhcp-range=${kAddress},${kAddress}`, "--dhcp-ignore-clid", "--port=0");
const password = `made for this run ${process.pid} ${Date.now()}`;

let machine, client;
process.on("exit", () => machine?.child.kill("SIGKILL"));

/** A web server with these files by their names, and a name that leads on to the machine itself. */
const files = new Map();
const server = http.createServer((request, response) => {
  if (request.url === "/astray") return response.writeHead(302, { Location: `http://${kAddress}/` }).end();
  const file = files.get(request.url);
  response.writeHead(file ? 200 : 404).end(file);
});
await new Promise((listening) => server.listen(8080, kServer, listening));

/** One at a time, whatever became of the one before. */
async function start(options) {
  if (machine?.running()) await machine.kill();
  machine = await Machine.start(options);
}

async function until(ask, why, limit = kPatience) {
  let last = "";
  for (const end = performance.now() + limit * 1000; ; await pause(500)) {
    const found = await ask().catch((failure) => void (last = failure.message));
    if (found) return found;
    if (performance.now() > end) throw new Error(`${why} ${last}; the console said:\n${machine.console.text().slice(-1500)}`);
  }
}

/** The set-up as the first-run page sends it, with the code from the console. */
async function setUp(more = {}) {
  await machine.page(kPatience);
  const [, code] = await machine.console.expect(/Set-up code\s+([0-9A-Z-]{10,12})/, kPatience);
  client = new Client(machine);
  const header = { "Sonde-Setup-Code": code };
  const { body } = await client.attempt("GET", "/setup", undefined, header);
  const answers = Object.fromEntries(
    body.description.groups.flatMap((g) => g.questions).filter((q) => q.kind !== "password").map((q) => [q.key, q.value]),
  );
  Object.assign(answers, { "host.name": "sonde-machine", "administrator.user": "admin", "data.device": "memory" }, more.answers);
  const wish = { answers, password, first_tests: [], ...more.beside };
  const session = await client.send("POST", "/setup", wish, header);
  client.token = session.csrf_token;
  return body.description;
}

/** As `tells` the machine becomes; it is asked as the page asks it. */
const becomes = (tells, why, limit) =>
  until(async () => {
    const now = await client.get("/machine");
    return tells(now) && now;
  }, why, limit);

async function refused(method, path, body, status, field, sentence) {
  const answer = await client.attempt(method, path, body);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(answer.body.field, field);
  assert.match(answer.body.sentence, sentence);
}

/** Another login, once the node or the machine has begun anew. */
async function backAgain(limit = kPatience) {
  // With the short patience of ask(): QEMU takes connections that nobody answers.
  const session = async () => JSON.parse((await machine.ask("/api/v1/session", { headers: { Cookie: client.cookie } })).body);
  await until(async () => (await session()).authenticated === false, "it did not begin anew", limit);
  client = new Client(machine);
  await client.logInWhenReady("admin", password, kPatience);
}

check("a machine that was started from its disc tells where data are and which drives there are", async () => {
  await start({ iso: image(), disks: [data, disk] });
  await setUp();
  const now = await becomes((m) => m.known, "the root helper did not answer");
  assert.equal(now.data.in_memory, true);
  assert.equal(now.data.encrypted, false);
  assert.deepEqual(
    now.drives.map((d) => [d.name, d.serial, d.whole, d.content, d.install_sentence === ""]),
    [
      ["vda", "disk0", true, "empty", false],
      ["vdb", "disk1", true, "empty", true],
    ],
  );
  assert.equal(now.systems.installed, false);
  assert.equal((await client.get("/node")).machine.in_memory, true);
});

check("what needs an installed disk is refused, and so is a drive that is not named right", async () => {
  await refused("PUT", "/machine/image", Buffer.alloc(1 << 20), 409, "", /install it first/);
  await refused("POST", "/machine/data", { drive: "vda", format: true, typed: "disk1" }, 422, "typed", /disk0, not disk1/);
  await refused("POST", "/machine/data", { drive: "vda" }, 422, "typed", /Type its serial number, disk0/);
  await refused("POST", "/machine/data", { drive: "sr0", format: true, typed: "sr0" }, 409, "drive", /no drive sr0/);
  await refused("POST", "/machine/install", { drive: "vdb", typed: "vdb" }, 422, "typed", /disk1, not vdb/);
  await refused("POST", "/machine/install", { drive: "vda", typed: "disk0" }, 409, "drive", /too small/);
});

check("an empty drive is formatted once its serial number was typed, and the node goes on there", async () => {
  await client.send("POST", "/machine/data", { drive: "vda", format: true, typed: "disk0" });
  await backAgain();
  const now = await becomes((m) => m.known && !m.data.in_memory, "data are not on the drive");
  assert.equal(now.data.device, "vda1");
  const { items } = await client.get("/events?kind=machine");
  assert.match(items.map((e) => e.sentence).join("\n"), /kept on vda, which is formatted.*by admin/);
});

check("the system goes onto a disk, and tells how far it is", async () => {
  await client.send("POST", "/machine/install", { drive: "vdb", typed: "disk1" });
  const sentences = new Set();
  const now = await becomes((m) => {
    if (m.work) sentences.add(m.work.sentence);
    return m.work?.what === "install" && m.work.ended;
  }, "the installation did not end");
  assert.equal(now.work.failed, false, now.work.sentence);
  assert.match(now.work.sentence, /take the medium out/);
  assert.ok(sentences.size >= 2, [...sentences].join(", "));
  return [...sentences].join(", ");
});

// The check looks once a minute.
checkLong("a setting that somebody changed is found, and mended by the button of the check", async () => {
  const path = "/proc/sys/net/core/rmem_max";
  await shell(machine.console, (command) => command(`echo 212992 >${path}`), { user: "admin", password });
  const found = await until(async () => {
    const { findings, can_mend } = await client.get("/check");
    return can_mend && findings.find((f) => f.rows.length && f.state !== "good");
  }, "the change is not found");
  await client.send("POST", `/check/${encodeURIComponent(found.id)}/mend`, {});
  const { findings } = await client.get("/check");
  assert.equal(findings.find((f) => f.id === found.id).state, "good");
  return `${found.title}: ${found.is}`;
});

checkLong("the machine starts again when its page asks for it, and the data are there", async () => {
  await client.send("POST", "/machine/restart", {});
  await backAgain();
  assert.equal((await becomes((m) => m.known, "no answer")).data.device, "vda1");
});

check("an installed disk runs slot a and keeps its data on its own partition", async () => {
  await start({ disks: [disk], front: lan, guest: kAddress });
  const { known } = await setUp({ answers: { "data.device": "vda5" } });
  assert.equal(known.drives.find((d) => d.name === "vda5").ours, true);
  const now = await becomes((m) => m.known && m.systems.slots.length === 2, "no slots");
  assert.equal(now.data.device, "vda5");
  assert.deepEqual(
    now.systems.slots.map((s) => [s.slot, s.state]),
    [
      ["a", "runs"],
      ["b", "empty"],
    ],
  );
  assert.match(now.systems.slots[0].signed_by, /^[0-9a-f]{16}$/);
});

check("unsigned, wrongly signed and older uploads are refused with a sentence, and nothing stays of them", async () => {
  const octets = content(image());
  await refused("PUT", "/machine/image", octets, 422, "", /carries no signature/);
  await refused("PUT", "/machine/image", readFileSync(signed(other, octets, "9.0.0", strangersKey())), 422, "", /does not know/);
  await refused("PUT", "/machine/image", readFileSync(signed(other, octets, "0.0.1")), 422, "", /older.*“go back”.*password/);
  const now = await becomes((m) => m.image.state === "failed", "the refusal is not told");
  assert.match(now.image.sentence, /older/);
  const staged = await shell(machine.console, (command) => command("ls /data/staging"), { user: "admin", password });
  assert.equal(staged.said, "");
  await refused("POST", "/machine/upgrade", {}, 409, "", /no image here/);
});

check("an older image is taken only with the password", async () => {
  const older = readFileSync(signed(other, content(image()), "0.0.1"));
  assert.equal((await client.send("PUT", "/machine/image?older=1", older)).image.older, true);
  await refused("POST", "/machine/upgrade", {}, 422, "password", /older than what runs/);
  await refused("POST", "/machine/upgrade", { older: true }, 422, "password", /Give your password/);
  await refused("POST", "/machine/upgrade", { older: true, password: "a wrong one" }, 422, "password", /wrong/);
  await client.send("DELETE", "/machine/image");
});

/** What became of the image that is fetched. */
const ended = async (url) => (await becomes((m) => ["ready", "failed"].includes(m.image.state), `${url} does not end`)).image;

check("an image is fetched from an address; one that is not there, not whole or led astray is refused", async () => {
  const good = readFileSync(signed(other, content(image()), "9.0.0", imageKey()));
  files.set("/good.iso", good).set("/cut.iso", good.subarray(0, good.length - 5000));
  const address = (name) => `http://${kServer}:8080${name}`;
  const wrong = {
    [address("/none.iso")]: /404/,
    [address("/cut.iso")]: /carries no signature|cut off/,
    [address("/astray")]: /this host itself/,
    "http://127.0.0.1/": /this host itself/,
    "ftp://198.18.0.1/sonde.iso": /http/,
  };
  const said = [];
  for (const [url, sentence] of Object.entries(wrong)) {
    const { status, body } = await client.attempt("POST", "/machine/image/fetch", { url });
    const last = status < 300 ? (await ended(url)).sentence : body.sentence;
    assert.match(`${url}: ${last}`, sentence);
    said.push(last);
    await client.send("DELETE", "/machine/image"); // and with it what was told
  }
  const url = address("/good.iso");
  await client.send("POST", "/machine/image/fetch", { url });
  const taken = await ended(url);
  assert.deepEqual([taken.state, taken.version], ["ready", "9.0.0"], taken.sentence);
  return said.join(" ");
});

check("it is written to the other slot with its progress, and its file deleted", async () => {
  await client.send("POST", "/machine/upgrade", {});
  const sentences = new Set();
  const now = await becomes((m) => {
    if (m.work) sentences.add(m.work.sentence);
    return m.work?.what === "upgrade" && m.work.ended && m.image.state === "none" && m;
  }, "the upgrade did not end");
  assert.equal(now.work.failed, false, now.work.sentence);
  const [, b] = now.systems.slots;
  assert.deepEqual([b.version, b.state], ["9.0.0", "next"]);
  return [...sentences].join(", ");
});

checkLong("the new system is tried, trusted, and left again with the password", async () => {
  await client.send("POST", "/machine/restart", {});
  await backAgain();
  const tried = await becomes((m) => m.known && m.systems.slots.length === 2, "no slots");
  assert.equal(tried.systems.slots[1].state, "on_trial");
  await becomes((m) => m.systems.slots[1]?.state === "runs", "the trial did not end", 2 * kPatience);
  await refused("POST", "/machine/go-back", {}, 422, "password", /Give your password/);
  await client.send("POST", "/machine/go-back", { password });
  const back = await becomes((m) => m.work?.what === "go-back" && m.work.ended, "going back did not end");
  assert.equal(back.work.failed, false, back.work.sentence);
  assert.equal(back.systems.slots[0].state, "next");
});

checkLong("a new system that cannot reach out gives way to the one of before, and the log says why", async () => {
  const made = withFiles(image(), join(folder, "silent.iso"), { "etc/sonde/network": "#!/bin/sh\nexec sleep 1000000\n" });
  await client.send("PUT", "/machine/image", readFileSync(signed(other, readFileSync(made), "9.4.0")));
  await client.send("POST", "/machine/upgrade", {});
  const now = await becomes((m) => m.work?.what === "upgrade" && m.work.ended && m, "the upgrade did not end");
  assert.equal(now.work.failed, false, now.work.sentence);
  const next = now.systems.slots.find((s) => s.state === "next").slot;
  const begun = performance.now();
  await client.send("POST", "/machine/restart", {});
  await backAgain(900);
  const seconds = (performance.now() - begun) / 1000;
  const { systems } = await becomes((m) => m.known && m.systems.slots.length === 2, "no slots");
  assert.notEqual(systems.slots.find((s) => s.state === "runs").slot, next);
  const log = await shell(machine.console, (command) => command("grep 'not well' /data/log/sonde.log*"), { user: "admin", password });
  assert.match(log.said, /no way out by IPv4, which the one before had/);
  return `page after ${seconds.toFixed(0)} s`;
});

check("the machine goes off when its page asks for it", async () => {
  await client.send("POST", "/machine/power-off", {});
  await machine.gone(kPatience);
});

await run(async () => {
  await machine.kill();
  server.close();
  lan.stop();
});
