// A program that uses a machine's API as a browser does: logged in, with a token in each change.
import { setTimeout as pause } from "node:timers/promises";

export class Client {
  constructor(machine) {
    this.machine = machine;
  }

  async send(method, path, content) {
    const answer = await this.machine.ask("/api/v1" + path, {
      method,
      timeout: 30000,
      headers: {
        Accept: "application/json",
        ...(this.cookie ? { Cookie: this.cookie } : {}),
        ...(content === undefined
          ? {}
          : { "Content-Type": "application/json", Origin: `https://${this.machine.host}`, "Sonde-CSRF": this.token ?? "" }),
      },
      body: content === undefined ? undefined : JSON.stringify(content),
    });
    const text = answer.body.toString();
    const body = text ? JSON.parse(text) : undefined;
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${body?.sentence ?? text}`);
    const cookie = answer.headers["set-cookie"]?.[0];
    if (cookie) this.cookie = cookie.split(";")[0];
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
