#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# One cutset at a time cuts on a target. Another is told who is at work and disturbs nothing; tracing is allowed, and so
# are faults on other targets, and cleanup leaves alone what is at work. Once the first has ended, however that was, the
# next one begins.
cd "$(dirname "$0")/../.." && PYTHONPATH=tests/system/programs exec python3 - <<'EOF'
import shutil
import tempfile
from netlab import *

cutset = os.path.join(os.environ.get("B", "build"), "cutset")
folder = tempfile.mkdtemp()
scenario = os.path.join(folder, "scenario.yaml")

def start(*argv):
    return subprocess.Popen([cutset, *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

def run(*argv):
    process = start(*argv)
    said = process.communicate()[0]
    return process.returncode, said

def begin(fault, targets, *command):
    """One that is at work: its command runs."""
    begun = os.path.join(folder, "begun")
    process = start("inject", fault, *targets, "--", "sh", "-c", f"echo >{begun}; {' '.join(command)}")
    until(lambda: os.path.exists(begun) or process.poll() is not None, 10, "it begins")
    os.unlink(begun)
    return process

try:
    with Lab("a", "b", "c", "d") as lab:
        pids = {name: f"{name}=pid:{lab.agents[name].process.pid}" for name in lab.names}
        targets, others = [pids["a"], pids["b"]], [pids["c"], pids["d"]]
        with open(scenario, "w") as text:
            text.write(f"name: two\ntargets: [{', '.join(targets)}]\nreset: 'true'\nworkload: 'true'\ncheck: 'true'\n"
                       "faults: {link: 1}\n")
        lab.b("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 7000)); u.settimeout(0.2)")
        lab.a("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
        lab.b("""
def got():
    try: return u.recv(10).decode()
    except TimeoutError: return ''
""")
        shoot = "u.sendto(b'x', ('198.18.15.2', 7000))"

        first = begin("link:a>b@workload.0", targets, "sleep 8")
        lab.a(shoot)
        expect(lab.b("got()") == "", "in force")
        for argv in (["inject", "link:b>a@workload.0", *targets, "--", "true"], ["hunt", scenario, "-o", os.path.join(folder, "hunt")],
                     ["inject", "link:b>a@workload.0", *targets, "--dry-run"]):
            code, said = run(*argv)
            expect(code == 3 and f"another cutset is at work on a (process {first.pid})" in said and said.count("\n") == 1,
                   f"{argv}: {code} {said}")
            code, said = run("--json", *argv)
            said = json.loads(said.split("\n")[-2])
            expect(code == said["code"] == 3 and str(first.pid) in said["error"], f"{argv}: {said}")
        second = begin("link:c>d@workload.0", others, "sleep 2")
        lab.c("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.sendto(b'x', ('198.18.15.4', 7000))")
        lab.c("u.sendto(b'y', ('198.18.15.2', 7000))")
        expect(lab.b("got()") == "y", "neither cuts what is between them")
        said = second.communicate()[0]
        expect(second.returncode == 0 and "1 packets dropped" in said, f"on other targets: {second.returncode} {said}")
        code, said = run("cleanup")
        expect(code == 0 and f"left alone:\nanother cutset is at work on " in said and f"(process {first.pid})" in said,
               f"cleanup: {code} {said}")
        alone = [who for who in json.loads(run("--json", "cleanup")[1])["left_alone"] if f"(process {first.pid})" in json.dumps(who)]
        expect(len(alone) == 2, f"both namespaces: {alone}")
        expect(run("trace", *targets, "-o", os.path.join(folder, "trace"), "--duration", "100ms")[0] == 0, "tracing is allowed")
        expect(json.loads(run("show", "--json", os.path.join(folder, "trace"))[1])["lost"] == 0, "and loses nothing")
        lab.a(shoot)
        expect(lab.b("got()") == "", "still in force")
        said = first.communicate()[0]
        expect(first.returncode == 0 and "2 packets dropped" in said, f"the first: {first.returncode} {said}")

        # one that was killed refuses nobody
        killed = begin("link:a>b@workload.0", targets, "sleep 60")
        killed.kill()
        killed.wait()
        code, said = run("cleanup")
        expect(code == 0 and f"(process {killed.pid})" not in said, f"cleanup: {code} {said}")
        lab.a(shoot)
        expect(lab.b("got()") == "x", "nothing is in force")
        last = begin("link:a>b@workload.0", targets, "sleep 0.3")
        lab.a(shoot)
        said = last.communicate()[0]
        expect(last.returncode == 0 and "1 packets dropped" in said, f"the next: {last.returncode} {said}")
finally:
    shutil.rmtree(folder)
EOF
