// A page whose modules come when it is first asked for, or in a quiet moment before.
import { html, useEffect, useState } from "../vendor/preact.js";

const waiting = [];

/** Told where the node was made anew meanwhile: its modules now have other names. */
const Gone = () =>
  html`<p class="refused" role="alert">This page could not be fetched: the node may have been renewed meanwhile.</p>
    <button onClick=${() => location.reload()}>Load everything again</button>`;

/** `load` answers a promise of the component. Until it is there the place is empty: that takes less than a blink. */
export function later(load) {
  let found = null;
  let promise = null;
  const once = () => (promise ??= load().then((component) => (found = component)));
  waiting.push(once);
  return function Later(props) {
    const [state, setState] = useState("");
    // Asked of what was drawn: the component may come between the drawing of an empty place and this effect.
    const empty = !found;
    useEffect(() => {
      if (empty) once().then(() => setState("here"), () => setState("gone"));
    }, []);
    if (found) return html`<${found} ...${props} />`;
    return state === "gone" ? html`<${Gone} />` : null;
  };
}

/** Fetches what has not come yet, one after the other, when nothing else is to be done. */
export async function fetchTheRest() {
  const idle = () => new Promise((go) => (window.requestIdleCallback ?? setTimeout)(go));
  for (const once of waiting) {
    await idle();
    await once().catch(() => {});
  }
}
