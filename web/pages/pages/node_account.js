// One's own password and session.
import { html, useState } from "../vendor/preact.js";
import { loadSession, send, session } from "../base/api.js";
import { useStore } from "../base/store.js";
import { stopListening } from "../base/stream.js";
import { fromIso, moment } from "../base/times.js";
import { passwordRule } from "../base/checks.js";
import { Refused, Text, useForm } from "../parts/fields.js";

export function Account() {
  const who = useStore(session);
  const [said, setSaid] = useState("");
  const form = useForm(
    { current: "", password: "", again: "" },
    {
      current: (v) => (v ? "" : "The present password is empty."),
      password: passwordRule,
      again: (v, all) => (v === all.password ? "" : "The two passwords are not the same."),
    },
  );
  const submit = async (e) => {
    e.preventDefault();
    const done = await form.submit(async ({ current, password }) =>
      session.set(await send("PUT", "/session/password", { current, password })),
    );
    if (!done) return;
    form.setValues({ current: "", password: "", again: "" });
    setSaid("The password is changed. All your other sessions have ended.");
  };
  const leave = async () => {
    await send("DELETE", "/session").catch(() => {});
    stopListening();
    await loadSession();
  };
  return html`<div>
    <p>
      Logged in as <strong>${who.user}</strong> (${who.role})${who.expires ? `, at the latest until ${moment(fromIso(who.expires))}` : ""}.${" "}
      <button onClick=${leave}>Log out</button>
    </p>
    <h2 class="group-head">Change your password</h2>
    <form onSubmit=${submit} novalidate>
      <${Refused} form=${form} />
      <input
        type="text"
        class="unseen"
        autocomplete="username"
        aria-label="Name"
        value=${who.user}
        readonly
        tabindex="-1"
        aria-hidden="true"
      />
      <${Text} form=${form} name="current" type="password" label="Present password" autocomplete="current-password" />
      <${Text}
        form=${form}
        name="password"
        type="password"
        label="New password"
        autocomplete="new-password"
        help="At least 10 characters."
      />
      <${Text} form=${form} name="again" type="password" label="The new one again" autocomplete="new-password" />
      <button class="first" type="submit" disabled=${form.busy}>Change password</button>
      ${said && html`<p class="done" role="status">${said}</p>`}
    </form>
  </div>`;
}
