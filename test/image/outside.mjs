// The appliance as a stranger and as an administrator on its network see it: what is open is what the page lists, and
// the remote shell is there for those who hold a key.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, check, checkLong, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Lan, slaacAddress } from "./support/lan.mjs";
import { Machine } from "./support/machine.mjs";
import { openTcpPorts, tcpPort, udpPorts } from "./support/port_scan.mjs";
import { setupMedium } from "./support/setup_medium.mjs";

inOwnNetwork(import.meta.url);

const kAddress = "198.18.0.7",
  kPrefix = "2001:db8:7::",
  kPassword = "correct horse battery";
const lan = new Lan({ addresses: ["198.18.0.1/16", `${kPrefix}1/64`, "fe80::1/64"] });
lan.serve("--enable-ra", `--dhcp-range=${kPrefix},ra-only`);
// A thousand strangers: the whole network but the appliance lives here.
execFileSync("ip", ["route", "add", "local", "198.18.64.0/18", "dev", "lo"]);
const stranger = (n) => `198.18.${64 + ((n >> 8) & 63)}.${n & 255}`;

const folder = mkdtempSync(join(tmpdir(), "sonde-outside-"));
const key = (name) => join(folder, name);
for (const name of ["friend", "other", "stranger"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key(name)]);
const publicKey = (name) => readFileSync(key(name) + ".pub", "utf8").trim();
const medium = join(folder, "setup.img");
setupMedium(medium, {
  name: "sonde-seen.example.org",
  password: kPassword,
  network: { ipv4: "fixed", address4: `${kAddress}/16`, gateway4: "198.18.0.1" },
  management: { "shell-keys": `${publicKey("friend")},${publicKey("other")}` },
  engines: { light: "networks", "light-networks": "198.18.0.0/16", throughput: "networks", "throughput-networks": "198.18.0.0/16" },
});
const machine = await Machine.start({ iso: image(), words: [], disks: [medium], front: lan, guest: kAddress });
const client = new Client(machine);
const kSsh = ["-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "IdentitiesOnly=yes"];
const words = (name, ...more) => [...kSsh, "-o", `UserKnownHostsFile=${key("known")}`, "-i", key(name), ...more, `root@${kAddress}`];

/** A command through the remote shell. */
const ssh = (name, command, ...more) => spawnSync("ssh", [...words(name, ...more), command], { encoding: "utf8", timeout: 60000 });

async function listed() {
  const { ports } = await client.get("/node");
  const of = (protocol) => ports.filter((p) => p.protocol === protocol && p.direction !== "out" && p.open);
  return { tcp: of("TCP").map((p) => p.first).sort((a, b) => a - b), udp: of("UDP") };
}

check("it is set up, and lists the remote shell among its ports", async () => {
  await machine.console.expect(/This node was set up by sonde-setup\.xml on vda/, 240);
  await client.logInWhenReady("admin", kPassword);
  assert.deepEqual((await listed()).tcp, [22, 80, 443, 861, 5201]);
  return `after ${machine.age().toFixed(0)} s`;
});

check("who holds a key is root there; the host's key is the one that the console shows", async () => {
  const { stdout, stderr, status } = ssh("friend", "id -u");
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^0\n/);
  const [, shown] = machine.console.text().replace(/\s+/g, " ").match(/its own key is (SHA256: ?\S+?)\. /);
  assert.equal(execFileSync("ssh-keygen", ["-l", "-f", key("known")]).toString().split(" ")[1], shown.replace(" ", ""));
});

check("another key and a password are refused; nothing is forwarded", async () => {
  const refused = ssh("stranger", "id");
  assert.equal(refused.status, 255);
  assert.match(refused.stderr, /Permission denied \(publickey\)/);
  const through = ssh("friend", "", "-W", "127.0.0.1:443");
  assert.notEqual(through.status, 0);
  assert.match(through.stderr, /forwarding failed|administratively prohibited|open failed/);
});

check("of all TCP ports those are open that the page lists", async () => {
  const begun = performance.now();
  assert.deepEqual(await openTcpPorts(kAddress), (await listed()).tcp);
  return `65535 ports in ${((performance.now() - begun) / 1000).toFixed(0)} s`;
});

check("over IPv6 it is the same", async () => {
  const last = process.env.SONDE_TEST_LONG ? 65535 : 6000;
  const address = slaacAddress(kPrefix, lan.mac);
  assert.deepEqual(await openTcpPorts(address, { last }), (await listed()).tcp);
  return `the first ${last}`;
});

check("no UDP port answers a stranger, and those of the system's own services are closed", async () => {
  const system = [53, 67, 68, 69, 111, 123, 137, 161, 323, 500, 514, 546, 547, 623, 1900, 4500, 5201, 5353, 5355, 8760, 8960, 33434];
  const sweep = Array.from({ length: 600 }, (_, n) => 1 + ((n * 109) % 65535));
  const found = await udpPorts(kAddress, [...new Set([...system, ...sweep])], stranger);
  const of = (what) => [...found].filter(([, said]) => said === what).map(([port]) => port);
  assert.deepEqual(of("answered"), []);
  // 68: dhcpcd's, for the answers of a DHCP server; 546 the same for IPv6.
  const silent = of("silent").filter((port) => ![68, 546].includes(port));
  assert.deepEqual(silent, [], `silent of ${found.size}`);
  return `${of("refused").length} of ${found.size} closed`;
});

check("the console's shell asks for the password while the node does not answer, too", async () => {
  const { console } = machine;
  ssh("friend", "kill -STOP $(cat /run/sonde/serve.pid)");
  await console.expect(/The node is starting[^]*Choice: /, 90);
  const asked = async (password) => {
    console.type("x\r");
    await console.answer(/Name of an administrator: /, "admin");
    await console.answer(/Password: /, password);
  };
  await asked("not the password");
  await console.expect(/User or password is wrong\./);
  console.type("\r");
  await asked(kPassword);
  await console.expect(/exit comes back here/);
  console.type("kill -CONT $(cat /run/sonde/serve.pid); exit\r");
  await client.logInWhenReady("admin", kPassword);
});

checkLong("a node that hangs is started again after a minute and a half; the machine is not", async () => {
  const pid = () => ssh("friend", "cat /run/sonde/serve.pid").stdout.trim();
  const up = () => Number(ssh("friend", "cat /proc/uptime").stdout.split(" ")[0]);
  const [before, since] = [pid(), up()];
  ssh("friend", `kill -STOP ${before}`);
  for (const until = performance.now() + 240000; pid() === before; await pause(2000))
    assert.ok(performance.now() < until, "it still hangs");
  await client.logInWhenReady("admin", kPassword);
  assert.ok(up() > since + 80, "the machine started anew");
});

check("a key that is taken away ends who came in with it, and the other stays", async () => {
  const session = spawn("ssh", [...words("friend"), "echo in; sleep 600"], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((done) => session.once("exit", done));
  await new Promise((said) => session.stdout.once("data", said));
  await client.send("PATCH", "/setup/answers", { answers: { "management.shell_keys": publicKey("other") } });
  assert.equal(await Promise.race([ended, pause(30000, "late")]), 255);
  // The shell begins anew with the keys that are left.
  for (const until = performance.now() + 30000; ssh("other", "id -u").stdout !== "0\n"; await pause(500))
    assert.ok(performance.now() < until, "the other key does not open it");
  assert.equal(ssh("friend", "id -u").status, 255);
});

check("without keys the port is closed and no longer listed", async () => {
  await client.send("PATCH", "/setup/answers", { answers: { "management.shell_keys": "" } });
  for (const until = performance.now() + 30000; ; await pause(500)) {
    if ((await tcpPort(kAddress, 22)) !== "open") break;
    assert.ok(performance.now() < until, "port 22 is still open");
  }
  assert.deepEqual((await listed()).tcp, [80, 443, 861, 5201]);
});

await run(async () => {
  await machine.kill();
  lan.stop();
  rmSync(folder, { recursive: true });
});
