# SPDX-License-Identifier: GPL-2.0-only
"""
A few namespaces on a bridge in a namespace of its own, a process in each that does what it is told,
and the injector on a lead (cut_driver). For the inject_*.sh tests.

    with Lab("a", "b") as lab:           # 198.18.15.1, .2; the host is 198.18.15.254
        lab.driver("client")             # targets a, b and the commands' client
        lab.a("x = 1 + 1"); lab.a("x")   # statements, and expressions whose value comes back
        lab.cut("arm link:a>b@workload.0")
"""
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time

if os.geteuid():
    print("skipped: network namespaces need root")
    sys.exit(77)


def stop(number, frame):
    """Once only: timeout(1) sends it to us and then to our group."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(1)  # takes the lab down, as an exception does


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGHUP, stop)

NET = "198.18.15."
HOST = NET + "254"

AGENT = r"""
import ast, json, os, select, socket, struct, sys, threading, time, errno, hashlib, random
def run(text):
    tree = ast.parse(text)
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return eval(text, globals())
    exec(text, globals())
for line in sys.stdin:
    try:
        answer = {"value": run(json.loads(line))}
    except Exception as e:
        answer = {"error": repr(e)}
    print(json.dumps(answer), flush=True)
"""


class AgentError(Exception):
    pass


class Agent:
    """A process that runs the Python it is sent; @argv starts it, if that is not plain."""

    def __init__(self, namespace, argv=None):
        argv = argv or [sys.executable, "-c", AGENT]
        if namespace:
            argv = ["ip", "netns", "exec", namespace] + argv
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, text):
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()

    def wait(self):
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AgentError(answer["error"])
        return answer["value"]

    def __call__(self, text):
        self.send(text)
        return self.wait()

    def end(self):
        self.process.kill()
        self.process.wait()


def sh(text, check=True):
    return subprocess.run(text, shell=True, check=check, stdout=subprocess.PIPE,
                          stderr=None if check else subprocess.DEVNULL, text=True).stdout


def parking():
    """What can hold packets here: engines of finite delays."""
    probes = json.loads(sh(os.path.join(os.environ.get("B", "build"), "cutset") + " doctor --json"))["probes"]
    names = {"tap": "tap", "chamber": "chamber", "fq": "edt"}
    return [names[probe["id"]] for probe in probes if probe["id"] in names and probe["ok"]]


def engines():
    """How the injector can attach under this kernel: tcx is there since 6.6."""
    probes = json.loads(sh(os.path.join(os.environ.get("B", "build"), "cutset") + " doctor --json"))["probes"]
    return [probe["id"] for probe in probes if probe["id"] in ("tcx", "clsact") and probe["ok"]]


def remove_leftovers():
    """Of labs that were killed; there is one at a time."""
    for name in re.findall(r"^\d+: (cs\d+h)[@:]", sh("ip -o link"), re.M):
        sh(f"ip link del {name}", check=False)
    for name in re.findall(r"^cs\d+\w*", sh("ip netns list"), re.M):
        sh(f"ip netns del {name}", check=False)


class Lab:
    def __init__(self, *names, mtu=1500):
        self.names, self.mtu = names, mtu
        self.prefix = "cs%d" % os.getpid()
        self.driver_process = None
        self.address = {name: NET + str(i + 1) for i, name in enumerate(names)}
        self.agents = {}

    def namespace(self, name):
        return self.prefix + name

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *exc):
        self.down()

    def up(self):
        self.lock = open("/run/lock/cutset-netlab", "w")  # one at a time: the host has one address
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        hub = self.namespace("hub")
        remove_leftovers()
        if f" {NET}" in sh("ip -4 -o addr"):
            raise AssertionError(f"{NET}0/24 is in use on this machine")
        sh(f"ip netns add {hub}; ip -n {hub} link add br0 type bridge; ip -n {hub} link set br0 up")
        self.plug(None, self.prefix + "h", HOST)
        for name in self.names:
            sh(f"ip netns add {self.namespace(name)}")
            sh(f"ip -n {self.namespace(name)} link set lo up")
            self.plug(name, "eth0", self.address[name])
        for name in self.names:
            self.agents[name] = Agent(self.namespace(name))
            setattr(self, name, self.agents[name])
        self.host = self.agents["host"] = Agent(None)

    def join(self, name, other):
        """One more process, in the namespace of another."""
        self.agents[name] = Agent(self.namespace(other) if other in self.names else None)
        self.address[name] = self.address.get(other, HOST)
        setattr(self, name, self.agents[name])

    def plug(self, name, iface, address):
        hub, peer = self.namespace("hub"), "p" + (name or "host")
        at = f"-n {self.namespace(name)}" if name else ""
        where = f"netns {self.namespace(name)}" if name else ""
        sh(f"ip -n {hub} link add {peer} mtu {self.mtu} type veth peer name {iface} mtu {self.mtu} " +
           (where if name else "netns 1"))
        sh(f"ip -n {hub} link set {peer} master br0 up")
        sh(f"ip {at} addr add {address}/24 dev {iface}; ip {at} link set {iface} up")
        if name:
            sh(f"ip {at} addr add fd00:15::{address.split('.')[-1]}/64 dev {iface} nodad")

    def down(self):
        self.end_driver()
        for agent in self.agents.values():
            agent.end()
        sh(f"ip link del {self.prefix}h", check=False)
        for name in self.names + ("hub",):
            sh(f"ip netns del {self.namespace(name)}", check=False)
        self.lock.close()

    def target(self, name):
        return f"{name}=pid:{self.agents[name].process.pid}"

    def driver(self, *more, env=None, names=None):
        """Start the injector on these nodes; waits for another cutset to end."""
        path = os.path.join(os.environ.get("B", "build"), "tests/system/cut_driver")
        targets = [self.target(name) for name in names or self.names]
        for _ in range(120):
            self.driver_process = subprocess.Popen([path] + targets + list(more), text=True,
                                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                   env={**os.environ, **(env or {})})
            answer = self.answer()
            if "another cutset" not in answer:
                break
            self.driver_process.wait()
            time.sleep(1)
        expect(answer.endswith("ok"), answer)
        self.targets = targets
        return self.driver_process.pid

    def answer(self):
        lines = []
        while True:
            line = self.driver_process.stdout.readline()
            if not line:
                raise AgentError("the driver has ended: " + "\n".join(lines))
            lines.append(line.rstrip("\n"))
            if lines[-1] == "ok" or lines[-1].startswith("error "):
                return "\n".join(lines)

    def cut(self, command, fails=False):
        self.driver_process.stdin.write(command + "\n")
        self.driver_process.stdin.flush()
        answer = self.answer()
        expect(answer.startswith("error") == fails, f"{command}: {answer}")
        return answer

    def events(self):
        """Counts of EV_CUT by action since arm, and the last one as `last`."""
        lines = self.cut("events").split("\n")
        counts = {k: int(v) for k, v in (w.split("=") for w in lines[0].split())}
        counts["last"] = {k: int(v) for k, v in (w.split("=") for w in lines[1].split()[1:])}
        return counts

    def disarm(self):
        """The reports, a dictionary for each fault in the set's order, and `lapsed`."""
        reports, lapsed = [], False
        for line in self.cut("disarm").split("\n"):
            if line.startswith("lapsed="):
                lapsed = line == "lapsed=1"
            if not line.startswith("fault "):
                continue
            line, _, why = line.partition(" why=")
            words = line.split()[1:]
            report = {k: v for k, v in (w.split("=") for w in words[1:])}
            report = {k: int(v) if v.isdigit() else v for k, v in report.items()}
            reports.append(dict(report, fault=words[0], why=why))
        return reports, lapsed

    def end_driver(self):
        if not self.driver_process:
            return
        try:
            self.driver_process.stdin.close()
        except BrokenPipeError:
            pass
        self.driver_process.wait()
        self.driver_process = None

    def listen(self, name, port):
        """A server that keeps all it receives, with times: chunks[], accepted[]."""
        self.agents[name](f"""
chunks, accepted, server = [], [], socket.socket(socket.AF_INET)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", {port})); server.listen(64)
def take(conn):
    while True:
        try: data = conn.recv(1 << 20)
        except OSError as e: data = b""; failed.append(repr(e))
        if not data: break
        chunks.append((time.monotonic_ns(), data))
failed = []
def accept():
    while True:
        conn, peer = server.accept()
        accepted.append(conn)
        threading.Thread(target=take, args=(conn,), daemon=True).start()
threading.Thread(target=accept, daemon=True).start()
def text(): return b"".join(c for t, c in chunks).decode()
""")

    def take_datagrams(self, name, port):
        """All that comes to @port of it, with times: datagrams[]."""
        self.agents[name](f"""
datagrams, udp = [], socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("", {port}))
def take_datagrams():
    while True: datagrams.append((udp.recv(2000).decode(), time.monotonic_ns()))
threading.Thread(target=take_datagrams, daemon=True).start()
""")

    def send_datagrams(self, name, to, port):
        """What @name sends by its `udp` goes there."""
        self.agents[name](f"udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.connect(({self.address.get(to, to)!r}, {port}))")

    def connect(self, name, to, port, timeout=5):
        self.agents[name](f"s = socket.create_connection(({self.address.get(to, to)!r}, {port}), {timeout});"
                          "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)")


def expect(condition, message=""):
    if not condition:
        raise AssertionError(message)


def until(question, seconds, message="", every=0.01):
    """Ask until the answer is true; returns how long that took."""
    start = time.monotonic()
    while not question():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not within {seconds} s: {message}")
        time.sleep(every)
    return time.monotonic() - start
