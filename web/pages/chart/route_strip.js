// The route over time: one row a hop, the same colour as long as the same routers answer; a click shows what changed.
import { html, useMemo, useState } from "../vendor/preact.js";
import { several } from "../base/numbers.js";
import { moment, now } from "../base/times.js";
import { RouteDialog } from "../parts/route_dialog.js";
import { colours, faint, hatch } from "./colours.js";
import { heavy } from "./layers.js";
import { PlotView } from "./plot_view.js";
import { Strip } from "./strip.js";
import { variants } from "./route_rows.js";
import { useRoutes } from "./routes.js";

const kRow = 17;

/** The first routers of a hop are quiet; others stand out. Neighbours differ in lightness too, not in hue alone. */
function fillOf(variant) {
  const c = colours();
  if (variant === 0) return faint(c.text2, 0.22);
  return faint([c.forward, c.reverse, c.round_trip, c.accent][(variant - 1) % 4], variant % 2 ? 0.55 : 0.35);
}

const words = (hop) => hop.routers.map((r) => r.name || r.address).join(" or ");

function drawCell(pen, item, hop, variant, y, height, end) {
  const { ctx, scale } = pen;
  const x0 = Math.max(pen.left, pen.x(item.t)),
    x1 = Math.min(pen.left + pen.width, pen.x(end));
  if (x1 <= x0) return;
  ctx.fillStyle = variant < 0 ? hatch(ctx, colours().hatch, { gap: 6 }) : fillOf(variant);
  ctx.fillRect(x0, y + scale, Math.max(scale, x1 - x0 - scale), height - 2 * scale);
  const text = variant < 0 ? "silent" : words(hop);
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  if (ctx.measureText(text).width + 12 * scale > x1 - x0) return;
  ctx.fillStyle = variant < 0 ? colours().text2 : colours().text;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(text, x0 + 6 * scale, y + height / 2);
}

function drawRoutes(pen, items, { rows, cells }) {
  const { ctx, scale } = pen;
  const height = pen.y(0) - pen.y(1);
  items.forEach((item, i) => {
    const end = item.end ?? now();
    cells[i].forEach((variant, row) => {
      if (variant !== null) drawCell(pen, item, item.route.hops[row], variant, pen.y(rows - row), height, end);
    });
    if (!i || item.t < pen.from) return;
    ctx.fillStyle = colours().text;
    ctx.fillRect(Math.round(pen.x(item.t)) - scale, pen.top, 2 * scale, pen.height);
  });
}

function Changes({ items, onShow }) {
  const changed = items.map((item, i) => [item, i]).filter(([, i]) => i > 0);
  if (!changed.length) return null;
  return html`<ul class="small">
    ${changed.slice(-5).map(
      ([item, i]) =>
        html`<li key=${item.since}>
          ${moment(item.t)}: ${item.sentence}${" "}
          <button class="plain" onClick=${() => onShow(i)}>Show the difference</button>
        </li>`,
    )}
  </ul>`;
}

function RoutePanel({ test, data, view, cursor, onPlot }) {
  const { items, failure } = useRoutes(test.id, view);
  const [shown, setShown] = useState(null);
  const table = useMemo(() => variants(items ?? []), [items]);
  const turn = useMemo(() => ({}), [items, data.heavy]);
  if (failure) return html`<p class="refused">${failure.sentence ?? String(failure)}</p>`;
  if (!items) return html`<div class="skeleton" style=${{ height: "120px" }} aria-busy="true"></div>`;
  if (!items.length) return html`<p class="quiet">No route is known of this time: the first run tells it.</p>`;
  const { rows } = table;
  const pick = () => {
    const t = cursor.get();
    const i = t === null ? -1 : items.findLastIndex((item) => item.t <= t);
    if (i >= 0) setShown(i);
  };
  const every = Math.ceil(rows / 8);
  const hopOf = (v) => rows - Math.floor(v);
  return html`<div>
    <div onClick=${pick} title="Click: this route, and how it differs from the one before">
      <${PlotView}
        key=${rows}
        height=${rows * kRow + 34}
        range=${[view.from, view.to]}
        yRange=${[0, rows]}
        y=${{
          splits: () => Array.from({ length: rows }, (_, i) => i + 0.5),
          labels: (values) => values.map((v) => ((hopOf(v) - 1) % every ? "" : `hop ${hopOf(v)}`)),
        }}
        timeLabels=${true}
        draw=${(pen) => {
          drawRoutes(pen, items, table);
          heavy(pen, data.heavy);
        }}
        cursor=${cursor}
        onZoom=${view.zoom}
        onBack=${view.back}
        turn=${turn}
        onPlot=${(p) => onPlot?.("route " + test.id, p)}
        label=${`Route over time: ${several(items.length - 1, "change")} in view, ${several(rows, "hop")}`}
      />
    </div>
    <${Changes} items=${items} onShow=${setShown} />
    ${items.length === 1 && html`<p class="quiet small">The same route since ${moment(items[0].t)}. <button class="plain" onClick=${() => setShown(0)}>Show its hops</button></p>`}
    ${shown !== null && items[shown] && html`<${RouteDialog} before=${items[shown - 1]} after=${items[shown]} onClose=${() => setShown(null)} />`}
  </div>`;
}

/** One strip for each test of the path that finds routes. */
export function RouteStrips({ tests, data, view, cursor, onPlot, onHow }) {
  const query = (test) => `/api/v1/tests/${encodeURIComponent(test.id)}/routes?from=${new Date(view.from * 1000).toISOString()}`;
  return tests.map(
    (test) =>
      html`<${Strip}
        key=${test.id}
        name=${"route" + (tests.length > 1 ? "-" + test.id : "")}
        title=${tests.length > 1 ? `Route (${test.options.protocol ?? "udp"})` : "Route"}
        about="one row a hop; another colour: other routers than before; hatched: silent"
        onData=${() => open(query(test), "_blank", "noopener")}
        onHow=${() => onHow([{ test: test.id }])}
      >
        <${RoutePanel} test=${test} data=${data} view=${view} cursor=${cursor} onPlot=${onPlot} />
      </${Strip}>`,
  );
}
