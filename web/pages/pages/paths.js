// All paths as a table, to be sorted and narrowed down; the peers beside them.
import { html } from "../vendor/preact.js";
import { pathsRefusal, pathsStore } from "../base/shared.js";
import { session } from "../base/api.js";
import { useStore } from "../base/store.js";
import { amend, link, useRoute } from "../base/route.js";
import { several } from "../base/numbers.js";
import { PathTable } from "../parts/path_table.js";
import { kStateWords, kStates, State } from "../parts/state.js";

export const PathTabs = ({ here }) =>
  html`<nav class="tabs" aria-label="Paths and peers">
    <a href=${link("paths")} aria-current=${here === "paths" ? "page" : null}>Paths</a
    ><a href=${link("peers")} aria-current=${here === "peers" ? "page" : null}>Peers</a>
  </nav>`;

function narrowed(paths, { state, words }) {
  const wanted = (words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return paths.filter((p) => {
    const text = `${p.peer_name} ${p.peer_address} ${p.domain} ${p.family}`.toLowerCase();
    return (!state || p.state === state) && wanted.every((w) => text.includes(w));
  });
}

export function Paths() {
  const paths = useStore(pathsStore);
  const may = useStore(session)?.may_change;
  const { query } = useRoute();
  const refusal = useStore(pathsRefusal);
  if (!paths && refusal) return html`<h1>Paths</h1><p class="refused" role="alert">${refusal.sentence ?? String(refusal)}</p>`;
  if (!paths) return html`<div class="skeleton" style=${{ height: "320px" }}></div>`;
  const shown = narrowed(paths.items, query);
  return html`<div>
    <div class="page-head">
      <h1>Paths</h1>
      ${may && html`<a class="button push" href=${link("peers", "new")}>Add a peer</a>`}
    </div>
    <${PathTabs} here="paths" />
    <p class="answer">${paths.sentence}</p>
    ${
      paths.items.length > 0 &&
      html`<div class="range-bar">
          <input
            type="search"
            aria-label="Only paths with"
            placeholder="name, address, domain"
            value=${query.words ?? ""}
            onInput=${(e) => amend({ words: e.target.value || undefined }, { replace: true })}
            style=${{ maxWidth: "260px" }}
          />
          <div class="segmented many" role="group" aria-label="Only in state">
            <button aria-pressed=${!query.state} onClick=${() => amend({ state: undefined }, { replace: true })}>
              all ${paths.items.length}
            </button>
            ${kStates.filter((s) => paths.counts[s]).map((s) => html`<button key=${s} aria-pressed=${query.state === s} onClick=${() => amend({ state: s }, { replace: true })}><${State} state=${s} word=${`${paths.counts[s]} ${kStateWords[s]}`} /></button>`)}
          </div>
          ${shown.length < paths.items.length && html`<span class="quiet">${several(shown.length, "path")} of ${paths.items.length}</span>`}
        </div>
        <${PathTable} paths=${shown} />`
    }
  </div>`;
}
