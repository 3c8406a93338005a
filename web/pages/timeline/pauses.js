// Pauses: when nobody measures, every day or on some. The list for all, changes for those who may.
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { useResource } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { Dialog } from "../parts/dialog.js";
import { Choice, Refused, Text, useForm } from "../parts/fields.js";
import { WhyNoChange } from "../parts/why_not.js";

const kDays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const two = (n) => String(n).padStart(2, "0");
const inputOf = ({ name, begin, end, days }) => ({ name, begin, end, days });
const kNew = { name: "", begin: "", end: "", days: "daily" };

/** "02:00" UTC as it is here today, "" when it is the same. */
function here(text) {
  if (!/^\d\d:\d\d$/.test(text)) return "";
  const d = new Date();
  d.setUTCHours(Number(text.slice(0, 2)), Number(text.slice(3)), 0, 0);
  const local = `${two(d.getHours())}:${two(d.getMinutes())}`;
  return local === text ? "" : `today ${local} in local time`;
}

const timeRule = (what, last) => (text) =>
  /^([01]\d|2[0-3]):[0-5]\d$/.test(text) || (last && text === "24:00")
    ? ""
    : `${what} “${text}” is not a time of day: write it as 02:00 or 14:30, in UTC.`;

const kRules = {
  begin: timeRule("The begin", false),
  end: (text, all) =>
    timeRule("The end", true)(text) || (text === all.begin ? "A pause ends at another time than it begins; 24:00 is the end of the day." : ""),
  days: (text) => (text ? "" : "On which days? Choose at least one."),
};

function Days({ form }) {
  const chosen = form.values.days === "daily" ? kDays : form.values.days.split(",").filter(Boolean);
  const turn = (day, on) => {
    const days = kDays.filter((d) => (d === day ? on : chosen.includes(d)));
    form.set("days", days.length === 7 ? "daily" : days.join(","));
  };
  return html`<fieldset class="field" aria-describedby="days-under">
    <legend>On the days it begins (UTC)</legend>
    <div class="row">
      ${kDays.map((d) => html`<${Choice} key=${d} checked=${chosen.includes(d)} onChange=${(on) => turn(d, on)} title=${d} />`)}
    </div>
    <p class=${"under " + (form.errors.days ? "bad" : "")} id="days-under" role=${form.errors.days ? "alert" : null}>${form.errors.days || (form.values.days === "daily" ? "Every day." : "")}</p>
  </fieldset>`;
}

function Edit({ pause, index, save, onClose }) {
  const form = useForm({ ...pause }, kRules);
  const v = form.values;
  const fields = Object.fromEntries(["name", "begin", "end", "days"].map((f) => [`items.${index}.${f}`, f]));
  const submit = async (e) => {
    e.preventDefault();
    const trimmed = (x) => ({ ...inputOf(x), name: x.name.trim() });
    if (await form.submit((x) => save(trimmed(x)), fields)) onClose();
  };
  const over = v.begin && v.end && v.end <= v.begin && !form.errors.end ? "Over midnight. " : "";
  return html`<${Dialog} label="Pause" onClose=${onClose}><form onSubmit=${submit} novalidate>
    <h2>${pause.begin ? "Change the pause" : "Add a pause"}</h2>
    <p>Times are in UTC, so that they are the same on every node.</p>
    <${Refused} form=${form} />
    <${Text} form=${form} name="name" label="Name" help="What it is for, as “backup”; runs that it skips bear it." first=${true} />
    <${Text} form=${form} name="begin" label="Begins at (UTC)" placeholder="01:00" help=${here(v.begin)} />
    <${Text} form=${form} name="end" label="Ends at (UTC)" placeholder="02:30" help=${over + here(v.end)} />
    <${Days} form=${form} />
    <div class="row"><button class="first" type="submit" disabled=${form.busy}>Save pause</button><button type="button" onClick=${onClose}>Leave</button></div>
  </form></${Dialog}>`;
}

/** What was just deleted can be put back. */
function Undo({ gone, undo }) {
  const button = useRef(null);
  useEffect(() => button.current?.focus(), [gone]);
  return html`<p role="status">
    The pause “${gone.name || `${gone.begin} to ${gone.end} UTC`}” is deleted.
    <button class="plain" ref=${button} onClick=${undo}>Put it back</button>
  </p>`;
}

const List = ({ items, edit, remove }) =>
  html`<table class="lines">
    <tbody>
      ${items.map(
        (p) =>
          html`<tr key=${p.sentence}>
            <td class="first">${p.name || html`<span class="quiet">no name</span>`}</td>
            <td class="widest">${p.sentence}</td>
            ${
              edit &&
              html`<td class="number">
                <button class="plain" onClick=${() => edit(p)}>Edit</button
                ><button class="plain" onClick=${() => remove(p)}>Delete</button>
              </td>`
            }
          </tr>`,
      )}
      ${
        !items.length &&
        html`<tr>
          <td class="quiet">No pause: this node measures all day.</td>
        </tr>`
      }
    </tbody>
  </table>`;

/** `onChanged` is told of every change that was made here. */
export function Pauses({ may, onChanged }) {
  const { body, etag, failure, reload } = useResource("/pause-windows");
  const [open, setOpen] = useState(null);
  const [gone, setGone] = useState(null);
  const [said, setSaid] = useState("");
  const revision = useRef(0);
  useEffect(
    () =>
      onNews("snapshot", (news) => {
        if (revision.current && news.config_revision !== revision.current) reload();
        revision.current = news.config_revision;
      }),
    [],
  );
  const items = body?.items ?? [];
  const put = async (next) => {
    try {
      await send("PUT", "/pause-windows", { items: next.map(inputOf) }, { etag });
      setSaid("");
      onChanged();
    } finally {
      await reload();
    }
  };
  // Somebody else may have changed the list since: a pause is known by what it says, not by its place.
  const placeOf = (pause) => {
    const found = items.findIndex((p) => p.sentence === pause.sentence);
    return found < 0 ? items.length : found;
  };
  const save = (old) => async (pause) => {
    await put(placeOf(old) === items.length ? [...items, pause] : items.map((p) => (p.sentence === old.sentence ? pause : p)));
    setGone(null);
  };
  const tell = (refusal) => setSaid(refusal.sentence ?? String(refusal));
  const remove = (pause) => put(items.filter((p) => p !== pause)).then(() => setGone(pause), tell);
  const undo = () => put([...items, gone]).then(() => setGone(null), tell);
  return html`<section aria-label="Pauses">
    <div class="section-head">
      <h2>Pauses: nobody measures in these windows</h2>
      ${may && html`<button class="push" onClick=${() => setOpen(kNew)}>Add a pause</button>`}
    </div>
    <p class="quiet">
      Planned runs end as skipped, tests that run all day wait, heavy tests from outside are refused. Times are in UTC.
    </p>
    <${WhyNoChange} />
    ${(failure || said) && html`<p class="refused" role="alert">${said || failure.sentence}</p>`}
    ${gone && html`<${Undo} gone=${gone} undo=${undo} />`}
    ${body && html`<${List} items=${items} edit=${may && setOpen} remove=${remove} />`}
    ${open && html`<${Edit} pause=${open} index=${placeOf(open)} save=${save(open)} onClose=${() => setOpen(null)} />`}
  </section>`;
}
