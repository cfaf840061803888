# SPDX-License-Identifier: GPL-2.0-only
# Sourced by reset.sh, write.sh and read.sh. With `lab` as their first argument they speak to the
# nodes in network namespaces (scripts/lab), from the client's namespace there, else to the containers.

if [ "${1-}" = lab ]; then
	[ "${CUTSET_LAB-}" = redis ] || CUTSET_LAB=redis exec ip netns exec cutset-lab-redis-client "./${0##*/}" "$@"
	NET=198.18.21
fi
. ./settings.sh

# The key and the value of this run: rare words of a constant length, so that the message that
# carries them is the same message in every run.
run=${CUTSET_RUN:-0}
case $run in *[!A-Za-z0-9_]*) run=$(printf %s "$run" | tr -c A-Za-z0-9_ _) ;; esac
run=000000000000$run
run=${run#"${run%????????????}"}
key=key_$run value=value_$run

# ask SECONDS HOST PORT COMMAND...: the answer, raw. Without COMMAND: commands from stdin.
ask() {
	limit=$1 host=$2 port=$3
	shift 3
	timeout --foreground "$limit" redis-cli -h "$host" -p "$port" --raw "$@" 2>/dev/null
}

# primary_by SENTINEL: the address that it names; 1 when it does not answer or knows none
primary_by() {
	address=$(ask 1 "$1" 26379 SENTINEL get-master-addr-by-name $primary) || return 1
	address=${address%%
*}
	case $address in "$NET".*) ;; *) return 1 ;; esac
}

# silenced ADDRESS: cutset has silenced this node, it cannot answer
silenced() {
	for node in ${CUTSET_SILENCED-}; do
		eval "[ \"\${$node-}\" = \"$1\" ]" && return 0
	done
	return 1
}
