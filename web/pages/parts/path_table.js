// Many paths: one row each, worst first or as the head of a column says.
import { html } from "../vendor/preact.js";
import { amend, link, useRoute } from "../base/route.js";
import { fromIso } from "../base/times.js";
import { Delay, Loss, Updated, WaySpark, direction } from "./path_words.js";
import { State } from "./state.js";

const valueOf = (path, name, what) => direction(path, name)?.[what].value ?? null;
const kColumns = {
  state: { title: "State", by: (p) => -p.badness },
  peer: { title: "Path to", by: (p) => p.peer_name.toLowerCase() },
  to: { title: "Delay to it", by: (p) => -(valueOf(p, "forward", "delay") ?? -1), number: true },
  loss_to: { title: "Loss", by: (p) => -(valueOf(p, "forward", "loss") ?? -1), number: true },
  back: { title: "Delay back", by: (p) => -(valueOf(p, "reverse", "delay") ?? -1), number: true },
  loss_back: { title: "Loss", by: (p) => -(valueOf(p, "reverse", "loss") ?? -1), number: true },
  round: { title: "There and back", by: (p) => -(valueOf(p, "round_trip", "delay") ?? -1), number: true },
  age: { title: "Newest", by: (p) => -(fromIso(p.updated) ?? 0) },
};

export function sorted(paths, column) {
  const by = (kColumns[column] ?? kColumns.state).by;
  return [...paths].sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
}

function Head({ name, sort }) {
  const { title, number } = kColumns[name];
  return html`<th class=${number ? "number" : ""} aria-sort=${sort === name ? "descending" : null} scope="col">
    <button
      onClick=${() => amend({ sort: name === "state" ? undefined : name }, { replace: true })}
      title=${`Sort by ${title.toLowerCase()}`}
    >
      ${title}${sort === name ? " ↓" : ""}
    </button>
  </th>`;
}

function Row({ path, round: rounds }) {
  const to = direction(path, "forward"),
    back = direction(path, "reverse"),
    round = direction(path, "round_trip");
  const loud = path.state === "bad" || path.state === "watch";
  const worst = path.directions.find((d) => d.state === path.state) ?? to ?? round;
  return html`<tr class="pick">
    <td class="first"><${State} state=${path.state} title=${path.sentence} /></td>
    <td>
      <a href=${link("paths", path.id)}>${path.peer_name}</a>${" "}
      <span class="quiet small">${path.family}</span>
      ${loud && html`<div class="quiet small">${path.sentence}</div>`}
    </td>
    <td class="number" data-label="to it"><${Delay} way=${to} short=${true} /></td>
    <td class="number" data-label="loss"><${Loss} way=${to} /></td>
    <td class="spare"><${WaySpark} way=${worst} title=${path.peer_name} /></td>
    <td class="number" data-label="back"><${Delay} way=${back} short=${true} /></td>
    <td class="number" data-label="loss"><${Loss} way=${back} /></td>
    ${rounds && html`<td class="number spare"><${Delay} way=${round} short=${true} /></td>`}
    <td class="spare"><${Updated} of=${path} /></td>
  </tr>`;
}

export function PathTable({ paths }) {
  const sort = kColumns[useRoute().query.sort] ? useRoute().query.sort : "state";
  const rounds = paths.some((p) => direction(p, "round_trip"));
  const heads = (names) => names.map((n) => html`<${Head} key=${n} name=${n} sort=${sort} />`);
  return html`<div class="table-hold">
    <table class="lines">
      <thead>
        <tr>
          ${heads(["state", "peer", "to", "loss_to"])}
          <th scope="col">Last six hours</th>
          ${heads(["back", "loss_back", ...(rounds ? ["round"] : []), "age"])}
        </tr>
      </thead>
      <tbody>
        ${sorted(paths, sort).map((p) => html`<${Row} key=${p.id} path=${p} round=${rounds} />`)}
      </tbody>
    </table>
  </div>`;
}
