// The timeline as data: what is over, newest first, and what is to come, soonest first.
import { html, useState } from "../vendor/preact.js";
import { amend, link, useRoute } from "../base/route.js";
import { several } from "../base/numbers.js";
import { age, exact, moment } from "../base/times.js";
import { LookState } from "./details.js";
import { delayWord, longSpan, requesterWord } from "./words.js";
import { toCome, troubled } from "./items.js";

const kFilters = {
  "": ["all", () => true],
  heavy: ["heavy", (i) => i.lane === "heavy"],
  light: ["light", (i) => i.lane === "light"],
  troubled: ["only troubled", troubled],
};
const kPage = 20;

function Row({ item, chosen, query }) {
  const took = item.begin !== null && item.end !== null ? longSpan(item.end - item.begin) : "";
  return html`<tr class="pick" aria-current=${chosen ? "true" : null}>
    <td class="first"><${LookState} item=${item} /></td>
    <td class="widest">
      <a href=${link("timeline", "", { ...query, block: item.key })}>${item.title}</a>
      ${item.sentence && !/^Done\.?$/.test(item.sentence) && html`<div class="quiet small">${item.sentence}</div>`}
    </td>
    <td class="whole" title=${exact(item.at, { utc: true }) + " UTC"}>
      ${moment(item.at)}${toCome(item) && html` <span class="quiet">${age(item.at)}</span>`}
    </td>
    <td class="quiet whole">${requesterWord(item)}</td>
    ${!toCome(item) && html`<td class="quiet whole">${delayWord(item)}</td>
      <td class="number" data-label="took">${took}</td>`}
  </tr>`;
}

function Part({ title, over = false, items, chosen, query, none }) {
  const [count, setCount] = useState(kPage);
  return html`<section>
    <div class="section-head">
      <h2>${title}</h2>
      <span class="quiet">${several(items.length, "run")}</span>
    </div>
    ${
      items.length > 0
        ? html`<table class="lines tl-table">
            <thead>
              <tr>
                <th>Outcome</th>
                <th>Test</th>
                <th>Time</th>
                <th>Asked for by</th>
                ${over && html`<th>Against plan</th><th class="number">Took</th>`}
              </tr>
            </thead>
            <tbody>
              ${items.slice(0, count).map((i) => html`<${Row} key=${i.key} item=${i} chosen=${chosen === i.key} query=${query} />`)}
            </tbody>
          </table>`
        : html`<p class="quiet">${none}</p>`
    }
    ${items.length > count && html`<button class="plain" onClick=${() => setCount(count * 4)}>Show more</button>`}
  </section>`;
}

/** While somebody points into it or has the focus in it, its rows stay where they are. */
export function RunTable({ items, chosen, view }) {
  const { query } = useRoute();
  const [held, setHeld] = useState(null);
  const of = `${view.from} ${view.to}`;
  const shown = held?.of === of ? held.items : items;
  const only = kFilters[query.only] ? query.only : "";
  const wanted = shown.filter(kFilters[only][1]);
  const over = wanted.filter((i) => !toCome(i)).reverse();
  const none = only === "troubled" ? "Nothing was in trouble in this time." : "None in this time.";
  const hold = () => setHeld((h) => (h?.of === of ? h : { of, items }));
  return html`<div
    class="stack"
    onMouseEnter=${hold}
    onMouseLeave=${() => setHeld(null)}
    onFocusIn=${hold}
    onFocusOut=${(e) => !e.currentTarget.contains(e.relatedTarget) && setHeld(null)}
  >
    <div class="segmented" role="group" aria-label="Which runs" onClick=${() => setHeld(null)}>
      ${Object.entries(kFilters).map(([name, [word]]) => html`<button key=${name} aria-pressed=${only === name} onClick=${() => amend({ only: name || undefined }, { replace: true })}>${word}</button>`)}
    </div>
    <${Part} title="Over and running" over=${true} items=${over} chosen=${chosen} query=${query} none=${none} />
    <${Part} title="To come" items=${wanted.filter(toCome)} chosen=${chosen} query=${query} none=${none} />
  </div>`;
}
