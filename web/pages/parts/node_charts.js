// What this node knows of itself without any peer: its clock's offset within its bound, and its own interfaces.
import { html, useEffect, useMemo, useState } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { fromIso, now } from "../base/times.js";
import { bitRate, error, seconds } from "../base/numbers.js";
import { SeriesChart } from "../chart/series_chart.js";
import { colours, faint, hatch } from "../chart/colours.js";
import { band } from "../chart/layers.js";

/** When the first of these series begins, in seconds; null where none is stored. */
export const begunOf = (series) => (series.length ? Math.min(...series.map((s) => fromIso(s.begin))) : null);

const kShortest = 300;

/**
 * [from, to] that ends now and moves on with what arrives, at most every 10 s. A node younger than `span` is shown from
 * its start on (`begun`, s), over five minutes at least.
 */
export function useLiveRange(span, begun = null) {
  const [to, setTo] = useState(now());
  useEffect(() => {
    setTo(now());
    const timer = setInterval(() => !document.hidden && setTo(now()), Math.max(10, span / 1000) * 1000);
    return () => clearInterval(timer);
  }, [span]);
  const from = Math.max(to - span, begun ?? 0);
  return [from, Math.max(to, from + kShortest)];
}

/** This node's own tests of one probe, and their series by metric. */
export function useOwnSeries(probe) {
  const { body: tests } = useResource("/tests");
  const own = useMemo(() => (tests?.items ?? []).filter((t) => t.probe === probe && !t.peer), [tests]);
  const { body: series, reload } = useResource(own.length ? "/series" : null, own.length ? { test: own[0].id } : {});
  const waiting = own.length > 0 && !(series?.items.length > 0);
  // A new node stores its first series within seconds.
  useEffect(() => (waiting ? onNews("result", (r) => r.test === own[0].id && reload()) : undefined), [waiting, reload]);
  const none = tests && !own.length && "No test of this node reads it.";
  return { tests: own.map((t) => t.id), series: series?.items ?? [], loaded: tests !== null, none };
}

const idsOf = (series, metric) => series.filter((s) => s.metric === metric).map((s) => s.id);

function boundBand(pen, [offset, bound]) {
  if (!bound?.value?.length) return;
  const edges = {
    t: bound.t,
    step: bound.step,
    low: bound.value.map((v) => (v === null ? null : -v)),
    high: bound.value,
  };
  band(pen, edges, "low", "high", hatch(pen.ctx, faint(colours().text2, 0.5), { gap: 9, back: true }));
}

const Waiting = ({ height, children }) =>
  html`<div class="skeleton" style=${{ height: height + "px", padding: "12px" }}>
    <span class="quiet">${children}</span>
  </div>`;

function clockNow(node) {
  if (!node) return "";
  const offset = node.clock_offset_s;
  const value = offset === null ? "" : `${offset > 0 ? "+" : ""}${seconds(offset)} `;
  const bound = node.clock.bound_s === null ? "error unknown" : error(node.clock.bound_s, "s");
  return `${value}${bound} · ${node.clock.source}`;
}

/** The clock: its offset as a line, the bound within which UTC lies as a hatched band. */
export function ClockChart({ range, height = 150, cursor, node }) {
  const { tests, series, loaded, none } = useOwnSeries("clock");
  const offset = idsOf(series, "clock.offset"),
    bound = idsOf(series, "clock.bound");
  return html`<section class="small-chart">
    <div class="section-head">
      <h3>Clock: offset from its source</h3>
      <span class="quiet">${clockNow(node)}</span>
    </div>
    ${
      offset.length
        ? html`<${SeriesChart}
              label="This node's clock over time"
              unit="s"
              range=${range}
              height=${height}
              tests=${tests}
              cursor=${cursor}
              lines=${[
                { ids: offset, colour: "local" },
                { ids: bound, colour: "text2", bothWays: true },
              ]}
              layers=${boundBand}
              nothing="read, but not known: nobody vouches for this clock"
            />`
        : html`<${Waiting} height=${height}>${none || (loaded ? "The clock's first reading is on its way." : "")}</${Waiting}>`
    }
    <p class="quiet small">Line: offset. Hatched: where UTC may be, as far as the clock's source is known.</p>
  </section>`;
}

const rateOf = (series, name, metric) =>
  series.filter((s) => s.subject === name && s.metric === metric).map((s) => s.id);

/** One chart for each own interface that carries traffic: in up, out down. */
export function InterfaceCharts({ range, height = 120, cursor, node }) {
  const { tests, series, loaded, none } = useOwnSeries("interfaces");
  const known = new Map((node?.interfaces ?? []).map((i) => [i.name, i]));
  // The node's own list comes first, so that each chart has its place before its series is read.
  const named = [...new Set([...known.keys(), ...series.map((s) => s.subject)])].filter(Boolean);
  // One that is down has nothing to draw; the table of interfaces tells of it.
  const names = named.filter((n) => known.get(n)?.up !== false);
  const order = (n) => (known.get(n)?.loopback || n === "lo" ? 1 : 0);
  names.sort((a, b) => order(a) - order(b) || a.localeCompare(b));
  return names.slice(0, 6).map((name) => {
    const received = rateOf(series, name, "interface.in_rate"),
      sent = rateOf(series, name, "interface.out_rate");
    const unit = series.find((s) => received.includes(s.id))?.unit ?? "bit/s";
    const facts = known.get(name);
    return html`<section class="small-chart" key=${name}>
      <div class="section-head">
        <h3>Interface ${name}</h3>
        <span class="quiet">
          ${facts?.speed_bps ? bitRate(facts.speed_bps) : ""}${" "}
          <span class="tag reverse">in ▲ </span>
          <span class="tag forward">out ▼</span></span
        >
      </div>
      ${
        received.length + sent.length === 0
          ? html`<${Waiting} height=${height}>${none || (loaded ? "The first reading is on its way: a rate needs two." : "")}</${Waiting}>`
          : html`<${SeriesChart}
              label=${`Traffic of interface ${name}: in up, out down`}
              unit=${unit}
              range=${range}
              height=${height}
              tests=${tests}
              cursor=${cursor}
              lines=${[
                { ids: received, colour: "reverse" },
                { ids: sent, colour: "forward", down: true },
              ]}
            />`
      }
    </section>`;
  });
}
