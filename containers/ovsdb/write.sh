#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Insert one row at the leader. Exit 0: acknowledged; 2: unknown, it may have happened.
cd "$(dirname "$0")" && . ./client.sh

answer=$(ask 5 "{\"op\":\"insert\",\"table\":\"t\",\"row\":{\"v\":\"$value\"}}")
echo "$answer"
case $answer in *uuid*) exit 0 ;; esac
exit 2
