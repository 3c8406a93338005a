// The tokens as a canvas needs them: resolved colours, hatched patterns. Read anew when the theme changes.
import { themeTurn } from "../parts/theme_choice.js";

const kNames = {
  ground: "--ground",
  ground3: "--ground-3",
  line: "--line",
  lineStrong: "--line-strong",
  text: "--text",
  text2: "--text-2",
  accent: "--accent",
  good: "--good",
  watch: "--watch",
  bad: "--bad",
  unknown: "--unknown",
  hatch: "--hatch",
  forward: "--forward",
  reverse: "--reverse",
  round_trip: "--round-trip",
  local: "--local",
};
let known = null;
themeTurn.hear(() => (known = null));

function read() {
  const probe = document.body.appendChild(document.createElement("i"));
  const colours = {};
  for (const [name, token] of Object.entries(kNames)) {
    probe.style.color = `var(${token})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}

export const colours = () => (known ??= read());

/** "rgb(1, 2, 3)" with the alpha given. */
export const faint = (colour, alpha) =>
  colour.replace(/^rgba?\(([^,]+),([^,]+),([^,)]+).*$/, `rgba($1,$2,$3,${alpha})`);

const patterns = new Map();

/** A hatched pattern: for what is not known, and for the band within which the clock may be wrong. */
export function hatch(ctx, colour, { gap = 6, back = false, width = 1 } = {}) {
  const scale = devicePixelRatio || 1;
  const key = [colour, gap, back, width, scale].join();
  if (!patterns.has(key)) {
    const size = Math.round(gap * scale);
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = width * scale;
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, back ? 0 : size);
      pen.lineTo(shift + size, back ? size : 0);
    }
    pen.stroke();
    patterns.set(key, ctx.createPattern(tile, "repeat"));
  }
  return patterns.get(key);
}
