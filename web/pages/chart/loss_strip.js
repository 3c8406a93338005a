// Loss: a lane for each direction, bars on decades from 1e-5, so that one packet of a day is seen and counted.
import { html } from "../vendor/preact.js";
import { now } from "../base/times.js";
import { kNothing, missing, within } from "./columns.js";
import { colours } from "./colours.js";
import { heavy, marks, unknown } from "./layers.js";
import { lossHeight } from "./scales.js";
import { PlotView } from "./plot_view.js";
import { graceOf } from "./delay_strip.js";

const kLane = 60;
const kRoom = 0.16;

function drawLane(pen, columns, lane, lanes, colour) {
  const { ctx, scale } = pen;
  const foot = pen.y(lanes - 1 - lane),
    full = pen.y(lanes - 1 - lane) - pen.y(lanes - lane);
  const [first, end] = within(columns, pen.from, pen.to);
  for (let i = first; i < end; ++i) {
    if (!columns.sent?.[i]) continue;
    const x0 = Math.round(pen.x(columns.t[i])),
      x1 = Math.max(x0 + scale, Math.round(pen.x(columns.t[i] + columns.step)));
    // Measured without a loss: a thin foot says so, in contrast to what was not measured.
    ctx.fillStyle = colours().good;
    ctx.fillRect(x0, foot - 1.5 * scale, x1 - x0, 1.5 * scale);
    const height = lossHeight(columns.lost[i] / columns.sent[i]) * full * (1 - kRoom);
    if (!height) continue;
    ctx.fillStyle = colour;
    const wide = Math.max(2 * scale, x1 - x0 - (x1 - x0 > 4 * scale ? scale : 0));
    ctx.fillRect(x0, foot - height, wide, height);
  }
}

export function LossPanel({ ways, data, view, cursor, onPlot }) {
  const lanes = ways.length;
  const draw = (pen) => {
    heavy(pen, data.heavy);
    ways.forEach((way, lane) => {
      const columns = data.ways.get(way.key) ?? kNothing;
      const top = pen.y(lanes - lane),
        foot = pen.y(lanes - 1 - lane);
      const blank = missing(columns, "sent", data.covers, view.from, Math.min(view.to, now()), graceOf(columns));
      const place = { top: top + 3 * pen.scale, height: foot - top - 3 * pen.scale };
      unknown(pen, blank, { ...place, words: lanes === 1, live: view.live });
      drawLane(pen, columns, lane, lanes, colours()[way.colour]);
    });
    marks(pen, data.events);
  };
  // Heights of 100 %, 1 %, 0.01 % and 1e-5 in each lane.
  const heights = [1, 0.6, 0.2, 0];
  const splits = () => ways.flatMap((_, lane) => heights.map((h) => lanes - 1 - lane + h * (1 - kRoom)));
  const labels = (values) =>
    values.map(
      (v) =>
        ["100 %", "1 %", "0.01 %", ""][Math.round(heights.findIndex((h) => Math.abs((v % 1) - h * (1 - kRoom)) < 0.01))] ?? "",
    );
  return html`<div class="panel">
    ${ways.map((way, lane) => html`<div class="caption" key=${way.key} style=${{ top: 6 + lane * kLane + "px" }}><span class=${"tag " + way.colour}>${way.title}</span></div>`)}
    <${PlotView}
      key=${lanes}
      height=${lanes * kLane + 32}
      range=${[view.from, view.to]}
      yRange=${[0, lanes]}
      y=${{ labels, splits }}
      timeLabels=${true}
      draw=${draw}
      cursor=${cursor}
      onZoom=${view.zoom}
      onBack=${view.back}
      turn=${data.turn}
      onPlot=${(p) => onPlot?.("loss", p)}
      label="Loss over time, logarithmic from 0.001 % to 100 %"
    />
  </div>`;
}
