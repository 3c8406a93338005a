// The picture: pauses, the slot's three tracks with the gaps between, light tests, all on one axis with a mark for now.
import { html, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { axisLabels, moment, span, zone } from "../base/times.js";
import { Shape } from "../parts/state.js";
import { bundled, gapsBetween, lookOf, toCome } from "./items.js";
import { hourOf, lineOf, tally } from "./words.js";
import { useDrag } from "./drag.js";

const kSlotTracks = ["planned", "by hand", "outside"];
const kHeavyPlace = 14,
  kLightPlace = 6,
  kMostAllDay = 6;
/** px that a label of the axis takes at most. */
const kLabel = 46;
const kSteps = [300, 900, 1800, 3600, 7200, 10800, 21600, 43200];

/** Times for the labels of the axis, on whole local hours. */
function splitsOf(view, width) {
  const most = Math.max(3, Math.min(9, width / 90));
  const step = kSteps.find((s) => (view.to - view.from) / s <= most) ?? 43200;
  const shift = new Date(view.from * 1000).getTimezoneOffset() * 60;
  const splits = [];
  for (let t = Math.ceil((view.from - shift) / step) * step + shift; t < view.to; t += step) splits.push(t);
  return { splits, labels: axisLabels(splits, step) };
}

function useWidth(box) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setWidth(box.current?.clientWidth ?? 0);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return width;
}

/** Worst first: what a place with several runs looks like. */
const kLooks = ["bad", "watch", "planned-watch", "unknown", "running", "planned", "good"];
const worst = (items) => kLooks.find((look) => items.some((i) => lookOf(i) === look));
const kMarks = { bad: "bad", watch: "watch", "planned-watch": "watch", unknown: "unknown" };

/** The address's name of a bundle: its only item, or its lane and time. */
export const bundleKey = (bundle) =>
  bundle.items.length === 1
    ? bundle.items[0].key
    : `${bundle.items[0].track}~${Math.floor(bundle.at)}~${Math.ceil(bundle.items[bundle.items.length - 1].at)}`;

/** The items that such a name means. */
export function itemsNamed(items, key) {
  const found = /^(.+)~(\d+)~(\d+)$/.exec(key ?? "");
  if (!found) return null;
  return items.filter((i) => i.track === found[1] && i.at >= Number(found[2]) && i.at <= Number(found[3]));
}

function Block({ bundle, x, chosen, tabbable, pen, children, style }) {
  const key = bundleKey(bundle);
  const words = bundle.items.length === 1 ? lineOf(bundle.items[0]) : `${moment(bundle.at)} to ${moment(bundle.to)} · ${tally(bundle.items)}`;
  return html`<button
    class=${"tl-block" + (chosen === key ? " chosen" : "")}
    style=${style}
    aria-label=${words}
    aria-pressed=${chosen === key}
    tabindex=${tabbable ? 0 : -1}
    data-x=${Math.round(x)}
    onMouseEnter=${() => pen.read(words)}
    onMouseLeave=${() => pen.read("")}
    onFocus=${() => pen.read(words)}
    onBlur=${() => pen.read("")}
    onClick=${() => pen.choose(key)}
  >
    ${children}
  </button>`;
}

function HeavyTrack({ name, items, pen }) {
  const bundles = bundled(items, pen.x, kHeavyPlace);
  const first = nearest(bundles, pen);
  return html`<div class="tl-row">
    <span class="tl-name">${name}</span>
    <div class="tl-track" data-track=${name} role="group" aria-label=${`Slot, ${name}`}>
      ${bundles.map((b) => {
        const left = pen.x(b.at),
          width = Math.max(4, pen.x(b.to) - left),
          hit = Math.max(kHeavyPlace, width);
        const look = worst(b.items);
        return html`<${Block}
          key=${bundleKey(b)}
          bundle=${b}
          x=${left}
          chosen=${pen.chosen}
          tabbable=${b === first}
          pen=${pen}
          style=${{ left: left - (hit - width) / 2 + "px", width: hit + "px" }}
        >
          ${(b.items.length > 1 || b.to > b.at) && html`<span class=${"tl-bar " + look} style=${{ width: (b.items.length > 1 ? hit - 1 : width) + "px" }}>${b.items.length > 1 ? b.items.length : ""}</span>`}
          ${b.items.length === 1 && kMarks[look] && html`<span class=${"tl-mark state " + kMarks[look]}><${Shape} state=${kMarks[look]} /></span>`}
        </${Block}>`;
      })}
    </div>
  </div>`;
}

/** Of all stops of a track one is reached with Tab: the chosen one, else that nearest to now. */
function nearest(bundles, pen) {
  const chosen = bundles.find((b) => bundleKey(b) === pen.chosen);
  if (chosen) return chosen;
  return bundles.reduce((best, b) => (!best || Math.abs(b.at - pen.now) < Math.abs(best.at - pen.now) ? b : best), null);
}

function Column({ bundle, most, x, pen, tabbable }) {
  const planned = toCome(bundle.items[0]);
  const look = worst(bundle.items);
  const height = Math.max(6, (bundle.items.length / most) * 46);
  return html`<${Block}
    bundle=${bundle}
    x=${x}
    chosen=${pen.chosen}
    tabbable=${tabbable}
    pen=${pen}
    style=${{ left: Math.min(Math.floor(pen.x(bundle.at) / kLightPlace) * kLightPlace, pen.width - kLightPlace) + "px", width: kLightPlace + "px" }}
  >
    ${kMarks[look] && html`<span class=${"tl-mark state " + kMarks[look]}><${Shape} state=${kMarks[look]} /></span>`}
    <span class=${"tl-column" + (planned ? " planned" : "")} style=${{ height: height + "px" }}>
      ${kLooks.map((l) => {
        const n = bundle.items.filter((i) => lookOf(i) === l).length;
        return n > 0 && html`<span key=${l} class=${l} style=${{ flexGrow: n }}></span>`;
      })}
    </span>
  </${Block}>`;
}

function LightTrack({ items, pen }) {
  const bundles = bundled(items, pen.x, kLightPlace);
  const most = Math.max(1, ...bundles.map((b) => b.items.length));
  const first = nearest(bundles, pen);
  return html`<div class="tl-row">
    <span class="tl-name">runs</span>
    <div class="tl-track tall" data-track="runs" role="group" aria-label=${`Light runs, at most ${most} in a column`}>
      ${most > 1 && html`<span class="tl-most" aria-hidden="true">${most}</span>`}
      ${bundles.map((b) => html`<${Column} key=${bundleKey(b)} bundle=${b} most=${most} x=${pen.x(b.at)} pen=${pen} tabbable=${b === first} />`)}
    </div>
  </div>`;
}

/** A test that runs all day: what it did, and outlined what it will do. */
function AllDay({ tests, items, pen, view }) {
  if (!tests.length) return null;
  const shown = tests.slice(0, kMostAllDay);
  const clip = (t) => Math.max(view.from, Math.min(view.to, t));
  return html`<div class="tl-row">
    <span class="tl-name">all day</span>
    <div class="tl-track days" data-track="all day" role="group" aria-label="Tests that run all day" style=${{ height: shown.length * 10 + (tests.length > shown.length ? 20 : 4) + "px" }}>
      ${shown.map((test, row) => {
        const mine = items.filter((i) => i.test === test.id && i.to >= view.from && i.at <= view.to);
        const top = row * 10 + 2 + "px";
        const begin = clip(pen.now);
        return html`${mine.map((item, i) => {
            const from = clip(item.at),
              to = clip(item.to);
            return html`<${Block} key=${item.key} bundle=${{ items: [item], at: from, to }} x=${pen.x(from)} chosen=${pen.chosen} tabbable=${row === 0 && i === 0} pen=${pen}
              style=${{ left: pen.x(from) + "px", width: Math.max(4, pen.x(to) - pen.x(from)) + "px", top, height: "8px" }}><span class=${"tl-day " + lookOf(item)}></span></${Block}>`;
          })}
          ${!test.paused && begin < view.to && html`<span key=${test.id + "ahead"} class="tl-ahead" style=${{ left: pen.x(begin) + "px", width: pen.x(view.to) - pen.x(begin) + "px", top }}></span>`}`;
      })}
      ${tests.length > shown.length && html`<span class="quiet small tl-more">and ${tests.length - shown.length} more tests that run all day</span>`}
    </div>
  </div>`;
}

function PauseTrack({ pauses, pen }) {
  const seen = pauses.filter((p) => pen.stretch(p)[1] > 0);
  return html`<div class="tl-row">
    <span class="tl-name">pauses</span>
    <div class="tl-track" data-track="pauses" role="group" aria-label="Pauses">
      ${seen.map((p, i) => {
        const [left, width] = pen.stretch(p);
        return html`<button
          key=${p.key}
          class=${"tl-block tl-pause-name" + (pen.chosen === p.key ? " chosen" : "")}
          style=${{ left: left + "px", width: Math.max(12, width) + "px" }}
          aria-label=${p.pause}
          aria-pressed=${pen.chosen === p.key}
          tabindex=${i === 0 ? 0 : -1}
          data-x=${Math.round(left)}
          onMouseEnter=${() => pen.read(p.pause)}
          onMouseLeave=${() => pen.read("")}
          onFocus=${() => pen.read(p.pause)}
          onBlur=${() => pen.read("")}
          onClick=${() => pen.choose(p.key)}
        >
          ${width > 60 ? p.pause.replace(/^Nobody measures from /, "") : ""}
        </button>`;
      })}
    </div>
  </div>`;
}

function Gaps({ busy, pen, view, run }) {
  const from = Math.max(view.from, pen.now);
  if (from >= view.to) return null;
  const clip = (t) => Math.max(from, Math.min(view.to, t));
  const free = gapsBetween(busy, pen.now, view.read.to, 60);
  // What is seen of each is clicked; what is said of it is all of it.
  const shown = [...free, ...busy.filter((b) => b.pause)]
    .filter((gap) => gap.at < view.to && gap.to > from)
    .map((gap) => ({ gap, at: clip(gap.at), to: clip(gap.to) }))
    .sort((a, b) => a.at - b.at);
  const pointed = (e, part) => {
    const box = e.currentTarget.getBoundingClientRect();
    // A key has no place: it means the begin.
    return e.detail === 0 ? part.at : part.at + ((e.clientX - box.left) / box.width) * (part.to - part.at);
  };
  const words = (gap) =>
    gap.pause ? `Paused until ${hourOf(gap.to)}: ${gap.pause}` : `Free from ${gap.at === pen.now ? "now" : hourOf(gap.at)} to ${hourOf(gap.to)} (${span(gap.to - gap.at)}): run something here`;
  return html`<div class="tl-gaps" data-track="gaps" role="group" aria-label="Where something can run">
    ${shown.map(
      ({ gap, at, to }, i) => html`<button
        key=${(gap.pause ? "p" : "g") + Math.round(gap.to)}
        class=${"tl-gap" + (gap.pause ? " paused" : "")}
        style=${{ left: pen.x(at) + "px", width: Math.max(2, pen.x(to) - pen.x(at)) + "px" }}
        aria-label=${words(gap)}
        data-x=${Math.round(pen.x(at))}
        tabindex=${i === 0 ? 0 : -1}
        onMouseEnter=${() => pen.read(words(gap))}
        onMouseLeave=${() => pen.read("")}
        onFocus=${() => pen.read(words(gap))}
        onBlur=${() => pen.read("")}
        onClick=${(e) => run(gap, pointed(e, { at, to }))}
      ></button>`,
    )}
  </div>`;
}

function Ground({ view, width, pen, pauses, drag }) {
  const { splits, labels } = useMemo(() => splitsOf(view, width), [view.from, view.to, width]);
  const at = pen.x(pen.now);
  return html`<div class="tl-ground" aria-hidden="true">
    ${splits.map((t, i) => html`<span key=${t} class="tl-tick" style=${{ left: pen.x(t) + "px" }}>${pen.x(t) < width - kLabel && html`<span>${labels[i]}</span>`}</span>`)}
    ${pauses.map((p) => {
      const [left, width] = pen.stretch(p);
      return width > 0 && html`<span key=${p.key} class="tl-pause hatched" style=${{ left: left + "px", width: width + "px" }}></span>`;
    })}
    ${drag && html`<span class="tl-drag" style=${{ left: drag.from + "px", width: drag.to - drag.from + "px" }}></span>`}
    ${at >= 0 && at <= width && html`<span class="tl-now" style=${{ left: at + "px" }}><span>now</span></span>`}
  </div>`;
}

/** Left and right go along a track, up and down to the nearest of the next one. */
function step(e) {
  const here = e.target.closest("[data-track]");
  const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6, ArrowUp: 0, ArrowDown: 0 };
  if (!here || !(e.key in moves) || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  e.stopPropagation();
  const stops = [...here.querySelectorAll("button")];
  let next = stops[Math.max(0, Math.min(stops.length - 1, stops.indexOf(e.target) + moves[e.key]))];
  if (e.key === "ArrowUp" || e.key === "ArrowDown") {
    const tracks = [...e.currentTarget.querySelectorAll("[data-track]")].filter((t) => t.querySelector("button"));
    const other = tracks[tracks.indexOf(here) + (e.key === "ArrowUp" ? -1 : 1)];
    const x = Number(e.target.dataset.x);
    const far = (b) => Math.abs(Number(b.dataset.x) - x);
    next = other && [...other.querySelectorAll("button")].reduce((best, b) => (far(b) < far(best) ? b : best));
  }
  next?.focus();
}

/** `pen`: what the lanes share: x(t), width in px, stretch(pause), now, chosen, choose(key), read(words). `run(gap, t)` null: this account may not. */
export function Lanes({ items, pauses, tests, view, chosen, choose, busy, run }) {
  const box = useRef(null);
  const width = useWidth(box);
  const [words, setWords] = useState("");
  const [drag, dragging] = useDrag(box, (a, b) => view.show(timeOf(a), timeOf(b)));
  const timeOf = (px) => view.from + (px / width) * (view.to - view.from);
  const x = (t) => ((t - view.from) / (view.to - view.from)) * width;
  const seen = items.filter((i) => i.to >= view.from && i.at <= view.to);
  /** [left, width] of a pause, as far as it is seen. */
  const stretch = (p) => {
    const left = Math.max(0, x(p.at));
    return [left, Math.min(width, x(p.to)) - left];
  };
  const pen = { x, width, stretch, now: view.now, chosen, choose, read: setWords };
  const continuous = tests.filter((t) => t.schedule.kind === "continuous");
  return html`<div class="tl" onKeyDown=${step}>
    <p class="tl-words">${words || html`<span class="quiet">Times are local (${zone()}). Point at a block to read it, click it for all of it.<span class="spare"> Arrows go from block to block; drag over a part to enlarge it.</span></span>`}</p>
    <div class="tl-picture" ...${dragging}>
      <div class="tl-axis"></div>
      ${pauses.length > 0 && html`<${PauseTrack} pauses=${width ? pauses : []} pen=${pen} />`}
      <h3>Heavy tests <span class="quiet">one at a time: the slot</span></h3>
      <div class="tl-slot">
        <div class="tl-plot" ref=${box}>
          ${width > 0 && run && html`<${Gaps} busy=${busy} pen=${pen} view=${view} run=${run} />`}
        </div>
        ${kSlotTracks.map((name) => html`<${HeavyTrack} key=${name} name=${name} items=${width ? seen.filter((i) => i.lane === "heavy" && i.track === name) : []} pen=${pen} />`)}
      </div>
      <h3>Light tests</h3>
      <${AllDay} tests=${continuous} items=${width ? items.filter((i) => i.track === "all day") : []} pen=${pen} view=${view} />
      <${LightTrack} items=${width ? seen.filter((i) => i.track === "runs") : []} pen=${pen} />
      <${Ground} view=${view} width=${width} pen=${pen} pauses=${width ? pauses : []} drag=${drag} />
    </div>
  </div>`;
}
