// What GET /timeline says, as things on a line of time: one for each run, each planned run and each test from outside.
import { fromIso } from "../base/times.js";

/** How each state is drawn and called: the five of parts/state.js, and what is not yet over. */
const kLooks = {
  done: "good",
  failed: "bad",
  skipped: "watch",
  refused: "watch",
  "ran out": "watch",
  running: "running",
  queued: "unknown",
  planned: "planned",
};
export const lookOf = (item) =>
  item.state === "planned" && item.sentence ? "planned-watch" : (kLooks[item.state] ?? "unknown");

export const troubled = (item) => ["bad", "watch", "planned-watch"].includes(lookOf(item));
export const toCome = (item) => item.state === "planned" || item.state === "queued";
/** It had the slot, or still has it. */
export const usedSlot = (item) => item.lane === "heavy" && item.begin !== null && !toCome(item) && item.state !== "refused";

function placed(item, now) {
  const at = item.begin ?? item.planned ?? item.end ?? now;
  const began = item.begin !== null || item.state === "planned";
  const to = !began ? at : (item.end ?? (item.state === "running" ? now : item.until) ?? at);
  return { ...item, at, to: Math.max(at, to) };
}

const trackOf = (lane, requester) =>
  lane === "light" ? "runs" : requester === "schedule" ? "planned" : "by hand";

function ofBlock(block, continuous, now) {
  const planned = fromIso(block.planned);
  return placed(
    {
      key: block.run || `${block.test}@${block.planned}`,
      lane: block.lane,
      track: continuous.has(block.test) ? "all day" : trackOf(block.lane, block.requester),
      test: block.test,
      title: block.title || block.probe,
      requester: block.requester,
      state: block.state,
      planned,
      begin: fromIso(block.begin),
      end: fromIso(block.end),
      until: fromIso(block.expected_end),
      sentence: block.sentence,
      retries: block.retries,
    },
    now,
  );
}

/** The slot held by a test from outside or refused to it, or by a run of a test that was deleted since. */
function ofLease(lease, now) {
  const outside = lease.kind === "inbound";
  return placed(
    {
      key: (outside ? "outside@" : "lease@") + lease.begin + (lease.outcome === "refused" ? lease.requester : ""),
      lane: "heavy",
      track: outside ? "outside" : lease.kind === "planned" ? "planned" : "by hand",
      test: "",
      title: outside ? `test from ${lease.requester}` : lease.title,
      requester: lease.requester,
      outside,
      state: lease.outcome || "running",
      planned: null,
      begin: lease.outcome === "refused" ? null : fromIso(lease.begin),
      end: fromIso(lease.end),
      until: fromIso(lease.until),
      sentence: lease.sentence,
      retries: 0,
    },
    now,
  );
}

/** All items of `line`, by their place; `tests` are the node's. */
export function itemsOf(line, tests, now) {
  const continuous = new Set(tests.filter((t) => t.schedule.kind === "continuous").map((t) => t.id));
  const titles = new Map(tests.map((t) => [t.id, t.title || t.sentence]));
  const runs = new Set(line.blocks.map((b) => b.run));
  const all = [
    ...line.blocks.map((b) => ofBlock(b, continuous, now)),
    ...line.leases.filter((l) => !l.run || !runs.has(l.run)).map((l) => ofLease(l, now)),
  ];
  for (const item of all) item.title = titles.get(item.test) ?? item.title;
  return all.sort((a, b) => a.at - b.at);
}

/** The item that `key` of the address names. A planned one is still found under its old name once it has begun. */
export function itemOf(items, key) {
  const found = items.find((i) => i.key === key);
  if (found || !key?.includes("@")) return found;
  const [test, iso] = key.split("@");
  return items.find((i) => i.test === test && i.planned === fromIso(iso));
}

/**
 * Items that would lie on one another at this zoom, together: [{ items, at, to }], by time. `px` = width of a place on
 * the screen, `x` = time to px. What is over and what is to come are never one.
 */
export function bundled(items, x, px) {
  const found = new Map();
  for (const item of items) {
    const place = `${Math.floor(x(item.at) / px)}${toCome(item) ? "+" : ""}`;
    if (!found.has(place)) found.set(place, { items: [], at: item.at, to: item.to });
    const bundle = found.get(place);
    bundle.items.push(item);
    bundle.to = Math.max(bundle.to, item.to);
  }
  return [...found.values()];
}

/**
 * When the slot is not free from `from` to `to`: [{ at, to, item or pause }], by time; what is over is left out.
 * `pauses`: { at, to, pause: the sentence }.
 */
export function busyTimes(items, pauses, from, to) {
  const heavy = items
    .filter((i) => i.lane === "heavy" && (i.state === "planned" || i.state === "running") && lookOf(i) !== "planned-watch")
    .map((i) => ({ at: i.at, to: Math.max(i.to, i.until ?? i.to), item: i }));
  return [...heavy, ...pauses]
    .filter((b) => b.to > from && b.at < to)
    .sort((a, b) => a.at - b.at);
}

/** What lies between: [{ at, to }], each at least `least` seconds long. */
export function gapsBetween(busy, from, to, least) {
  const gaps = [];
  let free = from;
  for (const b of [...busy, { at: to, to }]) {
    if (b.at - free >= least) gaps.push({ at: free, to: b.at });
    free = Math.max(free, b.to);
  }
  return gaps;
}
