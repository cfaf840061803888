#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A container in the host's network is refused, alone and in a project, unless it is named as such. Then what
# the client sends it is cut, and what a stranger sends it is not.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
need_docker
programs=$top/tests/system/programs
name=cutset-hostnet port=17705 labels=com.docker.compose

at_end "docker rm -f $name >/dev/null 2>&1"
docker run -d --name $name --network host --label $labels.project=$name --label $labels.service=web \
	--label $labels.container-number=1 --label $labels.oneoff=False -v "$programs:/programs:ro" \
	debian:bookworm-slim perl /programs/echo_server.pl $port >/dev/null
answers() { (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; }
wait_for 10 answers || fail "the container does not answer"

refused() { # WORDS TARGET...
	local words=$1 status=0
	shift
	"$cutset" inject 'silence:web@workload.1' "$@" -- true 2>"$work/err" || status=$?
	same "exit code with $*" 2 $status
	grep -q "$words" "$work/err" || fail "$*: $(cat "$work/err")"
}
refused 'name it host:CONTAINER' web=docker:$name
refused 'name it host:CONTAINER' compose:$name

inject() { # FAULT TARGET...
	"$cutset" inject "$@" -o "$work/run" --json -- timeout 3 python3 "$programs/echo_client.py" $port 3 0.1 \
		>"$work/json" 2>"$work/err" || fail "inject $*: $(cat "$work/json" "$work/err")"
	same "how the client ended with $*" 'exit 124' "$(jq -r .command "$work/json")"
	jq -e '.leaked == 0 and .lost == 0 and .faults[0].fired and .faults[0].dropped > 0' "$work/json" >/dev/null ||
		fail "inject $*: $(cat "$work/json")"
}
python3 "$programs/echo_client.py" $port 100 0.02 & # ends well
stranger=$!
inject 'link:client>web@workload.1' web=host:$name
wait $stranger || fail "the stranger was cut"
inject 'silence:web@workload.1' compose:$name web=host:$name
