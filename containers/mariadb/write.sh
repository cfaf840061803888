#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Insert one row at the primary. Exit 0: acknowledged; 2: unknown, it may have happened.
cd "$(dirname "$0")" && . ./client.sh

ask 4 "$m1" "insert into d.t values ('$value')" && echo "m1: inserted" && exit 0
echo "m1 does not answer"
exit 2
