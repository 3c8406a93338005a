// The door: who is asking, which page the address names, and the frame around it.
import { html, render, useEffect, useLayoutEffect, useState } from "./vendor/preact.js";
import { loadSession, seesAll, session } from "./base/api.js";
import { listen } from "./base/stream.js";
import { readShared, nodeStore } from "./base/shared.js";
import { useStore } from "./base/store.js";
import { rereadRoute, useRoute } from "./base/route.js";
import { Frame } from "./parts/frame.js";
import { Login } from "./pages/login.js";
import { Overview } from "./pages/overview.js";
import { fetchTheRest, later } from "./parts/later.js";

// Only what the first sight needs comes at once; the other pages come with the first quiet moment.
const FirstRun = later(() => import("./pages/first_run.js").then((m) => m.FirstRun));
const Paths = later(() => import("./pages/paths.js").then((m) => m.Paths));
const Path = later(() => import("./pages/path.js").then((m) => m.Path));
const Tests = later(() => import("./pages/tests.js").then((m) => m.Tests));
const TestForm = later(() => import("./pages/test_form.js").then((m) => m.TestForm));
const TestPage = later(() => import("./pages/test_page.js").then((m) => m.TestPage));
const ResultPage = later(() => import("./pages/result.js").then((m) => m.ResultPage));
const Timeline = later(() => import("./pages/timeline.js").then((m) => m.Timeline));
const Peers = later(() => import("./pages/peers.js").then((m) => m.Peers));
const PeerForm = later(() => import("./pages/peer_form.js").then((m) => m.PeerForm));
const ThisNode = later(() => import("./pages/node.js").then((m) => m.ThisNode));
const Help = later(() => import("./pages/help.js").then((m) => m.Help));

const kPatience = 600;

/** The set-up code stands in the fragment of the console's link; it is taken out of the address before anything else. */
function takeSetupCode() {
  const fragment = location.hash.slice(1);
  if (!fragment || fragment.startsWith("/")) return "";
  history.replaceState(null, "", location.pathname + location.search);
  rereadRoute();
  return decodeURIComponent(fragment.replace(/^(setup|code|setup-code)=/, "")).trim();
}
const setupCode = takeSetupCode();

const Lost = () =>
  html`<h1>There is no such page</h1>
    <p>The address names a page that this version does not have. <a href="#/overview">Go to the Overview</a>.</p>`;

/** Pages of the configuration, each as a sentence names it. */
const kNotPublic = { tests: "Tests are", timeline: "The timeline is", peers: "Peers are" };
const LogInFirst = ({ what }) =>
  html`<h1>Log in first</h1>
    <p>${what} shown to those who are logged in; measurements are shown to everybody.</p>
    <p><a class="button" href="#/login">Log in</a></p>`;

function pageOf({ page, id, query }, who) {
  if (kNotPublic[page] && !seesAll(who)) return html`<${LogInFirst} what=${kNotPublic[page]} />`;
  switch (page) {
    case "overview":
    case "setup":
      return html`<${Overview} />`;
    case "paths":
      return id ? html`<${Path} key=${id} id=${id} />` : html`<${Paths} />`;
    case "results":
      return html`<${ResultPage} key=${id} id=${id} />`;
    case "peers":
      return id ? html`<${PeerForm} key=${id} id=${id} />` : html`<${Peers} />`;
    case "tests":
      if (!id) return html`<${Tests} />`;
      if (id === "new") return html`<${TestForm} key="new" peer=${query.peer} copy=${query.copy} at=${query.at} />`;
      return query.edit ? html`<${TestForm} key=${id + "edit"} id=${id} />` : html`<${TestPage} key=${id} id=${id} />`;
    case "timeline":
      return html`<${Timeline} />`;
    case "node":
      return html`<${ThisNode} part=${id} />`;
    case "help":
      return html`<${Help} key=${id} chapter=${id} />`;
    default:
      return html`<${Lost} />`;
  }
}

function App() {
  const who = useStore(session);
  const route = useRoute();
  const reading = who?.may_read;
  const [ready, setReady] = useState(false);
  useEffect(() => {
    if (!reading) return;
    // What the frame says (storing stopped, configuration broken) is known before it is drawn, or it would move the page.
    Promise.race([readShared(), new Promise((late) => setTimeout(late, kPatience))]).then(() => {
      setReady(true);
      setTimeout(fetchTheRest, 1500);
    });
    listen();
  }, [reading, who?.user]);
  useEffect(() => window.scrollTo(0, 0), [route.page, route.id, who?.set_up]);
  useEffect(() => nodeStore.hear((n) => (document.title = (n.site.name || "Sonde") + " · Sonde")), []);
  const shown = who && (!reading || ready);
  useLayoutEffect(() => {
    if (shown) document.getElementById("starting")?.remove();
  }, [shown]);
  if (!who) return null;
  if (!who.set_up && (setupCode || route.page === "setup" || !reading)) return html`<${FirstRun} code=${setupCode} />`;
  if (!reading || route.page === "login") return html`<${Login} sentence=${who.sentence} />`;
  if (!ready) return null;
  return html`<${Frame}>${pageOf(route, who)}</${Frame}>`;
}

const place = document.getElementById("app");
async function start() {
  try {
    await loadSession();
    render(html`<${App} />`, place);
  } catch (refusal) {
    render(
      html`<div class="alone">
        <h1>Sonde</h1>
        <p class="refused" role="alert">${refusal.sentence ?? String(refusal)}</p>
      </div>`,
      place,
    );
    setTimeout(start, 5000);
  }
}
start();
