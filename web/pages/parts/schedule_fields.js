// When a test runs: the fields of its schedule, their rules, and what is sent of them.
import { html } from "../vendor/preact.js";
import { periodRule, timesOf, timesRule } from "../base/checks.js";
import { exact, fromIso, now, parseSpan, toIso, zone } from "../base/times.js";
import { periodsOf } from "../chart/throughput.js";
import { Select, Text } from "./fields.js";

export function emptySchedule(probe) {
  const s = probe?.standard_schedule ?? { kind: "every", period: "5 min", spread: "" };
  return {
    kind: s.kind,
    period: s.period ?? "",
    spread: s.spread ?? "",
    times: "02:00, 14:00",
    at: exact(now() + 120).replace(" ", "T"),
  };
}

export function scheduleValues(schedule) {
  const values = { kind: schedule.kind, period: schedule.period, spread: schedule.spread };
  if (schedule.times.length) values.times = schedule.times.join(", ");
  if (schedule.at) values.at = exact(fromIso(schedule.at)).replace(" ", "T");
  return values;
}

export function scheduleOf(v) {
  if (v.kind === "once") return { kind: "once", at: toIso(Date.parse(v.at) / 1000) };
  if (v.kind === "at") return { kind: "at", times: timesOf(v.times), spread: v.spread.trim() };
  return { kind: v.kind, period: v.period.trim(), spread: v.kind === "every" ? v.spread.trim() : "" };
}

/** A run may begin at random within its spread, but not after the next one. */
function spreadRule(v, all) {
  if (!v || (all.kind !== "every" && all.kind !== "at")) return "";
  const wrong = /^0\s*s?$/.test(v.trim()) ? "" : periodRule(v);
  if (wrong) return wrong;
  const room = all.kind === "every" ? parseSpan(all.period) : Math.min(...periodsOf(timesOf(all.times)));
  if (parseSpan(v) <= (room ?? Infinity)) return "";
  return all.kind === "every"
    ? `“${v}” is longer than the time between runs, ${all.period}.`
    : `“${v}” is longer than the shortest time between two of the runs.`;
}

export const scheduleChecks = {
  period: (v, all) => (all.kind === "every" || all.kind === "continuous" ? periodRule(v) : ""),
  times: (v, all) => (all.kind === "at" ? timesRule(v) : ""),
  spread: spreadRule,
  at: (v, all) => (all.kind !== "once" || Date.parse(v) / 1000 > now() ? "" : "A single run must lie in the future."),
};

/** The node's names of the fields, ours beside them; what is wrong with the whole is laid to the field that is shown. */
export const scheduleNames = (kind) => ({
  "schedule.period": "period",
  "schedule.spread": "spread",
  "schedule.times": "times",
  "schedule.at": "at",
  schedule: mainField(kind),
});

export const mainField = (kind) => ({ at: "times", once: "at" })[kind] ?? "period";

function When({ form }) {
  switch (form.values.kind) {
    case "once":
      return html`<${Text} form=${form} name="at" type="datetime-local" step="1" label="At (local time)" />`;
    case "at":
      return html`<${Text}
        form=${form}
        name="times"
        label="Times of the day, UTC"
        help=${`As “02:00, 14:30”, up to 48.${zone() === "UTC" ? "" : ` Here it is ${zone()}.`}`}
      />`;
    default:
      return html`<${Text}
        form=${form}
        name="period"
        label=${form.values.kind === "every" ? "Time between runs" : "Step of its results"}
        help="With its unit, as “5 min”."
      />`;
  }
}

export function ScheduleFields({ form, probe }) {
  const { kind } = form.values;
  const standard = probe.standard_schedule.kind;
  const kinds = [
    ["every", "Every so often"],
    ["at", "At times of the day"],
    ["continuous", "All day, without a gap"],
    ["once", "Once"],
  ].filter(([k]) => k === "once" || k === standard || k === kind || (k === "at" && standard === "every"));
  return html`<${Select} form=${form} name="kind" label="Schedule" choices=${kinds} /><${When} form=${form} />
    ${(kind === "every" || kind === "at") && html`<${Text} form=${form} name="spread" label="Random spread" help="A run begins at random within it, so that nodes do not start together." />`}`;
}
