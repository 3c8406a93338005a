// What a test of faults asks of a node again and again: whether it goes on measuring, and what it says is wrong.
import { setTimeout as pause } from "node:timers/promises";

/** Adds `count` pings of the node to itself, one each second, and gives their ids. */
export async function addQuickTests(client, count) {
  const ids = [];
  for (let n = 0; n < count; ++n) {
    const made = await client.send("POST", "/tests", {
      title: `load ${n}`,
      probe: "ping",
      peer: "self",
      family: "IPv4",
      schedule: { kind: "every", period: "1s", spread: "0s" },
      options: { count: "2", interval: "10ms", loss_threshold: "1s", size: "64" },
    });
    ids.push(made.id);
  }
  return ids;
}

let peers = 0;

/** A change of the configuration that can be found again by its name; each peer has an address of its own. */
export function addPeer(client, name) {
  const number = peers++;
  return client.send("POST", "/peers", { name, address: `198.18.${number >> 8}.${number & 255}` });
}
export const peerNames = async (client) => (await client.get("/peers")).items.map(({ name }) => name);

/** Asks until `good` is true of the answer, which it returns; a node that starts anew meanwhile is asked again. */
export async function until(ask, good, limit = 60) {
  let last;
  for (const end = performance.now() + limit * 1000; ; await pause(500)) {
    try {
      last = await ask();
      if (good(last)) return last;
    } catch (failure) {
      last = failure;
    }
    if (performance.now() > end) throw new Error(`not within ${limit} s; last: ${last?.stack ?? JSON.stringify(last)?.slice(0, 2000)}`);
  }
}

/** Waits until the node says that something is wrong which matches; null = until nothing is. */
export async function problem(client, pattern, limit) {
  const good = ({ problems }) => (pattern ? problems.some((p) => pattern.test(p)) : problems.length === 0);
  return (await until(() => client.get("/node"), good, limit)).problems;
}

/** The certificate once it names the addresses of both families that QEMU's own network gives: it is made anew for each. */
export const settledCertificate = (client, limit = 120) =>
  until(
    () => client.get("/node/certificate"),
    ({ names }) => names.includes("10.0.2.15") && names.some((name) => name.startsWith("fec0:")),
    limit,
  );

/** Waits for a good result of the self-check that begins from now on. */
export async function measures(client, test = "self-ping", limit = 90) {
  const newest = async () => (await client.get(`/results?test=${test}&limit=1`)).items[0];
  const before = await until(newest, () => true, limit);
  return until(newest, (now) => now && now.id !== before?.id && now.outcome === "done", limit);
}
