#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Read the key that write.sh put (a linearizable get) at the first member that answers; wait for an
# election. Exit 0: it is there; 1: a member answers without it; 2: none answered in time.
cd "$(dirname "$0")" && . ./client.sh

answer=$(linearizable "$key") || { echo "no member answers"; exit 2; }
[ "$answer" = "$value" ] && echo kept && exit 0
echo lost
exit 1
