import { html } from "../vendor/preact.js";
export const Login = () => html`<p>Login</p>`;
