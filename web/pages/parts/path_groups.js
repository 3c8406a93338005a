// Hundreds of paths: by the domain of the far end, worst domain first; a domain with something wrong stands open.
import { html, useMemo, useState } from "../vendor/preact.js";
import { amend, useRoute } from "../base/route.js";
import { several } from "../base/numbers.js";
import { PathTable } from "./path_table.js";
import { kStateWords, kStates, State } from "./state.js";

const kOpenAtMost = 3;

function Group({ name, paths, state, open, toggle }) {
  const counts = kStates.map((s) => [s, paths.filter((p) => p.state === s).length]).filter(([, n]) => n);
  const wrong = paths.filter((p) => p.state === "bad" || p.state === "watch");
  const [all, setAll] = useState(false);
  // A domain that is open because something is wrong shows that first; the rest is one click away.
  const shown = all || !wrong.length ? paths : paths.filter((p) => p.state !== "good" && p.state !== "learning");
  return html`<details class="group" open=${open} onToggle=${(e) => e.target.open !== open && toggle(e.target.open)}>
    <summary>
      <strong class="ellipsis">${name || "no domain"}</strong
      ><span class="whole quiet">${several(paths.length, "path")}</span>
      <span class="tally"
        >${counts.map(([s, n]) => html`<${State} key=${s} state=${s} word=${`${n} ${kStateWords[s]}`} />`)}
        ${!open && wrong.length > 0 && html`<span class="quiet small ellipsis">${wrong[0].sentence}</span>`}</span
      >
    </summary>
    <div class="inside">
      ${open && html`<${PathTable} paths=${shown} />`}
      ${open && shown.length < paths.length && html`<button class="plain" onClick=${() => setAll(true)}>Show the other ${paths.length - shown.length}, where nothing is wrong</button>`}
    </div>
  </details>`;
}

export function PathGroups({ paths, domains }) {
  const { query } = useRoute();
  const by = useMemo(
    () =>
      Map.groupBy?.(paths, (p) => p.domain) ??
      paths.reduce((m, p) => m.set(p.domain, [...(m.get(p.domain) ?? []), p]), new Map()),
    [paths],
  );
  const bad = domains
    .filter((d) => d.state === "bad")
    .slice(0, kOpenAtMost)
    .map((d) => d.domain);
  const open = query.open === undefined ? bad : query.open.split(",");
  const toggle = (domain, on) => {
    const next = on ? [...open, domain] : open.filter((d) => d !== domain);
    amend({ open: next.length ? next.join(",") : "none" }, { replace: true });
  };
  return html`<div>
    ${domains.map(
      (d) =>
        html`<${Group}
          key=${d.domain}
          name=${d.domain}
          paths=${by.get(d.domain) ?? []}
          state=${d.state}
          open=${open.includes(d.domain)}
          toggle=${(on) => toggle(d.domain, on)}
        />`,
    )}
  </div>`;
}
