// Every word with the node goes through here: JSON in and out, the session's token with every change, and a sentence
// for whatever went wrong.
import { makeStore } from "./store.js";
import { moment, now } from "./times.js";

const kBase = "/api/v1";
const kPatience = 30000;

/** A request that was refused or not answered. `field` names what was wrong; `sentence` is for people. */
export class Refusal extends Error {
  constructor(status, field, sentence) {
    super(sentence);
    this.status = status;
    this.field = field;
    this.sentence = sentence;
  }
}

/** Who we are to the node; null until asked. */
export const session = makeStore(null);
/** Whether more than measurements is shown: tests, peers, runs, how the node is set. Before set-up, to its own host. */
export const seesAll = (who) => Boolean(who?.authenticated || (who?.loopback && !who.set_up));
/** Since when the node has not answered; null while it does. */
export const silentSince = makeStore(null);

export const address = (path, query = {}) => {
  const kept = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return kBase + path + (kept.length ? "?" + new URLSearchParams(kept) : "");
};

async function ask(path, options) {
  const patience = AbortSignal.timeout ? AbortSignal.timeout(kPatience) : undefined;
  let response;
  try {
    response = await fetch(path, { cache: "no-store", credentials: "same-origin", signal: patience, ...options });
  } catch (failure) {
    if (options.signal?.aborted) throw failure;
    if (silentSince.get() === null) silentSince.set(now());
    throw new Refusal(
      0,
      "",
      `The node has not answered since ${moment(silentSince.get())}. Nothing was changed. We try again by ourselves.`,
    );
  }
  silentSince.set(null);
  return response;
}

async function refusalOf(response) {
  let told = {};
  try {
    told = await response.json();
  } catch {
    // A proxy in between may answer with something else than the node's own words.
  }
  const sentence = told.sentence || `The node refused the request (status ${response.status}).`;
  return new Refusal(response.status, told.field ?? "", sentence);
}

async function checked(response) {
  if (response.ok) return response;
  const refusal = await refusalOf(response);
  if (refusal.status === 401 && session.get()?.authenticated) loadSession();
  throw refusal;
}

/** Reads a resource: its body. */
export async function get(path, query = {}, { signal } = {}) {
  return (await getTagged(path, query, { signal })).body;
}

/** Reads a resource with the ETag that a change of it must name. */
export async function getTagged(path, query = {}, { signal } = {}) {
  const options = { headers: { Accept: "application/json" } };
  if (signal) options.signal = signal;
  const response = await checked(await ask(address(path, query), options));
  return { body: await response.json(), etag: response.headers.get("ETag") };
}

/** Changes something. `etag` for what was read before; `headers` for the set-up code. Answers the body, or null. */
export async function send(method, path, body, { etag, headers = {} } = {}) {
  const all = { Accept: "application/json", ...headers };
  // A change without a body says the content type all the same: the node asks for it of every change.
  all["Content-Type"] = body instanceof Blob ? "application/octet-stream" : "application/json";
  const token = session.get()?.csrf_token;
  if (token) all["Sonde-CSRF"] = token;
  if (etag) all["If-Match"] = etag;
  const content =
    body === undefined ? (method === "DELETE" ? undefined : "{}") : body instanceof Blob ? body : JSON.stringify(body);
  const response = await checked(await ask(kBase + path, { method, headers: all, body: content }));
  return response.status === 204 ? null : response.json();
}

/** Asks who we are; called at the start, after logging in, and when the node stops knowing us. */
export async function loadSession() {
  session.set(await get("/session"));
  return session.get();
}
