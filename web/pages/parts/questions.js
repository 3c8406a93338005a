// Questions as the node describes them: drawn by their kind, asked while their conditions hold, checked by the node when
// a field is left. First run and This node share them; what is allowed stands in the node alone.
import { html, useRef } from "../vendor/preact.js";
import { passwordRule } from "../base/checks.js";
import { Choice, Field, Select, Text, useForm } from "./fields.js";

const kTypes = { mail: "email", password: "password" };
const againOf = (question) => question.key + ".again";
const holds = (when, values) => when.every(({ key, value }) => values[key] === value);

export const questionsOf = (groups) => groups.flatMap((group) => group.questions);

/** What is filled in at first: the present answers, else what the host knows. */
export function initialAnswers(groups, answers = {}) {
  const values = {};
  for (const question of questionsOf(groups)) {
    values[question.key] = question.kind === "password" ? "" : (answers[question.key] ?? question.suggestion);
    if (question.kind === "password") values[againOf(question)] = "";
  }
  return values;
}

/** The answers to what is asked now, without passwords. */
export function answersOf(groups, values) {
  const asked = questionsOf(groups).filter((q) => q.kind !== "password" && holds(q.when, values));
  return Object.fromEntries(asked.map((q) => [q.key, values[q.key].trim()]));
}

function ownChecks(groups) {
  const checks = {};
  for (const question of questionsOf(groups)) {
    if (question.kind !== "password") continue;
    checks[question.key] = passwordRule;
    checks[againOf(question)] = (again, all) =>
      again === all[question.key] ? "" : "The two passwords are not the same.";
  }
  return checks;
}

/**
 * A form of questions. `ask(key, value, answers)` answers the node's sentence on one of them; it is called when a field
 * was changed and is left, never for what was prefilled. `more` are values of the form that are no answers.
 */
export function useQuestions(groups, answers, ask, more = {}) {
  const form = useForm({ ...initialAnswers(groups, answers), ...more }, ownChecks(groups));
  const newest = useRef(form.values);
  newest.current = form.values;
  const wrong = useRef({});
  wrong.current = form.errors;
  const changed = useRef(new Set());
  const check = async (question) => {
    const value = newest.current[question.key];
    const sentence = await ask(question.key, value.trim(), answersOf(groups, newest.current)).catch(() => "");
    if (newest.current[question.key] === value) form.tell(question.key, sentence);
  };
  return {
    ...form,
    groups,
    set(key, value) {
      changed.current.add(key);
      form.set(key, value);
    },
    async left(question) {
      if (question.kind === "password" || !changed.current.delete(question.key)) return;
      // what was wrong with another one may have been its standing beside this
      const again = questionsOf(groups).filter((q) => q.kind !== "password" && q.key !== question.key && wrong.current[q.key]);
      for (const each of [question, ...again]) await check(each);
    },
  };
}

function dependentsOf(form, question) {
  return questionsOf(form.groups).filter((q) => q.when.length && q.when.at(-1).key === question.key);
}

function Dependents({ form, question, value }) {
  const own = dependentsOf(form, question).filter((q) => q.when.at(-1).value === value && holds(q.when, form.values));
  // a lone field under its choice needs no second title
  const lone = own.length === 1;
  const fields = own.map((q) => html`<${QuestionField} key=${q.key} form=${form} question=${q} untitled=${lone} />`);
  return lone || !own.length ? fields : html`<div class="inner">${fields}</div>`;
}

function Radios({ form, question }) {
  const chosen = form.values[question.key];
  const leads = (value) => dependentsOf(form, question).some((q) => q.when.at(-1).value === value);
  return html`<fieldset class="field">
    <legend>${question.title}</legend>
    ${question.help && html`<p class="quiet">${question.help}</p>`}
    ${question.choices.map(
      ({ value, title, say }) =>
        html`<${Choice}
            key=${value}
            type="radio"
            name=${question.key}
            checked=${chosen === value}
            onChange=${() => form.set(question.key, value)}
            title=${title}
            say=${chosen === value && leads(value) ? "" : say}
          />
          ${chosen === value && html`<${Dependents} form=${form} question=${question} value=${value} />`}`,
    )}
    ${form.errors[question.key] && html`<p class="under bad" role="alert">${form.errors[question.key]}</p>`}
  </fieldset>`;
}

function YesNo({ form, question }) {
  const value = form.values[question.key];
  return html`<div class="field">
      <${Choice}
        checked=${value === "yes"}
        onChange=${(on) => form.set(question.key, on ? "yes" : "no")}
        title=${question.title}
        say=${question.help}
      />
      ${form.errors[question.key] && html`<p class="under bad" role="alert">${form.errors[question.key]}</p>`}
    </div>
    <${Dependents} form=${form} question=${question} value=${value} />`;
}

function Lines({ form, question }) {
  const id = "f-" + question.key.replace(/\W/g, "-");
  const error = form.errors[question.key];
  return html`<${Field} id=${id} label=${question.title} error=${error} help=${question.help}>
    <textarea
      id=${id}
      rows="3"
      spellcheck=${false}
      value=${form.values[question.key].replaceAll(", ", "\n")}
      aria-invalid=${error ? "true" : null}
      aria-describedby=${id + "-under"}
      onInput=${(e) => form.set(question.key, e.target.value)}
      onBlur=${() => form.left(question)}
    ></textarea>
  </${Field}>`;
}

function Password({ form, question }) {
  const value = form.values[question.key],
    again = form.values[againOf(question)];
  const long = value.length >= 10;
  return html`<${Text}
      form=${form}
      name=${question.key}
      label=${question.title}
      type="password"
      autocomplete="new-password"
      help=${question.help}
      good=${long ? `${value.length} characters` : ""}
    />
    <${Text}
      form=${form}
      name=${againOf(question)}
      label="The same password again"
      type="password"
      autocomplete="new-password"
      good=${long && again === value ? "the same" : ""}
    />`;
}

const zones = () => Intl.supportedValuesOf?.("timeZone") ?? [];

function Zone({ form, question, ...props }) {
  return html`<${Text} form=${form} name=${question.key} label=${question.title} help=${question.help} list="zones" ...${props} />
    <datalist id="zones">${zones().map((zone) => html`<option key=${zone} value=${zone}></option>`)}</datalist>`;
}

const kAutocomplete = { "administrator.user": "username", "site.organisation": "organization" };

export function QuestionField({ form, question, untitled = false }) {
  const onLeave = () => form.left(question);
  if (question.kind === "password") return html`<${Password} form=${form} question=${question} />`;
  if (question.kind === "yes_no") return html`<${YesNo} form=${form} question=${question} />`;
  if (question.kind === "lines") return html`<${Lines} form=${form} question=${question} />`;
  if (question.kind === "zone") return html`<${Zone} form=${form} question=${question} onLeave=${onLeave} />`;
  if (question.kind === "choice") {
    if (question.choices.some((c) => c.say)) return html`<${Radios} form=${form} question=${question} />`;
    const choices = question.choices.map((c) => [c.value, c.title]);
    return html`<${Select} form=${form} name=${question.key} label=${question.title} help=${question.help} choices=${choices} onBlur=${onLeave} />`;
  }
  return html`<${Text}
    form=${form}
    name=${question.key}
    label=${untitled ? html`<span class="unseen">${question.title}</span>` : question.title}
    type=${kTypes[question.kind] ?? "text"}
    help=${question.help}
    autocomplete=${kAutocomplete[question.key]}
    autocapitalize=${question.kind === "text" && question.need !== "must" ? null : "none"}
    inputmode=${question.kind === "number" ? "numeric" : null}
    onLeave=${onLeave}
  />`;
}

/**
 * The questions of one group; those that few need are folded until one of them has an answer. `only` "usual" or "rare":
 * these alone, none folded.
 */
export function GroupFields({ form, group, only }) {
  const top = group.questions.filter((q) => !q.when.length || q.when.every(({ key }) => !key.startsWith(group.key + ".")));
  const asked = top.filter((q) => holds(q.when, form.values));
  const rare = asked.filter((q) => q.need === "optional"),
    usual = asked.filter((q) => q.need !== "optional");
  const field = (q) => html`<${QuestionField} key=${q.key} form=${form} question=${q} />`;
  if (only) return (only === "rare" ? rare : usual).map(field);
  return html`${usual.map(field)}
  ${
    rare.length > 0 &&
    html`<details class="more" open=${rare.some((q) => form.values[q.key] || form.errors[q.key])}>
      <summary>${rare.map((q) => q.title).join(", ")}</summary>
      ${rare.map(field)}
    </details>`
  }`;
}
