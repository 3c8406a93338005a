// Waiting for a node that begins anew: after a restore, or with its data on another drive.
import { address, loadSession, Refusal } from "./api.js";
import { now } from "./times.js";

/** Asks until the node has begun anew: then it knows no session any more, and ours asks for a login. */
export async function awaitNewLife() {
  for (const end = now() + 120; now() < end; ) {
    await new Promise((soon) => setTimeout(soon, 500));
    try {
      const answer = await fetch(address("/session"), { cache: "no-store" });
      if (answer.ok && !(await answer.json()).authenticated) return loadSession();
    } catch {
      // not there yet
    }
  }
  throw new Refusal(0, "", "The node has not come back for two minutes: look at its log.");
}
