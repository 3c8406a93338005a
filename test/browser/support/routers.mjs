// Routers to trace through: r1, behind it r2 or r3, behind them 10.96.9.1; each a namespace, joined to the one we are in.
import { execFileSync } from "node:child_process";

const name = (what) => `sonde-${process.pid}-${what}`;
const sh = (line) => execFileSync("sh", ["-c", line], { stdio: ["ignore", "ignore", "inherit"] });
const kAll = ["r1", "r2", "r3", "far"];

/** A link 10.96.N.0/24 between two namespaces; null is our own. The first one is .1. */
function join(a, b, n) {
  const inA = a ? `ip -n ${name(a)}` : "ip";
  const inB = `ip -n ${name(b)}`;
  sh(`${inA} link add to${n} type veth peer name from${n} netns ${name(b)}`);
  // An address that makes itself later lets a browser drop what it is loading.
  sh(`${inA} link set to${n} addrgenmode none && ${inB} link set from${n} addrgenmode none`);
  sh(`${inA} addr add 10.96.${n}.1/24 dev to${n} && ${inB} addr add 10.96.${n}.2/24 dev from${n}`);
  sh(`${inA} link set to${n} up && ${inB} link set from${n} up`);
}

const route = (at, what, via) => sh(`ip -n ${name(at)} route replace ${what} via 10.96.${via}`);

/** { target, through(router), silence(router) }. Ask for them inside a network of our own only; they go with the program. */
export function makeRouters() {
  process.on("exit", () => kAll.forEach((one) => sh(`ip netns delete ${name(one)}`)));
  for (const one of kAll) {
    sh(`ip netns add ${name(one)} && ip -n ${name(one)} link set lo up`);
    const setting = "net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0".split(" ").map((s) => s.split("="));
    for (const [key, value] of setting)
      sh(`ip netns exec ${name(one)} sh -c 'echo ${value} > /proc/sys/${key.replaceAll(".", "/")}'`);
  }
  join(null, "r1", 1);
  join("r1", "r2", 2);
  join("r1", "r3", 3);
  join("r2", "far", 4);
  join("r3", "far", 5);
  sh(`ip -n ${name("far")} addr add 10.96.9.1/32 dev lo && ip route add 10.96.0.0/16 via 10.96.1.2`);
  route("r2", "10.96.9.1", "4.2");
  route("r3", "10.96.9.1", "5.2");
  route("r2", "10.96.1.0/24", "2.1");
  route("r3", "10.96.1.0/24", "3.1");
  route("far", "10.96.1.0/24", "4.1");
  const through = (router) => route("r1", "10.96.9.1", router === "r2" ? "2.2" : "3.2");
  through("r2");
  return {
    target: "10.96.9.1",
    through,
    /** Forwards on, but has no way back to complain to us; answers of the target then come by r3. */
    silence(router) {
      sh(`ip -n ${name(router)} route del 10.96.1.0/24`);
      route("far", "10.96.1.0/24", "5.1");
    },
  };
}
