// One route, or what changed between it and the one before, as a dialog of the route strip.
import { html } from "../vendor/preact.js";
import { exact, moment } from "../base/times.js";
import { Dialog } from "./dialog.js";
import { RouteTable } from "./route_table.js";

const spoken = (item) => (item.end ? `${moment(item.t)} to ${moment(item.end)}` : `since ${moment(item.t)}`);

/** Items of useRoutes; `before` may be missing. */
export function RouteDialog({ before, after, onClose }) {
  const titles = [before && `Before (${spoken(before)})`, before ? `Then (${spoken(after)})` : spoken(after)];
  return html`<${Dialog} label="Route" onClose=${onClose}>
    <h2>${before ? "What changed on the route" : "The route"}</h2>
    <p title=${exact(after.t, { utc: true }) + " UTC"}>${moment(after.t)}: ${after.sentence}</p>
    <${RouteTable} before=${before?.route} after=${after.route} titles=${titles} />
    <p class="quiet small">
      Last seen ${moment(after.seen)}. Round trips are the time a router takes to complain, often more than it takes to forward.
    </p>
    <div class="row"><button onClick=${onClose}>Close</button></div>
  </${Dialog}>`;
}
