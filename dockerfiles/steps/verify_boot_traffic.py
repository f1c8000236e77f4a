# SPDX-License-Identifier: Apache-2.0
"""Sends requests from the client's machine, and finds them in the logs of the real servers."""
import hashlib
import time
from dataclasses import dataclass
from typing import Optional

from verify_boot_client import payload
from verify_boot_lab import BACKENDS, CLIENTS, VIP, mac
from verify_boot_machines import LOG, PORTS

PROGRAM = "python3 -I -S /root/client.pyc"
SIZE = 200_000


@dataclass(frozen=True)
class Request:
    """
    One request: `local` is the client's own "address:port", `logged` what the real server `backend` took it for; `words`
    are what the server answered or what went wrong.
    """

    local: str
    status: str
    words: str = ""
    logged: Optional[str] = None
    backend: Optional[str] = None

    def answered(self):
        return self.status in ("200", "201", "204")


class Traffic:
    def __init__(self, guests):
        self.guests, self.client, self.batch = guests, guests["client"], 0

    def many(self, count, sources=CLIENTS, port="plain"):
        """GETs through the director."""
        name = self._name()
        return self._run(name, "/%s/" % name, self._many(name, count, sources, port, 100))

    def many_while(self, count, meanwhile, seconds):
        """GETs while `meanwhile` is called, with a function that waits until so many are done and tells how many are."""
        name = self._name()
        output = "/run/" + name
        command = self._many(name, count, CLIENTS, "plain", seconds)
        self.client.ok("{ %s %s >%s 2>&1; : >%s.end; } &" % (PROGRAM, command, output, output))

        def until(done):
            told, _ = self.client.until("wc -l <" + output, lambda text: int(text) >= done, seconds)
            return int(told)

        meanwhile(until)
        self.client.until("ls %s.end 2>/dev/null" % output, lambda text: text != "", seconds + 60)
        return self._found("/%s/" % name, self.client.packed("cat " + output))

    @staticmethod
    def _many(name, count, sources, port, seconds):
        return "many %s %d %d %s %s %d" % (VIP, PORTS[port], count, name, ",".join(sources), seconds)

    def uploads(self, count, port="plain"):
        """PUTs of 200 kB through the director; also how many arrived byte for byte."""
        name = self._name()
        command = "upload %s %d %d %s %d %s" % (VIP, PORTS[port], count, name, SIZE, CLIENTS[0])
        requests = self._run(name, "/up/%s-" % name, command)
        sums = "".join(self.guests[one].run("cd /srv/up && sha256sum %s-*" % name)[1] for one in BACKENDS)
        wanted = ["%s  %s-%d\n" % (hashlib.sha256(payload(one, SIZE)).hexdigest(), name, one) for one in range(count)]
        return requests, sum(line in sums for line in wanted)

    def hold(self, between):
        """A GET of which the second half is sent after `between` was called; also what that returned."""
        name = self._name()
        output = "/run/" + name
        self.client.ok("rm -f /run/go; %s hold %s 80 %s %s >%s 2>&1 &" % (PROGRAM, VIP, name, CLIENTS[0], output))
        opened = self.client.until("cat " + output, lambda text: "open" in text)[1]
        happened = between() if opened else None
        self.client.ok(": >/run/go")
        self.client.until("cat " + output, lambda text: len(text.splitlines()) > 1)
        return self._found("/%s/" % name, self.client.ok("cat " + output)), happened

    def raw(self, port, options, direct=None):
        """A GET whose packets carry these TCP options, from an address that no kernel has.

        `direct`: the real server that it goes to, past the director.
        """
        name = self._name()
        segment, card, source = ("inside", "eth1", "10.0.2.250") if direct else ("outside", "eth0", "10.0.1.250")
        target = direct or "director"
        self.guests[target].ok("arp -s %s %s" % (source, mac("client", segment)))
        ends = "%s %d %s %d" % (source, port, BACKENDS[direct] if direct else VIP, PORTS["plain"])
        command = "raw %s %s %s %s %s" % (card, mac(target, segment), ends, name, options.hex())
        return (self._run(name, "/%s/" % name, command) or [Request("%s:%d" % (source, port), "-")])[0]

    def _name(self):
        self.batch += 1
        return "b%d" % self.batch

    def _run(self, name, prefix, command):
        self.client.run("%s %s >/run/%s 2>&1" % (PROGRAM, command, name), 120)
        return self._found(prefix, self.client.packed("cat /run/" + name))

    def _found(self, prefix, told):
        """The client's lines, each with the line of a real server's log that speaks of the same path."""
        lines = [line.split(" ") for line in told.splitlines() if line[:1].isdigit()]
        if not lines:
            print("the client's program said: %s" % told.strip()[-1000:], flush=True)
        answered = sum(status != "-" for _, _, status, *_ in lines)
        limit = time.monotonic() + 15
        while True:
            served = {}
            for backend in BACKENDS:
                logged_there = self.guests[backend].packed("grep '^%s' %s" % (prefix, LOG))
                for line in logged_there.splitlines():
                    path, logged, _ = line.split(" ")
                    served[path[len(prefix) :]] = (logged, backend)
            # A real server writes its line after the answer is gone.
            if len(served) >= answered or time.monotonic() > limit:
                return [Request(one[1], one[2], " ".join(one[3:]), *served.get(one[0], ())) for one in lines]
