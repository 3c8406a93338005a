// One drawing on the common time axis. uPlot gives axes, cursor and drag; what is measured is drawn by the layers.
import uPlot from "../vendor/uplot.js";
import { axisLabels } from "../base/times.js";
import { themeTurn } from "../parts/theme_choice.js";
import { colours } from "./colours.js";

const kGutter = 72;
const kFont = "12px system-ui, sans-serif";

function timeAxis(labels) {
  return {
    show: true,
    size: labels ? 26 : 4,
    font: kFont,
    space: 90,
    gap: 4,
    stroke: () => colours().text2,
    grid: { stroke: () => colours().ground3, width: 1 },
    ticks: { show: labels, stroke: () => colours().line, size: 4, width: 1 },
    values: (u, splits, axis, space, step) => (labels ? axisLabels(splits, step) : splits.map(() => "")),
  };
}

function valueAxis(y) {
  return {
    size: kGutter,
    font: kFont,
    gap: 6,
    space: 24,
    side: 3,
    stroke: () => colours().text2,
    grid: { stroke: () => colours().ground3, width: 1 },
    ticks: { show: false },
    splits: y.splits,
    values: (u, splits) => y.labels(splits),
  };
}

/**
 * `options`: height in CSS pixels; timeLabels; y { splits(u)?, labels(values) }; draw(pen) with the layers;
 * onZoom(from, to), onBack(), onCursor(time | null). Answers { set(range, yRange), redraw(), cursor(time), canvas, destroy() }.
 * Draws on `element`'s width and follows it.
 */
export function makePlot(element, options) {
  const plotOf = (u) => ({
    ctx: u.ctx,
    scale: devicePixelRatio || 1,
    left: u.bbox.left,
    top: u.bbox.top,
    width: u.bbox.width,
    height: u.bbox.height,
    x: (t) => u.valToPos(t, "x", true),
    y: (v) => u.valToPos(v, "y", true),
    from: u.scales.x.min,
    to: u.scales.x.max,
    low: u.scales.y.min,
    high: u.scales.y.max,
  });
  const draw = (u) => {
    const pen = plotOf(u);
    pen.ctx.save();
    pen.ctx.beginPath();
    pen.ctx.rect(pen.left, pen.top, pen.width, pen.height);
    pen.ctx.clip();
    options.draw(pen);
    pen.ctx.restore();
    options.drawOver?.(pen);
  };
  let range = [0, 1],
    yRange = [0, 1],
    quiet = false;
  const u = new uPlot(
    {
      width: Math.max(200, element.clientWidth),
      height: options.height,
      padding: [6, 32, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        bind: { dblclick: () => () => (options.onBack?.(), null) },
      },
      scales: { x: { time: true, auto: false, range: () => range }, y: { auto: false, range: () => yRange } },
      axes: [timeAxis(options.timeLabels), valueAxis(options.y)],
      series: [{}, { show: true, stroke: "transparent", points: { show: false } }],
      hooks: {
        draw: [draw],
        setSelect: [
          (self) => {
            const { left, width } = self.select;
            if (width < 6) return;
            options.onZoom?.(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [
          (self) => {
            if (quiet) return;
            options.onCursor?.(self.cursor.left >= 0 ? self.posToVal(self.cursor.left, "x") : null);
          },
        ],
      },
    },
    [
      [0, 1],
      [null, null],
    ],
    element,
  );
  const resize = new ResizeObserver(() => {
    const width = Math.max(200, element.clientWidth);
    if (width !== u.width) u.setSize({ width, height: options.height });
  });
  resize.observe(element);
  const forget = themeTurn.hear(() => u.redraw(false, true));
  return {
    set(newRange, newY) {
      range = newRange;
      yRange = newY;
      u.batch(() => {
        u.setData([newRange, [null, null]], false);
        u.setScale("x", { min: newRange[0], max: newRange[1] });
        u.setScale("y", { min: newY[0], max: newY[1] });
      });
    },
    redraw: () => u.redraw(false, false),
    cursor(time) {
      quiet = true;
      const left = time === null ? -10 : u.valToPos(time, "x");
      u.setCursor({ left: left < 0 || left > u.over.clientWidth ? -10 : left, top: time === null ? -10 : 1 }, false);
      quiet = false;
    },
    canvas: u.ctx.canvas,
    width: () => u.bbox.width / (devicePixelRatio || 1),
    destroy() {
      resize.disconnect();
      forget();
      u.destroy();
    },
  };
}
