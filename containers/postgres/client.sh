# SPDX-License-Identifier: GPL-2.0-only
# Sourced by reset.sh, write.sh and read.sh.
. ./settings.sh
export PGSSLMODE=disable PGCONNECT_TIMEOUT=2

# The row of this run: a rare word of a constant length, so that the message that carries it is the
# same message in every run.
run=${CUTSET_RUN:-0}
case $run in *[!A-Za-z0-9_]*) run=$(printf %s "$run" | tr -c A-Za-z0-9_ _) ;; esac
run=000000000000$run
run=${run#"${run%????????????}"}
value=value_$run

# ask SECONDS HOST SQL: the answer, a row a line, columns with bars between
ask() { timeout --foreground "$1" psql -XAtq -h "$2" -U postgres -d postgres -c "$3"; }

# silenced NODE: cutset has silenced it, it cannot answer
silenced() { case " ${CUTSET_SILENCED-} " in *" $1 "*) ;; *) return 1 ;; esac; }
