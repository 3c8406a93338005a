// Debian's iperf3, unpacked by scripts/setup --tests: the other end of throughput tests.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { until } from "./node.mjs";

const kPeers = new URL("../../../build/peers/usr", import.meta.url).pathname;
const env = { ...process.env, LD_LIBRARY_PATH: `${kPeers}/lib/x86_64-linux-gnu` };

function start(...words) {
  if (!existsSync(`${kPeers}/bin/iperf3`)) throw new Error("iperf3 is not in build/peers: scripts/setup --tests");
  const child = spawn(`${kPeers}/bin/iperf3`, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  const seen = { said: "", ended: null };
  child.stdout.on("data", (text) => (seen.said += text));
  child.stderr.on("data", (text) => (seen.said += text));
  child.on("exit", (code, signal) => (seen.ended = signal ?? code));
  process.on("exit", () => child.kill("SIGKILL"));
  return { child, seen };
}

/** `iperf3 -s` at an address, once it listens: { stop() }; it goes with the program at the latest. */
export async function iperf3Server(address, ...more) {
  const { child, seen } = start("-s", "-B", address, "--forceflush", ...more);
  await until(
    () => seen.said.includes("Server listening"),
    10000,
    () => `iperf3 -s does not listen: ${seen.said}`,
  );
  return { stop: () => child.kill("SIGKILL") };
}

/** `iperf3 -c` against a port of the loopback, to its end: { said, ended }. */
export async function iperf3Client(port, ...more) {
  const { seen } = start("-c", "127.0.0.1", "-p", String(port), ...more);
  await until(
    () => seen.ended !== null,
    30000,
    () => `iperf3 -c does not end: ${seen.said}`,
  );
  return seen;
}
