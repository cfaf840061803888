# SPDX-License-Identifier: GPL-2.0-only
# Sourced by reset.sh, roles.sh, write.sh and read.sh.
. ./settings.sh
export OVS_RUNDIR=/tmp

# The row of this run: a rare word of a constant length, so that the message that carries it is the
# same message in every run.
run=${CUTSET_RUN:-0}
case $run in *[!A-Za-z0-9_]*) run=$(printf %s "$run" | tr -c A-Za-z0-9_ _) ;; esac
run=000000000000$run
run=${run#"${run%????????????}"}
value=value_$run

# ask SECONDS OPERATION [OPTIONS]: what the leader answers, which the client finds itself
ask() {
	limit=$1 operation=$2
	shift 2
	timeout --foreground "$limit" ovsdb-client "$@" transact "tcp:$o1:6641,tcp:$o2:6641,tcp:$o3:6641" \
		"[\"kv\",$operation]" 2>/dev/null
}

# state ADDRESS: "CONNECTED LEADER INDEX" of a member, as it sees itself
state() {
	timeout --foreground 1 ovsdb-client --no-leader-only query "tcp:$1:6641" '["_Server",{"op":"select",
		"table":"Database","where":[["name","==","kv"]],"columns":["connected","leader","index"]}]' 2>/dev/null |
		jq -r '.[0].rows[0] | "\(.connected) \(.leader) \(.index)"'
}
