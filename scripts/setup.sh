#!/usr/bin/env bash
# Makes a checkout usable: npm packages, and a Docker engine where none answers. Changes nothing that is already there.
#
#   scripts/setup.sh          what `npm run demo`, `npm test` and the build scripts need
#   scripts/setup.sh --test   also the programs of a host that the tests play (gpg, gpg-agent, curl, wget, ip, a registry of
#                             images, whose service stays off), and shellcheck
#   scripts/setup.sh --dev    also what `npm run check` needs (shellcheck)
#
# Installs packages only as root on Debian or Ubuntu; elsewhere it stops and prints the commands to run.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
stop() {
  printf 'setup: %s\n' "$@" >&2
  exit 6
}

need_node() {
  local major
  command -v node >/dev/null || stop "Node.js is missing." "Install Node.js 20 (>= 20.20): https://nodejs.org/"
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || stop "Node.js $(node --version) is too old." "Install Node.js 20 (>= 20.20): https://nodejs.org/"
}

# npm writes node_modules/.package-lock.json last, so an interrupted `npm ci` leaves it missing or old.
npm_packages() {
  if [ node_modules/.package-lock.json -nt package-lock.json ]; then return; fi
  say "npm ci"
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
}

debian_root() {
  [ "$(id -u)" = 0 ] && [ -r /etc/os-release ] && grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

apt_updated=no
# Installs what is missing of the named packages. apt's output goes to a log: it names mirrors, and is only of use on failure.
apt_install() {
  local missing=() package log
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "apt-get install ${missing[*]}"
  log=$(mktemp)
  if [ $apt_updated = no ]; then
    apt-get -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 || {
      sed -E 's#https?://[^/ ]+#http://HOST#g' "$log" >&2
      stop "apt-get update failed (above)."
    }
    apt_updated=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 || {
    sed -E 's#https?://[^/ ]+#http://HOST#g' "$log" >&2
    stop "apt-get install ${missing[*]} failed (above)."
  }
  rm -f "$log"
}

# Asks the engine itself (the docker command may be absent, or be only a client).
engine_answers() {
  node -e '
    const host = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";
    if (!host.startsWith("unix://")) process.exit(0);
    const request = require("node:http").get({ socketPath: host.slice(7), path: "/_ping", timeout: 5000 }, (response) => {
      process.exit(response.statusCode === 200 ? 0 : 1);
    });
    request.on("timeout", () => process.exit(1));
    request.on("error", (error) => process.exit(error.code === "EACCES" ? 3 : 1));
  '
}

start_engine() {
  if [ -d /run/systemd/system ]; then
    say "starting the Docker engine (systemctl start docker)"
    systemctl start docker
  else
    say "starting the Docker engine (dockerd, log: /var/log/dockerd.log)"
    rm -f /var/run/docker.pid
    # shellcheck disable=SC2024 # we are root here
    setsid nohup dockerd >>/var/log/dockerd.log 2>&1 </dev/null 9>&- &
  fi
  local tries=0
  until engine_answers; do
    tries=$((tries + 1))
    [ $tries -lt 120 ] || {
      tail -n 20 /var/log/dockerd.log >&2 2>/dev/null || true
      stop "the Docker engine did not answer within 60 s (log above)."
    }
    sleep 0.5
  done
  say "the Docker engine answers"
}

docker_engine() {
  local status=0
  engine_answers || status=$?
  [ $status -ne 0 ] || return 0
  if [ $status -eq 3 ]; then
    stop "no permission on the Docker socket." "Run: sudo usermod -aG docker $(id -un), then log in again; or run this as root."
  fi
  if [ -n "${DOCKER_HOST:-}" ]; then stop "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST." "Start it, or unset DOCKER_HOST."; fi
  if ! debian_root; then
    stop "no Docker engine answers, and only root on Debian or Ubuntu gets one installed here. Run:" \
      "  Debian/Ubuntu:  sudo apt-get install --no-install-recommends docker.io iptables mmdebstrap && sudo systemctl start docker" \
      "  Fedora/RHEL:    sudo dnf install moby-engine && sudo systemctl start docker" \
      "  macOS/Windows:  install Docker Desktop and start it"
  fi
  # mmdebstrap is the way to a base image where no registry can be reached; nothing else uses it.
  apt_install docker.io iptables mmdebstrap
  # The package's own start-up may have started it.
  engine_answers || start_engine
}

# need PROGRAM PACKAGE: installs the package where the program is missing and we may.
need() {
  if command -v "$1" >/dev/null; then return; fi
  debian_root || stop "$1 is missing: install it with your package manager (Debian: $2)."
  apt_install "$2"
}

# The tests start one of their own, as themselves and on another port; the package would start one for everybody.
image_registry() {
  if command -v docker-registry >/dev/null; then return; fi
  need docker-registry docker-registry
  if [ -d /run/systemd/system ]; then systemctl disable --now --quiet docker-registry; fi
}

dev=no test=no
for argument in "$@"; do
  case $argument in
    --dev) dev=yes ;;
    --test) test=yes ;;
    *) stop "unknown argument '$argument' (known: --dev, --test)" ;;
  esac
done

need_node
# One set-up at a time: a second one waits, then finds everything done. Descriptor 9 is closed for dockerd above.
if command -v flock >/dev/null; then
  exec 9>"${TMPDIR:-/tmp}/fullnat-factory-setup-$(id -u).lock"
  flock 9
fi
npm_packages
docker_engine
if [ $dev = yes ]; then need shellcheck shellcheck; fi
if [ $test = yes ]; then
  need gpg gpg
  need gpg-agent gpg-agent
  need curl curl
  need wget wget
  need ip iproute2
  image_registry
  need shellcheck shellcheck
fi
