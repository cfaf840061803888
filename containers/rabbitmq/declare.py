#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# declare.py mirrored|quorum: no queue but this one, made anew at q1, so that q1 leads it.
import sys
from client import *

channel = open_channel("q1")
for queue, _ in queues.values():
    channel.queue_delete(queue)
queue, arguments = queues[sys.argv[1]]
channel.queue_declare(queue, durable=True, arguments=arguments)
channel.connection.close()
