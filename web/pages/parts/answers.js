// What an address answers to, asked when a field is left or a button pressed, never on what was prefilled.
import { html, useRef, useState } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { seconds } from "../base/numbers.js";
import { link } from "../base/route.js";
import { State } from "./state.js";

const kNames = { ping: "ping", owamp: "OWAMP (861)", twamp: "TWAMP (862)", throughput: "throughput (5201)" };

/** { state: "" | "asking" | "told" | "refused", told, sentence, ask(address), forget() }. */
export function useCheck() {
  const [check, setCheck] = useState({ state: "", told: null, sentence: "" });
  const turn = useRef(0);
  const ask = async (address) => {
    const mine = ++turn.current;
    setCheck({ state: "asking", told: null, sentence: `Asking ${address} …`, address });
    try {
      const told = await send("POST", "/peers/check", { address });
      if (mine === turn.current) setCheck({ state: "told", told, sentence: told.sentence, address });
      return told;
    } catch (refusal) {
      if (mine === turn.current)
        setCheck({ state: "refused", told: null, sentence: refusal.sentence ?? String(refusal), address });
      return null;
    }
  };
  const forget = () => {
    ++turn.current;
    setCheck({ state: "", told: null, sentence: "" });
  };
  return { ...check, ask, forget };
}

export function Answers({ check, peer }) {
  if (!check.state) return null;
  const missing = check.told?.answers.some((a) => !a.answers);
  return html`<div role="status">
    <p class=${check.state === "refused" ? "refused" : "quiet"}>
      ${check.sentence}${check.told?.resolved.length ? html` <span class="mono small">${check.told.resolved.join(", ")}</span>` : ""}
    </p>
    ${
      check.told &&
      html`<ul class="answers">
          ${check.told.answers.map(
            (a) =>
              html`<li key=${a.service}>
                <${State} state=${a.answers ? "good" : "unknown"} word=${kNames[a.service] ?? a.service} />
                <span
                  >${a.sentence}${a.round_trip_s !== null && !/\d [mµn]?s\b/.test(a.sentence) ? ` (${seconds(a.round_trip_s)})` : ""}</span
                >
              </li>`,
          )}
        </ul>
        ${missing && html`<p class="small"><a href=${link("node", "ports", { peer })}>Ports, and a request to a firewall administrator</a></p>`}`
    }
  </div>`;
}
