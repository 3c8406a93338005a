// A value that pages can watch. Everything shared between pages lives in one of these.
import { useState, useEffect } from "../vendor/preact.js";

export function makeStore(value) {
  const heard = new Set();
  return {
    get: () => value,
    set(next) {
      if (next === value) return;
      value = next;
      for (const hear of [...heard]) hear(value);
    },
    hear(call) {
      heard.add(call);
      return () => heard.delete(call);
    },
  };
}

/** The value now, and a new drawing of the component when it changes. */
export function useStore(store) {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    setValue(store.get());
    return store.hear(setValue);
  }, [store]);
  return value;
}
