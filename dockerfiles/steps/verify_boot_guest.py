# SPDX-License-Identifier: Apache-2.0
"""Virtual machines: QEMU without privileges, a console in a file, and a serial line over which commands are run."""
import base64
import os
import re
import socket
import subprocess
import time
import zlib

# What a kernel says when it is broken, and what a director of the older FULLNAT says when a connection is.
BAD_WORDS = re.compile(
    r"Kernel panic|Oops|BUG:|general protection fault|Unable to handle kernel|soft lockup|hard LOCKUP"
    r"|rcu: INFO:.*stall|INFO: rcu.*stall|WARNING: CPU|Call Trace|rst to rs seq|segfault|Out of memory"
    # Kernels that watch locks and memory.
    r"|KASAN|WARNING: (possible|suspicious|inconsistent|bad|held|invalid|Nested)|INFO: (possible|trying|suspicious)"
)


class Broken(Exception):
    """A guest that cannot go on: it died, or it does not answer in time."""

    def __init__(self, guest, what):
        super().__init__("%s: %s" % (guest, what))
        self.guest, self.what = guest, what


class Guest:
    def __init__(self, name, directory, deadline):
        self.name, self.deadline = name, deadline
        # The other machines: when one of them dies, waiting for this one is in vain.
        self.fellows = []
        self.console_path = os.path.join(directory, name + ".console")
        self.line_path = os.path.join(directory, name + ".line")
        self.process, self.line, self.buffer = None, None, b""
        self.number, self.release, self.boot_seconds, self.started = 0, "", None, None

    def start(self, arguments):
        """Starts QEMU with these arguments and those that every guest has."""
        open(self.console_path, "wb").close()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [
                *("qemu-system-x86_64", "-name", self.name, "-accel", "tcg", "-cpu", "max", "-smp", "1"),
                *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
                *("-serial", "file:" + self.console_path),
                *("-serial", "unix:%s,server=on,wait=off" % self.line_path),
                *arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        # What a guest says before somebody listens is lost.
        self.wait_for_socket(self.line_path)
        self.line = socket.socket(socket.AF_UNIX)
        self.line.connect(self.line_path)

    def wait_for_socket(self, path):
        """Waits until QEMU listens on a socket: between making its file and that, connections are refused."""
        while not _is_listened_to(path):
            self._check(self.deadline)
            time.sleep(0.01)

    def greet(self, seconds):
        """Waits for the first process of the guest to speak."""
        limit = min(self.deadline, time.monotonic() + seconds)
        greeting = self._read_line(limit, "its first process did not speak within %d s" % seconds)
        # Some kernels write a byte of their own on the line when they find it.
        self.release = greeting.rpartition("hello")[2].strip()
        self.boot_seconds = round(time.monotonic() - self.started, 1)

    def run(self, command, seconds=30):
        """Runs a command of the guest's shell; returns its exit code and its output."""
        self.number += 1
        limit = min(self.deadline, time.monotonic() + seconds)
        text = base64.b64encode(command.encode()).decode()
        late = "no answer within %d s to: %s" % (seconds, command.strip().splitlines()[0])
        try:
            self.line.sendall(("%d %s\n" % (self.number, text)).encode())
        except OSError as error:
            self._check(limit, str(error))
            raise Broken(self.name, str(error)) from error
        number, code = self._read_line(limit, late).split()
        if int(number) != self.number:
            raise Broken(self.name, "answer %s to command %d" % (number, self.number))
        encoded = []
        while True:
            line = self._read_line(limit, late)
            if line == "":
                return int(code), base64.b64decode("".join(encoded)).decode("utf-8", "replace")
            encoded.append(line)

    def ok(self, command, seconds=30):
        """Runs a command that must succeed; returns its output."""
        code, output = self.run(command, seconds)
        if code != 0:
            first = command.strip().splitlines()[0]
            raise Broken(self.name, "exit %d of: %s: %s" % (code, first, output.strip()[-500:]))
        return output

    def packed(self, command, seconds=60):
        """The output of a command that says much, whatever its exit code: the serial line is slow."""
        text = self.ok("{ %s; } | gzip -c | base64" % command, seconds)
        return zlib.decompress(base64.b64decode(text), 31).decode("utf-8", "replace")

    def until(self, command, accept, seconds=40):
        """Runs a command again and again until its output is accepted; returns the last output and whether it was."""
        limit = min(self.deadline, time.monotonic() + seconds)
        while True:
            output = self.run(command, max(1, limit - time.monotonic()))[1]
            if accept(output) or time.monotonic() > limit:
                return output, bool(accept(output))
            time.sleep(0.1)

    def console(self):
        """What the kernel said; empty where the machine was never started."""
        if self.process is None:
            return ""
        with open(self.console_path, "rb") as handle:
            return handle.read().decode("utf-8", "replace").replace("\r", "")

    def complaints(self):
        """Lines of the console that no healthy kernel writes."""
        return [line.strip() for line in self.console().splitlines() if BAD_WORDS.search(line)]

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _read_line(self, limit, late):
        while b"\n" not in self.buffer:
            self._check(limit, late)
            self.line.settimeout(0.2)
            try:
                received = self.line.recv(65536)
            except socket.timeout:
                continue
            except OSError:
                received = b""
            if received == b"":
                # QEMU is gone or about to go.
                try:
                    self.process.wait(5)
                except subprocess.TimeoutExpired:
                    pass
                self._check(limit, "its serial line was closed")
                raise Broken(self.name, "its serial line was closed")
            self.buffer += received
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode("utf-8", "replace").strip("\r")

    def _check(self, limit, late="not in time"):
        """Fails when this guest or another one died, or when it is too late."""
        for guest in [self, *self.fellows]:
            if guest.process is not None and guest.process.poll() is not None:
                raise Broken(guest.name, guest.end())
        if time.monotonic() > limit:
            raise Broken(self.name, self.panic() or late)

    def panic(self):
        found = re.search(r"Kernel panic.*", self.console())
        return found.group(0) if found else None

    def end(self):
        """How a machine that is off came to its end."""
        said = self.process.stdout.read().decode("utf-8", "replace").strip()
        if self.console().strip() == "":
            return "ended without a word on its console (a triple fault, or no kernel) " + said
        return self.panic() or "the machine went off (exit %s) %s" % (self.process.returncode, said)


def _is_listened_to(path):
    """Whether the kernel says so: flag __SO_ACCEPTCON of the socket with that path."""
    with open("/proc/net/unix", encoding="utf-8") as sockets:
        fields = [line.split() for line in sockets][1:]
    return any(one[-1] == path and int(one[3], 16) & 0x10000 for one in fields)
