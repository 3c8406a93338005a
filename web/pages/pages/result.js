import { html } from "../vendor/preact.js";
export const ResultPage = () => html`<p>ResultPage</p>`;
