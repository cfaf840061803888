#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Insert one row at the primary. Exit 0: acknowledged; 2: unknown, it may have happened.
cd "$(dirname "$0")" && . ./client.sh

ask 3 "$p1" "insert into t values ('$value')" && echo "p1: inserted" && exit 0
echo "p1 does not answer"
exit 2
