#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The injector ends at random moments, by kill -9, by SIGTERM, by its lead; it is stopped for longer than its
# lease; an interface that it is attached to goes away. Whatever was in force: nothing of it is left, new
# connections and datagrams pass within two seconds, and a stream that was there before loses no byte.
# CHAOS_ROUNDS=200 and CHAOS_SEED=N make it longer and other.
# timeout: 900
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
import collections
import random
from netlab import *

ROUNDS, SEED = int(os.environ.get("CHAOS_ROUNDS", 10)), int(os.environ.get("CHAOS_SEED", time.time()))
FAULTS = ["silence:a@workload.0", "silence:b@workload.0", "link:a>b@workload.0", "link:b>a@workload.0",
          "partition:a|b@workload.0", "link:a>b@workload.0+30s", "link:a>b@workload.0+20ms",
          "stall:a>b/7000@workload.0", "stall:a>b/7000#?~8.5@workload.0+30s", "loss:a>b@workload.0",
          "silence:a@workload.0+10ms", "stall:a>b/7001@workload.0+50ms"]
random.seed(SEED)

def programs():
    return {line.split(":")[0]: line for line in sh("bpftool prog show").split("\n") if ": " in line}

def programs_of(pid):
    """The numbers of the programs that this process holds."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}") as info:
            found |= {line.split()[1] for line in info if line.startswith("prog_id:")}
    return found

def left(held):
    return [line for number, line in programs().items() if number in held]

def state(lab):
    found = ""
    for name in lab.names:
        at = f"-n {lab.namespace(name)}"
        found += sh(f"ip {at} -o link | sed 's/@.*//'; tc {at} qdisc show dev eth0; tc {at} filter show dev eth0 egress;"
                    f"tc {at} filter show dev eth0 ingress", check=False)
    return "\n".join(sorted(line.split(": ", 1)[-1] for line in found.split("\n")))

def start_stream(lab):
    lab.connect("a", "b", 7000)
    lab.a("""
count, broken = 0, None
def pump():
    global count, broken
    try:
        while not stop.is_set():
            s.sendall(struct.pack('>Q', count)); count += 1; time.sleep(0.001)
    except OSError as e: broken = repr(e)
stop = threading.Event(); threading.Thread(target=pump, daemon=True).start()
""")

def taken(lab):
    """How many counters B has, and whether each is one more than the one before."""
    return lab.b("take_stock()")

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
    return time.monotonic()

def passes(lab, since, what):
    """New connections and datagrams, both ways, soon."""
    for one, other in ("a", "b"), ("b", "a"):
        until(lambda: lab.agents[one](f"knock({lab.address[other]!r}, 7010)"), 3, f"{what}: {one} connects to {other}")
    took = time.monotonic() - since
    expect(took < 2 + 0.5, f"{what}: connected only after {took:.1f} s")
    return took

tally, slowest = collections.Counter(), collections.Counter()
with Lab("a", "b") as lab:
    lab.listen("b", 7000)
    for agent in (lab.a, lab.b):
        agent("""
door = socket.create_server(('', 7010)); udoor = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udoor.bind(('', 7010))
def answer():
    while True:
        conn = door.accept()[0]; conn.sendall(b'hello'); conn.close()
def answer_datagrams():
    while True:
        data, peer = udoor.recvfrom(100); udoor.sendto(data, peer)
for f in answer, answer_datagrams: threading.Thread(target=f, daemon=True).start()
def knock(address, port):
    try:
        with socket.create_connection((address, port), 0.2) as c:
            c.settimeout(0.3)
            if c.recv(5) != b'hello': return False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            u.settimeout(0.3); u.sendto(b'x', (address, port)); return u.recv(1) == b'x'
    except OSError: return False
""")
    lab.b("""
had, rest, in_order = 0, b'', True
def take_stock():
    global had, rest, in_order
    while chunks: rest += chunks.pop(0)[1]
    cnt = len(rest) // 8
    in_order &= struct.unpack('>%dQ' % cnt, rest[:8 * cnt]) == tuple(range(had, had + cnt))
    had, rest = had + cnt, rest[8 * cnt:]
    return had, in_order
""")
    start_stream(lab)
    bare = state(lab)
    for at in range(ROUNDS):
        kind = random.choice(["kill"] * 4 + ["term", "end", "unplug"] + (["stop"] if at % 4 == 0 else []))
        pid = lab.driver("client")
        held = programs_of(pid)
        expect(len(held) >= 3, held)
        faults = random.sample(FAULTS, random.randint(1, 2))
        answer = ""
        try:
            lab.cut("arm " + " ".join(faults))
        except AssertionError as refused:  # two that do not fit together
            answer = str(refused)
            expect("together" in answer or "overlap" in answer, answer)
        lab.cut("now workload.0")
        time.sleep(random.random() * 0.15)
        what = f"seed {SEED}, round {at}: {kind} under {faults}"
        since = disaster(lab, kind, pid)
        if kind == "unplug":
            lab.disarm()
            since = time.monotonic()
        took = passes(lab, since, what)
        if kind == "stop":
            os.kill(pid, signal.SIGCONT)
            reports, lapsed = lab.disarm()
            expect(lapsed or answer, f"{what}: its run is broken")
        if kind in ("stop", "unplug"):
            lab.driver_process.stdin.close()
        lab.driver_process.wait()
        lab.driver_process = None
        until(lambda: not left(held), 3, f"{what}: programs are left: {left(held)}")
        until(lambda: state(lab) == bare, 1, f"{what}: left: {state(lab)}")
        sent = lab.a("count")
        until(lambda: taken(lab)[0] >= sent, 15, f"{what}: the stream goes on: {taken(lab)}, {lab.a('broken')}")
        expect(taken(lab)[1] and not lab.a("broken"), f"{what}: {taken(lab)} {lab.a('broken')}")
        tally[kind] += 1
        slowest[kind] = max(slowest[kind], took)
    lab.a("stop.set()")
    print(f"seed {SEED}: " + ", ".join(f"{cnt} times {kind} (slowest {slowest[kind]:.2f} s)" for kind, cnt in tally.items()) +
          f"; {taken(lab)[0]} messages of the stream, none lost")
EOF
