// The single results and the marks of the part of time that is looked at.
import { html, useEffect, useState } from "../vendor/preact.js";
import { useResource, useThrottled } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { link } from "../base/route.js";
import { bitRate, loss, quantity, several } from "../base/numbers.js";
import { exact, fromIso, moment, toIso } from "../base/times.js";
import { latencyWords, trouble } from "../chart/run_readout.js";
import { kWays, runOf } from "../chart/throughput.js";
import { Outcome } from "./state.js";
import { testName } from "./names.js";

const kArrow = { forward: "→", reverse: "←", round_trip: "⇄", local: "" };

const median = (result, direction) =>
  result.statistics.find((s) => s.metric === "delay.p50" && s.direction === direction);

/** A throughput run in one line: what each direction got and repeated or lost, and what the load added. */
function filledInShort(result) {
  const run = runOf(result);
  const numbers = kWays
    .filter((way) => run.ways[way] && run.ways[way].rate !== null)
    .map((way) => `${kArrow[way]} ${bitRate(run.ways[way].rate)}, ${trouble(run.ways[way])}`);
  return [result.sentence, [...numbers, numbers.length && run.added !== null ? latencyWords(run) : ""].filter(Boolean).join(" · ")]
    .filter(Boolean)
    .join(" ");
}

/** A result in one line: its sentence, or median and loss of each direction. */
export function inShort(result) {
  if (result.probe === "throughput") return filledInShort(result);
  const numbers = result.directions.map((d) => {
    const m = median(result, d.direction);
    return `${kArrow[d.direction]} ${m && m.value !== null ? quantity(m.value, m.unit) : "–"}, lost ${loss(d.counts.lost, d.counts.sent)}`;
  });
  return [result.sentence, numbers.join(" · ")].filter(Boolean).join(" ");
}

export function MarkList({ events, view }) {
  const shown = events.filter((e) => e.t >= view.from && e.t <= view.to).reverse();
  if (!shown.length) return null;
  return html`<section>
    <div class="section-head">
      <h2>Marks</h2>
      <span class="quiet">${several(shown.length, "mark")} in this time, each a line in the strips above</span>
    </div>
    <table class="lines results">
      <tbody>
        ${shown.slice(0, 30).map(
          (e) =>
            html`<tr key=${e.id}>
              <td class="whole quiet" title=${exact(e.t, { utc: true }) + " UTC"}>${moment(e.t)}</td>
              <td>${e.sentence}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

/** Results of one test within the view, newest first; a rounded end, so that a live view does not ask all the time. */
export function ResultList({ tests, view, page = 10 }) {
  const [of, setOf] = useState(null);
  const [count, setCount] = useState(page);
  const [only, setOnly] = useState("");
  const test = tests.find((t) => t.id === of) ?? tests[0];
  const grain = Math.max(60, (view.to - view.from) / 50);
  const from = Math.floor(view.from / grain) * grain,
    to = Math.ceil(view.to / grain) * grain;
  const { body, failure, reload } = useResource(
    test ? "/results" : null,
    test ? { test: test.id, from: toIso(from), to: toIso(to), limit: count, outcome: only } : {},
  );
  const soon = useThrottled(reload, 3);
  useEffect(() => onNews("result", (r) => view.live && r.test === test?.id && soon()), [test?.id, view.live]);
  if (!test) return null;
  return html`<section>
    <div class="section-head">
      <h2>Results</h2>
      ${tests.length > 1 && html`<div class="segmented many" role="group" aria-label="Test">${tests.map((t) => html`<button key=${t.id} aria-pressed=${t.id === test.id} onClick=${() => setOf(t.id)}>${testName(t)}</button>`)}</div>`}
      <label class="row quiet"
        >outcome
        <select value=${only} onChange=${(e) => setOnly(e.target.value)}>
          <option value="">all</option>
          <option value="failed">failed</option>
          <option value="skipped">skipped</option>
          <option value="refused">refused</option>
        </select></label
      >
    </div>
    ${failure && html`<p class="refused">${failure.sentence}</p>`}
    <table class="lines results">
      <tbody>
        ${(body?.items ?? []).map(
          (r) =>
            html`<tr key=${r.id} class="pick">
              <td class="whole">
                <a href=${link("results", r.id)} title=${exact(fromIso(r.begin), { utc: true }) + " UTC"}
                  >${moment(fromIso(r.begin))}</a
                >
              </td>
              <td class="whole"><${Outcome} outcome=${r.outcome} /></td>
              <td>${inShort(r)}${r.late ? " Records came late: kept beside the series." : ""}</td>
            </tr>`,
        )}
        ${
          body &&
          !body.items.length &&
          html`<tr>
            <td class="quiet">No single result of this time is kept${only ? ` that was ${only}` : ""}.</td>
          </tr>`
        }
      </tbody>
    </table>
    ${body?.next && html`<button class="plain" onClick=${() => setCount(Math.min(1000, count * 4))}>Show more</button>`}
  </section>`;
}
