#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# A link is cut one way only: B hears nothing from A but acknowledgements, A hears all of B.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
from netlab import *

with Lab("a", "b") as lab:
    lab.listen("b", 7000)
    lab.connect("a", "b", 7000)
    lab.a("s.sendall(b'before;')")
    until(lambda: lab.b("text()") == "before;", 2, "the stream before the cut")
    lab.driver("client")
    lab.a("s.sendall(b'known;')")
    lab.cut("arm link:a>b@workload.1")
    lab.cut("now workload.0")
    lab.a("s.sendall(b'early;')")
    until(lambda: lab.b("text()") == "before;known;early;", 2, "before the onset all passes")
    lab.cut("now workload.1")
    for i in range(20):
        lab.a("s.sendall(b'x;')")
        lab.b("accepted[0].sendall(b'answer;')")
    lab.a("s.settimeout(0.5)\ngot = b''\nwhile len(got) < 140: got += s.recv(4096)")
    expect(lab.a("got.decode()") == "answer;" * 20, "A receives all of B")
    expect(lab.a("struct.unpack('B', s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))[0]") == 1,
           "still established")
    # B's data is acknowledged: nothing waits (a tail loss probe may be sent before A answers)
    time.sleep(0.6)
    unacked, resent = lab.b("""[struct.unpack_from('I', accepted[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), at)[0]
                               for at in (24, 100)]""")
    expect(unacked == 0 and resent <= 2, f"pure acknowledgements pass: {unacked} {resent}")
    expect(lab.b("text()") == "before;known;early;", "B receives nothing of A: " + lab.b("text()"))
    counted = lab.events()
    expect(counted["drop"] >= 1 and counted["last"]["len"] > 0, counted)
    # new connections: A's SYN is cut; B's is answered with a SYN-ACK that is cut
    lab.a("t = socket.socket(); t.settimeout(0.4)")
    expect(lab.a("t.connect_ex(('198.18.15.2', 7000))") != 0, "A cannot connect to B")
    # IPv6: the same two directions
    lab.b("""
server6 = socket.create_server(('::', 7006), family=socket.AF_INET6)
def serve6():
    while True:
        conn6 = server6.accept()[0]; conn6.sendall(b'hello'); got6.append(conn6.recv(100))
got6 = []
threading.Thread(target=serve6, daemon=True).start()
""")
    lab.a("v = socket.socket(socket.AF_INET6); v.settimeout(0.4)")
    expect(lab.a("v.connect_ex(('fd00:15::2', 7006))") != 0, "no SYN over IPv6")
    lab.cut("now workload.0")
    lab.a("v = socket.create_connection(('fd00:15::2', 7006), 2); v.settimeout(2)")
    lab.a("hello = v.recv(5)")
    lab.cut("now workload.1")
    lab.a("v.sendall(b'cut')")
    time.sleep(0.3)
    expect(lab.b("got6") == [] and lab.a("hello.decode()") == "hello", "IPv6: one way only")
    lab.cut("now healed")
    seconds = until(lambda: lab.b("text()").endswith("x;" * 20), 5, "the stream goes on")
    until(lambda: lab.b("len(got6)") == 1, 5, "over IPv6 too")
    reports, lapsed = lab.disarm()
    expect(not lapsed and reports[0]["fired"] == 1, reports)
    expect(reports[0]["step"] == "workload.1", reports)
    expect(reports[0]["dropped"] >= counted["drop"], reports)
    print(f"resumed after {seconds:.2f} s, {reports[0]['dropped']} packets dropped")
EOF
