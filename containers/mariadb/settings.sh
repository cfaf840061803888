# SPDX-License-Identifier: GPL-2.0-only
# Sourced: where the nodes are. NET is the first three numbers. For how long the primary waits for a
# replica before it falls back to asynchronous: TIMEOUT_MS.
: "${NET:=198.18.52}" "${TIMEOUT_MS:=1000}"
m1=$NET.11 m2=$NET.12 m3=$NET.13
