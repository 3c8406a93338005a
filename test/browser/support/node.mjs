// A whole node of our own for a browser test: "sonde run" in a folder of its own, on ports of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const kSonde = process.env.SONDE ?? new URL("../../../build/release/appliance/sonde", import.meta.url).pathname;
let nextOffset = 20000 + (process.pid % 200) * 50;

/** { link, base, data, log, stop() }. The link holds the set-up code when the node is not set up. */
export async function startNode({
  data = mkdtempSync(join(tmpdir(), "sonde-browser-")),
  offset = (nextOffset += 7),
  listen = "127.0.0.1",
} = {}) {
  const child = spawn(kSonde, ["run", "--data", data, "--listen", listen, "--port-offset", String(offset)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test whose set-up throws ends before it could stop anything.
  process.once("exit", () => child.kill("SIGKILL"));
  let said = "";
  let ended = null;
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  child.on("exit", (code, signal) => (ended = signal ?? code));
  const link = await until(
    () => {
      if (ended !== null) throw new Error(`sonde run ended with ${ended}:\n${said}`);
      return /https:\/\/\S+/.exec(said)?.[0];
    },
    30000,
    () => `no link within 30 s:\n${said}`,
  );
  const url = new URL(link);
  const base = `https://${listen.includes(":") ? `[${listen}]` : listen}:${url.port}`;
  return {
    link: base + "/" + url.hash,
    base,
    data,
    offset,
    said: () => said,
    /** Ends it; its folder goes with it unless it is to be started again. */
    async stop({ keep = false } = {}) {
      child.kill("SIGTERM");
      await until(
        () => ended !== null,
        20000,
        () => "the node did not stop within 20 s",
      );
      if (!keep) rmSync(data, { recursive: true, force: true });
      return ended;
    },
  };
}

/** Waits until `ask` answers something true; fails with `why` after `patience` ms. */
export async function until(ask, patience, why = () => "it did not come about") {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(why());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The node's own certificate is not known to any authority: it is not checked here. */
export function ask(base, path, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method, headers, rejectUnauthorized: false }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text: Buffer.concat(parts).toString(),
          size: Buffer.concat(parts).length,
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
