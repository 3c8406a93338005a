// What was answered at the set-up, changed later: the same questions as at the first run.
import { html, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { link } from "../base/route.js";
import { Refused } from "../parts/fields.js";
import { GroupFields, answersOf, useQuestions } from "../parts/questions.js";

// The limits table says what these two once did, and more.
const kElsewhere = ["engines"];

const ask = async (key, value, answers) =>
  (await send("POST", "/setup/answers/check", { key, value, answers })).sentence;

/** Those that are not what they were. */
function changedAnswers(now, before) {
  return Object.fromEntries(Object.entries(now).filter(([key, value]) => value !== (before[key] ?? "")));
}

function Form({ groups, answers, onSaved }) {
  const form = useQuestions(groups, answers, ask);
  const [said, setSaid] = useState("");
  const submit = async (e) => {
    e.preventDefault();
    setSaid("");
    const act = (v) => send("PATCH", "/setup/answers", { answers: changedAnswers(answersOf(groups, v), answers) });
    if (!(await form.submit(act))) return;
    setSaid("Saved; it holds from now on.");
    onSaved();
  };
  const who = groups.filter((g) => g.key === "host" || g.key === "site"),
    machine = groups.filter((g) => !who.includes(g));
  const part = (title, help, parts, only) =>
    html`<section key=${title}>
      <h2>${title}</h2>
      ${help && html`<p class="quiet small">${help}</p>`}
      ${parts.map((group) => html`<${GroupFields} key=${group.key} form=${form} group=${group} only=${only} />`)}
    </section>`;
  return html`<form onSubmit=${submit} novalidate>
    <${Refused} form=${form} />
    <div class="two">
      ${part("Who and where", "", who, "usual")} ${part("More about it", "", who, "rare")}
      ${machine.map((group) => part(group.title, group.help, [group]))}
    </div>
    ${machine.length > 0 && html`<p class="quiet">A change of the network may take this page to another address.</p>`}
    <div class="row">
      <button class="first" type="submit" disabled=${form.busy}>Save answers</button>
      ${said && html`<span class="done" role="status">${said}</span>`}
      <span class="quiet">Who may use the engines: <a href=${link("node", "limits")}>Who may use it</a>.</span>
    </div>
  </form>`;
}

/** `body` as GET /setup/answers gives it. */
export function Answers({ body, onSaved }) {
  const groups = body.groups.filter((group) => !kElsewhere.includes(group.key));
  return html`<${Form} groups=${groups} answers=${body.answers} onSaved=${onSaved} />`;
}

/** The same for those who may only read. */
export function Site({ site }) {
  const row = (title, text) =>
    text &&
    html`<dt>${title}</dt>
      <dd>${text}</dd>`;
  return html`<h2>Who and where</h2>
    <dl class="facts">
      ${row("Name of this node", site.name)}${row("Organisation", site.organisation)}${row("Place", site.place)}
      ${row("Communities", (site.communities ?? []).join(", "))}
      ${row("Answers for it", [site.administrator, site.contact].filter(Boolean).join(", "))}
    </dl>`;
}
