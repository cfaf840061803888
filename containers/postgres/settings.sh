# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the nodes are. NET is the first three numbers.
: "${NET:=198.18.51}"
p1=$NET.11 p2=$NET.12 p3=$NET.13
