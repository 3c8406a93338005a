// A throughput result on its page: what each direction got, what the load did to the delay, what limited the sender.
import { html } from "../vendor/preact.js";
import { bitRate, bytes, seconds } from "../base/numbers.js";
import { latencyWords, trouble } from "../chart/run_readout.js";
import { kWays, runOf } from "../chart/throughput.js";
import { IntervalChart } from "./interval_chart.js";

const kTitles = { forward: "To it", reverse: "Back" };

function limitWords(result, run) {
  if (run.limit) return run.limit;
  if (result.parameters.protocol === "UDP") return "UDP sends at the rate that was asked for, whatever arrives.";
  return run.ways.forward
    ? "The sender's kernel did not tell."
    : "The peer sent: what limited it is known to its own kernel alone.";
}

function latency(run) {
  if (run.added === null) return latencyWords(run);
  return html`${seconds(run.idle)} idle, ${seconds(run.loaded)} loaded:${" "}
    <strong>${run.added > 0 ? `the load adds ${seconds(run.added)}` : "the load adds nothing"}</strong>`;
}

export function ThroughputPart({ result }) {
  const run = runOf(result);
  const ways = kWays.filter((way) => run.ways[way]);
  if (!ways.length) return null;
  return html`<section aria-label="Throughput">
    <h2>Throughput</h2>
    <dl class="facts">
      ${ways.map(
        (way) =>
          html`<dt key=${way}><span class=${"tag " + way}>${kTitles[way]}</span></dt>
            <dd>
              ${run.ways[way].rate === null ? html`<span class="quiet">– ${run.ways[way].why}</span>` : html`<strong>${bitRate(run.ways[way].rate)}</strong> · ${bytes(run.ways[way].octets)} arrived · ${trouble(run.ways[way])}`}
            </dd>`,
      )}
      <dt>Latency under load</dt>
      <dd>${latency(run)}</dd>
      <dt>What limited the sender</dt>
      <dd>${limitWords(result, run)}</dd>
    </dl>
    <div class=${ways.length > 1 ? "two" : ""}>
      ${ways.map(
        (way) =>
          html`<div key=${way}>
            <h3><span class=${"tag " + way}>${kTitles[way]}, second by second</span></h3>
            <${IntervalChart} result=${result} way=${way} />
          </div>`,
      )}
    </div>
  </section>`;
}
