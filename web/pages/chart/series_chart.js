// One or two plain series over time: this node's clock, its interfaces. In is drawn up and out is drawn down.
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { get } from "../base/api.js";
import { onNews } from "../base/stream.js";
import { useThrottled } from "../base/load.js";
import { toIso, now } from "../base/times.js";
import { absolute, extent, joined, missing, kNothing } from "./columns.js";
import { colours, faint } from "./colours.js";
import { axisBreak, band, line, unknown } from "./layers.js";
import { labelsFor, roomy } from "./scales.js";
import { PlotView } from "./plot_view.js";

const kSteps = [60, 300, 3600, 21600, 86400];

/**
 * Wished step for a range: one to two points a pixel, and a step that the node keeps as such, so that long ranges are
 * answered from what is kept long.
 */
export function stepFor(span) {
  const wished = Math.max(1, Math.floor(span / 2100));
  return `${wished < kSteps[0] ? wished : (kSteps.find((s) => s >= wished) ?? kSteps.at(-1))} s`;
}

/** The series `lines` ({ ids, colour, down? }) within [from, to], read again when `tests` store something. */
export function useSeries(lines, from, to, tests) {
  const [state, setState] = useState({ all: [], covers: null, busy: true });
  const turn = useRef(0);
  const key = JSON.stringify([lines.map((l) => l.ids), Math.round(from), Math.round(to)]);
  const read = async () => {
    const mine = ++turn.current;
    const query = { from: toIso(from), to: toIso(to), resolution: stepFor(to - from) };
    const one = (id) => get(`/series/${encodeURIComponent(id)}/data`, query).then(absolute);
    try {
      const all = await Promise.all(lines.map((l) => Promise.all(l.ids.map(one)).then(joined)));
      if (mine === turn.current) setState({ all, covers: [from, to], busy: false });
    } catch {
      // What was read stays; the frame says when the node is silent.
      if (mine === turn.current) setState((s) => ({ ...s, busy: false }));
    }
  };
  useEffect(() => {
    setState((s) => ({ ...s, busy: true }));
    read();
  }, [key]);
  const soon = useThrottled(read, 5);
  useEffect(() => onNews("result", (r) => tests.includes(r.test) && soon()), [key]);
  return state;
}

function mirrored(columns) {
  const turn = (v) => (v === null ? null : -v);
  return { ...columns, value: columns.value?.map(turn), low: columns.high?.map(turn), high: columns.low?.map(turn) };
}

function rangeOf(shown, lines, from, to, { zero, unit }) {
  const found = shown
    .map((c, i) => {
      const e = extent(c, ["low", "high", "value"], from, to);
      return e && lines[i]?.bothWays ? [-e[1], e[1]] : e;
    })
    .filter(Boolean);
  let low = Math.min(...found.map((e) => e[0])),
    high = Math.max(...found.map((e) => e[1]));
  if (!found.length) return unit === "s" ? [0, 1e-3] : [0, 1];
  if (zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  if (low === 0 && high === 0) high = 1;
  return roomy([low, high]);
}

function zeroLine(pen) {
  pen.ctx.strokeStyle = colours().lineStrong;
  pen.ctx.lineWidth = pen.scale;
  pen.ctx.beginPath();
  pen.ctx.moveTo(pen.left, pen.y(0));
  pen.ctx.lineTo(pen.left + pen.width, pen.y(0));
  pen.ctx.stroke();
}

/**
 * `lines`: [{ ids, title, colour name, down, bothWays }] of one unit; bothWays = drawn by a layer, on either side of zero. `range` [from, to]; `zero`: the axis holds zero.
 * `layers(pen, columns)` may draw below the lines; `nothing` is said where no value is known in the whole range.
 */
export function SeriesChart({
  lines,
  unit,
  range: [from, to],
  height = 120,
  tests = [],
  zero = true,
  cursor,
  label,
  timeLabels = true,
  layers,
  nothing = null,
}) {
  const { all: read, covers, busy } = useSeries(lines, from, to, tests);
  const shown = useMemo(() => read.map((c, i) => (lines[i]?.down ? mirrored(c) : c)), [read]);
  const yRange = rangeOf(shown, lines, from, to, { zero, unit });
  const anything = shown.some((c) => extent(c, ["value", "low", "high"], from, to));
  const draw = (pen) => {
    const first = shown.find((c) => c.t.length);
    const grace = 2.5 * (first?.step ?? 60) + 60;
    if (zero) zeroLine(pen);
    const columns = first ?? { ...kNothing, value: [] };
    const end = Math.min(to, now());
    const known = shown.some((c) => extent(c, ["value"], from, to));
    const blank = known || !covers ? missing(columns, "value", covers, from, end, grace) : [[from, end]];
    unknown(pen, blank, { live: true, text: known ? null : nothing });
    layers?.(pen, shown);
    shown.forEach((columns, i) => {
      if (lines[i].bothWays) return;
      const colour = colours()[lines[i].colour];
      if (columns.step > 60 && columns.low) band(pen, columns, "low", "high", faint(colour, 0.22));
      if (columns.value) line(pen, columns, "value", colour);
    });
  };
  return html`<${PlotView}
    height=${height}
    range=${[from, to]}
    yRange=${yRange}
    y=${{ labels: anything ? labelsFor(unit) : (values) => values.map(() => "") }}
    timeLabels=${timeLabels}
    draw=${draw}
    drawOver=${zero ? null : axisBreak}
    cursor=${cursor}
    label=${label}
    turn=${read}
    busy=${busy}
  />`;
}
