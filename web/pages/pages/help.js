// Help: the chapters of docs/, here, offline, linked from where they are needed.
import { html, useEffect, useState } from "../vendor/preact.js";
import { link } from "../base/route.js";
import { Markdown } from "../parts/markdown.js";
import { kChapters } from "./help_chapters.js";

const kKeys = [
  ["/", "search paths, tests, help"],
  ["e", "export what a path shows"],
  ["← →", "earlier, later"],
  ["+ −", "zoom in, out"],
  ["Backspace", "back to before the zoom"],
];

async function chapterText(id) {
  const response = await fetch(new URL(`../docs/${id}.md`, import.meta.url));
  if (!response.ok) throw new Error("This chapter is not in this version.");
  return response.text();
}

export function Help({ chapter }) {
  const here = kChapters.find((c) => c.id === chapter) ?? kChapters[0];
  const [text, setText] = useState(null);
  useEffect(() => {
    setText(null);
    chapterText(here.id).then(setText, (failure) => setText(failure.message));
  }, [here.id]);
  return html`<div class="help">
    <nav aria-label="Chapters">
      <h2>Help</h2>
      <ul>
        ${kChapters.map((c) => html`<li key=${c.id}><a href=${link("help", c.id)} aria-current=${c.id === here.id ? "page" : null}>${c.title}</a></li>`)}
      </ul>
      <h3 class="group-head">Keys</h3>
      <dl class="facts small">
        ${kKeys.map(
          ([key, does]) =>
            html`<dt key=${key} class="mono">${key}</dt>
              <dd>${does}</dd>`,
        )}
      </dl>
    </nav>
    <article class="prose">
      ${text === null ? html`<div class="skeleton" style=${{ height: "480px" }}></div>` : html`<${Markdown} text=${text} />`}
    </article>
  </div>`;
}
