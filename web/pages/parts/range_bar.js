// Which part of time: buttons, a calendar, steps to and fro, and the comparison with the week before.
import { html, useState } from "../vendor/preact.js";
import { amend, useRoute } from "../base/route.js";
import { exact, kRanges, kRangeTitles, moment, since, span, zone } from "../base/times.js";
import { Dialog } from "./dialog.js";

const local = (t) => exact(t).replace(" ", "T");

function Calendar({ view, onClose }) {
  const [from, setFrom] = useState(local(view.from));
  const [to, setTo] = useState(local(view.to));
  const [a, b] = [Date.parse(from) / 1000, Date.parse(to) / 1000];
  const wrong = !(a < b) ? "The end must be later than the begin." : "";
  const show = (e) => {
    e.preventDefault();
    if (wrong) return;
    onClose();
    view.show(a, b);
  };
  return html`<${Dialog} label="Choose a time" onClose=${onClose}>
    <form onSubmit=${show}><h2>Show from … to …</h2>
      <div class="field"><label for="from">From (${zone()})</label><input id="from" type="datetime-local" step="1" value=${from} onInput=${(e) => setFrom(e.target.value)} /></div>
      <div class="field"><label for="to">To</label><input id="to" type="datetime-local" step="1" value=${to} onInput=${(e) => setTo(e.target.value)} aria-invalid=${!!wrong} />
        <p class="under bad" role="alert">${wrong}</p></div>
      <div class="row"><button class="first" type="submit">Show this time</button><button type="button" onClick=${onClose}>Leave</button></div>
    </form></${Dialog}>`;
}

export function RangeBar({ view, compare = false, children }) {
  const { query } = useRoute();
  const [calendar, setCalendar] = useState(false);
  return html`<div class="range-bar">
    <div class="segmented" role="group" aria-label="Range">
      ${Object.keys(kRanges).map((r) => html`<button key=${r} aria-pressed=${view.range === r} title=${"The last " + kRangeTitles[r].replace(/^1 /, "")} onClick=${() => view.choose(r)}>${r.replace(/(\d)(\D)/, "$1\u00a0$2")}</button>`)}
    </div>
    <div class="segmented">
      <button title="Earlier (←)" aria-label="Earlier" onClick=${() => view.pan(-0.5)}>◀</button>
      <button title="Later (→)" aria-label="Later" onClick=${() => view.pan(0.5)} disabled=${view.live}>▶</button>
      <button title="Choose begin and end" onClick=${() => setCalendar(true)}>Calendar</button>
    </div>
    ${
      compare &&
      html`<label class="row"
      ><input
        type="checkbox"
        checked=${query.week === "1"}
        onChange=${(e) => amend({ week: e.target.checked ? "1" : undefined }, { replace: true })}
      />compare with the week before</label
    >`
    }
    ${view.canGoBack && html`<button onClick=${view.back} title="Back to before the zoom (double click, Backspace)">Zoom back</button>`}
    ${view.begun && html`<span class="quiet whole" title="Before that nothing was measured here">measured ${since(view.begun)}</span>`}
    ${!view.live && html`<span class="quiet whole">${span(view.to - view.from)} up to ${moment(view.to)}</span>`}
    <div class="push row">${children}</div>
    ${calendar && html`<${Calendar} view=${view} onClose=${() => setCalendar(false)} />`}
  </div>`;
}
