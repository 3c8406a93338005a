// One path: the answer, whether it is we or the network, and all strips on one axis of time with one cursor.
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { get, session } from "../base/api.js";
import { useResource, useThrottled } from "../base/load.js";
import { onNews } from "../base/stream.js";
import { nodeStore } from "../base/shared.js";
import { useStore } from "../base/store.js";
import { amend, link, useRoute } from "../base/route.js";
import { fromIso, age } from "../base/times.js";
import { usePathData } from "../chart/path_data.js";
import { makeCursor } from "../chart/plot_view.js";
import { useView } from "../chart/view.js";
import { Readout } from "../chart/readout.js";
import { Strip } from "../chart/strip.js";
import { DelayPanels } from "../chart/delay_strip.js";
import { LossPanel } from "../chart/loss_strip.js";
import { RoundPanel } from "../chart/round_strip.js";
import { heavySpans } from "../chart/heavy_spans.js";
import { useRuns } from "../chart/runs.js";
import { shortName, stripsOf } from "../chart/throughput.js";
import { ThroughputStrips } from "../chart/throughput_strip.js";
import { begunOf } from "../parts/node_charts.js";
import { RouteStrips } from "../chart/route_strip.js";
import { RangeBar } from "../parts/range_bar.js";
import { ExportDialog } from "../parts/export_dialog.js";
import { LiveMinute } from "../parts/live_minute.js";
import { HowDialog } from "../parts/how_dialog.js";
import { MarkList, ResultList } from "../parts/result_list.js";
import { hereName, wayTitle } from "../parts/path_words.js";
import { Shape, State } from "../parts/state.js";
import { useTick } from "../parts/now_running.js";

/** Which test draws which direction: the first that measures it. */
function waysOf(path, tests, here) {
  const known = new Map(tests.map((t) => [t.id, t]));
  const revisions = (id) =>
    known.get(id)?.revisions.length ? known.get(id).revisions : [known.get(id)?.revision ?? 1];
  return path.directions.map((d) => ({
    key: d.direction,
    colour: d.direction,
    direction: d.direction,
    test: d.test,
    revisions: revisions(d.test),
    title: wayTitle(d.direction, here, path.peer_name),
  }));
}

function Head({ path, tests, here }) {
  useTick(10);
  const known = useStore(session)?.user;
  return html`<div>
    <div class="page-head">
      <h1>${here} ⇄ ${path.peer_name}</h1>
      <${State} state=${path.state} />
      <span class="quiet">${path.updated ? `newest result ${age(fromIso(path.updated))}` : "no result yet"}</span>
    </div>
    <p class="answer">${path.sentence}</p>
    <p class="quiet small ends">
      ${path.own_address ? html`<span class="mono">${path.own_address}</span>` : "own address not known yet"} ⇄${" "}
      <span class="mono">${path.remote_address || path.peer_address}</span>
      ${path.remote_address && path.remote_address !== path.peer_address ? html` (${path.peer_address})` : ""} ·${" "}
      ${path.family}${path.same_clock ? " · both ends have the same clock" : ""}
      ${tests.map((t) => html` · ${known ? html`<a href=${link("tests", t.id)}>${t.sentence}</a>` : t.sentence}`)}
    </p>
  </div>`;
}

const kVerdicts = {
  "nothing wrong": "good",
  network: null,
  "this node": "watch",
  unclear: "unknown",
  unknown: "learning",
};

function Verdict({ verdict }) {
  if (!verdict) return null;
  const state = verdict.verdict in kVerdicts ? kVerdicts[verdict.verdict] : "unknown";
  return html`<details class="verdict">
    <summary>
      <strong>Is it me or the network?</strong>${" "}
      ${state && html`<span class=${"state " + state}><${Shape} state=${state} /></span> `}${verdict.sentence}
    </summary>
    <ul class="prose">
      ${verdict.evidence.map((e) => html`<li key=${e}>${e}</li>`)}
    </ul>
  </details>`;
}

function useChartKeys(box, view, openExport) {
  useEffect(() => {
    const key = (e) => {
      const typing = /^(input|textarea|select)$/i.test(e.target.tagName) || document.querySelector("dialog[open]");
      if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
      const act = {
        e: openExport,
        ArrowLeft: () => view.pan(-0.1),
        ArrowRight: () => !view.live && view.pan(0.1),
        "+": () => view.scale(0.5),
        "-": () => view.scale(2),
        Backspace: view.back,
      }[e.key];
      if (!act) return;
      e.preventDefault();
      act();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
  useEffect(() => {
    const wheel = (e) => {
      const sideways = e.shiftKey ? e.deltaY || e.deltaX : e.deltaX;
      if (!sideways || (!e.shiftKey && Math.abs(e.deltaX) <= Math.abs(e.deltaY))) return;
      e.preventDefault();
      view.pan(sideways / 1500);
    };
    box.current?.addEventListener("wheel", wheel, { passive: false });
    return () => box.current?.removeEventListener("wheel", wheel);
  });
}

/** The path's throughput tests: their runs, by strips, and what shades every strip. */
function useThroughput(tests, view, plain) {
  const filling = tests.filter((t) => t.probe === "throughput");
  const runs = useRuns(filling, view);
  const strips = stripsOf(filling);
  const lanes = strips.flatMap((s) => s.lanes);
  const heavy = useMemo(
    () => heavySpans([...plain.ways.values()], filling.flatMap((t) => runs.of(t).runs)),
    [plain.ways, runs.turn],
  );
  return { runs, strips, lanes, data: { ...plain, heavy, turn: `${plain.turn} ${runs.turn}` } };
}

function Strips({ path, tests, here, begun }) {
  const { query } = useRoute();
  const view = useView(begun);
  const ways = useMemo(
    () => waysOf(path, tests, here),
    [JSON.stringify(path.directions.map((d) => [d.direction, d.test])), tests, here, path.peer_name],
  );
  const traces = tests.filter((t) => t.probe === "trace");
  const told = tests.filter((t) => t.probe === "trace" || t.probe === "throughput").map((t) => t.id);
  const plain = usePathData(ways, view, query.week === "1", told);
  const { runs, strips, lanes, data } = useThroughput(tests, view, plain);
  const cursor = useMemo(makeCursor, []);
  const plots = useRef(new Map());
  const box = useRef(null);
  const [open, setOpen] = useState(null);
  useChartKeys(box, view, () => setOpen({ what: "export" }));
  const onPlot = (key, plot) => plots.current.set(key, plot);
  const oneWay = ways.filter((w) => w.key === "forward" || w.key === "reverse");
  const others = ways.filter((w) => !oneWay.includes(w));
  const shared = { data, view, cursor, whole: query.whole === "1", onPlot };
  // Where several tests measure one direction, its ends alone do not tell which.
  const named = (test) => (strips.length > 1 ? shortName(test) : "");
  const laneTitle = ({ way, test }) => wayTitle(way, here, path.peer_name) + (named(test) && ` · ${named(test)}`);
  const tools = (some) => ({
    onData: () => setOpen({ what: "export", ways: some, lanes: [] }),
    onHow: () => setOpen({ what: "how", ways: some }),
  });
  return html`<div>
    <${RangeBar} view=${view} compare=${true}>
      <label class="row" title="Without: rare spikes leave the picture and a triangle says so"><input type="checkbox" checked=${query.whole === "1"} onChange=${(e) => amend({ whole: e.target.checked ? "1" : undefined }, { replace: true })} />whole range of delay</label>
      <button onClick=${() => setOpen({ what: "export" })} title="What is seen as CSV, JSON, PNG (e)">Export</button>
    </${RangeBar}>
    ${data.failure && html`<p class="refused" role="alert">${data.failure.sentence ?? String(data.failure)}</p>`}
    <div ref=${box} aria-busy=${data.busy ? "true" : null}>
      <${Readout} ways=${ways} data=${data} cursor=${cursor} lanes=${lanes} titleOf=${laneTitle} runs=${runs} />
      <${ThroughputStrips} strips=${strips} runs=${runs} titleOf=${(way) => wayTitle(way, here, path.peer_name)} named=${named} onData=${(some) => setOpen({ what: "export", ways: [], lanes: some })} onHow=${(some) => setOpen({ what: "how", ways: some })} ...${shared} />
      ${oneWay.length > 0 && html`<${LiveMinute} tests=${path.tests} title=${wayTitle("reverse", here, path.peer_name)} />`}
      ${
        oneWay.length > 0 &&
        html`<${Strip} name="delay" title="One-way delay" about="median, middle half, 8 of 10, all packets; hatched: error of both clocks" ...${tools(oneWay)}>
        <${DelayPanels} ways=${oneWay} ...${shared} /></${Strip}>`
      }
      ${
        ways.length > 0 &&
        html`<${Strip} name="loss" title="Loss" about="share of packets in each step; log scale" ...${tools(ways)}><${LossPanel} ways=${ways} ...${shared} /></${Strip}>`
      }
      ${others.map((w) => html`<${Strip} key=${w.key} name=${w.key} title="Round trip" about="median and 8 of 10 packets; one clock, no clock error" ...${tools([w])}><${RoundPanel} way=${w} ...${shared} /></${Strip}>`)}
      <${RouteStrips} tests=${traces} data=${data} view=${view} cursor=${cursor} onPlot=${onPlot} onHow=${(some) => setOpen({ what: "how", ways: some })} />
    </div>
    <div class="stack">
      <${MarkList} events=${data.events} view=${view} />
      <${ResultList} tests=${tests} view=${view} />
    </div>
    ${open?.what === "export" && html`<${ExportDialog} path=${path} here=${here} ways=${open.ways ?? ways} lanes=${open.lanes ?? lanes} laneTitle=${laneTitle} runs=${runs} data=${data} view=${view} plots=${plots.current} onClose=${() => setOpen(null)} />`}
    ${open?.what === "how" && html`<${HowDialog} ways=${open.ways} tests=${tests} view=${view} onClose=${() => setOpen(null)} />`}
  </div>`;
}

/** When the first stored series of the path begins; null if there is none, undefined while it is not known. */
function useBegun(path) {
  const [begun, setBegun] = useState(undefined);
  const tests = path?.directions.map((d) => d.test).join();
  useEffect(() => {
    if (tests === undefined) return;
    const some = [...new Set(path.directions.map((d) => d.test))].map((test) => get("/series", { test }));
    Promise.all(some).then(
      (lists) => setBegun(begunOf(lists.flatMap((l) => l.items))),
      () => setBegun(null),
    );
  }, [tests, begun === null && path?.updated]);
  return begun;
}

export function Path({ id }) {
  const { body: path, failure, reload } = useResource(`/paths/${encodeURIComponent(id)}`, {}, { every: 60 });
  // The same list as long as it says the same, so that what is drawn stays.
  const tests = useMemo(() => path?.measurements ?? [], [JSON.stringify(path?.measurements)]);
  const begun = useBegun(path);
  const node = useStore(nodeStore);
  const soon = useThrottled(reload, 5);
  useEffect(() => onNews("result", (r) => path?.tests.includes(r.test) && soon()), [path?.id]);
  if (!path && failure)
    return html`<h1>This path cannot be shown</h1>
      <p>${failure.sentence}</p>
      <p><a href=${link("paths")}>All paths</a></p>`;
  if (!path || begun === undefined)
    return html`<div class="skeleton" style=${{ height: "720px" }} aria-busy="true"></div>`;
  const here = hereName(node);
  return html`<div>
    <${Head} path=${path} tests=${tests} here=${here} />
    <${Verdict} verdict=${path.me_or_network} />
    <${Strips} path=${path} tests=${tests} here=${here} begun=${begun} />
  </div>`;
}
