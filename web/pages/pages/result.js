// One result: what came out, with errors; each packet while it is kept; how it was measured; the log of the run.
import { html } from "../vendor/preact.js";
import { address, seesAll, session } from "../base/api.js";
import { useResource } from "../base/load.js";
import { useStore } from "../base/store.js";
import { link } from "../base/route.js";
import { kMissing, loss, whole, withError } from "../base/numbers.js";
import { exact, fromIso, moment, span, zone } from "../base/times.js";
import { Measured } from "../parts/measured.js";
import { RouteTable } from "../parts/route_table.js";
import { Outcome } from "../parts/state.js";
import { ThroughputPart } from "../parts/throughput_part.js";
import { PacketChart } from "../parts/packet_chart.js";
import { HistogramChart } from "../parts/histogram_chart.js";
import { testName } from "../parts/names.js";

const kDirections = { forward: "to it", reverse: "back", round_trip: "there and back", local: "here", none: "" };
const kBases = {
  none: "",
  exact_count: "counted exactly",
  sampling: "error of sampling, 95 %",
  clock_bound: "error of the clocks",
  sampling_and_clock: "error of sampling (95 %) and of the clocks",
};

function Statistics({ result, metrics }) {
  const titles = new Map(metrics.map((m) => [m.id, m]));
  const directions = [...new Set(result.statistics.map((s) => s.direction))];
  const rows = [...new Map(result.statistics.map((s) => [s.metric + " " + s.subject, s])).values()];
  const cell = (row, d) => {
    const s = result.statistics.find((x) => x.metric === row.metric && x.subject === row.subject && x.direction === d);
    if (!s) return html`<td key=${d}></td>`;
    return html`<td key=${d} class="whole" title=${s.value === null ? s.why : kBases[s.basis]}>
      ${s.value === null ? html`<span class="quiet">${kMissing} ${s.why}</span>` : withError(s)}
    </td>`;
  };
  return html`<div class="table-hold">
    <table>
      <thead>
        <tr>
          <th></th>
          ${directions.map((d) => html`<th key=${d} scope="col"><span class=${"tag " + d}>${kDirections[d]}</span></th>`)}
          <th>defined by</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (r) =>
            html`<tr key=${r.metric + r.subject}>
              <th scope="row" title=${titles.get(r.metric)?.help ?? ""}>
                ${titles.get(r.metric)?.title ?? r.metric}${r.subject ? ` · ${r.subject}` : ""}
              </th>
              ${directions.map((d) => cell(r, d))}
              <td class="quiet small">${titles.get(r.metric)?.definition ?? ""}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function Counted({ d }) {
  const c = d.counts;
  const more = [
    [c.duplicated, "duplicates"],
    [c.reordered, "out of order"],
    [c.sent_late, "sent more than 1 ms late"],
    [c.dropped_here, "fell from our own socket (not measured)"],
  ].filter(([n]) => n);
  return html`<p>
    ${whole(c.sent)} sent, ${whole(c.received)} received, lost${" "}
    ${loss(c.lost, c.sent)}${more.map(([n, word]) => `, ${whole(n)} ${word}`)}.
  </p>`;
}

function DirectionPart({ result, d, may }) {
  const packets = `/results/${encodeURIComponent(result.id)}/packets`;
  return html`<section>
    <div class="section-head">
      <h2><span class=${"tag " + d.direction}>${kDirections[d.direction] || d.direction}</span></h2>
      ${d.packets_kept && may && html`<span>each packet: <a href=${address(packets, { direction: d.direction, format: "csv" })} target="_blank" rel="noopener">CSV</a>, <a href=${address(packets, { direction: d.direction })} target="_blank" rel="noopener">JSON</a></span>`}
    </div>
    <${Counted} d=${d} />
    ${d.packets_kept && may ? html`<${PacketChart} result=${result} direction=${d.direction} />` : html`<p class="quiet small">${d.packets_kept ? "Each packet is shown to those who are logged in." : "The packets themselves are kept for 24 hours; what is shown here is kept longer."}</p>`}
    ${d.histogram?.length > 0 && html`<${HistogramChart} bins=${d.histogram} direction=${d.direction} />`}
  </section>`;
}

function Log({ lines }) {
  if (!lines?.length) return null;
  return html`<section>
    <h2>Log of the run</h2>
    <table>
      <tbody>
        ${lines.map(
          (l, i) =>
            html`<tr key=${i}>
              <td class="whole quiet mono">${l.time.slice(11, 23)}</td>
              <td class="whole">${l.level}</td>
              <td class="mono">${l.text}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

/** Of a trace: its hops, or that they are the known ones. */
function RoutePart({ result, test, around }) {
  if (result.probe !== "trace" || result.outcome !== "done") return null;
  const known = test?.path
    ? html`<a href=${link("paths", test.path, around)}>The path shows it.</a>`
    : "The path page shows it.";
  return html`<section>
    <h2>Route</h2>
    ${result.route ? html`<${RouteTable} after=${result.route} />` : html`<p>The route was the one already known. ${known}</p>`}
  </section>`;
}

export function ResultPage({ id }) {
  const { body: result, failure } = useResource(`/results/${encodeURIComponent(id)}`);
  const { body: metrics } = useResource("/metrics");
  const may = seesAll(useStore(session));
  const { body: tests, failure: untold } = useResource(may ? "/tests" : null);
  if (failure)
    return html`<h1>This result cannot be shown</h1>
      <p>${failure.sentence}</p>`;
  if (!result || !metrics || (may && !tests && !untold))
    return html`<div class="skeleton" style=${{ height: "600px" }}></div>`;
  const test = tests?.items.find((t) => t.id === result.test);
  const begin = fromIso(result.begin),
    end = fromIso(result.end);
  const around = {
    from: new Date((begin - 1800) * 1000).toISOString(),
    to: new Date((end + 1800) * 1000).toISOString(),
  };
  return html`<div class="stack">
    <div>
      <div class="page-head">
        <h1>${test ? testName(test) : result.probe}, ${moment(begin)}</h1>
        <${Outcome} outcome=${result.outcome} />
      </div>
      ${result.sentence && html`<p class="answer">${result.sentence}</p>`}
      <p class="quiet">
        ${exact(begin)} ${zone(begin)} (${exact(begin, { utc: true })} UTC), ${span(end - begin)}.
        ${" "}${test && html`<a href=${link("tests", test.id)}>The test</a>`}${test?.path && html` · <a href=${link("paths", test.path, around)}>the path around this time</a>`}${" · "}<a
          href=${address(`/results/${encodeURIComponent(id)}`)}
          target="_blank"
          rel="noopener"
          >JSON</a
        >
      </p>
    </div>
    ${result.probe === "throughput" && html`<${ThroughputPart} result=${result} />`}
    ${result.directions.length > 0 && html`<div class=${result.directions.length > 1 ? "two" : ""}>${result.directions.map((d) => html`<${DirectionPart} key=${d.direction} result=${result} d=${d} may=${may} />`)}</div>`}
    <${RoutePart} result=${result} test=${test} around=${around} />
    <section>
      <h2>How it was measured</h2>
      <${Measured} result=${result} />
    </section>
    ${
      result.statistics.length > 0 &&
      html`<section>
        <h2>All statistics</h2>
        <${Statistics} result=${result} metrics=${metrics.items} />
      </section>`
    }
    <${Log} lines=${result.log} />
  </div>`;
}
