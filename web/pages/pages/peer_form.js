// Add a peer by name or address, see what it answers to, and tick what to start; or change one.
import { html, useEffect, useState } from "../vendor/preact.js";
import { send, session } from "../base/api.js";
import { useResource } from "../base/load.js";
import { useStore } from "../base/store.js";
import { readPaths } from "../base/shared.js";
import { goFromHere, link } from "../base/route.js";
import { hostRule, isAddress } from "../base/checks.js";
import { Answers, useCheck } from "../parts/answers.js";
import { Choice, Refused, Select, Text, useForm } from "../parts/fields.js";
import { WhyNoChange } from "../parts/why_not.js";
import { peerName } from "../parts/names.js";

const kRule = { address: (v) => hostRule(v.trim()) };

/** One address is one peer: `peers` are those that there are. */
const newAddressRule = (peers) => (v) => {
  const known = peers.find((p) => p.address === v.trim());
  return (
    hostRule(v.trim()) ||
    (known &&
      html`${v.trim()} is a peer already: ${peerName(known)}.${" "}
        <a href=${link("tests", "new", { peer: known.id })}>Add a test to it</a>`)
  );
};

function familyOf(told, address) {
  if (isAddress(address)) return address.includes(":") ? "IPv6" : "IPv4";
  return told?.resolved.some((a) => !a.includes(":")) || !told?.resolved.length ? "IPv4" : "IPv6";
}

function Families({ form, told }) {
  const both = told?.resolved.some((a) => a.includes(":")) && told.resolved.some((a) => !a.includes(":"));
  if (!both) return null;
  return html`<${Select}
    form=${form}
    name="family"
    label="Address family"
    choices=${[
      ["IPv4", "IPv4"],
      ["IPv6", "IPv6"],
    ]}
    help="The other family is a path of its own: add a test for it later."
  />`;
}

function Starts({ probes, check, chosen, toggle }) {
  const answers = new Map((check.told?.answers ?? []).map((a) => [a.service, a.answers]));
  return html`<fieldset class="field">
    <legend>Tests to start</legend>
    ${probes.map(
      (p) =>
        html`<${Choice}
          key=${p.id}
          checked=${chosen.includes(p.id)}
          onChange=${(on) => toggle(p.id, on)}
          title=${p.title}
          say=${p.summary + (answers.get(p.id) === false ? " It does not answer to this now; each run would fail and say why." : "")}
        />`,
    )}
  </fieldset>`;
}

function NewPeer() {
  const { body } = useResource("/probes");
  const probes = (body?.items ?? []).filter((p) => p.needs_peer && p.footprint === "light");
  const { body: peers } = useResource("/peers");
  const rule = newAddressRule(peers?.items ?? []);
  const form = useForm({ address: "", name: "", family: "IPv4" }, { address: (v) => (made ? "" : rule(v)) });
  const check = useCheck();
  const [chosen, setChosen] = useState([]);
  const [made, setMade] = useState(null);
  const toggle = (id, on) => setChosen(on ? [...chosen, id] : chosen.filter((c) => c !== id));
  const ask = async (text) => {
    const address = text.trim();
    if (rule(address)) return check.forget();
    if (address === check.address) return;
    const told = await check.ask(address);
    if (!told) return;
    const answering = told.answers.filter((a) => a.answers).map((a) => a.service);
    setChosen(probes.map((p) => p.id).filter((id) => answering.includes(id)));
    form.set("family", familyOf(told, address));
  };
  const submit = async (e) => {
    e.preventDefault();
    const go = goFromHere();
    const done = await form.submit(async (v) => {
      const peer = made ?? (await send("POST", "/peers", { address: v.address.trim(), name: v.name.trim() }));
      setMade(peer);
      for (const probe of chosen) {
        const test = await send("POST", "/tests", { probe, peer: peer.id, family: v.family, title: "" });
        // Its schedule may begin in minutes; whoever adds a peer wants to see now that it answers.
        if (test.schedule.kind === "every")
          await send("POST", `/tests/${encodeURIComponent(test.id)}/run`, {}).catch(() => {});
        setChosen((c) => c.filter((id) => id !== probe));
      }
    });
    if (!done) return;
    await readPaths();
    // Without a test there is no path yet to be seen on the Overview.
    go(chosen.length ? "overview" : "peers");
  };
  if (!body) return html`<div class="skeleton" style=${{ height: "480px" }}></div>`;
  return html`<div class="two">
    <form onSubmit=${submit} novalidate>
      <div class="page-head"><h1>Add a peer</h1></div>
      <p>
        A peer is the other end of a path: any host that answers ping, better one that speaks OWAMP (another Sonde, a
        perfSONAR node).
      </p>
      <${Refused} form=${form} />
      <${Text}
        form=${form}
        name="address"
        label="Host name or address"
        first
        autocapitalize="none"
        disabled=${!!made}
        onLeave=${ask}
        help="When you leave this field, the node asks it what it answers to."
      />
      <${Text} form=${form} name="name" label="Name for people" help="Empty: its address." />
      <${Families} form=${form} told=${check.told} />
      <${Starts} probes=${probes} check=${check} chosen=${chosen} toggle=${toggle} />
      <div class="row">
        <button class="first" type="submit" disabled=${form.busy}>
          ${chosen.length ? `Add peer and start ${chosen.length === 1 ? "1 test" : chosen.length + " tests"}` : "Add peer"}
        </button>
        <a class="button" href=${link("overview")}>Leave</a>
      </div>
    </form>
    <section>
      <h2>What it answers to</h2>
      ${check.state ? html`<${Answers} check=${check} />` : html`<p class="quiet">Not asked yet.</p>`}
    </section>
  </div>`;
}

function KnownPeer({ id }) {
  const { body: peer, etag, failure } = useResource(`/peers/${encodeURIComponent(id)}`);
  const form = useForm({ address: "", name: "" }, kRule);
  const check = useCheck();
  useEffect(() => {
    if (peer) form.setValues({ address: peer.address, name: peer.name });
  }, [peer]);
  if (failure)
    return html`<h1>This peer cannot be shown</h1>
      <p>${failure.sentence}</p>`;
  if (!peer) return null;
  const moved = form.values.address.trim() !== peer.address;
  const submit = async (e) => {
    e.preventDefault();
    const go = goFromHere();
    const done = await form.submit((v) =>
      send("PUT", `/peers/${encodeURIComponent(id)}`, { address: v.address.trim(), name: v.name.trim() }, { etag }),
    );
    if (done) go("peers");
  };
  return html`<div class="two">
    <form onSubmit=${submit} novalidate>
      <div class="page-head"><h1>${peerName(peer)}</h1></div>
      <${Refused} form=${form} />
      <${Text} form=${form} name="name" label="Name for people" help="Renaming keeps all history." />
      <${Text}
        form=${form}
        name="address"
        label="Host name or address"
        help=${moved ? "Another address begins a new revision of its tests; graphs draw the seam." : ""}
      />
      <div class="row">
        <button class="first" type="submit" disabled=${form.busy}>Save peer</button
        ><a class="button" href=${link("peers")}>Leave</a>
        <button
          type="button"
          onClick=${() => check.ask(form.values.address.trim())}
          disabled=${check.state === "asking"}
        >
          Ask what it answers to
        </button>
      </div>
    </form>
    <section>
      <h2>What it answers to</h2>
      ${check.state ? html`<${Answers} check=${check} peer=${id} />` : html`<p class="quiet">Not asked yet.</p>`}
    </section>
  </div>`;
}

export function PeerForm({ id }) {
  const may = useStore(session)?.may_change;
  if (!may)
    return html`<h1>Peers can be changed by operators</h1>
      <${WhyNoChange} />`;
  return id === "new" ? html`<${NewPeer} />` : html`<${KnownPeer} id=${id} />`;
}
