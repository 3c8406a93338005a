// "Run something here": which test, now or once at a time to come; what is in the way is said.
import { html, useState } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { exact, moment, toIso } from "../base/times.js";
import { Dialog } from "../parts/dialog.js";
import { testName } from "../parts/names.js";
import { runNow } from "../parts/test_actions.js";
import { hourOf, longSpan } from "./words.js";

const kRound = 300;
const local = (t) => exact(t).slice(0, 16).replace(" ", "T");

/** How long a run of the test holds the slot, where a planned one says so; else 0. */
function lengthOf(test, items) {
  const known = items.find((i) => i.test === test.id && i.state === "planned" && i.until);
  return known ? known.until - known.planned : 0;
}

/** Why a run of `length` seconds cannot have its place at `t`; "" when it can. */
export function whyNot(t, length, heavy, busy, now) {
  if (!(t > now)) return "This time is over: choose one to come.";
  const pause = busy.find((b) => b.pause && b.at < t + length + 1 && b.to > t);
  if (pause) return pause.pause;
  const taken = heavy && busy.find((b) => b.item && b.at < t + length + 1 && b.to > t);
  if (!taken) return "";
  return taken.at <= t
    ? `“${taken.item.title}” has the slot from ${hourOf(taken.at)} until about ${moment(taken.to)}.`
    : `It would not be over before “${taken.item.title}” at ${hourOf(taken.at)}.`;
}

/** To whole five minutes where that is still in the gap. */
function firstTime(t, gap, now) {
  const round = Math.ceil(Math.max(t, now + 60) / kRound) * kRound;
  return round < gap.to ? round : Math.ceil(Math.max(t, now + 60) / 60) * 60;
}

function Choice({ test, heavy, at, why, nowFree, onRun }) {
  const [said, setSaid] = useState("");
  const run = () =>
    runNow(test).then(
      (told) => (setSaid(told), onRun()),
      (refusal) => setSaid(refusal.sentence ?? String(refusal)),
    );
  return html`<li>
    <div class="tl-choice">
      <strong>${testName(test)}</strong>
      <span class="quiet small">${heavy ? "heavy" : "light"}${test.title ? ` · ${test.sentence}` : ""}</span>
      ${(said || why) && html`<span class="small" role="status">${said || why}</span>`}
    </div>
    <span class="row">
      ${nowFree && html`<button onClick=${run}>Run now</button>`}
      ${why ? html`<button disabled title=${why}>Run once</button>` : html`<a class="button" href=${link("tests", "new", { copy: test.id, at: toIso(at) })}>Run once at ${hourOf(at)}</a>`}
    </span>
  </li>`;
}

const Paused = ({ gap, onClose }) =>
  html`<${Dialog} label="Nothing can run here" onClose=${onClose}>
    <h2>Nothing can run here</h2>
    <p>${gap.pause}</p>
    <p>Choose a time outside, or change the pause below the picture.</p>
    <div class="row"><button onClick=${onClose}>Close</button></div>
  </${Dialog}>`;

/** `gap`: { at, to }, or with `pause` a sentence; `t`: the time that was pointed at. `busy`: as of busyTimes(). */
export function GapDialog({ gap, t, tests, items, busy, now, onRun, onClose }) {
  const { body: probes, failure } = useResource("/probes");
  const [text, setText] = useState(local(firstTime(t, gap, now)));
  if (gap.pause) return html`<${Paused} gap=${gap} onClose=${onClose} />`;
  const at = Date.parse(text) / 1000;
  const heavyProbes = new Set((probes?.items ?? []).filter((p) => p.footprint === "saturating").map((p) => p.id));
  const heavy = (test) => heavyProbes.has(test.probe);
  const some = tests
    .filter((test) => !test.self_check && test.schedule.kind !== "continuous")
    .sort((a, b) => heavy(b) - heavy(a));
  const nowFree = gap.at <= now + 1;
  return html`<${Dialog} label="Run something here" onClose=${onClose} kind="tl-gap-dialog">
    <h2>Run something here</h2>
    <p>
      The slot is free ${nowFree ? "now," : `from ${hourOf(gap.at)}`} until ${hourOf(gap.to)} (${longSpan(gap.to - Math.max(now, gap.at))}).
      A single run has no time to try again: if the slot is held when its time comes, it is skipped and says so.
    </p>
    <div class="field"><label for="gap-at">Once at (local time)</label><input id="gap-at" type="datetime-local" value=${text} onInput=${(e) => setText(e.target.value)} /></div>
    ${failure && html`<p class="refused">${failure.sentence}</p>`}
    <ul class="tl-choices">
      ${probes && some.map((test) => html`<${Choice} key=${test.id} test=${test} heavy=${heavy(test)} at=${at} nowFree=${nowFree} why=${whyNot(at, lengthOf(test, items), heavy(test), busy, now)} onRun=${onRun} />`)}
    </ul>
    ${!some.length && html`<p>There is no test that could run here: those that run all day run anyway. <a href=${link("tests", "new", { at: toIso(at) })}>Add a test</a></p>`}
    <div class="row"><button onClick=${onClose}>Close</button></div>
  </${Dialog}>`;
}
