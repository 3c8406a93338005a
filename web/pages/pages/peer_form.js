import { html } from "../vendor/preact.js";
export const PeerForm = () => html`<p>PeerForm</p>`;
