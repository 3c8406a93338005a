// What can be done to a test: run now, pause, edit, delete.
import { html, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { readPaths } from "../base/shared.js";
import { link } from "../base/route.js";
import { age, fromIso } from "../base/times.js";
import { confirm } from "./dialog.js";
import { testName } from "./names.js";

const at = (test, verb = "") => `/tests/${encodeURIComponent(test.id)}${verb && "/" + verb}`;

function removal(test) {
  const name = testName(test);
  return {
    title: `Delete “${name}”?`,
    sentence: `All its stored results are deleted with it: ${test.revisions.length > 1 ? `${test.revisions.length} revisions, ` : ""}every series, histogram and packet record. This cannot be undone. To keep the data, pause it instead.`,
    verb: "Delete test and its results",
    typed: "delete",
    act: () => send("DELETE", at(test)),
  };
}

/** Puts a run of the test in the queue; answers in words what became of it. */
export async function runNow(test) {
  const queued = await send("POST", at(test, "run"));
  return queued.state === "running"
    ? "runs now"
    : queued.expected_start
      ? `queued, starts ${age(fromIso(queued.expected_start))}`
      : queued.sentence || "queued";
}

export function TestActions({ test, onDone, onDeleted = onDone, small = false }) {
  const [said, setSaid] = useState("");
  const act = (call) => async () => {
    try {
      setSaid((await call()) ?? "");
      onDone();
    } catch (refusal) {
      setSaid(refusal.sentence ?? String(refusal));
    }
  };
  const run = act(() => runNow(test));
  const pause = act(() => send("POST", at(test, test.paused ? "resume" : "pause")).then(() => ""));
  const remove = async () => {
    if (!(await confirm(removal(test)))) return;
    await readPaths();
    onDeleted();
  };
  const look = small ? "plain" : "";
  const continuous = test.schedule.kind === "continuous";
  return html`<span class="actions">
    <span class="row">
      <button
        class=${look}
        onClick=${run}
        disabled=${continuous && !test.paused}
        title=${continuous ? "It runs all day: every minute gives a result" : "Put a run in the queue"}
      >
        Run now
      </button>
      <button class=${look} onClick=${pause}>${test.paused ? "Resume" : "Pause"}</button>
      ${
        !test.self_check &&
        html`<a class=${small ? "plain-link" : "button"} href=${link("tests", test.id, { edit: 1 })}>Edit</a>
          <button class=${look} onClick=${remove}>Delete</button>`
      }</span
    >
    ${said && html`<span class="quiet small" role="status">${said}</span>`}</span
  >`;
}
