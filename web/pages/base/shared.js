// What several places show at once, read once: this node, and all paths with their states.
import { makeStore } from "./store.js";
import { get, session } from "./api.js";
import { onNews } from "./stream.js";

export const nodeStore = makeStore(null);
export const pathsStore = makeStore(null);
/** Why the paths could not be read; null when they could. */
export const pathsRefusal = makeStore(null);

let timer = null;
let last = 0;

/** Few paths are read again with every result, many at most twice a minute. */
function pause() {
  const paths = pathsStore.get()?.items.length ?? 0;
  return paths <= 12 ? 2000 : paths <= 100 ? 10000 : 30000;
}

async function readPaths() {
  last = Date.now();
  try {
    pathsStore.set(await get("/paths"));
    pathsRefusal.set(null);
  } catch (refusal) {
    // What was read stays until the node speaks again; the frame says when it is silent.
    pathsRefusal.set(refusal);
  }
}

async function readNode() {
  try {
    nodeStore.set(await get("/node"));
  } catch {
    // As above.
  }
}

function soon() {
  if (timer !== null) return;
  timer = setTimeout(
    () => {
      timer = null;
      readPaths();
    },
    Math.max(0, last + pause() - Date.now()),
  );
}

export function readShared() {
  if (!session.get()?.may_read) return Promise.resolve();
  return Promise.all([readPaths(), readNode()]);
}

export { readPaths, readNode };

onNews("result", soon);
onNews("event", soon);
onNews("reset", readShared);
setInterval(() => session.get()?.may_read && !document.hidden && (soon(), readNode()), 60000);
