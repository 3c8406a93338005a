// The demonstration: four nodes behind two routers in network namespaces, all made here and removed at the end. Their
// pages are reachable from this machine, because their listening sockets are made outside and handed to them.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const kRoot = new URL("../../", import.meta.url).pathname;
const kBuilt = join(kRoot, "build/release");
const kNodes = ["geneva", "lyon", "tokyo", "nairobi"]; // two behind each router
const kUsage = `usage: scripts/demo [--history] [--bad-after SECONDS] [--for SECONDS] [--port FIRST_PORT]
  --history    one node with a made year behind it instead of four nodes
  --bad-after  when the link becomes bad (default 180)
  --for        end by itself after so many seconds (default: Ctrl-C)
  --port       the first page's port on 127.0.0.1 (default 18443)`;

function words() {
  const chosen = { history: false, "bad-after": 180, for: 0, port: 18443 };
  const rest = process.argv.slice(2);
  while (rest.length) {
    const name = rest.shift().replace(/^--/, "");
    if (name === "history") chosen.history = true;
    else if (name in chosen && /^\d+$/.test(rest[0] ?? "")) chosen[name] = Number(rest.shift());
    else {
      console.error(kUsage);
      process.exit(2);
    }
  }
  return chosen;
}

const chosen = words();
const folder = mkdtempSync(join(tmpdir(), `sonde-demo-${process.pid}-`));
const space = (name) => `sonde-demo-${process.pid}-${name}`;
const spaces = [];
const children = [];

function ip(...args) {
  const ran = spawnSync("ip", args, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`ip ${args.join(" ")}: ${ran.stderr.trim()}`);
}

function makeSpace(name, ...settings) {
  ip("netns", "add", space(name));
  spaces.push(space(name));
  ip("-n", space(name), "link", "set", "lo", "up");
  for (const setting of settings) ip("netns", "exec", space(name), "sysctl", "-q", "-w", setting);
}

const address = (i) => `10.91.${i + 1}.2`;
const router = (i) => (i < 2 ? "west" : "east");

/** A cable from the node to its router; the node's way to everybody else leads over it. */
function connect(name, i) {
  ip("link", "add", "eth0", "netns", space(name), "type", "veth", "peer", "name", name, "netns", space(router(i)));
  ip("-n", space(name), "address", "add", `${address(i)}/24`, "dev", "eth0");
  ip("-n", space(router(i)), "address", "add", `10.91.${i + 1}.1/24`, "dev", name);
  ip("-n", space(name), "link", "set", "eth0", "up");
  ip("-n", space(router(i)), "link", "set", name, "up");
  ip("-n", space(name), "route", "add", "default", "via", `10.91.${i + 1}.1`);
}

function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const one = { child, said: "", ended: null };
  child.stdout.on("data", (text) => (one.said += text));
  child.stderr.on("data", (text) => (one.said += text));
  child.on("exit", (code, signal) => (one.ended = signal ?? code));
  children.push(one);
  return one;
}

async function until(one, words) {
  const end = Date.now() + 60000;
  while (!one.said.includes(words)) {
    if (one.ended !== null) throw new Error(`${one.child.spawnfile} ended (${one.ended}):\n${one.said}`);
    if (Date.now() > end) throw new Error(`${one.child.spawnfile} did not say "${words}" within 60 s:\n${one.said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Between the routers: 8 ms and 200 Mbit/s, later a queue, 20 Mbit/s and loss. */
async function joinRouters() {
  const link = start(join(kBuilt, "test/support/emulated_link"), [
    ...[space("west"), "trunk", space("east"), "trunk", "--delay", "8ms", "--rate", "200000000", "--queue", "400"],
    ...["--then-after", `${chosen["bad-after"]}s`, "--then-delay", "8ms", "--then-jitter", "12ms"],
    ...["--then-loss", "0.03", "--then-rate", "20000000", "--then-queue", "200"],
  ]);
  await until(link, "up");
  for (const [end, other, nets] of [
    ["west", "east", [2, 3]],
    ["east", "west", [0, 1]],
  ]) {
    ip("-n", space(end), "address", "add", `10.91.0.${end === "west" ? 1 : 2}/24`, "dev", "trunk");
    const via = `10.91.0.${other === "west" ? 1 : 2}`;
    for (const i of nets) ip("-n", space(end), "route", "add", `10.91.${i + 1}.0/24`, "via", via);
  }
}

const test = (id, probe, peer, schedule, options = "") =>
  `    <test id="${id}" probe="${probe}" peer="${peer}" family="IPv4">${schedule}${options}</test>`;

/** Whom a node fills the path to: one near and one far, so that everybody's turn comes soon. */
const kFilled = { geneva: ["lyon", "tokyo"], lyon: [], tokyo: ["nairobi"], nairobi: ["lyon"] };

function testsTo(me, peer, probes) {
  const tests = [
    test(`owamp-${peer}`, "owamp", peer, `<continuous step="1 min"/>`),
    test(`ping-${peer}`, "ping", peer, `<every period="30 s" spread="5 s"/>`, `<option name="interval" value="0.2 s"/>`),
  ];
  if (probes.has("trace")) tests.push(test(`trace-${peer}`, "trace", peer, `<every period="30 s" spread="5 s"/>`));
  if (probes.has("throughput") && kFilled[me].includes(peer))
    tests.push(
      test(
        `throughput-${peer}`,
        "throughput",
        peer,
        `<every period="2 min" spread="80 s"/>`,
        `<option name="duration" value="3 s"/>`,
      ),
    );
  return tests;
}

/** What somebody would have answered on the first-run page, written as the node itself writes it. */
function configure(data, me, probes) {
  const peers = kNodes.map((name, i) => ({ name, i })).filter(({ name }) => name !== me);
  mkdirSync(data, { mode: 0o700 });
  const rule = (engine) =>
    `    <rule engine="${engine}" source="10.91.0.0/16" allow="yes" packets-per-second="1000" seconds="3600" streams="8" sessions="64" bytes-per-day="1000000000000"/>`;
  writeFileSync(
    join(data, "sonde.xml"),
    `<sonde version="1" set-up="yes">
  <site name="${me}.demo" organisation="Demonstration" place="${me}"/>
  <settings public-reading="yes"/>
  <engines>
${rule("owamp")}
${rule("throughput")}
  </engines>
  <peers>
${peers.map(({ name, i }) => `    <peer id="${name}" name="${name}" address="${address(i)}"/>`).join("\n")}
  </peers>
  <tests>
    <test id="self-clock" title="This node's clock" probe="clock" family="IPv4" self-check="yes"><continuous step="30 s"/></test>
${peers.flatMap(({ name }) => testsTo(me, name, probes)).join("\n")}
  </tests>
</sonde>
`,
    { mode: 0o600 },
  );
}

/** All nodes live by this machine's clock, which chrony vouches for in each of them without touching it. */
async function vouchForClock(name) {
  const conf = join(folder, `${name}-chrony.conf`);
  writeFileSync(
    conf,
    `local stratum 1\nport 0\nbindcmdaddress 127.0.0.1\nbindcmdaddress /\npidfile ${join(folder, `${name}-chronyd.pid`)}\n`,
  );
  const peers = join(kRoot, "build/peers/usr");
  const env = { ...process.env, LD_LIBRARY_PATH: join(peers, "lib/x86_64-linux-gnu") };
  const chronyd = join(peers, "sbin/chronyd");
  const clock = start("ip", ["netns", "exec", space(name), chronyd, "-x", "-d", "-u", "root", "-f", conf], { env });
  await until(clock, "chronyd version");
}

/** Runs the node with a listening socket of this machine; its LISTEN_PID is known only to itself. */
async function startNode(data, port, before = []) {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const command = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"';
  const args = ["-c", command, "sh", ...before, join(kBuilt, "appliance/sonde"), "run", "--data", data];
  const node = start("sh", args, { stdio: ["ignore", "pipe", "pipe", server._handle.fd] });
  await until(node, "Its page:");
  server.close(); // the node has a copy of its own
  return `https://127.0.0.1:${port}/`;
}

async function removeAll() {
  for (const { child, ended } of children.toReversed()) if (ended === null) child.kill("SIGTERM");
  const end = Date.now() + 20000;
  while (children.some((c) => c.ended === null) && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (const { child, ended } of children) if (ended === null) child.kill("SIGKILL");
  for (const name of spaces) spawnSync("ip", ["netns", "delete", name]);
  rmSync(folder, { recursive: true, force: true });
}

async function demonstrate() {
  const known = spawnSync(join(kBuilt, "appliance/sonde"), ["measure", "--help"], { encoding: "utf8" }).stdout;
  const probes = new Set(["trace", "throughput"].filter((name) => known.includes(name)));
  console.log("[1/3] Two routers and four nodes in namespaces");
  makeSpace("west", "net.ipv4.ip_forward=1");
  makeSpace("east", "net.ipv4.ip_forward=1");
  kNodes.forEach((name, i) => {
    makeSpace(name);
    connect(name, i);
  });
  console.log("[2/3] The link between the routers");
  await joinRouters();
  console.log("[3/3] The nodes");
  for (const [i, name] of kNodes.entries()) {
    const data = join(folder, name);
    configure(data, name, probes);
    await vouchForClock(name);
    const page = await startNode(data, chosen.port + i, ["ip", "netns", "exec", space(name)]);
    console.log(`      ${name.padEnd(8)} ${page}`);
  }
  console.log(`
geneva and lyon are behind one router, tokyo and nairobi behind another. All measure all others, all the time.
After ${chosen["bad-after"]} s one link begins to lose and to queue. Which? The pages say; no password is needed to look.
The certificates are self-made: let the browser go on.`);
}

async function showHistory() {
  console.log("[1/2] A made year of three paths");
  const data = join(folder, "history");
  const made = spawnSync(join(kBuilt, "test/support/generate_year"), [data, "--paths", "3", "--cases", "--full-step-year"], {
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`generate_year ended with ${made.status}: ${made.stderr}`);
  console.log("[2/2] The node");
  makeSpace("history");
  const page = await startNode(data, chosen.port, ["ip", "netns", "exec", space("history")]);
  console.log(`      ${page}\n\nEverything it shows of the past is simulated, and every page says so.`);
}

async function end(code) {
  console.log("\nRemoving all of it ...");
  await removeAll();
  if (!chosen.history && code === 0) console.log("It was the link between the two routers.");
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => end(0));
try {
  await (chosen.history ? showHistory() : demonstrate());
  console.log("Stop with Ctrl-C; it removes everything.");
  if (chosen.for) setTimeout(() => end(0), chosen.for * 1000);
  else setInterval(() => {}, 1000);
} catch (error) {
  console.error(`demo: ${error.message}`);
  await end(1);
}
