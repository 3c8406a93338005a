// A test of pages runs in a network namespace of its own: loopback and one interface that leads nowhere. Nothing that a
// node or a browser sends can leave it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

// No address makes itself later: a browser drops what it is loading when addresses change.
const kNetwork = [
  "ip link set lo up",
  "ip link add eth0 type veth peer name far",
  "ip link set eth0 addrgenmode none",
  "ip link set far addrgenmode none",
  "ip link set far up",
  "ip link set eth0 up",
  "ip address add 192.0.2.10/24 dev eth0",
  "ip address add 2001:db8::10/64 dev eth0 nodad",
  'exec "$@"',
].join(" && ");

/** Call it first, with import.meta.url: the program begins again inside, and ends here with its exit code. */
export function inOwnNetwork(program) {
  if (process.env.SONDE_OWN_NETWORK) return;
  const again = [process.execPath, fileURLToPath(program), ...process.argv.slice(2)];
  const ran = spawnSync("unshare", ["--net", "sh", "-c", kNetwork, "sh", ...again], {
    stdio: "inherit",
    env: { ...process.env, SONDE_OWN_NETWORK: "1" },
  });
  if (ran.error) throw ran.error;
  process.exit(ran.status ?? 1);
}
