# SPDX-License-Identifier: GPL-2.0-only
# Sourced by reset.sh, write.sh and read.sh.
. ./settings.sh

# The row of this run: a rare word of a constant length, so that the message that carries it is the
# same message in every run.
run=${CUTSET_RUN:-0}
case $run in *[!A-Za-z0-9_]*) run=$(printf %s "$run" | tr -c A-Za-z0-9_ _) ;; esac
run=000000000000$run
run=${run#"${run%????????????}"}
value=value_$run

# ask SECONDS HOST SQL: the answer, a row a line, columns with tabs between
ask() { timeout --foreground "$1" mariadb --no-defaults --connect-timeout=2 -BNh "$2" -u root -e "$3"; }

# silenced NODE: cutset has silenced it, it cannot answer
silenced() { case " ${CUTSET_SILENCED-} " in *" $1 "*) ;; *) return 1 ;; esac; }
