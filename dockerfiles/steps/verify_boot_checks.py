# SPDX-License-Identifier: Apache-2.0
"""What was looked at, what was wanted, and what was seen."""
import re


class Stop(Exception):
    """What failed makes everything after it meaningless."""


class Checks:
    def __init__(self):
        self.all = []

    def note(self, name, want, got, good=None):
        """Notes an outcome and returns whether it is good. Without `good` the two must be equal."""
        good = want == got if good is None else bool(good)
        self.all.append({"id": name, "want": str(want), "got": str(got)[:2000], "ok": good})
        print("@@factory check=%s ok=%s" % (name, "yes" if good else "no: " + str(got)[:400]), flush=True)
        return good

    def need(self, name, want, got, good=None):
        """The same; nothing else is looked at when it is not good."""
        if not self.note(name, want, got, good):
            raise Stop(name)

    def addresses(self, name, requests, count):
        """Every request was answered, and every real server took it for the client's own address and port."""
        right = [one for one in requests if one.answered() and one.logged == one.local]
        wrong = [self._of(one) for one in requests if one not in right]
        got = "%d of %d" % (len(right), len(requests))
        self.note(name, "%d of %d" % (count, count), "; ".join([got, *wrong[:3]]), len(right) == len(requests) == count)

    @staticmethod
    def _of(one):
        return "%s: status %s, logged %s, %s" % (one.local, one.status, one.logged, one.words)


def counters(guest, settings):
    """Counters by name, summed over processors: lines of a name, perhaps a colon, and numbers."""
    text = guest.run("cat %s" % settings["counters"]["file"])[1]
    lines = re.findall(r"^\s*(\w+)\s*:?((?:[ \t]+\d+)+)\s*$", text, re.MULTILINE)
    return {name: sum(map(int, values.split())) for name, values in lines}
