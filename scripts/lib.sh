# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the scripts and the system tests: where things are, Docker up and down, compose.
# What was started is stopped, what was found running is left alone.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
B=${B:-build}
case $B in /*) ;; *) B=$top/$B ;; esac
export B

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $1"; exit "${2:-1}"; }
need_root() { [ "$(id -u)" -eq 0 ] || die "needs root: run it with sudo" 3; }

# wait_for SECONDS COMMAND...: until the command succeeds; 1 when the time is over
wait_for() {
	local end=$(($(date +%s%N) / 1000000 + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $(($(date +%s%N) / 1000000)) -lt "$end" ] || return 1
		sleep 0.1
	done
}

# A newer client elsewhere in PATH may not speak the daemon's version: then ask for the daemon's own,
# and if that is not enough take the packaged client.
docker_answers() {
	docker version >/dev/null 2>&1 && return 0
	local api
	api=$(curl -s -m 5 --unix-socket /var/run/docker.sock http://docker/version 2>/dev/null |
		jq -r '.ApiVersion // empty' 2>/dev/null)
	[ -n "$api" ] || return 1
	export DOCKER_API_VERSION=$api
	docker version >/dev/null 2>&1 && return 0
	PATH=/usr/bin:$PATH
	docker version >/dev/null 2>&1
}

# Start dockerd when none answers; its pid goes to $B/dockerd.pid.
docker_up() {
	docker_answers && return 0
	command -v dockerd >/dev/null || die "dockerd is not installed; run scripts/setup" 3
	mkdir -p "$B"
	setsid dockerd >"$B/dockerd.log" 2>&1 </dev/null &
	echo $! >"$B/dockerd.pid"
	wait_for 60 docker_answers && return 0
	tail -n 5 "$B/dockerd.log" >&2
	docker_down
	die "dockerd does not answer; its log is $B/dockerd.log" 3
}

# Stop the dockerd that docker_up started, also in another run; any other is left alone.
docker_down() {
	local pid
	[ -f "$B/dockerd.pid" ] || return 0
	pid=$(cat "$B/dockerd.pid")
	rm -f "$B/dockerd.pid"
	[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || return 0
	kill "$pid"
	wait_for 30 ended "$pid" || say "dockerd ($pid) does not stop"
}

# ended PID: it is gone, or only waits to be reaped
ended() { ! grep -qs '^State:[[:space:]]*[^Z[:space:]]' "/proc/$1/status"; }

# compose FOLDER ARGS...: docker-compose, or the plugin, in containers/FOLDER as project cutset-FOLDER.
# CUTSET_PROJECT names another project; give it a NET of its own then.
compose() {
	local folder=$1 tool=docker-compose
	shift
	command -v docker-compose >/dev/null || tool="docker compose"
	(cd "$top/containers/$folder" && $tool -p "${CUTSET_PROJECT:-cutset-$folder}" "$@")
}

# quietly LOG COMMAND...: what it says goes to LOG; when it fails the end of that is shown
quietly() {
	local log=$1
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "failed: $* (all of it: $log)"; }
}

# containers_up STORE: built, up and ready; containers_down STORE. CUTSET_UP: seconds until it must be ready
containers_up() {
	local log=$B/stores/$1
	"$top/scripts/base-image"
	docker image inspect "cutset-$1" >/dev/null 2>&1 || say "building the image of $1"
	quietly "$log.build.log" compose "$1" build $(proxy_args)
	quietly "$log.up.log" compose "$1" up -d
	wait_for "${CUTSET_UP:-120}" "$top/containers/$1/reset.sh" ||
		{ "$top/containers/$1/reset.sh" >&2 || true; die "$1 does not get ready"; }
}
containers_down() { quietly "$B/stores/$1.down.log" compose "$1" down -t 2; }
are_up() { [ -n "$(compose "$1" ps -q 2>/dev/null)" ]; }

# The machine's own apt proxy, for builds: "--build-arg http_proxy=..." or nothing
proxy_args() {
	local proxy=
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	[ -z "$proxy" ] || printf -- '--build-arg http_proxy=%s' "$proxy"
}
