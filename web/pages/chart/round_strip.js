// Round trip: a thin line with the middle four fifths around it; one clock times both ends, so it has no clock error.
import { html } from "../vendor/preact.js";
import { now } from "../base/times.js";
import { kNothing, missing } from "./columns.js";
import { colours, faint } from "./colours.js";
import { axisBreak, band, beyond, heavy, line, marks, unknown } from "./layers.js";
import { labelsFor } from "./scales.js";
import { PlotView } from "./plot_view.js";
import { delayRange, graceOf } from "./delay_strip.js";
import { kWeek } from "./path_data.js";

export function RoundPanel({ way, data, view, cursor, whole, height = 130, onPlot }) {
  const columns = data.ways.get(way.key) ?? kNothing;
  const before = data.before.get(way.key);
  const draw = (pen) => {
    heavy(pen, data.heavy);
    const blank = missing(columns, "p50", data.covers, view.from, Math.min(view.to, now()), graceOf(columns));
    unknown(pen, blank, { live: view.live });
    if (!columns.p50) return;
    band(pen, columns, "p10", "p90", faint(colours().round_trip, 0.25));
    line(pen, columns, "p50", colours().round_trip, { width: 1.2 });
    if (before?.p50) line(pen, before, "p50", colours().text2, { width: 1.2, dash: [5, 4], shift: kWeek });
    beyond(pen, columns, "p90", colours().round_trip);
    marks(pen, data.events);
  };
  return html`<div class="panel">
    <div class="caption"><span class="tag round_trip">${way.title}</span></div>
    <${PlotView}
      height=${height}
      range=${[view.from, view.to]}
      yRange=${delayRange(columns, view.from, view.to, whole) ?? [0, 0.01]}
      y=${{ labels: labelsFor("s") }}
      timeLabels=${true}
      draw=${draw}
      drawOver=${axisBreak}
      cursor=${cursor}
      onZoom=${view.zoom}
      onBack=${view.back}
      turn=${data.turn}
      onPlot=${(p) => onPlot?.(way.key, p)}
      label=${`${way.title}: round trip over time`}
    />
  </div>`;
}
