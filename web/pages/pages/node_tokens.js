// Tokens for programs: each with a role, a scope and an end; shown once.
import { html, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { age, exact, fromIso, moment, now, toIso } from "../base/times.js";
import { nameRule } from "../base/checks.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { Refused, Select, Text, useForm } from "../parts/fields.js";
import { kRoles, kRoleSentences } from "../parts/why_not.js";
import { Copyable } from "./node_ports.js";

function New({ onClose }) {
  const [token, setToken] = useState("");
  const form = useForm(
    {
      name: "",
      role: "viewer",
      scope: "",
      expires: exact(now() + 90 * 86400)
        .slice(0, 16)
        .replace(" ", "T"),
    },
    {
      name: (v) => nameRule(v, "What uses it"),
      expires: (v) => (Date.parse(v) / 1000 > now() ? "" : "The end must lie in the future."),
    },
  );
  const submit = async (e) => {
    e.preventDefault();
    await form.submit(async (v) => {
      const scope = v.scope.split(/[\s,]+/).filter(Boolean);
      const made = await send("POST", "/tokens", {
        name: v.name.trim(),
        role: v.role,
        scope,
        expires: toIso(Date.parse(v.expires) / 1000),
      });
      setToken(made.token);
    });
  };
  if (token)
    return html`<${Dialog} label="New token" onClose=${() => onClose(true)}><h2>The token, shown this once</h2><p>Send it as <code>Authorization: Bearer TOKEN</code>. It cannot be shown again: keep it where the program reads it.</p><${Copyable} text=${token} /><div class="row"><button class="first" onClick=${() => onClose(true)}>I have it</button></div></${Dialog}>`;
  return html`<${Dialog} label="New token" onClose=${() => onClose(false)}><form onSubmit=${submit} novalidate><h2>Make a token</h2><${Refused} form=${form} />
    <${Text} form=${form} name="name" label="What uses it" />
    <${Select} form=${form} name="role" label="Role" choices=${kRoles} help=${kRoleSentences[form.values.role]} />
    <${Text} form=${form} name="scope" label="Only these resources" help="As results, series; empty: all that the role may." />
    <${Text} form=${form} name="expires" type="datetime-local" label="Valid until (local time)" />
    <div class="row"><button class="first" type="submit" disabled=${form.busy}>Make token</button><button type="button" onClick=${() => onClose(false)}>Leave</button></div></form></${Dialog}>`;
}

export function Tokens() {
  const { body, failure, reload } = useResource("/tokens");
  const [open, setOpen] = useState(false);
  const remove = (t) =>
    confirm({
      title: `Withdraw “${t.name}”?`,
      sentence: "The program that uses it is refused from now on.",
      verb: "Withdraw token",
      act: () => send("DELETE", `/tokens/${encodeURIComponent(t.id)}`),
    }).then((done) => done && reload());
  if (failure) return html`<p class="refused">${failure.sentence}</p>`;
  const items = body?.items ?? [];
  return html`<div>
    <p><button onClick=${() => setOpen(true)}>Make a token</button> <a href=${link("help", "api")}>About the API</a></p>
    ${
      items.length > 0
        ? html`<table class="lines">
            <thead>
              <tr>
                <th>Used by</th>
                <th>Role</th>
                <th>Only</th>
                <th>Valid until</th>
                <th>Last use</th>
                <th>Made by</th>
                <th></th>
              </tr>
            </thead>
            <tbody>
              ${items.map(
                (t) =>
                  html`<tr key=${t.id}>
                    <td class="first">${t.name}</td>
                    <td>${t.role}</td>
                    <td>${t.scope.join(", ") || "all"}</td>
                    <td data-label="until">
                      ${fromIso(t.expires) < now() ? "expired " : ""}${moment(fromIso(t.expires))}
                    </td>
                    <td data-label="last use">${t.last_use ? age(fromIso(t.last_use)) : "never"}</td>
                    <td data-label="by">${t.created_by}</td>
                    <td class="number"><button class="plain" onClick=${() => remove(t)}>Withdraw</button></td>
                  </tr>`,
              )}
            </tbody>
          </table>`
        : body &&
          html`<p class="quiet">
            No token yet. A program (Grafana, a script) reads results with one, without a password.
          </p>`
    }
    ${
      open &&
      html`<${New}
        onClose=${(made) => {
          setOpen(false);
          if (made) reload();
        }}
      />`
    }
  </div>`;
}
