// What stands around every page: who this node is, how good its clock is, how much is wrong, and where one can go.
import { html, useEffect, useState } from "../vendor/preact.js";
import { session, send, silentSince, loadSession } from "../base/api.js";
import { liveness, snapshot, stopListening } from "../base/stream.js";
import { useStore } from "../base/store.js";
import { link, useRoute } from "../base/route.js";
import { error, seconds, several } from "../base/numbers.js";
import { moment, now } from "../base/times.js";
import { nodeStore, pathsStore } from "../base/shared.js";
import { Shape, State } from "./state.js";
import { Search } from "./search.js";
import { nextTheme, setTheme, useTheme } from "./theme_choice.js";

const kPlaces = [
  ["overview", "Overview"],
  ["paths", "Paths"],
  ["tests", "Tests"],
  ["timeline", "Timeline"],
  ["node", "This node"],
  ["help", "Help"],
];
const kBelongs = { results: "paths", peers: "paths", account: "node" };

const Mark = () =>
  html`<svg width="18" height="18" viewBox="0 0 32 32" aria-hidden="true">
    <circle cx="16" cy="16" r="14" fill="currentColor" />
    <circle cx="16" cy="16" r="8.5" fill="none" stroke="var(--ground)" stroke-width="2.5" />
    <circle cx="16" cy="16" r="3" fill="var(--ground)" />
  </svg>`;

function ClockLine() {
  const news = useStore(snapshot);
  const node = useStore(nodeStore);
  const clock = news?.clock ?? node?.clock;
  if (!clock) return html`<span class="clock">clock …</span>`;
  const offset = news ? news.clock_offset_s : node.clock_offset_s;
  const sign = offset > 0 ? "+" : "";
  const value = offset === null || offset === undefined ? "" : sign + seconds(offset, 2) + " ";
  const bound =
    clock.bound_s === null ? html`<span class="more">error </span>unknown` : error(clock.bound_s, "s");
  return html`<a class="clock" href=${link("node")} title=${`This node's clock: ${clock.source}`}>
    <span class="word">clock </span><strong><span class="offset">${value}</span>${bound}</strong>
    ${!clock.synchronised && html`<span class="brief"> <${State} state="watch" word="" title="not synchronised" /></span>`}
    ${
      clock.synchronised
        ? html`<span class="more"> (${clock.source})</span>`
        : html`<span class="more">, <${State} state="watch" word="not synchronised" /></span>`
    }
  </a>`;
}

/** Of paths of which none is wrong: what is not known is never called well. */
const quietState = ({ counts }) => (counts.unknown ? "unknown" : counts.good ? "good" : "learning");

function WrongCount() {
  const paths = useStore(pathsStore);
  if (!paths) return null;
  const wrong = paths.counts.bad + paths.counts.watch;
  const state = paths.counts.bad ? "bad" : wrong ? "watch" : quietState(paths);
  if (!wrong && !paths.items.length) return null;
  return html`<a class="wrong" href=${link("overview")}
    ><${State}
      state=${state}
      word=${wrong ? `${wrong} wrong` : state === "good" ? "all well" : state === "unknown" ? `${paths.counts.unknown} without data` : "learning"}
      title=${wrong ? `${several(wrong, "path")} worse than usual` : state === "good" ? "No path is worse than usual" : paths.sentence}
  /></a>`;
}

async function leave() {
  await send("DELETE", "/session").catch(() => {});
  stopListening();
  await loadSession();
}

function Tools({ openSearch }) {
  const theme = useTheme();
  const who = useStore(session);
  return html`<div class="tools">
    <button class="icon" title="Search (/)" aria-label="Search" onClick=${openSearch}>
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
      >
        <circle cx="7" cy="7" r="4.6" />
        <path d="M10.5 10.5 14.5 14.5" />
      </svg>
    </button>
    <button
      class="icon"
      title=${`Theme: ${theme}. Change to ${nextTheme(theme)}`}
      aria-label="Change theme"
      onClick=${() => setTheme(nextTheme(theme))}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.4" />
        <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4Z" fill="currentColor" />
      </svg>
    </button>
    ${
      who?.authenticated
        ? html`<a
              class="user-name quiet"
              href=${link("node", "account")}
              title=${`Logged in as ${who.user} (${who.role})`}
              >${who.user}</a
            >
            <button class="plain" onClick=${leave}>Log out</button>`
        : html`<a class="button" href=${link("login")}>Log in</a>`
    }
  </div>`;
}

const Notice = ({ state, children }) =>
  html`<div class=${"notice " + state} role="status">
    <${State} state=${state} word="" />
    <p>${children}</p>
  </div>`;

/** What must be known on every page: the node is silent, storing stopped, the configuration is broken, not set up. */
function Notices() {
  const silent = useStore(silentSince);
  const live = useStore(liveness);
  const news = useStore(snapshot);
  const node = useStore(nodeStore);
  const who = useStore(session);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 5000);
    return () => clearInterval(timer);
  }, []);
  const gone = silent ?? (!live.live && live.since !== null && now() - live.since > 4 ? live.since : null);
  const storing = news ? news.storing : (node?.disk.storing ?? true);
  const storingSentence = news ? news.storing_sentence : node?.disk.sentence;
  const editable = news ? news.config_editable : (node?.config_editable ?? true);
  const configSentence = news ? news.config_sentence : node?.config_sentence;
  const machine = news ? news.machine : node?.machine;
  const others = (news ? news.problems : (node?.problems ?? [])).filter(
    (p) => p !== storingSentence && p !== configSentence && p !== machine?.sentence,
  );
  return html`<div class="notices">
    ${who?.banner && html`<${Notice} state="watch">${who.banner}</${Notice}>`}
    ${gone !== null && html`<${Notice} state="bad">The node has not answered since ${moment(gone)}: what is shown is from before. It may be restarting, or the way to it is broken. We try again by ourselves.</${Notice}>`}
    ${who && !who.set_up && html`<${Notice} state="watch">This node is not set up: it can be read from this host only, and nothing leaves it. Open the link with the set-up code from its console, or <a href=${link("setup")}>enter the code</a>.</${Notice}>`}
    ${!storing && html`<${Notice} state="bad">${storingSentence}</${Notice}>`}
    <${MachineNotice} machine=${machine} />
    ${!editable && configSentence && html`<${Notice} state="watch">${configSentence}</${Notice}>`}
    ${others.map((p) => html`<${Notice} key=${p} state="watch">${p}</${Notice}>`)}
  </div>`;
}

/** Of the live appliance: what would be lost with the power, loud enough to be seen and calm enough to live with. */
function MachineNotice({ machine }) {
  const who = useStore(session);
  if (!machine) return null;
  const choose = who?.may_administer
    ? html`<a href=${link("node", "machine")}>choose a drive</a>`
    : "an administrator can choose a drive";
  return html`${
    machine.bad
      ? html`<${Notice} state="bad">${machine.sentence} ${who?.may_administer && html`<a href=${link("node", "machine")}>This machine</a>`}</${Notice}>`
      : machine.in_memory && html`<${Notice} state="watch">Measurements are in memory and gone with the power: ${choose}.</${Notice}>`
  }
  ${machine.on_trial && html`<${Notice} state="watch">A new system is on trial. Unless it proves itself within a few minutes the one of before comes back by itself.</${Notice}>`}`;
}

function useSlash(open) {
  useEffect(() => {
    const key = (e) => {
      const typing = /^(input|textarea|select)$/i.test(e.target.tagName) || document.querySelector("dialog[open]");
      if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || typing) return;
      e.preventDefault();
      open();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
}

export function Frame({ children }) {
  const route = useRoute();
  const node = useStore(nodeStore);
  const who = useStore(session);
  const [searching, setSearching] = useState(false);
  useSlash(() => setSearching(true));
  const here = kBelongs[route.page] ?? route.page;
  const name = node?.site.name || who?.node_name || "Sonde";
  return html`<div class="frame">
    <header class="head">
      <a class="name" href=${link("overview")}
        ><${Mark} /><span class="ellipsis"
          >${name}${node?.site.place && html`<span class="place quiet"> · ${node.site.place}</span>`}</span
        ></a
      >
      <${ClockLine} /><${WrongCount} /><${Tools} openSearch=${() => setSearching(true)} />
    </header>
    <nav class="nav" aria-label="Pages">
      <ul>
        ${kPlaces.map(([page, title]) => html`<li key=${page}><a href=${link(page)} aria-current=${here === page ? "page" : null}>${title}</a></li>`)}
      </ul>
    </nav>
    <${Notices} />
    <main class="main" id="main">${children}</main>
    ${searching && html`<${Search} onClose=${() => setSearching(false)} />`}
  </div>`;
}

export { Shape };
