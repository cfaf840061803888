# SPDX-License-Identifier: GPL-2.0-only
"""
Numbered messages that say when they were sent, and what became of them. Imported by the lab's agents
(netlab.py) and by the tests.

    sink = numbered.Sink(7000)                         # takes messages over TCP, or TLS, and UDP
    numbered.send(numbered.streams(address, 7000, 20), 1000)   # by a thread for each
    sink.got                                           # [(kind, number, stream, sent_ns, received_ns)]
"""
import socket
import threading
import time

KINDS = "put", "get", "del"
LENGTH = 40


def message(number, stream):
    text = f"{KINDS[number % len(KINDS)]} {number:06} {stream:06} {time.monotonic_ns():020} "
    return text.ljust(LENGTH, ".").encode()


class Sink:
    def __init__(self, port, tls=None):
        self.got, self.failed, self.tls = [], [], tls
        self.tcp = socket.create_server(("", port), backlog=64)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind(("", port))
        threading.Thread(target=self.take_datagrams, daemon=True).start()
        threading.Thread(target=self.accept, daemon=True).start()

    def note(self, data, received):
        kind, number, stream, sent = data.decode().split()[:4]
        self.got.append((kind, int(number), int(stream), int(sent), received))

    def take_datagrams(self):
        while True:
            self.note(self.udp.recv(2000), time.monotonic_ns())

    def accept(self):
        while True:
            conn, peer = self.tcp.accept()
            threading.Thread(target=self.take_stream, args=(conn,), daemon=True).start()

    def take_stream(self, conn):
        try:
            if self.tls:
                conn = self.tls.wrap_socket(conn, server_side=True)
            data = b""
            while True:
                more, now = conn.recv(65536), time.monotonic_ns()
                if not more:
                    break
                data += more
                while len(data) >= LENGTH:
                    self.note(data[:LENGTH], now)
                    data = data[LENGTH:]
        except (OSError, ValueError) as error:
            self.failed.append(repr(error))


def streams(address, port, count, tls=None):
    made = []
    for _ in range(count):
        s = socket.create_connection((address, port), 10)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.append(tls.wrap_socket(s) if tls else s)
    return made


def flows(address, port, count):
    made = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for s in made:
        s.connect((address, port))
    return made


def send(sockets, count, gap=0.001):
    """Numbers are in the order of the system calls; each socket has a thread. A stream's name is its port."""
    lock, numbers = threading.Lock(), iter(range(count))

    def work(s):
        port = s.getsockname()[1]
        while True:
            with lock:
                number = next(numbers, None)
                if number is None:
                    return
                s.sendall(message(number, port))
            time.sleep(gap * len(sockets))

    threads = [threading.Thread(target=work, args=(s,)) for s in sockets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
