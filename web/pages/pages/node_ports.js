// What this node listens on and sends to, and a request to a firewall administrator that can be copied.
import { html, useState } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { amend, link, useRoute } from "../base/route.js";
import { State } from "../parts/state.js";
import { peerName } from "../parts/names.js";

const kDirections = { in: "in", out: "out", both: "in and out" };
const portText = (p) => (p.protocol === "ICMP" ? "–" : p.first === p.last ? p.first : `${p.first}–${p.last}`);

export function Copyable({ text }) {
  const [said, setSaid] = useState("Copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Select and copy by hand");
    }
    setTimeout(() => setSaid("Copy"), 3000);
  };
  return html`<div class="copy">
    <button onClick=${copy}>${said}</button>
    <pre>${text}</pre>
  </div>`;
}

export function Ports({ node }) {
  const { query } = useRoute();
  const { body: peers } = useResource("/peers");
  const { body: request, failure } = useResource("/node/firewall", query.peer ? { peer: query.peer } : {});
  return html`<div class="stack">
    <div class="table-hold">
      <table class="lines">
        <thead>
          <tr>
            <th>Purpose</th>
            <th>Protocol</th>
            <th class="number">Ports</th>
            <th>Direction</th>
            <th>State</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${(node.ports ?? []).map(
            (p) =>
              html`<tr key=${p.id}>
                <td class="first">${p.purpose}</td>
                <td>${p.protocol}</td>
                <td class="number mono">${portText(p)}</td>
                <td class="whole">${kDirections[p.direction]}</td>
                <td><${State} state=${p.open ? "good" : "unknown"} word=${p.direction === "out" ? "used" : p.open ? "open here" : "closed here"} /></td>
                <td class="quiet">${p.sentence}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="quiet">
      “Open here” is what this node itself does. Whether a firewall on the way lets it through shows when a${" "}
      <a href=${link("peers", "new")}>peer is asked</a>.
    </p>
    <section>
      <div class="section-head">
        <h2>Request to a firewall administrator</h2>
        <label class="row"
          >for
          <select
            value=${query.peer ?? ""}
            onChange=${(e) => amend({ peer: e.target.value || undefined }, { replace: true })}
          >
            <option value="">any peer</option>
            ${(peers?.items ?? []).map((p) => html`<option key=${p.id} value=${p.id} selected=${p.id === query.peer}>${peerName(p)}</option>`)}
          </select></label
        >
      </div>
      ${failure ? html`<p class="refused">${failure.sentence}</p>` : request ? html`<${Copyable} text=${request.text} />` : html`<div class="skeleton" style=${{ height: "160px" }}></div>`}
      <p class="small"><a href=${link("help", "owamp_and_firewalls")}>OWAMP and firewalls</a></p>
    </section>
  </div>`;
}
