// To whom: one of the known peers, or an address that becomes one; each is asked what it answers to as it is picked.
import { html, useState } from "../vendor/preact.js";
import { hostRule } from "../base/checks.js";
import { Choice, Select, Text } from "./fields.js";
import { peerName } from "./names.js";

const kMany = 8;

export function PeerPick({ form, peers, check, fixed }) {
  const [words, setWords] = useState("");
  const chosen = peers.find((p) => p.id === form.values.peer);
  const pick = (id, address) => {
    form.set("peer", id);
    if (address) check.ask(address);
    else check.forget();
  };
  const families = html`<${Select}
    form=${form}
    name="family"
    label="Address family"
    choices=${[
      ["IPv4", "IPv4"],
      ["IPv6", "IPv6"],
    ]}
    help="Never replaced by the other: each is a path of its own."
  />`;
  if (fixed)
    return html`<p><strong>${chosen ? peerName(chosen) : "–"}</strong><br /><span class="mono quiet">${chosen?.address}</span></p>
      ${families}`;
  const shown = peers.filter((p) => `${p.name} ${p.address}`.toLowerCase().includes(words.toLowerCase()));
  return html`${peers.length > kMany && html`<p><input type="search" aria-label="Only peers with" placeholder="name or address" value=${words} onInput=${(e) => setWords(e.target.value)} /></p>`}
    <div class=${peers.length > kMany ? "picks" : ""}>
      ${shown.map((p) => html`<${Choice} key=${p.id} type="radio" name="peer" checked=${p.id === form.values.peer} onChange=${() => pick(p.id, p.address)} title=${peerName(p)} say=${p.name ? p.address : ""} />`)}
    </div>
    <${Choice}
      type="radio"
      name="peer"
      checked=${form.values.peer === "new"}
      onChange=${() => pick("new")}
      title="Another host"
    />
    ${
      form.values.peer === "new" &&
      html`<${Text}
        form=${form}
        name="new_address"
        label="Host name or address"
        autocapitalize="none"
        onLeave=${(text) => !hostRule(text.trim()) && text.trim() !== check.address && check.ask(text.trim())}
        help="Asked what it answers to when you leave this field."
      />`
    }
    ${families}`;
}
