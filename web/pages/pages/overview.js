// Overview: the answer in a sentence, then the paths, worst first, then what runs next and how the node is.
import { html } from "../vendor/preact.js";
import { nodeStore, pathsRefusal, pathsStore } from "../base/shared.js";
import { useStore } from "../base/store.js";
import { session } from "../base/api.js";
import { link } from "../base/route.js";
import { fromIso } from "../base/times.js";
import { NodeLine, RunsAround } from "../parts/now_running.js";
import { ClockChart, InterfaceCharts, useLiveRange } from "../parts/node_charts.js";
import { PathLines } from "../parts/path_lines.js";
import { PathTable } from "../parts/path_table.js";
import { WhyNoChange } from "../parts/why_not.js";
import { PathGroups } from "../parts/path_groups.js";

function NoPaths({ node }) {
  const range = useLiveRange(3600, node ? fromIso(node.started) : null);
  const who = useStore(session);
  return html`<div class="stack">
    <div>
      <h1 class="unseen">Overview</h1>
      <p class="answer">${node?.self_check.sentence || "This node measures itself until it has a peer."}</p>
      <p>
        No path is measured yet. A path begins with a peer: any host that answers ping, and better one that speaks
        OWAMP.
      </p>
      ${
        who?.may_change
          ? html`<a class="button first" href=${link("peers", "new")}>Add a peer</a>`
          : html`<button disabled>Add a peer</button>${" "}
              ${who?.authenticated ? html`<${WhyNoChange} />` : html`<span class="quiet">Only who is logged in can: <a href=${link("login")}>log in</a>.</span>`}`
      }
    </div>
    <${ClockChart} range=${range} node=${node} />
    <div class="two"><${InterfaceCharts} range=${range} node=${node} /></div>
  </div>`;
}

/** The paths cannot be read now; the node itself still can. */
function Unreadable({ refusal, node }) {
  return html`<div class="stack">
    <p class="refused" role="alert">${refusal.sentence ?? String(refusal)}</p>
    <${NodeLine} node=${node} /><${RunsAround} />
  </div>`;
}

function Skeleton() {
  return html`<div class="stack" aria-busy="true">
    <div class="skeleton" style=${{ height: "24px", width: "60%" }}></div>
    <div class="skeleton" style=${{ height: "320px" }}></div>
  </div>`;
}

export function Overview() {
  const paths = useStore(pathsStore);
  const node = useStore(nodeStore);
  const refusal = useStore(pathsRefusal);
  if (!paths && !refusal) return html`<${Skeleton} />`;
  if (!paths) return html`<${Unreadable} refusal=${refusal} node=${node} />`;
  const count = paths.items.length;
  const body =
    count === 0
      ? html`<${NoPaths} node=${node} />`
      : count <= 12
        ? html`<${PathLines} paths=${paths.items} />`
        : count <= 100
          ? html`<${PathTable} paths=${paths.items} />`
          : html`<${PathGroups} paths=${paths.items} domains=${paths.domains} />`;
  return html`<div class="stack">
    <div>
      ${
        count > 0 &&
        html`<h1 class="unseen">Overview</h1>
          <p class="answer">${paths.sentence}</p>`
      }
      ${body}
    </div>
    <${NodeLine} node=${node} />
    <${RunsAround} />
  </div>`;
}
