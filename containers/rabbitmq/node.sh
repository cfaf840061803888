#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one node: node.sh q1|q2|q3 [FOLDER]; FOLDER (default: here) takes its data.
set -eu
. "$(dirname "$0")/settings.sh"
cd "${2:-.}"
export HOME=$PWD RABBITMQ_NODENAME=rabbit@$1 RABBITMQ_MNESIA_BASE=$PWD/data RABBITMQ_LOGS=- \
	RABBITMQ_CONFIG_FILE=$PWD/rabbitmq.conf RABBITMQ_ADVANCED_CONFIG_FILE=$PWD/advanced.config \
	RABBITMQ_ENABLED_PLUGINS_FILE=$PWD/plugins RABBITMQ_PID_FILE=$PWD/pid \
	RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
umask 077
printf %s "$cookie" >.erlang.cookie
cat >rabbitmq.conf <<-END
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = rabbit@q1
cluster_formation.classic_config.nodes.2 = rabbit@q2
cluster_formation.classic_config.nodes.3 = rabbit@q3
cluster_partition_handling = ignore
load_definitions = $PWD/definitions.json
loopback_users.guest = false
log.console.level = warning
raft.wal_max_size_bytes = 16777216
END
echo "[{kernel, [{net_ticktime, $net_ticktime}]}]." >advanced.config
echo '[].' >plugins
cat >definitions.json <<-END
{"users": [{"name": "guest", "password": "guest", "tags": "administrator"}],
 "vhosts": [{"name": "/"}],
 "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
 "policies": [{"vhost": "/", "name": "ha", "pattern": "^m\\\\.", "apply-to": "queues",
	"definition": {"ha-mode": "all", "ha-sync-mode": "automatic"}}]}
END
# reset.sh halts a node that has to begin anew
while :; do
	/usr/lib/rabbitmq/bin/rabbitmq-server || sleep 0.5
done
