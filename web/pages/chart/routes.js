// The routes of a path's trace test for the part of time that is looked at.
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { get } from "../base/api.js";
import { useThrottled } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { fromIso, toIso } from "../base/times.js";

const kNamesAfter = 4; // seconds: names that were not known are asked for, and read once more

const plain = (item) => ({ ...item, t: fromIso(item.since), end: fromIso(item.until), seen: fromIso(item.last_seen) });

async function read(test, view) {
  const query = { from: toIso(view.from), to: toIso(view.to + 60), names: 1 };
  const body = await get(`/tests/${encodeURIComponent(test)}/routes`, query);
  return body.items.map(plain);
}

const nameless = (items) => items.some((i) => i.route.hops.some((h) => h.routers.some((r) => !r.name)));

/** { items, failure }: oldest first, each { t, end (null = still), seen, sentence, route }. Null until the first answer. */
export function useRoutes(test, view) {
  const [state, setState] = useState({ items: null, failure: null });
  const turn = useRef(0);
  const grain = Math.max(30, (view.to - view.from) / 50);
  const key = [test, Math.floor(view.from / grain), Math.floor(view.to / grain)].join();
  const load = async () => {
    const mine = ++turn.current;
    try {
      const items = await read(test, view);
      if (mine === turn.current) setState({ items, failure: null });
      return items;
    } catch (failure) {
      if (mine === turn.current) setState((s) => ({ ...s, failure }));
      return [];
    }
  };
  useEffect(() => {
    load();
  }, [key]);
  useEffect(() => {
    const timer = setTimeout(() => state.items && nameless(state.items) && load(), kNamesAfter * 1000);
    return () => clearTimeout(timer);
  }, [test, state.items === null]);
  const soon = useThrottled(load, 10);
  useEffect(() => onNews("result", (r) => view.live && r.test === test && soon()), [test, view.live]);
  return state;
}
