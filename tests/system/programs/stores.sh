# SPDX-License-Identifier: GPL-2.0-only
# Sourced after lib.sh: a store of containers/ in a project and a network of the test's own, so that a
# demo beside it is not disturbed, and cutset on it.

# store_up STORE NET: brought up, ready. Its scenario is $store_dir/SCENARIO.yaml, a copy.
store_up() {
	store=$1 store_dir=$work/$1
	export NET=$2 CUTSET_PROJECT=cutset-$test-$1
	exec 8>"/run/lock/$CUTSET_PROJECT"
	flock -n 8 || skip "another run of this test is at work"
	docker image inspect "cutset-$store" >/dev/null 2>&1 || compose "$store" build $(proxy_args) >"$work/build.log" 2>&1 ||
		{ tail -n 20 "$work/build.log"; fail "no image of $store"; }
	compose "$store" down -t 0 >/dev/null 2>&1
	at_end "CUTSET_PROJECT=$CUTSET_PROJECT compose '$store' down -t 0 >/dev/null 2>&1"
	compose "$store" up -d >"$work/up.log" 2>&1 || { tail -n 20 "$work/up.log"; fail "$store does not come up"; }
	cp -r "$top/containers/$store" "$store_dir"
	sed -i "s/compose:cutset-$store/compose:$CUTSET_PROJECT/" "$store_dir"/*.yaml
	wait_for 30 "$store_dir/reset.sh" || fail "$store does not get ready"
}

container() { echo "${CUTSET_PROJECT}_$1_1"; }
pid_of() { docker inspect -f '{{.State.Pid}}' "$(container "$1")"; }

# at_work LOG: did cutset give up because another one works on this machine?
at_work() { grep -q "another cutset is at work" "$1"; }

# patiently LOG COMMAND...: again while another cutset is at work, five minutes at most. Its exit code.
patiently() {
	local log=$1 end=$((SECONDS + 300)) got
	shift
	while :; do
		got=0
		"$@" >"$log" 2>&1 || got=$?
		[ "$got" -eq 3 ] && at_work "$log" && [ "$SECONDS" -lt "$end" ] || return "$got"
		sleep 0.5
	done
}

# cutset_ends WANT LOG ARGUMENTS...
cutset_ends() {
	local want=$1 log=$work/$2 got=0
	shift 2
	patiently "$log" "$cutset" "$@" || got=$?
	[ "$got" -eq "$want" ] || { cat "$log"; fail "cutset $*: exit $got, not $want"; }
}

result() { jq -r "$2" "$work/$1/result.json"; } # result HUNT FILTER
