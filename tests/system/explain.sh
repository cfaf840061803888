#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The report of a hunt in a browser that has no network: no error, no request, what must be there is, at
# 1400 and at 400 pixels; and with 5,000 messages it stays small and quick.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq python3 unshare
command -v chromium >/dev/null || skip "chromium is not installed (scripts/setup report)"
hunt=$top/tests/golden/redis-hunt

# look FILE WIDTH: what the probe saw, $work/saw.json
look() {
	python3 - "$1" "$top/tests/system/explain_probe.js" >"$work/probed.html" <<-'END'
	import sys
	page, probe = (open(path, encoding="utf-8").read() for path in sys.argv[1:])
	assert page.count('<meta charset="utf-8">') == 1
	sys.stdout.write(page.replace('<meta charset="utf-8">', f'<meta charset="utf-8"><script>{probe}</script>'))
	END
	timeout 60 unshare --net chromium --headless --no-sandbox --disable-gpu --no-first-run --window-size="$2,900" \
		--user-data-dir="$work/chromium" --dump-dom "file://$work/probed.html" >"$work/dom.html" 2>"$work/chromium.err" ||
		fail "chromium: $(tail -n 3 "$work/chromium.err")"
	python3 - "$work/dom.html" >"$work/saw.json" <<-'END' || fail "the page did not come to its end: $(tail -c 300 "$work/dom.html")"
	import html, re, sys
	print(html.unescape(re.search('<pre id="saw">(.*?)</pre>', open(sys.argv[1], encoding="utf-8").read(), re.S)[1]))
	END
}
saw() { same "$1 ($(jq -c "$2" "$work/saw.json"))" true "$(jq "$3" "$work/saw.json")"; } # WHAT SHOW CONDITION

is_well() {
	saw "nothing is wrong" .wrong '.wrong == []'
	saw "no request" .asked '.asked == []'
	saw "nothing but colour tells it" .mute '.mute == 0'
	saw "no wider than the window" .width '.width[0] <= .width[1]'
	! grep -oE '(src|href|action)="(https?:)?//[^"]*' "$1" || fail "the page names a place in the network"
}

"$cutset" explain "$hunt" -o "$work/report.html" >"$work/out"
same "what explain prints" "$work/report.html" "$(cat "$work/out")"
for width in 1400 500; do
	look "$work/report.html" "$width"
	is_well "$work/report.html"
	saw "the paragraph" .lead '.lead | (contains("redis1 falls silent") and contains("3 of 3 runs") and contains("0 of 5 runs"))'
	saw "two diagrams" .arrows '.diagrams == 2 and (.arrows | min) > 15 and (.cuts | min) > 2'
	saw "the frontier" .frontier '.frontier | length == 1 and (.[0] | test("redis1 > redis2 SET key_.*and cut"))'
	saw "its mark in both" .badges '.badges == [1, 1]'
	saw "all runs" .runs '.runs == 13'
	saw "what is folded opens" '[.listed, .none, .page]' '.listed > 3 and .none == 0 and .page > 100'
done

# programs whose weakest point is known (containers/suite/truth): the frontier names it
known() { # PROGRAM FRONTIER: of the items, with bars between
	"$cutset" explain "$top/tests/golden/suite-$1" -o "$work/$1.html" >/dev/null
	look "$work/$1.html" 1400
	is_well "$work/$1.html"
	same "the frontier of $1" "$2" "$(jq -r '[.frontier[] | sub(" arrived in.*"; "") | sub("[0-9]+ "; "")] | join("|")' "$work/saw.json")"
	saw "it was cut" .frontier '.frontier | all(test("and cut"))'
}
known async-pb 'a > b 2 0 copy'
known 2pc 'K > a 4 0 commit|K > b 4 0 commit|K > d 4 0 commit'
known classic-deliv 'A > B 1 0 p'

# less than a whole hunt: one that has just begun, one whose traces are gone, one without a good run's
partly() { # NAME COMMAND TEXT
	cp -r "$hunt" "$work/$1"
	(cd "$work/$1" && eval "$2")
	"$cutset" explain "$work/$1" >/dev/null || fail "explain, $1: exit $?"
	grep -q "$3" "$work/$1/report.html" || fail "$1: the report does not say: $3"
}
partly begun 'head -n 1 journal.jsonl >new && mv new journal.jsonl' 'the hunt has not ended'
partly killed 'head -c 5000 journal.jsonl >new && mv new journal.jsonl' 'the hunt has not ended'
partly untraced 'rm -r runs' 'breaks its promise under 3 delays together'
partly twice '# a hunt that went on
	jq -c "if .event == \"result\" then .result.violations = [{}, {\"faults\": [\"silence:redis1@workload.0\"], \"rate\": [2, 3]}]
		else . end" journal.jsonl >new && mv new journal.jsonl' 'redis1 falls silent from the start of the workload (workload.0)</strong>. Broken in 2 of 3 runs'
partly alone 'rm -r runs/0001 runs/0008 runs/0012 runs/0013' 'no good run to compare with'

# a page that is not well is seen: an error, a request
sed 's|</body>|<img src="http://198.18.0.1/x"><script>nobody()</script></body>|' "$work/report.html" >"$work/bad.html"
look "$work/bad.html" 1400
saw "what is wrong is seen" .wrong '.wrong | (any(contains("198.18.0.1")) and any(contains("nobody")))'

# 5,000 messages in each of the runs
trace=$B/tests/bench/make_trace
if [ -x "$trace" ]; then
	for run in 0001 0002; do
		mkdir -p "$work/big/runs/$run"
		"$trace" "$work/big/runs/$run/trace" 10000 6
	done
	result='{"result": "violation", "experiments": 1, "runs": 2, "seconds": 1, "faults": ["silence:server1@check.0"],
		"rate": {"with": [1, 1], "without": [0, 1]}, "minimal": true, "because": [{"run": 1, "message": ""}], "seen": "runs/0002"}'
	jq -cn '{event: "hunt", scenario: "/big.yaml", hash: "0", seed: 1, strategy: "lineage"},
		{event: "end", run: 1, purpose: "baseline", faults: [], verdict: "survived", kept: true, seconds: 1},
		{event: "end", run: 2, purpose: "candidate", faults: ["silence:server1@check.0"], verdict: "violated", seconds: 1},
		{event: "result", result: $result}' --argjson result "$result" >"$work/big/journal.jsonl"
	"$cutset" explain "$work/big" >"$work/out"
	look "$work/big/report.html" 1400
	is_well "$work/big/report.html"
	saw "messages" .found '.found | test("of 50[0-9][0-9]|of 49[0-9][0-9]")'
	same "below 3 MB ($(stat -c %s "$work/big/report.html"))" 1 "$(($(stat -c %s "$work/big/report.html") < 3000000))"
	saw "opens and lists in time" '[.shown_ms, .list_ms]' '.shown_ms < 3000 and .list_ms < 1000'
	echo "5,000 messages: $(stat -c %s "$work/big/report.html") bytes, shown after $(jq .shown_ms "$work/saw.json") ms"
fi

ends() { # WANT ARGUMENTS...
	local want=$1 got=0
	shift
	"$cutset" explain "$@" >"$work/out" 2>&1 || got=$?
	same "explain $* ($(cat "$work/out"))" "$want" "$got"
}
ends 2 "$work"
ends 2 "$hunt" "$hunt"
ends 2 "$hunt" -o "$work/none/report.html"
