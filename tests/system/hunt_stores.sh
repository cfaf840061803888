#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 900
# lane: stores
# One scenario of each store that no other test hunts in, but Galera and RabbitMQ, which take minutes: its verdict is the
# known one, a violation breaks the promise again, a certificate holds. `make stores` hunts in all scenarios.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq psql mariadb
/usr/bin/python3 -c 'import kazoo' || skip "python3-kazoo is not installed"
need_docker
"$top/tests/stores/run" -j 2 -o "$work" postgres/any1-fixed mariadb/semisync-endless ovsdb/write zookeeper/lock || {
	tail -n 20 "$work"/*.log
	fail "not as known"
}
