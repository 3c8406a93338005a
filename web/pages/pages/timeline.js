// The day behind and the day ahead: what ran, what did not and why, what is planned, and where there is room.
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { session } from "../base/api.js";
import { useResource, useThrottled } from "../base/load.js";
import { nodeStore } from "../base/shared.js";
import { onNews } from "../base/stream.js";
import { useStore } from "../base/store.js";
import { amend, useRoute } from "../base/route.js";
import { fromIso, moment, span, toIso } from "../base/times.js";
import { busyTimes, itemOf, itemsOf } from "../timeline/items.js";
import { answer, lacking } from "../timeline/words.js";
import { kSpans, useTimelineView } from "../timeline/view.js";
import { itemsNamed, Lanes } from "../timeline/lanes.js";
import { Details } from "../timeline/details.js";
import { GapDialog } from "../timeline/gap_dialog.js";
import { Pauses } from "../timeline/pauses.js";
import { RunTable } from "../timeline/run_table.js";

/** Many runs are read again more rarely. */
const patience = (line) => (!line || line.blocks.length < 300 ? 2 : line.blocks.length < 1500 ? 10 : 30);

/** The newest line of the time that is wanted, once it is known what is; while another is read the last one stays. */
function useLine({ from, to }, known, selfChecks) {
  const wanted = { from: toIso(from), to: toIso(to), self_checks: selfChecks ? "yes" : "no" };
  const { body, failure, reload } = useResource(known ? "/timeline" : null, wanted, { every: 60 });
  const last = useRef(null);
  if (body) last.current = body;
  const soon = useThrottled(reload, patience(last.current));
  useEffect(() => onNews("result", soon), [soon]);
  useEffect(() => {
    let before = null;
    return onNews("snapshot", (news) => {
      // What runs or waits, and what is configured; not how far it has come.
      const now = [news.config_revision, ...news.runs.map((r) => r.id + r.state)].join();
      if (before !== null && now !== before) soon();
      before = now;
    });
  }, [soon]);
  // No news tells of tests from outside: while one has the slot it is looked at again.
  const guest = last.current?.leases.some((l) => l.kind === "inbound" && !l.end);
  useEffect(() => {
    const timer = guest ? setInterval(soon, 3000) : null;
    return () => clearInterval(timer);
  }, [guest, soon]);
  return { line: last.current, failure, soon };
}

function RangeBar({ view, own, others }) {
  const wide = view.to - view.from >= view.read.to - view.read.from - 1;
  return html`<div class="range-bar">
    <div class="segmented" role="group" aria-label="Range">
      ${Object.keys(kSpans).map((s) => html`<button key=${s} aria-pressed=${view.span === s} title="With now in the middle" onClick=${() => view.choose(s)}>${s.replace("h", "\u00a0h")}</button>`)}
    </div>
    <div class="segmented">
      <button title="Earlier" aria-label="Earlier" onClick=${() => view.pan(-0.5)} disabled=${view.from <= view.read.from}>◀</button>
      <button title="Later" aria-label="Later" onClick=${() => view.pan(0.5)} disabled=${view.to >= view.read.to}>▶</button>
      <button title="Smaller (−)" aria-label="Smaller" onClick=${() => view.scale(2)} disabled=${wide}>−</button>
      <button title="Larger (+)" aria-label="Larger" onClick=${() => view.scale(0.5)}>+</button>
    </div>
    ${view.drifted && html`<button onClick=${view.centre}>Now in the middle</button>`}
    ${!view.live && html`<span class="quiet whole">${span(view.to - view.from)} from ${moment(view.from)}</span>`}
    ${others && html`<label class="row push"><input type="checkbox" checked=${own} onChange=${(e) => amend({ own: e.target.checked ? "1" : undefined }, { replace: true })} />with this node's own tests</label>`}
  </div>`;
}

function useKeys(view, chosen) {
  useEffect(() => {
    const key = (e) => {
      const typing = /^(input|textarea|select)$/i.test(e.target.tagName) || document.querySelector("dialog[open]");
      if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
      const act = {
        "+": () => view.scale(0.5, chosen),
        "-": () => view.scale(2, chosen),
        Escape: () => amend({ block: undefined }, { replace: true }),
      }[e.key];
      if (!act) return;
      e.preventDefault();
      act();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
}

const pausesOf = (line) =>
  line.pauses.map((p) => ({
    key: "pause@" + p.begin,
    at: fromIso(p.begin),
    to: fromIso(p.end),
    title: "Pause",
    pause: p.sentence,
  }));

function chosenOf(items, pauses, key) {
  if (!key) return [];
  if (key.startsWith("pause@")) return pauses.filter((p) => p.key === key);
  return itemsNamed(items, key) ?? [itemOf(items, key)].filter(Boolean);
}

function Picture({ line, items, tests, others, view, soon, started }) {
  const { query } = useRoute();
  const may = useStore(session)?.may_change;
  const [gap, setGap] = useState(null);
  const pauses = pausesOf(line);
  const chosen = chosenOf(items, pauses, query.block);
  const choose = (key) => amend({ block: key === query.block ? undefined : key }, { replace: true });
  useKeys(view, chosen[0]?.at);
  const inRange = items.filter((i) => i.to >= view.from && i.at <= view.to);
  const busy = busyTimes(items, pauses, view.now, view.read.to);
  return html`<div class="stack">
    <div>
      <${RangeBar} view=${view} own=${query.own === "1"} others=${others} />
      <${Lanes} items=${items} pauses=${pauses} tests=${tests} view=${view} chosen=${query.block} choose=${choose} busy=${busy} run=${may ? (g, t) => setGap({ gap: g, t }) : null} />
      ${chosen.length > 0 && html`<${Details} items=${chosen} choose=${choose} enlarge=${() => view.show(chosen[0].at - 60, chosen[chosen.length - 1].to + 60)} onClose=${() => choose(undefined)} />`}
      ${query.block && !chosen.length && html`<p class="quiet">What the address names is not in this time any more.</p>`}
      ${lacking(line, started, view.now).map((s) => html`<p key=${s} class="quiet small">${s}</p>`)}
    </div>
    <${RunTable} items=${inRange} chosen=${chosen[0]?.key} view=${view} />
    <${Pauses} may=${may} onChanged=${soon} />
    ${gap && html`<${GapDialog} ...${gap} tests=${tests} items=${items} busy=${busy} now=${view.now} onRun=${soon} onClose=${() => setGap(null)} />`}
  </div>`;
}

export function Timeline() {
  const { query } = useRoute();
  const view = useTimelineView();
  const { body, failure: untold } = useResource("/tests", {}, { every: 60 });
  // Of a node with tests to others its checks of itself are left out, unless they are wanted.
  const others = body?.items.some((t) => !t.self_check) ?? false;
  const own = !others || query.own === "1";
  const tests = (body?.items ?? []).filter((t) => own || !t.self_check);
  const { line, failure, soon } = useLine(view.read, !!body || !!untold, own);
  const node = useStore(nodeStore);
  const minute = Math.floor(view.now / 20);
  const items = useMemo(() => (line ? itemsOf(line, tests, view.now) : []), [line, body, own, minute]);
  const wrong = failure ?? untold;
  return html`<div>
    <div class="page-head"><h1>Timeline</h1></div>
    ${wrong && html`<p class="refused" role="alert">${wrong.sentence}</p>`}
    ${
      line
        ? html`<p class="answer tl-answer">${answer(items, view.now, view.read)}</p>
            <${Picture} line=${line} items=${items} tests=${tests} others=${others} view=${view} soon=${soon} started=${fromIso(node?.started)} />`
        : !wrong && html`<div class="skeleton" style=${{ height: "560px" }} aria-busy="true"></div>`
    }
  </div>`;
}
