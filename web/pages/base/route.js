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
addEventListener("hashchange", () => route.set(parse(location.hash)));

export const useRoute = () => useStore(route);
export const currentRoute = () => route.get();

/** Goes to another page; the browser's back button returns. */
export function go(page, id, query) {
  location.hash = link(page, id, query);
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
