// Which run stands when, and what of it is drawn and exported: behind the throughput strip, without a browser.
import { timesRule } from "../../web/pages/base/checks.js";
import { lasting } from "../../web/pages/base/times.js";
import { dense } from "../../web/pages/chart/columns.js";
import { heavySpans } from "../../web/pages/chart/heavy_spans.js";
import { intervalAt, intervalsOf, stepsOf } from "../../web/pages/chart/intervals.js";
import {
  askedRate,
  axisOf,
  periodOf,
  runAt,
  runOf,
  runRows,
  standing,
  stripsOf,
  unmeasured,
} from "../../web/pages/chart/throughput.js";
import { assert, check, run } from "./support/check.mjs";

const kBegin = Date.parse("2026-11-12T00:00:00Z") / 1000;
const at = (minutes) => kBegin + minutes * 60;
const iso = (t) => new Date(t * 1000).toISOString();

const statistic = (metric, direction, value, why = "") => ({ metric, direction, value, why });
const result = (minutes, more = {}) => ({
  id: "r" + minutes,
  test: "t",
  begin: iso(at(minutes)),
  end: iso(at(minutes) + 30),
  outcome: "done",
  sentence: "",
  parameters: {},
  statistics: [
    statistic("throughput.rate", "forward", 9e8),
    statistic("throughput.retransmits", "forward", 12),
    statistic("throughput.latency_idle", "round_trip", 0.01),
    statistic("throughput.latency_loaded", "round_trip", 0.04),
    statistic("throughput.latency_added", "round_trip", 0.03),
  ],
  ...more,
});
const failed = (minutes) => result(minutes, { outcome: "failed", sentence: "Nobody answers.", statistics: [] });
const runs = (list, now = 600, period = 7200) => standing(list.map(runOf), period, at(now));
const test = (id, options = {}) => ({ id, options, schedule: { kind: "every", period: "2 h" } });

check("a run stands until the next one, alone when none follows in 1.5 periods, the newest until one is missing", () => {
  const [a, b, c] = runs([result(240), result(0), result(120)], 300);
  assert.deepEqual([a.until, b.until, c.until], [at(120), at(240), at(300)]);
  assert.deepEqual([a.joined, c.joined], [true, false]);
  const [alone, after] = runs([result(0), result(181)], 600);
  assert.equal(alone.until, at(0) + 30);
  assert.equal(after.until, at(181) + 30);
});
check("runs without a plan stand for themselves", () => {
  const [a] = runs([result(0), result(1)], 600, null);
  assert.equal(a.until, at(0) + 30);
  assert.deepEqual(unmeasured([a], "forward", null, at(0), at(600)), []);
});
check("the run under a cursor is the one that stands there", () => {
  const list = runs([result(0), failed(120), result(240)], 300);
  assert.equal(runAt(list, at(119)).id, "r0");
  assert.equal(runAt(list, at(121)).outcome, "failed");
  assert.equal(runAt(list, at(-1)), null);
  assert.equal(runAt(list, null).id, "r240");
  assert.equal(runAt(runs([result(0)], 600), at(500)), null);
});
check("before the first run, after a failed one and after the last nothing was measured", () => {
  const list = runs([result(60), failed(180), result(300)], 1000);
  assert.deepEqual(unmeasured(list, "forward", 7200, at(0), at(1000)), [
    [at(0), at(60)],
    [at(180), at(300)],
    [at(300) + 30, at(1000)],
  ]);
  assert.deepEqual(unmeasured(list, "reverse", 7200, at(0), at(10)), [[at(0), at(10)]]);
});
check("tests of both directions share a strip, two of one direction do not", () => {
  const strips = stripsOf([
    test("back", { direction: "reverse" }),
    test("there"),
    test("udp", { protocol: "udp", direction: "both" }),
  ]);
  assert.deepEqual(
    strips.map((s) => s.lanes.map((l) => `${l.way} ${l.test.id}`)),
    [
      ["forward there", "reverse back"],
      ["forward udp", "reverse udp"],
    ],
  );
});
check("the axis begins at zero and holds what was asked for, over all streams", () => {
  const paced = test("t", { rate: "1e9", parallel: "2" });
  assert.equal(askedRate(paced), 2e9);
  assert.equal(askedRate(test("t")), null);
  const list = runs([result(0)]);
  assert.deepEqual(axisOf([{ way: "forward", test: paced }], () => list, at(0), at(60)), [0, 2.4e9]);
  assert.deepEqual(axisOf([{ way: "forward", test: test("t") }], () => list, at(0), at(60)), [0, 1.08e9]);
  assert.deepEqual(axisOf([], () => list, at(0), at(60)), [0, 1e6]);
});
check("the longest time between runs of a schedule goes over midnight", () => {
  assert.equal(periodOf({ kind: "at", times: ["02:00", "14:30"] }), 12.5 * 3600);
  assert.equal(periodOf({ kind: "at", times: ["02:00"] }), 86400);
  assert.equal(periodOf({ kind: "every", period: "2 h" }), 7200);
  assert.equal(periodOf({ kind: "once", times: [] }), null);
});
check("an export has each run with its numbers, a failed one without", () => {
  const list = runs([result(0), failed(120), result(600, { parameters: { requester: "web: alice" } })], 900);
  const rows = runRows([{ way: "forward", test: test("t") }], () => list, { from: at(60), to: at(900) });
  assert.deepEqual(
    rows.map((r) => [r.outcome, r.requester, r.throughput_bps, r.retransmits, r.latency_added_s]),
    [
      ["done", "schedule", 9e8, 12, 0.03],
      ["failed", "schedule", null, null, null],
      ["done", "web: alice", 9e8, 12, 0.03],
    ],
  );
});
check("time beside a heavy test is shaded once, from samples and from own runs; coarse steps shade nothing", () => {
  const smoke = { t: [0, 60, 120, 180], step: 60, heavy: [false, true, true, false] };
  const own = [{ t: 170, end: 200, outcome: "done" }];
  assert.deepEqual(heavySpans([smoke, smoke], own), [[60, 200]]);
  assert.deepEqual(heavySpans([smoke], [{ t: 10, end: 10, outcome: "skipped" }]), [[60, 180]]);
  assert.deepEqual(heavySpans([{ ...smoke, step: 3600 }], own), []);
  assert.deepEqual(heavySpans([], own), [[170, 200]]);
});
check("intervals become rates on the clock; omitted time has none", () => {
  const interval = (begin, end, more = {}) => ({
    begin_s: begin,
    end_s: end,
    direction: "forward",
    omitted: false,
    octets: 1250,
    lost: null,
    retransmits: 1,
    round_trip_s: 0.02,
    window_octets: 9000,
    ...more,
  });
  const items = intervalsOf(
    { begin: iso(kBegin), intervals: [interval(0, 1, { omitted: true }), interval(1, 2), interval(2, 2.5), interval(3, 3)] },
    "forward",
  );
  assert.equal(items.length, 3);
  assert.deepEqual(
    stepsOf(items, (i) => i.rate).map((s) => [s.value, s.joined]),
    [
      [null, true],
      [10000, true],
      [20000, false],
    ],
  );
  assert.equal(intervalAt(items, kBegin + 2.1).rtt, 0.02);
  assert.equal(intervalAt(items, kBegin + 3), null);
});
check("times of the day are read as people type them, and wrong ones are named", () => {
  assert.equal(timesRule("14:30, 02:00"), "");
  assert.match(timesRule(""), /No time is named/);
  assert.match(timesRule("2:00"), /“2:00” is not a time of the day/);
  assert.match(timesRule("24:00"), /“24:00”/);
  assert.match(timesRule("02:00 02:00"), /02:00 is there twice/);
  assert.match(timesRule(Array.from({ length: 49 }, (_, i) => `00:${String(i).padStart(2, "0")}`).join()), /at most 48/);
});
check("steps too close for bars are dense, whatever lies out of the picture", () => {
  const pen = { from: 0, to: 100, scale: 1, x: (t) => t * 10 };
  const every = (gap) => Array.from({ length: 10 }, (_, i) => ({ from: i * gap }));
  assert.equal(dense(pen, every(1)), false);
  assert.equal(dense(pen, every(0.5)), true);
  assert.equal(dense(pen, [{ from: 1 }]), false);
  assert.equal(dense(pen, [{ from: 1 }, { from: 200 }]), false);
});
check("a length of time keeps its two largest units", () =>
  assert.deepEqual([40, 60, 480, 4320, 76800].map(lasting).map((t) => t.replaceAll("\u00a0", " ")), [
    "40 s",
    "1 min",
    "8 min",
    "1 hour 12 min",
    "21 hours 20 min",
  ]),
);

await run();
