# SPDX-License-Identifier: Apache-2.0
"""Makes booted guests client, director, real servers. What differs between kinds of FULLNAT is in one class each."""
from verify_boot_lab import BACKENDS, CLIENTS, NEIGHBOUR, VIP, local_addresses
from verify_boot_machines import PORTS

KEEPALIVED = "/run/keepalived.conf"
KEEPALIVED_LOG = "/var/log/keepalived.log"


class Conntrack:
    """FULLNAT of maintained kernels: IPVS NAT rewrites the destination, SNAT of conntrack the source."""

    method, group, per_service = "NAT", "", ""
    # Where keepalived writes to.
    log = "--log-console --log-detail >%s 2>&1" % KEEPALIVED_LOG

    def __init__(self, settings):
        pool = local_addresses(settings)
        rule = "iptables -t nat -A POSTROUTING -m ipvs --vaddr %s -j SNAT --to-source %s-%s"
        self.commands = [rule % (VIP, pool[0], pool[-1])]


class Classic:
    """FULLNAT of the patches for 2.6.32: a method of its own, with a group of local addresses."""

    method, per_service = "FNAT", "laddr_group_name lips\n"
    # Version 1.2.2 speaks to syslog alone, whatever --log-console promises.
    commands, log = ["syslogd -O " + KEEPALIVED_LOG], "--log-detail >/dev/null 2>&1"

    def __init__(self, settings):
        self.group = "local_address_group lips {\n%s\n}\n" % "\n".join(local_addresses(settings))


KINDS = {"conntrack": Conntrack, "classic": Classic}


def director(guest, settings):
    """Addresses and rules; then keepalived, which makes the services by itself."""
    kind = KINDS[settings["fullnat"]](settings)
    commands = ["set -e", "ip link set eth0 up", "ip link set eth1 up", "ip addr add 10.0.1.1/24 dev eth0"]
    commands += ["ip addr add %s/32 dev eth0" % VIP, "ip addr add 10.0.2.1/24 dev eth1"]
    commands += ["ip addr add %s/32 dev eth1" % address for address in local_addresses(settings)]
    commands += ["sysctl -w %s=%s" % item for item in settings["director"]["sysctl"].items()]
    guest.ok("\n".join([*commands, *kind.commands]))
    guest.ok("cat >%s <<'END'\n%sEND\n" % (KEEPALIVED, keepalived(kind)))
    files = "-f %s -p /run/keepalived.pid -c /run/checkers.pid" % KEEPALIVED
    guest.ok("keepalived --check --dont-fork %s %s &" % (files, kind.log))


def keepalived(kind):
    text = "global_defs {\nrouter_id lab\n}\n" + kind.group
    for port in PORTS.values():
        head = "delay_loop 1\nlb_algo rr\nlb_kind %s\nprotocol TCP\n%s" % (kind.method, kind.per_service)
        server = "real_server %s %d {\nweight 1\nTCP_CHECK {\nconnect_timeout 3\n}\n}\n"
        servers = "".join(server % (address, port) for address in BACKENDS.values())
        text += "virtual_server %s %d {\n%s%s}\n" % (VIP, port, head, servers)
    return text


def backend(guest):
    """One address, one route: that of its own segment."""
    address = "ip link set eth0 up\nip addr add %s/24 dev eth0" % BACKENDS[guest.name]
    guest.ok("set -e\n%s\nhostname %s\nnginx -c /etc/nginx.conf" % (address, guest.name))


def client(guest):
    commands = ["set -e", "ip link set eth0 up", "ip link set eth1 up", "ip addr add %s/24 dev eth1" % NEIGHBOUR]
    guest.ok("\n".join(commands + ["ip addr add %s/24 dev eth0" % address for address in CLIENTS]))


def load_toa(guest, settings):
    """Loads the module that shows servers the client's address, told whom to believe."""
    toa = settings["backend"]
    trusted = "" if toa["trusted"] is None else "%s=%s" % (toa["trusted"], ",".join(local_addresses(settings)))
    said = load(guest, ["%s %s" % (toa["module"], trusted)])
    if said == "" and guest.run("grep '^%s ' /proc/modules" % toa["module"])[0] != 0:
        return "modprobe ended well, but %s is not loaded" % toa["module"]
    return said


def load(guest, modules):
    """Loads modules; returns what went wrong, or an empty text."""
    for module in modules:
        # By its path: the shell of busybox prefers its own, which knows no soft dependencies and no modprobe.d.
        code, said = guest.run("/sbin/modprobe " + module)
        if code != 0:
            return "%s %s" % (said.strip(), guest.run("dmesg | tail -n 2")[1].strip())
    return ""
