// The address is the state: "#/paths/ID?range=1d" says page, thing and how it is looked at.
import { makeStore, useStore } from "./store.js";

export function parse(hash) {
  const [where, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = where.split("/");
  let id = rest.join("/");
  try {
    id = decodeURIComponent(id);
  } catch {
    id = "";
  }
  return { page: page || "overview", id, query: Object.fromEntries(new URLSearchParams(query)) };
}

export function link(page, id = "", query = {}) {
  const kept = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== "");
  const tail = kept.length ? "?" + new URLSearchParams(kept).toString() : "";
  return `#/${page}${id ? "/" + encodeURIComponent(id) : ""}${tail}`;
}

const route = makeStore(parse(location.hash));
/** The address was changed without the browser telling of it. */
export const rereadRoute = () => route.set(parse(location.hash));
addEventListener("hashchange", rereadRoute);

export const useRoute = () => useStore(route);
export const currentRoute = () => route.get();

/** Goes to another page; the browser's back button returns. */
export function go(page, id, query) {
  location.hash = link(page, id, query);
}

/** A go() for later, when something has been saved: nobody who went elsewhere meanwhile is fetched back. */
export function goFromHere() {
  const { page, id } = route.get();
  return (...to) => {
    const here = route.get();
    if (here.page === page && here.id === id) go(...to);
  };
}

/** Changes some of the query of the present page; undefined removes. `replace`: without a step for the back button. */
export function amend(changes, { replace = false } = {}) {
  const { page, id, query } = route.get();
  const next = link(page, id, { ...query, ...changes });
  if (!replace) {
    location.hash = next;
    return;
  }
  history.replaceState(null, "", next);
  route.set(parse(next));
}
