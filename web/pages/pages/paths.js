import { html } from "../vendor/preact.js";
export const Paths = () => html`<p>Paths</p>`;
