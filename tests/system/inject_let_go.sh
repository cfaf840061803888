#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Each packet that was held says what let it go, in the trace and counted in the report: its time, the step that it
# was held for, the end of the run; or that it was lost, because cutset hung.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
import collections
import shutil
import tempfile
from netlab import *

cutset = os.path.join(os.environ.get("B", "build"), "cutset")
folder = tempfile.mkdtemp()

def inject(lab, fault, command, *options):
    """The exit code, the fault's report, and how often each (action, by) is in the trace."""
    targets = [f"{n}=pid:{lab.agents[n].process.pid}" for n in lab.names]
    done = subprocess.run([cutset, "inject", "--json", fault] + targets + ["-o", folder, *options, "--", "sh", "-c", command],
                          stdout=subprocess.PIPE, text=True)
    report = json.loads(done.stdout)["faults"][0]
    records = [json.loads(line) for line in sh(f"{cutset} export {folder}/trace").split("\n") if line]
    return done.returncode, report, collections.Counter((r["action"], r.get("by")) for r in records if r["kind"] == "cut")

try:
    with Lab("a", "b") as lab:
        lab.b("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 7000))")
        lab.a("""
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def shoot():
    while True: u.sendto(b'x', ('198.18.15.2', 7000)); time.sleep(0.01)
threading.Thread(target=shoot, daemon=True).start()
""")
        code, report, records = inject(lab, "link:a>b@workload.0+100ms", "sleep 0.4")
        expect(code == 0 and set(records) == {("park", None), ("release", "due"), ("release", "end")}, f"{code} {report} {records}")
        expect(report["let_go"]["due"] >= 10 and report["let_go"]["end"] >= 3 and not report["let_go"]["lost"], report)
        expect(records["release", "due"] >= 10 and records["release", "end"] >= 3, records)
        expect(sum(report["let_go"].values()) == report["parked"] == records["park", None], f"{report} {records}")
        expect(all(report["let_go"][by] == records["release", by] for by in ("due", "event", "end")), f"{report} {records}")

        code, report, records = inject(lab, "link:a>b@workload.0+until:check.0", "sleep 0.2", "--hold", "200ms")
        expect(code == 0 and set(records) == {("park", None), ("release", "event")}, f"{code} {report} {records}")
        expect(report["let_go"]["event"] == report["parked"] == records["release", "event"] >= 5, f"{report} {records}")

        code, report, records = inject(lab, "link:a>b@workload.0+1m", "sleep 0.1; kill -STOP $PPID; sleep 2.3; kill -CONT $PPID; sleep 0.1")
        lost = report["let_go"]["lost"]
        expect(code == 4 and lost >= 5 and lost == report["parked"] == sum(n for (action, by), n in records.items() if action == "lapse"), f"{code} {report} {records}")
        expect(not any(action == "release" for action, by in records), records)
        print(f"lost when it hung: {lost}")
finally:
    shutil.rmtree(folder)
EOF
