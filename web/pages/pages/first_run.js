import { html } from "../vendor/preact.js";
export const FirstRun = () => html`<p>FirstRun</p>`;
