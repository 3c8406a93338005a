// A node that is set up, through its API, with peers and a quick ping test to each: where a test of pages begins.
import { ask, startNode, until } from "./node.mjs";

/** Answers { node, password, login(page), paths, tests }. */
export async function setUpNode({ peers = [], data, offset } = {}) {
  const node = await startNode({ data, offset });
  const password = `made for this run ${process.pid} ${Date.now()}`;
  const code = decodeURIComponent(new URL(node.link).hash.slice(1));
  const json = { "Content-Type": "application/json", Origin: node.base, Accept: "application/json" };
  const call = async (method, path, body, headers = {}) => {
    const answer = await ask(node.base, "/api/v1" + path, {
      method,
      headers: { ...json, ...headers },
      body: body && JSON.stringify(body),
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return { ...answer, body: answer.text ? JSON.parse(answer.text) : null };
  };
  const site = {
    name: "sonde-gva.example.org",
    organisation: "Example Research Network",
    place: "Geneva",
    latitude: 46.2,
    longitude: 6.15,
    contact: "noc@example.org",
  };
  const begun = await call(
    "POST",
    "/setup",
    { site, user: "admin", password, light_tests: { from: "nobody" }, throughput: { from: "nobody" }, first_tests: [] },
    { "Sonde-Setup-Code": code },
  );
  const cookie = begun.headers["set-cookie"].map((c) => c.split(";")[0]).join("; ");
  const mine = { Cookie: cookie, "Sonde-CSRF": begun.body.csrf_token };
  for (const address of peers) {
    const peer = (await call("POST", "/peers", { address, name: "" }, mine)).body;
    const test = (
      await call("POST", "/tests", { probe: "ping", peer: peer.id, options: { count: "3", interval: "0.1 s" } }, mine)
    ).body;
    await call("POST", `/tests/${test.id}/run`, {}, mine);
  }
  const list = async (path) => (await call("GET", path, undefined, mine)).body.items;
  const paths = await until(
    async () => {
      const found = await list("/paths");
      return found.length >= peers.length && found;
    },
    30000,
    () => "the paths do not appear",
  );
  return {
    node,
    password,
    paths,
    tests: (await list("/tests")).filter((t) => !t.self_check),
    call: (method, path, body) => call(method, path, body, mine),
    async login(page) {
      await page.goto(`${node.base}/#/login`);
      await page.fill("#f-user", "admin");
      await page.fill("#f-password", password);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("link", { name: "Overview" }).waitFor();
    },
  };
}
