#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
# lane: redis
# Containers that die or restart around a hunt: killed in a run, the run is broken, and after three the
# hunt stops; restarted by the reset, they are the same nodes and can be silenced.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq redis-cli
need_docker
. "$top/tests/system/programs/stores.sh"
store_up redis 198.18.46
cd "$store_dir"
sed -i 's/baseline: 5/baseline: 2/; s/reset: 15s/reset: 10s/; $aidle: 300ms' sentinel.yaml
command_of() { printf '#!/bin/sh\n%s\n' "$2" >"$1"; chmod +x "$1"; }
verdicts() { jq -r 'select(.event == "end") | .verdict' "$work/$1/journal.jsonl" | xargs; }
scenario() { sed "$2" sentinel.yaml >"$1.yaml"; }

# 1. the reset restarts the primary and a replica, another process and another namespace in every run
command_of restart.sh "docker restart -t 0 $(container redis1) $(container redis2) && exec ./reset.sh"
scenario restart 's/reset.sh/restart.sh/'
before=$(pid_of redis1)
cutset_ends 4 restart.log hunt restart.yaml -o "$work/restart" --max 1
same "verdicts" "survived survived survived" "$(verdicts restart)"
[ "$before" != "$(pid_of redis1)" ] || fail "redis1 was not restarted"
jq -e 'select(.run == 3) | .reports[] | select(.fault == "silence:redis1@check.0") | .fired and .dropped > 0' \
	<(grep '"event":"end"' "$work/restart/journal.jsonl") >/dev/null ||
	fail "redis1 was not silenced: $(tail -n 2 "$work/restart/journal.jsonl")"
"$cutset" show "$work/restart/runs/0003/trace" --json >"$work/show.json"
jq -e '.complete and ([.links[] | select(.from == "redis1" and .to == "redis2")] | length > 0)' \
	"$work/show.json" >/dev/null || fail "nothing between restarted nodes: $(cat "$work/show.json")"

# 2. restarted behind the hunt's back: that run is broken, the next ones count
command_of write_restart.sh "./write.sh; status=\$?
[ \"\$CUTSET_RUN\" != 2 ] || docker restart -t 0 $(container redis3) >/dev/null
exit \$status"
scenario behind 's/write.sh/write_restart.sh/'
cutset_ends 4 behind.log hunt behind.yaml -o "$work/behind" --max 1
same "verdicts" "survived broken survived survived" "$(verdicts behind)"
grep -Eq 'redis3 .*(ended|restarted)' "$work/behind.log" || fail "no word of the restart: $(cat "$work/behind.log")"

# 3. killed: broken, and after three of them the end
command_of write_kill.sh "./write.sh; status=\$?; docker kill $(container redis3) >/dev/null; exit \$status"
scenario killed 's/write.sh/write_kill.sh/'
export CUTSET_RESET_LIMIT=1
cutset_ends 5 killed.log hunt killed.yaml -o "$work/killed"
same "verdicts" "broken broken broken" "$(verdicts killed)"
grep -q 'redis3' "$work/killed.log" || fail "no word of redis3: $(cat "$work/killed.log")"
grep -q 'three runs in a row were broken' "$work/killed.log" || fail "$(cat "$work/killed.log")"
# ... and one that is dead before the hunt begins
cutset_ends 5 dead.log hunt killed.yaml -o "$work/dead"
[ ! -e "$work/dead" ] || fail "a hunt that cannot begin left its folder"

# nothing is in force and nothing is left
docker start "$(container redis3)" >/dev/null
unset CUTSET_RESET_LIMIT
./reset.sh || fail "redis is not whole after the hunts"
CUTSET_RUN=1 ./write.sh >/dev/null || fail "redis takes no write after the hunts"
cutset_ends 0 cleanup.log cleanup
same "what cleanup finds" "nothing of ours was left" "$(tail -n 1 "$work/cleanup.log")"
