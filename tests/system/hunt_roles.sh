#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 120
# lane: twin
# Who leads changes from run to run: what was learned of the leader holds for the next one, the set that
# is found speaks of roles, and a replay breaks it whoever leads then.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq ss
. "$top/tests/system/programs/twin_lab.sh"
scenario async
cd "$work/async"

# the twin's first node leads in odd runs, its second in even ones
sed -i "s/^start replica$/[ \$((CUTSET_RUN % 2)) = 1 ] || { start primary; start replica '$net.1 async'; exit; }\n&/" reset.sh
cat >roles.sh <<END
#!/bin/sh
echo asked >>roles.log
# one time in three nobody has been elected yet
[ \$((\$(wc -l <roles.log) % 3)) != 0 ] || exit 1
if [ \$((CUTSET_RUN % 2)) = 1 ]; then echo leader one; echo follower two; else echo leader two; echo follower one; fi
END
cat >common.sh <<END
one=$net.1 two=$net.2
eval "leader=\\\$\$CUTSET_ROLE_leader follower=\\\$\$CUTSET_ROLE_follower"
END
cat >write.sh <<END
#!/bin/sh
. ./common.sh
exec ip netns exec cutset-$test-client python3 $twin write \$leader key\$CUTSET_RUN value_of_run_\$CUTSET_RUN
END
cat >read.sh <<END
#!/bin/sh
. ./common.sh
hosts="\$leader \$follower"
case " \$CUTSET_SILENCED " in *" \$CUTSET_ROLE_leader "*) hosts=\$follower ;; esac
exec ip netns exec cutset-$test-client python3 $twin read key\$CUTSET_RUN value_of_run_\$CUTSET_RUN \$hosts
END
chmod +x ./*.sh
sed -i 's/primary=/one=/; s/replica=/two=/; s/^workload/roles: .\/roles.sh\n&/; $aspare: [client]' twin.yaml

ends() { # WANT LOG ARGUMENTS...
	local want=$1 log=$work/$2 got=0
	shift 2
	"$cutset" "$@" >"$log" 2>&1 || got=$?
	[ "$got" -eq "$want" ] || { cat "$log"; fail "cutset $*: exit $got, not $want"; }
}
ends 1 found.log hunt twin.yaml -o "$work/found"
found=$(jq -r '.faults | map(sub("@workload[.][0-9]+"; "@workload")) | sort | join(" ")' "$work/found/result.json")
same "what breaks it" "link:leader>follower@workload silence:leader@check.0" "$found"
same "it is minimal" true "$(jq .minimal "$work/found/result.json")"
same "who led" '{"follower":"one","leader":"two"} {"follower":"two","leader":"one"}' \
	"$(jq -c 'select(.event == "end") | .roles | to_entries | sort_by(.key) | from_entries' "$work/found/journal.jsonl" | sort -u | xargs -d '\n')"
seen=$(jq -r .seen "$work/found/result.json")
same "who is named in a trace" "client follower leader" \
	"$("$cutset" show --json "$work/found/$seen/trace" | jq -r '.names | sort | join(" ")')"
grep -Eq 'leader \((one|two)\) falls silent' "$work/found/report.html" || fail "the report does not say who led"
ends 1 replay.log replay "$work/found" --times 2

# what nobody can map
sed 's/roles: .*/roles: echo leader nobody/' twin.yaml >wrong.yaml
ends 2 wrong.log hunt wrong.yaml -o "$work/wrong"
grep -q 'wrong.yaml: roles: nobody is to be the leader, and no node is named so' "$work/wrong.log" || fail "$(cat "$work/wrong.log")"
sed 's/roles: .*/roles: exit 1/' twin.yaml >never.yaml
ends 5 never.log hunt never.yaml -o "$work/never"
same "resets until then" 3 "$(grep -c 'reset: ' <("$cutset" --debug=hunt hunt never.yaml -o "$work/never" 2>&1))"
[ ! -e "$work/never" ] || fail "a hunt that cannot begin left its folder"
tail -n 1 "$work/found.log" "$work/replay.log"
