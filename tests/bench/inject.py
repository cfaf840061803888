#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
How exactly finite delays are kept, and what they cost: docs/delays.md says how to read it. Two namespaces,
TCP between them, what one sends the other held; a bulk stream to elsewhere through the same interface or not. As root.
Writes build/bench/inject.json. BENCH_QUICK=1 only tries that it works.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../system/programs"))
from netlab import *

QUICK = bool(os.environ.get("BENCH_QUICK"))
DELAYS_MS = [1, 10] if QUICK else [1, 10, 100, 1000, 3000]
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def softirq_seconds():
    """Of the whole machine: where packets go round within the kernel."""
    with open("/proc/stat") as stat:
        return int(stat.readline().split()[7]) / TICKS


def rounds_of(delay_ms, parked):
    if QUICK:
        return 3
    return max(5, min(200 // parked, int(6000 / delay_ms)))


def retransmits(lab):
    return lab.a("struct.unpack_from('I', s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]")


def bulk(lab, on):
    if on:
        lab.a("""
flows = threading.Event()
def pour():
    with socket.create_connection((sink, 7005)) as c:
        while not flows.is_set(): c.sendall(b'b' * 65536)
pouring = threading.Thread(target=pour, daemon=True); pouring.start()
""")
    else:
        lab.a("flows.set(); pouring.join()")


def measure(lab, engine, pid, delay_ms, parked, with_bulk):
    """Messages of one stream, @parked of them held at a time, one packet each."""
    count = rounds_of(delay_ms, parked)
    if with_bulk:
        bulk(lab, True)
    lab.b("chunks.clear()")
    lab.cut(f"arm link:a>b@workload.0+{delay_ms}ms")
    lab.cut("now workload.0")
    before, used, begin = retransmits(lab), cpu_seconds(pid), time.monotonic()
    softirq = softirq_seconds()
    lab.a(f"""
for i in range({count}):
    for k in range({parked}): s.sendall(b'm' * 100)
    time.sleep({delay_ms / 1000 + 0.02})
""")
    until(lambda: lab.b("sum(len(c) for t, c in chunks)") == 100 * count * parked, 30, "all arrived")
    seconds, used = time.monotonic() - begin, cpu_seconds(pid) - used
    softirq = softirq_seconds() - softirq
    again = retransmits(lab) - before
    reports, lapsed = lab.disarm()
    if with_bulk:
        bulk(lab, False)
    report = reports[0]
    expect(not lapsed and report["fired"] and report["released"] == report["parked"], report)
    return {"engine": engine, "delay_ms": delay_ms, "parked": parked, "bulk": with_bulk,
            "packets": report["released"],
            "p50_error_us": (report["achieved"] - delay_ms * 1e6) / 1e3,
            "p99_error_us": (report["p99"] - delay_ms * 1e6) / 1e3,
            "cpu_share": used / seconds, "softirq_share": softirq / seconds, "retransmits": again}


def bulk_delayed(lab, engine, pid):
    """What TCP makes of a link that is 20 ms long: as much as its window, once a round trip."""
    seconds = 1 if QUICK else 4
    lab.b("chunks.clear()")
    lab.cut("arm link:a>b@workload.0+20ms")
    lab.cut("now workload.0")
    before, used = retransmits(lab), cpu_seconds(pid)
    lab.a(f"""
end = time.monotonic() + {seconds}
s.settimeout(1)
while time.monotonic() < end:
    try: s.sendall(b'b' * 16384)
    except TimeoutError: pass
""")
    took = lab.b("sum(len(c) for t, c in chunks)")
    used, again = cpu_seconds(pid) - used, retransmits(lab) - before
    lab.disarm()
    lab.a("s.close()")
    lab.connect("a", "b", 7000)
    return {"engine": engine, "delay_ms": 20, "stream": True, "megabytes_per_second": took / seconds / 1e6,
            "cpu_share": used / seconds, "retransmits": again}


def main():
    build = os.environ.get("B", "build")
    out = os.path.join(build, "bench", "inject.json")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    results = []
    with Lab("a", "b") as lab:
        lab.listen("b", 7000)
        lab.host("""
sink = socket.create_server(('', 7005))
def drain():
    while True:
        c = sink.accept()[0]
        while c.recv(1 << 20): pass
threading.Thread(target=drain, daemon=True).start()
""")
        lab.a(f"sink = {HOST!r}")
        lab.connect("a", "b", 7000)
        for engine in parking():
            pid = lab.driver("client", env={"CUT_DRIVER_ENGINE": engine})
            for with_bulk in False, True:
                for parked in 1, 50:
                    for delay_ms in DELAYS_MS:
                        results.append(measure(lab, engine, pid, delay_ms, parked, with_bulk))
                        print(json.dumps(results[-1]), flush=True)
            results.append(bulk_delayed(lab, engine, pid))
            print(json.dumps(results[-1]), flush=True)
            lab.end_driver()
    with open(out, "w") as file:
        json.dump(results, file, indent=1)
    print(f"{out}: {len(results)} measures")


main()
