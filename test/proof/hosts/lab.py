# SPDX-License-Identifier: Apache-2.0
"""The machines of the installation proof: real disks, real boot loaders, restarts.

    client 192.168.0.1 --- outside --- 192.168.0.2 director1 10.0.0.1 --- inside --- 10.0.1.11-14 nginx1 to nginx4
                                                                                     (VIPs 203.0.113.1, .2; LIPs from 10.0.2.64)

All start from the one disk image, each with changes of its own; director and servers have one more card, over which they reach
the web server with the published recipe and nothing else.
"""
import os
import sys
import threading
import time

sys.path.insert(0, "/step")

from verify_boot_guest import Guest  # noqa: E402  pylint: disable=wrong-import-position,import-error

BASE = "http://10.0.9.2:8080"
SERVERS = {"nginx%d" % n: "10.0.1.%d" % (10 + n) for n in (1, 2, 3, 4)}
ADDRESSES = {
    "client": {"eth0": "192.168.0.1/30"},
    "director1": {"eth0": "192.168.0.2/30", "eth1": "10.0.0.1/22"},
    **{name: {"eth0": address + "/22"} for name, address in SERVERS.items()},
}
SEGMENTS = {"client": ["outside"], "director1": ["outside", "inside"], **{name: ["inside"] for name in SERVERS}}


class Host(Guest):
    """A machine with a disk that outlives restarts."""

    def __init__(self, name, directory, deadline):
        super().__init__(name, directory, deadline)
        self.restarts = []

    def power_on(self, links, memory):
        """Starts the machine: `links` are QEMU's arguments for its segments."""
        cards = []
        for number, segment in enumerate(SEGMENTS[self.name]):
            mac = "52:54:00:00:%02x:%02x" % (number, list(SEGMENTS).index(self.name) + 1)
            cards += ["-device", "virtio-net-pci,netdev=%s,mac=%s,romfile=" % (segment, mac)]
        if self.name != "client":
            cards += ["-netdev", "user,id=served,net=10.0.9.0/24"]
            cards += ["-device", "virtio-net-pci,netdev=served,romfile="]
        disk = "file=/hosts/base.img,format=raw,if=virtio,snapshot=on"
        # Said last, this is what counts: a reset is a restart here, and the boot loader comes again.
        self.start(["-m", str(memory), *links, *cards, "-drive", disk, "-action", "reboot=reset"])

    def ready(self, seconds=400):
        """Waits for init, and gives the machine its addresses."""
        begun = time.monotonic()
        self.greet(seconds)
        commands = ["hostname " + self.name]
        for card, address in ADDRESSES[self.name].items():
            commands += ["ip link set %s up" % card, "ip addr replace %s dev %s" % (address, card)]
        if self.name != "client":
            served = "eth%d" % len(SEGMENTS[self.name])
            commands += ["ip link set %s up" % served, "ip addr replace 10.0.9.15/24 dev %s" % served]
        else:
            commands.append("ip route replace 203.0.113.0/28 via 192.168.0.2")
        self.ok("; ".join(commands))
        return round(time.monotonic() - begun, 1)

    def restart(self):
        """As `reboot` does it: everything is written, then the processor is reset. Returns seconds until init was there again."""
        self.ok("(sleep 1; sync; mount -o remount,ro /; echo b >/proc/sysrq-trigger) >/dev/null 2>&1 &")
        # A kernel that panics stays there for a while, then the old one starts; six machines share two processors or so.
        seconds = self.ready(900)
        self.restarts.append((self.release, seconds))
        return seconds


class Lab:
    def __init__(self, directory, deadline, names=tuple(SEGMENTS), memory=352):
        self.directory, self.memory = directory, memory
        self.hosts = {name: Host(name, directory, deadline) for name in names}
        for host in self.hosts.values():
            host.fellows = [other for other in self.hosts.values() if other is not host]

    def start(self):
        """The director's QEMU holds both segments; the others connect to it."""
        director, others = self.hosts["director1"], [name for name in self.hosts if name != "director1"]
        links = []
        for number, segment in enumerate(SEGMENTS["director1"]):
            links += ["-netdev", "hubport,id=%s,hubid=%d" % (segment, number)]
            for name in others:
                if segment in SEGMENTS[name]:
                    stream = "stream,id=to-%s,server=on,addr.type=unix,addr.path=%s" % (name, self._socket(name))
                    port = "hubport,id=port-%s,hubid=%d,netdev=to-%s" % (name, number, name)
                    links += ["-netdev", stream, "-netdev", port]
        director.power_on(links, self.memory)
        for name in others:
            director.wait_for_socket(self._socket(name))
            segment = SEGMENTS[name][0]
            stream = "stream,id=%s,server=off,addr.type=unix,addr.path=%s" % (segment, self._socket(name))
            self.hosts[name].power_on(["-netdev", stream], self.memory)

    def each(self, names, work):
        """Calls `work` for each of these hosts at the same time; returns the results by name. The first error counts."""
        results, errors = {}, []

        def one(name):
            try:
                results[name] = work(self.hosts[name])
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)

        threads = [threading.Thread(target=one, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return results

    def stop(self):
        for host in self.hosts.values():
            host.stop()

    def _socket(self, name):
        return os.path.join(self.directory, name + ".net")
