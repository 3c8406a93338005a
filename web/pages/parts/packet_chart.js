// Each packet as a point: delay over its time of sending; lost ones as ticks at the top. Any number of points is drawn
// as the envelope that the pixels can show.
import { html, useMemo, useState } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { colours, faint } from "../chart/colours.js";
import { envelope, firstAtOrAfter } from "../chart/columns.js";
import { PlotView } from "../chart/plot_view.js";
import { labelsFor, roomy } from "../chart/scales.js";

/** ISO 8601 with nine digits to [seconds, nanoseconds]: a number alone cannot hold both. */
function split(text) {
  const [head, fraction = "0Z"] = text.split(".");
  const whole = Date.parse(text.includes(".") ? head + "Z" : text) / 1000;
  return [whole, Number(fraction.replace("Z", "").padEnd(9, "0"))];
}

function delayOf(sent, received) {
  const [a, an] = split(sent),
    [b, bn] = split(received);
  return b - a + (bn - an) * 1e-9;
}

/** { t, delay (null = lost) } in order of sending; further copies are left out. */
export function packetColumns(items) {
  const seen = new Set();
  const rows = [];
  for (const p of items) {
    if (seen.has(p.sequence)) continue;
    seen.add(p.sequence);
    const [s, ns] = split(p.sent);
    rows.push([s + ns * 1e-9, p.received === null ? null : delayOf(p.sent, p.received)]);
  }
  rows.sort((a, b) => a[0] - b[0]);
  return { t: rows.map((r) => r[0]), delay: rows.map((r) => r[1]) };
}

function drawPoints(pen, columns, colour) {
  const { ctx, scale } = pen;
  ctx.fillStyle = colour;
  for (let i = firstAtOrAfter(columns.t, pen.from); i < columns.t.length && columns.t[i] <= pen.to; ++i) {
    if (columns.delay[i] !== null)
      ctx.fillRect(pen.x(columns.t[i]) - scale, pen.y(columns.delay[i]) - scale, 2 * scale, 2 * scale);
  }
}

export function drawEnvelope(pen, columns, colour) {
  const { ctx, scale } = pen;
  const count = Math.round(pen.width / scale);
  const e = envelope(columns.t, columns.delay, pen.from, pen.to, count);
  for (let i = 0; i < count; ++i) {
    if (e.low[i] === null) continue;
    ctx.fillStyle = faint(colour, 0.4);
    ctx.fillRect(pen.left + i * scale, pen.y(e.high[i]), scale, Math.max(scale, pen.y(e.low[i]) - pen.y(e.high[i])));
    ctx.fillStyle = colour;
    ctx.fillRect(pen.left + i * scale, pen.y(e.middle[i]), scale, 1.5 * scale);
  }
}

function drawLost(pen, columns) {
  pen.ctx.fillStyle = colours().bad;
  for (let i = firstAtOrAfter(columns.t, pen.from); i < columns.t.length && columns.t[i] <= pen.to; ++i) {
    if (columns.delay[i] === null)
      pen.ctx.fillRect(pen.x(columns.t[i]) - pen.scale, pen.top, 2 * pen.scale, 10 * pen.scale);
  }
}

export function PacketPlot({ columns, direction, range, onZoom, onBack }) {
  const known = columns.delay.filter((d) => d !== null);
  const yRange = known.length
    ? roomy([known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))], 0.1)
    : [0, 1e-3];
  const draw = (pen) => {
    const dense = firstAtOrAfter(columns.t, pen.to) - firstAtOrAfter(columns.t, pen.from) > 3 * (pen.width / pen.scale);
    (dense ? drawEnvelope : drawPoints)(pen, columns, colours()[direction]);
    drawLost(pen, columns);
  };
  return html`<${PlotView}
    height=${180}
    range=${range}
    yRange=${yRange}
    y=${{ labels: labelsFor("s") }}
    timeLabels=${true}
    draw=${draw}
    turn=${columns}
    onZoom=${onZoom}
    onBack=${onBack}
    label=${`Delay of each of ${columns.t.length} packets; ${columns.t.length - known.length} lost`}
  />`;
}

export function PacketChart({ result, direction }) {
  const { body, failure } = useResource(`/results/${encodeURIComponent(result.id)}/packets`, { direction });
  const columns = useMemo(() => packetColumns(body?.items ?? []), [body]);
  const [zoom, setZoom] = useState(null);
  if (failure) return html`<p class="quiet">${failure.sentence}</p>`;
  if (!body) return html`<div class="skeleton" style=${{ height: "204px" }}></div>`;
  if (!columns.t.length) return html`<p class="quiet">No packet is kept.</p>`;
  const whole = [columns.t[0] - 0.5, columns.t.at(-1) + 0.5];
  return html`<${PacketPlot}
      columns=${columns}
      direction=${direction}
      range=${zoom ?? whole}
      onZoom=${(a, b) => setZoom([a, b])}
      onBack=${() => setZoom(null)}
    />
    <p class="quiet small">
      Each packet by its time of sending${columns.delay.includes(null) ? "; red ticks: lost" : ""}. Drag zooms, double
      click goes back.
    </p>`;
}
