# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the nodes are and how they are set. NET is the first three numbers.
# A node that says nothing for net_ticktime seconds, give or take a quarter, is gone.
: "${NET:=198.18.53}"
q1=$NET.11 q2=$NET.12 q3=$NET.13
net_ticktime=3 cookie=cutset
