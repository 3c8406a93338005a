// The first run: the set-up code, then one screen of questions, prefilled with what the host knows. Set-up commits once.
import { html, useEffect, useState } from "../vendor/preact.js";
import { address, loadSession, send, session } from "../base/api.js";
import { go } from "../base/route.js";
import { useStore } from "../base/store.js";
import { error } from "../base/numbers.js";
import { hostRule, mailRule, nameRule, networksOf, networksRule, passwordRule } from "../base/checks.js";
import { Choice, Refused, Text, Under, useForm } from "../parts/fields.js";

/** As people copy it: blanks, dashes and small letters do not matter; O, I and L are read as Crockford reads them. */
const tidyCode = (text) => text.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");

async function readSetup(code) {
  const response = await fetch(address("/setup"), {
    cache: "no-store",
    headers: { Accept: "application/json", ...(code ? { "Sonde-Setup-Code": code } : {}) },
  });
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.sentence), body);
  return body;
}

function CodeForm({ state, wrong, onCode }) {
  const who = useStore(session);
  const form = useForm(
    { code: "" },
    { code: (v) => (tidyCode(v).length === 10 ? "" : "The set-up code has ten letters and digits.") },
  );
  const submit = (e) => {
    e.preventDefault();
    form.submit(async ({ code }) => onCode(tidyCode(code)));
  };
  return html`<form onSubmit=${submit} novalidate>
    <p>
      To set this node up, enter the set-up code. It stands on the node's console and on the terminal of${" "}
      <code>sonde run</code>, and <code>sonde setup-code</code> prints it. It is new at each start.
    </p>
    ${wrong && html`<p class="refused" role="alert">${wrong}</p>`}
    ${state?.paused_s > 0 && html`<p class="refused" role="alert">Five wrong codes: no code is taken for another ${Math.ceil(state.paused_s)} s.</p>`}
    <${Text} form=${form} name="code" label="Set-up code" autocomplete="off" first class="mono" />
    <div class="row">
      <button class="first" type="submit">Go on</button>
      ${who.may_read && html`<a class="button" href="#/overview">Only look</a><span class="quiet">From this host the node can be read without being set up.</span>`}
    </div>
  </form>`;
}

function Access({ form, name, title, say, networks }) {
  const set = (from) => form.set(name, from);
  const chosen = form.values[name],
    list = name + "_networks";
  return html`<fieldset class="field">
    <legend>${title}</legend>
    <p class="quiet">${say}</p>
    <${Choice}
      type="radio"
      name=${name}
      checked=${chosen === "nobody"}
      onChange=${() => set("nobody")}
      title="Nobody"
      say="Only this node starts tests."
    />
    <${Choice}
      type="radio"
      name=${name}
      checked=${chosen === "networks"}
      onChange=${() => set("networks")}
      title="These networks"
      say=${chosen === "networks" ? "" : `Prefilled with this host's own: ${networks.join(", ")}`}
    />
    ${chosen === "networks" && html`<${Text} form=${form} name=${list} label=${html`<span class="unseen">Networks</span>`} help="One or more, as 192.0.2.0/24, with commas between." />`}
    <${Choice}
      type="radio"
      name=${name}
      checked=${chosen === "anyone"}
      onChange=${() => set("anyone")}
      title="Anyone"
      say="Each source within its limits; the limits can be seen and changed on This node."
    />
  </fieldset>`;
}

function initialValues(s) {
  const networks = s.networks.join(", ");
  return {
    name: s.site.name,
    organisation: s.site.organisation,
    place: s.site.place,
    contact: s.site.contact,
    user: "admin",
    password: "",
    again: "",
    light: "networks",
    light_networks: networks,
    throughput: "nobody",
    throughput_networks: networks,
    tests: s.first_tests.filter((t) => t.selected).map((t) => t.id),
  };
}

const kChecks = {
  name: (v) => hostRule(v, "The node's name"),
  contact: mailRule,
  user: (v) => nameRule(v, "The name of the first administrator"),
  password: passwordRule,
  again: (v, all) => (v === all.password ? "" : "The two passwords are not the same."),
  light_networks: (v, all) => (all.light === "networks" ? networksRule(v) : ""),
  throughput_networks: (v, all) => (all.throughput === "networks" ? networksRule(v) : ""),
};
const kFields = {
  "site.name": "name",
  "site.organisation": "organisation",
  "site.place": "place",
  "site.contact": "contact",
  "light_tests.networks": "light_networks",
  "throughput.networks": "throughput_networks",
};

function requestOf(v, s) {
  const access = (from, networks) => (from === "networks" ? { from, networks: networksOf(networks) } : { from });
  return {
    site: {
      name: v.name.trim(),
      organisation: v.organisation.trim(),
      place: v.place.trim(),
      latitude: s.site.latitude,
      longitude: s.site.longitude,
      contact: v.contact.trim(),
    },
    user: v.user.trim(),
    password: v.password,
    light_tests: access(v.light, v.light_networks),
    throughput: access(v.throughput, v.throughput_networks),
    first_tests: v.tests,
  };
}

function Known({ s }) {
  return html`<h2 class="group-head">What this node knows already</h2>
    <dl class="facts">
      <dt>Addresses</dt>
      <dd class="mono">${s.addresses.join(", ") || "none but loopback"}</dd>
      <dt>Clock</dt>
      <dd>
        ${s.clock.synchronised ? "synchronised" : "not synchronised"},${" "}
        ${s.clock.bound_s === null ? "error unknown" : error(s.clock.bound_s, "s")} (${s.clock.source})
      </dd>
      <dt>Time zone</dt>
      <dd>${s.time_zone}; measurements are kept in UTC</dd>
    </dl>
    ${!s.clock.synchronised && html`<p class="quiet">Without a synchronised clock round trips and loss are right; one-way delays have an unknown error, and every page says so. <code>apt install chrony</code> helps.</p>`}`;
}

function FirstTests({ form, tests }) {
  const toggle = (id, on) =>
    form.set("tests", on ? [...form.values.tests, id] : form.values.tests.filter((t) => t !== id));
  return html`<h2 class="group-head">First tests</h2>
    <p class="quiet">Nothing leaves this host before you finish here. What is ticked starts then.</p>
    ${tests.map((t) => html`<${Choice} key=${t.id} checked=${form.values.tests.includes(t.id)} onChange=${(on) => toggle(t.id, on)} title=${t.title} say=${t.sentence + (t.leaves_host ? "" : " Stays on this host.")} />`)}
    ${!tests.length && html`<p>None can be suggested here: peers are added on the next page.</p>`}`;
}

function Questions({ code, s }) {
  const form = useForm(initialValues(s), kChecks);
  const submit = async (e) => {
    e.preventDefault();
    const done = await form.submit(async (v) => {
      const headers = { "Sonde-Setup-Code": code };
      session.set(await send("POST", "/setup", requestOf(v, s), { headers }));
    }, kFields);
    if (!done) return;
    await loadSession();
    go("overview");
  };
  const left = form.values.password.length;
  return html`<form onSubmit=${submit} novalidate>
    <div class="two">
      <div>
        <h2 class="group-head">Who and where</h2>
        <${Text}
          form=${form}
          name="name"
          label="Name of this node"
          help="As other nodes and people call it; best its host name."
          autocapitalize="none"
        />
        <${Text} form=${form} name="organisation" label="Organisation" autocomplete="organization" />
        <${Text}
          form=${form}
          name="place"
          label="Place"
          help="City, building or rack: what a reader of a graph needs."
        />
        <${Text}
          form=${form}
          name="contact"
          label="E-mail of whoever answers for it"
          type="email"
          help="Shown to those who are logged in, never to the public."
        />
        <h2 class="group-head">First administrator</h2>
        <p class="quiet small">
          With a backup to restore, finish this page first: a backup holds no users. Then it is under This node, Backup
          and restore.
        </p>
        <${Text} form=${form} name="user" label="Name" autocomplete="username" autocapitalize="none" />
        <${Text}
          form=${form}
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          help="At least 10 characters. There is no default password."
          good=${left >= 10 ? `${left} characters` : ""}
        />
        <${Text}
          form=${form}
          name="again"
          label="The same password again"
          type="password"
          autocomplete="new-password"
          good=${left >= 10 && form.values.again === form.values.password ? "the same" : ""}
        />
        <${Known} s=${s} />
      </div>
      <div>
        <h2 class="group-head">Who may use this node's engines</h2>
        <${Access}
          form=${form}
          name="light"
          title="Answer light tests from"
          say="OWAMP, ping and their like: a few packets a second."
          networks=${s.networks}
        />
        <${Access}
          form=${form}
          name="throughput"
          title="Answer throughput tests from"
          say="They fill the line while they run. At most 60 s, 6 streams, UDP 50 Mbit/s, 4 an hour from a source."
          networks=${s.networks}
        />
        <${FirstTests} form=${form} tests=${s.first_tests} />
      </div>
    </div>
    <div class="group-head">
      <${Refused} form=${form} />
      <button class="first" type="submit" disabled=${form.busy}>Finish and start measuring</button>
    </div>
    <${Under} id="finish" help=${form.busy ? "Writing the configuration …" : ""} />
  </form>`;
}

export function FirstRun({ code: given }) {
  const [code, setCode] = useState(tidyCode(given));
  const [state, setState] = useState(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    readSetup(code).then(
      (s) => {
        setState(s);
        if (s.set_up) loadSession();
        else if (code && !s.code_accepted)
          setWrong("That is not the set-up code of this start. It changes whenever the node starts anew.");
      },
      (refusal) => setWrong(refusal.sentence ?? "The node does not answer."),
    );
  }, [code]);
  const accepted = state && state.suggestions && (state.code_accepted || !state.code_needed);
  if (!state && !wrong) return null;
  return html`<main class=${"alone" + (accepted ? " wide" : "")}>
    <h1>Set up this node</h1>
    ${
      accepted
        ? html`<${Questions} code=${code} s=${state.suggestions} />`
        : html`<${CodeForm}
            state=${state}
            wrong=${wrong}
            onCode=${(c) => {
              setWrong("");
              setCode(c);
            }}
          />`
    }
  </main>`;
}
