// Numbers as a person reads them: three significant digits, SI prefixes, the unit never wrapped apart from its value.

const kSpace = "\u00a0";
const kMinus = "\u2212";

/** What stands where nothing was measured; its title says why. */
export const kMissing = "–";

/** Three significant digits (or `digits`), never in exponent form, with a real minus sign. */
export function digits(x, count = 3) {
  if (!Number.isFinite(x)) return kMissing;
  if (x === 0) return "0";
  const size = Math.abs(x);
  const whole = Math.floor(Math.log10(size)) + 1;
  if (whole > count) return digits(Math.round(x / 10 ** (whole - count)) * 10 ** (whole - count), whole);
  const decimals = Math.max(0, Math.min(12, count - whole));
  let text = size.toFixed(decimals);
  // 9.996 becomes 10.00: one digit too many.
  if (decimals > 0 && text.replace(".", "").replace(/^0+/, "").length > count) text = size.toFixed(decimals - 1);
  return (x < 0 ? kMinus : "") + text;
}

function scaled(x, unit, steps, count) {
  const size = Math.abs(x);
  let step = steps[0];
  for (const each of steps) if (size >= each[0] * 0.9995) step = each;
  return digits(x / step[0], count) + kSpace + step[1] + unit;
}

const kUp = [
  [1, ""],
  [1e3, "k"],
  [1e6, "M"],
  [1e9, "G"],
  [1e12, "T"],
  [1e15, "P"],
];

/** Seconds as "12.3 ms", "451 µs", "1.20 s"; below 1 µs in ns. */
export function seconds(x, count = 3) {
  if (x === null || x === undefined || !Number.isFinite(x)) return kMissing;
  if (x === 0) return "0" + kSpace + "s";
  return scaled(
    x,
    "s",
    [
      [1e-9, "n"],
      [1e-6, "µ"],
      [1e-3, "m"],
      [1, ""],
    ],
    count,
  );
}

/** A share of 0 to 1 in per cent. A tiny one keeps its digits; exact zero is "0 %". */
export function share(x, count = 3) {
  if (x === null || x === undefined || !Number.isFinite(x)) return kMissing;
  return digits(x * 100, count) + kSpace + "%";
}

export const bytes = (x) => known(x, (v) => scaled(v, "B", kUp, 3));
export const bitRate = (x) => known(x, (v) => scaled(v, "bit/s", kUp, 3));
export const byteRate = (x) => known(x, (v) => scaled(v, "B/s", kUp, 3));
export const plain = (x) => known(x, (v) => (Number.isInteger(v) ? whole(v) : digits(v)));

function known(x, say) {
  return x === null || x === undefined || !Number.isFinite(x) ? kMissing : say(x);
}

/** 1234567 as "1 234 567". */
export function whole(x) {
  return known(x, (v) =>
    Math.round(v)
      .toString()
      .replace("-", kMinus)
      .replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f"),
  );
}

/** "1 test", "4 tests". */
export const several = (n, noun) => whole(n) + kSpace + noun + (n === 1 ? "" : "s");

/** A sentence of the node's in which values stay with their units: "10 ms" does not part at a line's end. */
export const keepUnits = (text) => text.replace(/(\d) (?=[A-Za-zµ%])/g, "$1" + kSpace);

/** A value in the unit that the API names. */
export function quantity(x, unit, count = 3) {
  switch (unit) {
    case "s":
      return seconds(x, count);
    case "share":
      return share(x, count);
    case "bytes":
      return bytes(x);
    case "bit/s":
      return bitRate(x);
    case "bytes/s":
      return byteRate(x);
    case "":
      return known(x, (v) => digits(v, count));
    default:
      return known(x, (v) => (Number.isInteger(v) ? whole(v) : digits(v, count)) + kSpace + unit);
  }
}

/** The error of a value: "± 45 µs", two digits; unknown is said, not left out. */
export function error(x, unit) {
  if (x === null || x === undefined || !Number.isFinite(x)) return "error unknown";
  if (x === 0) return "exact";
  return "±" + kSpace + quantity(x, unit, 2);
}

/** A Value of the API (value, unit, interval) in words: "12.3 ms ± 45 µs", "2.1 % (1.6 to 2.8 %)". */
export function withError(v) {
  if (!v || v.value === null) return kMissing;
  const text = quantity(v.value, v.unit);
  const { low, high } = v.interval ?? {};
  if (low === null || high === null || low === undefined || high === undefined) {
    return v.basis === "exact_count" ? text : `${text} (error unknown)`;
  }
  const up = high - v.value,
    down = v.value - low;
  if (up === 0 && down === 0) return text;
  if (Math.abs(up - down) <= 0.1 * Math.max(up, down)) return `${text} ${error(Math.max(up, down), v.unit)}`;
  return `${text} (${quantity(low, v.unit, 2)} to ${quantity(high, v.unit, 2)})`;
}

/** Loss with what it was counted from: "1.17 % (7 of 600)". */
export function loss(lost, sent) {
  if (!sent) return kMissing;
  return `${share(lost / sent)} (${whole(lost)}${kSpace}of${kSpace}${whole(sent)})`;
}
