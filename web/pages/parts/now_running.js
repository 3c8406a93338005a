// What runs now and next, what ran last, and how much room and memory the node takes.
import { html, useEffect, useState } from "../vendor/preact.js";
import { useResource, useThrottled } from "../base/load.js";
import { onNews, snapshot } from "../base/stream.js";
import { useStore } from "../base/store.js";
import { seesAll, session } from "../base/api.js";
import { link } from "../base/route.js";
import { bytes, seconds, share } from "../base/numbers.js";
import { age, fromIso, moment } from "../base/times.js";
import { runName } from "./names.js";
import { Outcome, State } from "./state.js";

/** Draws again every `s` seconds, so that ages stay true. */
export function useTick(s = 5) {
  const [, set] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => set((n) => n + 1), s * 1000);
    return () => clearInterval(timer);
  }, [s]);
}

function Next({ tests }) {
  const news = useStore(snapshot);
  useTick();
  const queued = othersFirst((news?.runs ?? []).filter((r) => r.state === "queued"), tests);
  const next = othersFirst(news?.next_runs ?? [], tests);
  const rows = [
    ...queued.map((r) => ({
      key: r.id,
      test: r.test,
      title: runName(r, tests),
      when: r.expected_start ? age(fromIso(r.expected_start)) : r.sentence || "waits",
    })),
    ...next.map((n) => ({
      key: n.test + n.time,
      test: n.test,
      title: runName({ test: n.test, title: n.test }, tests),
      when: age(fromIso(n.time)),
    })),
  ].slice(0, 5);
  return html`<section>
    <div class="section-head"><h2>Next runs</h2></div>
    <div class=${rows.length ? "five" : ""}>
      <table>
        <tbody>
          ${rows.map(
            (r) =>
              html`<tr key=${r.key}>
                <td><a href=${link("tests", r.test)}>${r.title}</a></td>
                <td class="number quiet">${r.when}</td>
              </tr>`,
          )}
          ${
            !rows.length &&
            html`<tr>
              <td class="quiet">${news ? "Nothing is planned: tests that run all day are not listed." : "…"}</td>
            </tr>`
          }
        </tbody>
      </table>
    </div>
  </section>`;
}

function Last({ tests }) {
  const { body, reload } = useResource("/runs", { limit: 40 });
  const soon = useThrottled(reload, 3);
  useEffect(() => onNews("result", soon), []);
  useTick();
  const ended = othersFirst(body?.items ?? [], tests).filter((r) => r.end).slice(0, 5);
  return html`<section>
    <div class="section-head"><h2>Last runs</h2></div>
    <div class=${ended.length ? "five" : ""}>
      <table>
        <tbody>
          ${ended.map(
            (r) =>
              html`<tr key=${r.id}>
                <td class="whole"><${Outcome} outcome=${r.state} /></td>
                <td>
                  <a href=${link("tests", r.test)}>${runName(r, tests)}</a
                  >${r.state !== "done" && html`<div class="quiet small">${r.sentence}</div>`}
                </td>
                <td class="number quiet" title=${moment(fromIso(r.end))}>${age(fromIso(r.end))}</td>
              </tr>`,
          )}
          ${
            body &&
            !ended.length &&
            html`<tr>
              <td class="quiet">No run has ended yet.</td>
            </tr>`
          }
        </tbody>
      </table>
    </div>
  </section>`;
}

/** This node's own tests run all the time: they are told only while there are no others. */
function othersFirst(list, tests) {
  const own = new Set((tests ?? []).filter((t) => t.self_check).map((t) => t.id));
  return (tests ?? []).length > own.size ? list.filter((r) => !own.has(r.test)) : list;
}

export function RunsAround() {
  const who = useStore(session);
  const may = seesAll(who);
  const { body: tests } = useResource(may ? "/tests" : null);
  if (!may) return null;
  return html`<div class="two"><${Next} tests=${tests?.items} /><${Last} tests=${tests?.items} /></div>`;
}

/** Disk, memory, version in one quiet line. */
export function NodeLine({ node }) {
  if (!node) return null;
  const parts = [
    `Disk: ${bytes(node.disk.used_bytes)} used of at most ${bytes(node.disk.budgeted_bytes)}, ${bytes(node.disk.free_bytes)} free. ${node.disk.sentence}`,
    node.memory_bytes !== undefined && `Memory ${bytes(node.memory_bytes)}`,
    node.cpu_share !== undefined && `CPU ${share(node.cpu_share, 2)} of a core`,
    node.slip_p99_s !== undefined &&
      node.slip_p99_s !== null &&
      `99 % of packets leave within ${seconds(node.slip_p99_s, 2)} of the plan`,
    node.version && `Sonde ${node.version}, up since ${moment(fromIso(node.started))}`,
  ].filter(Boolean);
  return html`<section>
    <div class="section-head">
      <h2>This node</h2>
      <a href=${link("node")}>more</a>
    </div>
    <ul class="quiet tally room-for-two">
      ${
        node.fitness?.bad > 0 &&
        html`<li key="fitness"><${State} state="bad" word="" /> <a href=${link("node", "fit")}>This host is not fit to measure</a>: ${node.fitness.sentence}</li>`
      }
      ${parts.map((p) => html`<li key=${p.slice(0, 8)}>${p}</li>`)}
    </ul>
  </section>`;
}
