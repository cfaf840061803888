#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# lane: suite
# Hunts for all minimal fault sets of programs of the protocol suite, over real sockets: classic-deliv is broken
# by two sets of three losses, and another solver agrees that there is no other; most of what 2pc stands is foretold; on one
# connection retries are no redundancy.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq minisat cadical
export SUITE_LAB=30
make -s -C "$top" B="$B" suite-programs >/dev/null
suite=$top/scripts/suite
at_end "'$suite' down"

# hunt WANT PROGRAM SPEC TRANSPORT OPTIONS...: --all into $work/PROGRAM
hunt() {
	local got=0 want=$1 program=$2
	"$suite" up "$2" "$3" "$4" >"$work/up.log" 2>&1 || { cat "$work/up.log"; fail "$2 does not come up"; }
	shift 4
	"$cutset" hunt "$B/lab/suite30/scenario.yaml" -o "$work/$program" --all "$@" >"$work/$program.log" 2>&1 || got=$?
	[ "$got" -eq "$want" ] || { cat "$work/$program.log"; fail "hunt of $program: exit $got, not $want"; }
}
found() { jq -r '.violations | map(.faults | sort | join(" ")) | sort | join("; ")' "$work/$1/result.json"; }

hunt 1 classic-deliv 5/3/0 udp
same "what breaks classic-deliv" \
	"loss:A>B@workload.1 loss:C>A@workload.2 loss:C>B@workload.2; loss:A>C@workload.1 loss:B>A@workload.2 loss:B>C@workload.2" \
	"$(found classic-deliv)"
same "is all, and minimal" true "$(jq '.all and ([.violations[].minimal] | all)' "$work/classic-deliv/result.json")"
same "at most 10 fault sets until the first" true "$(jq '.first >= 1 and .first <= 10' "$work/classic-deliv/result.json")"
got=0
minisat "$work/classic-deliv/certificate.cnf" >"$work/minisat.log" 2>&1 || got=$?
same "minisat on the certificate" 20 "$got"
got=0
cadical -q "$work/classic-deliv/certificate.cnf" >"$work/cadical.log" 2>&1 || got=$?
same "cadical on the certificate" 20 "$got"
"$cutset" verify "$work/classic-deliv" >"$work/verify.log" || fail "$(cat "$work/verify.log")"
# what the runs rested on is no longer all of it
got=0
sed '0,/^c   rests on A>B@workload.1 A>C@workload.1/s/ A>C@workload.1//; s/^1 2 0$/1 0/' \
	"$work/classic-deliv/certificate.cnf" >"$work/less.cnf"
cp -r "$work/classic-deliv" "$work/less" && mv "$work/less.cnf" "$work/less/certificate.cnf"
"$cutset" verify "$work/less" >"$work/verify.log" || got=$?
same "verify of a certificate that rests on less ($(cat "$work/verify.log"))" 1 "$got"
grep -q 'run [0-9]* rested on more: A>C@workload.1 is in its trace' "$work/verify.log" || fail "$(cat "$work/verify.log")"

# what is missing first is what was lost
"$cutset" --json explain "$work/classic-deliv" >"$work/told"
same "the frontier is one of its losses" true "$(jq '.frontier | length == 1 and .[0].fate == "cut" and .[0].step == "workload.1" and
	.[0].from == "A" and (.[0].to | IN("B", "C"))' "$work/told")"

# what follows from other runs is not run, and told so that it can be followed
hunt 0 2pc 7/3/0 udp
same "most fault sets are foretold" true "$(jq '.foretold > .experiments and .parked == 0' "$work/2pc/result.json")"
"$cutset" verify "$work/2pc" >"$work/verify.log" || fail "$(cat "$work/verify.log")"
grep -q 'foretold [0-9]* sets more; all follow from the traces again' "$work/verify.log" || fail "$(cat "$work/verify.log")"
same "all of it is in the certificate" "$(jq .foretold "$work/2pc/result.json")" \
	"$(sed '/^p cnf/q' "$work/2pc/certificate.cnf" | grep -cE '^c run 0 (survived|vacuous) under')"
cp -r "$work/2pc" "$work/few" && rm "$work"/few/runs/00[1-9]*/trace
"$cutset" verify "$work/few" >"$work/verify.log" || fail "$(cat "$work/verify.log")"
grep -q 'foretold [0-9]* sets more; traces are gone' "$work/verify.log" || fail "$(cat "$work/verify.log")"

hunt 1 retry-deliv 6/3/0 stream --json --progress
same "what breaks retry-deliv on one connection" "loss:A>B@workload.1; loss:A>C@workload.1" "$(found retry-deliv)"
same "the phases of every run are told as they begin" true "$(jq -s '[.[] | select(.verdict) | .run] as $runs |
	[.[] | select(.phase == "check") | .run] as $checked | ($runs | length) > 3 and $runs == $checked' "$work/retry-deliv.log")"
same "and what is left" true "$(jq -s '[.[] | select(.phase)] | all(.seconds_left > 0) and
	(map(.candidates_left) | any(. != null and . > 0))' "$work/retry-deliv.log")"
