# SPDX-License-Identifier: Apache-2.0
"""What the client's machine runs: connections like those of browsers, and packets that no browser sends.

  many VIP PORT COUNT NAME SOURCE,SOURCE... SECONDS
                                              a GET of /NAME/<n> each, up to 64 at a time, from the sources in turn
  upload VIP PORT COUNT NAME BYTES SOURCE     a PUT of /up/NAME-<n> each, one after another
  hold VIP PORT NAME SOURCE                   a GET of which the second half waits for /run/go
  raw INTERFACE MAC SOURCE PORT DESTINATION DPORT NAME OPTIONS   a GET whose packets carry these TCP options (hex)

Writes one line per connection: "<n> <local address> <status> <first line of the answer or what went wrong>".
"""
import os
import select
import socket
import struct
import sys
import time

PARALLEL = 64
SECONDS = 100  # of patience with one connection


def request(name, number):
    return ("GET /%s/%s HTTP/1.0\r\nHost: lab\r\n\r\n" % (name, number)).encode()


def payload(number, size):
    """The body of an upload."""
    return (b"upload %d " % int(number) * (size // 9 + 1))[:size]


def report(number, local, answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ")[1].decode() if head.startswith(b"HTTP/1") else "-"
    text = body.decode("latin-1").strip() or ("no answer" if answer == b"" else "")
    print("%s %s %s %s" % (number, local, status, text.split("\n")[0]))


def many(vip, port, count, name, sources, seconds):
    sources, waiting, open_ones, poll = sources.split(","), list(range(int(count)))[::-1], {}, select.poll()
    limit = time.monotonic() + int(seconds)
    while waiting or open_ones:
        while waiting and len(open_ones) < PARALLEL:
            number = waiting.pop()
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.setblocking(False)
            one.bind((sources[number % len(sources)], 0))
            one.connect_ex((vip, int(port)))
            open_ones[one.fileno()] = [number, one, "%s:%d" % one.getsockname(), b"", False]
            poll.register(one.fileno(), select.POLLOUT)
        for descriptor, _ in poll.poll(200):
            item = open_ones[descriptor]
            number, one, local, _, sent = item
            try:
                if not sent:
                    one.send(request(name, number))
                    item[4] = True
                    poll.modify(descriptor, select.POLLIN)
                    continue
                received = one.recv(65536)
            except OSError as error:
                print("%d %s - %s" % (number, local, error.strerror))
                received = None
            if received:
                item[3] += received
                continue
            if received is not None:
                report(number, local, item[3])
            poll.unregister(descriptor)
            one.close()
            del open_ones[descriptor]
        if time.monotonic() > limit:
            for number, one, local, _, _ in open_ones.values():
                print("%d %s - not in time" % (number, local))
            return


def connected(vip, port, source):
    one = socket.socket()
    one.settimeout(SECONDS)
    one.bind((source, 0))
    one.connect((vip, int(port)))
    return one, "%s:%d" % one.getsockname()


def answer_of(one):
    answer = b""
    while True:
        received = one.recv(65536)
        if not received:
            return answer
        answer += received


def upload(vip, port, count, name, size, source):
    for number in range(int(count)):
        one, local = connected(vip, port, source)
        head = "PUT /up/%s-%d HTTP/1.0\r\nHost: lab\r\nContent-Length: %s\r\n\r\n" % (name, number, size)
        one.sendall(head.encode() + payload(number, int(size)))
        report(number, local, answer_of(one))


def hold(vip, port, name, source):
    one, local = connected(vip, port, source)
    text = request(name, 0)
    one.sendall(text[:20])
    print("open", flush=True)
    while not os.path.exists("/run/go"):
        time.sleep(0.05)
    one.sendall(text[20:])
    report(0, local, answer_of(one))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def raw(interface, mac, source, sport, destination, dport, name, options):
    """A TCP of a few lines at an address that the kernel here does not have, so that it keeps out of it."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    wire.bind((interface, 0x0800))
    ends = socket.inet_aton(source), socket.inet_aton(destination)
    ports = int(sport), int(dport)
    options = bytes.fromhex(options)
    options += b"\1" * (-len(options) % 4)

    def send(flags, sequence, acknowledged, data=b"", options=b""):
        def header(total):
            offset = (20 + len(options)) // 4 << 4
            return struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged, offset, flags, 29200, total, 0) + options

        length = 20 + len(options) + len(data)
        total = checksum(ends[0] + ends[1] + struct.pack("!BBH", 0, 6, length) + header(0) + data)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, 0x4000, 64, 6, 0) + ends[0] + ends[1]
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        wire.sendto(ip + header(total) + data, (interface, 0x0800, 0, 0, bytes.fromhex(mac.replace(":", ""))))

    syn, first, local = 0x02, 1000, "%s:%s" % (source, sport)
    wait = time.monotonic() + 10
    sequence, expected, answer, sent_at = first, None, b"", 0
    while time.monotonic() < wait:
        if time.monotonic() - sent_at > 1 and not answer:
            sent_at = time.monotonic()
            if expected is None:
                send(syn, first, 0, options=b"\2\4\5\xb4")
            else:
                send(0x10, sequence, expected, options=options)
                send(0x18, sequence, expected, request(name, 0), options)
        if not select.select([wire], [], [], 0.2)[0]:
            continue
        packet = wire.recv(65536)
        body = packet[(packet[0] & 15) * 4 :]
        if packet[9] != 6 or packet[12:20] != ends[1] + ends[0] or struct.unpack("!HH", body[:4]) != ports[::-1]:
            continue
        theirs, _, offset, flags = struct.unpack("!IIBB", body[4:14])
        data = body[(offset >> 4) * 4 : struct.unpack("!H", packet[2:4])[0] - (packet[0] & 15) * 4]
        if flags & 0x04:
            print("0 %s - reset" % local)
            return
        if flags & syn and expected is None:
            expected, sequence, sent_at = theirs + 1 & 0xFFFFFFFF, first + 1, 0
        elif expected is not None and theirs == expected and (data or flags & 1):
            answer += data
            expected = theirs + len(data) + (flags & 1) & 0xFFFFFFFF
            send(0x10, sequence + len(request(name, 0)), expected)
            if flags & 1:
                send(0x14, sequence + len(request(name, 0)), expected)
                break
    report(0, local, answer)


if __name__ == "__main__":
    {"many": many, "upload": upload, "hold": hold, "raw": raw}[sys.argv[1]](*sys.argv[2:])
