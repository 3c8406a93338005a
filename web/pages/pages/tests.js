import { html } from "../vendor/preact.js";
export const Tests = () => html`<p>Tests</p>`;
