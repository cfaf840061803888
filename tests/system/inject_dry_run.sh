#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# --dry-run tells the nodes, their namespaces, where it would attach and how, what would hold packets, and the rules;
# nothing is run, nothing is cut, nothing stays.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

cutset = os.path.join(os.environ.get("B", "build"), "cutset")
FAULTS = ["link:a>b@workload.0+20ms", "silence:b@check.0"]

def state(lab):
    return [sh(f"{tool} -n {lab.namespace(name)} {what}") for name in lab.names
            for tool, what in (("ip", "-o link"), ("tc", "qdisc"), ("tc", "filter show dev eth0 egress"))]

def dry_run(faults, *options):
    done = subprocess.run([cutset, *options, "inject", "--dry-run", *faults, *targets], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout

with Lab("a", "b") as lab:
    targets = [f"{name}=pid:{lab.agents[name].process.pid}" for name in lab.names]
    before = state(lab)
    code, said = dry_run(FAULTS)
    expect(code == 0, said)
    inode = {name: os.stat(f"/proc/{lab.agents[name].process.pid}/ns/net").st_ino for name in lab.names}
    for text in (*(f"namespace {inode[name]}, interfaces lo eth0" for name in lab.names), lab.address["a"], lab.address["b"],
                 "a: eth0 (interface ", "b: eth0 (interface ", f"egress and ingress, by {engines()[0]}", "packets are held by: tap",
                 "what a sends to b comes 20ms late", ": b falls silent when the workload has exited (check.0)"):
        expect(text in said, f"'{text}' is not in {said}")
    expect(dry_run(FAULTS[1:])[1].count("packets are held by") == 0, "a fault that holds nothing")

    code, said = dry_run(FAULTS, "--json")
    plan = json.loads(said)
    expect(code == 0 and [n["name"] for n in plan["nodes"]] == ["a", "b"] and [n["netns"] for n in plan["nodes"]] == list(inode.values()),
           plan)
    expect(len(plan["attached"]) == 2 and plan["engine"] == "tap" and len(plan["rules"]) == 2, plan)
    expect(json.loads(dry_run(FAULTS[1:], "--json")[1])["engine"] is None, "a fault that holds nothing")

    expect(dry_run(["link:a>c@workload.0"])[0] == 2, "a fault of nobody's")
    expect(state(lab) == before, f"left: {state(lab)}")
EOF
