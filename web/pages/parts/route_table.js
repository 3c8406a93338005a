// The hops of a route, alone or beside those of the route before it: what is different is marked and said.
import { html } from "../vendor/preact.js";
import { kMissing, seconds } from "../base/numbers.js";
import { sameHop } from "../chart/route_rows.js";

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
  const [old, young] = [before?.hops[hop], after.hops[hop]];
  const changed = before && (!sameHop(old, young) || !old !== !young);
  return html`<tr class=${changed ? "changed" : null}>
    <th scope="row">${hop + 1}${changed ? html` <strong>changed</strong>` : ""}</th>
    ${before && html`<td><${Hop} hop=${old} route=${before} /></td>`}
    <td><${Hop} hop=${young} route=${after} /></td>
    <td class="whole">${fastest(young)}</td>
  </tr>`;
}

/** `before` (a route) may be missing; `titles`: over the two columns of routers. */
export function RouteTable({ before = null, after, titles = ["Before", "Routers"] }) {
  const hops = Math.max(after.hops.length, before?.hops.length ?? 0);
  return html`<table class="route">
    <thead>
      <tr>
        <th scope="col">Hop</th>
        ${before && html`<th scope="col">${titles[0]}</th>`}
        <th scope="col">${titles[1]}</th>
        <th scope="col">Fastest answer</th>
      </tr>
    </thead>
    <tbody>
      ${Array.from({ length: hops }, (_, hop) => html`<${Line} key=${hop} hop=${hop} before=${before} after=${after} />`)}
    </tbody>
  </table>`;
}
