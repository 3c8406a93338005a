// A machine that boots an image in QEMU, emulated (no KVM): its console on the first serial line, its web page through a
// forwarded port of the loopback, and whatever is done to it from outside.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { kernelOf } from "./kernel.mjs";
import { SerialLine } from "./serial_line.mjs";

const kFirmware = "/usr/share/OVMF";

/** How the firmware finds the medium; UEFI keeps its variables in a copy of its own. */
function firmware(kind, folder) {
  if (kind === "bios") return ["-machine", "pc"];
  const secure = kind === "secure",
    variables = join(folder, "variables.fd");
  copyFileSync(`${kFirmware}/OVMF_VARS_4M${secure ? ".ms" : ""}.fd`, variables);
  const code = `${kFirmware}/OVMF_CODE_4M${secure ? ".secboot" : ""}.fd`;
  return [
    ...["-machine", secure ? "q35,smm=on" : "q35"],
    ...(secure ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []),
    ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${code}`],
    ...["-drive", `if=pflash,format=raw,unit=1,file=${variables}`],
  ];
}

function medium(iso, how, order) {
  if (!iso) return [];
  if (how === "cd")
    return [
      ...["-drive", `if=none,id=disc,media=cdrom,file=${iso},readonly=on,format=raw`],
      ...["-device", `ide-cd,drive=disc${order}`],
    ];
  return [
    ...["-drive", `if=none,id=stick,file=${iso},readonly=on,format=raw`],
    ...["-device", "qemu-xhci", "-device", `usb-storage,drive=stick${order}`],
  ];
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export class Machine {
  /**
   * iso: file or nothing; how: "cd" or "usb"; boots: "bios", "uefi" or "secure"; memory in MB; disks: files, each a
   * virtio disk whose serial number is its place (disk0 ...); guest: the address that the forwarded ports lead to;
   * links: further QEMU network devices as [backend, device]; more: further arguments. front: a Lan instead of the
   * forwarded ports; `guest` is then where the page is. words: of the kernel's command line, beside those of the medium's
   * own menu: QEMU then loads the kernel itself, which is faster than any loader.
   */
  static async start({
    iso,
    how = "cd",
    boots = "bios",
    memory = 512,
    disks = [],
    guest = "",
    links = [],
    front,
    words,
    more = [],
    folder,
  }) {
    const machine = new Machine();
    machine.own_folder = !folder;
    machine.folder = folder ?? mkdtempSync(join(tmpdir(), "sonde-machine-"));
    const card = await machine.reach(front, guest);
    const disk = (file, n) => [
      ...["-drive", `if=none,id=disk${n},file=${file},format=raw,cache=writeback`],
      ...["-device", `virtio-blk-pci,drive=disk${n},id=device${n},serial=disk${n}`],
    ];
    const serial = join(machine.folder, "serial"),
      monitor = join(machine.folder, "monitor");
    for (const left of [serial, monitor]) rmSync(left, { force: true });
    machine.begun = performance.now();
    machine.child = spawn(
      "qemu-system-x86_64",
      [
        ...firmware(boots, machine.folder),
        ...["-accel", "tcg,thread=multi", "-cpu", "max", "-m", `${memory}`, "-smp", "2", "-display", "none"],
        ...medium(iso, how, words ? "" : ",bootindex=0"),
        ...(words ? kernelOf(iso, words) : []),
        ...disks.flatMap(disk),
        ...[card, ...links].flatMap(([backend, device]) => ["-netdev", backend, "-device", device]),
        ...["-serial", `unix:${serial},server=on,wait=on`, "-qmp", `unix:${monitor},server=on,wait=off`],
        ...more,
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    machine.ended = once(machine.child, "exit");
    machine.console = await SerialLine.open(serial);
    machine.monitor_path = monitor;
    return machine;
  }

  /** Where the page is seen from here, and the first network card that leads there. */
  async reach(front, guest) {
    this.address = front ? guest : "127.0.0.1";
    this.port = front ? 443 : await freePort();
    this.plain_port = front ? 80 : await freePort();
    /** As a browser would write it. */
    this.host = !front ? "localhost" : guest.includes(":") ? `[${guest}]` : guest;
    if (front) return front.card();
    const forwards = `hostfwd=tcp:127.0.0.1:${this.port}-${guest}:443,hostfwd=tcp:127.0.0.1:${this.plain_port}-${guest}:80`;
    return [`user,id=front,restrict=on,${forwards}`, "virtio-net-pci,netdev=front"];
  }

  /** Seconds since the power came. */
  age() {
    return (performance.now() - this.begun) / 1000;
  }

  running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** One request to the page; { status, headers, body }. Short, because QEMU takes connections that nobody answers. */
  ask(path, { method = "GET", headers = {}, body, timeout = 700 } = {}) {
    return new Promise((answered, failed) => {
      const request = https.request(
        {
          host: this.address,
          port: this.port,
          path,
          method,
          headers: { Host: this.host, ...headers },
          rejectUnauthorized: false,
          agent: false,
        },
        (response) => {
          const pieces = [];
          response.on("data", (piece) => pieces.push(piece));
          response.on("error", failed);
          response.on("end", () =>
            answered({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }),
          );
        },
      );
      const late = () => request.destroy(new Error(`no answer within ${timeout} ms`));
      request.setTimeout(timeout, late); // of silence
      const whole = setTimeout(late, timeout + 30000);
      request.on("close", () => clearTimeout(whole));
      request.on("error", failed);
      request.end(body);
    });
  }

  /** Waits until the page answers; seconds since the power came. */
  async page(limit = 120) {
    for (let last; ; await pause(200)) {
      if (!this.running()) throw new Error(`the machine ended; its console said:\n${this.console.text()}`);
      if (this.age() > limit) throw new Error(`no page after ${limit} s: ${last}; the console said:\n${this.console.text()}`);
      try {
        const answer = await this.ask("/api/v1/health");
        if (answer.status === 200) return this.age();
        last = `status ${answer.status}`;
      } catch (failure) {
        last = failure.message;
      }
    }
  }

  /** One command of QEMU's monitor. */
  async monitor(execute, args = {}) {
    const socket = net.connect(this.monitor_path);
    const lines = [];
    let rest = "";
    socket.on("data", (data) => {
      const parts = (rest + data).split("\n");
      rest = parts.pop();
      for (const line of parts) lines.push(JSON.parse(line));
    });
    await once(socket, "connect");
    const answered = async (seen) => {
      for (;;) {
        const at = lines.findIndex(seen);
        if (at >= 0) return lines.splice(0, at + 1).pop();
        await once(socket, "data");
      }
    };
    await answered((l) => l.QMP);
    socket.write(JSON.stringify({ execute: "qmp_capabilities" }) + "\n");
    await answered((l) => "return" in l);
    socket.write(JSON.stringify({ execute, arguments: args }) + "\n");
    const answer = await answered((l) => "return" in l || "error" in l);
    socket.destroy();
    if (answer.error) throw new Error(`${execute}: ${answer.error.desc}`);
    return answer.return;
  }

  /** The screen as a picture. */
  picture(file) {
    return this.monitor("screendump", { filename: file, format: "png" });
  }

  /** The power goes, at once. */
  async kill() {
    if (this.running()) this.child.kill("SIGKILL");
    await this.ended;
    this.console.close();
    if (this.own_folder && existsSync(this.folder)) rmSync(this.folder, { recursive: true });
  }

  /** The machine ends by itself. */
  async gone(limit = 60) {
    const left = pause(limit * 1000, "late");
    if ((await Promise.race([this.ended, left])) === "late")
      throw new Error(`still running after ${limit} s; the console said:\n${this.console.text()}`);
  }
}
