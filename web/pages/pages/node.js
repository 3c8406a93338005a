import { html } from "../vendor/preact.js";
export const ThisNode = () => html`<p>ThisNode</p>`;
