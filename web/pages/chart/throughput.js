// Throughput runs as values: what is drawn of each, for how long it stands, which run a time belongs to. No browser.
import { fromIso, parseSpan, toIso } from "../base/times.js";

const kDay = 86400;
/** Runs further apart than this many times between runs are not joined. */
const kJoined = 1.5;
export const kWays = ["forward", "reverse"];

/** Seconds from each time of the day ("02:00", ascending) to the next. */
export function periodsOf(times) {
  const seconds = times.map((text) => {
    const [h, m] = text.split(":").map(Number);
    return h * 3600 + m * 60;
  });
  return [...seconds.slice(1), seconds[0] + kDay].map((next, i) => next - seconds[i]);
}

/** Seconds between two runs of a schedule, the longest of a day; null where none are planned. */
export function periodOf(schedule) {
  if (schedule.kind === "every") return parseSpan(schedule.period);
  return schedule.kind === "at" && schedule.times.length ? Math.max(...periodsOf(schedule.times)) : null;
}

/** The directions in which a throughput test sends. */
export function waysOfTest(test) {
  const direction = test.options.direction ?? "forward";
  return direction === "both" ? kWays : [direction];
}

/** What the operator asked for in one direction (bit/s), over all streams; null = as much as goes. */
export function askedRate(test) {
  const rate = Number(test.options.rate ?? 0);
  return rate > 0 ? rate * Number(test.options.parallel ?? 1) : null;
}

/** A test in few words, beside its direction: its title, else "TCP", "TCP, 4 streams", "UDP". */
export function shortName(test) {
  const streams = Number(test.options.parallel ?? 1);
  return test.title || (test.options.protocol ?? "tcp").toUpperCase() + (streams > 1 ? `, ${streams} streams` : "");
}

/** Tests by strips: those that measure the same direction cannot share one. Each strip: { tests, lanes: [{ way, test }] }. */
export function stripsOf(tests) {
  const strips = [];
  for (const test of tests) {
    const ways = waysOfTest(test);
    const free = (strip) => ways.every((way) => strip.lanes.every((lane) => lane.way !== way));
    let strip = strips.find(free);
    if (!strip) strips.push((strip = { tests: [], lanes: [] }));
    strip.tests.push(test);
    for (const way of ways) strip.lanes.push({ way, test });
    strip.lanes.sort((a, b) => kWays.indexOf(a.way) - kWays.indexOf(b.way));
  }
  return strips;
}

function wayOf(result, way) {
  const value = (metric) =>
    result.statistics.find((s) => s.metric === metric && s.direction === way)?.value ?? null;
  const rate = result.statistics.find((s) => s.metric === "throughput.rate" && s.direction === way);
  if (!rate) return null;
  return {
    rate: rate.value,
    why: rate.why,
    octets: value("throughput.octets_received"),
    again: value("throughput.retransmits"),
    sent: value("packets.sent"),
    lost: value("packets.lost"),
  };
}

/** A result of the API as a run: { id, t, end, outcome, sentence, requester, ways, idle, loaded, added, latencyWhy }. */
export function runOf(result) {
  const both = (metric) => result.statistics.find((s) => s.metric === metric && s.direction === "round_trip");
  const added = both("throughput.latency_added");
  return {
    id: result.id,
    test: result.test,
    t: fromIso(result.begin),
    end: fromIso(result.end),
    outcome: result.outcome,
    sentence: result.sentence,
    requester: result.parameters.requester ?? null,
    limit: result.parameters.limit ?? "",
    ways: Object.fromEntries(kWays.map((way) => [way, wayOf(result, way)])),
    idle: both("throughput.latency_idle")?.value ?? null,
    loaded: both("throughput.latency_loaded")?.value ?? null,
    added: added?.value ?? null,
    latencyWhy: added?.why ?? "",
  };
}

/**
 * Runs, oldest first, each with `until`: up to there it stands for the path, and the next run begins where they are
 * joined. A run that is not followed in time stands for itself alone; the newest one until the next should have come.
 */
export function standing(runs, period, now) {
  const sorted = [...runs].sort((a, b) => a.t - b.t);
  return sorted.map((run, i) => {
    const next = sorted[i + 1];
    const reach = period === null ? run.end : run.t + kJoined * period;
    const joined = next !== undefined && next.t <= reach;
    const open = next === undefined && now <= reach;
    return { ...run, joined, until: joined ? next.t : open ? Math.max(run.end, now) : Math.max(run.end, run.t) };
  });
}

export const rateOf = (run, way) => (run.outcome === "done" ? (run.ways[way]?.rate ?? null) : null);

/** The run that stands at a time; without one null. `t` null = the newest. */
export function runAt(runs, t) {
  if (t === null) return runs.at(-1) ?? null;
  const run = runs.findLast((r) => r.t <= t);
  return run && t <= run.until ? run : null;
}

/** Where in [from, to] no rate stands; nothing where no runs are planned. */
export function unmeasured(runs, way, period, from, to) {
  if (period === null) return [];
  const found = [];
  let covered = from;
  for (const run of runs) {
    if (rateOf(run, way) === null || run.until < from) continue;
    if (run.t > to) break;
    if (run.t > covered) found.push([covered, run.t]);
    covered = Math.max(covered, run.until);
  }
  if (covered < to) found.push([covered, to]);
  return found;
}

/** The axis of all lanes: from zero, with room above for what was sent again. */
export function axisOf(lanes, runsOf, from, to) {
  const rates = lanes.flatMap(({ way, test }) => [
    askedRate(test) ?? 0,
    ...runsOf(test)
      .filter((run) => run.until >= from && run.t <= to)
      .map((run) => rateOf(run, way) ?? 0),
  ]);
  const most = Math.max(0, ...rates);
  return [0, most > 0 ? most * 1.2 : 1e6];
}

/** Rows of an export: a row for each run and direction that begins within the view, or stands at its begin. */
export function runRows(lanes, runsOf, view) {
  return lanes.flatMap(({ way, test }) =>
    runsOf(test)
      .filter((run) => run.until >= view.from && run.t <= view.to)
      .map((run) => ({
        direction: way,
        test: test.id,
        begin: toIso(run.t),
        end: toIso(run.end),
        outcome: run.outcome,
        requester: run.requester ?? "schedule",
        throughput_bps: rateOf(run, way),
        octets_received: run.ways[way]?.octets ?? null,
        retransmits: run.ways[way]?.again ?? null,
        sent: run.ways[way]?.sent ?? null,
        lost: run.ways[way]?.lost ?? null,
        latency_idle_s: run.idle,
        latency_loaded_s: run.loaded,
        latency_added_s: run.added,
        sentence: run.sentence,
      })),
  );
}
