#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The injector ends at random moments, by kill -9, by SIGTERM, by its lead; it is stopped for longer than its
# lease; an interface that it is attached to goes away. Whatever was in force: nothing of it is left, new
# connections and datagrams pass within two seconds, and a stream that was there before loses no byte.
# CHAOS_ROUNDS=200 and CHAOS_SEED=N make it longer and other.
# timeout: 900
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
import random
from chaos import *

ROUNDS, SEED = int(os.environ.get("CHAOS_ROUNDS", 10)), int(os.environ.get("CHAOS_SEED", time.time()))
FAULTS = ["silence:a@workload.0", "silence:b@workload.0", "link:a>b@workload.0", "link:b>a@workload.0",
          "partition:a|b@workload.0", "link:a>b@workload.0+30s", "link:a>b@workload.0+20ms",
          "stall:a>b/7000@workload.0", "stall:a>b/7000#?~8.5@workload.0+30s", "loss:a>b@workload.0",
          "silence:a@workload.0+10ms", "stall:a>b/7001@workload.0+50ms"]
WAYS = {"kill": "kill -9", "term": "SIGTERM", "end": "its end", "stop": "SIGSTOP, 2.2 s", "unplug": "interface removed"}
random.seed(SEED)

def state(lab):
    found = ""
    for name in lab.names:
        at = f"-n {lab.namespace(name)}"
        found += sh(f"ip {at} -o link | sed 's/@.*//'; tc {at} qdisc show dev eth0; tc {at} filter show dev eth0 egress;"
                    f"tc {at} filter show dev eth0 ingress", check=False)
    return sorted(line.split(": ", 1)[-1] for line in found.split("\n"))

def disaster(lab, kind, pid):
    process = lab.driver_process
    if kind == "kill":
        os.kill(pid, signal.SIGKILL)
    elif kind == "term":
        os.kill(pid, signal.SIGTERM)
    elif kind == "end":
        process.stdin.close()
    elif kind == "stop":
        os.kill(pid, signal.SIGSTOP)
        time.sleep(2.2)
    elif kind == "unplug":
        sh(f"ip -n {lab.namespace('a')} link del eth0; ")
        lab.plug("a", "eth0", lab.address["a"])
        lab.disarm()
    return time.monotonic()

def end(lab, kind, pid, what, refused):
    if kind == "stop":
        os.kill(pid, signal.SIGCONT)
        reports, lapsed = lab.disarm()
        expect(lapsed or refused, f"{what}: its run is broken")
    if kind in ("stop", "unplug"):
        lab.driver_process.stdin.close()
    lab.driver_process.wait()
    lab.driver_process = None

def play(lab, at, bare, table):
    kind = random.choice(["kill"] * 4 + ["term", "end", "unplug"] + (["stop"] if at % 4 == 0 else []))
    pid = lab.driver("client")
    held = programs_of(pid)
    expect(len(held) >= 3, held)
    faults = random.sample(FAULTS, random.randint(1, 2))
    refused = arm(lab, faults)
    lab.cut("now workload.0")
    time.sleep(random.random() * 0.15)
    counts = lab.events()
    what = f"seed {SEED}, round {at}: {kind} under {faults}"
    since = disaster(lab, kind, pid)
    took = passes(lab, [("a", "b"), ("b", "a")], since, what)
    stream = table.check_stream(lab, since, what)
    end(lab, kind, pid, what, refused)
    until(lambda: not left(held), 3, f"{what}: programs are left: {left(held)}")
    until(lambda: state(lab) == bare, 1, f"{what}: left: {state(lab)}")
    table.add(WAYS[kind], took=took, cut=counts["drop"] + counts["park"] > 0, programs=len(left(held)),
              devices=len(set(state(lab)) - set(bare)), **stream)

with Lab("a", "b") as lab:
    for agent in (lab.a, lab.b):
        agent(DOORS)
        agent(KNOCK)
    start_stream(lab)
    bare = state(lab)
    with Table() as table:
        for at in range(ROUNDS):
            play(lab, at, bare, table)
    lab.a("stop.set()")
    expect(not lab.a("refused") + lab.b("refused"), "datagrams were refused to their senders (ENOBUFS)")
    print(f"seed {SEED}; {lab.b('take_stock()')[0]} numbers of the stream, none missing; no send failed with ENOBUFS")
EOF
