// How far something is: a bar, and in words.
import { html } from "../vendor/preact.js";
import { bytes } from "../base/numbers.js";
import { now } from "../base/times.js";

/** A bar with what is done, in words too; without a total it only says how far it is. */
export const Bar = ({ words, done, total, since }) => {
  const left = done > 0 && since ? ((now() - since) * (total - done)) / done : null;
  return html`<div role="status">
    ${total > 0 && html`<div class="progress" style=${{ maxWidth: "420px" }}><span style=${{ width: `${Math.min(100, (100 * done) / total)}%` }}></span></div>`}
    <p class="quiet">
      ${words}${done > 0 ? `: ${bytes(done)}${total > 0 ? ` of ${bytes(total)}` : " so far"}` : ""}${left > 1 && total > 0 ? `, about ${Math.ceil(left)} s left` : ""}
    </p>
  </div>`;
};
