// Any stored series of a test, one chart for each metric: for tests without a path page, and for whoever wants more than it shows.
import { html, useMemo } from "../vendor/preact.js";
import { useResource } from "../base/load.js";
import { amend, link, useRoute } from "../base/route.js";
import { SeriesChart } from "../chart/series_chart.js";
import { makeCursor } from "../chart/plot_view.js";

const kFirst = ["delay.p50", "loss.ratio", "clock.offset", "clock.bound", "interface.in_rate", "interface.out_rate"];
const kMost = 8;
const kWords = { forward: "to it", reverse: "back", round_trip: "there and back", local: "", none: "" };

function chartsOf(series) {
  const charts = new Map();
  for (const s of series) {
    const key = s.metric + " " + s.subject;
    const chart = charts.get(key) ?? {
      key,
      metric: s.metric,
      subject: s.subject,
      title: s.title,
      unit: s.unit,
      ways: new Map(),
    };
    chart.ways.set(s.direction, [...(chart.ways.get(s.direction) ?? []), s.id]);
    charts.set(key, chart);
  }
  const rank = (c) => (kFirst.includes(c.metric) ? kFirst.indexOf(c.metric) : 99);
  return [...charts.values()].sort(
    (a, b) => a.subject.localeCompare(b.subject) || rank(a) - rank(b) || a.metric.localeCompare(b.metric),
  );
}

export function TestSeries({ test, view }) {
  const { body } = useResource("/series", { test: test.id });
  const { query } = useRoute();
  const cursor = useMemo(makeCursor, []);
  const charts = useMemo(() => chartsOf(body?.items ?? []), [body]);
  const shown = query.all === "1" ? charts : charts.slice(0, kMost);
  if (!body) return html`<div class="skeleton" style=${{ height: "160px" }}></div>`;
  if (!charts.length)
    return html`<p class="quiet">
      No series is stored yet.${test.path ? "" : " The first appears with its first results."}
    </p>`;
  return html`<div class="two">
      ${shown.map(
        (c) =>
          html`<section class="small-chart" key=${c.key}>
            <div class="section-head">
              <h3>${c.title[0].toUpperCase() + c.title.slice(1)}${c.subject ? ` · ${c.subject}` : ""}</h3>
              <span
                >${[...c.ways.keys()].map((d) => html`<span class=${"tag " + d} key=${d}>${kWords[d]} </span>`)}</span
              >
            </div>
            <${SeriesChart}
              label=${`${c.title} ${c.subject}`}
              unit=${c.unit}
              range=${[view.from, view.to]}
              height=${120}
              tests=${[test.id]}
              cursor=${cursor}
              zero=${c.unit !== "s" || c.metric === "clock.offset"}
              lines=${[...c.ways].map(([d, ids]) => ({ ids, colour: d === "none" ? "local" : d }))}
            />
          </section>`,
      )}
    </div>
    ${shown.length < charts.length && html`<button class="plain" onClick=${() => amend({ all: "1" }, { replace: true })}>Show all ${charts.length} series</button>`}
    ${test.path && html`<p class="quiet small">Delay as smoke, loss and marks on one axis: <a href=${link("paths", test.path)}>its path</a>.</p>`}`;
}
