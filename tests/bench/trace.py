#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What tracing costs, how much it stands, and what it takes to read a trace: make bench-trace.

As root. Writes build/bench/trace.json; docs/performance.md says how to read it.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from bench import (BUILD, PAIRS, QUICK, SECONDS, Measures, Unable, locked, median, output, program,
                   rounds, running, say, wait_for)

CUTSET = os.path.join(BUILD, "cutset")
CONNECTIONS = 50
TRACED = ("read,write,readv,writev,preadv2,pwritev2,sendfile,splice,tee,sendto,recvfrom,sendmsg,recvmsg,"
          "sendmmsg,recvmmsg,connect,accept,accept4,close,shutdown,poll,ppoll,select,pselect6,"
          "epoll_wait,epoll_pwait,epoll_pwait2")
TRACED_NR = (0, 1, 19, 20, 327, 328, 40, 275, 276, 44, 45, 46, 47, 307, 299, 42, 43, 288, 3, 48, 7, 271,
             23, 270, 232, 281, 441)
lost_by_bpftrace = []
work = tempfile.mkdtemp(prefix="cutset-bench-")


def scratch(name):
    return os.path.join(work, name)


# --- servers and their loads

class Redis:
    name, port = "redis SET", 7391
    argv = ["redis-server", "--port", "7391", "--save", "", "--appendonly", "no", "--dir", work]
    requests = 1000

    def saturate(self, slow=False):
        """redis-benchmark counts requests, not seconds: a quarter for those who are slow."""
        return ["redis-benchmark", "-p", "7391", "-t", "set", "-c", str(CONNECTIONS), "-q", "-n",
                str(self.requests // 4 if slow else self.requests)]

    def calibrate(self):
        with running(self.argv, stdout=subprocess.DEVNULL):
            wait_for(lambda: answers(self.port), 10, "redis-server does not answer")
            self.requests = 20000
            self.requests = int(self.rate(output(self.saturate())) * SECONDS)

    @staticmethod
    def rate(text):
        return float(re.findall(r"SET: ([\d.]+) requests per second", text)[-1])


class Http:
    name, port = "HTTP GET", 7392
    argv = [program("http_server"), "7392"]

    def saturate(self, slow=False):
        return [program("load"), "http", "7392", str(CONNECTIONS), "0", str(SECONDS)]

    def calibrate(self):
        pass

    @staticmethod
    def rate(text):
        return last_json(text)["rate"]


def last_json(text):
    return json.loads(re.findall(r"^\{.*\}$", text, re.M)[-1])


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


# --- variants: each brings up a server of its own, runs the load, and returns what the load printed

@contextlib.contextmanager
def serving(server, *before):
    if answers(server.port):
        raise RuntimeError(f"port {server.port} is taken")
    with running([*before, *server.argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: answers(server.port), 10, f"{server.argv[0]} does not answer")
        yield process.pid
    wait_for(lambda: not answers(server.port), 10, f"{server.argv[0]} does not end")


@contextlib.contextmanager
def recording(pids, *options):
    trace = scratch("trace")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(trace)
    targets = [f"node{at}=pid:{pid}" for at, pid in enumerate(pids)]
    argv = [CUTSET, "trace", *targets, "-o", trace, "--duration", "1h", *options]
    with open(scratch("err"), "w+") as err, \
            running(argv, signal.SIGINT, stdout=subprocess.DEVNULL, stderr=err) as process:
        wait_for(lambda: process.poll() is not None or
                 (os.path.exists(trace) and os.path.getsize(trace) > 16), 20, "cutset does not attach")
        if process.poll() is not None:
            raise RuntimeError(f"cutset trace: {open(scratch('err')).read()}")
        yield process.pid


@contextlib.contextmanager
def held(argv):
    """A command that waits to begin: go() lets it, and returns what it printed."""
    with running(["sh", "-c", "kill -STOP $$; exec \"$@\"", "sh", *argv], stdout=subprocess.PIPE, text=True) as process:
        def stopped():
            return open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()[0] == "T"

        def go():
            process.send_signal(signal.SIGCONT)
            text = process.communicate()[0]
            if process.returncode:
                raise RuntimeError(f"{argv[0]}: exit code {process.returncode}")
            return text
        wait_for(stopped, 10, "sh does not stop")
        process.go = go
        yield process


@contextlib.contextmanager
def bpftrace(filter_, *options):
    """The exit of system calls, as we; time, thread, call and result, but neither socket nor place.

    In a mount namespace of its own it finds the kernel's tracing folders mounted.
    """
    if not shutil.which("bpftrace"):
        raise Unable("bpftrace is not installed; scripts/setup bench installs it")
    calls = " || ".join(f"$id == {nr}" for nr in TRACED_NR)
    text = (f"BEGIN {{ printf(\"ready\\n\"); }} tracepoint:raw_syscalls:sys_exit /{filter_}/ {{ $id = args->id; "
            f"if ({calls}) {{ printf(\"%lu %d %d %d\\n\", nsecs, tid, $id, args->ret); }} }}")
    mount = "mount -t debugfs none /sys/kernel/debug; mount -t tracefs none /sys/kernel/tracing; exec \"$@\""
    with open(scratch("bpftrace.out"), "w") as out, \
            running(["unshare", "-m", "sh", "-c", mount, "sh", "bpftrace", *options, "-e", text],
                    signal.SIGINT, stdout=out, stderr=subprocess.STDOUT) as process:
        def said():
            return "\nready" in open(scratch("bpftrace.out"), errors="replace").read(4096)
        wait_for(lambda: said() or process.poll() is not None, 20, "bpftrace does not attach")
        if not said():
            lines = open(scratch("bpftrace.out")).read().strip().splitlines() or ["it ended"]
            raise Unable(f"bpftrace cannot attach: {lines[-1]}")
        yield process
    lost = re.findall(r"^Lost (\d+) events", open(scratch("bpftrace.out"), errors="replace").read(), re.M)
    lost_by_bpftrace.append(sum(map(int, lost)))


def strace(*options):
    return ["strace", "-f", "--seccomp-bpf", "-e", f"trace={TRACED}", "-o", scratch("strace.out"), *options]


def loaded_untraced(server, load):
    with serving(server):
        return output(load)


def loaded_cutset(server, load):
    with serving(server) as pid, recording([pid]):
        return output(load)


def loaded_both(server, load):
    with serving(server) as pid, held(load) as client:
        with recording([pid, client.pid]):
            text = client.go()
    size_of_trace.setdefault(server.name, []).append(bytes_an_event(scratch("trace")))
    return text


def loaded_counted(server, load):
    with serving(server) as pid:
        return output([CUTSET, "trace", f"server=pid:{pid}", "-o", scratch("trace"), "--", *load])


def loaded_strace(server, load):
    with serving(server, *strace()):
        return output(load)


def loaded_bpftrace(server, load):
    with serving(server) as pid, bpftrace(f"pid == {pid}"):
        return output(load)


TRACERS = {"untraced": loaded_untraced, "cutset": loaded_cutset, "strace": loaded_strace,
           "bpftrace": loaded_bpftrace}
size_of_trace = {} # server to a list of (bytes an event, events, lost)


def show(path):
    return json.loads(output([CUTSET, "show", path, "--json"]))


def bytes_an_event(path):
    said = show(path)
    return os.path.getsize(path) / said["events"], said["events"], said["lost"]


# --- what is measured

def measure_load(measures, server):
    server.calibrate()
    lost_by_bpftrace.clear()
    variants = {name: lambda run=run, name=name: server.rate(run(server, server.saturate(name == "strace")))
                for name, run in TRACERS.items()}
    variants["both"] = lambda: server.rate(loaded_both(server, server.saturate()))
    variants["counted"] = lambda: server.rate(loaded_counted(server, server.saturate()))
    results, unable = rounds(variants, f"{server.name}, saturated")
    both, counted = results.pop("both"), results.pop("counted")
    measures.add_pairs(f"{server.name}, saturated, server traced", "requests/s", results, unable,
                       "untraced", "cutset", lost_by_bpftrace=sum(lost_by_bpftrace))
    measures.add_pairs(f"{server.name}, saturated, server and client traced", "requests/s",
                       {"untraced": results["untraced"], "cutset": both}, {}, "untraced", "cutset",
                       goal=("ratio", ">=", 0.9))
    measures.add_pairs(f"{server.name}, saturated, also the client's steps counted", "requests/s",
                       {"untraced": results["untraced"], "cutset": counted}, {}, "untraced", "cutset")
    sizes, events, lost = zip(*size_of_trace[server.name])
    measures.add(f"{server.name}, its trace on disk", "bytes/event", median(sizes), pairs=len(sizes),
                 goal=("ours", "<=", 24), events=max(events), lost=sum(lost))
    return median(results["untraced"])


def measure_latency(measures, server, rate):
    kind = "redis" if isinstance(server, Redis) else "http"
    load = [program("load"), kind, str(server.port), str(CONNECTIONS), f"{rate:.0f}", str(SECONDS)]
    tracers = list(TRACERS.items())[:2 if QUICK else None]
    results, unable = rounds({name: lambda run=run: last_json(run(server, load)) for name, run in tracers},
                             f"{server.name}, {rate:.0f} a second")
    kept = {name: median([x["rate"] for x in list_]) for name, list_ in results.items() if list_}
    for at in ("p50_us", "p99_us"):
        measures.add_pairs(f"{server.name}, {rate:.0f}/s, {at[:3]}", "us", results, unable, "untraced",
                           "cutset", take=lambda x: x[at], rates=kept)


def sleeper():
    return running(["sleep", "infinity"])


def calls_in_node(kind, *args, options=(), around=lambda go: go()):
    with held([program("calls"), kind, *map(str, args)]) as process:
        with recording([process.pid], *options):
            return around(process.go)


def calls_of_client(kind, cnt):
    with sleeper() as idle:
        return output([CUTSET, "trace", f"idle=pid:{idle.pid}", "-o", scratch("trace"), "--",
                       program("calls"), kind, str(cnt)])


def ns_of(text):
    return float(re.findall(r"^[\d.]+$", text, re.M)[-1])


def call_variants(kind, cnt):
    alone = [program("calls"), kind, str(cnt)]

    def beside_cutset():
        with sleeper() as idle, recording([idle.pid]):
            return ns_of(output(alone))

    def under_strace():
        return ns_of(output(strace(program("calls"), kind, str(max(cnt // 20, 1000)))))

    def under_bpftrace():
        with bpftrace("pid == cpid", "-c", " ".join(alone)) as process:
            process.wait()
        return ns_of(open(scratch("bpftrace.out"), errors="replace").read())

    variants = {
        "untraced": lambda: ns_of(output(alone)),
        "in a node": lambda: ns_of(calls_in_node(kind, cnt)),
        "in another process": beside_cutset,
    }
    if kind != "getppid":
        variants["with 256 bytes of payload"] = lambda: ns_of(calls_in_node(kind, cnt, options=("--payload", "256")))
        variants["in a client whose steps are counted"] = lambda: ns_of(calls_of_client(kind, cnt))
        variants["strace"] = under_strace
        variants["bpftrace"] = under_bpftrace
    return variants


CALL_GOALS = {"in a node": 250, "with 256 bytes of payload": 500, "in a client whose steps are counted": None,
              "in another process": 110}


def measure_calls(measures):
    kinds = {"tcp": "a send or receive by TCP", "getppid": "a call of no interest",
             "pipe": "a write or read of a pipe"}
    for kind, what in list(kinds.items())[:2 if QUICK else 3]:
        cnt = int((1e5 if kind != "getppid" else 1e6) * SECONDS)
        results, unable = rounds(call_variants(kind, cnt), what)
        base = results["untraced"]
        added = {name: [x - y for x, y in zip(list_, base)] for name, list_ in results.items()}
        rivals = {name: {"value": median(added[name]), "ratio": median([x / y for x, y in zip(results[name], base)])}
                  for name in ("strace", "bpftrace") if results.get(name)}
        rivals.update({name: {"unable": why} for name, why in unable.items()})
        for name in CALL_GOALS:
            if name not in results:
                continue
            goal = 110 if kind == "getppid" else CALL_GOALS[name]
            goal = ("ours", "<=", goal) if goal else None
            measures.add(f"{what}, {name}, added", "ns/call", median(added[name]), median(base),
                         rivals if name == "in a node" else {},
                         median([x / y for x, y in zip(results[name], base)]), len(base),
                         goal, spread=[min(added[name]), max(added[name])])


# --- the programs' own time, by the kernel's statistics

@contextlib.contextmanager
def bpf_stats():
    path = "/proc/sys/kernel/bpf_stats_enabled"
    before = open(path).read()
    try:
        with open(path, "w") as file:
            file.write("1")
        yield
    finally:
        with open(path, "w") as file:
            file.write(before)


BPFTOOL = "/usr/sbin/bpftool" if os.path.exists("/usr/sbin/bpftool") else "bpftool"


def program_times(text, ids):
    """Program id to (name, ns, runs) of those in @ids."""
    return {prog["id"]: (prog["name"], prog.get("run_time_ns", 0), prog.get("run_cnt", 0))
            for prog in json.loads(text) if prog["id"] in ids}


def ids_now():
    return {prog["id"] for prog in json.loads(output([BPFTOOL, "-j", "prog", "show"]))}


def stats_of(kind, cnt, in_node, *options):
    """Nanoseconds of our programs a call, and the runs of each program a call."""
    others = ids_now()

    def listed(go):
        listing = [BPFTOOL, "-j", "prog", "show"]
        before = output(listing)
        go()
        return before, output(listing)

    if in_node:
        a, b = calls_in_node(kind, cnt, options=options, around=listed)
    else:
        with sleeper() as idle, recording([idle.pid], *options):
            a, b = listed(lambda: output([program("calls"), kind, str(cnt)]))
    ours = {prog["id"] for prog in json.loads(a)} - others
    before, after = program_times(a, ours), program_times(b, ours)
    parts = {}
    for id_ in ours & after.keys():
        name, ns, runs = after[id_]
        if runs > before[id_][2]:
            parts[name] = {"ns": (ns - before[id_][1]) / cnt, "runs": (runs - before[id_][2]) / cnt}
    return sum(part["ns"] for part in parts.values()), parts


def measure_stats(measures):
    cases = (("traced: a send or receive by TCP", "tcp", True, ()),
             ("traced: the same with 256 bytes of payload", "tcp", True, ("--payload", "256")),
             ("filtered: a node's call of no interest", "getppid", True, ()),
             ("unrelated: another process's send or receive", "tcp", False, ()),
             ("unrelated: another process's call of no interest", "getppid", False, ()))
    taken = {name: [] for name, *_ in cases}
    for at in range(1 if QUICK else 5):
        say(f"  programs' time, round {at + 1}")
        with locked(), bpf_stats():
            for name, kind, in_node, options in cases:
                cnt = int((1e5 if kind != "getppid" else 5e5) * SECONDS)
                taken[name].append(stats_of(kind, cnt, in_node, *options))
    for name, list_ in taken.items():
        ns, parts = min(list_, key=lambda x: x[0]) # other processes' calls are counted as well
        measures.add(f"programs' time, {name}", "ns/call", ns, pairs=len(list_), programs=parts)


# --- events a second without loss

def flood(kind, rate):
    """(events a second, calls a second, lost, complete) of eight threads."""
    text = calls_in_node(kind, 8, f"{rate:.0f}", SECONDS)
    said = show(scratch("trace"))
    return said["events"] / SECONDS, ns_of(text), said["lost"], said["complete"]


def measure_flood(measures, kind, what):
    rates = [50e3] if QUICK else [100e3 * 1.25 ** at for at in range(14)]
    best, steps = 0, []
    for rate in [*rates, 0]:
        say(f"  {what}: {rate:.0f} calls a second" if rate else f"  {what}: as fast as they go")
        with locked():
            events, calls, lost, complete = flood(kind, rate)
        steps.append({"wanted": rate, "events": events, "lost": lost, "complete": complete})
        if lost == 0 and complete:
            best = max(best, events)
        if lost or calls < 0.9 * rate:
            break
    end = "the ledger counted a loss" if lost else "the senders' own limit: nothing was lost"
    measures.add(f"events without loss, {what}", "events/s", best, goal=("ours", ">=", 1e6), stopped=end,
                 steps=steps)


# --- reading a trace

def timed(argv):
    """Seconds, CPU seconds and peak bytes of a command; its output goes to a file."""
    script = ("import os, resource, subprocess, sys, time\n"
              "begin = time.monotonic()\n"
              "code = subprocess.call(sys.argv[1:], stdout=open(os.environ['OUT'], 'w'))\n"
              "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
              "print(time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)\n"
              "sys.exit(code)")
    text = output([sys.executable, "-c", script, *argv], env={**os.environ, "OUT": scratch("out")})
    return tuple(float(x) for x in text.split())


def measure_reading(measures):
    events, path = (100_000 if QUICK else 10_000_000), scratch("synthetic")
    output([program("make_trace"), path, str(events)])
    cnt, what = show(path)["events"], f"a trace of {events / 1e6:g} million events"
    for name, argv in (("show", [CUTSET, "show", path, "--json"]),
                       ("lineage", [CUTSET, "lineage", path])):
        taken = []
        for at in range(1 if QUICK else 3):
            say(f"  {name} of {what}, {at + 1}")
            with locked():
                taken.append(timed(argv))
        goals = (("ours", ">=", 2e6), ("ours", "<=", 100)) if name == "show" else (None, None)
        measures.add(f"{name} of {what}", "events/s", median([cnt / x[0] for x in taken]), pairs=len(taken),
                     goal=goals[0], seconds=median([x[0] for x in taken]),
                     cpu_seconds=median([x[1] for x in taken]))
        measures.add(f"{name} of {what}, peak memory", "bytes/event", max(x[2] for x in taken) / cnt,
                     pairs=len(taken), goal=goals[1])
    if not open(scratch("out")).read().startswith("lineage of workload: "):
        raise RuntimeError("no lineage")
    measures.add("synthetic trace on disk", "bytes/event", os.path.getsize(path) / cnt, goal=("ours", "<=", 24))


PARTS = {
    "redis": lambda measures: measure_latency(measures, REDIS, measure_load(measures, REDIS) / 2),
    "http": lambda measures: measure_latency(measures, HTTP, measure_load(measures, HTTP) / 2),
    "calls": measure_calls,
    "stats": measure_stats,
    "flood": lambda measures: [measure_flood(measures, kind, f"8 threads, {kind}") for kind in ("tcp", "pipe")],
    "reading": measure_reading,
}
REDIS, HTTP = Redis(), Http()


def main():
    if os.geteuid():
        sys.exit("bench: needs root; run it with sudo")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    measures = Measures()
    out = os.path.join(BUILD, "bench", "trace.json")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    try:
        for part in sys.argv[1:] or PARTS:
            say(f"{part}:")
            PARTS[part](measures)
            measures.write(out)
    finally:
        shutil.rmtree(work)
    measures.print()
    print(f"{out}: {len(measures.list)} measures, {PAIRS} pairs{', quick: figures mean nothing' if QUICK else ''}")


main()
