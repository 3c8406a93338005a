// The rows of the readout that read throughput: the run that stands at the time under the cursor.
import { html } from "../vendor/preact.js";
import { bitRate, kMissing, loss, seconds, several } from "../base/numbers.js";
import { moment } from "../base/times.js";
import { kShortWays } from "../parts/path_words.js";
import { rateOf, runAt } from "./throughput.js";

/** What TCP repeated or UDP lost, counted. */
export function trouble(way) {
  if (way?.again !== null && way?.again !== undefined) return `${several(way.again, "segment")} sent again`;
  return way?.sent ? `lost ${loss(way.lost, way.sent)}` : kMissing;
}

/** "13.2 ms idle, 45.1 ms loaded: +31.9 ms", or why not. */
export function latencyWords(run) {
  if (run.added === null) return run.latencyWhy ? `${kMissing} ${run.latencyWhy}` : kMissing;
  return `${seconds(run.idle)} idle, ${seconds(run.loaded)} loaded: ${run.added > 0 ? "+" : ""}${seconds(run.added)}`;
}

function why(runs, time) {
  if (!runs.length) return "no run in this time";
  const before = time === null ? null : runs.findLast((r) => r.t <= time);
  return before ? `no run stands here; the last one was at ${moment(before.t)}` : "no run yet at this time";
}

function Row({ lane, title, runs, time }) {
  const run = runAt(runs, time);
  const name = html`<th scope="row">
    <span class=${"tag " + lane.way}
      ><span class="long">${title}</span><span class="short">${kShortWays[lane.way]}</span></span
    >
  </th>`;
  if (!run || rateOf(run, lane.way) === null) {
    const said = run ? `${run.outcome} at ${moment(run.t)}: ${run.sentence || run.ways[lane.way]?.why || ""}` : why(runs, time);
    return html`<tr>
      ${name}
      <td colspan="5" class="quiet" title=${said}>${said}</td>
    </tr>`;
  }
  return html`<tr>
    ${name}
    <td>
      <strong>${bitRate(rateOf(run, lane.way))}</strong>${run.requester ? html` <span class="quiet">by hand</span>` : ""}
    </td>
    <td class="spare" colspan="2">${latencyWords(run)}</td>
    <td>${trouble(run.ways[lane.way])}</td>
    <td class="quiet spare" title=${run.requester ? `asked for by ${run.requester}` : "planned"}>
      ${moment(run.t)}
    </td>
  </tr>`;
}

/** `lanes`: [{ way, test }]; `titleOf(lane)`; `runs` of useRuns(). */
export const RunRows = ({ lanes, titleOf, runs, time }) =>
  html`<tbody>
    <tr class="head-row">
      <th></th>
      <th scope="col">throughput</th>
      <th class="spare" scope="col" colspan="2">latency under load</th>
      <th scope="col">sent again, lost</th>
      <th class="spare" scope="col">run</th>
    </tr>
    ${lanes.map((lane) => html`<${Row} key=${lane.way + lane.test.id} lane=${lane} title=${titleOf(lane)} runs=${runs.of(lane.test).runs} time=${time} />`)}
  </tbody>`;
