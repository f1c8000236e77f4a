# SPDX-License-Identifier: Apache-2.0
"""Uses what was installed: web servers, the director under the old and the new kernel, requests of the client."""
import base64
import io
import os
import subprocess
import tarfile

from lab import SERVERS

VIPS = ("203.0.113.1", "203.0.113.2")
CLIENT = "192.168.0.1"
OUTER = "192.168.0.2"
LIPS = ("10.0.2.64", "10.0.2.91")
REQUESTS = 32

NGINX = """user root; worker_processes 1; pid /run/nginx.pid; error_log /run/nginx.error;
events { worker_connections 256; }
http {
  log_format lab '$request_uri $remote_addr:$remote_port $status';
  access_log /run/nginx.log lab;
  server {
    listen 80; listen 8443;
    location = /alive { access_log off; return 204; }
    location / { return 200 'ok\\n'; }
  }
}
"""


def put(host, path, data, mode=0o644):
    """A file on a host; its directories are made."""
    text = base64.b64encode(data).decode()
    host.ok("mkdir -p '%s'; base64 -d >'%s' <<'END'\n%s\nEND\nchmod %o '%s'" % (os.path.dirname(path), path, text, mode, path))


def copy_tree(host, directory):
    """The files of a directory, over those of the host."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in sorted(os.listdir(directory)):
            tar.add(os.path.join(directory, name), name)
    put(host, "/run/tree.tar.gz", buffer.getvalue())
    host.ok("tar -xzf /run/tree.tar.gz -C / --no-same-owner --no-overwrite-dir")


def check_keepalived(host, directory):
    """Has keepalived out of our package read the configuration of a director."""
    with open(os.path.join(directory, "etc/keepalived/keepalived.conf"), "rb") as handle:
        put(host, "/run/check.conf", handle.read())
    code, text = host.run("keepalived --config-test=/run/check.log -f /run/check.conf || { code=$?; cat /run/check.log; exit $code; }", 120)
    if code != 0:
        raise RuntimeError("keepalived -t of %s: exit %d: %s" % (directory, code, text))
    return "keepalived.conf of " + os.path.basename(directory)


def check_frr(directory):
    """Has the distribution's zebra and ospfd read it."""
    path = os.path.join(directory, "etc/frr/frr.conf")
    done = subprocess.run(["vtysh", "-C", "-f", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0 or "Unknown command" in done.stdout:
        raise RuntimeError("%s: exit %d: %s" % (path, done.returncode, done.stdout))
    return "frr.conf of " + os.path.basename(directory)


def servers(lab):
    for name in SERVERS:
        put(lab.hosts[name], "/run/nginx.conf", NGINX.encode())
        lab.hosts[name].ok("nginx -c /run/nginx.conf", 120)


def request(lab, vip, name, count=REQUESTS):
    """Requests of the client; returns (answered, {server: [address that it logged]}, the client's own addresses)."""
    client = lab.hosts["client"]
    with open("/step/verify_boot_client.py", "rb") as handle:
        put(client, "/root/client.py", handle.read())
    told = client.run("python3 -I -S /root/client.py many %s 80 %d %s %s 120" % (vip, count, name, CLIENT), 300)[1]
    lines = [line.split(" ") for line in told.splitlines() if line[:1].isdigit()]
    own = {line[1] for line in lines if line[2] == "200"}
    logged = {}
    for server in SERVERS:
        text = lab.hosts[server].run("grep '^/%s/' /run/nginx.log" % name)[1]
        logged[server] = [line.split(" ")[1] for line in text.splitlines() if line.startswith("/")]
    return own, logged, told


def stock_kernel(lab):
    """The control: under the distribution's kernel the same set-up has a small table, and servers see local addresses."""
    director = lab.hosts["director1"]
    commands = ["set -e", "modprobe ip_vs", "sysctl -qw net.ipv4.vs.conntrack=1 net.ipv4.ip_forward=1"]
    commands += ["ip addr add %s/32 dev lo" % VIPS[0], "ip addr add %s/32 dev eth1" % LIPS[0]]
    commands += ["iptables -t nat -A POSTROUTING -m ipvs --vaddr %s -j SNAT --to-source %s" % (VIPS[0], LIPS[0])]
    commands += ["ipvsadm -A -t %s:80 -s rr" % VIPS[0]]
    commands += ["ipvsadm -a -t %s:80 -r %s:80 -m" % (VIPS[0], address) for address in SERVERS.values()]
    director.ok("\n".join(commands), 120)
    size = director.ok("sed -n 's/.*(\\(size=[0-9]*\\)).*/\\1/p' /proc/net/ip_vs").strip()
    own, logged, told = request(lab, VIPS[0], "stock", 8)
    seen = {address.split(":")[0] for addresses in logged.values() for address in addresses}
    if size != "size=4096" or len(own) != 8 or seen != {LIPS[0]}:
        raise RuntimeError("%s, %d answered, logged %s: %s" % (size, len(own), seen, told[-500:]))
    return "%s; 8 of 8 answered, all servers logged the director's %s" % (size, LIPS[0])


def cluster(lab):
    """keepalived out of the package, with the configuration of `factory configure`."""
    director = lab.hosts["director1"]
    director.ok("/etc/fullnat/director boot", 120)
    director.ok("keepalived --check --dont-fork --log-console >/run/keepalived.log 2>&1 &")
    listed = "ipvsadm -L -n | awk '/^TCP|^FWM/ {n++} /->/ && $4 ~ /^[1-9]/ {up++} END {print n + 0, up + 0}'; ip -4 -o addr show dev lo"
    text, ready = director.until(listed, lambda said: said.startswith("4 16") and all(vip + "/32" in said for vip in VIPS), 150)
    if not ready:
        raise RuntimeError("services: %s %s" % (text, director.run("ipvsadm -L -n; tail -n 30 /run/keepalived.log")[1]))
    size = director.ok("sed -n 's/.*(\\(size=[0-9]*\\)).*/\\1/p' /proc/net/ip_vs").strip()
    if size != "size=1048576":
        raise RuntimeError(size)
    return "%s; nginx on all %d servers logged the client's own address and port: %s" % (size, len(SERVERS), requests(lab, "vip"))


def requests(lab, name):
    """Both VIPs: every request is answered, every server has some, and all log what the client says of itself."""
    counts = []
    for number, vip in enumerate(VIPS):
        own, logged, told = request(lab, vip, "%s%d" % (name, number))
        seen = [address for addresses in logged.values() for address in addresses]
        wrong = sorted(set(seen) - own)
        if len(own) != REQUESTS or wrong or len(seen) != REQUESTS or not all(logged.values()):
            raise RuntimeError("%s: %d answered, logged %s: %s" % (vip, len(own), logged, told[-500:]))
        counts.append("%d of %d" % (len(seen), REQUESTS))
    return ", ".join(counts)


def routing(lab):
    """The director's zebra and ospfd announce the VIPs to the client, now a router, for as long as keepalived has them."""
    director, client = lab.hosts["director1"], lab.hosts["client"]
    config = director.ok("cat /etc/frr/frr.conf")
    # A neighbour has the same settings, its own name, and no VIPs.
    neighbour = config.replace("director1", "client").replace("router-id " + OUTER, "router-id " + CLIENT)
    put(client, "/etc/frr/frr.conf", "\n".join(line for line in neighbour.split("\n") if " network 203." not in line).encode(), 0o600)
    client.ok("ip route del 203.0.113.0/28")
    for host in (director, client):
        host.ok("chown frr:frr /etc/frr/frr.conf; sed -i 's/^ospfd=no/ospfd=yes/' /etc/frr/daemons; /usr/lib/frr/frrinit.sh start", 200)
    running = director.ok("vtysh -c 'show running-config'", 120).splitlines()
    missing = [line for line in config.splitlines() if line.startswith(" ") and line not in running]
    if missing:
        raise RuntimeError("zebra and ospfd did not take: %s; they run %s" % (missing, running))
    routes = "ip -4 route show proto ospf | sed 's/ nhid [0-9]*//'"
    want = ["%s via %s" % (vip, OUTER) for vip in VIPS]
    text, ready = client.until(routes, lambda said: all(route in said for route in want), 200)
    if not ready:
        neighbours = director.run("vtysh -c 'show ip ospf neighbor' -c 'show ip ospf interface'")[1]
        raise RuntimeError("the client's routes: %s; the director: %s" % (text, neighbours))
    counts = requests(lab, "ospf")
    # As systemd ends the service.
    director.ok("pkill -TERM -o -x keepalived; while pgrep -x keepalived >/dev/null; do sleep 0.1; done", 60)
    director.ok("sed -n 's/^ExecStopPost=//p' /etc/systemd/system/keepalived.service.d/fullnat.conf | sh")
    text, gone = client.until(routes, lambda said: "203.0.113." not in said, 120)
    if not gone:
        raise RuntimeError("keepalived has ended, and the client still has: " + text)
    return "zebra and ospfd run frr.conf; the client learned both VIPs, %s served; keepalived stopped: routes withdrawn" % counts

