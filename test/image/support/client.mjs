// A program that uses a machine's API as a browser does: logged in, with a token in each change.
import { setTimeout as pause } from "node:timers/promises";

export class Client {
  constructor(machine) {
    this.machine = machine;
  }

  /** { status, body }, whatever the node says. A Buffer is an upload, all else JSON. */
  async attempt(method, path, content, more = {}) {
    const upload = Buffer.isBuffer(content),
      changes = method !== "GET";
    const answer = await this.machine.ask("/api/v1" + path, {
      method,
      timeout: upload ? 180000 : 30000,
      headers: {
        Accept: "application/json",
        ...(this.cookie ? { Cookie: this.cookie } : {}),
        ...(changes ? { Origin: `https://${this.machine.host}`, "Sonde-CSRF": this.token ?? "" } : {}),
        ...(changes ? { "Content-Type": upload ? "application/octet-stream" : "application/json" } : {}),
        ...(upload ? { "Content-Length": content.length } : {}),
        ...more,
      },
      body: content === undefined ? undefined : upload ? content : JSON.stringify(content),
    });
    const text = answer.body.toString();
    const cookie = answer.headers["set-cookie"]?.[0];
    if (cookie) this.cookie = cookie.split(";")[0];
    return { status: answer.status, body: text ? JSON.parse(text) : undefined };
  }

  async send(method, path, content, more) {
    const { status, body } = await this.attempt(method, path, content, more);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${body?.sentence ?? ""}`);
    return body;
  }

  get(path) {
    return this.send("GET", path);
  }

  async logIn(user, password) {
    const session = await this.send("POST", "/session", { user, password });
    this.token = session.csrf_token;
    return session;
  }

  /** The same, as often as needed until the node is up with this user. */
  async logInWhenReady(user, password, limit = 120) {
    for (const until = performance.now() + limit * 1000; ; await pause(500)) {
      try {
        return await this.logIn(user, password);
      } catch (failure) {
        if (performance.now() > until) throw failure;
      }
    }
  }
}
