#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# At work cutset has the capabilities that it goes on to need and no others; the command has those of whoever
# called. Those that `doctor` names are enough for a user who is not root, and none of them can be left out.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
import shutil
import tempfile
from netlab import *

BITS = {"CAP_DAC_OVERRIDE": 1, "CAP_KILL": 5, "CAP_NET_ADMIN": 12, "CAP_SYS_PTRACE": 19, "CAP_SYS_ADMIN": 21,
        "CAP_PERFMON": 38, "CAP_BPF": 39}
KEPT = {"inject": {"CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_DAC_OVERRIDE", "CAP_KILL"},
        "trace": {"CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_KILL"}}
FAULTS = {"inject": ["link:a>b@workload.0+2ms"], "trace": []}
NOBODY = 65534

# What the command has; then the threads of cutset, the first one first
REPORT = """
import json, os, time
def read(path):
    with open(path) as status:
        words = (line.split() for line in status)
        return {w[0][:-1]: int(w[1], 16) for w in words if w[0].startswith("Cap") or w[0] == "NoNewPrivs:"}
time.sleep(0.3)
tasks = "/proc/%d/task/" % os.getppid()
threads = sorted(os.listdir(tasks), key=int)
print(json.dumps([read("/proc/self/status")] + [read(tasks + thread + "/status") for thread in threads]))
"""

def mask(names):
    return sum(1 << BITS[name] for name in names)

def as_nobody(names):
    some = "-all" + "".join(",+" + name[4:].lower() for name in names)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=" + some, "--ambient-caps=" + some]

def run(lab, command, caller=[], env={}):
    """The exit code, what was said, and the report."""
    out = tempfile.NamedTemporaryFile(dir=folder)
    os.chmod(out.name, 0o666)
    argv = caller + [cutset, command] + FAULTS[command] + [f"{n}=pid:{lab.agents[n].process.pid}" for n in lab.names]
    if command == "trace":
        argv += ["-o", os.path.join(folder, "out", "trace-%d" % len(caller))]
    done = subprocess.run(argv + ["--", "sh", "-c", f'exec python3 -c "$0" >{out.name}', REPORT], text=True, env={**os.environ, **env},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = open(out.name).read()
    return done.returncode, done.stdout, json.loads(text) if text else None

def own(caller):
    return json.loads(sh_list(caller + ["python3", "-c", REPORT]))[0]

def sh_list(argv):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout

def check(command, report, caller_has, permitted):
    what, (child, main, *others) = f"{command}: {report}", report
    expect(child == caller_has, f"the command has not what its caller has: {what} {caller_has}")
    expect(main["CapPrm"] == permitted and main["CapEff"] == permitted & ~mask(["CAP_SYS_ADMIN"]), what)
    expect(main["NoNewPrivs"] == 1 and not main["CapInh"] and not main["CapAmb"], what)
    free = [thread for thread in others if thread["CapPrm"] & ~permitted or not thread["NoNewPrivs"]]
    expect(len(free) == 1 and free[0]["CapPrm"] == caller_has["CapPrm"], f"all threads but the one of commands: {what}")
    expect(sum(thread["CapPrm"] == 0 for thread in others) >= 1, f"who only reads has none: {what}")

folder = tempfile.mkdtemp()
try:
    os.chmod(folder, 0o755)
    os.mkdir(os.path.join(folder, "out"))
    os.chmod(os.path.join(folder, "out"), 0o777)
    cutset = shutil.copy(os.path.join(os.environ.get("B", "build"), "cutset"), folder)  # nobody may read it there
    doctor = {p["name"]: p for p in json.loads(sh(cutset + " doctor --json"))["privileges"]}
    expect(set(doctor) == set(BITS) and all(p["held"] for p in doctor.values()), doctor)
    with Lab("a", "b") as lab:
        lab.b("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 7000))")
        lab.a("""
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def shoot():
    while True: u.sendto(b'x', ('198.18.15.2', 7000)); time.sleep(0.01)
threading.Thread(target=shoot, daemon=True).start()
""")
        links = sh(f"ip -n {lab.namespace('a')} -o link; tc -n {lab.namespace('a')} qdisc")
        for command in KEPT:
            needed = [name for name, p in doctor.items() if command in p["needed_by"]]
            used = [name for name, p in doctor.items() if command in p["used_by"]]
            kept = {name for name in needed + used if doctor[name]["kept"]}
            expect(kept == KEPT[command], kept)
            code, said, report = run(lab, command)
            expect(code == 0, said)
            check(command, report, own([]), mask(kept))
            expect(not report[1]["CapBnd"] & ~mask(kept), f"{command}: the bounds: {report[1]}")

            # enough, and all of them
            nobody = as_nobody(needed + used)
            code, said, report = run(lab, command, nobody)
            expect(code == 0, said)
            check(command, report, own(nobody), mask(kept))
            expect(report[0]["CapEff"] == mask(needed + used), f"the command can use what its caller gave: {report[0]}")
            for missing in needed:
                code, said, report = run(lab, command, as_nobody(set(needed + used) - {missing}))
                without_admin = set(needed) - {"CAP_SYS_ADMIN"}
                if missing in ("CAP_BPF", "CAP_PERFMON"):
                    expect(code == 0, f"CAP_SYS_ADMIN includes {missing}: {said}")
                    code, said, report = run(lab, command, as_nobody(without_admin - {missing}))
                expect(code == 3 and missing in said and not report, f"{command} without {missing}: {code} {said}")

        # interfaces are let go with what is left
        code, said, report = run(lab, "inject", env={"CUTSET_TC": "clsact"})
        expect(code == 0, said)
        same = sh(f"ip -n {lab.namespace('a')} -o link; tc -n {lab.namespace('a')} qdisc")
        expect(same == links, f"left: {same}")
        print("kept: " + "; ".join(f"{command} {' '.join(sorted(names))}" for command, names in KEPT.items()))
finally:
    shutil.rmtree(folder)
EOF
