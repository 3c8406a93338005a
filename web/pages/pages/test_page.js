import { html } from "../vendor/preact.js";
export const TestPage = () => html`<p>TestPage</p>`;
