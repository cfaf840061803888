#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every export is read by something that others wrote, and says what the trace says.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs node dot xmllint clojure
python=/usr/bin/python3 # Debian's, whatever else is installed: it has Debian's modules
for module in jsonschema prov junitparser; do
	$python -c "import $module" 2>/dev/null || skip "python3-$module is not installed"
done
trace=$top/tests/golden/redis-failover.trace hunt=$top/tests/golden/redis-hunt

export_as() { # FORMAT WHAT OPTIONS...
	local format=$1
	shift
	"$cutset" export "$@" --format "$format" >"$work/$format" || fail "export --format $format $*: exit $?"
}
check() { # FORMAT MORE...
	local format=$1
	shift
	$python "$top/tests/system/export_check.py" "$format" "$work/$format" "$@" || fail "$format"
}

export_as json "$trace"
check json "$top/docs/export.schema.json"

export_as dot "$trace"
dot -Tjson "$work/dot" >"$work/dot.json" 2>"$work/dot.err" || fail "graphviz: $(cat "$work/dot.err")"
same "what graphviz complains of" "" "$(cat "$work/dot.err")"
check dot "$work/dot.json"

export_as shiviz "$trace"
node "$top/tests/system/export_check.js" "$work/shiviz" || fail "shiviz"
for format in perfetto otlp prov; do
	export_as "$format" "$trace"
	check "$format"
done

export_as junit "$hunt"
xmllint --noout "$work/junit" || fail "junit is no XML"
check junit '{"Passed": 6, "Failure": 1}'

export_as history "$hunt"
# shellcheck disable=SC2016
clojure -e '
(require (quote [clojure.edn :as edn]))
(doseq [line (line-seq (java.io.BufferedReader. *in*))]
  (let [{:keys [index time type process f value]} (edn/read-string line)]
    (printf "{\"index\": %d, \"time\": %d, \"type\": \"%s\", \"process\": \"%s\", \"f\": \"%s\", \"value\": %s}\n"
            index time (name type) (if (keyword? process) (name process) process) (name f)
            (if value (pr-str value) "null"))))
(flush)' <"$work/history" >"$work/history.json" || fail "history is no EDN"
$python "$top/tests/system/export_check.py" history "$work/history.json" \
	"$(jq -c .faults "$hunt/result.json")" || fail "history"

# a run of a hunt is exported as its trace is
export_as shiviz "$hunt" --run 8
mv "$work/shiviz" "$work/of-run"
export_as shiviz "$hunt/runs/0008/trace"
cmp "$work/of-run" "$work/shiviz" || fail "--run 8 is another run"

ends() { # WANT ARGUMENTS...
	local want=$1 got=0
	shift
	"$cutset" export "$@" >"$work/out" 2>&1 || got=$?
	same "export $* ($(cat "$work/out"))" "$want" "$got"
}
ends 2 "$trace" --format svg
ends 2 "$trace" --format junit
ends 2 "$hunt" --format dot --run 99
ends 2 "$work"
got=0
"$cutset" export "$trace" --format otlp >/dev/full 2>"$work/err" || got=$?
same "export to a full disk" 3 "$got"
