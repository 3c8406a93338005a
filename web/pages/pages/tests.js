// All tests, each told in words, with what can be done to it.
import { html, useEffect } from "../vendor/preact.js";
import { session } from "../base/api.js";
import { useResource, useThrottled } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { useStore } from "../base/store.js";
import { amend, link, useRoute } from "../base/route.js";
import { bitRate, bytes, several, share } from "../base/numbers.js";
import { age, fromIso, lasting, moment } from "../base/times.js";
import { DayBar, dayOf } from "../parts/day_bar.js";
import { Outcome, State } from "../parts/state.js";
import { useTick } from "../parts/now_running.js";
import { TestActions } from "../parts/test_actions.js";
import { WhyNoChange } from "../parts/why_not.js";
import { testName } from "../parts/names.js";

export const costWords = (cost) =>
  cost.slot_seconds_per_day > 0
    ? `${lasting(cost.slot_seconds_per_day)} of the slot and about ${bytes(cost.wire_bytes_per_day)} a day · at most ${bytes(cost.disk_bytes_bound)} on disk`
    : `${bitRate(cost.wire_bps)} · at most ${bytes(cost.disk_bytes_bound)} on disk`;

export const TestState = ({ test }) => {
  if (test.paused) return html`<${State} state="unknown" word="paused" />`;
  if (!test.last) return html`<${State} state="learning" word="no result yet" />`;
  return html`<${State} state=${test.last.state} title=${test.last.sentence} />`;
};

function Row({ test, may, reload }) {
  const every = test.paused
    ? "when resumed"
    : test.schedule.kind === "continuous"
      ? "runs all day"
      : test.next_run
        ? age(fromIso(test.next_run))
        : "–";
  const troubled = test.last && test.last.outcome !== "done";
  return html`<tr class="pick">
    <td class="first"><${TestState} test=${test} /></td>
    <td class="widest">
      <a href=${link("tests", test.id)}>${testName(test)}</a>
      <div class="quiet small">${test.sentence}</div>
      <div class="quiet small">${costWords(test.cost)}</div>
    </td>
    <td data-label="last">
      ${
        test.last
          ? html`<span class="whole" title=${moment(fromIso(test.last.end))}
                ><${Outcome} outcome=${test.last.outcome} />${" "}
                <span class="quiet">${age(fromIso(test.last.end))}</span></span
              >${troubled && html`<div class="quiet small">${test.last.sentence}</div>`}`
          : "–"
      }
    </td>
    <td class="quiet whole" data-label="next">${every}</td>
    <td class="number">${may ? html`<${TestActions} test=${test} onDone=${reload} small=${true} />` : ""}</td>
  </tr>`;
}

function narrowed(tests, words) {
  const wanted = (words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return tests.filter((t) =>
    wanted.every((w) => `${t.title} ${t.sentence} ${t.peer_name} ${t.probe}`.toLowerCase().includes(w)),
  );
}

const Table = ({ tests, may, reload }) =>
  html`<div class="table-hold">
    <table class="lines">
      <thead>
        <tr>
          <th>State</th>
          <th>Test</th>
          <th>Last result</th>
          <th>Next run</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${tests.map((t) => html`<${Row} key=${t.id} test=${t} may=${may} reload=${reload} />`)}
      </tbody>
    </table>
  </div>`;

function answer(tests) {
  const failing = tests.filter((t) => !t.paused && t.last && t.last.outcome === "failed");
  const paused = tests.filter((t) => t.paused).length;
  const wire = tests.filter((t) => !t.paused).reduce((sum, t) => sum + t.cost.wire_bps, 0);
  const disk = tests.reduce((sum, t) => sum + t.cost.disk_bytes_bound, 0);
  const said = failing.length
    ? `${several(failing.length, "test")} of ${tests.length} failed last time; the first is “${testName(failing[0])}”.`
    : `${several(tests.length, "test")}, none failed last time.`;
  const day = dayOf(tests);
  const heavy = day.tests ? ` The heavy ones take ${share(day.share, 2)} of the day.` : "";
  return `${said}${paused ? ` ${paused} paused.` : ""} Together they send ${bitRate(wire)} and take at most ${bytes(disk)} of disk.${heavy}`;
}

export function Tests() {
  const { body, failure, reload } = useResource("/tests");
  const may = useStore(session)?.may_change;
  const { query } = useRoute();
  const soon = useThrottled(reload, 10);
  useEffect(() => onNews("result", soon), []);
  useTick(10);
  const all = body?.items ?? [];
  const own = all.filter((t) => t.self_check || !t.peer),
    others = all.filter((t) => !own.includes(t));
  return html`<div class="stack">
    <div>
      <div class="page-head">
        <h1>Tests</h1>
        ${may ? html`<a class="button first push" href=${link("tests", "new")}>Add a test</a>` : ""}
      </div>
      ${failure && html`<p class="refused">${failure.sentence}</p>`}
      ${body && html`<p class="answer">${others.length ? answer(others) : "No test to a peer yet. This node's own tests run below."}</p>`}
      <${WhyNoChange} />
      <${DayBar} tests=${all} />
      ${others.length > 12 && html`<p><input type="search" aria-label="Only tests with" placeholder="name, peer, kind" value=${query.words ?? ""} onInput=${(e) => amend({ words: e.target.value || undefined }, { replace: true })} /></p>`}
      ${others.length > 0 && html`<${Table} tests=${narrowed(others, query.words)} may=${may} reload=${reload} />`}
    </div>
    ${
      own.length > 0 &&
      html`<section>
        <div class="section-head">
          <h2>About this node itself</h2>
          <span class="quiet">never counted as paths</span>
        </div>
        <${Table} tests=${own} may=${may} reload=${reload} />
      </section>`
    }
  </div>`;
}
