// Delay as smoke. Both directions lie under one another on the same scale, so that they can be compared by eye.
import { html } from "../vendor/preact.js";
import { error } from "../base/numbers.js";
import { now } from "../base/times.js";
import { kNothing, extent, missing, quantile } from "./columns.js";
import { colours } from "./colours.js";
import { axisBreak, beyond, clockBand, heavy, line, marks, smoke, unknown } from "./layers.js";
import { labelsFor, roomy } from "./scales.js";
import { PlotView } from "./plot_view.js";
import { kWeek } from "./path_data.js";

/** Every median, and the middle four fifths but for one step in two hundred: one bad step does not make the scale. */
function middleRange(columns, from, to) {
  const medians = extent(columns, ["p50"], from, to);
  if (!medians) return null;
  const low = quantile(columns, "p10", 0.005, from, to) ?? medians[0],
    high = quantile(columns, "p90", 0.995, from, to) ?? medians[1];
  return [Math.min(low, medians[0]), Math.max(high, medians[1])];
}

/** Rare spikes may leave the picture (a triangle says so), or nothing else in it could be read. */
export function delayRange(columns, from, to, whole) {
  const full = extent(columns, ["min", "max", "p50"], from, to);
  if (!full) return null;
  const [low, high] = full;
  const middle = middleRange(columns, from, to) ?? full;
  const usual = quantile(columns, "max", 0.9, from, to) ?? high;
  const span = Math.max(middle[1] - middle[0], usual - middle[0], Math.abs(middle[1]) * 0.005, 2e-6);
  // The clock's band belongs into the picture as long as it does not become the picture.
  const room = Math.min(quantile(columns, "clock_bound", 0.5, from, to) ?? 0, span);
  const top = whole ? high : Math.min(high, middle[0] + span * 1.5);
  const bottom = whole ? low : Math.max(low, middle[1] - span * 1.5);
  return roomy([Math.min(bottom, middle[0] - room), Math.max(top, middle[1] + room)], 0.05);
}

/**
 * Both directions on one range where that leaves them readable; where they lie too far apart (the clocks differ, or
 * the ways do), a range of the same height for each, so that a millisecond is as high in both.
 */
export function commonRanges(ranges) {
  const known = ranges.filter(Boolean);
  if (!known.length) return ranges.map(() => [0, 0.01]);
  const low = Math.min(...known.map((r) => r[0])),
    high = Math.max(...known.map((r) => r[1]));
  const widest = Math.max(...known.map((r) => r[1] - r[0]));
  if (high - low <= 2 * widest) return ranges.map(() => [low, high]);
  return ranges.map((r) => (r ? [r[0], r[0] + widest] : known[0]));
}

export const graceOf = (columns) => columns.step * 1.5 + 100;

function Panel({ way, data, view, yRange, cursor, timeLabels, named, height, onPlot }) {
  const columns = data.ways.get(way.key) ?? kNothing;
  const before = data.before.get(way.key);
  const bound = quantile(columns, "clock_bound", 0.5, view.from, view.to);
  const draw = (pen) => {
    const colour = colours()[way.colour];
    heavy(pen, data.heavy);
    const blank = missing(columns, "p50", data.covers, view.from, Math.min(view.to, now()), graceOf(columns));
    unknown(pen, blank, { live: view.live });
    if (!columns.p50) return;
    clockBand(pen, columns, colours().text2);
    smoke(pen, columns, colour);
    if (before?.p50) line(pen, before, "p50", colours().text2, { width: 1.4, dash: [5, 4], shift: kWeek });
    beyond(pen, columns, "max", colour);
    beyond(pen, columns, "min", colour, { up: false });
    marks(pen, data.events, { words: named });
  };
  return html`<div class="panel">
    <div class="caption">
      <span class=${"tag " + way.colour}>${way.title}</span>
      <span class="quiet spare">${bound ? ` clocks ${error(bound, "s")}` : ""}</span
      >${before ? html` <span class="quiet">dashed: a week before</span>` : ""}
    </div>
    <${PlotView}
      height=${height}
      range=${[view.from, view.to]}
      yRange=${yRange}
      y=${{ labels: labelsFor("s") }}
      timeLabels=${timeLabels}
      draw=${draw}
      drawOver=${axisBreak}
      cursor=${cursor}
      onZoom=${view.zoom}
      onBack=${view.back}
      turn=${data.turn}
      onPlot=${onPlot}
      label=${`${way.title}: delay over time`}
    />
  </div>`;
}

export function DelayPanels({ ways, data, view, cursor, whole, height = 150, onPlot }) {
  const ranges = commonRanges(ways.map((w) => delayRange(data.ways.get(w.key) ?? kNothing, view.from, view.to, whole)));
  return ways.map(
    (way, i) =>
      html`<${Panel}
        key=${way.key}
        way=${way}
        data=${data}
        view=${view}
        yRange=${ranges[i]}
        cursor=${cursor}
        timeLabels=${i === ways.length - 1}
        named=${i === 0}
        height=${height + (i === ways.length - 1 ? 22 : 0)}
        onPlot=${(p) => onPlot?.(way.key, p)}
      />`,
  );
}
