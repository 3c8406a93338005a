// Smoke, loss and marks of a path for the part of time that is looked at, with some room for panning.
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { get } from "../base/api.js";
import { useThrottled } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { fromIso, toIso } from "../base/times.js";
import { absolute, joined, kNothing } from "./columns.js";
import { stepFor } from "./series_chart.js";

export const kWeek = 604800;
const kRoom = 0.25;
const kRevisions = 4;

/** `way`: { key, test, direction, revisions }. All its revisions follow one another on the axis. */
async function readWay(way, from, to, resolution) {
  const one = (revision) =>
    get(`/tests/${encodeURIComponent(way.test)}/smoke`, {
      direction: way.direction,
      from: toIso(from),
      to: toIso(to),
      resolution,
      revision,
    }).then(absolute);
  const parts = await Promise.all(way.revisions.slice(-kRevisions).map(one));
  return joined(parts.length ? parts : [kNothing]);
}

// The first route of a test, and routers that joined a known one: nothing changed.
const kNoMarks = new Set(["route", "route_more"]);
/** What happens to the node itself happens to all its paths; the API tells it without a test. */
const kOfTheNode = ["clock_step", "node_start"];

async function readEvents(tests, from, to) {
  const query = { from: toIso(from), to: toIso(to), limit: 200 };
  const some = (which) => get("/events", { ...query, ...which }).catch(() => ({ items: [] }));
  const lists = await Promise.all([
    ...tests.map((test) => some({ test })),
    ...kOfTheNode.map((kind) => some({ kind })),
  ]);
  const items = lists.flatMap((l) => l.items).filter((e) => !kNoMarks.has(e.kind));
  const seen = new Map(items.map((e) => [e.id, { ...e, t: fromIso(e.time) }]));
  return [...seen.values()].sort((a, b) => a.t - b.t);
}

/** `told`: tests whose events are marks too.
 * { ways: Map key → columns, before: Map (the week before), covers [from, to] read, events, failure, busy, turn }. */
export function usePathData(ways, view, compare, told = []) {
  const [data, setData] = useState({
    ways: new Map(),
    before: new Map(),
    events: [],
    failure: null,
    covers: null,
    busy: true,
    turn: 0,
  });
  const turn = useRef(0);
  const span = view.to - view.from;
  const grain = Math.max(1, span / 500);
  const key = JSON.stringify([
    ways.map((w) => [w.test, w.direction, w.revisions]),
    Math.round(view.from / grain),
    Math.round(span),
    compare,
    told,
  ]);

  const read = async () => {
    if (!ways.length && !told.length) return setData((d) => ({ ...d, busy: false }));
    const mine = ++turn.current;
    const from = view.from - kRoom * span,
      to = view.to + (view.live ? 0 : kRoom * span),
      step = stepFor(span);
    try {
      const [now, then, events] = await Promise.all([
        Promise.all(ways.map((w) => readWay(w, from, to, step))),
        compare ? Promise.all(ways.map((w) => readWay(w, from - kWeek, to - kWeek, step))) : [],
        readEvents([...new Set([...ways.map((w) => w.test), ...told])], from, to),
      ]);
      if (mine !== turn.current) return;
      const map = (list) => new Map(list.map((columns, i) => [ways[i].key, columns]));
      const read = { ways: map(now), before: map(then), covers: [from, to], events };
      setData({ ...read, failure: null, busy: false, turn: mine });
    } catch (failure) {
      if (mine === turn.current) setData((d) => ({ ...d, failure, busy: false }));
    }
  };
  useEffect(() => {
    setData((d) => ({ ...d, busy: true }));
    read();
  }, [key]);
  const soon = useThrottled(read, span > 7 * 86400 ? 60 : 2);
  useEffect(
    () => onNews("result", (r) => view.live && ways.some((w) => w.test === r.test) && soon()),
    [key, view.live],
  );
  useEffect(() => onNews("reset", soon), []);
  return data;
}
