// The intervals of a throughput result as values, a second or so each. No browser.
import { fromIso } from "../base/times.js";

/** Of one direction, in order: { t, end (s, UTC), omitted, octets, rate (bit/s), lost, again, rtt (s), window (bytes) }. */
export function intervalsOf(result, way) {
  const begin = fromIso(result.begin);
  return (result.intervals ?? [])
    .filter((i) => i.direction === way && i.end_s > i.begin_s)
    .map((i) => ({
      t: begin + i.begin_s,
      end: begin + i.end_s,
      omitted: i.omitted,
      octets: i.octets,
      rate: (i.octets * 8) / (i.end_s - i.begin_s),
      lost: i.lost,
      again: i.retransmits,
      rtt: i.round_trip_s,
      window: i.window_octets,
    }));
}

/** The interval that holds a time, or null. */
export const intervalAt = (items, t) => (t === null ? null : (items.find((i) => t >= i.t && t < i.end) ?? null));

/** Steps for stairs(): neighbours are joined, omitted time has none. */
export const stepsOf = (items, valueOf) =>
  items.map((i, k) => ({
    from: i.t,
    to: i.end,
    until: i.end,
    value: i.omitted ? null : (valueOf(i) ?? null),
    joined: items[k + 1] !== undefined && items[k + 1].t - i.end < 0.01,
  }));
