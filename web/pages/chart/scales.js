// Ranges and labels of value axes: units on the axis, at most eight labels, three digits.
import { digits, seconds } from "../base/numbers.js";

/** A range with room above and below. */
export function roomy([low, high], share = 0.06) {
  const room = (high - low || Math.abs(high) * 0.02 || 1e-6) * share;
  return [low - room, high + room];
}

const kTime = [
  [1e-9, "ns"],
  [1e-6, "µs"],
  [1e-3, "ms"],
  [1, "s"],
];
const kRate = [
  [1, ""],
  [1e3, "k"],
  [1e6, "M"],
  [1e9, "G"],
  [1e12, "T"],
];

function unitFor(values, steps) {
  const size = Math.max(...values.map(Math.abs));
  return steps.reduce((best, each) => (size >= each[0] ? each : best), steps[0]);
}

function labelled(values, steps, tail) {
  const [scale, prefix] = unitFor(values, steps);
  const apart = values.length > 1 ? Math.abs(values[1] - values[0]) / scale : 1;
  // As many decimals as tell each value itself, not the one beside it.
  const exact = (decimals) => values.every((v) => Math.abs(Number((v / scale).toFixed(decimals)) - v / scale) < apart / 50);
  const decimals = [0, 1, 2, 3, 4, 5].find(exact) ?? 6;
  return values.map((v) => (v / scale).toFixed(decimals).replace("-", "−") + " " + prefix + tail);
}

/** Labels for the values of an axis in the unit that the API names. */
export function labelsFor(unit) {
  switch (unit) {
    case "s":
      return (values) => labelled(values, kTime, "");
    case "bit/s":
      return (values) => labelled(values.map(Math.abs), kRate, "bit/s");
    case "bytes/s":
      return (values) => labelled(values.map(Math.abs), kRate, "B/s");
    case "bytes":
      return (values) => labelled(values.map(Math.abs), kRate, "B");
    case "packets/s":
      return (values) => labelled(values.map(Math.abs), kRate, "/s");
    case "share":
      return (values) => values.map((v) => digits(v * 100) + " %");
    default:
      return (values) => values.map((v) => digits(v));
  }
}

/** Decades of loss from 1e-5 to 1, as a height of 0 to 1. Zero stays zero; anything lost is seen. */
export function lossHeight(ratio) {
  if (!(ratio > 0)) return 0;
  return Math.max(0.06, Math.min(1, (Math.log10(ratio) + 5) / 5));
}

export { seconds };
