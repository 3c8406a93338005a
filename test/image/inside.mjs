// What is inside a running appliance: nothing of the root can be written, the modules that measuring uses load, the node
// runs without rights but three, and only the ports that it tells are open.
import http from "node:http";
import { assert, check, run } from "../browser/support/check.mjs";
import { inOwnNetwork } from "../browser/support/own_network.mjs";
import { shell } from "./support/console_shell.mjs";
import { image } from "./support/image.mjs";
import { Machine } from "./support/machine.mjs";

inOwnNetwork(import.meta.url);

const machine = await Machine.start({ iso: image(), words: [] });
await machine.page();

check("the root is read-only, and so is all but /data, /run, /tmp, /var and /dev", () =>
  shell(machine.console, async (command) => {
    for (const path of ["/usr/bin/x", "/etc/x", "/x", "/usr/lib/modules/x"]) {
      const { said } = await command(`touch ${path}`);
      assert.match(said, /Read-only file system/, path);
    }
    assert.equal((await command("touch /data/x /run/x /tmp/x /var/x")).status, 0);
  }),
);

check("netem, SCTP, BBR, VLANs, PTP of virtual machines and the usual cards are there", () =>
  shell(machine.console, async (command) => {
    const modules = "sch_netem sctp tcp_bbr 8021q sch_fq e1000e igb ixgbe ice i40e mlx5_core tg3 bnxt_en r8169 vmxnet3 nvme";
    const { said, status } = await command(`/usr/sbin/modprobe -a ${modules}`);
    assert.equal(status, 0, said);
    assert.equal((await command("/usr/sbin/modprobe -n ptp_kvm")).status, 0);
  }),
);

check("the node is no root and holds three capabilities; it may gain none", () =>
  shell(machine.console, async (command) => {
    const { said } = await command('grep -E "^(Uid|CapEff|CapBnd|NoNewPrivs)" /proc/$(cat /run/sonde/serve.pid)/status');
    // Bits 10, 13 and 23: binding low ports, raw packets, priority.
    assert.match(said, /Uid:\s+100\s+100/);
    assert.match(said, /CapEff:\s+0000000000802400/);
    assert.match(said, /CapBnd:\s+0000000000802400/);
    assert.match(said, /NoNewPrivs:\s+1/);
  }),
);

check("no program but root's holds a terminal, on which root would be asked", () =>
  shell(machine.console, async (command) => {
    const owner = `awk '/^Uid/{print $2}' $one/status 2>/dev/null`;
    const { said } = await command(
      `for one in /proc/[0-9]*; do [ "$(${owner})" = 0 ] || ls -l $one/fd; done 2>/dev/null | grep -c -E "socket|pipe|null"; ` +
        `for one in /proc/[0-9]*; do [ "$(${owner})" = 0 ] || ls -l $one/fd; done 2>/dev/null | grep -E "/dev/(tty|console|pts)"; echo end`,
    );
    assert.match(said, /(^|\n)[1-9]\d*\s+end/, said);
  }),
);

check("commands in the shell find the node by themselves", () =>
  shell(machine.console, async (command) => {
    const { said, status } = await command("sonde status | head -1");
    assert.equal(status, 0, said);
    assert.match(said, /^Sonde \d/m);
  }),
);

check("what listens are the page, OWAMP and throughput", () =>
  shell(machine.console, async (command) => {
    const { said } = await command("netstat -ltn | awk '{print $4}' | grep -E -o '[0-9]+$' | sort -nu | xargs");
    assert.match(said, /(^|\n)80 443 861 5201$/);
  }),
);

check("port 80 only leads to the page, and follows no name that is none", async () => {
  const plain = (host) =>
    new Promise((answered, failed) => {
      const options = { host: "127.0.0.1", port: machine.plain_port, path: "/api/v1/node", headers: { Host: host } };
      http.get(options, (response) => answered(response.resume())).on("error", failed);
    });
  const led = await plain("192.0.2.7:80");
  assert.equal(led.statusCode, 308);
  assert.equal(led.headers.location, "https://192.0.2.7/");
  assert.equal((await plain("evil/path?")).statusCode, 421);
});

await run(() => machine.kill());
