// A host on a machine's link that writes and reads its frames octet by octet: with VLAN tags, which the kernel here cannot
// make, and with addresses from anywhere.
import dgram from "node:dgram";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

const kMac = "020000000001";
const kIpv4 = "0800",
  kArp = "0806";

const octets = (address) => Buffer.from(address.split("."));

/** RFC 1071. */
function checksum(...pieces) {
  const all = Buffer.concat(pieces);
  let sum = 0;
  for (let at = 0; at < all.length; at += 2) sum += (all[at] << 8) | (all[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** A frame's parts; undefined for what is neither ARP nor IPv4. */
function read(frame) {
  const tagged = frame.readUInt16BE(12) === 0x8100;
  const vlan = tagged ? frame.readUInt16BE(14) & 0xfff : 0;
  const body = frame.subarray(tagged ? 18 : 14);
  const kind = frame.subarray(tagged ? 16 : 12).toString("hex", 0, 2);
  const sender = frame.toString("hex", 6, 12);
  const address = (at) => [...body.subarray(at, at + 4)].join(".");
  if (kind === kArp) return { vlan, kind, sender, asks: body.readUInt16BE(6) === 1, from: address(14), to: address(24) };
  if (kind !== kIpv4) return undefined;
  const packet = body.subarray(0, body.readUInt16BE(2));
  const fragment = packet.readUInt16BE(6);
  const start = { vlan, kind, sender, from: address(12), to: address(16), length: packet.length };
  return { ...start, protocol: packet[9], more: (fragment & 0x2000) !== 0, offset: (fragment & 0x1fff) * 8, load: packet.subarray(20) };
}

function ipv4(from, to, protocol, load) {
  const head = Buffer.from("4500000000010000400000000000000000000000", "hex");
  head.writeUInt16BE(20 + load.length, 2);
  head[9] = protocol;
  octets(from).copy(head, 12);
  octets(to).copy(head, 16);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, load]);
}

export class Station {
  /** own: addresses that it answers ARP for, in the VLAN (0 = none). */
  static async open({ own, vlan = 0 }) {
    const station = new Station();
    Object.assign(station, { own, vlan, seen: [] });
    station.socket = dgram.createSocket("udp4");
    station.socket.bind(0, "127.0.0.1");
    await once(station.socket, "listening");
    const spare = dgram.createSocket("udp4").bind(0, "127.0.0.1");
    await once(spare, "listening");
    station.far = spare.address().port;
    spare.close();
    station.socket.on("message", (frame) => station.take(read(frame)));
    return station;
  }

  /** As Machine takes it. */
  card(mac) {
    const end = (which, port) => `${which}.type=inet,${which}.host=127.0.0.1,${which}.port=${port}`;
    return [
      `dgram,id=station,${end("local", this.far)},${end("remote", this.socket.address().port)}`,
      `virtio-net-pci,netdev=station,mac=${mac}`,
    ];
  }

  take(frame) {
    if (!frame) return;
    this.seen.push(frame);
    if (frame.kind === kArp && frame.asks && frame.vlan === this.vlan && this.own.includes(frame.to))
      this.sendArp(2, frame.to, frame.from, frame.sender);
  }

  send(kind, body, to = "ffffffffffff", vlan = this.vlan) {
    const tag = vlan ? "8100" + vlan.toString(16).padStart(4, "0") : "";
    this.socket.send(Buffer.concat([Buffer.from(to + kMac + tag + kind, "hex"), body]), this.far, "127.0.0.1");
  }

  sendArp(operation, from, to, mac = "000000000000", vlan = this.vlan) {
    const head = Buffer.from(`000108000604000${operation}${kMac}`, "hex");
    const body = Buffer.concat([head, octets(from), Buffer.from(mac, "hex"), octets(to)]);
    this.send(kArp, body, operation === 1 ? undefined : mac, vlan);
  }

  /** Sends with `ask` again and again until a frame comes that `wanted` takes; undefined = none did. */
  async answer(ask, wanted, limit = 3) {
    this.seen = [];
    for (const until = performance.now() + limit * 1000; performance.now() < until; ) {
      ask();
      for (let n = 0; n < 10; ++n) {
        await pause(50);
        const found = this.seen.find(wanted);
        if (found) return found;
      }
    }
    return undefined;
  }

  /** The hardware address that answers for this one in a VLAN; undefined = nobody does. */
  async whoHas(address, { vlan = this.vlan, limit } = {}) {
    const ask = () => this.sendArp(1, this.own[0], address, undefined, vlan);
    const found = await this.answer(ask, (f) => f.kind === kArp && !f.asks && f.vlan === vlan && f.from === address, limit);
    return found?.sender;
  }

  /** The pieces in which the answer to a ping of that many octets comes. */
  async ping(mac, from, to, length) {
    const load = Buffer.alloc(length - 20);
    load[0] = 8;
    load.writeUInt16BE(checksum(load), 2);
    const mine = (f) => f.kind === kIpv4 && f.protocol === 1 && f.from === to && f.to === from && f.vlan === this.vlan;
    await this.answer(() => this.send(kIpv4, ipv4(from, to, 1, load), mac), (f) => mine(f) && !f.more);
    return this.seen.filter(mine);
  }

  /** What a connection attempt meets: { open, mss }, or undefined = silence. */
  async connect(mac, from, to, port) {
    const segment = Buffer.alloc(24);
    segment.writeUInt16BE(40000 + Math.floor(Math.random() * 20000), 0);
    segment.writeUInt16BE(port, 2);
    segment.writeUInt32BE(1, 4);
    segment.set([0x60, 0x02, 0xff, 0xff], 12); // six words, SYN, a window
    segment.set([2, 4, 0x05, 0xb4], 20); // greatest segment: 1460
    const pseudo = Buffer.concat([octets(from), octets(to), Buffer.from([0, 6, 0, 24])]);
    segment.writeUInt16BE(checksum(pseudo, segment), 16);
    const found = await this.answer(
      () => this.send(kIpv4, ipv4(from, to, 6, segment), mac),
      (f) => f.kind === kIpv4 && f.protocol === 6 && f.from === to && f.to === from && f.load.readUInt16BE(0) === port,
    );
    return found && { open: (found.load[13] & 0x12) === 0x12, mss: found.load[20] === 2 ? found.load.readUInt16BE(22) : 0 };
  }

  close() {
    this.socket.close();
  }
}
