// How often each delay came: bars of the bins, the height a share of the fullest.
import { html } from "../vendor/preact.js";
import { seconds, whole } from "../base/numbers.js";

const kWidth = 600,
  kHeight = 90;

/** Bins of uneven width in at most `count` equal parts; a bin wider than a part is spread over what it covers. */
export function evened(bins, count = 120) {
  const low = bins[0].low_s,
    high = bins.at(-1).high_s;
  const width = (high - low) / count || 1e-9;
  const parts = new Array(count).fill(0);
  for (const bin of bins) {
    const first = Math.min(count - 1, Math.max(0, Math.floor((bin.low_s - low) / width)));
    const last = Math.min(count - 1, Math.max(first, Math.ceil((bin.high_s - low) / width) - 1));
    for (let i = first; i <= last; ++i) parts[i] += bin.count / (last - first + 1);
  }
  return { low, high, parts };
}

export function HistogramChart({ bins, direction }) {
  const { low, high, parts } = evened(bins);
  const most = Math.max(...parts);
  const wide = kWidth / parts.length;
  const total = bins.reduce((sum, b) => sum + b.count, 0);
  return html`<figure class="histogram">
    <svg class=${"bars " + direction} viewBox="0 0 600 90" preserveAspectRatio="none" role="img">
      <title>${`Histogram of ${whole(total)} delays from ${seconds(low)} to ${seconds(high)}`}</title>
      ${parts.map((n, i) => n > 0 && html`<rect key=${i} x=${(i * wide).toFixed(1)} width=${(wide * 0.9).toFixed(1)} y=${(kHeight - (n / most) * kHeight).toFixed(1)} height=${((n / most) * kHeight).toFixed(1)} />`)}
    </svg>
    <figcaption class="quiet small row between">
      <span>${seconds(low)}</span><span>how often each delay came, ${whole(total)} packets</span
      ><span>${seconds(high)}</span>
    </figcaption>
  </figure>`;
}
