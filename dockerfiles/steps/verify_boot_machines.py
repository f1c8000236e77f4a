# SPDX-License-Identifier: Apache-2.0
"""Root file systems of the guests: what our packages installed, and of this image what is used around it."""
import os
import py_compile
import re
import subprocess
import sys
import tarfile

from verify_boot_archive import Archive

LOG = "/var/log/nginx.log"
# 80: an ordinary listener. 81: one that is woken by data, not by the connection.
PORTS = {"plain": 80, "deferred": 81}

NGINX = """user root; worker_processes 1; pid /run/nginx.pid; error_log /var/log/nginx.error;
events { worker_connections 512; }
http {
  log_format lab '$request_uri $remote_addr:$remote_port $status';
  access_log %s lab;
  default_type text/plain; client_max_body_size 4m; root /srv; client_body_temp_path /srv/temp;
  server {
    listen 80; listen 81 deferred;
    location / { return 200 '$hostname $remote_addr:$remote_port\\n'; }
    location /up/ { dav_methods PUT; create_full_put_path on; }
  }
}
""" % LOG


def build(directory, settings):
    """Writes <guest>.cpio for director, client and backend; returns the paths of the kernels by role."""
    modules, releases = settings["machine"]["modules"], settings["releases"]
    wanted = [*modules, *settings["director"]["modules"], settings["backend"]["module"]]
    director, backend = "/in/rootfs-director.tar", "/in/rootfs-backend.tar"
    kinds = (("director", director, _director), ("client", director, _client), ("backend", backend, _backend))
    for name, tar, add in kinds:
        archive = Archive(_is_old(releases["backend" if name == "backend" else "director"]))
        _common(archive, modules)
        useful = _useful_modules(tar, wanted)
        # Of the director's packages the client has the kernel alone.
        beside = _nothing if name == "client" else _all_but_boot
        archive.add_tar(tar, lambda path, beside=beside: (useful if "lib/modules/" in path else beside)(path))
        add(archive, directory)
        archive.write(os.path.join(directory, name + ".cpio"))
    return {"director": _kernel(director, directory, "director"), "backend": _kernel(backend, directory, "backend")}


def _all_but_boot(path):
    return not path.startswith("boot/")


def _nothing(_path):
    return False


def _is_old(release):
    """Whether the programs of this container do not start under a kernel; see OLD_CALLS."""
    return [int(number) for number in re.findall(r"\d+", release)[:3]] < [2, 6, 39]


def _useful_modules(tar, wanted):
    """Which of the modules' files a guest gets: of drivers those that are `wanted`, with what they need.

    The kernel of a distribution has 90 MB of others, more than a guest can hold.
    """
    needs = {}
    with tarfile.open(tar) as archive:
        for member in archive:
            if re.search(r"lib/modules/[^/]+/modules\.dep$", member.name):
                lines = archive.extractfile(member).read().decode().splitlines()
                needs.update(line.split(":", 1) for line in lines)
    drivers, waiting = set(), [path for path in needs if _module_of(path) in wanted]
    while waiting:
        path = waiting.pop()
        if path not in drivers:
            drivers.add(path)
            waiting += needs[path].split()

    def useful(path):
        inside = re.sub(r"^.*lib/modules/[^/]+/", "", path)
        return not inside.startswith(("kernel/drivers/", "kernel/sound/", "kernel/fs/")) or inside in drivers

    return useful


def _module_of(path):
    return os.path.basename(path).split(".")[0].replace("-", "_")


def _common(archive, modules):
    archive.add_program("/bin/busybox")
    listed = subprocess.run(["/bin/busybox", "--list"], stdout=subprocess.PIPE, text=True, check=True)
    for applet in listed.stdout.split():
        if applet != "busybox":
            archive.add_link("usr/bin/" + applet, "busybox")
    # The kernel itself asks for modules, of this program at this place; busybox's own ignores soft dependencies.
    archive.add_program("/usr/bin/kmod")
    for applet in ("modprobe", "rmmod", "lsmod", "modinfo"):
        archive.add_link("usr/sbin/" + applet, "../bin/kmod")
        archive.remove("usr/bin/" + applet)
    archive.add_file("/step/verify-boot-init.sh", "init", 0o755)
    archive.add_text("etc/modules", "".join(module + "\n" for module in modules))


def _director(archive, _directory):
    archive.add_program("/usr/sbin/xtables-legacy-multi")
    archive.add_link("usr/sbin/iptables", "xtables-legacy-multi")
    extensions = "/usr/lib/x86_64-linux-gnu/xtables"
    for name in os.listdir(extensions):
        if name.startswith(("libxt_", "libipt_")):
            archive.add_file(os.path.join(extensions, name))


def _backend(archive, _directory):
    archive.add_program("/usr/sbin/nginx")
    archive.add_text("etc/nginx.conf", NGINX)
    for directory in ("srv/temp", "var/lib/nginx"):
        archive.add_directory(directory)


def _client(archive, directory):
    """The interpreter, and of its library what the client's script loads: compiled here, an emulator is slow."""
    interpreter = os.path.realpath("/usr/bin/python3")
    archive.add_program(interpreter)
    archive.add_link("usr/bin/python3", os.path.basename(interpreter))
    archive.add_directory(os.path.join(os.path.dirname(os.__file__), "lib-dynload"))
    script = (
        "import sys; sys.path.insert(0, '/step'); import verify_boot_client\n"
        "print(*(m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)))"
    )
    command = [interpreter, "-B", "-I", "-S", "-c", script]
    loaded = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    for number, source in enumerate(loaded):
        if not source.endswith(".py"):
            archive.add_extension(source)
            continue
        compiled = os.path.join(directory, "module%d.pyc" % number)
        py_compile.compile(source, compiled, doraise=True)
        archive.add_file(compiled, "root/client.pyc" if source.startswith("/step/") else source + "c", 0o644)


def _kernel(tar, directory, role):
    with tarfile.open(tar) as archive:
        (kernel,) = [member for member in archive if member.name.startswith("boot/vmlinuz-")]
        path = os.path.join(directory, role + ".kernel")
        with open(path, "wb") as out:
            out.write(archive.extractfile(kernel).read())
    return path
