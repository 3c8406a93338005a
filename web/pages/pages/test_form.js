// Add or change a test: what, to whom, how often, side by side; what it costs stands below and follows each keystroke.
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { send, session } from "../base/api.js";
import { useResource } from "../base/load.js";
import { useStore } from "../base/store.js";
import { readPaths } from "../base/shared.js";
import { goFromHere, link } from "../base/route.js";
import { hostRule, optionRule } from "../base/checks.js";
import { exact, fromIso, now } from "../base/times.js";
import { Answers, useCheck } from "../parts/answers.js";
import { CostLine, useCost } from "../parts/cost_line.js";
import { Choice, Refused, Text, Under, useForm } from "../parts/fields.js";
import { OptionField } from "../parts/option_field.js";
import { PeerPick } from "../parts/peer_pick.js";
import { WhyNoChange } from "../parts/why_not.js";
import { testName } from "../parts/names.js";
import {
  ScheduleFields,
  emptySchedule,
  mainField,
  scheduleChecks,
  scheduleNames,
  scheduleOf,
  scheduleValues,
} from "../parts/schedule_fields.js";

const optionName = (option) => "options." + option.name;
/** "100ms" as a person writes it. */
const readable = (option, text) => (option.kind === "duration" ? text.replace(/^([\d.]+)([a-zµ]+)$/, "$1 $2") : text);

function emptyValues(probe, peer) {
  const values = {
    title: "",
    probe: probe?.id ?? "",
    peer: peer ?? "",
    new_address: "",
    family: "IPv4",
    source: "",
    dscp: "0",
    payload_bytes: "0",
    ...emptySchedule(probe),
  };
  for (const option of probe?.options ?? []) values[optionName(option)] = readable(option, option.default);
  return values;
}

function valuesOf(test, probe) {
  const values = {
    ...emptyValues(probe, test.peer),
    title: test.title,
    family: test.family,
    source: test.source,
    dscp: String(test.dscp),
    payload_bytes: String(test.payload_bytes),
    ...scheduleValues(test.schedule),
  };
  for (const option of probe?.options ?? [])
    if (option.name in test.options) values[optionName(option)] = readable(option, test.options[option.name]);
  return values;
}

/** A single run of another test, at a time (ISO 8601) that was chosen elsewhere. */
const onceLike = (test, probe, at) => ({
  ...valuesOf(test, probe),
  title: test.title && test.title + ", once",
  kind: "once",
  at: exact(fromIso(at) || now() + 120).replace(" ", "T"),
});

/** What is sent: options that have their default are left out, so that a better default of a later version holds. */
function inputOf(v, probe, peer, paused) {
  const options = Object.fromEntries(
    probe.options.filter((o) => v[optionName(o)] !== readable(o, o.default)).map((o) => [o.name, v[optionName(o)]]),
  );
  return {
    title: v.title.trim(),
    probe: v.probe,
    peer,
    family: v.family,
    source: v.source.trim(),
    dscp: Number(v.dscp),
    payload_bytes: Number(v.payload_bytes),
    schedule: scheduleOf(v),
    options,
    paused,
  };
}

function checksOf(probe) {
  const whole = (least, most, what) => (v) =>
    /^\d+$/.test(v) && v >= least && v <= most
      ? ""
      : `${what} “${v}”: allowed is a whole number from ${least} to ${most}.`;
  const checks = {
    ...scheduleChecks,
    dscp: whole(0, 63, "DSCP"),
    payload_bytes: whole(0, 65000, "Payload"),
    new_address: (v, all) => (all.peer === "new" ? hostRule(v.trim()) : ""),
    peer: (v) => (probe?.needs_peer && !v ? "To whom? Choose a peer." : ""),
  };
  for (const option of probe?.options ?? []) checks[optionName(option)] = (v) => optionRule(option, v ?? "");
  return checks;
}

function What({ form, probes, probe, fixed, choose }) {
  return html`<section>
    <h2><span class="step">1</span>What</h2>
    ${
      fixed
        ? html`<p><strong>${probe.title}</strong><br /><span class="quiet">${probe.summary}</span></p>
            <p class="quiet small">Another kind is another test: its numbers would not continue these.</p>`
        : probes.map(
            (p) =>
              html`<${Choice}
                key=${p.id}
                type="radio"
                name="probe"
                checked=${p.id === form.values.probe}
                onChange=${() => choose(p)}
                title=${p.title}
                say=${p.summary}
              />`,
          )
    }
    <${Text} form=${form} name="title" label="Title" help="Empty: what it does, in words." />
  </section>`;
}

function HowOften({ form, probe }) {
  const simple = probe.options.filter((o) => !o.advanced),
    advanced = probe.options.filter((o) => o.advanced);
  return html`<section>
    <h2><span class="step">3</span>How often</h2>
    <${ScheduleFields} form=${form} probe=${probe} />
    ${simple.map((o) => html`<${OptionField} key=${o.name} form=${form} option=${o} />`)}
    <details
      open=${advanced.some((o) => form.errors[optionName(o)]) || !!form.errors.dscp || !!form.errors.payload_bytes || !!form.errors.source}
    >
      <summary>Advanced</summary>
      ${advanced.map((o) => html`<${OptionField} key=${o.name} form=${form} option=${o} />`)}
      <${Text}
        form=${form}
        name="dscp"
        label="DSCP"
        unit="0 to 63"
        help="Marks the packets for a class of service. A change begins a new revision."
        inputmode="numeric"
      />
      <${Text}
        form=${form}
        name="payload_bytes"
        label="Payload"
        unit="bytes"
        help="0: as the kind of test has it. A change begins a new revision."
        inputmode="numeric"
      />
      <${Text}
        form=${form}
        name="source"
        label="Own address to use"
        help="Empty: the one that the route to the peer uses."
      />
    </details>
  </section>`;
}

function Form({ probes, peers, test, etag, peer, like, at }) {
  const first = (test ?? like)
    ? probes.find((p) => p.id === (test ?? like).probe)
    : (probes.find((p) => p.id === "owamp") ?? probes.find((p) => p.needs_peer) ?? probes[0]);
  const [probe, setProbe] = useState(first);
  const checks = useMemo(() => checksOf(probe), [probe]);
  const form = useForm(test ? valuesOf(test, first) : like ? onceLike(like, first, at) : emptyValues(first, peer ?? (peers.length ? "" : "new")), checks);
  const check = useCheck();
  const made = useRef(null);
  const v = form.values;
  // A new test asks by the family that this host reaches the peer by, until somebody chooses one.
  const toldFamily = useRef(v.family);
  const reached = check.told?.resolved[0];
  useEffect(() => {
    if (test || like || !reached || v.family !== toldFamily.current) return;
    toldFamily.current = reached.includes(":") ? "IPv6" : "IPv4";
    form.set("family", toldFamily.current);
  }, [reached]);
  const choose = (p) => {
    setProbe(p);
    form.setValues({ ...emptyValues(p, v.peer), title: v.title, new_address: v.new_address, family: v.family });
  };
  const right = Object.entries(checks).every(
    ([name, c]) => name === "peer" || name === "new_address" || !c(v[name], v),
  );
  const draft = right ? inputOf(v, probe, v.peer === "new" ? "" : v.peer, test?.paused ?? false) : null;
  const cost = useCost(draft, JSON.stringify(draft), test?.id);
  // A day that has no room for the test is told at its field before anybody saves.
  const field = mainField(v.kind);
  const told = cost?.overfull
    ? { ...form, errors: { ...form.errors, [field]: form.errors[field] || cost.overfull } }
    : form;
  const save = (e) => {
    e.preventDefault();
    const go = goFromHere();
    form.submit(
      async () => {
        let to = probe.needs_peer ? v.peer : "";
        if (to === "new")
          to = (made.current ??= await send("POST", "/peers", { address: v.new_address.trim(), name: "" })).id;
        const input = inputOf(v, probe, to, test?.paused ?? false);
        const saved = test
          ? await send("PUT", `/tests/${encodeURIComponent(test.id)}`, input, { etag })
          : await send("POST", "/tests", input);
        readPaths();
        go("tests", saved.id);
      },
      {
        address: "new_address",
        ...scheduleNames(v.kind),
      },
    );
  };
  return html`<form onSubmit=${save} novalidate>
    <div class="page-head"><h1>${test ? `Edit “${testName(test)}”` : "Add a test"}</h1></div>
    <${Refused} form=${form} />
    <div class="steps">
      <${What} form=${form} probes=${probes} probe=${probe} fixed=${!!test} choose=${choose} />
      <section>
        <h2><span class="step">2</span>To whom</h2>
        ${probe.needs_peer ? html`<${PeerPick} form=${form} peers=${peers} check=${check} fixed=${!!test} /><${Answers} check=${check} peer=${v.peer} />` : html`<p>This node itself: no packet leaves it.</p>`}
        <${Under} id="peer-under" error=${form.errors.peer} />
      </section>
      <${HowOften} form=${told} probe=${probe} />
    </div>
    <div class="cost">
      <${CostLine} cost=${cost} /><span class="push row"
        ><a class="button" href=${test ? link("tests", test.id) : link("tests")}>Leave</a>
        <button class="first" type="submit" disabled=${form.busy}>${test ? "Save test" : "Add test"}</button></span
      >
    </div>
  </form>`;
}

/** `copy`: the test that a new one is made like, to run once `at` a time. */
export function TestForm({ id, peer, copy, at }) {
  const may = useStore(session)?.may_change;
  const { body: probes, failure } = useResource("/probes");
  const { body: peers } = useResource("/peers");
  const { body: test, etag, failure: gone } = useResource(id ? `/tests/${encodeURIComponent(id)}` : null);
  const { body: like, failure: unlike } = useResource(copy ? `/tests/${encodeURIComponent(copy)}` : null);
  if (!may)
    return html`<h1>Tests can be changed by operators</h1>
      <${WhyNoChange} />`;
  if (failure || gone || unlike)
    return html`<h1>This form cannot be shown</h1>
      <p>${(failure ?? gone ?? unlike).sentence}</p>`;
  if (!probes || !peers || (id && !test) || (copy && !like)) return html`<div class="skeleton" style=${{ height: "480px" }}></div>`;
  return html`<${Form} probes=${probes.items} peers=${peers.items} test=${test} etag=${etag} peer=${peer} like=${like} at=${at} />`;
}
