# SPDX-License-Identifier: Apache-2.0
"""Root file systems for guests, as cpio archives that a kernel unpacks at boot (initramfs)."""
import os
import re
import stat
import subprocess
import tarfile


class Archive:
    """Files by path without a leading slash. What is added later replaces what was there."""

    def __init__(self):
        self.entries = {}
        # Debian's layout, for which the programs that are added are built. A root file system may bring its own.
        for link in ("bin", "sbin", "lib", "lib64"):
            self.add_link(link, "usr/" + link)
        for directory in ("dev", "proc", "sys", "run", "tmp", "root", "etc", "var/log", "var/lib"):
            self.add_directory(directory)
        self.add_text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.add_text("etc/group", "root:x:0:\n")

    def _add(self, path, mode, data):
        self.entries[os.path.normpath(path).lstrip("/")] = (mode, data)

    def add_directory(self, path):
        self._add(path, stat.S_IFDIR | 0o755, b"")

    def remove(self, path):
        del self.entries[path]

    def add_text(self, path, text, mode=0o644):
        self._add(path, stat.S_IFREG | mode, text.encode())

    def add_link(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def add_file(self, source, path=None, mode=None):
        """A file of this container, at the same physical path unless another one is given."""
        target = path or os.path.join(os.path.realpath(os.path.dirname(source)), os.path.basename(source))
        with open(source, "rb") as handle:
            data = handle.read()
        self._add(target, stat.S_IFREG | (mode or stat.S_IMODE(os.stat(source).st_mode)), data)

    def add_program(self, source):
        """A program of this container with the libraries that it is linked to."""
        self.add_file(source)
        # Of a program that is linked statically, ldd says so and fails.
        command = ["ldd", source]
        linked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        for library in re.findall(r"^\s+(?:\S+ => )?(/\S+) \(0x", linked.stdout.decode(), re.MULTILINE):
            self.add_file(library)

    def add_tar(self, path, wanted=lambda name: True):
        with tarfile.open(path) as tar:
            for member in tar:
                if not wanted(member.name):
                    continue
                if member.issym():
                    self.add_link(member.name, member.linkname)
                elif member.isfile():
                    self._add(member.name, stat.S_IFREG | member.mode, tar.extractfile(member).read())
                elif member.islnk():
                    self.entries[member.name] = self.entries[member.linkname]

    def write(self, path):
        """As "newc" cpio, uncompressed: an emulated processor takes longer to unpack than a disk to read."""
        entries = dict(self.entries)
        for name in list(entries):
            parent = os.path.dirname(name)
            while parent and parent not in entries:
                entries[parent] = (stat.S_IFDIR | 0o755, b"")
                parent = os.path.dirname(parent)
        # Sorted, a directory stands before what is in it.
        with open(path, "wb") as out:
            for number, name in enumerate(sorted(entries), 1):
                _write_entry(out, number, name, *entries[name])
            _write_entry(out, 0, "TRAILER!!!", 0, b"")


def _write_entry(out, number, name, mode, data):
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    out.write(header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4))
