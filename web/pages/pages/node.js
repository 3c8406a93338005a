// This node: how well it is, its clock and interfaces over time, what it listens on, who may use it, and its keys.
import { html } from "../vendor/preact.js";
import { seesAll, session } from "../base/api.js";
import { nodeStore } from "../base/shared.js";
import { snapshot } from "../base/stream.js";
import { useStore } from "../base/store.js";
import { link } from "../base/route.js";
import { Health } from "./node_health.js";
import { Fit } from "./node_fit.js";
import { Ports } from "./node_ports.js";
import { Users } from "./node_users.js";
import { Account } from "./node_account.js";
import { Tokens } from "./node_tokens.js";
import { CertificatePart } from "./node_certificate.js";
import { SettingsPart } from "./node_settings.js";
import { Limits } from "./node_limits.js";
import { BackupPart } from "./node_backup.js";
import { MachinePart } from "./node_machine.js";

const kParts = [
  { id: "", title: "Health", page: Health, for: "all" },
  { id: "fit", title: "Fit to measure", page: Fit, for: "viewer" },
  { id: "ports", title: "Ports", page: Ports, for: "viewer" },
  { id: "limits", title: "Who may use it", page: Limits, for: "viewer" },
  { id: "settings", title: "Settings", page: SettingsPart, for: "viewer" },
  { id: "users", title: "Users", page: Users, for: "administrator" },
  { id: "tokens", title: "Tokens", page: Tokens, for: "administrator" },
  { id: "certificate", title: "Certificate", page: CertificatePart, for: "viewer" },
  { id: "machine", title: "This machine", page: MachinePart, for: "administrator", appliance: true },
  { id: "backup", title: "Backup and restore", page: BackupPart, for: "administrator" },
  { id: "account", title: "Your account", page: Account, for: "account" },
];

function allowed(part, who) {
  if (part.for === "all") return true;
  if (part.for === "account") return who?.authenticated;
  if (part.for === "administrator") return who?.role === "administrator";
  return seesAll(who);
}

export function ThisNode({ part }) {
  const who = useStore(session);
  const node = useStore(nodeStore);
  const news = useStore(snapshot);
  // Known some seconds after the start of the node only: the stream tells it first.
  const machine = news?.machine ?? node?.machine;
  const all = kParts.filter((p) => !p.appliance || machine);
  const parts = all.filter((p) => allowed(p, who));
  const here = all.find((p) => p.id === part) ?? all[0];
  if (!node) return html`<div class="skeleton" style=${{ height: "480px" }}></div>`;
  return html`<div>
    <div class="page-head"><h1>This node</h1></div>
    <p class="answer">${node.sentence}</p>
    <nav class="tabs" aria-label="Parts of this node">
      ${parts.map((p) => html`<a key=${p.id} href=${link("node", p.id)} aria-current=${p.id === here.id ? "page" : null}>${p.title}</a>`)}
    </nav>
    ${parts.includes(here) ? html`<${here.page} node=${node} may=${who?.may_administer} />` : html`<p>This part is shown to ${here.for === "administrator" ? "administrators" : "those who are logged in"}. ${who?.authenticated ? who.administer_sentence : html`<a href=${link("login")}>Log in</a>.`}</p>`}
  </div>`;
}
