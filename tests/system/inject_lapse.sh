#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# A cutset that hangs for two seconds lets all pass from then on; what was parked is thrown away, not late.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

import signal

with Lab("a", "b") as lab:
    lab.listen("b", 7000)
    lab.connect("a", "b", 7000)
    lab.b("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 7001)); u.settimeout(0.3)")
    lab.a("""
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def shoot(text): u.sendto(text.encode(), ('198.18.15.2', 7001))
""")
    lab.b("""
def got():
    try: return u.recv(100).decode()
    except TimeoutError: return ''
""")
    pid = lab.driver("client")
    lab.cut("arm silence:a@workload.0")
    lab.cut("now workload.0")
    lab.a("shoot('cut')")
    expect(lab.b("got()") == "", "in force")
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    while not lab.b("got()"):
        expect(time.monotonic() - start < 4, "passes after the lease")
        lab.a("shoot('alive')")
    stopped = time.monotonic() - start
    expect(1.5 < stopped < 2.8, f"{stopped} s")
    os.kill(pid, signal.SIGCONT)
    time.sleep(0.5)  # heartbeats are back
    while lab.b("got()"):
        pass
    lab.a("shoot('after')")
    expect(lab.b("got()") == "after", "the lapse is latched")
    expect("lapsed=1" in lab.cut("lapsed"), "known at once")
    reports, lapsed = lab.disarm()
    expect(lapsed, "and told at the end")

    # the next run begins anew
    lab.cut("arm silence:a@workload.0")
    lab.a("shoot('cut')")
    expect(lab.b("got()") == "", "in force again")
    reports, lapsed = lab.disarm()
    expect(not lapsed and reports[0]["dropped"] == 1, reports)

    # parked when the lease ran out: discarded. No packet passes meanwhile: the heartbeat knows itself
    lab.cut("arm link:a>b@workload.0+1s")
    lab.a("shoot('parked')")
    time.sleep(0.1)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(2.5)
    os.kill(pid, signal.SIGCONT)
    expect(lab.b("got()") == "", "discarded")
    counted = lab.events()
    expect(counted["park"] == 1 and counted["lapse"] == 1 and counted["release"] == 0, counted)
    reports, lapsed = lab.disarm()
    expect(lapsed, "latched without a packet")
    print(f"passed {stopped:.1f} s after the stop")
EOF
