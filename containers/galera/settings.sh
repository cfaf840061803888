# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the members are. NET is the first three numbers.
: "${NET:=198.18.55}"
g1=$NET.11 g2=$NET.12 g3=$NET.13
