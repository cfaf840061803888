# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the members are. NET is the first three numbers.
: "${NET:=198.18.12}"
etcd1=$NET.11 etcd2=$NET.12 etcd3=$NET.13
