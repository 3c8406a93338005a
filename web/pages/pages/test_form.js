import { html } from "../vendor/preact.js";
export const TestForm = () => html`<p>TestForm</p>`;
