/* SPDX-License-Identifier: GPL-2.0-only */
/* A thread that no signal is delivered to: SIGINT has to interrupt the one that waits for it. */
#ifndef CUTSET_INJECT_QUIET_THREAD_H
#define CUTSET_INJECT_QUIET_THREAD_H

#include <pthread.h>
#include <signal.h>

/* As pthread_create: returns 0 or an errno. */
static inline int quiet_thread(pthread_t *ret, void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(ret, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

#endif
