# SPDX-License-Identifier: Apache-2.0
"""What is done to the machines, in this order, and what must be seen of it."""
import re
import socket
import struct
import subprocess

import verify_boot_capture as capture
import verify_boot_setup as setup
import verify_boot_stress as stress
from verify_boot_checks import Stop, counters
from verify_boot_lab import BACKENDS, CLIENTS, local_addresses, side_of

# Nobody has this address: who believes it believes anything.
FORGED = ("192.0.2.66", 6666)
NOP = b"\1"


class Phases:
    """Works on a Lab; notes everything in Checks."""

    def __init__(self, lab, checks, traffic):
        self.lab, self.checks, self.traffic, self.settings = lab, checks, traffic, lab.settings
        self.director, self.backends = lab.guests["director"], [lab.guests[name] for name in BACKENDS]
        self.pool, self.versions, self.shown = local_addresses(lab.settings), {}, None

    def boot(self):
        self.lab.build()
        self.lab.start()
        for name, guest in self.lab.guests.items():
            self.checks.note("kernel-" + name, self.settings["releases"][side_of(name)], guest.release)

    def modules(self):
        wanted = self.settings["director"]["modules"]
        said = setup.load(self.director, wanted)
        self.checks.need("modules-director", "loaded: " + " ".join(wanted), said or "loaded: " + " ".join(wanted))
        size = re.search(r"size=(\d+)", self.director.run("cat /proc/net/ip_vs")[1])
        got = int(size.group(1)) if size else "no table in /proc/net/ip_vs"
        self.checks.note("connection-table", self.settings["tableSize"], got)
        for backend in self.backends:
            self.checks.need("modules-" + backend.name, "loaded", setup.load_toa(backend, self.settings) or "loaded")

    def services(self):
        for backend in self.backends:
            setup.backend(backend)
            routes = backend.ok("ip route").strip()
            alone = "\n" not in routes and routes.startswith("10.0.2.0/24 ")
            self.checks.note("no-way-out-" + backend.name, "the route of its own segment", routes, alone)
        setup.client(self.lab.guests["client"])
        setup.director(self.director, self.settings)
        table, ok = self._until_listed(2)
        if not ok:
            table += self.director.run("tail -n 8 " + setup.KEEPALIVED_LOG)[1]
        want = "2 services of 2 real servers"
        self.checks.need("keepalived-services", want, want if ok else table)

    def requests(self):
        requests = self.traffic.many(8, CLIENTS[:1])
        self.shown = requests[0] if requests else None
        self.checks.addresses("client-address", requests, 8)
        self.checks.note("scheduler", "4 and 4", self._spread(requests))
        asked = {p.source.split(":")[0] for p in self._to_servers()}
        good = asked and asked <= set(self.pool)
        self.checks.note("packet-source", "only " + " ".join(self.pool), " ".join(sorted(asked)), good)
        if not any(one.answered() for one in requests):
            raise Stop("nothing is answered")

    def connections(self):
        count, before = self.settings["connections"], self._carried()
        requests = self.traffic.many(count)
        after = self._carried()
        self.checks.note("connections", "%d answered" % count, "%d answered" % sum(one.answered() for one in requests))
        self.checks.addresses("connections-addresses", requests, count)
        grown = [new - old for old, new in zip(before, after)]
        self.checks.note("counter-director", "up by %d at least" % count, "up by %d" % grown[0], grown[0] >= count)
        self.checks.note("counters-backends", "up by %d" % count, "up by %d" % sum(grown[1:]))
        option, carriers = self.settings["option"], {}
        for packet in self._to_servers():
            carriers[capture.client_in(packet, option)] = packet.source.split(":")[0]
        # A client's port may come twice, so requests are counted, not ports.
        carried = [carriers[one.local] for one in requests if one.local in carriers]
        want = "kind %d of length 8 with the client's address, for %d of %d" % (option, count, count)
        self.checks.note("option-on-the-wire", want, "for %d of %d" % (len(carried), count), len(carried) == count)
        self.checks.note("local-addresses", " ".join(self.pool), " ".join(sorted(set(carried))))

    def uploads(self):
        count = self.settings["uploads"]
        for port, name in (("plain", "uploads"), ("deferred", "deferred-uploads")):
            requests, whole = self.traffic.uploads(count, port)
            self.checks.addresses(name, requests, count)
            self.checks.note(name + "-bytes", "%d of %d whole" % (count, count), "%d of %d whole" % (whole, count))
        self.checks.addresses("deferred", self.traffic.many(2 * count, CLIENTS[:8], "deferred"), 2 * count)

    def options(self):
        """Packets that no browser sends, from addresses that no kernel has."""
        forged = struct.pack("!BBH4s", self.settings["option"], 8, FORGED[1], socket.inet_aton(FORGED[0]))
        one = self.traffic.raw(5002, forged)
        self.checks.note("forged-by-client", one.local, one.logged)
        if self.settings["director"]["counters"]["full"] is not None:
            self._full_headers(forged)
        if self.settings["backend"]["trusted"] is not None:
            one = self.traffic.raw(5004, forged, "backend1")
            self.checks.note("forged-by-neighbour", one.local, one.logged)

    def _full_headers(self, forged):
        """Headers with no room for the option, once with a forged one among what fills them."""
        name = self.settings["director"]["counters"]["full"]
        before = counters(self.director, self.settings["director"]).get(name, 0)
        one = self.traffic.raw(5001, NOP * 40)
        grown = counters(self.director, self.settings["director"]).get(name, 0) - before
        got = "status %s, logged %s, %s up by %d" % (one.status, one.logged, name, grown)
        good = one.answered() and self.is_local(one) and grown > 0
        self.checks.note("full-header", "answered, not carried, counted", got, good)
        one = self.traffic.raw(5003, forged + NOP * 32)
        got = "status %s, logged %s" % (one.status, one.logged)
        self.checks.note("forged-by-client-full", "answered, not believed", got, one.answered() and self.is_local(one))

    def reload(self):
        def told():
            return self.director.run("grep -c -i reload " + setup.KEEPALIVED_LOG)[1].strip()

        def reload():
            before = told()
            self.director.ok("kill -HUP $(cat /run/keepalived.pid)")
            command = "grep -c -i reload " + setup.KEEPALIVED_LOG
            return self.director.until(command, lambda text: text.strip() != before)[1]

        requests, reloaded = self.traffic.hold(reload)
        self.checks.note("keepalived-reload", "reloaded", "reloaded" if reloaded else "says nothing of it")
        self.checks.addresses("connection-over-reload", requests, 1)

    def failure(self):
        self.backends[1].ok("kill $(cat /run/nginx.pid)")
        table, ok = self._until_listed(1)
        self.checks.note("dead-server-removed", "removed", "removed" if ok else table)
        self.checks.note("dead-server-avoided", "4 and 0", self._spread(self.traffic.many(4, CLIENTS[:1])))
        self.backends[1].ok("nginx -c /etc/nginx.conf")
        table, ok = self._until_listed(2)
        self.checks.note("server-returns", "in both services", "in both services" if ok else table)
        self.checks.note("server-used-again", "2 and 2", self._spread(self.traffic.many(4, CLIENTS[:1])))

    def control(self):
        """Without the module the same requests show local addresses: so what is above can tell."""
        for backend in self.backends:
            backend.ok("/sbin/rmmod " + self.settings["backend"]["module"])
        seen = sum(one.answered() and self.is_local(one) for one in self.traffic.many(8, CLIENTS[:4]))
        want = "%d of 8 logged as local addresses"
        self.checks.note("control-without-module", want % 8, want % seen)

    def stress(self):
        stress.run(self)

    def tools(self):
        said = self.director.run("keepalived --version 2>&1 | head -n 1; ipvsadm --version 2>&1 | head -n 1")[1]
        qemu = subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.versions = dict(zip(("keepalived", "ipvsadm"), said.splitlines()))
        self.versions.update(nginx=self.backends[0].run("nginx -v 2>&1")[1].strip(), qemu=qemu.splitlines()[0])

    ALL = (boot, modules, services, tools, requests, connections, uploads, options, reload, failure, stress, control)

    def _until_listed(self, count):
        """Waits until keepalived has so many real servers in each of the two services."""
        wanted = ["  -> %s:" % address for address in list(BACKENDS.values())[:count]]

        def listed(text):
            return text.count("  -> 10.0.2.") == 2 * count and all(text.count(one) == 2 for one in wanted)

        return self.director.until("ipvsadm -L -n", listed, 60)

    def _spread(self, requests):
        return " and ".join(str(sum(one.answered() and one.backend == name for one in requests)) for name in BACKENDS)

    def _to_servers(self):
        """Packets with data for the web servers, as they came out of the director."""
        servers = {"%s:80" % address for address in BACKENDS.values()}
        return [p for p in capture.read(self.lab.capture("inside")) if p.destination in servers and p.length > 0]

    def _carried(self):
        """How often the option was put in, and how often it was read, by guest."""
        backends = [(one, self.settings["backend"]) for one in self.backends]
        sides = [(self.director, self.settings["director"]), *backends]
        return [counters(guest, side).get(side["counters"]["carried"], 0) for guest, side in sides]

    def is_local(self, request):
        return request.logged is not None and request.logged.split(":")[0] in self.pool
