// What moved in each second of a throughput run, and how its sender fared: steps under one another on one axis.
import { html, useMemo } from "../vendor/preact.js";
import { bitRate, bytes, seconds, several, whole } from "../base/numbers.js";
import { colours } from "../chart/colours.js";
import { intervalAt, intervalsOf, stepsOf } from "../chart/intervals.js";
import { unknown } from "../chart/layers.js";
import { PlotView, makeCursor, useCursor } from "../chart/plot_view.js";
import { labelsFor } from "../chart/scales.js";
import { stairs, ticks } from "../chart/stairs.js";

/** What can be drawn of an interval; what no interval has is left out. */
const kRows = [
  { key: "rate", title: "moved", unit: "bit/s", height: 130, fill: true },
  { key: "rtt", title: "TCP's round trip", unit: "s", height: 90 },
  { key: "window", title: "congestion window", unit: "bytes", height: 90 },
];

function Reading({ items, begin, cursor }) {
  const time = useCursor(cursor);
  const i = intervalAt(items, time);
  if (!i) return html`<p class="quiet small reading">Point at a second to read it.</p>`;
  const parts = [
    `${bytes(i.octets)} (${whole(i.octets)} octets)`,
    bitRate(i.rate),
    i.again === null ? "" : `${several(i.again, "segment")} sent again`,
    i.lost === null ? "" : `${several(i.lost, "datagram")} lost`,
    i.rtt === null ? "" : `round trip ${seconds(i.rtt)}`,
    i.window === null ? "" : `window ${bytes(i.window)}`,
    i.omitted ? "left out of every sum" : "",
  ];
  return html`<p class="small reading">
    <span class="quiet">${(i.t - begin).toFixed(1)} to ${(i.end - begin).toFixed(1)} s:</span> ${parts.filter(Boolean).join(" · ")}
  </p>`;
}

function Row({ row, items, way, range, cursor, last }) {
  const most = Math.max(0, ...items.map((i) => i[row.key] ?? 0));
  const draw = (pen) => {
    const omitted = items.filter((i) => i.omitted).map((i) => [i.t, i.end]);
    unknown(pen, omitted, { text: "left out" });
    stairs(
      pen,
      stepsOf(items, (i) => i[row.key]),
      colours()[way],
      { fill: row.fill === true },
    );
    if (row.key !== "rate") return;
    const middle = (i) => (i.t + i.end) / 2;
    ticks(
      pen,
      items.map((i) => ({ t: middle(i), count: i.again })),
      colours().watch,
    );
    ticks(
      pen,
      items.map((i) => ({ t: middle(i), count: i.lost })),
      colours().bad,
    );
  };
  return html`<div class="panel">
    <div class="caption"><span class="quiet">${row.title}</span></div>
    <${PlotView}
      height=${row.height + (last ? 22 : 0)}
      range=${range}
      yRange=${[0, most > 0 ? most * 1.35 : 1]}
      y=${{ labels: labelsFor(row.unit) }}
      timeLabels=${last}
      draw=${draw}
      cursor=${cursor}
      turn=${items}
      label=${`${row.title} in each of ${several(items.length, "interval")}`}
    />
  </div>`;
}

/** One direction of a result that has intervals. */
export function IntervalChart({ result, way }) {
  const items = useMemo(() => intervalsOf(result, way), [result, way]);
  const cursor = useMemo(makeCursor, []);
  if (!items.length) return null;
  const rows = kRows.filter((row) => items.some((i) => i[row.key] !== null && i[row.key] !== undefined));
  const range = [items[0].t, items.at(-1).end];
  return html`<div class="intervals">
    ${rows.map((row, i) => html`<${Row} key=${row.key} row=${row} items=${items} way=${way} range=${range} cursor=${cursor} last=${i === rows.length - 1} />`)}
    <${Reading} items=${items} begin=${items[0].t} cursor=${cursor} />
  </div>`;
}
