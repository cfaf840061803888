#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one member: node.sh etcd1|etcd2|etcd3 [FOLDER]; FOLDER (default: here) takes its data.
set -eu
. "$(dirname "$0")/settings.sh"
cd "${2:-.}"
case $1 in
etcd1) ip=$etcd1 ;;
etcd2) ip=$etcd2 ;;
etcd3) ip=$etcd3 ;;
*) echo "node.sh: no member is named $1" >&2; exit 2 ;;
esac
exec etcd --name "$1" --data-dir data --logger zap --log-level warn \
	--listen-peer-urls http://0.0.0.0:2380 --initial-advertise-peer-urls "http://$ip:2380" \
	--listen-client-urls http://0.0.0.0:2379 --advertise-client-urls "http://$ip:2379" \
	--initial-cluster "etcd1=http://$etcd1:2380,etcd2=http://$etcd2:2380,etcd3=http://$etcd3:2380" \
	--initial-cluster-state new
