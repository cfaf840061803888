# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the nodes are and how the sentinels are set. NET is the first three numbers.
# Short timeouts make short experiments; below a second the sentinels see ghosts on a busy machine.
: "${NET:=198.18.11}"
redis1=$NET.11 redis2=$NET.12 redis3=$NET.13
sentinel1=$NET.21 sentinel2=$NET.22 sentinel3=$NET.23
primary=m quorum=2
down_after_ms=1500 failover_timeout_ms=3000
