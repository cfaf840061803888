# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the members are. NET is the first three numbers.
: "${NET:=198.18.54}"
o1=$NET.11 o2=$NET.12 o3=$NET.13
