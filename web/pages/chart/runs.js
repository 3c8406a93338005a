// The throughput runs of a path for the part of time that is looked at.
import { useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { get } from "../base/api.js";
import { useThrottled } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { now, toIso } from "../base/times.js";
import { periodOf, runOf, standing } from "./throughput.js";

/** So many runs of a test are read at most, the newest of the time. */
export const kMostRuns = 500;
const kRoom = 0.25;

async function readTest(test, from, to) {
  const reach = 2 * (periodOf(test.schedule) ?? 3600);
  const query = { test: test.id, from: toIso(from - reach), to: toIso(to), limit: kMostRuns };
  const body = await get("/results", query);
  return { runs: body.items.map(runOf), more: body.next !== null };
}

const kNone = { runs: [], more: false };

/**
 * { of(test): { runs (see standing()), more: there are older ones that were not read }, at: up to when they stand, known,
 * failure, turn }.
 */
export function useRuns(tests, view) {
  const [state, setState] = useState({ read: new Map(), known: false, failure: null, turn: 0 });
  const turn = useRef(0);
  const span = view.to - view.from;
  const grain = Math.max(30, span / 50);
  const key = JSON.stringify([
    tests.map((t) => [t.id, t.schedule]),
    Math.floor(view.from / grain),
    Math.floor(view.to / grain),
  ]);
  const load = async () => {
    if (!tests.length) return;
    const mine = ++turn.current;
    try {
      const from = view.from - kRoom * span,
        to = view.to + kRoom * span + grain;
      const all = await Promise.all(tests.map((test) => readTest(test, from, to)));
      if (mine !== turn.current) return;
      setState({ read: new Map(tests.map((t, i) => [t.id, all[i]])), known: true, failure: null, turn: mine });
    } catch (failure) {
      if (mine === turn.current) setState((s) => ({ ...s, failure }));
    }
  };
  useEffect(() => {
    load();
  }, [key]);
  const soon = useThrottled(load, 3);
  useEffect(
    () => onNews("result", (r) => view.live && tests.some((t) => t.id === r.test) && soon()),
    [key, view.live],
  );
  useEffect(() => onNews("reset", soon), []);
  // A live view may reach beyond now; what stands does not. In steps, so that it is not reckoned anew at each turn.
  const step = Math.max(1, span / 720);
  const at = Math.floor(now() / step) * step;
  const shown = useMemo(
    () =>
      new Map(
        tests.map((test) => {
          const { runs, more } = state.read.get(test.id) ?? kNone;
          return [test.id, { runs: standing(runs, periodOf(test.schedule), at), more }];
        }),
      ),
    [state.turn, key, at],
  );
  return { ...state, at, of: (test) => shown.get(test.id) ?? kNone, turn: `${state.turn} ${at}` };
}
