// What a machine's tests brought.
import { setTimeout as pause } from "node:timers/promises";

/** Waits until the test's newest result came out that way, and gives it; limit in seconds. */
export async function newestResult(client, test, outcome = "done", limit = 120) {
  for (const until = performance.now() + limit * 1000; ; await pause(1000)) {
    const newest = (await client.get(`/results?test=${test}&limit=1`)).items[0];
    if (newest?.outcome === outcome) return newest;
    if (performance.now() > until) throw new Error(`no result "${outcome}", but ${JSON.stringify(newest)?.slice(0, 600)}`);
  }
}
