// The far ends: what they are called, where they are, and how many tests use them.
import { html } from "../vendor/preact.js";
import { send, session } from "../base/api.js";
import { useResource } from "../base/load.js";
import { useStore } from "../base/store.js";
import { amend, link, useRoute } from "../base/route.js";
import { several } from "../base/numbers.js";
import { confirm } from "../parts/dialog.js";
import { PathTabs } from "./paths.js";
import { WhyNoChange } from "../parts/why_not.js";
import { peerName } from "../parts/names.js";

function Row({ peer, may, reload }) {
  const remove = () =>
    confirm({
      title: `Remove ${peerName(peer)}?`,
      sentence: "No test uses it, so no measurement is lost. It can be added again.",
      verb: "Remove peer",
      act: () => send("DELETE", `/peers/${encodeURIComponent(peer.id)}`),
    }).then((done) => done && reload());
  return html`<tr>
    <td class="first">${may ? html`<a href=${link("peers", peer.id)}>${peerName(peer)}</a>` : peerName(peer)}</td>
    <td class="mono">${peer.address}</td>
    <td>${peer.domain}</td>
    <td class="number">${several(peer.tests, "test")}</td>
    <td class="number">
      ${
        may &&
        html`<span class="actions"><span class="row"
          ><a class="plain-link" href=${link("tests", "new", { peer: peer.id })}>Add a test</a>
          <button
            class="plain"
            disabled=${peer.tests > 0}
            title=${peer.tests ? `${several(peer.tests, "test")} use it: delete those first` : ""}
            onClick=${remove}
          >
            Remove
          </button></span></span>`
      }
    </td>
  </tr>`;
}

function answer(peers) {
  if (!peers.length) return "No peer yet: any host that answers ping can be one.";
  const idle = peers.filter((p) => !p.tests).length;
  return `${several(peers.length, "peer")}, ${idle ? `${idle} of them without a test` : peers.length === 1 ? "with a test" : "each with a test"}.`;
}

function narrowed(peers, words) {
  const wanted = (words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return peers.filter((p) => wanted.every((w) => `${p.name} ${p.address} ${p.domain}`.toLowerCase().includes(w)));
}

export function Peers() {
  const { body, failure, reload } = useResource("/peers");
  const may = useStore(session)?.may_change;
  const { query } = useRoute();
  return html`<div>
    <div class="page-head">
      <h1>Peers</h1>
      ${may && html`<a class="button push" href=${link("peers", "new")}>Add a peer</a>`}
    </div>
    <${PathTabs} here="peers" />
    ${failure && html`<p class="refused">${failure.sentence}</p>`}
    ${
      body &&
      html`<p class="answer">
          ${answer(body.items)}
        </p>
        <${WhyNoChange} />
        ${body.items.length > 12 && html`<p><input type="search" aria-label="Only peers with" placeholder="name, address, domain" value=${query.words ?? ""} onInput=${(e) => amend({ words: e.target.value || undefined }, { replace: true })} /></p>`}
        ${
          body.items.length > 0 &&
          html`<div class="table-hold">
            <table class="lines">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Address</th>
                  <th>Domain</th>
                  <th class="number">Used by</th>
                  <th></th>
                </tr>
              </thead>
              <tbody>
                ${narrowed(body.items, query.words).map((p) => html`<${Row} key=${p.id} peer=${p} may=${may} reload=${reload} />`)}
              </tbody>
            </table>
          </div>`
        }`
    }
  </div>`;
}
