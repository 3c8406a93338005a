// When tests that fill the path ran on this node: the same shade on every strip of a page.

// A day or an hour with a minute of such a test in it is not a disturbed one.
const kCoarsest = 900;

/**
 * [from, to] each, ascending, without overlap: the steps whose samples were taken beside such a test, own or of
 * somebody else, and the path's own `runs` of them. Nothing where the steps are coarse.
 */
export function heavySpans(columns, runs) {
  if (columns.some((c) => c.step > kCoarsest)) return [];
  const steps = columns.flatMap((c) => c.t.filter((t, i) => c.heavy?.[i]).map((t) => [t, t + c.step]));
  const moved = runs.filter((run) => run.end > run.t && run.outcome !== "skipped" && run.outcome !== "refused");
  const all = [...steps, ...moved.map((run) => [run.t, run.end])].sort((a, b) => a[0] - b[0]);
  const spans = [];
  for (const [from, to] of all) {
    const last = spans.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else spans.push([from, to]);
  }
  return spans;
}
