# SPDX-License-Identifier: Apache-2.0
"""Installs the published recipe on six machines with disks, restarts them through their boot loaders, and uses them.

Inputs   /in/settings.json     fingerprint of the key; expected: releases by role
         /in/srv/lts/          what is published, as a web server shows it
         /in/hosts/<host>/     what `factory configure` wrote
Outputs  /out/install-proof.json  the steps: [{step, seconds, seen, ok}]; /out/console-<host>.txt
Exit     0 whether all is well or not: that stands in the file.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, "/step")

import use  # noqa: E402
from lab import BASE, SERVERS, Lab  # noqa: E402

# Seconds of patience: with the whole, and with one command of a host. Emulated processors share those that are there.
ALL, COMMAND = 2400, 400
# The server whose new kernel cannot start.
PANICS = "nginx4"
# Exit code of install.sh.
UNREACHABLE = 20


class Failed(Exception):
    pass


class Proof:
    def __init__(self, settings, directory):
        self.settings = settings
        self.lab = Lab(directory, time.monotonic() + ALL)
        self.hosts = self.lab.hosts
        self.installed = ["director1", *SERVERS]
        self.steps = []

    def step(self, name, work):
        """Does one step; what it returns is what was seen. A step that goes wrong ends all."""
        print("@@factory phase=" + name.replace(" ", "-"), flush=True)
        begun = time.monotonic()
        try:
            seen, good = work(), True
        except Exception as error:  # pylint: disable=broad-except
            seen, good = str(error) or traceback.format_exc(), False
        self.steps.append({"step": name, "seconds": round(time.monotonic() - begun), "seen": seen, "ok": good})
        print("%-4s %4d s  %-38s %s" % ("ok" if good else "BAD", self.steps[-1]["seconds"], name, seen), flush=True)
        if not good:
            raise Failed(name)

    def release(self, name):
        return self.settings["releases"]["director" if name == "director1" else "backend"]

    def install(self, host, command):
        """install.sh with a command; again where the web server was not reached: on a loaded machine a connection may take too long."""
        for _ in range(4):
            code, text = host.run("sh /root/install.sh " + command, COMMAND)
            if code != UNREACHABLE:
                break
        return code, text

    # ---- steps

    def start(self):
        self.lab.start()
        self.lab.each(self.hosts, lambda host: host.ready(COMMAND))
        old = {host.release for host in self.hosts.values()}
        want(len(old) == 1 and not old & set(self.settings["releases"].values()), "kernels: %s" % old)
        return "%d machines run %s, the distribution's" % (len(self.hosts), old.pop())

    def plan(self):
        def one(host):
            role = "director" if host.name == "director1" else "backend"
            host.ok("curl -sSf --retry 5 --retry-connrefused -o /root/install.sh %s/lts/install.sh" % BASE, COMMAND)
            options = "--role %s --fingerprint %s" % (role, self.settings["fingerprint"])
            host.options = "%s %s/lts" % (options, BASE)
            code, text = self.install(host, "plan " + host.options)
            want(code == 2 and "boot: entry of " + self.release(host.name) in text, "%s: exit %d: %s" % (host.name, code, text))
            want("warning:" not in text, text)
            return text.splitlines()[-1]

        return told(self.lab.each(self.installed, one))

    def apply(self):
        def one(host):
            code, text = self.install(host, "apply " + host.options)
            want(code == 0 and "applied: reboot to try" in text, "%s: exit %d: %s" % (host.name, code, text))
            state = self.install(host, "status")[1]
            want("waiting for the reboot that tries it" in state, state)
            again = self.install(host, "plan")
            want(again[0] == 0 and "no change" in again[1], "%s: %s" % (host.name, again[1]))
            return "applied, the old kernel still runs; plan again: no change"

        return told(self.lab.each(self.installed, one))

    def stock(self):
        use.servers(self.lab)
        return use.stock_kernel(self.lab)

    def configure(self):
        for name in self.installed:
            use.copy_tree(self.hosts[name], "/in/hosts/" + name)
        # The new kernel of this one cannot start: its first process ends at once.
        self.hosts[PANICS].ok("sed -i 's|\\${fullnat_factory_panic}|& init=/bin/false|' /boot/grub/custom.cfg")
        checked = [use.check_keepalived(self.hosts["director1"], "/in/hosts/director%d" % n) for n in (1, 2, 3)]
        checked += [use.check_frr("/in/hosts/director%d" % n) for n in (1, 2, 3)]
        return "accepted: " + ", ".join(checked)

    def restart(self):
        self.lab.each(self.installed, lambda host: host.restart())
        for name in self.installed:
            got, new = self.hosts[name].release, self.release(name)
            want((got == new) == (name != PANICS), "%s runs %s" % (name, got))
        seconds = ", ".join("%s %d s" % (name, self.hosts[name].restarts[-1][1]) for name in self.installed)
        return "%d new kernels were tried, that of %s panics; ready after: %s" % (len(self.installed), PANICS, seconds)

    def fallback(self):
        host = self.hosts[PANICS]
        want("Kernel panic" in host.console(), "no panic on the console")
        state = self.install(host, "status")[1]
        want("fell back to the old kernel" in state, state)
        code, text = self.install(host, "verify")
        want(code == 1 and "fell back" in text, text)
        tries = host.console().count("Linux version " + self.release(PANICS))
        want(tries == 1, "the new kernel was started %d times" % tries)
        return "%s: panic, started again by itself, runs %s; status: fell back" % (PANICS, host.release)

    def again(self):
        host = self.hosts[PANICS]
        host.ok("sed -i 's| init=/bin/false||' /boot/grub/custom.cfg")
        code, text = self.install(host, "apply --try-again")
        want(code == 0, "exit %d: %s" % (code, text))
        host.restart()
        want(host.release == self.release(PANICS), "runs " + host.release)
        return "%s: repaired, apply --try-again, runs %s" % (PANICS, host.release)

    def verify(self):
        def one(host):
            code, text = self.install(host, "verify")
            want(code == 0 and "confirmed: " + host.release in text, "%s: exit %d: %s" % (host.name, code, text))
            state = self.install(host, "status")[1]
            want("confirmed, the default" in state, state)
            return "%d checks are green, confirmed" % text.count("ok: ")

        return told(self.lab.each(self.installed, one))

    def stays(self):
        host = self.hosts["nginx1"]
        host.restart()
        want(host.release == self.release("nginx1"), "runs " + host.release)
        return "nginx1: started once more, runs %s" % host.release

    def traffic(self):
        use.servers(self.lab)
        return use.cluster(self.lab)

    def routing(self):
        seen = use.routing(self.lab)
        # That of the kernel that was made to panic says what it is meant to say.
        complaints = [line for name in self.hosts if name != PANICS for line in self.hosts[name].complaints()]
        want(complaints == [], "; ".join(complaints[:5]))
        return seen

    def run(self):
        self.step("start", self.start)
        self.step("plan", self.plan)
        self.step("apply", self.apply)
        self.step("control: the stock kernel", self.stock)
        self.step("configure: 3 directors, 4 servers", self.configure)
        self.step("restart", self.restart)
        self.step("fall back", self.fallback)
        self.step("try again", self.again)
        self.step("verify", self.verify)
        self.step("stays the default", self.stays)
        self.step("traffic through two VIPs", self.traffic)
        self.step("routes to them by OSPF", self.routing)


def want(good, words):
    if not good:
        raise Failed(words)


def told(by_name):
    """What was seen, once where it is the same everywhere."""
    if len(set(by_name.values())) == 1:
        return "%d hosts: %s" % (len(by_name), next(iter(by_name.values())))
    return "; ".join("%s: %s" % item for item in sorted(by_name.items()))


def main():
    with open("/in/settings.json", encoding="utf-8") as handle:
        settings = json.load(handle)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(["python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "/in/srv", "8080"], **quiet) as web:
        with tempfile.TemporaryDirectory() as directory:
            proof = Proof(settings, directory)
            try:
                proof.run()
            except Failed:
                pass
            finally:
                proof.lab.stop()
                web.kill()
            with open("/out/install-proof.json", "w", encoding="utf-8") as handle:
                handle.write(json.dumps({"steps": proof.steps}, indent=2) + "\n")
            for name, host in proof.hosts.items():
                with open(os.path.join("/out", "console-%s.txt" % name), "w", encoding="utf-8") as handle:
                    handle.write(host.console())


if __name__ == "__main__":
    main()
