// The timeline in words: the sentence above it, one line for a block, and what is not in the picture.
import { several, whole } from "../base/numbers.js";
import { moment, span } from "../base/times.js";
import { toCome, usedSlot } from "./items.js";

const kDay = 86400;
/** "14:30" today, with the day else. */
export const hourOf = (t) => moment(t).replace(/^(\d\d:\d\d):\d\d$/, "$1");
const quoted = (item) => (item.outside ? `a ${item.title}` : `“${item.title}”`);
const stopped = (sentence) => sentence.replace(/\.?\s*$/, ".");

/** "2 h 10 min": two units, for sums of time. */
export function longSpan(s) {
  const minutes = Math.round(s / 60);
  if (s < 90) return span(s);
  return minutes < 60 ? `${minutes}\u00a0min` : `${Math.floor(minutes / 60)}\u00a0h ${minutes % 60}\u00a0min`;
}

const kStates = {
  done: "done",
  failed: "failed",
  skipped: "skipped",
  refused: "refused",
  "ran out": "ended by its lease",
  running: "running",
  queued: "waits",
  planned: "planned",
};
export const stateWord = (item) =>
  item.state === "planned" && item.sentence ? "will be skipped" : (kStates[item.state] ?? item.state);

export const requesterWord = (item) =>
  item.outside
    ? `${item.requester}, from outside`
    : item.requester === "schedule"
      ? "the schedule"
      : item.requester || "not known";

/** How much later than planned it began; empty where that says nothing. */
export function delayWord(item) {
  if (item.begin === null || item.planned === null || item.requester !== "schedule") return "";
  const late = item.begin - item.planned;
  return Math.abs(late) < 1 ? "on time" : late > 0 ? `${longSpan(late)} after its time` : `${longSpan(-late)} before its time`;
}

/** One line: when, what, how it went. */
export function lineOf(item) {
  const took = item.begin !== null && item.end !== null ? `in ${longSpan(item.end - item.begin)}` : "";
  const words = [stateWord(item), took].filter(Boolean).join(" ");
  return [`${moment(item.at)} ${item.title}`, words, delayWord(item), requesterWord(item)].filter(Boolean).join(" · ");
}

/** "12 runs: 11 done, 1 failed". */
export function tally(items) {
  const counts = new Map();
  for (const item of items) counts.set(stateWord(item), (counts.get(stateWord(item)) ?? 0) + 1);
  return `${several(items.length, "run")}: ${[...counts].map(([word, n]) => `${n} ${word}`).join(", ")}`;
}

function usedWords(used, time) {
  if (!used.length) return `The slot for heavy tests was not used ${time}.`;
  const outside = used.filter((i) => i.outside).length,
    failed = used.filter((i) => i.state === "failed").length;
  const seconds = used.reduce((sum, i) => sum + (i.to - i.at), 0);
  const more = [
    `${longSpan(seconds)} together`,
    outside && `${outside} from outside`,
    failed && `${failed} failed`,
  ].filter(Boolean);
  const times = used.length === 1 ? "once" : `${whole(used.length)} times`;
  return `The slot for heavy tests was used ${times} ${time} (${more.join(", ")}).`;
}

function missedWords(missed) {
  if (!missed.length) return "";
  const last = missed[missed.length - 1];
  const how = last.state === "refused" ? "refused" : "skipped";
  const told = `${quoted(last)} at ${hourOf(last.at)}: ${stopped(last.sentence.replace(/^Refused: /, ""))}`;
  return missed.length === 1
    ? ` One run was ${how}, ${told}`
    : ` ${whole(missed.length)} runs were skipped or refused, the last ${told}`;
}

function nextWords(items, now) {
  const next = items.find((i) => i.state === "planned" && i.lane === "heavy" && !i.sentence && i.at >= now);
  if (next) return ` The next heavy test is ${quoted(next)} at ${hourOf(next.at)}.`;
  return " No heavy test is planned in the next 24 h.";
}

function lightWords(items) {
  const light = items.filter((i) => i.lane === "light" && i.track === "runs" && !toCome(i));
  const failed = light.filter((i) => i.state === "failed").length;
  if (!light.length) return "";
  return ` ${several(light.length, "light run")}${failed ? `, ${whole(failed)} of them failed` : ", none failed"}.`;
}

/** What a person would say of the last and the next day; of another time, `read`, when that is what was read. */
export function answer(items, now, read) {
  const today = read.from < now && now < read.to;
  const since = today ? now - kDay : read.from,
    until = today ? now : read.to;
  const past = items.filter((i) => i.at >= since && i.at <= until);
  const heavy = past.filter((i) => i.lane === "heavy");
  const used = heavy.filter(usedSlot);
  const missed = heavy.filter((i) => i.state === "skipped" || i.state === "refused");
  const time = today ? "in the last 24 h" : `from ${hourOf(since)} to ${hourOf(until)}`;
  return usedWords(used, time) + missedWords(missed) + (today ? nextWords(items, now) : "") + lightWords(past);
}

/** What the picture lacks, a sentence each. */
export function lacking(line, started, now) {
  return [
    line.tests_not_read &&
      `The past of ${several(line.tests_not_read, "test")} is not in this picture, but for what is among the newest 200 runs of all tests.`,
    line.runs_left_out && `${several(line.runs_left_out, "further run")} had no room in this picture; a test's own page has all.`,
    started && now - started < kDay && `Tests from outside and tests that run all day are known since this node started, ${moment(started)}.`,
  ].filter(Boolean);
}
