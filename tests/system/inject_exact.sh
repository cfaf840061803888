#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Of a thousand numbered messages the one that is meant is late by what was asked, those behind it on its
# stream until it goes on, and none of other streams: over one connection and twenty, by datagrams too.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *
from lateness import judge

COUNT, ASKED = 1000, 500

with Lab("a", "b") as lab:
    lab.b("import numbered; sink = numbered.Sink(7000)")
    lab.a("import numbered")
    lab.driver("client")
    to = lab.address["b"]

    def run(what, make, selector, nth, meant):
        lab.b("sink.got.clear()")
        lab.a(f"sockets = numbered.{make}")
        lab.cut("now workload.0")
        lab.cut(f"arm stall:a>b{selector}.{nth}@workload.0+{ASKED}ms")
        lab.a(f"numbered.send(sockets, {COUNT})")
        until(lambda: lab.b("len(sink.got)") >= COUNT, 5, f"{what}: all messages arrive")
        (report,), lapsed = lab.disarm()
        expect(not lapsed and not lab.b("sink.failed"), f"{what}: {lab.b('sink.failed')}")
        judge(what, lab.b("sink.got"), report, ASKED, meant)

    # the classes are sent in turn: put 0, get 1, del 2, put 3, ...
    run("one connection", f"streams({to!r}, 7000, 1)", "/7000#get", 100, 298)
    run("20 connections", f"streams({to!r}, 7000, 20)", "/7000#get~40", 120, 358)
    run("20 connections, any message", f"streams({to!r}, 7000, 20)", "/7000", 400, 399)
    run("one flow of datagrams", f"flows({to!r}, 7000, 1)", "/7000#del", 80, 239)
    run("20 flows of datagrams", f"flows({to!r}, 7000, 20)", "#p?t%200", 90, 267)
EOF
