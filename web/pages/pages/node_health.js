// How well the node is: clock and interfaces over time, self-check, disk, memory, versions.
import { html, useMemo } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { link } from "../base/route.js";
import { bitRate, bytes, error, seconds, several, share, whole } from "../base/numbers.js";
import { age, fromIso, moment } from "../base/times.js";
import { makeCursor } from "../chart/plot_view.js";
import { useView } from "../chart/view.js";
import { begunOf, ClockChart, InterfaceCharts, useOwnSeries } from "../parts/node_charts.js";
import { RangeBar } from "../parts/range_bar.js";
import { State } from "../parts/state.js";
import { testName } from "../parts/names.js";

function Clock({ node }) {
  const { clock } = node;
  const offset = node.clock_offset_s;
  return html`<dl class="facts">
    <dt>Synchronised</dt>
    <dd><${State} state=${clock.synchronised ? "good" : "watch"} word=${clock.synchronised ? "yes" : "no"} /></dd>
    <dt>Source</dt>
    <dd>${clock.source}</dd>
    <dt>Offset</dt>
    <dd>${offset === null ? "unknown" : (offset > 0 ? "+" : "") + seconds(offset)}</dd>
    <dt>Error at most</dt>
    <dd>
      ${clock.bound_s === null ? "unknown: nobody vouches for this clock" : error(clock.bound_s, "s").replace("± ", "")}
    </dd>
    <dt>Believed</dt>
    <dd>${clock.believed ? "yes" : "no: results are marked as in doubt and kept beside the series"}</dd>
  </dl>`;
}

function Disk({ disk }) {
  return html`<dl class="facts">
    <dt>Storing</dt>
    <dd>
      <${State} state=${disk.storing ? "good" : "bad"} word=${disk.storing ? "yes" : "stopped"} /> ${disk.sentence}
    </dd>
    <dt>Used</dt>
    <dd>${bytes(disk.used_bytes)} by ${several(disk.results, "result")}</dd>
    <dt>At most</dt>
    <dd>${bytes(disk.budgeted_bytes)}: all tests together can never take more</dd>
    <dt>Free</dt>
    <dd>${bytes(disk.free_bytes)}</dd>
    ${
      (disk.queued > 0 || disk.overflowed > 0) &&
      html`<dt>Waiting</dt>
        <dd>
          ${whole(disk.queued)} results${disk.overflowed ? `, ${whole(disk.overflowed)} were lost because too many waited` : ""}
        </dd>`
    }
  </dl>`;
}

function Process({ node }) {
  return html`<dl class="facts">
    <dt>Up since</dt>
    <dd>${moment(fromIso(node.started))} (${age(fromIso(node.started)).replace(" ago", "")})</dd>
    ${
      node.memory_bytes !== undefined &&
      html`<dt>Memory</dt>
        <dd>${bytes(node.memory_bytes)}</dd>`
    }
    ${
      node.cpu_share !== undefined &&
      html`<dt>CPU</dt>
        <dd>${share(node.cpu_share, 2)} of one core</dd>`
    }
    ${
      node.slip_p99_s !== null &&
      node.slip_p99_s !== undefined &&
      html`<dt>Sending slip</dt>
        <dd>99 % of packets leave within ${seconds(node.slip_p99_s, 2)} of the plan</dd>`
    }
    <dt>Node</dt>
    <dd class="mono">${node.id}</dd>
    ${(node.versions ?? []).map(
      (v) =>
        html`<dt key=${v.name}>${v.name}</dt>
          <dd>${v.version}</dd>`,
    )}
  </dl>`;
}

function Interfaces({ list }) {
  if (!list) return null;
  return html`<section>
    <div class="section-head"><h2>Own interfaces</h2></div>
    <div class="table-hold">
      <table class="lines">
        <thead>
          <tr>
            <th>Name</th>
            <th>State</th>
            <th class="number">Speed</th>
            <th class="number">MTU</th>
            <th>Addresses</th>
            <th class="number">In</th>
            <th class="number">Out</th>
            <th class="number">Errors in, out</th>
            <th class="number">Discards in, out</th>
          </tr>
        </thead>
        <tbody>
          ${list.map(
            (i) =>
              html`<tr key=${i.id}>
                <td class="first mono">${i.name}</td>
                <td><${State} state=${i.up ? "good" : "unknown"} word=${i.up ? "up" : "down"} /></td>
                <td class="number" data-label="speed">
                  ${i.speed_bps === null ? html`<span title="The driver does not tell">–</span>` : bitRate(i.speed_bps)}
                </td>
                <td class="number" data-label="MTU">${i.mtu} B</td>
                <td class="mono">${i.addresses.join(" ")}</td>
                <td class="number" data-label="in">${bytes(i.rx_bytes)}</td>
                <td class="number" data-label="out">${bytes(i.tx_bytes)}</td>
                <td class="number" data-label="errors">${whole(i.rx_errors)}, ${whole(i.tx_errors)}</td>
                <td class="number" data-label="discards">${whole(i.rx_discards)}, ${whole(i.tx_discards)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

export function Health({ node }) {
  const clock = useOwnSeries("clock");
  const view = useView(begunOf(clock.series));
  const cursor = useMemo(makeCursor, []);
  const range = [view.from, view.to];
  const { body: tests } = useResource("/tests");
  const titles = new Map((tests?.items ?? []).map((t) => [t.id, testName(t)]));
  return html`<div class="stack">
    ${
      node.problems.length > 0 &&
      html`<section>
        <h2>To be acted on now</h2>
        <ul>
          ${node.problems.map((p) => html`<li key=${p}><${State} state="bad" word="" /> ${p}</li>`)}
        </ul>
      </section>`
    }
    <div class="three">
      <section>
        <h2>Clock</h2>
        <${Clock} node=${node} />
        <p class="small"><a href=${link("help", "clocks")}>About clocks and errors</a></p>
      </section>
      <section>
        <h2>Self-check</h2>
        <p><${State} state=${node.self_check.state} /> ${node.self_check.sentence}</p>
        <p class="small">
          ${node.self_check.tests.map((t, i) => html`${i ? " · " : ""}<a href=${link("tests", t)}>${titles.get(t) ?? t}</a>`)}
        </p>
        <h2>Disk</h2>
        <${Disk} disk=${node.disk} />
      </section>
      <section>
        <h2>Process and versions</h2>
        <${Process} node=${node} />
      </section>
    </div>
    <div><${RangeBar} view=${view} /><${ClockChart} range=${range} node=${node} cursor=${cursor} /></div>
    <div class="two"><${InterfaceCharts} range=${range} node=${node} cursor=${cursor} /></div>
    <${Interfaces} list=${node.interfaces} />
  </div>`;
}
