#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one server: node.sh zk1|zk2|zk3, or a place where clients run: c1|c2. Data go into this folder.
# A server that ends begins anew, with no data, but not while there is a file `wait`: when all three begin
# together zk3 leads, as it has the greatest number.
set -eu
. "$(dirname "$0")/settings.sh"

# It reaps what clients leave behind.
be_idle() {
	trap 'exit 0' TERM
	while :; do
		sleep 60 &
		wait || true
	done
}

case $1 in
zk1 | zk2 | zk3) ;;
c1 | c2) be_idle ;;
*) echo "node.sh: no node is named $1" >&2; exit 2 ;;
esac

cat >zoo.cfg <<END
tickTime=$tick_ms
initLimit=10
syncLimit=$sync_ticks
dataDir=$PWD/data
clientPort=2181
4lw.commands.whitelist=*
admin.enableServer=false
server.1=$zk1:2888:3888
server.2=$zk2:2888:3888
server.3=$zk3:2888:3888
END
trap 'kill -9 $! && exit 0' TERM
while :; do
	while [ -e wait ]; do sleep 0.05; done
	rm -rf data
	mkdir data
	echo "${1#zk}" >data/myid
	java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
		-Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
		-cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar \
		org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg &
	wait $! || true
done
