// A dozen paths or fewer: one block each, with a large sparkline for each direction.
import { html } from "../vendor/preact.js";
import { nodeStore } from "../base/shared.js";
import { useStore } from "../base/store.js";
import { link } from "../base/route.js";
import { Delay, Loss, Updated, WaySpark, direction, hereName, mainWays, wayTitle } from "./path_words.js";
import { State } from "./state.js";

function Way({ way, title }) {
  return html`<div class="way">
    <div class="label">
      <span class=${"tag " + way.direction}>${title}</span>
      <strong><${Delay} way=${way} /></strong>
      <span>loss <${Loss} way=${way} /></span>
    </div>
    <${WaySpark} way=${way} title=${title} />
  </div>`;
}

function PathLine({ path, here }) {
  const both = direction(path, "round_trip");
  const ways = mainWays(path);
  const loud = path.state === "bad" || path.state === "watch";
  return html`<a class="path-line" href=${link("paths", path.id)}>
    <div>
      <div class="row"><span class="who">${path.peer_name}</span></div>
      <div class="row">
        <${State} state=${path.state} /><span class="quiet small">${path.family} · <${Updated} of=${path} /></span>
      </div>
      <p class=${"say small " + (loud ? path.state : "")}>${path.sentence}</p>
      ${both && ways.length > 1 && html`<p class="small"><span class="tag round_trip">there and back</span> <${Delay} way=${both} short=${true} />, loss <${Loss} way=${both} /></p>`}
    </div>
    ${ways.map((way) => html`<${Way} key=${way.direction} way=${way} title=${wayTitle(way.direction, here, path.peer_name)} />`)}
  </a>`;
}

export function PathLines({ paths }) {
  const here = hereName(useStore(nodeStore));
  return html`<div>${paths.map((p) => html`<${PathLine} key=${p.id} path=${p} here=${here} />`)}</div>`;
}
