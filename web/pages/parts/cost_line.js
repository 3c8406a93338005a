// What a draft of a test costs, told while it is typed: of the network, of the disk, and of the day where it is a heavy one.
import { html, useEffect, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { bitRate, bytes, quantity, share } from "../base/numbers.js";
import { lasting } from "../base/times.js";

/** Of the day, that planned heavy tests may take. */
export const kMostOfDay = 0.8;

/** `input` as it would be sent, null while a field is wrong; `test`: the one that it changes. The API's Cost, or { refused }. */
export function useCost(input, key, test) {
  const [cost, setCost] = useState(null);
  useEffect(() => {
    if (!input) return setCost({ refused: "" });
    let over = false;
    const take = (told) => over || setCost(told);
    const path = "/tests/cost" + (test ? "?test=" + encodeURIComponent(test) : "");
    const timer = setTimeout(
      () => send("POST", path, input).then(take, (refusal) => take({ refused: refusal.sentence })),
      250,
    );
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [key]);
  return cost;
}

/** A test that takes the slot costs time first; without a rate its bytes are counted with a gigabit a second. */
function HeavyCost({ cost }) {
  return html`<span role="status" class=${cost.overfull ? "overfull" : ""} title=${cost.overfull || cost.sentence}
    ><strong>${lasting(cost.slot_seconds_per_day)}</strong> of the slot for heavy tests a day, about${" "}
    <strong>${bytes(cost.wire_bytes_per_day)}</strong> on the wire, never more than${" "}
    <strong>${bytes(cost.disk_bytes_bound)}</strong> on disk · with all heavy tests <strong>${share(cost.day_share, 2)}</strong> of the day is taken${
      cost.overfull
        ? html`: <strong>too much, at most ${share(kMostOfDay, 2)} may be. Measure less often, shorter, or delete a test.</strong>`
        : ""
    }</span
  >`;
}

export function CostLine({ cost }) {
  if (!cost) return html`<span class="quiet">What it costs: …</span>`;
  if (cost.refused !== undefined)
    return html`<span class="quiet">What it costs is told once all fields are right${cost.refused ? ": " + cost.refused : "."}</span>`;
  if (cost.slot_seconds_per_day > 0) return html`<${HeavyCost} cost=${cost} />`;
  return html`<span role="status" title=${cost.sentence}
    ><strong>${bitRate(cost.wire_bps)}</strong> on the wire (${quantity(cost.packets_per_second, "packets/s")}) ·${" "}
    <strong>${bytes(cost.disk_bytes_per_day)}</strong> a day, never more than${" "}
    <strong>${bytes(cost.disk_bytes_bound)}</strong> on disk</span
  >`;
}
