// What is seen, to take away: as a file made here, or as the API call that answers the same.
import { html } from "../vendor/preact.js";
import { address } from "../base/api.js";
import { toIso } from "../base/times.js";
import { stepFor } from "../chart/series_chart.js";
import { runRows } from "../chart/throughput.js";
import { csvOf, pictureOf, rowsOf, save } from "../chart/export.js";
import { several } from "../base/numbers.js";
import { Dialog } from "./dialog.js";
import { testName } from "./names.js";

const plainName = (text) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** `lanes`, `laneTitle`, `runs`: of throughput, as in the readout. */
export function ExportDialog({ path, here, ways, lanes, laneTitle, runs, data, view, plots, onClose }) {
  const filled = runRows(lanes, (test) => runs.of(test).runs, view);
  const steps = rowsOf(ways, data, view);
  const rows = [...steps, ...filled];
  const title = `${here} to ${path.peer_name}, ${toIso(view.from).slice(0, 19)}Z to ${toIso(view.to).slice(0, 19)}Z`;
  const file = plainName(`${here} ${path.peer_name} ${toIso(view.from).slice(0, 16)}`);
  const asCsv = () => save(file + ".csv", csvOf(rows), "text/csv");
  const asJson = () =>
    save(
      file + ".json",
      JSON.stringify(
        { path: path.id, peer: path.peer_name, from: toIso(view.from), to: toIso(view.to), rows },
        null,
        1,
      ),
      "application/json",
    );
  const asPng = async () => {
    const shown = [...plots]
      .filter(([, plot]) => plot)
      .map(([key, plot]) => ({
        title:
          ways.find((w) => w.key === key)?.title ??
          lanes.filter((lane) => key === `throughput ${lane.way} ${lane.test.id}`).map((lane) => "Throughput: " + laneTitle(lane))[0] ??
          (key === "loss" ? "Loss: " + ways.map((w) => w.title).join(" · ") : key),
        plot,
      }));
    save(file + ".png", await pictureOf(title, shown), "image/png");
  };
  const call = (way, format) =>
    address(`/tests/${encodeURIComponent(way.test)}/smoke`, {
      direction: way.direction,
      from: toIso(view.from),
      to: toIso(view.to),
      resolution: stepFor(view.to - view.from),
      format,
    });
  const tests = [...new Set(lanes.map((lane) => lane.test))];
  const resultsOf = (test) => address("/results", { test: test.id, from: toIso(view.from), to: toIso(view.to), limit: 1000 });
  return html`<${Dialog} label="Export" onClose=${onClose}>
    <h2>Export what is seen</h2>
    <p>${[ways.length && several(steps.length, "step"), lanes.length && several(filled.length, "throughput run")].filter(Boolean).join(" and ")}, ${toIso(view.from).slice(0, 19).replace("T", " ")} to ${toIso(view.to).slice(0, 19).replace("T", " ")} UTC: times in seconds, counts with every share.</p>
    <div class="row"><button class="first" onClick=${asCsv} disabled=${!rows.length}>Save CSV</button><button onClick=${asJson} disabled=${!rows.length}>Save JSON</button><button onClick=${asPng}>Save picture (PNG)</button></div>
    <h3>The same from the API</h3>
    <ul>${ways.map((w) => html`<li key=${w.key}>${w.title}: <a href=${call(w)} target="_blank" rel="noopener">JSON</a>, <a href=${call(w, "csv")} target="_blank" rel="noopener">CSV</a></li>`)}${tests.map((t) => html`<li key=${t.id}>${testName(t)}: <a href=${resultsOf(t)} target="_blank" rel="noopener">JSON</a></li>`)}</ul>
    <p class="quiet small">Every packet of the last 24 hours: open a result in the list below the strips.</p>
    <div class="row"><button onClick=${onClose}>Close</button></div>
  </${Dialog}>`;
}
