// What part of time is looked at: live up to now, or fixed. It lives in the address; a pan is held back until it rests.
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { amend, useRoute } from "../base/route.js";
import { fromIso, kRanges, now, toIso } from "../base/times.js";

const kStandard = "1d";
const kLeast = 10,
  kMost = 20 * 31557600;

/** A thing younger than what is asked for is shown from its begin, over five minutes at least. */
const kShortest = 300;
const kMargin = 0.02;

function ofQuery(query, at, begun) {
  const from = fromIso(query.from),
    to = fromIso(query.to);
  if (Number.isFinite(from) && Number.isFinite(to) && from !== null && to !== null && to > from)
    return { from, to, live: false, range: null, begun: null };
  const range = kRanges[query.range] ? query.range : kStandard;
  const asked = at - kRanges[range];
  if (begun === null || begun <= asked + kRanges[range] / 50) return { from: asked, to: at, live: true, range, begun: null };
  const end = Math.max(at, begun + kShortest);
  return { from: begun - (end - begun) * kMargin, to: end, live: true, range, begun };
}

/**
 * `begun` (s): when there first was something to see, null if that is not known; `begun` of the answer: where a live view
 * begins later than its range says. { from, to, live, range, begun, zoom(from, to), back(), canGoBack, pan(share), choose(range) }.
 */
export function useView(begun = null) {
  const { query } = useRoute();
  const [at, setAt] = useState(now());
  const [held, setHeld] = useState(null);
  const resting = useRef(null);
  const passed = useRef([]);
  const base = ofQuery(query, at, begun);
  const view = held ? { ...held, live: false, range: null, begun: null } : base;
  const span = view.to - view.from;

  useEffect(() => {
    setHeld(null);
    if (!base.live) return;
    setAt(now());
    const timer = setInterval(
      () => !document.hidden && setAt(now()),
      Math.min(60, Math.max(5, (base.to - base.from) / 720)) * 1000,
    );
    return () => clearInterval(timer);
  }, [query.from, query.to, query.range, begun]);
  useEffect(() => () => clearTimeout(resting.current), []);

  const address = (from, to) => ({ from: toIso(from), to: toIso(to), range: undefined });
  return {
    ...view,
    canGoBack: passed.current.length > 0,
    zoom(from, to) {
      if (to - from < kLeast) [from, to] = [(from + to) / 2 - kLeast / 2, (from + to) / 2 + kLeast / 2];
      passed.current.push({ from: query.from, to: query.to, range: query.range });
      amend(address(from, to));
    },
    back() {
      const before = passed.current.pop();
      if (before) amend(before);
    },
    scale(factor) {
      const middle = (view.from + view.to) / 2,
        half = Math.min(kMost, Math.max(kLeast, span * factor)) / 2;
      amend(address(middle - half, middle + half), { replace: true });
    },
    pan(share) {
      const to = Math.min(now() + span * 0.05, view.to + share * span);
      const next = { from: to - span, to };
      setHeld(next);
      clearTimeout(resting.current);
      resting.current = setTimeout(() => amend(address(next.from, next.to), { replace: true }), 180);
    },
    choose: (range) => amend({ range: range === kStandard ? undefined : range, from: undefined, to: undefined }),
    show: (from, to) => amend(address(from, to)),
  };
}
