#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Who leads now: ROLE MEMBER, a line each.
cd "$(dirname "$0")" && . ./client.sh
follower=1
for member in o1 o2 o3; do
	eval "address=\$$member"
	case $(state "$address") in
	"true true "*) echo "leader $member" ;;
	*) echo "follower$follower $member"; follower=$((follower + 1)) ;;
	esac
done
