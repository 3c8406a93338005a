// A state as shape and word: good, watch, bad, learning, unknown; outcomes of runs are told with the same five.
import { html } from "../vendor/preact.js";

const kShapes = {
  good: html`<circle cx="6" cy="6" r="4" fill="currentColor" />`,
  watch: html`<path d="M6 1.2 11.2 10.6H.8Z" fill="currentColor" />`,
  bad: html`<path d="M1.5 1.5h9v9h-9z" fill="currentColor" />`,
  learning: html`<circle
    cx="6"
    cy="6"
    r="4"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-dasharray="2.2 1.6"
  />`,
  unknown: html`<path
    d="M1.5 6 6 1.5M1.5 10.5l9-9M6 10.5 10.5 6"
    fill="none"
    stroke="currentColor"
    stroke-width="1.4"
  />`,
};
export const kStateWords = { good: "as usual", watch: "watch", bad: "bad", learning: "learning", unknown: "no data" };
/** Worst first, as people look at them. */
export const kStates = ["bad", "watch", "unknown", "learning", "good"];

export const Shape = ({ state }) =>
  html`<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">${kShapes[state] ?? kShapes.unknown}</svg>`;

export const State = ({ state, word = kStateWords[state], title }) =>
  html`<span class=${"state " + state} title=${title}><${Shape} state=${state} />${word}</span>`;

const kOutcomes = {
  done: ["good", "done"],
  failed: ["bad", "failed"],
  skipped: ["watch", "skipped"],
  refused: ["watch", "refused"],
  running: ["learning", "running"],
  queued: ["unknown", "queued"],
};

export function Outcome({ outcome }) {
  const [state, word] = kOutcomes[outcome] ?? ["unknown", outcome];
  return html`<${State} state=${state} word=${word} />`;
}
