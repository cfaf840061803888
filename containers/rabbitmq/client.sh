# SPDX-License-Identifier: GPL-2.0-only
# Sourced by reset.sh. erl_call speaks to a node as Erlang nodes do, in 5 ms, where rabbitmqctl, which starts a
# node of its own for it, takes a second of a core.
. ./settings.sh

# tell SECONDS NODE EXPRESSIONS: what the node answers
tell() {
	eval "address=\$$2"
	echo "$3" | timeout --foreground "$1" erl_call -r -c "$cookie" -address "$address:25672" -timeout "$1" -e 2>&1
}
