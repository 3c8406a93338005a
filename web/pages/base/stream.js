// What happens, as it happens: one event stream for all pages, taken up again by itself, with a sentence while it is gone.
import { makeStore } from "./store.js";
import { address, loadSession, session } from "./api.js";
import { now } from "./times.js";

const heard = { snapshot: new Set(), result: new Set(), event: new Set(), live: new Set(), reset: new Set() };

/** The newest snapshot; null until the first. */
export const snapshot = makeStore(null);
/** { live, since }: whether news arrives, and since when not. */
export const liveness = makeStore({ live: false, since: null });

let source = null;
let retry = null;
let pause = 1000;
const kLongestPause = 5000;

export function onNews(kind, call) {
  heard[kind].add(call);
  return () => heard[kind].delete(call);
}

function tell(kind, value) {
  for (const call of [...heard[kind]]) call(value);
}

function lost() {
  source?.close();
  source = null;
  if (liveness.get().live || liveness.get().since === null) liveness.set({ live: false, since: now() });
  clearTimeout(retry);
  retry = setTimeout(again, pause);
  pause = Math.min(pause * 2, kLongestPause);
}

/** A stream cannot say why it ended: the node may be gone, or may no longer know us. */
async function again() {
  try {
    await loadSession();
  } catch {
    return lost();
  }
  return listen();
}

function found() {
  const wasLost = !liveness.get().live && liveness.get().since !== null;
  pause = 1000;
  liveness.set({ live: true, since: null });
  // The stream does not know what this page missed: everything is read again.
  if (wasLost) tell("reset", null);
}

/** Begins to listen; harmless when it does already. */
export function listen() {
  clearTimeout(retry);
  if (source || !session.get()?.may_read) return;
  source = new EventSource(address("/stream"));
  source.onopen = found;
  source.onerror = lost;
  for (const kind of Object.keys(heard)) {
    source.addEventListener(kind, (message) => {
      const value = message.data ? JSON.parse(message.data) : null;
      if (kind === "snapshot") snapshot.set(value);
      tell(kind, value);
    });
  }
}

export function stopListening() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

// A page kept for going back must not hold one of the node's few streams.
addEventListener("pagehide", stopListening);
addEventListener("pageshow", (e) => e.persisted && listen());
