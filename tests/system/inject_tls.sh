#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What is encrypted is stalled by its number and its length alone: of a thousand messages over TLS the one that
# is meant is late by what was asked, those behind it on its connection with it, and no others.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 openssl
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=cutset -days 2 \
	-keyout "$work/key" -out "$work/certificate" 2>"$work/err" || fail "$(cat "$work/err")"
cd "$top" && PYTHONPATH=tests/system/programs WORK=$work python3 - <<'END'
from netlab import *
from lateness import judge

COUNT, ASKED = 1000, 500
WORK = os.environ["WORK"]

with Lab("a", "b") as lab:
    lab.b(f"""
import numbered, ssl
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain({WORK + "/certificate"!r}, {WORK + "/key"!r})
sink = numbered.Sink(7000, tls)
""")
    lab.a(f"import numbered, ssl; tls = ssl.create_default_context(cafile={WORK + '/certificate'!r}); "
          "tls.check_hostname = False")
    lab.driver("client")

    def run(what, streams, selector, meant):
        lab.b("sink.got.clear()")
        lab.a(f"sockets = numbered.streams({lab.address['b']!r}, 7000, {streams}, tls)")
        lab.cut("now workload.0")
        lab.cut(f"arm stall:a>b{selector}@workload.0+{ASKED}ms")
        lab.a(f"numbered.send(sockets, {COUNT})")
        until(lambda: lab.b("len(sink.got)") >= COUNT, 5, f"{what}: all messages arrive")
        (report,), lapsed = lab.disarm()
        expect(not lapsed and not lab.b("sink.failed"), f"{what}: {lab.b('sink.failed')}")
        judge(what, lab.b("sink.got"), report, ASKED, meant)

    run("TLS, by number", 1, "/7000.300", 299)
    run("TLS, 20 connections, by number", 20, "/7000.400", 399)
    # 40 bytes in a record of TLS 1.3: 5 before them, 17 behind
    run("TLS, 20 connections, by number and length", 20, "/7000#?~62.350", 349)
    lab.cut("now workload.0")
    lab.cut(f"arm stall:a>b/7000#put@workload.0+{ASKED}ms")
    lab.a("numbered.send(sockets, 30)")
    (report,), lapsed = lab.disarm()
    expect(not report["fired"] and "no such message" in report["why"], report)
END
