#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one node: node.sh m1|m2|m3. reset.sh makes m1 the primary.
set -eu
data=/tmp/data
case $1 in
m1 | m2 | m3) ;;
*) echo "node.sh: no node is named $1" >&2; exit 2 ;;
esac
[ -e $data ] || cp -r /var/lib/empty $data
# short timeouts make short experiments
exec mariadbd --no-defaults --datadir=$data --socket=/tmp/socket --pid-file=/tmp/pid --bind-address=0.0.0.0 \
	--server-id="${1#m}" --init-file=/cutset/users.sql --skip-name-resolve \
	--log-bin=binlog --gtid-strict-mode=1 --log-slave-updates=1 --sync-binlog=1 \
	--rpl-semi-sync-master-enabled=1 --rpl-semi-sync-slave-enabled=1 \
	--rpl-semi-sync-slave-kill-conn-timeout=1 --slave-net-timeout=2 --skip-slave-start \
	--innodb-buffer-pool-size=32M --innodb-log-file-size=8M --performance-schema=0 --max-connections=40
