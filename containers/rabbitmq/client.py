# SPDX-License-Identifier: GPL-2.0-only
# What reset, publish and drain share: where the nodes are, how long one waits for them, the queue.
import os, signal, pika

net = os.environ.get("NET", "198.18.53")
address = {"q1": net + ".11", "q2": net + ".12", "q3": net + ".13"}
silenced = os.environ.get("CUTSET_SILENCED", "").split()

# A rare word of a constant length: the message that carries it is the same message in every run.
message = "message_" + os.environ.get("CUTSET_RUN", "0").rjust(12, "0")[-12:]

queues = {
    "mirrored": ("m.work", {}),  # the policy mirrors what begins with m.
    "quorum": ("q.work", {"x-queue-type": "quorum"}),
}


class Late(Exception):
    pass


def late(*_):
    raise Late


# within(SECONDS, FUNCTION, ARGUMENTS...): what it returns, or Late
def within(seconds, function, *arguments):
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def open_channel(node):
    return pika.BlockingConnection(pika.ConnectionParameters(address[node], heartbeat=0)).channel()


refused = (pika.exceptions.AMQPError, OSError)
