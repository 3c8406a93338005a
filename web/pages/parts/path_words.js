// A path in words: its two ends, its directions, their numbers.
import { html } from "../vendor/preact.js";
import { quantity, share, withError } from "../base/numbers.js";
import { age, fromIso } from "../base/times.js";
import { Spark } from "./spark.js";

/** Directions where there is no room for both ends. */
export const kShortWays = { forward: "→ to it", reverse: "← back", round_trip: "⇄ both" };
export const kArrows = { forward: "to it", reverse: "back", round_trip: "there and back", local: "here" };

/** "Geneva → Lyon" as seen from this node; `here` is its place or name. */
export function wayTitle(direction, here, there) {
  if (direction === "forward") return `${here} → ${there}`;
  if (direction === "reverse") return `${there} → ${here}`;
  return `${here} ⇄ ${there}`;
}

export const hereName = (node) => node?.site.place || node?.site.name || "here";

export const direction = (path, name) => path.directions.find((d) => d.direction === name);

/** The two one-way directions where both are measured, else what there is. */
export function mainWays(path) {
  const ways = ["forward", "reverse"].map((d) => direction(path, d)).filter(Boolean);
  return ways.length ? ways : path.directions.slice(0, 2);
}

export const normalBand = (way) =>
  way.normal_delay &&
  way.normal_delay.p50 !== null &&
  way.normal_delay.p95 !== null &&
  way.normal_delay.results >= way.normal_delay.needed
    ? [2 * way.normal_delay.p50 - way.normal_delay.p95, way.normal_delay.p95]
    : null;

export const Delay = ({ way, short = false }) => {
  if (!way) return html`<span class="quiet" title="No test measures this direction">–</span>`;
  const { delay } = way;
  const title = delay.value === null ? delay.why || "not measured" : withError(delay);
  return html`<span class="whole" title=${title}
    >${short ? quantity(delay.value, delay.unit) : withError(delay)}</span
  >`;
};

export const Loss = ({ way }) => {
  if (!way) return html`<span class="quiet" title="No test measures this direction">–</span>`;
  const { value, interval, why } = way.loss;
  const title =
    value === null
      ? why || "not measured"
      : interval.high === null
        ? ""
        : `95 % interval ${share(interval.low, 2)} to ${share(interval.high, 2)}`;
  return html`<span class="whole" title=${title}>${share(value)}</span>`;
};

export const WaySpark = ({ way, title }) =>
  html`<${Spark}
    line=${way?.sparkline}
    normal=${way ? normalBand(way) : null}
    reading=${way?.normal_delay === null}
    label=${`${title}: ${way?.sparkline ? "median delay of the last six hours" : way?.normal_delay === null ? "its past is being read" : "no data in the last six hours"}`}
  />`;

export const Updated = ({ of }) =>
  of.updated
    ? html`<span class="quiet whole">${age(fromIso(of.updated))}</span>`
    : html`<span class="quiet">no result yet</span>`;
