#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one member: node.sh g1|g2|g3. g1 begins the cluster, the others join it.
set -eu
. "$(dirname "$0")/settings.sh"
data=/tmp/data
case $1 in
g1) ip=$g1 cluster=gcomm:// ;;
g2) ip=$g2 cluster=gcomm://$g1,$g3 ;;
g3) ip=$g3 cluster=gcomm://$g1,$g2 ;;
*) echo "node.sh: no member is named $1" >&2; exit 2 ;;
esac
[ -e $data ] || cp -r /var/lib/empty $data
# short timeouts make short experiments
exec mariadbd --no-defaults --datadir=$data --socket=/tmp/socket --pid-file=/tmp/pid --bind-address=0.0.0.0 \
	--server-id="${1#g}" --init-file=/cutset/users.sql --skip-name-resolve --binlog-format=ROW \
	--innodb-autoinc-lock-mode=2 --innodb-buffer-pool-size=32M --innodb-log-file-size=8M --performance-schema=0 \
	--wsrep-on=1 --wsrep-provider=/usr/lib/galera/libgalera_smm.so --wsrep-cluster-name=cutset \
	--wsrep-cluster-address=$cluster --wsrep-node-name="$1" --wsrep-node-address="$ip" --wsrep-sst-method=rsync \
	--wsrep-sync-wait=1 --wsrep-provider-options="gcache.size=16M;evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT3S;evs.install_timeout=PT2S;evs.inactive_check_period=PT0.3S;gmcast.peer_timeout=PT2S"
