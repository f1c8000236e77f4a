# SPDX-License-Identifier: Apache-2.0
"""Reads what went over a segment: the captures that QEMU writes, IPv4 TCP only."""
import socket
import struct
from collections import namedtuple

# time: seconds since 1970; source, destination: "address:port"; options: [(kind, data)]; length: bytes of data.
Packet = namedtuple("Packet", "time source destination flags options length")
SYN, ACK, FIN, RST = 0x02, 0x10, 0x01, 0x04
NAMES = {1: "nop", 2: "mss", 3: "wscale", 4: "sackOK", 5: "sack", 8: "timestamp"}


def read(path):
    """Every TCP packet of a pcap file, in order."""
    with open(path, "rb") as handle:
        data = handle.read()
    packets, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, kept, _ = struct.unpack("<IIII", data[at : at + 16])
        frame, at = data[at + 16 : at + 16 + kept], at + 16 + kept
        if len(frame) < 54 or frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        total, start = struct.unpack("!H", frame[16:18])[0], 14 + (frame[14] & 15) * 4
        sport, dport = struct.unpack("!HH", frame[start : start + 4])
        head = (frame[start + 12] >> 4) * 4
        source = "%s:%d" % (socket.inet_ntoa(frame[26:30]), sport)
        destination = "%s:%d" % (socket.inet_ntoa(frame[30:34]), dport)
        options = list(_options(frame[start + 20 : start + head]))
        length = total - (start - 14) - head
        packets.append(Packet(seconds + micros / 1e6, source, destination, frame[start + 13], options, length))
    return packets


def _options(data):
    while data and data[0] != 0:
        if data[0] == 1:
            yield 1, b""
            data = data[1:]
        elif len(data) < 2 or data[1] < 2 or data[1] > len(data):
            return
        else:
            yield data[0], data[2 : data[1]]
            data = data[data[1] :]


def client_in(packet, option):
    """The "address:port" that a packet carries in its TOA option; None when it carries none."""
    for kind, data in packet.options:
        if kind == option and len(data) == 6:
            return "%s:%d" % (socket.inet_ntoa(data[2:]), struct.unpack("!H", data[:2])[0])
    return None


def describe(segment, packet, start, option):
    """One line for people."""
    flags = [name for bit, name in ((SYN, "SYN"), (ACK, "ACK"), (FIN, "FIN"), (RST, "RST")) if packet.flags & bit]
    words = []
    for kind, data in packet.options:
        word = NAMES.get(kind, "kind %d length %d" % (kind, len(data) + 2))
        if kind == 2:
            word += " %d" % struct.unpack("!H", data)[0]
        elif kind == option and len(data) == 6:
            word += " = %s" % client_in(packet, option)
        words.append(word)
    return "%-7s %9.6f  %s > %s  %s, %d bytes  [%s]" % (
        *(segment, packet.time - start, packet.source, packet.destination),
        *("+".join(flags), packet.length, ", ".join(words)),
    )


def connection(segments, client, inner, option, limit=24):
    """The packets of the client's connection on both segments, in the order of time, as lines.

    `inner`: a packet of it on the inside; None: nobody knows which those are.
    """
    ends = {"outside": {client}, "inside": set() if inner is None else {inner.source}}
    every = [(name, p) for name, packets in segments.items() for p in packets if ends[name] & {p.source, p.destination}]
    every.sort(key=lambda one: one[1].time)
    return [describe(name, packet, every[0][1].time, option) for name, packet in every[:limit]]
