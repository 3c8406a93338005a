// A plot as a component: keeps its place and size, draws again when what it shows changes.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { makePlot } from "./plot.js";

/** Cursors that move together: every plot of one page joins one of these. */
export function makeCursor() {
  const heard = new Set();
  let time = null;
  return {
    set(t) {
      time = t;
      for (const call of heard) call(t);
    },
    get: () => time,
    hear(call) {
      heard.add(call);
      return () => heard.delete(call);
    },
  };
}

/** The time that a cursor points at, null without one; at most once a frame. */
export function useCursor(cursor) {
  const [time, setTime] = useState(cursor.get());
  useEffect(() => {
    let frame = null;
    const forget = cursor.hear((t) => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setTime(t));
    });
    return () => {
      cancelAnimationFrame(frame);
      forget();
    };
  }, [cursor]);
  return time;
}

/**
 * Props: height, range [from, to], yRange, y { splits, labels }, timeLabels, draw(pen), drawOver(pen), cursor,
 * onZoom, onBack, label (for those who do not see it), onPlot(plot) to reach the canvas. `turn` changes when draw's data do.
 */
export function PlotView(props) {
  const place = useRef(null);
  const plot = useRef(null);
  const newest = useRef(props);
  newest.current = props;
  useLayoutEffect(() => {
    plot.current = makePlot(place.current, {
      height: props.height,
      timeLabels: props.timeLabels,
      y: { labels: (v) => newest.current.y.labels(v), splits: props.y.splits && ((u) => newest.current.y.splits(u)) },
      draw: (pen) => newest.current.draw(pen),
      drawOver: (pen) => newest.current.drawOver?.(pen),
      onZoom: (from, to) => newest.current.onZoom?.(from, to),
      onBack: () => newest.current.onBack?.(),
      onCursor: (t) => newest.current.cursor?.set(t),
    });
    props.onPlot?.(plot.current);
    const forget = props.cursor?.hear((t) => plot.current.cursor(t));
    return () => {
      forget?.();
      props.onPlot?.(null);
      plot.current.destroy();
    };
  }, [props.height, props.timeLabels, props.cursor]);
  const [from, to] = props.range;
  const [low, high] = props.yRange;
  useEffect(() => {
    plot.current.set([from, to], [low, high]);
  }, [from, to, low, high, props.turn, props.height, props.timeLabels]);
  return html`<div
    class="plot"
    ref=${place}
    style=${{ height: props.height + "px" }}
    role="img"
    aria-busy=${props.busy ? "true" : null}
    aria-label=${props.label}
  ></div>`;
}
