# SPDX-License-Identifier: Apache-2.0
"""Connections while the backends' module comes and goes: none fails, and no kernel complains."""
import verify_boot_setup as setup


def run(phases):
    """The round that `stress` of the settings asks for, if any, with its checks."""
    wanted = phases.settings["stress"]
    if wanted is None:
        return
    under_traffic = []

    def meanwhile(until):
        count, times = wanted["connections"], wanted["unloads"]
        for number in range(times):
            # Spread over the round: the first when some connections are done, the last when many are still to come.
            until(count * number // (times + 1) + 1)
            _exchange(phases)
            under_traffic.append(until(0) < count)

    requests = phases.traffic.many_while(wanted["connections"], meanwhile, wanted["seconds"])
    answered = [one for one in requests if one.answered()]
    failed = ["%s: %s" % (one.local, one.words) for one in requests if not one.answered()]
    got = "; ".join(["%d answered" % len(answered), *failed[:5]])
    note = phases.checks.note
    note("stress", "%d answered" % wanted["connections"], got)
    carried = sum(one.logged == one.local for one in answered)
    local = sum(phases.is_local(one) for one in answered)
    good = carried > 0 and carried + local == len(answered)
    note("stress-addresses", "the client's or a local one", "%d and %d of %d" % (carried, local, len(answered)), good)
    want = "%d times under traffic"
    note("stress-unloads", want % wanted["unloads"], want % sum(under_traffic))
    phases.checks.addresses("addresses-after-stress", phases.traffic.many(64), 64)
    if wanted["debug"]:
        for name, guest in phases.lab.guests.items():
            _watched(note, name, guest)


def _exchange(phases):
    for backend in phases.backends:
        backend.ok("/sbin/rmmod " + phases.settings["backend"]["module"], 120)
    for backend in phases.backends:
        said = setup.load_toa(backend, phases.settings)
        if said:
            phases.checks.need("stress-load-" + backend.name, "loaded", said)


def _watched(note, name, guest):
    """That the kernel was looking: one that has found something wrong with its locks says so once and looks no more."""
    said = guest.run("awk '$1 == \"debug_locks:\" {print $2}' /proc/lockdep_stats")[1].strip()
    note("locks-watched-" + name, "1", said)
    note("memory-watched-" + name, "1", guest.run("grep -c ' kasan_report$' /proc/kallsyms")[1].strip())
