// One table that reads all strips at the time under the cursor; without a cursor it reads the newest step.
import { html } from "../vendor/preact.js";
import { error, kMissing, loss, seconds } from "../base/numbers.js";
import { age, exact, now, span, zone } from "../base/times.js";
import { kShortWays } from "../parts/path_words.js";
import { at, kNothing } from "./columns.js";
import { useCursor } from "./plot_view.js";
import { RunRows } from "./run_readout.js";

const kWidths = [24, 16, 16, 16, 18, 10];

/** A round trip is stamped by one clock, whoever answers. */
function clockWords(columns, i, way) {
  if (columns.same_clock?.[i]) return way === "round_trip" ? "one clock" : "same clock";
  return error(columns.clock_bound?.[i], "s");
}

/** A percentile is unknown where there are too few packets for it. */
const between = (low, high) => (low === null || high === null ? kMissing : `${seconds(low)} to ${seconds(high)}`);

function cells(columns, i, way) {
  const c = columns;
  if (i < 0 || c.sent?.[i] === undefined) return { none: true };
  return {
    median: seconds(c.p50[i]),
    clock: c.p50[i] === null ? "" : clockWords(c, i, way),
    most: between(c.p10[i], c.p90[i]),
    all: between(c.min[i], c.max[i]),
    loss: loss(c.lost[i], c.sent[i]),
  };
}

function Row({ way, columns, time }) {
  const i = time === null ? columns.t.length - 1 : at(columns, time);
  const c = cells(columns, i, way.key);
  const name = html`<th scope="row">
    <span class=${"tag " + way.colour}
      ><span class="long">${way.title}</span><span class="short">${kShortWays[way.key] ?? way.title}</span></span
    >
  </th>`;
  if (c.none)
    return html`<tr>
      ${name}
      <td colspan="5" class="quiet">nothing was measured</td>
    </tr>`;
  return html`<tr>
    ${name}
    <td><strong>${c.median}</strong> <span class="quiet">${c.clock}</span></td>
    <td class="spare">${c.most}</td>
    <td class="spare">${c.all}</td>
    <td>${c.loss}</td>
    <td class="quiet spare">${span(columns.step)}</td>
  </tr>`;
}

function When({ time, newest }) {
  const t = time ?? newest;
  if (t === null) return html`<p class="when quiet"> </p>`;
  return html`<p class="when">
    ${time === null ? html`<span class="quiet">newest step, begun </span>` : html`<span class="quiet">at </span>`}<strong
      >${exact(t)}</strong
    >
    <span class="quiet"> ${zone(t)}</span
    ><span class="quiet spare"
      >${zone(t) === "UTC" ? "" : ` · ${exact(t, { utc: true })} UTC`}${time === null ? `, ${age(t)}` : ""}</span
    >
  </p>`;
}

/** `lanes`, `titleOf(lane)`, `runs`: of throughput, see RunRows; none where nothing measures it. */
export function Readout({ ways, data, cursor, lanes = [], titleOf, runs }) {
  const pointed = useCursor(cursor);
  // Where nothing can be measured yet, the newest is read.
  const time = pointed > now() ? null : pointed;
  const columnsOf = (w) => data.ways.get(w.key) ?? kNothing;
  const last = Math.max(
    ...ways.map((w) => columnsOf(w).t.at(-1) ?? -Infinity),
    ...lanes.map(({ test }) => runs.of(test).runs.at(-1)?.t ?? -Infinity),
  );
  return html`<div class="readout" aria-live="off">
    <${When} time=${time} newest=${Number.isFinite(last) ? last : null} />
    <table>
      <colgroup>
        ${kWidths.map((w, i) => html`<col key=${i} style=${{ width: w + "%" }} />`)}
      </colgroup>
      ${
        ways.length > 0 &&
        html`<thead>
        <tr>
          <th></th>
          <th scope="col">median, clock error</th>
          <th class="spare" scope="col">8 of 10 packets</th>
          <th class="spare" scope="col">all packets</th>
          <th scope="col">loss</th>
          <th class="spare" scope="col">step</th>
        </tr>
      </thead>
      <tbody>
        ${ways.map((w) => html`<${Row} key=${w.key} way=${w} columns=${columnsOf(w)} time=${time} />`)}
      </tbody>`
      }
      ${lanes.length > 0 && html`<${RunRows} lanes=${lanes} titleOf=${titleOf} runs=${runs} time=${time} />`}
    </table>
  </div>`;
}
