# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the commands of the scenarios. With `lab` as their first argument they speak to the
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

# With TLS=1 the clients show the certificate that came with the image; reset.sh fetches it.
tls=../../build/stores/etcd-tls-$NET
[ "$scheme" = http ] ||
	export ETCDCTL_CACERT=$tls/ca.crt ETCDCTL_CERT=$tls/client.crt ETCDCTL_KEY=$tls/client.key

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

# linearizable KEY: what a get answers, at the first member that does; waits for an election
linearizable() {
	end=$(($(date +%s) + 20))
	while [ "$(date +%s)" -lt "$end" ]; do
		for member in $(heard); do
			eval "address=\$$member"
			ask 2 "$address:2379" get --print-value-only "$1" 2>/dev/null && return
		done
		sleep 0.3
	done
	return 1
}

container() { echo "${CUTSET_PROJECT:-cutset-etcd}_$1_1"; }

# outcome CLIENT: how far increment.sh came there
outcome() { docker exec "$(container "$1")" cat outcome; }
