// The circumstances of one result: addresses, clocks, stamps, parameters, own health.
import { html } from "../vendor/preact.js";
import { error, seconds, share, several } from "../base/numbers.js";

const clockWords = (clock) =>
  `${clock.bound_s === null ? "error unknown" : error(clock.bound_s, "s")}${clock.source ? ` (${clock.source})` : ""}${clock.synchronised ? "" : ", not synchronised"}${clock.believed ? "" : ", not believed"}`;

function healthWords(h) {
  const parts = [
    h.slip_p99_s === null ? "" : `99 % of packets left within ${seconds(h.slip_p99_s, 2)} of the plan`,
    h.socket_drops
      ? `${several(h.socket_drops, "packet")} fell from our own socket (not measured, not loss)`
      : "nothing fell from our own socket",
    h.cpu_steal ? `${share(h.cpu_steal, 2)} of the CPU was taken by other virtual machines` : "",
    h.clock_stepped ? "the clock was stepped" : "",
    h.own_heavy_test ? "a saturating test ran at the same time" : "",
  ];
  return parts.filter(Boolean).join("; ");
}

/** Round trips, routes and throughput need none. */
const farClock = (result) =>
  !result.same_clock
    ? clockWords(result.remote_clock)
    : result.directions.some((d) => d.direction === "forward" || d.direction === "reverse")
      ? "the same clock"
      : "not used: this node's own stamps are enough";

export function Measured({ result }) {
  // What limited the sender is a finding and stands above.
  const used = Object.entries(result.parameters).filter(([name]) => name !== "limit");
  const parameters = used.map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`);
  return html`<dl class="facts">
    <dt>Addresses</dt>
    <dd class="mono">${result.local_address || "–"} ⇄ ${result.remote_address || "–"}</dd>
    <dt>Our clock</dt>
    <dd>${clockWords(result.local_clock)}</dd>
    ${
      result.remote_address &&
      html`<dt>Far clock</dt>
        <dd>${farClock(result)}</dd>`
    }
    ${
      result.time_in_doubt &&
      html`<dt>Time</dt>
        <dd>in doubt: our clock was not believed yet</dd>`
    }
    <dt>Receive stamps</dt>
    <dd>${result.stamp_source}</dd>
    <dt>Parameters</dt>
    <dd>${parameters.join(", ") || "–"}</dd>
    <dt>This node meanwhile</dt>
    <dd>${healthWords(result.own_health)}</dd>
  </dl>`;
}
