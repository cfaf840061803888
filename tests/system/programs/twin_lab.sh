# SPDX-License-Identifier: GPL-2.0-only
# Sourced after lib.sh: a store of two (twin.py) in namespaces, and scenarios that test it.
#
#	primary --- [hub: br0] --- replica		reset restarts both: new processes in every run
#	               |
#	             client
net=198.18.31 twin="$top/tests/system/programs/twin.py"

add_node() { # NAME ADDRESS
	namespace "$1"
	ip link add eth0 netns "cutset-$test-$1" type veth peer name "$1" netns "cutset-$test-hub"
	ip -n "cutset-$test-hub" link set "$1" master br0 up
	ip -n "cutset-$test-$1" addr add "$net.$2/24" dev eth0
	ip -n "cutset-$test-$1" link set eth0 up
}
namespace hub
ip -n "cutset-$test-hub" link add br0 type bridge forward_delay 0
ip -n "cutset-$test-hub" link set br0 up
add_node primary 1
add_node replica 2
add_node client 3

# scenario NAME [MODE]: its folder, $work/NAME
scenario() {
	local dir=$work/$1 mode=${2-$1}
	mkdir -p "$dir"
	cat >"$dir/reset.sh" <<-END
	#!/bin/bash
	# both servers anew
	for node in primary replica; do
		ip netns pids cutset-$test-\$node | xargs -r kill -KILL
		# or their sockets would pass for the new ones
		while ip netns pids cutset-$test-\$node | grep -q .; do sleep 0.01; done
	done
	start() {
		setsid ip netns exec cutset-$test-\$1 sh -c 'echo \$\$ >"\$1.new" && mv "\$1.new" "\$1" && shift && exec "\$@"' \
			sh "\$PWD/\$1.pid" python3 $twin serve \$2 >"\$1.log" 2>&1 </dev/null &
		for i in {1..100}; do
			ip netns exec cutset-$test-\$1 ss -Hltn 'sport = :7600' | grep -q . && return 0
			sleep 0.03
		done
		exit 1
	}
	start replica
	start primary "$net.2 $mode"
	END
	cat >"$dir/write.sh" <<-END
	#!/bin/sh
	exec ip netns exec cutset-$test-client python3 $twin write $net.1 key\$CUTSET_RUN value_of_run_\$CUTSET_RUN
	END
	cat >"$dir/read.sh" <<-END
	#!/bin/sh
	hosts="$net.1 $net.2"
	case " \$CUTSET_SILENCED " in *" primary "*) hosts=$net.2 ;; esac
	exec ip netns exec cutset-$test-client python3 $twin read key\$CUTSET_RUN value_of_run_\$CUTSET_RUN \$hosts
	END
	chmod +x "$dir"/*.sh
	cat >"$dir/twin.yaml" <<-END
	name: twin-$1
	targets: [primary=pid:primary.pid, replica=pid:replica.pid]
	reset: ./reset.sh
	workload: ./write.sh
	check: ./read.sh
	idle: 200ms
	timeout: {reset: 10s, workload: 5s, check: 5s}
	faults: {silence: 1, link: 1, delay: forever}
	runs: {baseline: 2, repeat: 2, max: 60, time: 4m}
	END
}
