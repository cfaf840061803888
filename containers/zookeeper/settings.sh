# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the nodes are and how they are set. NET is the first three numbers.
: "${NET:=198.18.71}"
zk1=$NET.11 zk2=$NET.12 zk3=$NET.13
tick_ms=500 # a session lasts 2 to 20 of them, followers must answer within sync_ticks
sync_ticks=4
