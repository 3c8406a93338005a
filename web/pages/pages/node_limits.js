// Who may use this node's engines, and how much: one table, source network by engine; what is in no row is refused.
import { html, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { useResource } from "../base/load.js";
import { bytes, whole } from "../base/numbers.js";
import { span } from "../base/times.js";
import { prefixRule } from "../base/checks.js";
import { Dialog } from "../parts/dialog.js";
import { Choice, Refused, Select, Text, useForm } from "../parts/fields.js";
import { WhyNoAdministration } from "../parts/why_not.js";
import { State } from "../parts/state.js";

const kEngines = [
  ["*", "every engine"],
  ["ping", "ping"],
  ["owamp", "OWAMP"],
  ["twamp", "TWAMP"],
  ["stamp", "STAMP"],
  ["throughput", "throughput"],
];
const kNumbers = {
  packets_per_second: "Packets a second",
  seconds: "Longest session",
  streams: "Streams",
  sessions: "Sessions at once",
  bytes_per_day: "Bytes a day",
};
const kUnits = { packets_per_second: "packets/s", seconds: "s", streams: "", sessions: "", bytes_per_day: "bytes" };
const kStandard = {
  engine: "owamp",
  source: "",
  allow: true,
  packets_per_second: 100,
  seconds: 3600,
  streams: 6,
  sessions: 16,
  bytes_per_day: 1e9,
};
const engineName = (e) => kEngines.find(([id]) => id === e)?.[1] ?? e;
const inputOf = ({ engine, source, allow, packets_per_second, seconds, streams, sessions, bytes_per_day }) => ({
  engine,
  source,
  allow,
  packets_per_second,
  seconds,
  streams,
  sessions,
  bytes_per_day,
});

function Edit({ rule, save, onClose }) {
  const number = (v) => (/^\d+$/.test(String(v)) ? "" : `“${v}” is not a whole number.`);
  const form = useForm(
    { ...rule },
    { source: prefixRule, ...Object.fromEntries(Object.keys(kNumbers).map((n) => [n, number])) },
  );
  const submit = async (e) => {
    e.preventDefault();
    const done = await form.submit((v) =>
      save({ ...inputOf(v), ...Object.fromEntries(Object.keys(kNumbers).map((n) => [n, Number(v[n])])) }),
    );
    if (done) onClose();
  };
  return html`<${Dialog} label="Rule" onClose=${onClose}><form onSubmit=${submit} novalidate><h2>Who, what, how much</h2><${Refused} form=${form} />
    <${Text} form=${form} name="source" label="From network" help="As 192.0.2.0/24 or 2001:db8::/32; 0.0.0.0/0 and ::/0 are anyone. The longest match decides." />
    <${Select} form=${form} name="engine" label="Engine" choices=${kEngines} />
    <${Choice} checked=${form.values.allow} onChange=${(on) => form.set("allow", on)} title="Allowed" say=${form.values.allow ? "" : "Refused in the protocol's own way."} />
    ${form.values.allow && Object.entries(kNumbers).map(([name, label]) => html`<${Text} key=${name} form=${form} name=${name} label=${label} unit=${kUnits[name] || undefined} inputmode="numeric" />`)}
    <div class="row"><button class="first" type="submit" disabled=${form.busy}>Save rule</button><button type="button" onClick=${onClose}>Leave</button></div></form></${Dialog}>`;
}

export function Limits({ may }) {
  const { body, etag, failure, reload } = useResource("/limits");
  const [open, setOpen] = useState(null);
  const [said, setSaid] = useState("");
  if (failure) return html`<p class="refused">${failure.sentence}</p>`;
  if (!body) return html`<div class="skeleton" style=${{ height: "200px" }}></div>`;
  const put = async (items) => {
    await send("PUT", "/limits", { items: items.map(inputOf) }, { etag });
    reload();
  };
  const save = (index) => (rule) =>
    put(index === null ? [...body.items, rule] : body.items.map((r, i) => (i === index ? rule : r)));
  const remove = (index) =>
    put(body.items.filter((_, i) => i !== index)).then(
      () => setSaid(""),
      (refusal) => setSaid(refusal.sentence),
    );
  return html`<div>
    <p>
      ${body.sentence || "The longest matching network decides; whoever is in no row is refused. This host itself always may."}
    </p>
    ${body.state !== "configured" && html`<p><${State} state="watch" word=${body.state} /></p>`}
    ${said && html`<p class="refused" role="alert">${said}</p>`}
    <${WhyNoAdministration} />
    ${may && html`<p><button onClick=${() => setOpen({ index: null, rule: kStandard })}>Add a rule</button></p>`}
    <div class="table-hold">
      <table class="lines">
        <thead>
          <tr>
            <th>From</th>
            <th>Engine</th>
            <th>May</th>
            <th class="number">Packets/s</th>
            <th class="number">Session</th>
            <th class="number">Streams</th>
            <th class="number">At once</th>
            <th class="number">A day</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${body.items.map(
            (r, i) =>
              html`<tr key=${r.id}>
                <td class="first mono">${r.source}</td>
                <td>${engineName(r.engine)}</td>
                <td><${State} state=${r.allow ? "good" : "unknown"} word=${r.allow ? "allowed" : "refused"} /></td>
                ${
                  r.allow
                    ? html`<td class="number" data-label="packets/s">${whole(r.packets_per_second)}</td>
                        <td class="number" data-label="session">${span(r.seconds)}</td>
                        <td class="number" data-label="streams">${whole(r.streams)}</td>
                        <td class="number" data-label="at once">${whole(r.sessions)}</td>
                        <td class="number" data-label="a day">${bytes(r.bytes_per_day)}</td>`
                    : html`<td colspan="5"></td>`
                }
                <td class="number">
                  ${may ? html`<button class="plain" onClick=${() => setOpen({ index: i, rule: r })}>Change</button><button class="plain" onClick=${() => remove(i)}>Remove</button>` : ""}
                </td>
              </tr>`,
          )}
          ${
            !body.items.length &&
            html`<tr>
              <td class="quiet" colspan="9">No rule: only this host itself may use its engines.</td>
            </tr>`
          }
        </tbody>
      </table>
    </div>
    ${open && html`<${Edit} rule=${open.rule} save=${save(open.index)} onClose=${() => setOpen(null)} />`}
  </div>`;
}
