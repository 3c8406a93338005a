// The machine underneath, on the live appliance: where data are kept, its drives, its systems, restart. All of it is the
// node's own state, so a page that is loaded again shows what goes on.
import { html, useEffect, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { bytes } from "../base/numbers.js";
import { now } from "../base/times.js";
import { Bar } from "../parts/bar.js";
import { ask, confirm } from "../parts/dialog.js";
import { DriveDialog } from "../parts/machine_dialogs.js";
import { State } from "../parts/state.js";
import { Systems } from "./node_systems.js";

const kTitles = {
  "use-data": "Data",
  install: "Installation",
  upgrade: "Upgrade",
  "go-back": "Going back",
};

/** What takes the node away for a while: the page waits, and asks for a login when it is back. */
const kLeaving = {
  reboot: "Starting again… The page comes back by itself when the machine answers, in about half a minute on most; then log in.",
  "power-off": "The machine goes off. Its page is there again once somebody has switched it on.",
  "use-data": "When the node has begun anew with its data there, this page asks you to log in.",
};

export const leaves = (work) => Boolean(work && kLeaving[work.what] && !work.ended);

function Leaving({ work, silent }) {
  return html`<section role="status">
    <p class="answer">${work.sentence}</p>
    <p>${kLeaving[work.what]}</p>
    ${silent && html`<p class="quiet">It does not answer at the moment; we ask every second.</p>`}
  </section>`;
}

function Work({ work }) {
  const [since, setSince] = useState(null);
  const key = `${work.what} ${work.sentence}`;
  useEffect(() => setSince(work.ended ? null : now()), [key, work.ended]);
  if (work.ended)
    return html`<p class=${work.failed ? "refused" : "done"} role=${work.failed ? "alert" : "status"}>
      ${kTitles[work.what] ?? ""}: ${work.sentence}
    </p>`;
  return html`<section>
    <h2>${kTitles[work.what] ?? ""}</h2>
    <${Bar} words=${work.sentence} done=${work.done_bytes} total=${work.total_bytes} since=${since} />
  </section>`;
}

function DataPlace({ data }) {
  const state = data.bad ? "bad" : data.in_memory ? "watch" : "good";
  return html`<section>
    <h2>Data</h2>
    <p class="answer">
      <${State} state=${state} word="" />${" "}
      ${
        data.in_memory
          ? "Configuration, keys and measurements are in memory, and gone with the power."
          : html`Configuration, keys and measurements are kept on <span class="mono">${data.device}</span>: ${bytes(data.free_bytes)} of ${bytes(data.bytes)} are free.`
      }
    </p>
    ${data.sentence && html`<p class=${data.bad ? "refused" : ""}>${data.sentence}</p>`}
    <p class="quiet">${data.in_memory ? "On a drive they are" : "They are"} not encrypted: whoever has the drive can read it.</p>
  </section>`;
}

const holdsData = (drive, data) => !data.in_memory && data.device.startsWith(drive.name);

const whyNoData = (drive, data) =>
  drive.in_use
    ? "Data are kept here."
    : data.in_memory
      ? ""
      : holdsData(drive, data)
        ? `Data are kept on ${data.device}, a part of it.`
        : `Data are kept on ${data.device} already. To move them: make a backup, power off, take that drive out, start, choose this one, set up, restore.`;

function DriveRow({ drive, machine, busy, reload }) {
  const noData = whyNoData(drive, machine.data),
    noSystem = drive.install_sentence;
  const open = (install) => ask(DriveDialog, { drive, install }).then((done) => done && reload());
  return html`<tr>
    <td class="first mono">${drive.name}</td>
    <td>${drive.title}</td>
    <td class="number" data-label="size">${bytes(drive.bytes)}</td>
    <td data-label="content">${drive.ours ? html`<strong>${drive.content}</strong>` : drive.content}</td>
    <td>
      <span class="row">
        ${
          drive.in_use
            ? html`<span class="quiet">${noData}</span>`
            : html`<button disabled=${busy || noData} title=${noData} onClick=${() => open(false)}>Keep data here</button>`
        }
        ${drive.whole && html`<button disabled=${busy || noSystem} title=${noSystem} onClick=${() => open(true)}>Install here</button>`}
      </span>
      ${!holdsData(drive, machine.data) && noData && html`<div class="quiet small">${noData}</div>`}
      ${drive.whole && noSystem && html`<div class="quiet small">${noSystem}</div>`}
    </td>
  </tr>`;
}

function Drives({ machine, busy, reload }) {
  const { drives, data } = machine;
  if (!drives.length)
    return html`<section>
      <h2>Drives</h2>
      <p>
        There is no drive that could hold data (256 MB at least) or this system (4.3 GB). Put one in: it appears here by
        itself.
      </p>
    </section>`;
  return html`<section>
    <h2>Drives</h2>
    <p class="quiet">
      What is formatted or installed on loses all that is on it, which must be confirmed with its serial number.
      ${!data.in_memory && html` To keep data on another drive, make a <a href=${link("node", "backup")}>backup</a> first.`}
    </p>
    <div class="table-hold">
      <table class="lines">
        <thead>
          <tr>
            <th>Name</th>
            <th>Drive</th>
            <th class="number">Size</th>
            <th>Content</th>
            <th>Use it</th>
          </tr>
        </thead>
        <tbody>
          ${drives.map((d) => html`<${DriveRow} key=${d.name} drive=${d} machine=${machine} busy=${busy} reload=${reload} />`)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function Power({ busy, reload }) {
  const leave = (title, sentence, verb, path) =>
    confirm({ title, sentence, verb, keep: "Let it run", act: () => send("POST", path) }).then((done) => done && reload());
  return html`<section>
    <h2>Restart and power</h2>
    <p class="row">
      <button
        disabled=${busy}
        onClick=${() => leave("Start this machine again?", "Measuring stops for about half a minute. What is kept in memory only is gone.", "Restart machine", "/machine/restart")}
      >
        Restart machine
      </button>
      <button
        class="danger"
        disabled=${busy}
        onClick=${() => leave("Switch this machine off?", "Measuring ends until somebody switches it on again. What is kept in memory only is gone.", "Switch machine off", "/machine/power-off")}
      >
        Power off
      </button>
      ${busy && html`<span class="quiet">Something is being written: wait for its end.</span>`}
    </p>
  </section>`;
}

function Other({ machine }) {
  const { network, watchdog, setup_file: file } = machine;
  return html`<section>
    <h2>Also of this machine</h2>
    <dl class="facts">
      <dt>Watchdog</dt>
      <dd>${watchdog ? "there: it restarts the machine when it hangs" : "none: a machine that hangs stays so"}</dd>
      <dt>Network</dt>
      <dd>${network.length ? network.map((s) => html`<div key=${s}>${s}</div>`) : "as it was set"}</dd>
      <dt>Set-up file</dt>
      <dd>${file.sentence ? html`<${State} state=${file.bad ? "bad" : "good"} word="" /> ${file.sentence}` : "none was found"}</dd>
    </dl>
  </section>`;
}

export function MachinePart() {
  const { body, failure, reload } = useResource("/machine", {}, { every: 1 });
  if (!body)
    return failure
      ? html`<p class="refused">${failure.sentence}</p>`
      : html`<div class="skeleton" style=${{ height: "480px" }}></div>`;
  if (!body.known) return html`<p>${body.sentence} It starts by itself within seconds.</p>`;
  const { work } = body;
  if (leaves(work)) return html`<${Leaving} work=${work} silent=${failure?.status === 0} />`;
  const busy = Boolean(work && !work.ended);
  return html`<div class="stack">
    ${body.sentence && html`<p class="refused" role="alert">${body.sentence} What is shown is from before.</p>`}
    ${work && html`<${Work} work=${work} />`}
    <${DataPlace} data=${body.data} />
    <${Drives} machine=${body} busy=${busy} reload=${reload} />
    <${Systems} machine=${body} busy=${busy} reload=${reload} />
    <${Power} busy=${busy} reload=${reload} />
    <${Other} machine=${body} />
    <p><a href=${link("help", "appliance")}>About the live appliance</a> · <a href=${link("help", "upgrade")}>About installing and upgrading</a></p>
  </div>`;
}
