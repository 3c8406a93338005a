// Exactly what is seen, as CSV, JSON or PNG.
import { toIso } from "../base/times.js";
import { colours } from "./colours.js";
import { within } from "./columns.js";

const kColumns = [
  "sent",
  "lost",
  "min",
  "p10",
  "p25",
  "p50",
  "p75",
  "p90",
  "max",
  "clock_bound",
  "same_clock",
  "heavy",
];
const kSeconds = new Set(["min", "p10", "p25", "p50", "p75", "p90", "max", "clock_bound"]);
const named = (column) => (kSeconds.has(column) ? column + "_s" : column);

/** Rows of all ways within the view: direction, begin, step_s and the columns. */
export function rowsOf(ways, data, view) {
  return ways.flatMap((way) => {
    const columns = data.ways.get(way.key);
    if (!columns) return [];
    const [first, end] = within(columns, view.from, view.to);
    return columns.t.slice(first, end).map((t, k) => {
      const row = { direction: way.direction, test: way.test, begin: toIso(t), step_s: columns.step };
      for (const column of kColumns) row[named(column)] = columns[column]?.[first + k] ?? null;
      return row;
    });
  });
}

const quoted = (v) => (v === null || v === undefined ? "" : /[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v));

/** Rows of strips and of throughput runs in one table: columns that no row has are left out. */
export function csvOf(rows) {
  const steps = ["step_s", ...kColumns.map(named)];
  const names = new Set(["direction", "test", "begin", ...steps, ...rows.flatMap((r) => Object.keys(r))]);
  const head = [...names].filter((name) => !rows.length || rows.some((r) => name in r));
  return [head.join(","), ...rows.map((r) => head.map((h) => quoted(r[h])).join(","))].join("\r\n") + "\r\n";
}

export function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** All plots under one another with titles, on the page's ground. `plots`: [{ title, plot }]. */
export function pictureOf(title, plots) {
  const scale = devicePixelRatio || 1;
  const shown = plots.filter((p) => p.plot);
  const line = 22 * scale;
  const width = Math.max(...shown.map((p) => p.plot.canvas.width));
  const height = shown.reduce((sum, p) => sum + p.plot.canvas.height + line, line * 2);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = colours().ground;
  ctx.fillRect(0, 0, width, height);
  ctx.fillStyle = colours().text;
  ctx.font = `600 ${15 * scale}px system-ui, sans-serif`;
  ctx.fillText(title, 12 * scale, 24 * scale);
  ctx.font = `${12 * scale}px system-ui, sans-serif`;
  let y = line * 2;
  for (const { title: name, plot } of shown) {
    ctx.fillStyle = colours().text2;
    ctx.fillText(name, 12 * scale, y + line * 0.7);
    ctx.drawImage(plot.canvas, 0, y + line);
    y += line + plot.canvas.height;
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
