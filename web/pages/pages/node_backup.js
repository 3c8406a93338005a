// Everything of this node but its secrets in one file, the way back from such a file, and back from that.
import { html, useEffect, useState } from "../vendor/preact.js";
import { address, send } from "../base/api.js";
import { awaitNewLife } from "../base/new_life.js";
import { upload } from "../base/upload.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { age, fromIso, now } from "../base/times.js";
import { bytes } from "../base/numbers.js";
import { Bar } from "../parts/bar.js";
import { confirm } from "../parts/dialog.js";
import { Choice } from "../parts/fields.js";

const kDoing = {
  copying: "Copying the archive; measuring goes on",
  sending: "Sending the backup",
  receiving: "Unpacking and checking a backup",
  restarting: "The node starts anew",
};

function Make({ state }) {
  return html`<section>
    <h2>Backup</h2>
    <p>
      Configuration and all measurements as of one moment, in one file (a gzip'd tar): about${" "}
      ${bytes(state.next_bytes)} before packing. <strong>Not in it:</strong> passwords, tokens and the certificate's key. Measuring goes on
      meanwhile.
    </p>
    <p>
      ${
        state.doing === "nothing"
          ? html`<a class="button first" href=${address("/backup")} download>Download a backup</a>`
          : html`<button class="first" disabled>Download a backup</button> <span class="quiet">One thing at a time.</span>`
      }
    </p>
  </section>`;
}

function Restore({ state, reload, onNewLife }) {
  const [file, setFile] = useState(null);
  const [as, setAs] = useState("");
  const [sent, setSent] = useState(null);
  const [refusal, setRefusal] = useState("");
  const busy = sent !== null || state.doing !== "nothing";
  const missing = !file ? "Choose the file first." : !as ? "Say whether this is the same node or a copy." : "";
  const go = async () => {
    setRefusal("");
    setSent({ done: 0, since: now() });
    try {
      const told = await upload("/backup/restore", { as }, file, (done) => setSent((s) => ({ ...s, done }))).done;
      onNewLife(told.sentence, awaitNewLife());
    } catch (failure) {
      setRefusal(failure.sentence ?? String(failure));
      setSent(null);
      reload();
    }
  };
  const start = () =>
    confirm({
      title: `Restore “${file.name}”?`,
      sentence: `Configuration and measurements of this node are replaced, and it starts anew. Its users, passwords, tokens and certificate stay as they are.${as === "same" ? " It goes on as the node that was backed up: that one must not run any more." : ""} What is here now is kept, and you can go back to it once.`,
      verb: "Restore backup",
      typed: "restore",
      act: async () => {},
    }).then((yes) => yes && go());
  return html`<section>
    <h2>Restore</h2>
    <p>
      Everything in the file is checked before anything changes. Then the node starts anew with it; all sessions end.
    </p>
    <p class="row">
      <label class="button"
        >Choose a backup<input
          type="file"
          class="unseen"
          accept=".gz,.tgz,application/gzip"
          disabled=${busy}
          onChange=${(e) => setFile(e.target.files[0] ?? null)}
      /></label>
      <span class="mono">${file ? `${file.name}, ${bytes(file.size)}` : ""}</span>
    </p>
    <fieldset disabled=${busy}>
      <legend>This node is</legend>
      <${Choice}
        type="radio"
        name="as"
        checked=${as === "same"}
        onChange=${() => setAs("same")}
        title="the same node"
        say="On new hardware, or after a loss: it keeps the id of the node that was backed up."
      />
      <${Choice}
        type="radio"
        name="as"
        checked=${as === "copy"}
        onChange=${() => setAs("copy")}
        title="a copy of it"
        say="The other one goes on: this one gets an id of its own."
      />
    </fieldset>
    <p class="row">
      <button class="danger" disabled=${busy || !!missing} onClick=${start}>Restore this backup</button>
      <span class="quiet">${missing}</span>
    </p>
    ${sent && html`<${Bar} words="Sent" done=${sent.done} total=${file.size} since=${sent.since} />`}
    ${refusal && html`<p class="refused" role="alert">${refusal}</p>`}
  </section>`;
}

function Before({ before, reload, onNewLife }) {
  const back = () =>
    confirm({
      title: "Go back to what was before the restore?",
      sentence: "The node starts anew with it. What is here now is kept in its place.",
      verb: "Go back",
      act: () => send("POST", "/backup/undo"),
    }).then((yes) => yes && onNewLife("The node starts anew with what was before the restore", awaitNewLife()));
  const forget = () =>
    confirm({
      title: "Forget what was before the restore?",
      sentence: `This frees ${bytes(before.bytes)}. There is no way back after that.`,
      verb: "Forget it",
      act: () => send("DELETE", "/backup/before"),
    }).then((yes) => yes && reload());
  return html`<section>
    <h2>Before the last restore</h2>
    <p>
      What was here until ${age(fromIso(before.replaced))} is kept (${bytes(before.bytes)}) until the next restore.
    </p>
    <p class="row">
      <button onClick=${back}>Go back to what was before</button><button onClick=${forget}>Forget it</button>
    </p>
  </section>`;
}

export function BackupPart() {
  const [waiting, setWaiting] = useState("");
  const { body, failure, reload } = useResource("/backup/state", {}, { every: waiting ? 0 : 1 });
  const [since, setSince] = useState(null);
  const [refusal, setRefusal] = useState("");
  const doing = body?.doing;
  useEffect(() => setSince(doing && doing !== "nothing" ? now() : null), [doing]);
  const onNewLife = (sentence, life) => {
    setWaiting(sentence);
    life.catch((failed) => {
      setWaiting("");
      setRefusal(failed.sentence ?? String(failed));
    });
  };
  if (waiting) return html`<${Bar} words=${waiting} done=${0} total=${0} />`;
  if (!body)
    return failure
      ? html`<p class="refused">${failure.sentence}</p>`
      : html`<div class="skeleton" style=${{ height: "320px" }}></div>`;
  return html`<div class="stack">
    ${refusal && html`<p class="refused" role="alert">${refusal}</p>`}
    ${doing !== "nothing" && html`<${Bar} words=${kDoing[doing]} done=${body.done_bytes} total=${body.total_bytes} since=${since} />`}
    <${Make} state=${body} />
    <${Restore} state=${body} reload=${reload} onNewLife=${onNewLife} />
    ${body.before && html`<${Before} before=${body.before} reload=${reload} onNewLife=${onNewLife} />`}
    <p><a href=${link("help", "backup")}>About backups</a></p>
  </div>`;
}
