// What an operator decides about this node as a whole.
import { html, useEffect, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { useResource } from "../base/load.js";
import { readNode } from "../base/shared.js";
import { parseSpan } from "../base/times.js";
import { hostRule } from "../base/checks.js";
import { Choice, Refused, Text, useForm } from "../parts/fields.js";
import { Answers, Site } from "./node_answers.js";
import { WhyNoAdministration } from "../parts/why_not.js";

const port = (v) => (/^\d+$/.test(v) && v >= 1024 && v <= 65535 ? "" : `“${v}” is not a port from 1024 to 65535.`);
const kChecks = {
  first: port,
  last: (v, all) => port(v) || (Number(v) >= Number(all.first) ? "" : "The last port must not be below the first."),
  spin: (v) => (parseSpan(v) !== null ? "" : `“${v}” is not a time with its unit, as “0 s” or “50 µs”.`),
  web_names: (v) =>
    v
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((n) => hostRule(n, "The name"))
      .find(Boolean) ?? "",
  banner: (v) => (v.length <= 200 ? "" : `The banner has ${v.length} characters; allowed are 200.`),
  disk: (v) => (v === "" || (Number.isFinite(Number(v)) && v >= 0) ? "" : `“${v}” is not a number of GB.`),
};
const kFields = {
  "test_ports.first": "first",
  "test_ports.last": "last",
  test_ports: "last",
  disk_limit_bytes: "disk",
};

const valuesOf = (s) => ({
  first: String(s.test_ports.first),
  last: String(s.test_ports.last),
  spin: s.spin,
  web_names: s.web_names.join(", "),
  public_reading: s.public_reading,
  banner: s.banner,
  disk: s.disk_limit_bytes ? String(s.disk_limit_bytes / 1e9) : "",
});
// Who and where the node is belongs to the answers of the set-up: it goes back as it came.
const inputOf = (v, site) => ({
  site,
  test_ports: { first: Number(v.first), last: Number(v.last) },
  spin: v.spin.trim(),
  web_names: v.web_names.split(/[\s,]+/).filter(Boolean),
  public_reading: v.public_reading,
  banner: v.banner.trim(),
  disk_limit_bytes: Math.round(Number(v.disk || 0) * 1e9),
});

/** `turn` counts the changes that others on this page made: each has a new revision of the configuration. */
function Settings({ may, turn }) {
  const { body, etag, failure, reload } = useResource("/settings");
  const [said, setSaid] = useState("");
  const form = useForm(
    valuesOf(
      body ?? {
        test_ports: { first: 0, last: 0 },
        spin: "",
        web_names: [],
        public_reading: false,
        banner: "",
        disk_limit_bytes: 0,
      },
    ),
    kChecks,
  );
  const told = body && JSON.stringify(valuesOf(body));
  useEffect(() => {
    if (told) form.setValues(JSON.parse(told));
  }, [told]);
  useEffect(() => {
    if (turn) reload();
  }, [turn]);
  if (failure) return html`<p class="refused">${failure.sentence}</p>`;
  const submit = async (e) => {
    e.preventDefault();
    setSaid("");
    if (!(await form.submit((v) => send("PUT", "/settings", inputOf(v, body.site), { etag }), kFields))) return;
    setSaid("Saved; it holds from now on.");
    reload();
    readNode();
  };
  return html`<form onSubmit=${submit} novalidate>
    <fieldset disabled=${!may}>
      <${Refused} form=${form} />
      <div class="two group-head">
        <section>
          <h2>Measuring</h2>
          <${Text} form=${form} name="first" label="First UDP port for tests" inputmode="numeric" /><${Text}
            form=${form}
            name="last"
            label="Last UDP port for tests"
            inputmode="numeric"
            help="A firewall must let the whole range in and out."
          />
          <${Text}
            form=${form}
            name="spin"
            label="Spin before a deadline"
            help="A loop may wait busily this long for a more exact start; costs CPU. 0 s: never."
          />
          <${Text}
            form=${form}
            name="disk"
            label="Disk that may be used"
            unit="GB"
            help="Empty: what is free, less 10 %."
          />
        </section>
        <section>
          <h2>These pages</h2>
          <${Text}
            form=${form}
            name="web_names"
            label="Host names of these pages"
            help="Names by which a browser may ask, with commas between; addresses always may."
          />
          <${Choice}
            checked=${form.values.public_reading}
            onChange=${(on) => form.set("public_reading", on)}
            title="Anybody may read measurements"
            say="Never configuration, logs, users, e-mail addresses or who measured from where."
          />
          <${Text} form=${form} name="banner" label="Banner" help="A sentence on every page, as “test system”; empty: none." />
        </section>
      </div>
      ${may && html`<div class="row"><button class="first" type="submit" disabled=${form.busy}>Save settings</button>${said && html`<span class="done" role="status">${said}</span>`}</div>`}
    </fieldset>
  </form>`;
}

export function SettingsPart({ node, may }) {
  const [turn, setTurn] = useState(0);
  const { body, failure, reload } = useResource(may ? "/setup/answers" : null);
  // both at once: what came later would move what is there
  if (may && !body && !failure) return html`<div class="skeleton" style=${{ height: "860px" }}></div>`;
  const saved = () => {
    reload();
    readNode();
    setTurn(turn + 1);
  };
  return html`<${WhyNoAdministration} />
    ${failure && html`<p class="refused">${failure.sentence}</p>`}
    ${body && html`<${Answers} body=${body} onSaved=${saved} />`} ${!may && html`<${Site} site=${node.site} />`}
    <${Settings} may=${may} turn=${turn} />`;
}
