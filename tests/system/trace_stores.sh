#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Redis and etcd in containers, their connections open before tracing began: every receive between
# them is matched to its sends, nothing is lost.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq redis-cli etcdctl
need_docker
. "$top/tests/system/programs/stores.sh"

# traced COMMAND...: what is seen of the store while the command runs
traced() {
	(cd "$store_dir" && "$cutset" trace "compose:$CUTSET_PROJECT" -o "$work/$store.trace" -- "$@") \
		>"$work/trace.out" 2>&1 || fail "$store: $(cat "$work/trace.out")"
	"$cutset" show "$work/$store.trace" --json >"$work/show.json" || fail "$(cat "$work/show.json")"
	echo "$store: $(jq -c '{events, receives, matched, early, lost, holes}' "$work/show.json")"
	jq -e '.complete and .lost == 0 and .holes == 0 and .matched == .receives and .receives > 0' \
		"$work/show.json" >/dev/null || fail "$store: $(cat "$work/show.json")"
}

# carries FROM TO: the link that the write must take
carries() {
	jq -e --arg from "$1" --arg to "$2" '[.links[] | select(.from == $from and .to == $to)] |
		map(.messages) | add > 0' "$work/show.json" >/dev/null || fail "$store: nothing from $1 to $2"
}

store_up redis 198.18.41
CUTSET_RUN=1 traced sh -c './write.sh; sleep 1; ./read.sh'
carries redis1 redis2
carries redis1 redis3
carries sentinel1 redis1

store_up etcd 198.18.42
CUTSET_RUN=1 traced sh -c './write.sh; sleep 1; ./read.sh'
carries etcd1 etcd2
carries etcd2 etcd1
carries etcd1 etcd3
