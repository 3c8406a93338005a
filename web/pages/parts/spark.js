// A line without axes: six hours at a glance. Gaps stay gaps; the shaded band is what is normal for this path.
import { html } from "../vendor/preact.js";

const kWidth = 300,
  kHeight = 60;

/** Runs of neighbouring points; points further apart than 1.5 steps are not joined. */
function runsOf(index, value) {
  const runs = [];
  let run = null,
    before = null;
  for (let i = 0; i < index.length; ++i) {
    if (value[i] === null) continue;
    if (run === null || index[i] - before > 1.5) runs.push((run = []));
    run.push([index[i], value[i]]);
    before = index[i];
  }
  return runs;
}

function bounds(value, normal) {
  const known = value.filter((v) => v !== null);
  let low = Math.min(...known),
    high = Math.max(...known);
  if (normal) {
    low = Math.min(low, normal[0]);
    high = Math.max(high, normal[1]);
  }
  // What changes by less than a hundredth looks as steady as it is.
  const span = Math.max((high - low) * 1.2, Math.abs(high) * 0.01, 1e-6);
  const middle = (low + high) / 2;
  return [middle - span / 2, middle + span / 2];
}

/** `line`: { direction, begin, step_s, index, value } of the API; `normal`: [low, high] or null; `label` for those who do not see it; `reading`: not known yet. */
export function Spark({ line, normal = null, label = "", reading = false }) {
  const runs = line ? runsOf(line.index, line.value) : [];
  if (!runs.length) {
    return html`<svg class=${reading ? "spark" : "spark hatched"} viewBox="0 0 300 60" preserveAspectRatio="none" role="img">
      <title>${label || "no data"}</title>
    </svg>`;
  }
  const steps = Math.max(...line.index) || 1;
  const [low, high] = bounds(line.value, normal);
  const x = (i) => ((i / steps) * kWidth).toFixed(1);
  const y = (v) => (kHeight - ((v - low) / (high - low)) * kHeight).toFixed(1);
  const path = runs
    .map(
      (run) => run.map(([i, v], k) => (k ? "L" : "M") + x(i) + " " + y(v)).join("") + (run.length === 1 ? "h.01" : ""),
    )
    .join("");
  const [lastIndex, lastValue] = runs.at(-1).at(-1);
  return html`<svg class=${"spark " + line.direction} viewBox="0 0 300 60" preserveAspectRatio="none" role="img">
    <title>${label}</title>
    ${normal && html`<rect class="normal" x="0" width=${kWidth} y=${y(normal[1])} height=${Math.max(1, y(normal[0]) - y(normal[1]))} />`}
    <path d=${path} />
    <path class="point" d=${`M${x(lastIndex)} ${y(lastValue)}h.01`} />
  </svg>`;
}
