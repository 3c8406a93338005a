// Times as a person reads them. Everything inside is seconds since 1970 UTC as a number; the API speaks ISO 8601.

const kMonths = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const kSpace = "\u00a0";
const two = (n) => String(n).padStart(2, "0");

export const now = () => Date.now() / 1000;
export const toIso = (t) => new Date(Math.round(t * 1000)).toISOString();
export const fromIso = (text) => (text ? Date.parse(text) / 1000 : null);

function parts(t, utc) {
  const d = new Date(t * 1000);
  return utc
    ? {
        y: d.getUTCFullYear(),
        m: d.getUTCMonth(),
        d: d.getUTCDate(),
        H: d.getUTCHours(),
        M: d.getUTCMinutes(),
        S: d.getUTCSeconds(),
      }
    : { y: d.getFullYear(), m: d.getMonth(), d: d.getDate(), H: d.getHours(), M: d.getMinutes(), S: d.getSeconds() };
}

const day = (p) => `${p.d}${kSpace}${kMonths[p.m]}`;
const clock = (p, withSeconds) => `${two(p.H)}:${two(p.M)}${withSeconds ? ":" + two(p.S) : ""}`;

/** "14:02:31" today, "12 Nov 14:02" this year, "12 Nov 2025 14:02" else. */
export function moment(t, { utc = false, at = now() } = {}) {
  if (t === null || t === undefined || !Number.isFinite(t)) return "–";
  const p = parts(t, utc),
    n = parts(at, utc);
  if (p.y === n.y && p.m === n.m && p.d === n.d) return clock(p, true);
  if (p.y === n.y) return `${day(p)} ${clock(p)}`;
  return `${day(p)}${kSpace}${p.y} ${clock(p)}`;
}

/** Always with date and seconds, for tables and titles: "2026-11-12 14:02:31". */
export function exact(t, { utc = false } = {}) {
  if (t === null || t === undefined || !Number.isFinite(t)) return "–";
  const p = parts(t, utc);
  return `${p.y}-${two(p.m + 1)}-${two(p.d)} ${clock(p, true)}`;
}

/** The offset of local time at t: "UTC+1", "UTC+5:30". */
export function zone(t = now()) {
  const minutes = -new Date(t * 1000).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${size % 60 ? ":" + two(size % 60) : ""}`;
}

const kSpans = [
  [31557600, "year"],
  [2629800, "month"],
  [604800, "week"],
  [86400, "day"],
  [3600, "hour"],
  [60, "min"],
  [1, "s"],
];
const plural = (n, word) => `${n}${kSpace}${word}${n !== 1 && word.length > 3 ? "s" : ""}`;

/** A length of time in its largest fitting unit: "3 min", "2 days". */
export function span(s) {
  const size = Math.abs(s);
  for (const [length, word] of kSpans) {
    if (size >= length * (length >= 604800 ? 1.5 : 1)) return plural(Math.round(size / length), word);
  }
  return plural(0, "s");
}

/** A length of time in its two largest units, none lost: "45 s", "8 min", "1 h 12 min", "2 days 3 h". */
export function lasting(s) {
  const i = kSpans.findIndex(([length]) => s >= length && length <= 86400);
  if (i < 0) return plural(Math.round(s), "s");
  const [length, word] = kSpans[i];
  const [part, partWord] = kSpans[i + 1] ?? [1, ""];
  const steps = kSpans[i + 1] ? Math.round(s / part) : Math.round(s);
  const big = Math.floor((steps * part) / length),
    rest = Math.round((steps * part - big * length) / part);
  return partWord && rest ? `${plural(big, word)}${kSpace}${plural(rest, partWord)}` : plural(big, word);
}

/** "3 min ago", "in 20 s", "just now". */
export function age(t, at = now()) {
  if (t === null || t === undefined || !Number.isFinite(t)) return "–";
  const s = at - t;
  if (Math.abs(s) < 1.5) return "just now";
  return s > 0 ? `${span(s)} ago` : `in ${span(s)}`;
}

/** "since 13:40", "since 12 Nov 14:02". */
export const since = (t) => "since " + moment(t).replace(/^(\d\d:\d\d):\d\d$/, "$1");

/** Text of a duration as the API and people write it ("5 min", "60 s") to seconds; null if it is not one. */
export function parseSpan(text) {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|min|h|d)\s*$/.exec(text ?? "");
  if (!found) return null;
  const unit = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86400 };
  return Number(found[1]) * unit[found[2]];
}

/** Labels of a time axis: as much of the date as the step needs, the day where a day begins. */
export function axisLabels(splits, step) {
  let before = null;
  return splits.map((t) => {
    if (t === null) return "";
    const p = parts(t, false);
    const newDay = !before || before.d !== p.d || before.m !== p.m;
    const newYear = before && before.y !== p.y;
    before = p;
    if (step >= 27 * 86400) return newYear ? `${kMonths[p.m]} ${p.y}` : kMonths[p.m];
    if (step >= 86400) return newYear ? `${day(p)} ${p.y}` : day(p);
    const time = clock(p, step < 60);
    return newDay && p.H === 0 && p.M === 0 ? day(p) : time;
  });
}

/** The ranges that have a button. */
export const kRanges = { "1h": 3600, "6h": 21600, "1d": 86400, "1w": 604800, "1m": 2629800, "1y": 31557600 };
export const kRangeTitles = {
  "1h": "1 hour",
  "6h": "6 hours",
  "1d": "1 day",
  "1w": "1 week",
  "1m": "1 month",
  "1y": "1 year",
};
