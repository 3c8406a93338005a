// The two systems of an installed disk: what runs, the image of an upgrade on its way, what the next start does.
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { upload } from "../base/upload.js";
import { now, span } from "../base/times.js";
import { Bar } from "../parts/bar.js";
import { ask, confirm } from "../parts/dialog.js";
import { Choice, Refused, Text, useForm } from "../parts/fields.js";
import { PasswordDialog } from "../parts/machine_dialogs.js";
import { State } from "../parts/state.js";

const kSlotWords = {
  runs: ["good", "runs"],
  on_trial: ["watch", "runs on trial"],
  next: ["learning", "the next start tries it"],
  failed: ["bad", "was tried and did not prove itself"],
  falls_back: ["unknown", "starts next unless the trial succeeds"],
  before: ["unknown", "kept from before"],
  empty: ["unknown", "empty"],
};

const trialWords = (systems) =>
  `A new system is on trial: once it has been well for ${span(systems.trial_well_s)} it is trusted. If it does not come up, hangs, loses power or is not well within ${span(systems.trial_limit_s)}, the next start takes the system of before, by itself.`;

function SlotRow({ slot, busy, reload, systems }) {
  const [state, word] = kSlotWords[slot.state] ?? ["unknown", slot.state];
  const back = () =>
    ask(PasswordDialog, {
      title: `Go back to version ${slot.version}?`,
      sentence: `It is checked whole, and tried at the next start like a new one. Data and configuration are not touched.`,
      verb: "Go back",
      path: "/machine/go-back",
    }).then((done) => done && reload());
  const may = ["before", "failed", "falls_back"].includes(slot.state) && !systems.on_trial;
  return html`<tr>
    <td class="first mono">${slot.slot}</td>
    <td><${State} state=${state} word=${word} /></td>
    <td data-label="version">${slot.version || "–"}</td>
    <td data-label="signed by">
      ${
        slot.version
          ? html`<span class="mono">${slot.signed_by}</span> ${slot.development && html`<span class="quiet">(a development image)</span>`}`
          : html`<span class="quiet">${slot.sentence}</span>`
      }
    </td>
    <td>${may && slot.version && html`<button disabled=${busy} onClick=${back}>Go back to it</button>`}</td>
  </tr>`;
}

/** Where the image is here or on its way. The upload of this page knows more of how far it is than the node. */
function Image({ image, sent, systems, busy, reload, stop }) {
  const [since, setSince] = useState(null);
  useEffect(() => setSince(image.state === "receiving" ? now() : null), [image.state]);
  const other = systems.slots.find((s) => !["runs", "on_trial"].includes(s.state))?.slot;
  const drop = () => send("DELETE", "/machine/image").catch(() => {}).then(reload);
  if (sent || image.state === "receiving") {
    const from = image.from && image.from !== "upload" ? `Fetching ${image.from}` : "Sending the image";
    return html`<div>
      <${Bar} words=${from} done=${sent?.done || image.done_bytes} total=${sent?.total || image.total_bytes} since=${sent?.since ?? since} />
      <button onClick=${() => (sent ? stop() : drop())}>Stop it</button>
    </div>`;
  }
  if (image.state !== "ready") return null;
  const write = () =>
    image.older
      ? ask(PasswordDialog, {
          title: `Take the older version ${image.version}?`,
          sentence: `It is older than what runs: faults that were mended since come back, and it may not understand what the newer one wrote. It is written to slot ${other}, and the next start tries it.`,
          verb: `Write it to slot ${other}`,
          path: "/machine/upgrade",
          body: { older: true },
        })
      : confirm({
          title: `Write version ${image.version} to slot ${other}?`,
          sentence: `What is in slot ${other} is lost; what runs goes on until you start the machine again. ${trialWords(systems)}`,
          verb: "Write it",
          keep: "Not now",
          act: () => send("POST", "/machine/upgrade", {}),
        });
  return html`<div>
    <p class="done">${image.sentence} ${image.older && html`<strong>It is older than what runs.</strong>`}</p>
    <p class="row">
      <button class="first" disabled=${busy} onClick=${() => write().then((done) => done && reload())}>
        Upgrade to version ${image.version}
      </button>
      <button disabled=${busy} onClick=${drop}>Delete the image</button>
    </p>
  </div>`;
}

function Upgrade({ machine, busy, reload }) {
  const { image, systems } = machine;
  const [sent, setSent] = useState(null);
  const [older, setOlder] = useState(false);
  const [refusal, setRefusal] = useState("");
  const running = useRef(null);
  const form = useForm({ url: "" }, { url: (v) => (/^https?:\/\/./.test(v.trim()) ? "" : "It begins with https:// or http://.") });
  const taking = Boolean(sent) || image.state === "receiving";
  const send_file = async (e) => {
    const file = e.target.files[0];
    e.target.value = "";
    if (!file) return;
    setRefusal("");
    setSent({ done: 0, total: file.size, since: now() });
    running.current = upload("/machine/image", older ? { older: "1" } : {}, file, (done) => setSent((s) => s && { ...s, done }));
    try {
      await running.current.done;
    } catch (failure) {
      setRefusal(failure.sentence ?? String(failure));
    }
    setSent(null);
    reload();
  };
  const fetch_it = async (e) => {
    e.preventDefault();
    setRefusal("");
    if (await form.submit(({ url }) => send("POST", "/machine/image/fetch", { url: url.trim(), older }))) reload();
  };
  const told = refusal || (image.state === "failed" ? image.sentence : "");
  return html`<div style=${{ marginTop: "20px" }}>
    <h3>Upgrade</h3>
    <p>
      The file is the medium's own <span class="mono">.iso</span>. Its signature is checked before anything is written.
    </p>
    <${Image} image=${image} sent=${sent} systems=${systems} busy=${busy} reload=${reload} stop=${() => running.current?.stop()} />
    ${told && !taking && html`<p class="refused" role="alert">${told}</p>`}
    ${image.state !== "ready" && html`<fieldset disabled=${busy || taking}>
      <p class="row">
        <label class="button" aria-disabled=${busy || taking ? "true" : null}
          >Upload an image<input type="file" class="unseen" accept=".iso" onChange=${send_file} disabled=${busy || taking}
        /></label>
      </p>
      <form onSubmit=${fetch_it} novalidate>
        <${Text}
          form=${form}
          name="url"
          label="Or the address that this node shall fetch it from"
          help="https is verified. Addresses of this machine itself are not asked."
          placeholder="https://"
        />
        <${Refused} form=${form} />
        <p class="row"><button type="submit">Fetch it</button></p>
      </form>
      <${Choice}
        checked=${older}
        onChange=${setOlder}
        title="It may be older than what runs"
        say="Then your password is asked for before it is written."
      />
    </fieldset>`}
  </div>`;
}

export function Systems({ machine, busy, reload }) {
  const { systems } = machine;
  const next = systems.slots.some((s) => s.state === "next");
  return html`<section>
    <h2>System</h2>
    <p>
      Version <strong>${systems.version}</strong>${systems.development ? ", a development image" : ""}${systems.built ? `, built ${systems.built}` : ""}.${" "}
      ${systems.installed ? systems.sentence : "It was started from its medium, which must stay in: install it on a drive above to start without it, and to upgrade it."}
    </p>
    ${
      systems.installed &&
      html`<div class="table-hold">
          <table class="lines">
            <thead>
              <tr>
                <th>Slot</th>
                <th>State</th>
                <th>Version</th>
                <th>Signed by the key</th>
                <th></th>
              </tr>
            </thead>
            <tbody>
              ${systems.slots.map((s) => html`<${SlotRow} key=${s.slot} slot=${s} busy=${busy} reload=${reload} systems=${systems} />`)}
            </tbody>
          </table>
        </div>
        ${(next || systems.on_trial) && html`<p>${next ? "Restart the machine, below, when it suits: measuring goes on until then. " : ""}${trialWords(systems)}</p>`}
        <${Upgrade} machine=${machine} busy=${busy} reload=${reload} />`
    }
  </section>`;
}
