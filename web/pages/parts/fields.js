// Forms: a label, a control, one line under it that helps, praises or says what is wrong. Errors stand at the field.
import { html, useCallback, useRef, useState } from "../vendor/preact.js";

/**
 * The state of a form. `checks`: name → (value, values) → sentence or "". What the node refuses is laid to its field;
 * what belongs to no field that is shown goes to `refusal`.
 */
export function useForm(initial, checks = {}) {
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState({});
  const [refusal, setRefusal] = useState("");
  const [busy, setBusy] = useState(false);
  const told = useRef({}); // by the node, at each field
  const put = useCallback((errorOf) => setErrors((e) => ({ ...e, ...errorOf })), []);
  const set = (name, value) => {
    setValues((v) => ({ ...v, [name]: value }));
    put({ [name]: "" });
    setRefusal("");
  };
  // What the node refused stays until it is changed: a line that goes would move the button that is being pressed.
  const leave = (name) =>
    setErrors((e) => {
      const kept = e[name] && e[name] === told.current[name] ? e[name] : "";
      return { ...e, [name]: checks[name]?.(values[name], values) || kept };
    });
  /** What the node says of a field. */
  const tell = (name, sentence) => {
    told.current = { ...told.current, [name]: sentence };
    put({ [name]: sentence });
  };
  const checkAll = () => {
    const found = Object.fromEntries(
      Object.entries(checks).map(([name, check]) => [name, check(values[name], values) || ""]),
    );
    put(found);
    return Object.values(found).every((sentence) => !sentence);
  };
  /** Runs `act`; false when a check or the node refused. `fields`: the node's field names → ours. */
  const submit = async (act, fields = {}) => {
    setRefusal("");
    if (busy || !checkAll()) {
      focusFirstError();
      return false;
    }
    setBusy(true);
    try {
      await act(values);
      return true;
    } catch (refused) {
      const name = fields[refused.field] ?? refused.field;
      if (name && (name in values || name in fields)) {
        tell(name, refused.sentence);
      } else setRefusal(refused.sentence ?? String(refused));
      focusFirstError();
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { values, errors, refusal, busy, set, setValues, put, tell, leave, submit, setRefusal };
}

/** Once what is wrong is drawn; who went to another field meanwhile stays there. */
function focusFirstError() {
  const here = document.activeElement;
  setTimeout(() => {
    if (document.activeElement !== here && document.activeElement !== document.body) return;
    (document.querySelector('[aria-invalid="true"]') ?? document.querySelector(".refused"))?.focus?.();
  }, 50);
}

/** The line under a control. */
export function Under({ id, error, good, help }) {
  return html`<p class=${"under " + (error ? "bad" : good ? "good" : "")} id=${id} role=${error ? "alert" : null}>
    ${error || good || help || ""}
  </p>`;
}

/** A field with any control as its child. */
export const Field = ({ id, label, error, good, help, children }) =>
  html`<div class="field">
    <label for=${id}>${label}</label>${children}<${Under}
      id=${id + "-under"}
      error=${error}
      good=${good}
      help=${help}
    />
  </div>`;

// The attribute "autofocus" would be refused, and complained of, where something has the focus already.
const takeFocus = (input) => input?.focus({ preventScroll: true });

/** A line of text bound to a form. `unit` stands behind it, `first` takes the focus; further props go to the input. */
export function Text({ form, name, label, help, good, unit, type = "text", first = false, onLeave, ...more }) {
  const id = "f-" + name.replace(/\W/g, "-");
  const error = form.errors[name];
  const input = html`<input
    id=${id}
    ref=${first ? takeFocus : null}
    type=${type}
    value=${form.values[name] ?? ""}
    aria-invalid=${error ? "true" : null}
    aria-describedby=${id + "-under"}
    spellcheck=${false}
    onInput=${(e) => form.set(name, e.target.value)}
    onBlur=${(e) => {
      form.leave(name);
      onLeave?.(e.target.value);
    }}
    ...${more}
  />`;
  return html`<${Field} id=${id} label=${label} error=${error} good=${good} help=${help}>
    ${unit ? html`<div class="with-unit">${input}<span class="quiet">${unit}</span></div>` : input}</${Field}>`;
}

export function Select({ form, name, label, help, choices, ...more }) {
  const id = "f-" + name.replace(/\W/g, "-");
  return html`<${Field} id=${id} label=${label} error=${form.errors[name]} help=${help}>
    <select id=${id} value=${form.values[name]} aria-describedby=${id + "-under"} aria-invalid=${form.errors[name] ? "true" : null} onChange=${(e) => form.set(name, e.target.value)} ...${more}>
      ${choices.map(([value, title]) => html`<option key=${value} value=${value} selected=${value === form.values[name]}>${title}</option>`)}</select></${Field}>`;
}

/** One box to tick, or one of several to choose, with a sentence beside it. */
export const Choice = ({ type = "checkbox", name, checked, onChange, title, say, disabled }) =>
  html`<label class="choice"
    ><input
      type=${type}
      name=${name}
      checked=${checked}
      disabled=${disabled}
      onChange=${(e) => onChange(e.target.checked)}
    />
    <span><strong>${title}</strong>${say && html`<span class="say">${say}</span>`}</span></label
  >`;

export const Refused = ({ form }) =>
  form.refusal && html`<p class="refused" role="alert" tabindex="-1">${form.refusal}</p>`;
