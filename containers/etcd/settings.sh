# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the nodes are, and whether they speak TLS. NET is the first three numbers.
: "${NET:=198.18.12}"
etcd1=$NET.11 etcd2=$NET.12 etcd3=$NET.13
case ${TLS-} in 1) scheme=https ;; *) scheme=http ;; esac
lock_ttl=2 # seconds; the least that an election timeout of a second allows
