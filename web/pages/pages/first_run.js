// The first run: the set-up code, then one screen of questions, prefilled with what the host knows. Set-up commits once.
import { html, useEffect, useState } from "../vendor/preact.js";
import { address, loadSession, send, session } from "../base/api.js";
import { awaitNewLife } from "../base/new_life.js";
import { go } from "../base/route.js";
import { useStore } from "../base/store.js";
import { error } from "../base/numbers.js";
import { Choice, Refused, Text, Under, useForm } from "../parts/fields.js";
import { GroupFields, answersOf, questionsOf, useQuestions } from "../parts/questions.js";

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
    ${!s.clock.synchronised && html`<p class="quiet">Without a synchronised clock round trips and loss are right; one-way delays have an unknown error, and every page says so.${!s.appliance && html` <code>apt install chrony</code> helps.`}</p>`}`;
}

function FirstTests({ form, tests }) {
  const toggle = (id, on) =>
    form.set("tests", on ? [...form.values.tests, id] : form.values.tests.filter((t) => t !== id));
  return html`<h2 class="group-head">First tests</h2>
    <p class="quiet">Nothing leaves this host before you finish here. What is ticked starts then.</p>
    ${tests.map((t) => html`<${Choice} key=${t.id} checked=${form.values.tests.includes(t.id)} onChange=${(on) => toggle(t.id, on)} title=${t.title} say=${t.sentence + (t.leaves_host ? "" : " Stays on this host.")} />`)}
    ${!tests.length && html`<p>None can be suggested here: peers are added on the next page.</p>`}`;
}

// What belongs together under one title, in two columns; a title is that of the last group there is. Where the machine is
// asked for, too, its questions have a column of their own.
const kColumns = {
  node: [[["host", "site"], ["administrator"]], [["engines"]]],
  appliance: [
    [["host", "site"], ["administrator"], ["engines"], ["data"]],
    [["network"], ["management"], ["time"]],
  ],
};

const kAside = {
  network: "The interface that measures. Automatic suits most places. With another address or VLAN this page ends when you finish: open it at the new address then.",
  administrator: "With a backup to restore, finish this page first: a backup holds no users. Then it is under This node, Backup and restore.",
};

/** The drive that would be formatted for the data; undefined where nothing is lost. */
const toFormat = (values, drives) => drives.find((d) => d.name === values["data.device"] && !d.ours);

/** Formatting loses all: what is written on the drive is typed, so that it is the one that was meant. */
function TypedDrive({ form, drives }) {
  const drive = toFormat(form.values, drives);
  if (!drive) return null;
  return html`<${Text}
    form=${form}
    name="data_typed"
    class="mono"
    autocomplete="off"
    label=${drive.serial ? `Serial number of ${drive.name}, to agree that all on it is lost` : `${drive.name} has no serial number: type its name, to agree that all on it is lost`}
    help=${drive.serial ? "As it stands above." : ""}
  />`;
}

function Section({ form, keys, drives }) {
  const groups = form.groups.filter((group) => keys.includes(group.key));
  if (!groups.length) return null;
  const { key, title, help } = groups.at(-1);
  return html`<h2 class="group-head">${title}</h2>
    ${(kAside[key] ?? help) && html`<p class="quiet small">${kAside[key] ?? help}</p>`}
    ${groups.map((group) => html`<${GroupFields} key=${group.key} form=${form} group=${group} />`)}
    ${keys.includes("data") && html`<${TypedDrive} form=${form} drives=${drives} />`}`;
}

function Questions({ code, description }) {
  const { groups, known, first_tests } = description;
  const headers = { "Sonde-Setup-Code": code };
  const ask = async (key, value, answers) =>
    (await send("POST", "/setup/check", { key, value, answers }, { headers })).sentence;
  const tests = first_tests.filter((t) => t.selected).map((t) => t.id);
  const form = useQuestions(groups, {}, ask, { tests, data_typed: "" });
  const [moving, setMoving] = useState("");
  const password = questionsOf(groups).find((q) => q.kind === "password").key;
  const submit = async (e) => {
    e.preventDefault();
    const done = await form.submit(async (v) => {
      const wish = { answers: answersOf(groups, v), password: v[password], first_tests: v.tests };
      if (toFormat(v, known.drives)) wish.data_typed = v.data_typed;
      const begun = await send("POST", "/setup", wish, { headers });
      // With a session this page gives way to the others, which the node is about to leave.
      if (!toFormat(v, known.drives)) session.set(begun);
    });
    if (!done) return;
    const drive = toFormat(form.values, known.drives);
    if (drive) {
      setMoving(`This node is set up. ${drive.name} is being formatted; then the node starts anew with its data there, and asks you to log in.`);
      await awaitNewLife().catch((failure) => setMoving(failure.sentence));
    }
    await loadSession();
    go("overview");
  };
  const columns = kColumns[known.appliance ? "appliance" : "node"].map((sections) =>
    sections.map((keys) => html`<${Section} key=${keys[0]} form=${form} keys=${keys} drives=${known.drives} />`),
  );
  if (moving) return html`<p class="answer" role="status">${moving}</p>`;
  return html`<form onSubmit=${submit} novalidate>
    <div class="two">
      <div>${columns[0]}${!known.appliance && html`<${Known} s=${known} />`}</div>
      <div>
        ${columns[1]}
        <${FirstTests} form=${form} tests=${first_tests} />
        ${known.appliance && html`<${Known} s=${known} />`}
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
  const accepted = state?.description;
  if (!state && !wrong) return null;
  return html`<main class=${"alone" + (accepted ? " wide" : "")}>
    <h1>Set up this node</h1>
    ${
      accepted
        ? html`<${Questions} code=${code} description=${state.description} />`
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
