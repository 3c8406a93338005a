// Numbers, times, rules of fields and columns of charts: what stands behind the pages, without a browser.
import {
  bytes,
  digits,
  error,
  loss,
  quantity,
  seconds,
  share,
  whole,
  withError,
} from "../../web/pages/base/numbers.js";
import { age, axisLabels, exact, moment, parseSpan, span } from "../../web/pages/base/times.js";
import {
  hostRule,
  networksRule,
  optionRule,
  passwordRule,
  periodRule,
  prefixRule,
} from "../../web/pages/base/checks.js";
import { absolute, at, envelope, gaps, joined, runs } from "../../web/pages/chart/columns.js";
import { labelsFor, lossHeight } from "../../web/pages/chart/scales.js";
import { assert, check, run } from "./support/check.mjs";

const plain = (text) => text.replaceAll("\u00a0", " ").replaceAll("\u202f", " ");
const is = (seen, wanted) => assert.equal(plain(seen), wanted);

check("three significant digits, never more, never in exponent form", () => {
  is(digits(12.345), "12.3");
  is(digits(9.996), "10.0");
  is(digits(0.000123456), "0.000123");
  is(digits(1234.5), "1230");
  is(digits(-0.5), "−0.500");
  is(digits(NaN), "–");
});
check("a delay is in ms, below 1 ms in µs, below 1 µs in ns", () => {
  is(seconds(0.0123456), "12.3 ms");
  is(seconds(0.000451), "451 µs");
  is(seconds(0.0009999), "1.00 ms");
  is(seconds(3.2e-8), "32.0 ns");
  is(seconds(-0.267), "−267 ms");
  is(seconds(null), "–");
});
check("a value and its unit do not wrap apart", () =>
  assert.ok(seconds(1.5).includes("\u00a0") && share(0.5).includes("\u00a0")),
);
check("missing is a dash, never zero", () => {
  for (const say of [seconds, share, bytes, whole]) assert.equal(say(null), "–");
  is(loss(0, 0), "–");
});
check("loss tells what it was counted from", () => is(loss(7, 600), "1.17 % (7 of 600)"));
check("an error has two digits; an unknown one is said", () => {
  is(error(45.4e-6, "s"), "± 45 µs");
  is(error(null, "s"), "error unknown");
  is(
    withError({ value: 0.0123, unit: "s", interval: { low: 0.012255, high: 0.012345 }, basis: "clock_bound" }),
    "12.3 ms ± 45 µs",
  );
  is(
    withError({ value: 0.021, unit: "share", interval: { low: 0.016, high: 0.028 }, basis: "sampling" }),
    "2.10 % (1.6 % to 2.8 %)",
  );
  is(
    withError({ value: 0.01, unit: "s", interval: { low: null, high: null }, basis: "none" }),
    "10.0 ms (error unknown)",
  );
});
check("SI prefixes count in thousands", () => {
  is(bytes(1500), "1.50 kB");
  is(quantity(9.41e9, "bit/s"), "9.41 Gbit/s");
  is(whole(1234567), "1 234 567");
});
check("today has seconds, this year has the day, else the year", () => {
  const noon = new Date(2026, 10, 12, 14, 2, 31).getTime() / 1000;
  is(moment(noon, { at: noon + 60 }), "14:02:31");
  is(moment(noon, { at: noon + 5 * 86400 }), "12 Nov 14:02");
  is(moment(noon, { at: noon + 400 * 86400 }), "12 Nov 2026 14:02");
  is(exact(0, { utc: true }), "1970-01-01 00:00:00");
});
check("ages are in words", () => {
  is(age(1000, 1000.5), "just now");
  is(age(1000, 1180), "3 min ago");
  is(age(1180, 1000), "in 3 min");
  is(span(7200), "2 hours");
});
check("a time with its unit is read, anything else is not", () => {
  assert.equal(parseSpan("5 min"), 300);
  assert.equal(parseSpan("1s"), 1);
  for (const wrong of ["5", "5 minutos", "", "-1 s", "1e3 s"]) assert.equal(parseSpan(wrong), null, wrong);
});
check("the axis names a day where it begins", () => {
  const midnight = new Date(2026, 10, 21).getTime() / 1000;
  assert.deepEqual(axisLabels([midnight - 7200, midnight, midnight + 7200], 7200).map(plain), [
    "22:00",
    "21 Nov",
    "02:00",
  ]);
});
check("a field's rule names the value and what is allowed", () => {
  assert.match(hostRule("ps lyon.example"), /“ps lyon.example” holds a blank/);
  assert.match(hostRule("https://x.example/"), /“\/”/);
  assert.match(hostRule("192.0.2.7:861"), /ends with a port/);
  for (const wrong of ["999.1.1.1", "192.0.2"]) assert.match(hostRule(wrong), /not an IPv4 address/, wrong);
  for (const good of ["ps.example.org", "192.0.2.7", "2001:db8::7", "localhost"])
    assert.equal(hostRule(good), "", good);
  assert.equal(prefixRule("192.0.2.0/24"), "");
  for (const wrong of ["192.0.2.0/33", "192.0.2", "2001:db8::/129", "a/b"])
    assert.match(prefixRule(wrong), /is not a network/, wrong);
  assert.match(networksRule(" "), /No network/);
  assert.match(passwordRule("short"), /5 characters; at least 10/);
  assert.match(periodRule("5"), /unit/);
  const count = { name: "count", kind: "integer", unit: "packets", least: 1, most: 1000, choices: [] };
  assert.match(optionRule(count, "0"), /from 1 to 1000 packets/);
  assert.match(optionRule(count, "1.5"), /whole number/);
  assert.equal(optionRule(count, "10"), "");
  const interval = { name: "interval", kind: "duration", least: 0.01, most: 60 };
  assert.match(optionRule(interval, "5 h"), /from 10 ms to 1 min\.$/);
  assert.equal(optionRule(interval, "0.5 s"), "");
});

const body = { begin: "2026-11-21T00:00:00Z", step_s: 60, index: [0, 1, 2, 5, 6], value: [1, 2, null, 4, 5] };
const t0 = Date.parse(body.begin) / 1000;
check("steps without an index are gaps: not joined, not zero", () => {
  const c = absolute(body);
  assert.deepEqual(runs(c, "value"), [
    [0, 2],
    [3, 5],
  ]);
  assert.deepEqual(runs({ ...c, other: [1, null, 1, 1, 1] }, ["value", "other"]), [
    [0, 1],
    [3, 5],
  ]);
  assert.equal(at(c, t0 + 61), 1);
  assert.equal(at(c, t0 + 200), -1);
  assert.deepEqual(gaps(c, "value", t0, t0 + 420), [[t0 + 120, t0 + 300]]);
});
check("a silent end is a gap once it is older than a step and a half", () => {
  const c = absolute(body);
  assert.deepEqual(gaps(c, "value", t0 + 300, t0 + 440, 0), []);
  assert.deepEqual(gaps(c, "value", t0 + 300, t0 + 600, 0), [[t0 + 420, t0 + 600]]);
});
check("revisions follow one another", () => {
  const next = absolute({ ...body, begin: "2026-11-21T01:00:00Z" });
  const all = joined([next, absolute(body)]);
  assert.equal(all.t.length, 10);
  assert.ok(all.t.every((t, i) => i === 0 || t > all.t[i - 1]));
});
check("a wide range keeps its extremes: least and greatest of every pixel survive", () => {
  const count = 100000,
    t = Array.from({ length: count }, (_, i) => i),
    v = t.map((i) => Math.sin(i / 7) + (i === 54321 ? 40 : 0));
  const begun = process.hrtime.bigint();
  const e = envelope(t, v, 0, count, 1200);
  const took = Number(process.hrtime.bigint() - begun) / 1e6;
  assert.ok(Math.max(...e.high) > 39, "the one spike of 100,000 is seen");
  assert.ok(Math.min(...e.low) >= -1 && Math.min(...e.low) < -0.99);
  return `100,000 points in ${took.toFixed(1)} ms`;
});
check("an axis labels each value by itself, in one unit", () => {
  assert.deepEqual(labelsFor("s")([0.02525, 0.0255, 0.02575]), ["25.25 ms", "25.50 ms", "25.75 ms"]);
  assert.deepEqual(labelsFor("s")([-0.00005, 0, 0.00005]), ["−50 µs", "0 µs", "50 µs"]);
  assert.deepEqual(labelsFor("bit/s")([0, 5e8, 1e9]), ["0.0 Gbit/s", "0.5 Gbit/s", "1.0 Gbit/s"]);
});
check("one lost packet of a day is seen, and more loss is higher", () => {
  assert.equal(lossHeight(0), 0);
  assert.ok(lossHeight(1 / 864000) > 0);
  assert.ok(lossHeight(0.01) > lossHeight(0.001));
  assert.equal(lossHeight(1), 1);
});
await run();
