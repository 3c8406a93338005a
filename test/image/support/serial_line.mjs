// The far end of a machine's serial line, as a person at a terminal sees it: what was said, what to type.
import { once } from "node:events";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

// Colours, places and questions to the terminal.
// eslint-disable-next-line no-control-regex
const kControls = /\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[78=>c])/g;

export class SerialLine {
  static async open(path) {
    const line = new SerialLine();
    for (let tries = 0; ; ++tries) {
      line.socket = net.connect(path);
      try {
        await once(line.socket, "connect");
        break;
      } catch (failure) {
        if (tries > 100) throw failure;
        await pause(50);
      }
    }
    line.said = "";
    line.read = 0;
    line.socket.on("data", (data) => (line.said += data.toString("latin1")));
    line.socket.on("error", () => {});
    line.socket.on("close", () => (line.closed = true));
    return line;
  }

  text() {
    return this.said.replace(kControls, "").replace(/\r/g, "");
  }

  /** Waits for what matches after the place that the last expect() read to. Returns the match. */
  async expect(pattern, limit = 60) {
    const until = performance.now() + limit * 1000;
    for (;;) {
      const text = this.text();
      const found = text.slice(this.read).match(pattern);
      if (found) {
        this.read += found.index + found[0].length;
        return found;
      }
      if (performance.now() > until || this.closed)
        throw new Error(`the console did not say ${pattern} ${this.closed ? "before it ended" : `within ${limit} s`}, but:\n${text.slice(this.read).slice(-3000)}`);
      await pause(50);
    }
  }

  type(text) {
    this.socket.write(text);
  }

  /** Waits for a question and answers it. */
  async answer(question, text, limit = 30) {
    await this.expect(question, limit);
    this.type(text + "\r");
  }

  close() {
    this.socket.destroy();
  }
}
