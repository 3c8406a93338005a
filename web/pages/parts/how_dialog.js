// How the numbers of a strip came about: parameters, clocks, stamps, addresses, log of the newest run in view.
import { html } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { exact, fromIso, toIso } from "../base/times.js";
import { Dialog } from "./dialog.js";
import { Measured } from "./measured.js";
import { testName } from "./names.js";

function HowOne({ test, view }) {
  const { body } = useResource("/results", { test: test.id, from: toIso(view.from), to: toIso(view.to), limit: 1 });
  const newest = body?.items[0];
  return html`<section>
    <h3>${testName(test)}</h3>
    <p class="quiet">${test.sentence}. Revision ${test.revision}.</p>
    ${
      newest
        ? html`<p>
              As in the newest result in view, begun ${exact(fromIso(newest.begin), { utc: true })} UTC (<a
                href=${link("results", newest.id)}
                >all of it, with its log</a
              >):
            </p>
            <${Measured} result=${newest} />`
        : body && html`<p class="quiet">No single result is kept of this time: only its series.</p>`
    }
  </section>`;
}

export function HowDialog({ ways, tests, view, onClose }) {
  const wanted = [...new Set(ways.map((w) => w.test))].map((id) => tests.find((t) => t.id === id)).filter(Boolean);
  return html`<${Dialog} label="How it was measured" onClose=${onClose}>
    <h2>How it was measured</h2>
    <div class="stack">${wanted.map((t) => html`<${HowOne} key=${t.id} test=${t} view=${view} />`)}</div>
    <p><a href=${link("help", "reading_the_graphs")}>How to read this</a> · <a href=${link("help", "clocks")}>About clocks and errors</a></p>
    <div class="row"><button onClick=${onClose}>Close</button></div>
  </${Dialog}>`;
}
