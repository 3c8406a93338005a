// All of what was chosen in the picture: one run with its reason, or the runs that lie in one place.
import { html, useEffect, useRef } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { exact, moment, toIso } from "../base/times.js";
import { whole } from "../base/numbers.js";
import { State } from "../parts/state.js";
import { delayWord, longSpan, lineOf, requesterWord, stateWord, tally } from "./words.js";
import { lookOf } from "./items.js";

const kMostListed = 40;
const kStates = { running: "learning", planned: "unknown", "planned-watch": "watch" };
export const LookState = ({ item }) =>
  html`<${State} state=${kStates[lookOf(item)] ?? lookOf(item)} word=${stateWord(item)} />`;

const when = (t) => html`<span title=${exact(t, { utc: true }) + " UTC"}>${moment(t)}</span>`;

/** The run's result, once it is stored: the run knows it by its own name only. */
function ResultLink({ item }) {
  const around = { test: item.test, from: toIso(item.at - 5), to: toIso((item.end ?? item.to) + 5), limit: 100 };
  const { body } = useResource("/results", around);
  const result = body?.items.find((r) => r.run === item.key);
  if (result) return html`<a href=${link("results", result.id)}>its result, with its log</a>`;
  return html`<span class="quiet">${body ? "not kept any more, or not stored yet" : "…"}</span>`;
}

const fact = (name, value) =>
  value &&
  html`<dt>${name}</dt>
    <dd>${value}</dd>`;

function beginWords(item) {
  if (item.begin !== null) return when(item.begin);
  return item.state === "planned" || item.state === "queued" ? "" : "never";
}

function endWords(item) {
  if (item.end !== null) return html`${when(item.end)}${item.begin !== null && html` <span class="quiet">after ${longSpan(item.end - item.begin)}</span>`}`;
  return item.until && html`<span class="quiet">expected</span> ${when(item.until)}`;
}

function One({ item }) {
  const over = item.test && item.key && !["planned", "queued", "running"].includes(item.state);
  return html`<dl class="facts">
    <dt>Outcome</dt>
    <dd><${LookState} item=${item} /></dd>
    ${fact("Why", item.sentence)} ${fact("Test", item.test ? html`<a href=${link("tests", item.test)}>${item.title}</a>` : item.title)}
    ${fact("Asked for by", requesterWord(item))}
    ${fact("Planned", item.planned !== null ? when(item.planned) : item.outside ? "" : html`<span class="quiet">not known</span>`)}
    ${fact("Begun", beginWords(item))} ${fact("Against plan", delayWord(item))} ${fact("Ended", endWords(item))}
    ${fact("Tried again", item.retries > 0 && `${whole(item.retries)} ${item.retries === 1 ? "time" : "times"}`)}
    ${over ? fact("Result", html`<${ResultLink} item=${item} />`) : ""}
  </dl>`;
}

const PauseFacts = ({ pause }) =>
  html`<p>${pause.pause}</p>
    <p>From ${when(pause.at)} to ${when(pause.to)}.</p>`;

function Several({ items, choose, enlarge }) {
  return html`<div>
    <p>
      ${tally(items)}.
      <button class="plain" onClick=${enlarge}>Enlarge this time</button>
    </p>
    <ul>
      ${items.slice(0, kMostListed).map(
        (item) => html`<li key=${item.key} class="row"><${LookState} item=${item} /><button class="plain" onClick=${() => choose(item.key)}>${lineOf(item)}</button></li>`,
      )}
    </ul>
    ${items.length > kMostListed && html`<p class="quiet">and ${items.length - kMostListed} more.</p>`}
  </div>`;
}

/** `items`: what is chosen, one or more. */
export function Details({ items, choose, enlarge, onClose }) {
  const box = useRef(null);
  const key = items.map((i) => i.key).join();
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), [key]);
  const title = items.length === 1 ? `${items[0].title}, ${moment(items[0].at)}` : `${moment(items[0].at)} to ${moment(items[items.length - 1].at)}`;
  return html`<section class="tl-details" ref=${box} aria-label="Chosen">
    <div class="section-head">
      <h2>${title}</h2>
      <button class="plain push" onClick=${onClose} title="Escape">Close</button>
    </div>
    ${items[0].pause ? html`<${PauseFacts} pause=${items[0]} />` : items.length === 1 ? html`<${One} item=${items[0]} />` : html`<${Several} items=${items} choose=${choose} enlarge=${enlarge} />`}
  </section>`;
}
