#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs packages the way a host does, from the published tree over HTTP, and checks the result. Runs as root in the clean
# target image without network.
#
# Settings  RECIPE      folder below the web root (optional when there is only one)
#           PACKAGES    what to install: NEVRAs, separated by spaces
#           ROOTFS      optional; yes: also write the file system that verify-boot boots
#           FINGERPRINT optional: the key that must have signed every package (40 hexadecimal digits)
# Inputs    /in/srv/            the web root: <recipe>/mirrorlist (one URL at http://127.0.0.1:8080), <recipe>/RPM-GPG-KEY-factory,
#                               <recipe>/snapshots/<id>/...
#           /in/checks.tsv      optional; id, kind, argument, expected, separated by tabs. Kinds:
#                               file           argument: path                     expected: ignored
#                               file-contains  argument: path                     expected: fixed string somewhere in it
#                               command        argument: for sh -c                expected: its output without the last line end
# Outputs   /out/evidence.json  {packages: [{nevra, key, signature}], checks: [{id, kind, argument, want, got, ok}], ok}; printed too
#           /out/rootfs.tar     with ROOTFS: see verify-install-rootfs.sh
# Exit      10 install-failed, 11 scriptlet-failed, 12 check-failed, 13 server-failed, 64 usage.
#           A failed step leaves no receipt; its evidence is in the log, between @@factory evidence-begin and evidence-end.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

[ -n "${PACKAGES:-}" ] || die 64 step-usage "PACKAGES is not set"
if [ -z "${RECIPE:-}" ]; then RECIPE=$(cd /in/srv && find . -mindepth 2 -maxdepth 2 -name mirrorlist -printf '%h\n' | sed 's#^\./##' | sort); fi
[ -f "/in/srv/${RECIPE:-?}/mirrorlist" ] || die 64 step-usage "/in/srv/${RECIPE:-?}/mirrorlist does not exist"
base=http://127.0.0.1:8080/$RECIPE
read -r -a packages <<<"$PACKAGES"
work=$(mktemp -d)

# Like a web server: it serves files as they are, and only here.
if command -v python3 >/dev/null; then
  python=python3
  (cd /in/srv && exec python3 -m http.server --bind 127.0.0.1 8080) >"$work/server.log" 2>&1 &
else
  # EL6: python 2.6, whose module on its own would listen everywhere.
  python=python
  serve='import BaseHTTPServer, SimpleHTTPServer
BaseHTTPServer.HTTPServer(("127.0.0.1", 8080), SimpleHTTPServer.SimpleHTTPRequestHandler).serve_forever()'
  (cd /in/srv && exec python -c "$serve") >"$work/server.log" 2>&1 &
fi
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
ready=''
for _ in $(seq 100); do
  if (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null; then
    ready=yes
    break
  fi
  sleep 0.1
done
[ -n "$ready" ] || die 13 server-failed "the web server did not start: $(tail -n 1 "$work/server.log")"

echo "@@factory phase=install"
mkdir -p /etc/yum.repos.d
rm -f /etc/yum.repos.d/*.repo
cat >/etc/yum.repos.d/factory.repo <<REPO
[factory]
name=factory
mirrorlist=$base/mirrorlist
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=$base/RPM-GPG-KEY-factory
skip_if_unavailable=0
REPO

# install COMMAND...: with everything it says shown, and kept.
code=0
if command -v dnf >/dev/null; then
  dnf -y --setopt=skip_if_unavailable=0 --setopt=install_weak_deps=0 install "${packages[@]}" >"$work/install.log" 2>&1 </dev/null || code=$?
else
  # EL6's rpm takes a database that lies in a lower layer of an overlay for damaged: bring it into this one.
  find /var/lib/rpm -type f -exec touch {} +
  yum -y install "${packages[@]}" >"$work/install.log" 2>&1 </dev/null || code=$?
  # Of several names yum is content with one.
  if grep -qE '^No package .* available' "$work/install.log"; then code=1; fi
fi
cat "$work/install.log"
[ $code -eq 0 ] || die 10 install-failed "$(grep -E '^(Error|error)|GPG check FAILED|is not signed|incorrect checksum|nothing provides|No match|No package|Requires: |[Pp]ublic key for' "$work/install.log" | head -n 3 | tr '\n' ' ')"
# The exit code says nothing about scriptlets.
if grep -qE 'Error in [A-Z]+ scriptlet|scriptlet failed|Non-fatal' "$work/install.log"; then
  die 11 scriptlet-failed "$(grep -E 'Error in [A-Z]+ scriptlet|scriptlet failed|Non-fatal' "$work/install.log" | head -n 1)"
fi

echo "@@factory phase=check"
touch "$work/checks.tsv"
if [ -f /in/checks.tsv ]; then cat /in/checks.tsv >"$work/checks.tsv"; fi
cat >"$work/check.py" <<'PYTHON'
# Python 2.6 or later.
import io, json, os, subprocess, sys

packages, checks, fingerprint, out = sys.argv[1].split(), sys.argv[2], sys.argv[3].lower(), sys.argv[4]
evidence = {"packages": [], "checks": [], "ok": True}


def run(args, **options):
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=open(os.devnull), **options)
    text = process.communicate()[0].decode("utf-8", "replace")
    return process.returncode, text


def check(id, kind, argument, want, got, ok):
    evidence["checks"].append({"id": id, "kind": kind, "argument": argument, "want": want, "got": got[-4000:], "ok": ok})
    if not ok:
        evidence["ok"] = False
    print("@@factory check=%s ok=%s" % (id, "yes" if ok else "no"))


for package in packages:
    code, text = run(["rpm", "-q", package])
    check("installed " + package, "rpm-q", package, "installed", text.strip(), code == 0)
    code, text = run(["rpm", "-V", package])
    check("verify " + package, "rpm-V", package, "", text.strip(), code == 0 and text.strip() == "")

query = "%{NAME}\t%{VERSION}-%{RELEASE}.%{ARCH}\t%{SIGPGP:pgpsig}\t%{RSAHEADER:pgpsig}\n"
for line in sorted(run(["rpm", "-qa", "--qf", query])[1].splitlines()):
    name, evra, sigpgp, rsaheader = (line.split("\t") + ["", "", ""])[:4]
    nevra = name + "-" + evra
    if name in ("gpg-pubkey", "debian-userland"):
        continue
    signature = rsaheader if rsaheader not in ("", "(none)") else sigpgp
    key = signature.rsplit("Key ID ", 1)[1].strip() if "Key ID " in signature else ""
    evidence["packages"].append({"nevra": nevra, "key": key, "signature": signature})
    if nevra in packages or name in packages:
        want = fingerprint[-16:] if fingerprint else "any key"
        ok = key != "" and (not fingerprint or fingerprint.endswith(key.lower()))
        check("signature " + nevra, "signature", nevra, want, signature, ok)

# A kernel whose modules were not indexed boots, and then loads nothing.
for version in sorted(os.listdir("/lib/modules")) if os.path.isdir("/lib/modules") else []:
    path = "/lib/modules/%s/modules.dep" % version
    size = os.path.getsize(path) if os.path.exists(path) else 0
    check("modules.dep " + version, "file", path, "not empty", "%d bytes" % size, size > 0)

for number, line in enumerate(io.open(checks, encoding="utf-8"), 1):
    line = line.rstrip("\n")
    if not line or line.startswith("#"):
        continue
    fields = line.split("\t")
    if len(fields) < 3:
        check("line %d" % number, "unknown", line, "id, kind, argument, expected", "%d fields" % len(fields), False)
        continue
    id, kind, argument = fields[:3]
    want = fields[3] if len(fields) > 3 else ""
    if kind == "file":
        ok = os.path.exists(argument)
        check(id, kind, argument, "exists", "exists" if ok else "does not exist", ok)
    elif kind == "file-contains":
        try:
            text = io.open(argument, encoding="utf-8", errors="replace").read()
            # Of a file without it only the lines about the same thing are of interest, for example CONFIG_X=12 for CONFIG_X=20.
            stem = want.split("=")[0]
            near = "\n".join([line for line in text.splitlines() if stem in line][:5])
            check(id, kind, argument, want, want if want in text else near or "nothing like it", want in text)
        except (IOError, OSError):
            check(id, kind, argument, want, "does not exist", False)
    elif kind == "command":
        code, text = run(["/bin/sh", "-c", argument])
        text = text[:-1] if text.endswith("\n") else text
        got = text if code == 0 else "%s (exit %d)" % (text, code)
        check(id, kind, argument, want, got, code == 0 and text == want)
    else:
        check(id, kind, argument, want, "unknown kind", False)

text = json.dumps(evidence, indent=2, sort_keys=True)
with open(out, "w") as handle:
    handle.write(text + "\n")
print("@@factory evidence-begin")
print(text)
print("@@factory evidence-end")
sys.exit(0 if evidence["ok"] else 1)
PYTHON
$python "$work/check.py" "$PACKAGES" "$work/checks.tsv" "${FINGERPRINT:-}" /out/evidence.json ||
  die 12 check-failed "see the evidence above"

if [ "${ROOTFS:-}" = yes ]; then
  echo "@@factory phase=rootfs"
  bash /step/verify-install-rootfs.sh /out/rootfs.tar "${packages[@]}"
fi
