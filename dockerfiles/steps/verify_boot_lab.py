# SPDX-License-Identifier: Apache-2.0
"""The four machines and the two segments between them.

    client 10.0.1.2-65 --- outside --- 10.0.1.1 director 10.0.2.1 --- inside --- backend1 10.0.2.11
    neighbour 10.0.2.77, the client's second card ---------------------'   '---- backend2 10.0.2.12

The service is at 10.0.1.100, the local addresses are 10.0.2.201 and so on. The backends have no route but that of their
own segment: an answer can only come back through the director.
"""
import os

import verify_boot_machines as machines
from verify_boot_guest import Guest

VIP = "10.0.1.100"
CLIENTS = ["10.0.1.%d" % last for last in range(2, 66)]
NEIGHBOUR = "10.0.2.77"
BACKENDS = {"backend1": "10.0.2.11", "backend2": "10.0.2.12"}
CARDS = {
    "director": ("outside", "inside"),
    "client": ("outside", "inside"),
    "backend1": ("inside",),
    "backend2": ("inside",),
}


def local_addresses(settings):
    return ["10.0.2.%d" % (201 + number) for number in range(settings["localAddresses"])]


def mac(guest, segment):
    """The address of a guest's card."""
    return "52:54:00:00:%02x:%02x" % (list(CARDS["director"]).index(segment) + 1, list(CARDS).index(guest) + 1)


def side_of(guest):
    """Whose packages' kernel a guest boots: the client has that of the director, which knows nothing of the option."""
    return "backend" if guest in BACKENDS else "director"


class Lab:
    def __init__(self, settings, directory, deadline):
        self.settings, self.directory, self.kernels = settings, directory, {}
        self.guests = {name: Guest(name, directory, deadline) for name in CARDS}
        for guest in self.guests.values():
            guest.fellows = [other for other in self.guests.values() if other is not guest]

    def build(self):
        self.kernels = machines.build(self.directory, self.settings)

    def start(self):
        """Starts all machines. The director's QEMU holds both segments, so it comes first; the others connect to it."""
        director, others = self.guests["director"], [name for name in CARDS if name != "director"]
        arguments = []
        for number, segment in enumerate(CARDS["director"]):
            capture = "filter-dump,id=dump-%s,netdev=%s,maxlen=160,file=%s" % (segment, segment, self.capture(segment))
            arguments += ["-netdev", "hubport,id=%s,hubid=%d" % (segment, number), "-object", capture]
            for other in others:
                if segment in CARDS[other]:
                    stream, link = self._stream(segment, other, "on")
                    port = "hubport,id=port-%s,hubid=%d,netdev=%s" % (link, number, link)
                    arguments += ["-netdev", stream, "-netdev", port]
        director.start(arguments + self._machine("director", "director"))
        for name in others:
            arguments = []
            for segment in CARDS[name]:
                stream, link = self._stream(segment, name, "off")
                director.wait_for_socket(self._socket(link))
                arguments += ["-netdev", stream.replace("id=" + link, "id=" + segment)]
            self.guests[name].start(arguments + self._machine(name, "backend" if name in BACKENDS else name))
        for guest in self.guests.values():
            guest.greet(self.settings["seconds"]["boot"])

    def stop(self):
        for guest in self.guests.values():
            guest.stop()

    def capture(self, segment):
        return os.path.join(self.directory, segment + ".pcap")

    def _socket(self, link):
        return os.path.join(self.directory, link + ".net")

    def _stream(self, segment, name, server):
        link = "%s-%s" % (segment, name)
        return "stream,id=%s,server=%s,addr.type=unix,addr.path=%s" % (link, server, self._socket(link)), link

    def _machine(self, name, archive):
        how, cards = self.settings["machine"], []
        for segment in CARDS[name]:
            cards += ["-device", "%s,netdev=%s,mac=%s,romfile=" % (how["nic"], segment, mac(name, segment))]
        return [
            *("-m", str(how["memoryMiB"]), *cards),
            *("-kernel", self.kernels[side_of(name)], "-initrd", os.path.join(self.directory, archive + ".cpio")),
            *("-append", ("console=ttyS0 panic=-1 rdinit=/init " + how["arguments"]).strip()),
        ]
