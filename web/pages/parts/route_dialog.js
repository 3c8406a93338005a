// One route hop by hop, beside the one before it: what is different is marked and said.
import { html } from "../vendor/preact.js";
import { kMissing, seconds } from "../base/numbers.js";
import { exact, moment } from "../base/times.js";
import { sameHop } from "../chart/route_rows.js";
import { Dialog } from "./dialog.js";

function Router({ router }) {
  const system = router.as_number === null ? "" : ` · AS${router.as_number} ${router.as_name}`;
  return html`<div><span class="mono">${router.address}</span>${router.name && ` ${router.name}`}<span class="quiet small">${system}</span></div>`;
}

function Hop({ hop, route }) {
  if (!hop) return html`<span class="quiet">${route.reached ? kMissing : "no answer"}</span>`;
  if (!hop.routers.length) return html`<span class="quiet">silent</span>`;
  return hop.routers.map((router) => html`<${Router} key=${router.address} router=${router} />`);
}

const fastest = (hop) => (hop?.answers.length ? seconds(Math.min(...hop.answers.map((a) => a.round_trip_s))) : kMissing);

function Line({ hop, before, after }) {
  const [old, young] = [before?.route.hops[hop], after.route.hops[hop]];
  const changed = before && (!sameHop(old, young) || !old !== !young);
  return html`<tr class=${changed ? "changed" : null}>
    <th scope="row">${hop + 1}${changed ? html` <strong>changed</strong>` : ""}</th>
    ${before && html`<td><${Hop} hop=${old} route=${before.route} /></td>`}
    <td><${Hop} hop=${young} route=${after.route} /></td>
    <td class="whole">${fastest(young)}</td>
  </tr>`;
}

const spoken = (item) => (item.end ? `${moment(item.t)} to ${moment(item.end)}` : `since ${moment(item.t)}`);

/** `before` may be missing: then the hops of `after` alone. */
export function RouteDialog({ before, after, onClose }) {
  const hops = Math.max(after.route.hops.length, before?.route.hops.length ?? 0);
  return html`<${Dialog} label="Route" onClose=${onClose}>
    <h2>${before ? "What changed on the route" : "The route"}</h2>
    <p title=${exact(after.t, { utc: true }) + " UTC"}>${moment(after.t)}: ${after.sentence}</p>
    <table class="lines route">
      <thead>
        <tr>
          <th scope="col">Hop</th>
          ${before && html`<th scope="col">Before (${spoken(before)})</th>`}
          <th scope="col">${before ? `Then (${spoken(after)})` : spoken(after)}</th>
          <th scope="col">Fastest answer</th>
        </tr>
      </thead>
      <tbody>
        ${Array.from({ length: hops }, (_, hop) => html`<${Line} key=${hop} hop=${hop} before=${before} after=${after} />`)}
      </tbody>
    </table>
    <p class="quiet small">
      Last seen ${moment(after.seen)}. Round trips are the time a router takes to complain, often more than it takes to forward.
    </p>
    <div class="row"><button onClick=${onClose}>Close</button></div>
  </${Dialog}>`;
}
