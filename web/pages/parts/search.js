// "/" anywhere: paths, peers, tests and help, by any part of their names.
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { get } from "../base/api.js";
import { link } from "../base/route.js";
import { kChapters } from "../pages/help_chapters.js";
import { Dialog } from "./dialog.js";
import { peerName, testName } from "./names.js";

async function everything() {
  const none = { items: [] };
  const [paths, peers, tests] = await Promise.all(
    ["/paths", "/peers", "/tests"].map((list) => get(list).catch(() => none)),
  );
  return [
    ...paths.items.map((p) => ({
      kind: "path",
      title: p.peer_name,
      more: `${p.peer_address} ${p.family}`,
      to: link("paths", p.id),
    })),
    ...peers.items.map((p) => ({ kind: "peer", title: peerName(p), more: p.address, to: link("peers", p.id) })),
    ...tests.items.map((t) => ({
      kind: "test",
      title: testName(t),
      more: t.sentence,
      to: link("tests", t.id),
    })),
    ...kChapters.map((c) => ({ kind: "help", title: c.title, more: c.about, to: link("help", c.id) })),
  ];
}

function matching(things, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return things
    .filter((t) => {
      const text = `${t.title} ${t.more} ${t.kind}`.toLowerCase();
      return wanted.every((w) => text.includes(w));
    })
    .slice(0, 40);
}

export function Search({ onClose }) {
  const [things, setThings] = useState(null);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const waits = useRef(null);
  useEffect(() => {
    everything().then((all) => {
      setThings(all);
      if (waits.current !== null) enter(all, waits.current, 0);
    });
  }, []);
  const found = useMemo(() => matching(things ?? [], words), [things, words]);
  const pick = (to) => {
    onClose();
    location.hash = to;
  };
  // What is typed counts, be it listed yet or not.
  const enter = (all, typed, place) => {
    const hit = matching(all, typed)[place];
    if (hit) pick(hit.to);
  };
  const key = (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && found.length) {
      e.preventDefault();
      const next = (at + step + found.length) % found.length;
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    }
    if (e.key !== "Enter") return;
    const typed = e.target.value;
    if (things) enter(things, typed, typed === words ? at : 0);
    else waits.current = typed;
  };
  return html`<${Dialog} label="Search" kind="search" onClose=${onClose}>
    <input type="search" aria-label="Search paths, peers, tests and help" placeholder="Search paths, peers, tests, help" value=${words}
      onInput=${(e) => {
        setWords(e.target.value);
        setAt(0);
      }} onKeyDown=${key} />
    <ul ref=${list} role="listbox">
      ${found.map(
        (t, i) =>
          html`<li key=${t.to} role="option" aria-selected=${i === at}>
            <a href=${t.to} onClick=${onClose}
              ><span class="kind">${t.kind}</span
              ><span class="ellipsis"
                >${t.title} <span class="quiet small">${t.more !== t.title ? t.more : ""}</span></span
              ></a
            >
          </li>`,
      )}
    </ul>
    ${things && !found.length && html`<p class="quiet">Nothing here has “${words}” in its name.</p>`}
  </${Dialog}>`;
}
