#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one member: node.sh etcd1|etcd2|etcd3 [FOLDER]; FOLDER (default: here) takes its data.
# With TLS=1 members and clients show each other certificates. Or become a place where clients run: c1|c2.
set -eu
cutset=$(cd "$(dirname "$0")" && pwd)
. "$cutset/settings.sh"
cd "${2:-.}"

# It reaps what clients leave behind.
be_idle() {
	trap 'exit 0' TERM
	while :; do
		sleep 60 &
		wait || true
	done
}

case $1 in
etcd1) ip=$etcd1 ;;
etcd2) ip=$etcd2 ;;
etcd3) ip=$etcd3 ;;
c1 | c2) be_idle ;;
*) echo "node.sh: no node is named $1" >&2; exit 2 ;;
esac

tls=
if [ "$scheme" = https ]; then
	"$cutset/tls.sh" certificate "$1" "$ip" "$cutset/tls"
	tls="--client-cert-auth --trusted-ca-file $cutset/tls/ca.crt --cert-file $1.crt --key-file $1.key
		--peer-client-cert-auth --peer-trusted-ca-file $cutset/tls/ca.crt --peer-cert-file $1.crt --peer-key-file $1.key"
fi
exec etcd --name "$1" --data-dir data --logger zap --log-level warn \
	--listen-peer-urls $scheme://0.0.0.0:2380 --initial-advertise-peer-urls "$scheme://$ip:2380" \
	--listen-client-urls $scheme://0.0.0.0:2379 --advertise-client-urls "$scheme://$ip:2379" \
	--initial-cluster "etcd1=$scheme://$etcd1:2380,etcd2=$scheme://$etcd2:2380,etcd3=$scheme://$etcd3:2380" \
	--initial-cluster-state new $tls
