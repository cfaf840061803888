#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# While faults are in force a container is removed, killed or restarted, or its network is taken away and given back;
# meanwhile the injector goes on, ends, is killed or hangs. As in inject_chaos nothing of it is left, connections
# and datagrams pass within two seconds from its end on, and a stream between two that live on loses nothing.
# REMOVAL_ROUNDS=200 and CHAOS_SEED=N make it longer and other.
# timeout: 1500
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
import random
from chaos import *
from containers import *

ROUNDS, SEED = int(os.environ.get("REMOVAL_ROUNDS", 6)), int(os.environ.get("CHAOS_SEED", time.time()))
FAULTS = ["silence:a@workload.0", "silence:c@workload.0", "link:a>b@workload.0", "link:a>c@workload.0",
          "partition:b|c@workload.0", "partition:a|c@workload.0+20ms", "link:a>b@workload.0+30s", "link:c>a@workload.0+30s",
          "stall:a>b/7000@workload.0", "loss:a>c@workload.0", "silence:c@workload.0+10ms"]
DISASTERS = ["removed (rm -f)", "killed", "restarted", "network taken away"]
ENDS = {"lives on": 3, "ends": 1, "kill -9": 2, "SIGSTOP": 1}
random.seed(SEED)
# each disaster in turn, so that few rounds have all of them; how the injector ends is drawn
PLAN = [(DISASTERS[at % len(DISASTERS)], random.choices(list(ENDS), ENDS.values())[0]) for at in range(ROUNDS)]

# Something to cut on c's links, too
BEAT = """
def beat():
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.setblocking(False)
    while True:
        try: u.sendto(b'x', ({c!r}, 7010))
        except OSError: pass  # c or our network is not there
        time.sleep(0.005)
threading.Thread(target=beat, daemon=True).start()
"""

def pid_of(lab, name):
    return int(sh("docker inspect -f '{{.State.Pid}}' " + lab.container(name)))

def state(lab):
    """What of ours could be in a container's namespace or at its bridge."""
    found = sh("ip -o link; tc qdisc; tc filter show dev docker0", check=False)
    for name in lab.all:
        at = f"nsenter -t {pid_of(lab, name)} -n "
        found += sh(f"{at} ip -o link; {at} tc qdisc; {at} tc filter show dev eth0 ingress; {at} tc filter show dev eth0 egress",
                    check=False)
    return [line for line in found.split("\n") if "clsact" in line or "bpf" in line or ": cutset" in line]

def serve(lab):
    lab.start("c", "-d", "python3", "-c", DOORS + "threading.Event().wait()")

def docker(lab, disaster):
    """Begin it; the answer waits for its end, and says whether the container is gone for good."""
    c = lab.container("c")
    lines = {"removed (rm -f)": f"docker rm -f {c}", "killed": f"docker kill {c}", "restarted": f"docker restart -t 0 {c}",
             "network taken away": f"docker network disconnect {lab.network} {lab.container(away)} && sleep 0.2 &&"
                                   f"docker network connect --ip {lab.address[away]} {lab.network} {lab.container(away)}"}
    return subprocess.Popen(lines[disaster], shell=True, stdout=subprocess.DEVNULL)

def refresh(lab, disaster, what):
    """As a hunt does after a reset: what was restarted is found again, what is gone is named."""
    gone = disaster in ("removed (rm -f)", "killed")
    answer = lab.cut("refresh", fails=gone)
    expect(not gone or answer.startswith("error 5"), f"{what}: {answer}")

def end_injector(lab, ending, disaster, running, pid, what):
    """Returns since when nothing is in force, and whether its run is broken, if it can say so."""
    if ending == "kill -9":
        os.kill(pid, signal.SIGKILL)
    elif ending == "ends":
        lab.driver_process.stdin.close()
        lab.driver_process.wait()
    elif ending == "SIGSTOP":
        os.kill(pid, signal.SIGSTOP)
        time.sleep(2.2)
    if ending == "lives on":
        running.wait()
        refresh(lab, disaster, what)
        lab.disarm()
    return time.monotonic()

def restore(lab, disaster):
    if disaster == "removed (rm -f)":
        serve(lab)
    elif disaster == "killed":
        sh("docker start " + lab.container("c"))

def play(lab, disaster, ending, what, table):
    pid = lab.driver("client")
    held = programs_of(pid)
    expect(len(held) >= 3, held)
    faults = random.sample(FAULTS, random.randint(1, 2))
    what += f" under {faults}"
    refused = arm(lab, faults)
    lab.cut("now workload.0")
    time.sleep(random.random() * 0.15)
    counts = lab.events()
    running = docker(lab, disaster)
    time.sleep(random.random() * 0.4)
    since = end_injector(lab, ending, disaster, running, pid, what)
    took = passes(lab, [pair for pair in (("a", "b"), ("b", "a")) if away not in pair or running.poll() is not None], since, what)
    stream = table.check_stream(lab, since, what)
    if ending == "SIGSTOP":
        os.kill(pid, signal.SIGCONT)
        expect(lab.disarm()[1] or refused, f"{what}: its run is broken")
    expect(running.wait() == 0, f"{what}: docker failed")
    lab.end_driver()
    restore(lab, disaster)
    for pair in ("a", "c"), ("host", "c"), ("a", "b"), ("b", "a"):
        until(lambda: lab.agents[pair[0]](f"knock({lab.address[pair[1]]!r})"), 5, f"{what}: {pair} afterwards")
    until(lambda: not left(held), 3, f"{what}: programs are left: {left(held)}")
    until(lambda: not state(lab), 1, f"{what}: left: {state(lab)}")
    table.add(f"{disaster}, {ending}", took=took, cut=counts["drop"] + counts["park"] > 0, programs=len(left(held)),
              devices=len(state(lab)), **stream)

with Containers("a", "b", "c", agents=("a", "b")) as lab:
    serve(lab)
    for agent in (lab.a, lab.b):
        agent(DOORS)
        agent(BEAT.format(c=lab.address["c"]))
    for agent in (lab.a, lab.b, lab.host):
        agent(KNOCK)
    start_stream(lab)
    with Table() as table:
        for at, (disaster, ending) in enumerate(PLAN):
            away = random.choice("bc")
            play(lab, disaster, ending, f"seed {SEED}, round {at}: {disaster}, {ending}", table)
    lab.a("stop.set()")
    print(f"seed {SEED}; {lab.b('take_stock()')[0]} numbers of the stream, none missing")
EOF
