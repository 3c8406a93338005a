// A node that is set up, through its API, with peers and a quick ping test to each: where a test of pages begins.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ask, startNode, until } from "./node.mjs";

const kAnswers = {
  "host.name": "sonde-gva.example.org",
  "site.organisation": "Example Research Network",
  "site.place": "Geneva",
  "site.latitude": "46.2",
  "site.longitude": "6.15",
  "site.contact": "noc@example.org",
  "engines.light": "nobody",
  "engines.throughput": "nobody",
  "administrator.user": "admin",
};

/** Calls as a browser of that node does; `mine` holds cookie and token once there are some. */
function caller(node) {
  const mine = {};
  const call = async (method, path, body, headers = {}) => {
    const answer = await ask(node.base, "/api/v1" + path, {
      method,
      headers: {
        "Content-Type": "application/json",
        Origin: node.base,
        Accept: "application/json",
        ...mine,
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    const told = answer.text ? JSON.parse(answer.text) : null;
    if (answer.headers["set-cookie"]) mine.Cookie = answer.headers["set-cookie"].map((c) => c.split(";")[0]).join("; ");
    if (told?.csrf_token) mine["Sonde-CSRF"] = told.csrf_token;
    return told;
  };
  return call;
}

async function opened(node, call, password, least) {
  const list = async (path) => (await call("GET", path)).items;
  const paths = await until(
    async () => {
      const found = await list("/paths");
      return found.length >= least && found;
    },
    30000,
    () => "the paths do not appear",
  );
  return {
    node,
    password,
    paths,
    call,
    tests: (await list("/tests")).filter((t) => !t.self_check),
    async login(page) {
      await page.goto(`${node.base}/#/login`);
      await page.fill("#f-user", "admin");
      await page.fill("#f-password", password);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("link", { name: "Overview" }).waitFor();
    },
  };
}

/** A new node, set up. Answers { node, password, call, login(page), paths, tests }. */
export async function setUpNode({ peers = [] } = {}) {
  const node = await startNode();
  const password = `made for this run ${process.pid} ${Date.now()}`;
  const call = caller(node);
  await call(
    "POST",
    "/setup",
    { answers: kAnswers, password, first_tests: [] },
    { "Sonde-Setup-Code": decodeURIComponent(new URL(node.link).hash.slice(1)) },
  );
  for (const address of peers) {
    const peer = await call("POST", "/peers", { address, name: "" });
    const test = await call("POST", "/tests", {
      probe: "ping",
      peer: peer.id,
      options: { count: "3", interval: "0.1 s" },
    });
    await call("POST", `/tests/${test.id}/run`, {});
  }
  return opened(node, call, password, peers.length);
}

/** A node on a folder that was made elsewhere; `like` is a node that was set up, whose administrator it gets. */
export async function openNode(data, like, paths) {
  copyFileSync(join(like.node.data, "access.json"), join(data, "access.json"));
  const node = await startNode({ data });
  const call = caller(node);
  await call("POST", "/session", { user: "admin", password: like.password });
  return opened(node, call, like.password, paths);
}
