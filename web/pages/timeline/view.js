// Which part of time the timeline shows. It lives in the address; what is live keeps its place while now goes on in it.
import { useEffect, useState } from "../vendor/preact.js";
import { amend, useRoute } from "../base/route.js";
import { fromIso, now, toIso } from "../base/times.js";

const kDay = 86400;
export const kSpans = { "6h": 6 * 3600, "24h": kDay, "48h": 2 * kDay };
const kStandard = "48h";
const kLeast = 300;
/** Now may go as far before the picture begins anew around it. */
const kFarthest = 0.9;

function ofQuery(query, anchor) {
  const from = fromIso(query.from),
    to = fromIso(query.to);
  if (from !== null && to !== null && to > from && to - from <= 2 * kDay) return { from, to, live: false, span: null };
  const span = kSpans[query.span] ? query.span : kStandard;
  return { from: anchor - kSpans[span] / 2, to: anchor + kSpans[span] / 2, live: true, span };
}

/** What is to be read for it: two days around now, or elsewhere the part itself. */
function toRead(view, anchor) {
  const around = { from: anchor - kDay, to: anchor + kDay };
  return view.from >= around.from && view.to <= around.to ? around : { from: view.from, to: view.to };
}

/** { from, to, live, span, now, drifted, read: {from, to}, choose(span), show(from, to), scale(factor, t), pan(share), centre() } */
export function useTimelineView() {
  const { query } = useRoute();
  const [anchor, setAnchor] = useState(() => Math.floor(now()));
  const [at, setAt] = useState(now());
  const view = ofQuery(query, anchor);
  const span = view.to - view.from;
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && setAt(now()), Math.min(30, Math.max(1, span / 2000)) * 1000);
    return () => clearInterval(timer);
  }, [span]);
  useEffect(() => {
    if (view.live && at > view.from + span * kFarthest) setAnchor(Math.floor(at));
  }, [view.live, at > view.from + span * kFarthest]);
  const read = toRead(view, anchor);
  const show = (from, to, how) => amend({ from: toIso(from), to: toIso(to), span: undefined }, how);
  const kept = (from, length) => {
    const begin = Math.max(read.from, Math.min(from, read.to - length));
    show(begin, begin + length, { replace: true });
  };
  return {
    ...view,
    now: at,
    read,
    drifted: !view.live || at - anchor > span * 0.02,
    choose(name) {
      setAnchor(Math.floor(now()));
      amend({ span: name === kStandard ? undefined : name, from: undefined, to: undefined });
    },
    centre() {
      setAnchor(Math.floor(now()));
      amend({ from: undefined, to: undefined });
    },
    show(from, to) {
      const missing = Math.max(0, kLeast - (to - from)) / 2;
      show(from - missing, to + missing);
    },
    /** `t` keeps its place. */
    scale(factor, t = (view.from + view.to) / 2) {
      const length = Math.min(read.to - read.from, Math.max(kLeast, span * factor));
      kept(t - ((t - view.from) / span) * length, length);
    },
    pan: (share) => kept(view.from + share * span, span),
  };
}
