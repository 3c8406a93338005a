// The minute that is being measured: the incoming direction as it comes, the outgoing one once the far end was asked.
import { html, useEffect, useState } from "../vendor/preact.js";
import { onNews } from "../base/stream.js";
import { loss, quantity } from "../base/numbers.js";
import { fromIso, moment } from "../base/times.js";

/** Of each test of the path that measures all day, what its newest open step has so far. */
function useOpenSteps(tests) {
  const [steps, setSteps] = useState({});
  useEffect(() => {
    setSteps({});
    const stopLive = onNews("live", (r) => tests.includes(r.test) && setSteps((s) => ({ ...s, [r.test]: r })));
    const stopDone = onNews("result", (r) =>
      setSteps((s) => (s[r.test] && s[r.test].begin <= r.begin ? { ...s, [r.test]: undefined } : s)),
    );
    return () => {
      stopLive();
      stopDone();
    };
  }, [tests.join()]);
  return tests.map((t) => steps[t]).filter(Boolean);
}

function soFar(step, title) {
  const back = step.directions.find((d) => d.direction === "reverse");
  if (!back) return null;
  const median = step.statistics.find((s) => s.metric === "delay.p50" && s.direction === "reverse");
  const delay = median && median.value !== null ? `median ${quantity(median.value, median.unit)}, ` : "";
  return html`<span key=${step.test}
    ><b class="tag reverse">${title}</b> since ${moment(fromIso(step.begin))}: ${delay}lost${" "}
    ${loss(back.counts.lost, back.counts.sent)}. ${" "}</span
  >`;
}

/** One line of fixed height, so that nothing below it moves when it comes and goes. */
export function LiveMinute({ tests, title }) {
  const steps = useOpenSteps(tests);
  return html`<p class="quiet small live-minute" aria-live="off">
    ${steps.length
      ? html`${steps.map((s) => soFar(s, title))}The way there is known at most 75 s after a packet left: the far end is asked for it.`
      : html`${" "}`}
  </p>`;
}
