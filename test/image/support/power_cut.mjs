// A drive as a power cut leaves it. QEMU logs every write with the moments at which the guest was told that all before is
// safe (blklogwrites). After the cut the drive holds what was written before the last such moment, and any part of the rest.
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";

const kSector = 512,
  kMagic = 0x6a736677736872n,
  kFlush = 1n,
  kForced = 2n,
  kDiscard = 4n;

/** A copy of a drive, without taking room for what was never written. */
export const copyDrive = (from, to) => execFileSync("cp", ["--sparse=always", from, to]);

/** QEMU's arguments of a drive that logs, for `more` of a machine: `image` is written as by any other, `log` tells how. */
export function loggedDrive(image, log, n) {
  rmSync(log, { force: true });
  closeSync(openSync(log, "w"));
  return [
    ...["-blockdev", `driver=file,filename=${image},node-name=image${n}`],
    ...["-blockdev", `driver=file,filename=${log},node-name=log${n}`],
    ...["-blockdev", `driver=blklogwrites,node-name=logged${n},file=image${n},log=log${n},log-sector-size=${kSector}`],
    ...["-device", `virtio-blk-pci,drive=logged${n},id=device${n},serial=disk${n}`],
  ];
}

/** The entries of a log, in order: { sector, sectors, flags, at } with the place of their octets in the file. */
function entriesOf(file) {
  const block = Buffer.alloc(kSector);
  const read = (at) => readSync(file, block, 0, kSector, at) === kSector;
  if (!read(0) || block.readBigUInt64LE(0) !== kMagic) throw new Error("the log has no begin");
  const entries = [];
  for (let at = kSector; read(at); ) {
    const [sector, sectors, flags] = [0, 8, 16].map((n) => block.readBigUInt64LE(n));
    if (!sectors && !flags) break;
    const entry = { sector: Number(sector), sectors: Number(sectors), flags, at: at + kSector };
    entries.push(entry);
    at = entry.at + (flags & kDiscard ? 0 : entry.sectors * kSector);
  }
  return entries;
}

/**
 * Makes `image` what the drive holds after the cut: `before` is its copy from before the machine started. `random` gives
 * numbers from 0 to 1. What was not yet safe is there or not, sector by sector in half of the cases. Returns
 * { writes, flushes, unsafe, dropped }.
 */
export function cutPower(before, log, image, random) {
  rmSync(image, { force: true });
  copyDrive(before, image);
  const from = openSync(log, "r"),
    to = openSync(image, "r+");
  try {
    const entries = entriesOf(from);
    const safe = entries.findLastIndex(({ flags }) => flags & kFlush);
    const seen = { writes: 0, flushes: 0, unsafe: 0, dropped: 0 };
    for (const [n, { sector, sectors, flags, at }] of entries.entries()) {
      if (flags & kFlush) ++seen.flushes;
      if (flags & kDiscard || !sectors) continue;
      ++seen.writes;
      const torn = n > safe && !(flags & kForced);
      const octets = Buffer.alloc(sectors * kSector);
      readSync(from, octets, 0, octets.length, at);
      const whole = random() < 0.5;
      if (!torn) writeSync(to, octets, 0, octets.length, sector * kSector);
      else if (whole) {
        ++seen.unsafe;
        if (random() < 0.5) writeSync(to, octets, 0, octets.length, sector * kSector);
        else ++seen.dropped;
      } else {
        ++seen.unsafe;
        ++seen.dropped;
        for (let i = 0; i < sectors; ++i)
          if (random() < 0.5) writeSync(to, octets, i * kSector, kSector, (sector + i) * kSector);
      }
    }
    return seen;
  } finally {
    closeSync(from);
    closeSync(to);
  }
}
