#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one member: node.sh o1|o2|o3. o1 begins the cluster, the others join it.
set -eu
. "$(dirname "$0")/settings.sh"
db=/tmp/kv.db
case $1 in
o1) [ -e $db ] || ovsdb-tool create-cluster $db /cutset/kv.ovsschema "tcp:$o1:6644" ;;
o2) [ -e $db ] || ovsdb-tool join-cluster $db kv "tcp:$o2:6644" "tcp:$o1:6644" ;;
o3) [ -e $db ] || ovsdb-tool join-cluster $db kv "tcp:$o3:6644" "tcp:$o1:6644" ;;
*) echo "node.sh: no member is named $1" >&2; exit 2 ;;
esac
exec ovsdb-server $db --remote=ptcp:6641 --unixctl=/tmp/ctl --no-chdir -vconsole:warn -vsyslog:off -vfile:off
