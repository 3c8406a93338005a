// What is drawn on a plot, layer by layer. A pen has ctx, x(t), y(v) and the edges of the plot, all in canvas pixels.
import { colours, faint, hatch } from "./colours.js";
import { runs, within } from "./columns.js";
import { since } from "../base/times.js";

function area(pen, columns, low, high, first, end) {
  const { ctx } = pen;
  const middle = columns.step / 2;
  ctx.beginPath();
  if (end - first === 1) {
    const x0 = pen.x(columns.t[first]),
      x1 = Math.max(pen.x(columns.t[first] + columns.step), x0 + pen.scale);
    const top = pen.y(columns[high][first]),
      bottom = pen.y(columns[low][first]);
    ctx.rect(x0, top, x1 - x0, Math.max(pen.scale, bottom - top));
  } else {
    for (let i = first; i < end; ++i) ctx.lineTo(pen.x(columns.t[i] + middle), pen.y(columns[high][i]));
    for (let i = end - 1; i >= first; --i) ctx.lineTo(pen.x(columns.t[i] + middle), pen.y(columns[low][i]));
  }
  ctx.closePath();
  ctx.fill();
}

/** A band between two columns. */
export function band(pen, columns, low, high, fill) {
  const [first, end] = within(columns, pen.from, pen.to);
  pen.ctx.fillStyle = fill;
  for (const [a, b] of runs(columns, [low, high], first, end)) area(pen, columns, low, high, a, b);
}

/** A line through a column, at the middle of each step. Gaps stay gaps. */
export function line(pen, columns, name, colour, { width = 1.5, dash = [], shift = 0 } = {}) {
  const { ctx } = pen;
  const [first, end] = within(columns, pen.from - shift, pen.to - shift);
  const middle = columns.step / 2 + shift;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width * pen.scale;
  ctx.lineJoin = "round";
  ctx.setLineDash(dash.map((d) => d * pen.scale));
  ctx.beginPath();
  for (const [a, b] of runs(columns, name, first, end)) {
    if (b - a === 1) {
      const x0 = pen.x(columns.t[a] + shift),
        x1 = Math.max(pen.x(columns.t[a] + columns.step + shift), x0 + 2 * pen.scale);
      ctx.moveTo(x0, pen.y(columns[name][a]));
      ctx.lineTo(x1, pen.y(columns[name][a]));
      continue;
    }
    for (let i = a; i < b; ++i) {
      const x = pen.x(columns.t[i] + middle),
        y = pen.y(columns[name][i]);
      if (i === a) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    }
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Delay as smoke: all packets, the middle four fifths, the middle half, and the median. */
export function smoke(pen, columns, colour) {
  band(pen, columns, "min", "max", faint(colour, 0.14));
  band(pen, columns, "p10", "p90", faint(colour, 0.24));
  band(pen, columns, "p25", "p75", faint(colour, 0.34));
  line(pen, columns, "p50", colour, { width: 1.6 });
}

/** Where the median may truly lie, as far as both clocks are known: hatched, beside the smoke. */
export function clockBand(pen, columns, colour) {
  const edges = { t: columns.t, step: columns.step, low: [], high: [] };
  columns.t.forEach((t, i) => {
    const bound = columns.clock_bound?.[i],
      value = columns.p50[i];
    const known = bound !== null && bound !== undefined && value !== null && !columns.same_clock?.[i];
    edges.low.push(known ? value - bound : null);
    edges.high.push(known ? value + bound : null);
  });
  band(pen, edges, "low", "high", hatch(pen.ctx, faint(colour, 0.32), { gap: 9, back: true }));
}

/** Time in which nothing was measured: hatched grey, with the sentence where there is room. */
export function unknown(pen, gaps, { top = pen.top, height = pen.height, words = true, live = false, text: said = null } = {}) {
  const { ctx } = pen;
  for (const [from, to] of gaps) {
    const x0 = Math.max(pen.left, pen.x(from)),
      x1 = Math.min(pen.left + pen.width, pen.x(to));
    if (x1 - x0 < 1.5 * pen.scale) continue;
    ctx.fillStyle = hatch(ctx, colours().hatch, { gap: 6 });
    ctx.fillRect(x0, top, x1 - x0, height);
    const text = said ?? (live && to >= pen.to - 1 ? `no data ${since(from)}` : "no data");
    ctx.font = `${12 * pen.scale}px system-ui, sans-serif`;
    const wide = ctx.measureText(text).width;
    if (!words || x1 - x0 < wide + 16 * pen.scale) continue;
    const x = (x0 + x1) / 2,
      y = top + height / 2;
    ctx.fillStyle = colours().ground;
    ctx.fillRect(x - wide / 2 - 4 * pen.scale, y - 9 * pen.scale, wide + 8 * pen.scale, 18 * pen.scale);
    ctx.fillStyle = colours().text2;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y);
  }
}

/** Time of tests that fill the path, own and inbound ([from, to] each): shaded, they disturb what is measured beside. */
export function heavy(pen, spans) {
  pen.ctx.fillStyle = faint(colours().text2, 0.16);
  for (const [from, to] of spans) {
    if (to < pen.from || from > pen.to) continue;
    const x = pen.x(from),
      wide = Math.max(pen.scale, pen.x(to) - x);
    // Too narrow to be read as a shade, it would look like a grid line: a foot says it too.
    const height = wide >= 3 * pen.scale ? pen.height : 4 * pen.scale;
    pen.ctx.fillRect(x, pen.top + pen.height - height, wide, height);
  }
}

const kLittle = { run_failed: "bad", run_skipped: "bad", run_refused: "bad", node_start: "text2" };
const kMarkWords = { clock_step: "clock stepped", route_change: "route changed", revision: "test changed" };

/** What a mark means, beside its line where there is room; `free`: from here on nothing is written yet. */
function markWord(pen, word, x, free) {
  const { ctx, scale } = pen;
  ctx.font = `${12 * scale}px system-ui, sans-serif`;
  const wide = ctx.measureText(word).width + 8 * scale;
  const right = x + wide < pen.left + pen.width;
  const begin = right ? x : x - wide;
  if (begin < free) return free;
  ctx.fillStyle = faint(colours().ground, 0.8);
  ctx.fillRect(begin + scale, pen.top + 20 * scale, wide - 2 * scale, 16 * scale);
  ctx.fillStyle = colours().text;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(word, begin + 4 * scale, pen.top + 28 * scale);
  return begin + wide;
}

/**
 * Marks: what happened, as thin vertical lines; a revision's seam is dashed; a failed run or a start of this node is a
 * tick at the foot. With `words` they are named.
 */
export function marks(pen, events, { words = false } = {}) {
  const { ctx } = pen;
  let free = pen.left;
  for (const event of events) {
    if (event.t < pen.from || event.t > pen.to) continue;
    const x = Math.round(pen.x(event.t)) + 0.5;
    const little = kLittle[event.kind];
    if (words && kMarkWords[event.kind]) free = markWord(pen, kMarkWords[event.kind], x, free);
    ctx.strokeStyle = little ? colours()[little] : colours().text2;
    ctx.lineWidth = (little ? 2 : 1) * pen.scale;
    ctx.setLineDash(event.kind === "revision" ? [4 * pen.scale, 3 * pen.scale] : []);
    ctx.beginPath();
    ctx.moveTo(x, little ? pen.top + pen.height - 7 * pen.scale : pen.top);
    ctx.lineTo(x, pen.top + pen.height);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

/** A visible break at the foot of an axis that does not begin at zero. */
export function axisBreak(pen) {
  if (pen.low <= 0) return;
  const { ctx, scale } = pen;
  const x = pen.left,
    y = pen.top + pen.height;
  ctx.save();
  ctx.strokeStyle = colours().text2;
  ctx.lineWidth = 1.2 * scale;
  ctx.beginPath();
  [
    [0, 0],
    [-4, -3],
    [4, -6],
    [-4, -9],
    [0, -12],
  ].forEach(([dx, dy]) => ctx.lineTo(x + dx * scale, y + dy * scale));
  ctx.stroke();
  ctx.restore();
}

/** A small triangle at the edge of the picture for what lies beyond it: `name` above (up) or below. */
export function beyond(pen, columns, name, colour, { up = true } = {}) {
  const [first, end] = within(columns, pen.from, pen.to);
  const { ctx, scale } = pen;
  const edge = up ? pen.top : pen.top + pen.height,
    inwards = up ? scale : -scale;
  ctx.fillStyle = colour;
  let before = -Infinity;
  for (let i = first; i < end; ++i) {
    const v = columns[name]?.[i];
    if (!(up ? v > pen.high : v !== null && v < pen.low)) continue;
    const x = pen.x(columns.t[i] + columns.step / 2);
    if (x - before < 7 * scale) continue;
    before = x;
    ctx.beginPath();
    ctx.moveTo(x, edge + inwards);
    ctx.lineTo(x - 3 * scale, edge + 6 * inwards);
    ctx.lineTo(x + 3 * scale, edge + 6 * inwards);
    ctx.fill();
  }
}
