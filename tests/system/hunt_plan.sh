#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 30
# init writes a scenario of what runs, and no file twice; hunt --dry-run says what would be done and does nothing.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
pair one two 198.18.32
cd "$work"
serve() { # NODE
	ip netns exec "cutset-$test-$1" python3 -c 'import socket, time
server = socket.create_server(("0.0.0.0", 7700)); time.sleep(60)' &
	echo $! >"$1.pid"
	at_end "kill $!"
}
listening() { inside "$1" ss -Hltn 'sport = :7700' | grep -q .; }
serve one
python3 - <<END &
import ctypes, os, socket, time
fd = os.open("/var/run/netns/cutset-$test-two", os.O_RDONLY)
ctypes.CDLL(None).setns(fd, 0)
server = socket.create_server(("0.0.0.0", 7701))
while True:
    try:
        link = socket.create_connection(("198.18.32.1", 7700), 3)
        break
    except OSError:
        time.sleep(0.05)
time.sleep(60)
END
echo $! >two.pid
at_end "kill $!"
linked() { inside two ss -Htn state established 'dport = :7700' | grep -q .; }
wait_for 5 listening one && wait_for 5 linked || fail "the two nodes are not linked"

"$cutset" init one=pid:one.pid two=pid:two.pid -o shop.yaml >init.log
grep -q '^#   two .*listens on 7701, connected to one:7700$' shop.yaml || fail "no link is told: $(cat shop.yaml)"
grep -q "targets: .\"one=pid:$(realpath one.pid)\"" shop.yaml || fail "$(cat shop.yaml)"
cp shop.yaml before.yaml
got=0
"$cutset" init one=pid:one.pid -o shop.yaml 2>again.log || got=$?
same "init over a file" 2 "$got"
cmp shop.yaml before.yaml
same "on standard output" "$(cat shop.yaml)" "$("$cutset" init one=pid:one.pid two=pid:two.pid)"

# nothing is run: each command would leave a file
sed -i 's/^\(reset\|workload\|check\): .*/\1: touch \1.ran/; s/link: 1/link: 2/' shop.yaml
"$cutset" hunt shop.yaml --dry-run >plan.log
"$cutset" --json hunt shop.yaml --dry-run >plan.json
same "the nodes" '["one",false] ["two",false] ["client",true]' "$(jq -c '.nodes[] | [.name, .spared]' plan.json | xargs -d '\n')"
# two silences, two links: 1 + 2 times 1 + 2 + 1, but for the empty one
same "what can fail" '{"silence":{"max":1,"of":2},"link":{"max":2,"of":2}} 11' "$(jq -c '.faults, .sets' plan.json | xargs -d '\n')"
same "how long" "110 627.5 1800" "$(jq '(.run_ns, .baseline_ns, .time_ns) / 1e9' plan.json | xargs)"
grep -q 'link      at most 2 of 2' plan.log || fail "$(cat plan.log)"
for left in *.ran runs journal.jsonl; do
	[ ! -e "$left" ] || fail "a dry run left $left"
done
sed -i 's/client\]/nobody]/' shop.yaml
got=0
"$cutset" hunt shop.yaml --dry-run 2>spare.log || got=$?
same "a spare that is no node" "2 cutset: shop.yaml: \`spare\` names nobody, which is no node" "$got $(cat spare.log)"
