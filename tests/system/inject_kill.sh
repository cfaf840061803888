#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# kill -9 leaves nothing and traffic passes at once, with tcx and with clsact; a second cutset is told who works.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

import signal

def state(lab, name):
    at = f"-n {lab.namespace(name)}"
    return (sh(f"ip {at} -o link") + sh(f"tc {at} qdisc show dev eth0") +
            sh(f"tc {at} filter show dev eth0 ingress 2>/dev/null || true") +
            sh(f"tc {at} filter show dev eth0 egress 2>/dev/null || true"))

def programs_of(pid):
    """The numbers of the programs that this process holds."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}") as info:
            found |= {line.split()[1] for line in info if line.startswith("prog_id:")}
    return found

def programs():
    return {line.split(":")[0] for line in sh("bpftool prog show").split("\n") if ": " in line}

DRIVER = os.path.join(os.environ.get("B", "build"), "tests/system/cut_driver")

def cleanup():
    return sh(DRIVER + " --cleanup")

def die_in_the_middle(lab, engine):
    pid = lab.driver("client", env={"CUTSET_TC": engine})
    expect(lab.cut("describe").count("by " + engine) == 2, lab.cut("describe"))
    second = subprocess.run([DRIVER, lab.target("a")], stdout=subprocess.PIPE, text=True)
    expect(second.returncode == 3 and f"process {pid}" in second.stdout, second.stdout)
    lab.cut("arm silence:a@workload.0 link:b>client@workload.0+30s")
    lab.cut("now workload.0")
    lab.a("u.sendto(b'x', ('198.18.15.2', 7001))")
    lab.b("u.sendto(b'x', ('198.18.15.254', 7001))")
    counted = lab.events()
    expect(counted["drop"] == 1 and counted["park"] == 1, counted)
    expect("cutset0" in state(lab, "b"), "parking")
    held = programs_of(pid)
    expect(len(held) >= 3 and held <= programs(), held)
    os.kill(pid, signal.SIGKILL)
    lab.driver_process.wait()
    return time.monotonic(), held

with Lab("a", "b") as lab:
    for agent in (lab.a, lab.b):
        agent("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
    lab.listen("b", 7000)
    bare = {name: state(lab, name) for name in lab.names}

    if "tcx" in engines():
        killed, held = die_in_the_middle(lab, "tcx")
        lab.connect("a", "b", 7000, timeout=2)
        print(f"tcx: connected {time.monotonic() - killed:.2f} s after the kill")
        until(lambda: not programs() & held, 3, "no program is left")
        expect({name: state(lab, name) for name in lab.names} == bare, state(lab, "b"))
        expect(cleanup() == "", "nothing to clean up")
    else:
        print("this kernel has no tcx")

    killed, held = die_in_the_middle(lab, "clsact")
    lab.connect("a", "b", 7000, timeout=4)
    took = time.monotonic() - killed
    print(f"clsact: connected {took:.2f} s after the kill")
    expect("cut_egress" in state(lab, "a"), "filters outlive their process")
    removed = cleanup()
    expect(removed.count("removed 3 filters and qdiscs from eth0 in") == 2, removed)
    expect({name: state(lab, name) for name in lab.names} == bare, removed + state(lab, "b"))
    until(lambda: not programs() & held, 3, "no program is left")
    expect(cleanup() == "", "nothing twice")

    # in order, clsact goes with us too
    lab.driver("client", env={"CUTSET_TC": "clsact"})
    expect("cut_ingress" in state(lab, "b"), "attached")
    lab.end_driver()
    expect({name: state(lab, name) for name in lab.names} == bare, state(lab, "b"))
EOF
