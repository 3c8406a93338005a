// The far ends: what they are called, where they are, and how many tests use them.
import { html } from "../vendor/preact.js";
import { send, session } from "../base/api.js";
import { useResource } from "../base/load.js";
import { useStore } from "../base/store.js";
import { link } from "../base/route.js";
import { several } from "../base/numbers.js";
import { confirm } from "../parts/dialog.js";
import { PathTabs } from "./paths.js";
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
        html`<a href=${link("tests", "new", { peer: peer.id })}>Add a test</a>
          <button
            class="plain"
            disabled=${peer.tests > 0}
            title=${peer.tests ? `${several(peer.tests, "test")} use it: delete those first` : ""}
            onClick=${remove}
          >
            Remove
          </button>`
      }
    </td>
  </tr>`;
}

export function Peers() {
  const { body, failure, reload } = useResource("/peers");
  const may = useStore(session)?.may_change;
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
          ${body.items.length ? `${several(body.items.length, "peer")}, ${body.items.filter((p) => !p.tests).length} of them without a test.` : "No peer yet: any host that answers ping can be one."}
        </p>
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
                ${body.items.map((p) => html`<${Row} key=${p.id} peer=${p} may=${may} reload=${reload} />`)}
              </tbody>
            </table>
          </div>`
        }`
    }
  </div>`;
}
