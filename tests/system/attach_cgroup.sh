#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# A cgroup that is traced: its processes, those of groups made below it meanwhile, one that moves in, one
# that has moved out, and the group made anew by the same path. All talk to a server over lo.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
port=7463
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$root" ] || skip "cgroup v2 is not mounted"
group=$root/cutset-$test
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

python3 "$top/tests/system/programs/echo_server.py" $port >"$work/server.out" 2>&1 &
server=$!
at_end "kill -KILL $server 2>/dev/null || :"
wait_for 10 answers $port || fail "no server: $(cat "$work/server.out")"
mkdir "$group" || skip "no cgroup can be made in $root"
at_end "rmdir '$group/below' '$group' 2>/dev/null || :"

cat >"$work/talk" <<'END'
# talk NAME PORT [GROUP...]: into each group, then say something; NAME is known by its process
echo $$ >"$0.$1"
name=$1 port=$2
shift 2
for group; do echo $$ >"$group/cgroup.procs"; done
exec 3<>"/dev/tcp/127.0.0.1/$port"
echo "$name" >&3
read -r answer <&3
END
sleep 600 >"$work/keeper.out" 2>&1 &
keeper=$!
at_end "kill -KILL $keeper 2>/dev/null || :"
echo $keeper >"$group/cgroup.procs"

# Not by the traced command: what that starts is the client's.
(
	until [ -e "$work/go" ]; do sleep 0.05; done
	bash "$work/talk" inside $port "$group"
	bash "$work/talk" outside $port
	mkdir "$group/below"
	bash "$work/talk" below $port "$group/below"
	bash "$work/talk" left $port "$group" "$root"
	kill -KILL $keeper
	for gone in "$group/below" "$group"; do
		until rmdir "$gone" 2>/dev/null; do sleep 0.05; done
	done
	mkdir "$group"
	bash "$work/talk" again $port "$group"
	touch "$work/done"
) >"$work/talks.out" 2>&1 &
talks=$!
at_end "kill -KILL $talks 2>/dev/null || :"
"$cutset" trace "server=pid:$server" "group=cgroup:$group" -o "$work/trace" -- \
	bash -c "touch '$work/go'; for _ in {1..600}; do [ ! -e '$work/done' ] || exit 0; sleep 0.05; done; exit 1" \
	>"$work/out" 2>&1 || : # the group's first process is gone
[ -e "$work/done" ] || fail "not done: $(cat "$work/talks.out" "$work/out")"

"$cutset" export "$work/trace" >"$work/records"
said() { # NAME: how much it was seen to send, as one of the group
	jq -s --argjson pid "$(cat "$work/talk.$1")" '(.[0].meta.nodes | map(select(.name == "group"))[0].id) as $id |
		map(select(.kind == "send" and .tgid == $pid and .node == $id)) | length' "$work/records"
}
for name in inside below again; do same "sends of the process $name" 1 "$(said $name)"; done
for name in outside left; do same "sends of the process $name" 0 "$(said $name)"; done
"$cutset" show "$work/trace" --json >"$work/show.json"
echo "$(jq -c '{events, receives, matched, early, lost, holes}' "$work/show.json")"
jq -e '.complete and .lost == 0 and .holes == 0' "$work/show.json" >/dev/null || fail "$(cat "$work/show.json" "$work/out")"
