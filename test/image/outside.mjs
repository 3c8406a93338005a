// The appliance as a stranger and as an administrator on its network see it: what is open is what the page lists, and
// the remote shell is there for those who hold a key.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import tls from "node:tls";
import { assert, check, checkLong, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { Client } from "./support/client.mjs";
import { image } from "./support/image.mjs";
import { Lan, slaacAddress } from "./support/lan.mjs";
import { Machine } from "./support/machine.mjs";
import { until } from "./support/measuring.mjs";
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

/** What a program says through the remote shell's terminal when its questions are answered so. */
async function typed(command, ...answers) {
  const shell = spawn("ssh", ["-tt", ...words("friend"), command], { stdio: ["pipe", "pipe", "ignore"] });
  let said = "";
  shell.stdout.on("data", (data) => (said += data));
  for (const [question, answer] of answers) {
    await until(() => said, (text) => question.test(text));
    said = "";
    shell.stdin.write(answer + "\r");
  }
  await until(() => said, (text) => /Enter goes on/.test(text));
  shell.kill();
  return said;
}

const shellPort = async () => (await client.get("/node")).ports.find((port) => port.purpose === "remote shell (SSH)");

async function listed() {
  const { ports } = await client.get("/node");
  const of = (protocol) => ports.filter((p) => p.protocol === protocol && p.direction !== "out" && p.open);
  return { tcp: of("TCP").map((p) => p.first).sort((a, b) => a - b), udp: of("UDP") };
}

check("it is set up, and lists the remote shell among its ports", async () => {
  await machine.console.expect(/This node was set up by sonde-setup\.xml on vda/, 240);
  await client.logInWhenReady("admin", kPassword);
  assert.deepEqual((await until(listed, ({ tcp }) => tcp.includes(22))).tcp, [22, 80, 443, 861, 5201]);
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
  const { tcp } = await listed();
  assert.deepEqual(await openTcpPorts(kAddress, { again: tcp }), tcp);
  return `65535 ports in ${((performance.now() - begun) / 1000).toFixed(0)} s`;
});

check("over IPv6 it is the same", async () => {
  const last = process.env.SONDE_TEST_LONG ? 65535 : 6000;
  const address = slaacAddress(kPrefix, lan.mac);
  const { tcp } = await listed();
  assert.deepEqual(await openTcpPorts(address, { last, again: tcp }), tcp);
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
  await until(pid, (now) => now !== before, 240);
  await client.logInWhenReady("admin", kPassword);
  assert.ok(up() > since + 80, "the machine started anew");
});

checkLong("200 strangers who hold connections to the page make nobody start the node or the machine anew", async () => {
  const pid = () => ssh("friend", "cat /run/sonde/serve.pid").stdout.trim();
  const [before, until] = [pid(), performance.now() + 150000];
  let opened = 0;
  // Each sends a header that never ends, and comes again when it is sent away.
  const hold = async (n) => {
    while (performance.now() < until) {
      const socket = tls.connect({ host: kAddress, port: 443, localAddress: stranger(n), rejectUnauthorized: false });
      socket.on("secureConnect", () => (++opened, socket.write("GET / HTTP/1.1\r\nX-Slow: ")));
      const drip = setInterval(() => socket.write("x"), 2000);
      socket.on("error", () => {});
      const end = setTimeout(() => socket.destroy(), until - performance.now());
      await new Promise((closed) => socket.on("close", closed));
      clearTimeout(end);
      clearInterval(drip);
      await pause(200);
    }
  };
  await Promise.all(Array.from({ length: 200 }, (_, n) => hold(n)));
  assert.ok(opened >= 200, `${opened} connections`);
  assert.equal(pid(), before);
  await client.logInWhenReady("admin", kPassword);
  return `${opened} connections in 150 s`;
});

check("a key that came by the page opens nothing before it was let in at the console", async () => {
  const { console } = machine;
  const keys = ["friend", "other", "stranger"].map(publicKey).join("\n");
  await client.send("PATCH", "/setup/answers", { answers: { "management.shell_keys": keys } });
  await console.expect(/k {2}Shell's keys: 1 waiting/, 60);
  assert.equal(ssh("stranger", "id -u").status, 255);
  assert.equal(ssh("friend", "id -u").stdout, "0\n");
  await until(shellPort, (port) => /One key waits to be let in/.test(port.sentence));
  // The console's own program in the hands of whoever took over the node's process.
  const asNode = "/usr/bin/setpriv --reuid sonde --regid sonde --clear-groups sonde setup";
  const said = await typed(asNode, [/Choice: $/, "k"], [/Let it in\? /, "y"], [/administrator: $/, "admin"], [/Password: $/, kPassword]);
  assert.match(said, /A key is let in at the machine's console\s+only\./);
  assert.equal(ssh("stranger", "id -u").status, 255);
  console.type("k\r");
  const fingerprint = execFileSync("ssh-keygen", ["-l", "-f", key("stranger") + ".pub"]).toString().split(" ")[1];
  assert.match((await console.expect(/Let it in\?/)).input, new RegExp(fingerprint.replace(/[+/]/g, "\\$&")));
  console.type("y\r");
  await console.answer(/Name of an administrator: /, "admin");
  await console.answer(/Password: /, kPassword);
  await console.answer(/One key opens the remote shell now\.\s+Enter goes on/, "");
  assert.equal(ssh("stranger", "id -u").stdout, "0\n");
  await until(shellPort, (port) => port.sentence.startsWith("For 3 keys"));
});

check("a key that is taken away ends who came in with it, and the other stays", async () => {
  const session = spawn("ssh", [...words("friend"), "echo in; sleep 600"], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((done) => session.once("exit", done));
  await new Promise((said) => session.stdout.once("data", said));
  await client.send("PATCH", "/setup/answers", { answers: { "management.shell_keys": publicKey("other") } });
  assert.equal(await Promise.race([ended, pause(30000, "late")]), 255);
  // The shell begins anew with the keys that are left.
  await until(() => ssh("other", "id -u"), ({ stdout }) => stdout === "0\n", 30);
  assert.equal(ssh("friend", "id -u").status, 255);
});

check("without keys the port is closed and no longer listed", async () => {
  await client.send("PATCH", "/setup/answers", { answers: { "management.shell_keys": "" } });
  await until(() => tcpPort(kAddress, 22), (state) => state !== "open", 30);
  assert.deepEqual((await until(listed, ({ tcp }) => !tcp.includes(22))).tcp, [80, 443, 861, 5201]);
});

await run(async () => {
  await machine.kill();
  lan.stop();
  rmSync(folder, { recursive: true });
});
