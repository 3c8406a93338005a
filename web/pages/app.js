// The door: who is asking, which page the address names, and the frame around it.
import { html, render, useEffect, useState } from "./vendor/preact.js";
import { loadSession, session } from "./base/api.js";
import { listen } from "./base/stream.js";
import { readShared, nodeStore } from "./base/shared.js";
import { useStore } from "./base/store.js";
import { useRoute } from "./base/route.js";
import { Frame } from "./parts/frame.js";
import { FirstRun } from "./pages/first_run.js";
import { Login } from "./pages/login.js";
import { Overview } from "./pages/overview.js";
import { Paths } from "./pages/paths.js";
import { Path } from "./pages/path.js";
import { Tests } from "./pages/tests.js";
import { TestForm } from "./pages/test_form.js";
import { TestPage } from "./pages/test_page.js";
import { ResultPage } from "./pages/result.js";
import { Peers } from "./pages/peers.js";
import { PeerForm } from "./pages/peer_form.js";
import { ThisNode } from "./pages/node.js";
import { Help } from "./pages/help.js";

const kPatience = 600;

/** The set-up code stands in the fragment of the console's link; it is taken out of the address before anything else. */
function takeSetupCode() {
  const fragment = location.hash.slice(1);
  if (!fragment || fragment.startsWith("/")) return "";
  history.replaceState(null, "", location.pathname + location.search);
  return decodeURIComponent(fragment.replace(/^(setup|code|setup-code)=/, "")).trim();
}
const setupCode = takeSetupCode();

const Lost = () =>
  html`<h1>There is no such page</h1>
    <p>The address names a page that this version does not have. <a href="#/overview">Go to the Overview</a>.</p>`;

function pageOf({ page, id, query }) {
  switch (page) {
    case "overview":
      return html`<${Overview} />`;
    case "paths":
      return id ? html`<${Path} key=${id} id=${id} />` : html`<${Paths} />`;
    case "results":
      return html`<${ResultPage} key=${id} id=${id} />`;
    case "peers":
      return id ? html`<${PeerForm} key=${id} id=${id} />` : html`<${Peers} />`;
    case "tests":
      if (!id) return html`<${Tests} />`;
      if (id === "new") return html`<${TestForm} key="new" peer=${query.peer} />`;
      return query.edit ? html`<${TestForm} key=${id + "edit"} id=${id} />` : html`<${TestPage} key=${id} id=${id} />`;
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
    Promise.race([readShared(), new Promise((late) => setTimeout(late, kPatience))]).then(() => setReady(true));
    listen();
  }, [reading, who?.user]);
  useEffect(() => window.scrollTo(0, 0), [route.page, route.id]);
  useEffect(() => nodeStore.hear((n) => (document.title = (n.site.name || "Sonde") + " · Sonde")), []);
  if (!who) return null;
  if (!who.set_up && (setupCode || route.page === "setup" || !reading)) return html`<${FirstRun} code=${setupCode} />`;
  if (!reading || route.page === "login") return html`<${Login} sentence=${who.sentence} />`;
  if (!ready) return null;
  return html`<${Frame}>${pageOf(route)}</${Frame}>`;
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
