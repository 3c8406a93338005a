import { html } from "../vendor/preact.js";
export const Peers = () => html`<p>Peers</p>`;
