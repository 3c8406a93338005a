// Values that hold for a while, as steps from zero: throughput runs, and the seconds of one of them.
import { faint } from "./colours.js";
import { dense } from "./columns.js";

const kLeast = 3; // pixels: a run of half a minute is seen in a picture of a month

/**
 * `steps`: [{ from, to, until, value (null = none), joined }] in order: filled while it was measured, [from, to], a thin
 * line as long as it stands, up or down to the next where it is joined.
 */
export function stairs(pen, steps, colour, { fill = true } = {}) {
  const { ctx, scale } = pen;
  const foot = pen.y(0);
  const close = dense(pen, steps);
  ctx.fillStyle = faint(colour, close ? 0.2 : 0.45);
  for (const s of fill ? steps : []) {
    if (s.value === null || s.until < pen.from || s.from > pen.to) continue;
    const x = pen.x(s.from),
      top = Math.min(pen.y(s.value), foot - scale);
    ctx.fillRect(x, top, close ? pen.x(s.until) - x : Math.max(kLeast * scale, pen.x(s.to) - x), foot - top);
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = (close ? 1 : 1.6) * scale;
  ctx.lineJoin = "miter";
  ctx.beginPath();
  steps.forEach((s, i) => {
    if (s.value === null || s.until < pen.from || s.from > pen.to) return;
    const x = pen.x(s.from);
    const next = s.joined ? steps[i + 1] : null;
    ctx.moveTo(x, pen.y(s.value));
    ctx.lineTo(Math.max(x + (close ? 1 : kLeast) * scale, pen.x(s.until)), pen.y(s.value));
    if (next && next.value !== null) ctx.lineTo(pen.x(next.from), pen.y(next.value));
  });
  ctx.stroke();
}

/** Ticks at the top edge, longer for more: [{ t, count }]. */
export function ticks(pen, items, colour) {
  const { ctx, scale } = pen;
  ctx.fillStyle = colour;
  for (const { t, count } of items) {
    if (!count || t < pen.from || t > pen.to) continue;
    const height = Math.min(16, 5 + 3 * Math.log10(count)) * scale;
    ctx.fillRect(Math.round(pen.x(t)) - scale, pen.top, 2 * scale, height);
  }
}

/** What was asked for or expected: a dashed line over the whole width. */
export function dashedLevel(pen, value, colour) {
  const { ctx, scale } = pen;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.2 * scale;
  ctx.setLineDash([6 * scale, 4 * scale]);
  ctx.beginPath();
  ctx.moveTo(pen.left, pen.y(value));
  ctx.lineTo(pen.left + pen.width, pen.y(value));
  ctx.stroke();
  ctx.setLineDash([]);
}
