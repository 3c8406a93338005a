// How much of the day the heavy tests take together, in words and as a bar.
import { html } from "../vendor/preact.js";
import { share, several } from "../base/numbers.js";
import { lasting } from "../base/times.js";
import { kMostOfDay } from "./cost_line.js";

const kDay = 86400;

/** { tests, seconds, share } of those that take the slot; paused ones take nothing. */
export function dayOf(tests) {
  const heavy = tests.filter((t) => t.cost.slot_seconds_per_day > 0);
  const seconds = heavy.reduce((sum, t) => sum + t.cost.slot_seconds_per_day, 0);
  return { tests: heavy.length, seconds, share: seconds / kDay };
}

/** Nothing where no heavy test is planned. */
export function DayBar({ tests }) {
  const day = dayOf(tests);
  if (!day.tests) return null;
  const said = `${several(day.tests, "heavy test")} ${day.tests === 1 ? "takes" : "take"} ${lasting(day.seconds)} of the day, ${share(day.share, 2)} of it; at most ${share(kMostOfDay, 2)} may be planned.`;
  return html`<div class="day-bar">
    <div class="bar" role="img" aria-label=${said}>
      <i style=${{ width: `${Math.min(100, 100 * day.share)}%` }}></i><b style=${{ left: `${100 * kMostOfDay}%` }}></b>
    </div>
    <span class="quiet">${said}</span>
  </div>`;
}
