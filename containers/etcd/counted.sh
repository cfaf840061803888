#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Does the counter hold all acknowledged increments? One whose outcome nobody knows may be there or not.
# Exit 0: yes; 1: no; 2: no member answers.
cd "$(dirname "$0")" && . ./client.sh

docker exec "$(container c1)" timeout 8 sh -c 'while grep -qs -e waits -e holds outcome; do sleep 0.1; done'
acknowledged=$(for c in c1 c2; do outcome $c; done | grep -c '^acknowledged')
count=$(linearizable counter) || { echo "no member answers"; exit 2; }
echo "c1: $(outcome c1), c2: $(outcome c2), the counter: ${count:-0}"
[ "${count:-0}" -ge "$acknowledged" ]
