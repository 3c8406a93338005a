// The certificate of these pages: what it says, a signing request, another one, back to a self-made one.
import { html, useState } from "../vendor/preact.js";
import { get, send } from "../base/api.js";
import { useResource } from "../base/load.js";
import { age, exact, fromIso, now } from "../base/times.js";
import { confirm } from "../parts/dialog.js";
import { WhyNoAdministration } from "../parts/why_not.js";
import { Copyable } from "./node_ports.js";

const kMost = 65536;

function Change({ reload }) {
  const [request, setRequest] = useState("");
  const [said, setSaid] = useState({ good: true, text: "" });
  const attempt = async (act, done) => {
    try {
      await act();
      setSaid({ good: true, text: done });
      reload();
    } catch (refusal) {
      setSaid({ good: false, text: refusal.sentence ?? String(refusal) });
    }
  };
  const upload = (e) => {
    const file = e.target.files[0];
    e.target.value = "";
    if (!file) return;
    if (file.size > kMost)
      setSaid({ good: false, text: `The file has ${file.size} bytes; at most ${kMost} are taken.` });
    else
      attempt(
        () => send("PUT", "/node/certificate", new Blob([file])),
        "The new certificate is in use. Load this page again to see your browser's word on it.",
      );
  };
  const back = () =>
    confirm({
      title: "Go back to a self-made certificate?",
      sentence: "Browsers will warn again until they trust it. The uploaded one is forgotten; keep its file.",
      verb: "Use a self-made one",
      act: () => send("DELETE", "/node/certificate"),
    }).then((done) => done && reload());
  return html`<section>
    <h2>Another certificate</h2>
    <p>
      PEM: this node's certificate first, then its chain; with the private key, unless it was made from the request
      below.
    </p>
    <p class="row">
      <label class="button"
        >Upload a PEM file<input type="file" class="unseen" accept=".pem,.crt,.cer,.txt" onChange=${upload}
      /></label>
      <button onClick=${() => attempt(async () => setRequest((await get("/node/certificate/request")).pem), "")}>
        Show a signing request
      </button>
      <button onClick=${back}>Go back to a self-made one</button>
    </p>
    ${said.text && html`<p class=${said.good ? "done" : "refused"} role="alert">${said.text}</p>`}
    ${request && html`<${Copyable} text=${request} />`}
  </section>`;
}

export function CertificatePart({ may }) {
  const { body: c, failure, reload } = useResource("/node/certificate");
  if (failure) return html`<p class="refused">${failure.sentence}</p>`;
  if (!c) return html`<div class="skeleton" style=${{ height: "200px" }}></div>`;
  const soon = fromIso(c.not_after) - now() < 30 * 86400;
  return html`<div class="stack">
    <p>${c.sentence}</p>
    <dl class="facts">
      <dt>Fingerprint (SHA-256)</dt>
      <dd class="mono">${c.fingerprint_sha256}</dd>
      <dt>Made by</dt>
      <dd>${c.self_made ? "this node itself" : "an authority, uploaded"}</dd>
      <dt>For</dt>
      <dd class="mono">${c.names.join(", ")}</dd>
      <dt>Valid</dt>
      <dd>
        ${exact(fromIso(c.not_before), { utc: true })} to ${exact(fromIso(c.not_after), { utc: true })}${" "}
        UTC${soon ? `: ends ${age(fromIso(c.not_after))}` : ""}
      </dd>
    </dl>
    <p class="quiet">
      The same fingerprint stands on the console: compare them before you trust the certificate in a browser.
    </p>
    ${may ? html`<${Change} reload=${reload} />` : html`<${WhyNoAdministration} />`}
  </div>`;
}
