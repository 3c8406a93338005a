// One test: what it does, how it stands, what can be done to it, its results.
import { html, useEffect } from "../vendor/preact.js";
import { session } from "../base/api.js";
import { useResource, useThrottled } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { useStore } from "../base/store.js";
import { go, link } from "../base/route.js";
import { age, fromIso, lasting } from "../base/times.js";
import { bytes, bitRate, whole } from "../base/numbers.js";
import { useView } from "../chart/view.js";
import { RangeBar } from "../parts/range_bar.js";
import { ResultList } from "../parts/result_list.js";
import { Outcome } from "../parts/state.js";
import { TestActions } from "../parts/test_actions.js";
import { useTick } from "../parts/now_running.js";
import { TestState } from "./tests.js";
import { TestSeries } from "../parts/test_series.js";
import { WhyNoChange } from "../parts/why_not.js";
import { testName } from "../parts/names.js";

function Facts({ test }) {
  const options = Object.entries(test.options).map(([k, v]) => `${k.replaceAll("_", " ")} ${v}`);
  return html`<dl class="facts">
    <dt>Does</dt>
    <dd>${test.sentence}</dd>
    ${
      test.peer &&
      html`<dt>Peer</dt>
        <dd>
          <a href=${link("peers", test.peer)}>${test.peer_name}</a>,${" "}
          ${test.family}${test.path && html` · <a href=${link("paths", test.path)}>its path</a>`}
        </dd>`
    }
    <dt>Set by hand</dt>
    <dd>${options.join(", ") || "nothing: all options have their defaults"}</dd>
    <dt>Costs</dt>
    <dd>
      ${test.cost.slot_seconds_per_day > 0 ? `${lasting(test.cost.slot_seconds_per_day)} of the slot for heavy tests a day, ` : ""}
      ${bitRate(test.cost.wire_bps)} on the wire, ${whole(test.cost.results_per_day)} results a day,${" "}
      ${bytes(test.cost.disk_bytes_per_day)} a day and never more than ${bytes(test.cost.disk_bytes_bound)} on disk
    </dd>
    <dt>Next run</dt>
    <dd>
      ${test.paused ? "paused" : test.schedule.kind === "continuous" ? "runs all day" : test.next_run ? age(fromIso(test.next_run)) : "none planned"}
    </dd>
    <dt>Last result</dt>
    <dd>
      ${test.last ? html`<${Outcome} outcome=${test.last.outcome} /> <a href=${link("results", test.last.id)}>${age(fromIso(test.last.end))}</a>. ${test.last.sentence}` : "none yet"}
    </dd>
    <dt>Revision</dt>
    <dd>${test.revision}${test.revisions.length > 1 ? ` (stored: ${test.revisions.join(", ")})` : ""}</dd>
  </dl>`;
}

export function TestPage({ id }) {
  const { body: test, failure, reload } = useResource(`/tests/${encodeURIComponent(id)}`);
  const may = useStore(session)?.may_change;
  const view = useView();
  const soon = useThrottled(reload, 3);
  useEffect(() => onNews("result", (r) => r.test === id && soon()), [id]);
  useTick(10);
  if (failure && !test)
    return html`<h1>This test cannot be shown</h1>
      <p>${failure.sentence}</p>
      <p><a href=${link("tests")}>All tests</a></p>`;
  if (!test) return html`<div class="skeleton" style=${{ height: "400px" }}></div>`;
  return html`<div class="stack">
    <div class="page-head">
      <h1>${testName(test)}</h1>
      <${TestState} test=${test} />
      <span class="push"
        >${may ? html`<${TestActions} test=${test} onDone=${reload} onDeleted=${() => go("tests")} />` : html`<${WhyNoChange} />`}</span
      >
    </div>
    <${Facts} test=${test} />
    <div>
      <${RangeBar} view=${view} />
      <${ResultList} tests=${[test]} view=${view} />
    </div>
    <${TestSeries} test=${test} view=${view} />
  </div>`;
}
