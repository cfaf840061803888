#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# publish.py mirrored|quorum: publish a message, at q2 if it takes it, else at q1, and wait until it is confirmed;
# a broker that says no is asked again. Exit 0: it was confirmed; 2: it was not, and may be in the queue all the same.
import sys, time, pika
from client import *

queue, _ = queues[sys.argv[1]]
persistent = pika.BasicProperties(delivery_mode=2)


def publish(node):
    channel = within(2, open_channel, node)
    within(1, channel.confirm_delivery)
    for attempt in range(3):
        try:
            return within(7, channel.basic_publish, "", queue, message, persistent, True)
        except (pika.exceptions.NackError, pika.exceptions.UnroutableError) as error:
            print(node + ": " + repr(error), flush=True)
            time.sleep(1)
    raise Late


for node in "q2", "q1":
    try:
        publish(node)
        print(node + ": confirmed", flush=True)
        sys.exit(0)
    except (Late, *refused) as error:
        print(node + ": " + repr(error), flush=True)
sys.exit(2)
