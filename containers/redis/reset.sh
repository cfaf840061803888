#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A known good state, whatever a failover left: redis1 is the empty primary of redis2 and redis3, and
# each sentinel knows it, both replicas and both other sentinels. Exit 0 only when all of it is seen.
# The sentinels forget and learn anew: nothing of an earlier election delays the next one.
cd "$(dirname "$0")" && . ./client.sh
sentinels="$sentinel1 $sentinel2 $sentinel3"
deadline=$(($(date +%s) + ${CUTSET_RESET_LIMIT:-10}))

# until_ok WHAT FUNCTION: try until it succeeds, give up at the deadline
until_ok() {
	until "$2"; do
		[ "$(date +%s)" -lt "$deadline" ] || { echo "reset: $1"; exit 1; }
		sleep 0.05
	done
}

forget() {
	for s in $sentinels; do
		ask 1 "$s" 26379 SENTINEL REMOVE $primary >&2 || return 1
	done
}

# A silenced server still counts connections that the others gave up long ago: drop them all.
be_alone='CLIENT KILL TYPE replica\nCLIENT KILL TYPE pubsub\nCLIENT KILL TYPE normal\nREPLICAOF NO ONE\nCONFIG SET min-replicas-to-write 0\n'

replicate() {
	printf "${be_alone}FLUSHALL\n" | ask 1 "$redis1" 6379 || return 1
	for r in $redis2 $redis3; do
		printf "${be_alone}REPLICAOF $redis1 6379\n" | ask 1 "$r" 6379 || return 1
	done
}

# A replica is called online up to a second before its stream begins: only a write that both have
# taken shows that the next one will reach them.
replicas_follow() {
	[ "$(ask 1 "$redis1" 6379 INFO replication | grep -c 'state=online')" = 2 ] &&
		[ "$(printf 'FLUSHALL\nWAIT 2 500\n' | ask 1 "$redis1" 6379 | tail -n 1)" = 2 ]
}

# MIN_REPLICAS: how many replicas a primary must have heard of in the last 2 s to take a write
guard() {
	for r in $redis1 $redis2 $redis3; do
		printf 'CONFIG SET min-replicas-max-lag 2\nCONFIG SET min-replicas-to-write %s\n' "${MIN_REPLICAS:-0}" |
			ask 1 "$r" 6379 || return 1
	done
}

learn() {
	for s in $sentinels; do
		printf '%s\n' "SENTINEL MONITOR $primary $redis1 6379 $quorum" \
			"SENTINEL SET $primary down-after-milliseconds $down_after_ms" \
			"SENTINEL SET $primary failover-timeout $failover_timeout_ms" |
			ask 1 "$s" 26379 || return 1
	done
}

# Sentinels say hello to each other through Redis every two seconds; say it for them, at once.
introduce() {
	for s in $sentinels; do
		id=$(ask 1 "$s" 26379 SENTINEL MYID) || return 1
		for other in $sentinels; do
			[ "$s" = "$other" ] || ask 1 "$other" 26379 PUBLISH __sentinel__:hello \
				"$s,26379,$id,0,$primary,$redis1,6379,0" || return 1
		done
	done
}

# No flag but what they are: none is down, disconnected or in a failover.
sentinel_ready() {
	view=$(printf "SENTINEL %s $primary\n" get-master-addr-by-name CKQUORUM MASTER REPLICAS SENTINELS |
		ask 1 "$1" 26379) || return 1
	flags=$(echo "$view" | sed -n '/^flags/{n;p}' | sort | tr '\n' ' ')
	case $view in
	"$redis1
6379
OK 3 usable"*) [ "$flags" = "master sentinel sentinel slave slave " ] ;;
	*) return 1 ;;
	esac
}

sentinels_ready() {
	for s in $sentinels; do
		sentinel_ready "$s" || return 1
	done
}

until_ok "a sentinel does not answer" forget >/dev/null 2>&1
until_ok "a server does not answer" replicate >/dev/null
until_ok "the replicas do not follow redis1" replicas_follow
until_ok "a server does not answer" guard >/dev/null
until_ok "a sentinel does not watch redis1" learn >/dev/null
until_ok "the sentinels do not meet" introduce >/dev/null
until_ok "the sentinels see no whole system" sentinels_ready
