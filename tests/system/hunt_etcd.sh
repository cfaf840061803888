#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 420
# lane: etcd
# etcd in containers stands one silent member or one cut link, and MiniSat agrees that nothing is left.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq etcdctl minisat
need_docker
. "$top/tests/system/programs/stores.sh"
store_up etcd 198.18.44
sed -i 's/baseline: 2/baseline: 3/' "$store_dir/kv.yaml"

cutset_ends 0 hunt.log hunt "$store_dir/kv.yaml" -o "$work/hunt"
same "the result" tolerant "$(result hunt .result)"
same "fault sets" true "$(result hunt '.experiments >= 3 and .parked == 0 and .candidates_left == 0')"
tail -n 1 "$work/hunt.log"

# minisat_says WHAT EXIT-CODE FILE: 10 satisfiable, 20 not
minisat_says() {
	local got=0
	minisat "$3" >"$work/minisat.log" 2>&1 || got=$?
	same "minisat on $1" "$2" "$got"
}
certificate=$(result hunt .certificate)
minisat_says "the certificate" 20 "$certificate"
"$cutset" verify "$work/hunt" || fail "the certificate does not hold"

# Without the clause of a run its fault set is one to be tried again: each clause that a run gave is
# needed, but for those that others imply.
needed=0
clauses=$(sed '1,/^p cnf/d' "$certificate" | grep -c '^c run [0-9]* survived under {.*}$')
for ((i = 1; i <= clauses; i++)); do
	awk -v skip="$i" 'drop { drop = 0; next } { print } /^p cnf/ { formula = 1 }
		formula && /^c run [0-9]+ survived under {.*}$/ && ++n == skip { drop = 1 }' "$certificate" >"$work/less.cnf"
	same "lines left out" 1 $(($(wc -l <"$certificate") - $(wc -l <"$work/less.cnf")))
	! "$cutset" verify "$work/less.cnf" >"$work/verify.log" || fail "verify misses that clause $i is gone"
	got=0
	minisat "$work/less.cnf" >"$work/minisat.log" 2>&1 || got=$?
	case $got in
	10) needed=$((needed + 1)) ;;
	20) [ "$i" -gt 1 ] || fail "the certificate does not rest on the run without faults" ;;
	*) fail "minisat: exit $got: $(cat "$work/minisat.log")" ;;
	esac
done
echo "$needed of $clauses clauses are needed"
[ "$needed" -ge 2 ] || fail "the certificate rests on $needed of $clauses clauses"
