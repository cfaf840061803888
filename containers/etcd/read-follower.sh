#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Read the key that write.sh put at etcd2, which follows: read-follower.sh s|l, serializable or linearizable.
# Exit 0: it is there, or etcd2 gives no answer (an error, none in time), and no old one; 1: etcd2 answers without it.
cd "$(dirname "$0")" && . ./client.sh

answer=$(ask 2 "$etcd2:2379" get --consistency="$1" --print-value-only "$key") || { echo "no answer"; exit 0; }
[ "$answer" = "$value" ] && echo kept && exit 0
echo "an old answer: '$answer'"
exit 1
