# SPDX-License-Identifier: GPL-2.0-only
# Sourced by reset.sh, write.sh and read.sh. With `lab` as their first argument they speak to the
# members in network namespaces (scripts/lab), from the client's namespace there, else to the containers.

if [ "${1-}" = lab ]; then
	[ "${CUTSET_LAB-}" = etcd ] || CUTSET_LAB=etcd exec ip netns exec cutset-lab-etcd-client "./${0##*/}" "$@"
	NET=198.18.22
fi
. ./settings.sh
export ETCDCTL_API=3

# The key and the value of this run: rare words of a constant length, so that the message that
# carries them is the same message in every run.
run=${CUTSET_RUN:-0}
case $run in *[!A-Za-z0-9_]*) run=$(printf %s "$run" | tr -c A-Za-z0-9_ _) ;; esac
run=000000000000$run
run=${run#"${run%????????????}"}
key=key_$run value=value_$run

# ask SECONDS ENDPOINTS COMMAND...: what etcdctl says
ask() {
	limit=$1 endpoints=$2
	shift 2
	timeout --foreground $((limit + 1)) etcdctl --endpoints="$endpoints" --dial-timeout=1s \
		--command-timeout="${limit}s" "$@"
}

# The members that cutset has not silenced: their names
heard() {
	for node in etcd1 etcd2 etcd3; do
		case " ${CUTSET_SILENCED-} " in *" $node "*) ;; *) echo $node ;; esac
	done
}
