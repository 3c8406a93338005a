// A strip: a title that folds it, what can be asked of it, and the drawing below.
import { html } from "../vendor/preact.js";
import { amend, useRoute } from "../base/route.js";

/** `name` names it in the address; `about` stands beside the title. */
export function Strip({ name, title, about, onData, onHow, children }) {
  const { query } = useRoute();
  const closed = (query.closed ?? "").split(",").filter(Boolean);
  const open = !closed.includes(name);
  const fold = () =>
    amend(
      { closed: (open ? [...closed, name] : closed.filter((c) => c !== name)).join(",") || undefined },
      { replace: true },
    );
  return html`<section class="strip" aria-label=${title}>
    <header>
      <h2>
        <button aria-expanded=${open} onClick=${fold} title=${open ? "Fold this strip" : "Open this strip"}>
          <span aria-hidden="true">${open ? "▾" : "▸"}</span>${title}
        </button>
      </h2>
      <span class="quiet small">${open ? about : ""}</span>
      <div class="tools">
        <button class="plain" onClick=${onData}>data</button>
        <button class="plain" onClick=${onHow}>how it was measured</button>
      </div>
    </header>
    ${open && children}
  </section>`;
}
