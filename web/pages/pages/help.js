import { html } from "../vendor/preact.js";
export const Help = () => html`<p>Help</p>`;
