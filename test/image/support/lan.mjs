// A network that a machine's card is plugged into: a tap in this program's own namespace, where the test itself is the
// router, the name server, the peer and the stranger.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ip = (...words) => execFileSync("ip", words, { stdio: ["ignore", "pipe", "inherit"] }).toString();

/** What a card with this hardware address makes of an advertised prefix (RFC 4291, modified EUI-64); "2001:db8:7::". */
export function slaacAddress(prefix, mac) {
  const octets = mac.split(":").map((word) => parseInt(word, 16));
  octets.splice(3, 0, 0xff, 0xfe);
  octets[0] ^= 2;
  const words = [0, 2, 4, 6].map((at) => ((octets[at] << 8) | octets[at + 1]).toString(16));
  const network = prefix.split(":").filter(Boolean);
  while (network.length < 4) network.push("0");
  return [...network, ...words].join(":");
}

export class Lan {
  /** name: of the tap and of the device in QEMU; addresses: of this end, "2001:db8:7::1/64". */
  constructor({ name = "lan0", mac = "52:54:00:00:00:07", addresses = [] } = {}) {
    Object.assign(this, { name, mac });
    ip("tuntap", "add", name, "mode", "tap");
    ip("link", "set", name, "addrgenmode", "none", "up");
    for (const one of addresses) ip("address", "add", one, "dev", name, ...(one.includes(":") ? ["nodad"] : []));
  }

  /** As Machine takes it: backend and device. */
  card() {
    const { name, mac } = this;
    return [`tap,id=${name},ifname=${name},script=no,downscript=no`, `virtio-net-pci,netdev=${name},mac=${mac}`];
  }

  /** The network's own services by dnsmasq: what it advertises, leases and resolves are its options. */
  serve(...options) {
    this.folder = mkdtempSync(join(tmpdir(), "sonde-lan-"));
    const always = ["--keep-in-foreground", "--user=root", "--no-hosts", "--no-resolv", "--conf-file=/dev/null"];
    const here = [`--interface=${this.name}`, "--bind-dynamic", "--pid-file=", `--dhcp-leasefile=${join(this.folder, "leases")}`];
    const words = [...always, ...here, "--log-facility=-", "--log-queries", "--log-dhcp", ...options];
    this.server = spawn("dnsmasq", words, { stdio: ["ignore", "ignore", "pipe"] });
    this.said = "";
    this.server.stderr.on("data", (text) => (this.said += text));
    process.once("exit", () => this.stop());
  }

  stop() {
    this.server?.kill("SIGKILL");
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}
