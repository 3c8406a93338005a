// What a stranger on the network finds open.
import dgram from "node:dgram";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** One try to connect: "open", "refused", or "silent" after `patience` ms. from: own address. */
export function tcpPort(address, port, { patience = 3000, from } = {}) {
  return new Promise((known) => {
    const socket = net.connect({ host: address, port, localAddress: from });
    const end = (what) => {
      clearTimeout(timer);
      socket.destroy();
      known(what);
    };
    const timer = setTimeout(() => end("silent"), patience);
    socket.once("connect", () => end("open"));
    socket.once("error", (failure) => end(failure.code === "ECONNREFUSED" ? "refused" : "silent"));
  });
}

/**
 * The open ones of all TCP ports from `first` to `last`, `at_once` at a time. Those of `again` that did not answer amid
 * thousands of others are asked once more, alone.
 */
export async function openTcpPorts(address, { first = 1, last = 65535, at_once = 6000, again = [] } = {}) {
  const open = [];
  let next = first;
  const one = async () => {
    while (next <= last) {
      const port = next++;
      if ((await tcpPort(address, port)) === "open") open.push(port);
    }
  };
  await Promise.all(Array.from({ length: at_once }, one));
  for (const port of again) if (!open.includes(port) && (await tcpPort(address, port, { patience: 10000 })) === "open") open.push(port);
  return open.sort((a, b) => a - b);
}

/** One datagram: "answered", "refused" (port unreachable) or "silent". */
function udpPort(address, port, from, patience) {
  return new Promise((known) => {
    const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
    const end = (what) => {
      clearTimeout(timer);
      socket.close();
      known(what);
    };
    const timer = setTimeout(() => end("silent"), patience);
    socket.once("message", () => end("answered"));
    socket.once("error", (failure) => end(failure.code === "ECONNREFUSED" ? "refused" : "silent"));
    socket.bind(0, from, () =>
      socket.connect(port, address, () => socket.send(Buffer.alloc(64), (failure) => failure && end("refused"))),
    );
  });
}

/**
 * What each of these UDP ports says, by port. A host tells one asker of few closed ports a second: `from(n)` gives the
 * n-th own address. What is silent is asked five times: its answer may have been one too many.
 */
export async function udpPorts(address, ports, from) {
  const found = new Map();
  let sent = 0;
  for (let left = ports, tries = 0; left.length && tries < 5; ++tries) {
    const asked = [];
    for (const port of left) {
      asked.push(udpPort(address, port, from(sent++), 2500).then((what) => found.set(port, what)));
      await pause(15);
    }
    await Promise.all(asked);
    left = left.filter((port) => found.get(port) === "silent");
  }
  return found;
}
