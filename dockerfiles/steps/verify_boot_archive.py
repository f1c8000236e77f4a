# SPDX-License-Identifier: Apache-2.0
"""Root file systems for guests, as cpio archives that a kernel unpacks at boot (initramfs)."""
import os
import re
import stat
import subprocess
import tarfile

# Debian 12's C library asks for the state of an open file, and for limits, in ways that are younger than Linux 2.6.32
# (AT_EMPTY_PATH is of 2.6.39, prlimit64 of 2.6.36): no program with libraries starts there. Here is the code with which
# its functions fstat, getrlimit and setrlimit begin (".." is any byte), and as much code that makes the old call, which
# takes the same arguments. Where that fails, fstat leaves errno as it was.
OLD_CALLS = {
    "4889f2 85ff 7819 b900100000 488d35........e9": "b805000000 0f05 c3 909090909090909090909090",
    "4989f2 31d2 89fe b82e010000 31ff 0f05": "909090909090909090 b861000000 0f05",
    "4889f2 4531d2 89fe b82e010000 31ff 0f05": "90909090909090909090 b8a0000000 0f05",
}
LOADER = "ld-linux-x86-64.so.2"
# Where the container's programs are in a guest whose packages bring a C library of their own.
APART = "runner"


def with_old_calls(data):
    """Machine code with the calls above exchanged; also how many there were."""
    total = 0
    for young, old in OLD_CALLS.items():
        bytes_of = re.findall("..", young.replace(" ", ""))
        pattern = b"".join(b"." if one == ".." else re.escape(bytes.fromhex(one)) for one in bytes_of)
        data, count = re.subn(pattern, lambda _, code=bytes.fromhex(old): code, data, flags=re.DOTALL)
        total += count
    return data, total


class Archive:
    """Files by path without a leading slash. What is added later replaces what was there.

    `old`: for a kernel that is too old for the programs of this container. These then stand apart from the packages'
    files, which have a C library of their own, with a copy of theirs that makes older calls.
    """

    def __init__(self, old=False):
        self.entries, self.old = {}, old
        # Debian's layout, for which the programs that are added are built. A root file system may bring its own.
        for link in ("bin", "sbin", "lib", "lib64"):
            self.add_link(link, "usr/" + link)
        for directory in ("dev", "proc", "sys", "run", "tmp", "root", "etc", "var/log", "var/lib"):
            self.add_directory(directory)
        self.add_text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.add_text("etc/group", "root:x:0:\n")

    def _add(self, path, mode, data):
        self.entries[self._place(path)] = (mode, data)

    def _place(self, path):
        """Where a file is: of packages for which /lib is a directory and no link, where the link goes."""
        path = os.path.normpath(path).lstrip("/")
        first, _, rest = path.partition("/")
        mode, target = self.entries.get(first, (0, b""))
        return "%s/%s" % (target.decode(), rest) if rest and stat.S_ISLNK(mode) else path

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
        libraries = _libraries(source)
        if not self.old:
            self.add_file(source)
        elif not libraries:
            self._add_with_old_calls(source, source, range(1, 4))
        else:
            # Started with its own loader and libraries, whatever lies in the usual places.
            program, loader = "%s/bin/%s" % (APART, os.path.basename(source)), os.path.join("/", APART, "lib", LOADER)
            self.add_file(source, program)
            start = '%s --argv0 "$0" --library-path /%s/lib /%s "$@"' % (loader, APART, program)
            self.add_text(source, "#!/usr/bin/busybox sh\nexec %s\n" % start, 0o755)
        self._add_libraries(libraries)

    def add_extension(self, source):
        """What a program of this container loads by itself, with the libraries that it is linked to."""
        self.add_file(source)
        self._add_libraries(_libraries(source))

    def _add_libraries(self, libraries):
        for library in libraries:
            if not self.old:
                self.add_file(library)
                continue
            name = os.path.basename(library)
            wanted = {LOADER: 1, "libc.so.6": 3}.get(name, 0)
            self._add_with_old_calls(library, "%s/lib/%s" % (APART, name), (wanted,))

    def _add_with_old_calls(self, source, path, wanted):
        with open(source, "rb") as handle:
            data, count = with_old_calls(handle.read())
        # Another build of the C library may have other code.
        if count not in wanted:
            raise RuntimeError("%s: %d calls to exchange for older ones, not %s" % (source, count, wanted))
        self._add(path, stat.S_IFREG | 0o755, data)

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
                    self.entries[self._place(member.name)] = self.entries[self._place(member.linkname)]

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


def _libraries(source):
    """Paths of what a program is linked to. Of one that is linked statically, ldd says so and fails."""
    linked = subprocess.run(["ldd", source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return re.findall(r"^\s+(?:\S+ => )?(/\S+) \(0x", linked.stdout.decode(), re.MULTILINE)


def _write_entry(out, number, name, mode, data):
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    out.write(header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4))
