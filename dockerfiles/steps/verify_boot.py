# SPDX-License-Identifier: Apache-2.0
"""Boots the machines, goes through the phases, gives an account. See verify-boot.sh."""
import gzip
import json
import os
import sys
import time
import traceback

import verify_boot_capture as capture
from verify_boot_checks import Checks, Stop
from verify_boot_guest import Broken
from verify_boot_lab import VIP, Lab
from verify_boot_phases import Phases
from verify_boot_traffic import Traffic

# What is kept of a console, in bytes; the end is what matters.
CONSOLE_LIMIT = 400_000


def prove(lab, phases, checks):
    """Every phase in turn. What ends one early ends all, and is a failed check. Returns seconds by phase."""
    seconds = {}
    try:
        for phase in phases.ALL:
            print("@@factory phase=" + phase.__name__, flush=True)
            begun = time.monotonic()
            try:
                phase(phases)
            finally:
                seconds[phase.__name__] = round(time.monotonic() - begun, 1)
    except Broken as broken:
        checks.note("machine-" + broken.guest, "goes on", broken.what)
        last = lab.guests[broken.guest].console().splitlines()[-25:]
        print("\n".join(["last lines of the console of %s:" % broken.guest, *last]), flush=True)
    except Stop as stop:
        print("stopped: %s" % stop, flush=True)
    # Whatever else goes wrong: what was seen before is told, and it counts as failed.
    except Exception:  # pylint: disable=broad-except
        checks.note("script", "no error", traceback.format_exc())
        print(traceback.format_exc(), flush=True)
    finally:
        lab.stop()
    for name, guest in lab.guests.items():
        complaints = guest.complaints()
        checks.note("console-" + name, "no complaint", "; ".join(complaints[:3]) or "no complaint")
    return seconds


def shown_connection(lab, request):
    """One connection on both sides of the director: its ends, and its packets as lines."""
    option = lab.settings["option"]
    told = {"client": None, "virtual": VIP + ":80", "local": None, "server": None, "logged": None, "packets": []}
    if request is None:
        return told
    segments = {name: capture.read(lab.capture(name)) for name in ("outside", "inside")}
    inner = next((p for p in segments["inside"] if capture.client_in(p, option) == request.local), None)
    packets = capture.connection(segments, request.local, inner, option)
    told.update(client=request.local, logged=request.logged, packets=packets)
    if inner is not None:
        told.update(local=inner.source, server=inner.destination)
    return told


def main():
    started = time.monotonic()
    with open("/in/settings.json", encoding="utf-8") as handle:
        settings = json.load(handle)
    lab, checks = Lab(settings, sys.argv[1], started + settings["seconds"]["all"]), Checks()
    phases = Phases(lab, checks, Traffic(lab.guests))
    seconds = prove(lab, phases, checks)
    connection = shown_connection(lab, phases.shown)
    guests = lab.guests.items()
    evidence = {
        "schema": 1,
        "recipe": settings["recipe"],
        "snapshot": settings["snapshot"],
        "ok": all(one["ok"] for one in checks.all),
        "checks": checks.all,
        "machines": [{"name": name, "kernel": one.release, "bootSeconds": one.boot_seconds} for name, one in guests],
        "versions": phases.versions,
        "accelerator": "tcg",
        "seconds": {"all": round(time.monotonic() - started, 1), "phases": seconds},
        "connection": connection,
    }
    with open("/out/verify-boot.json", "w", encoding="utf-8") as handle:
        handle.write(json.dumps(evidence, indent=2) + "\n")
    with open("/out/verify-boot-connection.txt", "w", encoding="utf-8") as handle:
        handle.write("".join(line + "\n" for line in connection["packets"]))
    for name, guest in guests:
        path = os.path.join("/out", "verify-boot-console-%s.txt.gz" % name)
        with gzip.GzipFile(path, "wb", mtime=0) as handle:
            handle.write(guest.console()[-CONSOLE_LIMIT:].encode())


if __name__ == "__main__":
    main()
