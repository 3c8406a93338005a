// Is this host fit to measure? What was found, worst first, each with its reason and its remedy; and what the live
// appliance sets so that it is.
import { html, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { keepUnits } from "../base/numbers.js";
import { fromIso, moment, span } from "../base/times.js";
import { confirm } from "../parts/dialog.js";
import { State } from "../parts/state.js";
import { Copyable } from "./node_ports.js";

const kWords = { bad: "bad", watch: "could be better", unknown: "not known", good: "good" };

/** What the button would do, in the words of the table. */
const rowsSentence = (finding, tuning) =>
  tuning
    .filter((row) => finding.rows.includes(row.id))
    .map((row) => `${row.title}: ${row.value}. ${row.why}`)
    .join(" ");

function Mend({ finding, check, may, mended }) {
  if (!finding.rows.length) return null;
  if (!check.can_mend) return html`<p class="quiet small">${check.mend_sentence}</p>`;
  const ask = () =>
    confirm({
      title: `Mend “${finding.title}”?`,
      sentence: keepUnits(rowsSentence(finding, check.tuning)),
      verb: "Mend it now",
      act: () => send("POST", `/check/${encodeURIComponent(finding.id)}/mend`),
    }).then((done) => done && mended(finding));
  return html`<p class="row">
    <button disabled=${!may} onClick=${ask}>Mend it now</button>
    ${!may && html`<span class="quiet small">Only an administrator may.</span>`}
  </p>`;
}

function Finding({ finding, check, may, mended }) {
  return html`<details class="finding" open=${finding.state === "bad"} id=${"f-" + finding.id}>
    <summary>
      <${State} state=${finding.state} word=${kWords[finding.state]} />
      <strong>${finding.title}</strong>
      <span class="is">${keepUnits(finding.is)}</span>
    </summary>
    <div class="inside">
      <dl class="facts">
        <dt>Should be</dt>
        <dd>${keepUnits(finding.should)}</dd>
        <dt>Because</dt>
        <dd>${keepUnits(finding.why)}</dd>
        ${
          finding.how &&
          html`<dt>Mend it</dt>
            <dd>${keepUnits(finding.how)}</dd>`
        }
      </dl>
      ${finding.command && html`<${Copyable} text=${finding.command} />`}
      <${Mend} finding=${finding} check=${check} may=${may} mended=${mended} />
    </div>
  </details>`;
}

const RowState = ({ row }) =>
  !row.known
    ? html`<${State} state="unknown" word="not here" />`
    : row.meets
      ? html`<${State} state="good" word="as it should be" />`
      : html`<${State} state="watch" word="differs" />`;

function Tuning({ check }) {
  const unmet = check.tuning.filter((row) => row.known && !row.meets).length;
  return html`<details class="finding tuning">
    <summary>
      <${State} state=${unmet ? "watch" : "good"} word=${unmet ? `${unmet} differ` : "all set"} />
      <strong>What the live appliance sets</strong>
      <span class="is">
        ${check.tuning.length} settings, each with its reason; it changes nothing else of the kernel
      </span>
    </summary>
    <div class="inside table-hold">
      <table class="lines">
        <thead>
          <tr>
            <th>Setting</th>
            <th>State</th>
            <th>Is here</th>
            <th>The appliance sets</th>
            <th>Because</th>
          </tr>
        </thead>
        <tbody>
          ${check.tuning.map(
            (row) =>
              html`<tr key=${row.id}>
                <td class="first">${row.title}<div class="mono small quiet">${row.id}</div></td>
                <td class="whole"><${RowState} row=${row} /></td>
                <td data-label="is here">${row.now}</td>
                <td data-label="set to">${row.value}${!row.at_boot && html`<div class="small quiet">by hand only</div>`}</td>
                <td class="reason">${keepUnits(row.why)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

export function Fit({ may }) {
  const { body: check, failure, reload } = useResource("/check", {}, { every: 60 });
  const [said, setSaid] = useState("");
  if (!check) {
    return failure
      ? html`<p class="refused">${failure.sentence}</p>`
      : html`<div class="skeleton" style=${{ height: "480px" }}></div>`;
  }
  const mended = (finding) => {
    setSaid(`“${finding.title}” was mended, and this host was looked at again.`);
    reload();
  };
  return html`<div class="stack">
    <div>
      <p class="answer">${check.sentence}</p>
      <p class="quiet">
        Looked at ${moment(fromIso(check.made))}, and again every minute.${" "}
        ${check.stretch_s === null ? "What the cores do is known after the second look." : `The cores were watched for ${span(Math.round(check.stretch_s))}.`}${" "}
        The same on a terminal: <code class="whole">sonde check</code>.${" "}
        <a href=${link("help", "fitness")}>Which host measures well</a>
      </p>
      ${said && html`<p class="done" role="status">${said}</p>`}
      <div class="findings">
        ${check.findings.map((f) => html`<${Finding} key=${f.id} finding=${f} check=${check} may=${may} mended=${mended} />`)}
      </div>
    </div>
    <div class="findings"><${Tuning} check=${check} /></div>
  </div>`;
}
