// Throughput as steps, a panel for each direction on the same scale: what a run got stands until the next one.
import { html } from "../vendor/preact.js";
import { bitRate, several } from "../base/numbers.js";
import { link } from "../base/route.js";
import { moment } from "../base/times.js";
import { colours } from "./colours.js";
import { dense } from "./columns.js";
import { heavy, marks, unknown } from "./layers.js";
import { PlotView } from "./plot_view.js";
import { labelsFor } from "./scales.js";
import { dashedLevel, stairs, ticks } from "./stairs.js";
import { Strip } from "./strip.js";
import { askedRate, axisOf, periodOf, rateOf, unmeasured } from "./throughput.js";

const kOwnMarks = new Set(["run_failed", "run_skipped", "run_refused"]);
const kTold = 5;

/** A run that came to nothing: a cross at the foot where it failed, an empty square where it did not take place. */
function drawMissed(pen, run) {
  const { ctx, scale } = pen;
  const x = pen.x(run.t),
    y = pen.top + pen.height - 8 * scale,
    r = 4 * scale;
  const failed = run.outcome === "failed";
  ctx.strokeStyle = failed ? colours().bad : colours().watch;
  ctx.lineWidth = 2 * scale;
  ctx.beginPath();
  if (failed) {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x - r, y + r);
    ctx.lineTo(x + r, y - r);
  } else {
    ctx.rect(x - r, y - r, 2 * r, 2 * r);
  }
  ctx.stroke();
}

/** Somebody asked for this run: a ring on its top. */
function drawRing(pen, run, value) {
  const { ctx, scale } = pen;
  ctx.beginPath();
  ctx.arc(pen.x((run.t + run.end) / 2), pen.y(value), 4 * scale, 0, 2 * Math.PI);
  ctx.fillStyle = colours().ground;
  ctx.fill();
  ctx.strokeStyle = colours().text;
  ctx.lineWidth = 1.5 * scale;
  ctx.stroke();
}

function drawLane(pen, { way, test }, runs) {
  const steps = runs.map((run) => ({
    from: run.t,
    to: run.end,
    until: run.until,
    value: rateOf(run, way),
    joined: run.joined,
  }));
  stairs(pen, steps, colours()[way]);
  const asked = askedRate(test);
  if (asked !== null) dashedLevel(pen, asked, colours().text2);
  const middle = (run) => (run.t + run.end) / 2;
  ticks(
    pen,
    runs.map((run) => ({ t: middle(run), count: run.ways[way]?.again })),
    colours().watch,
  );
  ticks(
    pen,
    runs.map((run) => ({ t: middle(run), count: run.ways[way]?.lost })),
    colours().bad,
  );
  const close = dense(pen, steps);
  let free = -Infinity;
  for (const run of runs) {
    if (run.t < pen.from || run.t > pen.to) continue;
    const value = rateOf(run, way);
    if (run.outcome === "done") {
      if (run.requester && value !== null && !close) drawRing(pen, run, value);
    } else if (pen.x(run.t) >= free) {
      drawMissed(pen, run);
      free = pen.x(run.t) + 10 * pen.scale;
    }
  }
}

function Panel({ lane, title, named, runs, more, at, data, view, yRange, cursor, last, onPlot }) {
  const { way, test } = lane;
  const asked = askedRate(test);
  const draw = (pen) => {
    heavy(pen, data.heavy);
    // Before the oldest run that was read there are others: nothing is known to be missing there.
    const from = more ? Math.max(view.from, runs[0]?.t ?? at) : view.from;
    const blank = unmeasured(runs, way, periodOf(test.schedule), from, Math.min(view.to, at));
    unknown(pen, blank, { live: view.live });
    drawLane(pen, lane, runs);
    marks(
      pen,
      data.events.filter((e) => !kOwnMarks.has(e.kind)),
    );
  };
  return html`<div class="panel">
    <div class="caption">
      <span class=${"tag " + way}>${title}</span>${named ? html` <span class="quiet">${named}</span>` : ""}
      ${asked !== null && html` <span class="quiet spare">dashed: asked for ${bitRate(asked)}</span>`}
    </div>
    <${PlotView}
      height=${last ? 132 : 110}
      range=${[view.from, view.to]}
      yRange=${yRange}
      y=${{ labels: labelsFor("bit/s") }}
      timeLabels=${last}
      draw=${draw}
      cursor=${cursor}
      onZoom=${view.zoom}
      onBack=${view.back}
      turn=${data.turn}
      onPlot=${onPlot}
      label=${`${title}: throughput over time, ${several(runs.filter((r) => rateOf(r, way) !== null).length, "run")}`}
    />
  </div>`;
}

/** Runs in view that came to nothing, with their sentence; that there are more than are drawn. */
export function RunWords({ tests, runs, view }) {
  const missed = tests
    .flatMap((test) => runs.of(test).runs)
    .filter((run) => run.outcome !== "done" && run.t >= view.from && run.t <= view.to)
    .sort((a, b) => b.t - a.t);
  const cut = tests.filter((test) => runs.of(test).more && runs.of(test).runs[0]?.t > view.from);
  if (!missed.length && !cut.length) return null;
  return html`<ul class="small run-words">
    ${cut.map((test) => html`<li key=${test.id}>Only the newest ${several(runs.of(test).runs.length, "run")} of this time are drawn, from ${moment(runs.of(test).runs[0].t)} on: zoom in to see the ones before.</li>`)}
    ${missed.slice(0, kTold).map((run) => html`<li key=${run.id}><a href=${link("results", run.id)}>${moment(run.t)}</a> ${run.outcome}: ${run.sentence}</li>`)}
    ${missed.length > kTold && html`<li class="quiet">and ${several(missed.length - kTold, "other run")} in view that came to nothing; the list below has them.</li>`}
  </ul>`;
}

function Panels({ strip, runs, titleOf, named, onPlot, ...shared }) {
  if (runs.failure && !runs.known) return html`<p class="refused">${runs.failure.sentence ?? String(runs.failure)}</p>`;
  return html`<div>
    ${strip.lanes.map(
      (lane, i) =>
        html`<${Panel}
          key=${lane.way + lane.test.id}
          lane=${lane}
          title=${titleOf(lane.way)}
          named=${named(lane.test)}
          runs=${runs.of(lane.test).runs}
          more=${runs.of(lane.test).more}
          at=${runs.at}
          last=${i === strip.lanes.length - 1}
          onPlot=${(p) => onPlot?.(`throughput ${lane.way} ${lane.test.id}`, p)}
          ...${shared}
        />`,
    )}
    <${RunWords} tests=${strip.tests} runs=${runs} view=${shared.view} />
  </div>`;
}

/**
 * `strips` of stripsOf(), `runs` of useRuns(), `titleOf(way)`; `named(test)`: what tells the tests of a direction apart;
 * onData(lanes), onHow([{ test }]).
 */
export function ThroughputStrips({ strips, runs, view, onData, onHow, ...shared }) {
  const lanes = strips.flatMap((s) => s.lanes);
  const yRange = axisOf(lanes, (test) => runs.of(test).runs, view.from, view.to);
  return strips.map(
    (strip, i) =>
      html`<${Strip}
        key=${i}
        name=${"throughput" + (i || "")}
        title="Throughput"
        about="bar: a run; line: until the next; ring: by hand; ticks: sent again, lost; ×: failed"
        onData=${() => onData(strip.lanes)}
        onHow=${() => onHow(strip.tests.map((t) => ({ test: t.id })))}
      >
        <${Panels} strip=${strip} runs=${runs} view=${view} yRange=${yRange} ...${shared} />
      </${Strip}>`,
  );
}
