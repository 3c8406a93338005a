// Columns of the API on absolute times: joined over revisions, cut to a range, looked up by time.

/** `body` with begin, step_s, index and value columns becomes { t, step, ...columns }; t in seconds, begin of each step. */
export function absolute(body) {
  const begin = Date.parse(body.begin) / 1000;
  const columns = { t: body.index.map((i) => begin + i * body.step_s), step: body.step_s };
  for (const [name, column] of Object.entries(body)) {
    if (Array.isArray(column) && name !== "index") columns[name] = column;
  }
  return columns;
}

export const kNothing = { t: [], step: 60 };

/** Several of these in one, ascending: revisions follow one another. The coarsest step counts for gaps. */
export function joined(parts) {
  const some = parts.filter((p) => p.t.length);
  if (some.length <= 1) return some[0] ?? parts[0] ?? kNothing;
  const names = Object.keys(some[0]).filter((n) => Array.isArray(some[0][n]) && n !== "t");
  const rows = some.flatMap((part) => part.t.map((t, i) => [t, part, i])).sort((a, b) => a[0] - b[0]);
  const all = { t: rows.map((r) => r[0]), step: Math.max(...some.map((p) => p.step)) };
  for (const name of names) all[name] = rows.map(([, part, i]) => part[name]?.[i] ?? null);
  return all;
}

/** The first place whose time is not before t. */
export function firstAtOrAfter(times, t) {
  let low = 0,
    high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the step that holds t, or -1 where nothing was measured. */
export function at(columns, t) {
  const i = firstAtOrAfter(columns.t, t + 1e-9) - 1;
  return i >= 0 && t < columns.t[i] + columns.step * 1.0001 ? i : -1;
}

/** [first, end) of the steps that touch the range. */
export function within(columns, from, to) {
  return [firstAtOrAfter(columns.t, from - columns.step), firstAtOrAfter(columns.t, to)];
}

const isKnown = (v) => v !== null && v !== undefined;

/**
 * Runs [first, end) of neighbouring steps that have a value in a column, or in all of several; further apart than 1.5
 * steps are not joined. With few packets a far percentile is unknown where the median is not.
 */
export function runs(columns, names, first = 0, end = columns.t.length) {
  const wanted = [names].flat().map((name) => columns[name]);
  const found = [];
  let begin = -1;
  for (let i = first; i < end; ++i) {
    const known = wanted.every((column) => isKnown(column?.[i]));
    const near = i > first && columns.t[i] - columns.t[i - 1] <= columns.step * 1.5;
    if (begin >= 0 && (!known || !near)) {
      found.push([begin, i]);
      begin = -1;
    }
    if (known && begin < 0) begin = i;
  }
  if (begin >= 0) found.push([begin, end]);
  return found;
}

/** Where in [from, to] nothing was measured for longer than 1.5 steps (or `grace` seconds at the live end). */
export function gaps(columns, name, from, to, grace = 0) {
  const [first, end] = within(columns, from, to);
  const found = [];
  let covered = from;
  for (let i = first; i < end; ++i) {
    if (columns[name]?.[i] === null || columns[name]?.[i] === undefined) continue;
    if (columns.t[i] - covered > columns.step * 0.6) found.push([covered, columns.t[i]]);
    covered = Math.max(covered, columns.t[i] + columns.step);
  }
  if (to - covered > Math.max(columns.step * 1.5, grace)) found.push([covered, to]);
  return found;
}

/** Gaps of what was read, `covers` [from, to]: where nothing was read yet, nothing is known to be missing. */
export function missing(columns, name, covers, from, to, grace) {
  if (!covers) return [];
  const begin = Math.max(from, covers[0]),
    end = Math.min(to, covers[1]);
  return begin < end ? gaps(columns, name, begin, end, grace) : [];
}

/** Smallest and largest of several columns within the range; null when nothing is known there. */
export function extent(columns, names, from, to) {
  const [first, end] = within(columns, from, to);
  let low = Infinity,
    high = -Infinity;
  for (const name of names) {
    for (let i = first; i < end; ++i) {
      const v = columns[name]?.[i];
      if (v === null || v === undefined) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  return low <= high ? [low, high] : null;
}

/** The value that a share `p` of the column's values within the range do not exceed. */
export function quantile(columns, name, p, from, to) {
  const [first, end] = within(columns, from, to);
  const sorted = [];
  for (let i = first; i < end; ++i)
    if (columns[name]?.[i] !== null && columns[name]?.[i] !== undefined) sorted.push(columns[name][i]);
  sorted.sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] : null;
}

/**
 * Least, greatest and middle of each of `count` equal parts of [from, to]: what a drawing of that many pixels can show
 * of any number of points. Parts without a point are null.
 */
export function envelope(times, values, from, to, count) {
  const low = new Array(count).fill(null),
    high = new Array(count).fill(null),
    middle = new Array(count).fill(null);
  const width = (to - from) / count;
  const held = new Float64Array(times.length);
  let i = firstAtOrAfter(times, from);
  for (let part = 0; part < count && i < times.length; ++part) {
    const end = from + (part + 1) * width;
    let n = 0;
    for (; i < times.length && times[i] < end; ++i)
      if (values[i] !== null && !Number.isNaN(values[i])) held[n++] = values[i];
    if (!n) continue;
    const sorted = held.subarray(0, n).sort();
    low[part] = sorted[0];
    high[part] = sorted[n - 1];
    middle[part] = sorted[n >> 1];
  }
  return { low, high, middle };
}

const kApart = 7; // pixels: closer than this, bars would hide one another

/** Steps that lie too close for bars of their own: their lines then span least to greatest. */
export function dense(pen, steps) {
  const shown = steps.filter((s) => s.from >= pen.from && s.from <= pen.to);
  return shown.length > 1 && (pen.x(shown.at(-1).from) - pen.x(shown[0].from)) / (shown.length - 1) < kApart * pen.scale;
}
