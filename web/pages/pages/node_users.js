// Who may log in: viewers read, operators run and edit tests, administrators change everything.
import { html, useState } from "../vendor/preact.js";
import { send, session } from "../base/api.js";
import { useResource } from "../base/load.js";
import { useStore } from "../base/store.js";
import { age, fromIso, moment } from "../base/times.js";
import { nameRule, passwordRule } from "../base/checks.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { Refused, Select, Text, useForm } from "../parts/fields.js";
import { kRoles, kRoleSentences } from "../parts/why_not.js";

function Edit({ user, etag, onClose }) {
  const rules = {
    password: (v) => (user && !v ? "" : passwordRule(v)),
    name: (v) => (user ? "" : nameRule(v, "The name")),
  };
  const form = useForm({ name: "", role: user?.role ?? "viewer", password: "" }, rules);
  const submit = async (e) => {
    e.preventDefault();
    const done = await form.submit(({ name, role, password }) =>
      user
        ? send("PUT", `/users/${encodeURIComponent(user.id)}`, { role, ...(password ? { password } : {}) }, { etag })
        : send("POST", "/users", { name: name.trim(), role, password }),
    );
    if (done) onClose(true);
  };
  return html`<${Dialog} label="User" onClose=${() => onClose(false)}><form onSubmit=${submit} novalidate>
    <h2>${user ? `Change ${user.name}` : "Add a user"}</h2><${Refused} form=${form} />
    ${!user && html`<${Text} form=${form} name="name" label="Name" autocapitalize="none" autocomplete="off" />`}
    <${Select} form=${form} name="role" label="Role" choices=${kRoles} help=${kRoleSentences[form.values.role]} />
    <${Text} form=${form} name="password" type="password" label=${user ? "New password" : "Password"} autocomplete="new-password" help=${user ? "Empty: stays. A new one ends all sessions of this user." : "At least 10 characters."} />
    <div class="row"><button class="first" type="submit" disabled=${form.busy}>${user ? "Save user" : "Add user"}</button><button type="button" onClick=${() => onClose(false)}>Leave</button></div>
  </form></${Dialog}>`;
}

export function Users() {
  const { body, etag, failure, reload } = useResource("/users");
  const me = useStore(session);
  const [open, setOpen] = useState(null);
  const close = (changed) => {
    setOpen(null);
    if (changed) reload();
  };
  const remove = (u) =>
    confirm({
      title: `Remove ${u.name}?`,
      sentence: "Their sessions end at once. Measurements are not touched.",
      verb: "Remove user",
      act: () => send("DELETE", `/users/${encodeURIComponent(u.id)}`),
    }).then((done) => done && reload());
  if (failure) return html`<p class="refused">${failure.sentence}</p>`;
  return html`<div>
    <p><button onClick=${() => setOpen({})}>Add a user</button></p>
    <table class="lines">
      <thead>
        <tr>
          <th>Name</th>
          <th>Role</th>
          <th>Since</th>
          <th>Last login</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${(body?.items ?? []).map(
          (u) =>
            html`<tr key=${u.id}>
              <td class="first">${u.name}${u.name === me.user ? html` <span class="quiet">(you)</span>` : ""}</td>
              <td>${u.role}</td>
              <td data-label="since">${moment(fromIso(u.created))}</td>
              <td data-label="last login">${u.last_login ? age(fromIso(u.last_login)) : "never"}</td>
              <td class="number">
                <button class="plain" onClick=${() => setOpen({ user: u })}>Change</button
                ><button
                  class="plain"
                  disabled=${u.name === me.user}
                  title=${u.name === me.user ? "You cannot remove yourself" : ""}
                  onClick=${() => remove(u)}
                >
                  Remove
                </button>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${open && html`<${Edit} user=${open.user} etag=${etag} onClose=${close} />`}
  </div>`;
}
