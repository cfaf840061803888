#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What the trace holds of Redis, etcd, a Node.js server, ZooKeeper (Java) and RabbitMQ (Erlang) is, thread by
# thread and call by call, what strace saw of them at the same time.
# timeout: 240
set -eu
. "$(dirname "$0")/lib.sh"
need_programs strace jq python3 node redis-server redis-cli etcd etcdctl java amqp-publish
programs=$top/tests/system/programs
calls=read,write,readv,writev,sendfile,sendto,recvfrom,sendmsg,recvmsg,splice,recvmmsg,sendmmsg,preadv2,pwritev2

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
attached() { [ "$(awk '/^TracerPid/ { print $2 }' "/proc/$1/status")" != 0 ]; }

# a process and all that come from it
tree() {
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do tree "$child"; done
}

# counts NAME PORT 'SERVER...' 'WORKLOAD...'; a server's script that waits for it is not meant
counts() {
	local name=$1 port=$2 server strace
	$3 >"$work/$name.out" 2>&1 &
	server=$!
	at_end "kill -KILL $server 2>/dev/null || :"
	wait_for 60 answers "$port" || fail "$name does not answer: $(tail -5 "$work/$name.out")"
	if [ "$(cat /proc/$server/comm)" = rabbitmq-server ]; then
		server=$(pgrep -P "$server" beam.smp)
		at_end "kill -KILL $server 2>/dev/null || :"
	fi
	strace -f -qq -yy -s 0 -e trace=$calls -o "$work/$name.strace" $(tree "$server" | sed 's/^/-p /') &
	strace=$!
	at_end "kill -KILL $strace 2>/dev/null || :"
	wait_for 10 attached $server || fail "strace does not attach"
	"$cutset" trace "$name=pid:$server" -o "$work/$name.trace" -- bash -c "$4" >"$work/trace.out" 2>&1 ||
		fail "$name: $(cat "$work/trace.out")"
	sleep 0.2
	kill $strace
	wait $strace 2>/dev/null || :
	kill -KILL $server
	wait $server 2>/dev/null || :
	"$cutset" export "$work/$name.trace" >"$work/$name.export"
	python3 "$top/tests/system/trace_counts.py" "$work/$name.export" "$work/$name.strace" "$name" \
		>"$work/$name.json" 2>"$work/differ" || fail "$name: $(cat "$work/differ" "$work/$name.json")"
	echo "$name: $(cat "$work/$name.json")"
	jq -e '.calls > 200' "$work/$name.json" >/dev/null || fail "$name: too few calls"
}

counts redis 7451 "redis-server --port 7451 --save '' --appendonly no --io-threads 2 --dir $work" \
	"redis-benchmark -p 7451 -t set,get -n 300 -c 5 -q; redis-benchmark -p 7451 -t lpush -n 200 -P 8 -q"
export ETCDCTL_API=3
counts etcd 7452 "etcd --data-dir $work/etcd --listen-client-urls http://127.0.0.1:7452 \
	--advertise-client-urls http://127.0.0.1:7452 --listen-peer-urls http://127.0.0.1:7453" \
	"for i in \$(seq 20); do etcdctl --endpoints 127.0.0.1:7452 put k\$i v; etcdctl --endpoints 127.0.0.1:7452 get k\$i; done"
counts node 7454 "node $programs/echo_server.js 7454" "node $programs/echo_client.js 7454 300"

# Java: many threads, of which the first to be attached is not the one that serves
cat >"$work/zoo.cfg" <<-END
	tickTime=500
	dataDir=$work/zookeeper
	clientPort=7455
	clientPortAddress=127.0.0.1
	admin.enableServer=false
	4lw.commands.whitelist=*
END
java="java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar"
counts zookeeper 7455 "$java org.apache.zookeeper.server.quorum.QuorumPeerMain $work/zoo.cfg" \
	"{ for i in 1 2 3 4 5 6 7 8 9 10; do echo create /k\$i v; echo get /k\$i; done; } |
	$java org.apache.zookeeper.ZooKeeperMain -server 127.0.0.1:7455
	for i in 1 2 3 4 5 6 7 8 9 10; do exec 3<>/dev/tcp/127.0.0.1/7455; echo srvr >&3; cat <&3; exec 3>&-; done"

# Erlang: schedulers that pass sockets among themselves
export RABBITMQ_NODENAME=cutset@localhost RABBITMQ_MNESIA_BASE=$work/mnesia RABBITMQ_LOG_BASE=$work/log \
	RABBITMQ_NODE_PORT=7456 RABBITMQ_DIST_PORT=7457 ERL_EPMD_PORT=7458 ERL_EPMD_ADDRESS=127.0.0.1 HOME=$work \
	RABBITMQ_ENABLED_PLUGINS_FILE=$work/plugins RABBITMQ_PID_FILE=$work/pid RABBITMQ_CONFIG_FILE=$work/none \
	RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2"
echo '[].' >"$work/plugins"
at_end "wait_for 5 epmd -kill || :" # once nobody is registered with it
counts rabbitmq 7456 /usr/lib/rabbitmq/bin/rabbitmq-server \
	"a='-s 127.0.0.1 --port=7456'; amqp-declare-queue \$a -q q
	for i in 1 2 3 4 5 6 7 8; do echo m\$i | amqp-publish \$a -r q; amqp-get \$a -q q; done"
