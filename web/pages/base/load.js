// Reads resources for a component, again when news says so, never out of order.
import { useState, useEffect, useRef, useCallback } from "../vendor/preact.js";
import { get, getTagged } from "./api.js";
import { onNews } from "./stream.js";

/**
 * { body, etag, failure, reload }. `path` null = nothing to read yet. What was read stays while it is read again.
 * `every` reads again after that many seconds; a reset of the stream always does.
 */
export function useResource(path, query = {}, { every = 0 } = {}) {
  const [state, setState] = useState({ body: null, etag: null, failure: null, of: null });
  const turn = useRef(0);
  const key = path === null ? null : path + "?" + JSON.stringify(query);
  const reload = useCallback(async () => {
    if (path === null) return;
    const mine = ++turn.current;
    try {
      const { body, etag } = await getTagged(path, query);
      if (mine === turn.current) setState({ body, etag, failure: null, of: key });
    } catch (failure) {
      if (mine === turn.current)
        setState((s) => ({ ...(s.of === key ? s : { body: null, etag: null }), failure, of: key }));
    }
  }, [key]);
  useEffect(() => {
    reload();
    const forget = onNews("reset", reload);
    const timer = every ? setInterval(reload, every * 1000) : null;
    return () => {
      ++turn.current;
      forget();
      clearInterval(timer);
    };
  }, [key, every]);
  return { ...(state.of === key ? state : { body: null, etag: null, failure: null }), reload };
}

/** Calls at most once in `seconds`, and once more after the last call, so that nothing is missed. */
export function useThrottled(call, seconds) {
  const newest = useRef(call);
  newest.current = call;
  const state = useRef({ timer: null, last: 0 });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return useCallback(
    (...args) => {
      const s = state.current;
      clearTimeout(s.timer);
      const wait = Math.max(0, s.last + seconds * 1000 - Date.now());
      s.timer = setTimeout(() => {
        s.last = Date.now();
        newest.current(...args);
      }, wait);
    },
    [seconds],
  );
}

export { get };
