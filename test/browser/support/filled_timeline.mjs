// A node's day with one of each: runs that were done, one that met a slot in use, and some that are planned.
import { until } from "./node.mjs";

export const iso = (t) => new Date(t * 1000).toISOString();

// Planned well over an hour and a half from now: nothing heavy begins by itself meanwhile, nor where a check clicks.
const ahead = (minutes) => iso(Date.now() / 1000 + minutes * 60).slice(11, 16);

/** Makes three heavy tests towards `peer`, where an iperf3 server listens, and waits until each ran or was skipped. */
export async function filledTimeline(call, peer) {
  const heavyTest = (title, schedule, duration) =>
    call("POST", "/tests", { probe: "throughput", peer, title, schedule, options: { duration, latency: "no", port: "5201" } });
  const line = () => call("GET", "/timeline");
  const endOf = async (test, state) => {
    let mine = [];
    return until(
      async () => {
        mine = (await line()).blocks.filter((b) => b.test === test.id && b.run);
        return mine.find((b) => b.state === state);
      },
      30000,
      () => `no run of “${test.title}” is ${state}: ${JSON.stringify(mine)}`,
    );
  };
  const fill = await heavyTest("fill Lyon", { kind: "at", times: [ahead(130), ahead(370)].sort(), spread: "1 min" }, "2 s");
  await call("POST", `/tests/${fill.id}/run`, {});
  const done = await endOf(fill, "done");
  const long = await heavyTest("fill Zurich", { kind: "at", times: [ahead(165)], spread: "1 min" }, "5 s");
  await call("POST", `/tests/${long.id}/run`, {});
  const missed = await heavyTest("fill Bern", { kind: "once", at: iso(Date.now() / 1000 + 1.5) }, "2 s");
  const skipped = await endOf(missed, "skipped");
  await endOf(long, "done");
  return { line, fill, done, long, skipped };
}
