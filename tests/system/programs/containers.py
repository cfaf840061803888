# SPDX-License-Identifier: GPL-2.0-only
"""
A lab like netlab's of Docker containers on one bridge: the same agents and the same lead, real containers.

    with Containers("a", "b", bystanders=("c",)) as lab:   # 198.18.63.1, .2, .3; the host is 198.18.63.254
        lab.driver("client")                               # targets docker:a, docker:b
    with Containers("a", "b", agents=("a",)) as lab:       # b is started by its user, with lab.start
"""
from netlab import *

IMAGE = "debian:bookworm-slim"
SUBNET = "198.18.63."


def need_docker():
    if subprocess.run("docker info", shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        print("skipped: Docker does not answer")
        sys.exit(77)


class Containers(Lab):
    def __init__(self, *names, bystanders=(), agents=None):
        super().__init__(*names)
        self.all = names + tuple(bystanders)
        self.with_agents = self.all if agents is None else agents
        self.prefix = "cutset-%d-" % os.getpid()
        self.address = {name: SUBNET + str(i + 1) for i, name in enumerate(self.all)}
        self.address["host"] = SUBNET + "254"
        self.network = self.prefix + "net"

    def container(self, name):
        return self.prefix + name

    def up(self):
        need_docker()
        self.lock = open("/run/lock/cutset-netlab", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        sh(f"docker network create --internal --subnet {SUBNET}0/24 --gateway {SUBNET}254 {self.network}")
        for name in self.with_agents:
            self.start(name, "-i", "python3", "-c", AGENT)
        self.host = self.agents["host"] = Agent(None)

    def start(self, name, how, *argv):
        """A container that runs this; the machine's own programs are those that it finds."""
        line = ["docker", "run", how, "--name", self.container(name), "--network", self.network, "--ip", self.address[name],
                "--volume", "/usr:/usr:ro", "--stop-timeout", "0", IMAGE, *argv]
        if how == "-i":
            self.agents[name] = Agent(None, line)
            setattr(self, name, self.agents[name])
        else:
            subprocess.run(line, check=True, stdout=subprocess.DEVNULL)

    def target(self, name):
        return f"{name}=docker:{self.container(name)}"

    def down(self):
        self.end_driver()
        names = " ".join(self.container(name) for name in self.all)
        sh(f"docker rm -f {names}; docker network rm {self.network}", check=False)
        for agent in self.agents.values():
            agent.end()
        self.lock.close()
