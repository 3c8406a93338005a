// Who are you? Nothing else is asked here, and nothing is told to who may not read.
import { html } from "../vendor/preact.js";
import { loadSession, send, session } from "../base/api.js";
import { go, currentRoute } from "../base/route.js";
import { useStore } from "../base/store.js";
import { nameRule } from "../base/checks.js";
import { Refused, Text, useForm } from "../parts/fields.js";

export function Login({ sentence }) {
  const who = useStore(session);
  const form = useForm(
    { user: "", password: "" },
    { user: (v) => nameRule(v, "The name"), password: (v) => (v ? "" : "The password is empty.") },
  );
  const submit = async (e) => {
    e.preventDefault();
    const done = await form.submit(async ({ user, password }) =>
      session.set(await send("POST", "/session", { user, password })),
    );
    if (!done) return;
    await loadSession();
    if (currentRoute().page === "login") go("overview");
  };
  return html`<main class="alone">
    <h1>${who.node_name || "Sonde"}</h1>
    <p class="quiet">${sentence || "Log in to read and change what this node measures."}</p>
    <form onSubmit=${submit} novalidate>
      <${Refused} form=${form} />
      <${Text} form=${form} name="user" label="Name" autocomplete="username" first autocapitalize="none" />
      <${Text} form=${form} name="password" label="Password" type="password" autocomplete="current-password" />
      <div class="row">
        <button class="first" type="submit" disabled=${form.busy}>Log in</button>
        ${who.may_read && html`<a class="button" href="#/overview">Go on reading</a>`}
      </div>
    </form>
    <p class="quiet small">Password lost? On the node itself: <code>sonde reset-password</code>, as root.</p>
  </main>`;
}
