// SPDX-License-Identifier: GPL-2.0-only
#include "inject/lease.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/privilege.h"
#include "base/units.h"
#include "inject/quiet_thread.h"

#define BEAT_NS (200 * NSEC_PER_MSEC)

struct lease {
	volatile struct control *control;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
};

/* Writes at least once a beat; a gap as long as the lease is a lapse even if no packet saw it. */
static void beat(struct lease *lease)
{
	volatile struct control *control = lease->control;
	uint64_t now_ns = units__now_ns(), last_ns = control->lease_ns;

	if (last_ns && now_ns - last_ns > LEASE_NS && !control->lapsed_ns)
		__atomic_store_n(&control->lapsed_ns, now_ns, __ATOMIC_SEQ_CST);
	__atomic_store_n(&control->lease_ns, now_ns, __ATOMIC_SEQ_CST);
}

static void *run(void *arg)
{
	struct lease *lease = arg;
	struct timespec next;

	privilege__drop();
	pthread_mutex_lock(&lease->lock);
	while (!lease->stop) {
		uint64_t due_ns = units__now_ns() + BEAT_NS;

		beat(lease);
		next.tv_sec = due_ns / NSEC_PER_SEC;
		next.tv_nsec = due_ns % NSEC_PER_SEC;
		pthread_cond_timedwait(&lease->wake, &lease->lock, &next);
	}
	pthread_mutex_unlock(&lease->lock);
	return NULL;
}

static void init_wake(struct lease *lease)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&lease->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&lease->lock, NULL);
}

struct lease *lease__start(volatile struct control *control, struct err *err)
{
	struct lease *lease = calloc(1, sizeof(*lease));
	int failed;

	if (!lease) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	lease->control = control;
	init_wake(lease);
	__atomic_store_n(&control->lapsed_ns, 0, __ATOMIC_SEQ_CST);
	beat(lease);
	failed = quiet_thread(&lease->thread, run, lease);
	if (!failed)
		return lease;
	__atomic_store_n(&control->lease_ns, 0, __ATOMIC_SEQ_CST);
	err__set(err, EXIT_MACHINE, "cannot start the heartbeat: %s", strerror(failed));
	free(lease);
	return NULL;
}

void lease__stop(struct lease *lease)
{
	if (!lease)
		return;
	pthread_mutex_lock(&lease->lock);
	lease->stop = true;
	pthread_cond_signal(&lease->wake);
	pthread_mutex_unlock(&lease->lock);
	pthread_join(lease->thread, NULL);
	beat(lease); /* latches a lapse that nobody has seen */
	__atomic_store_n(&lease->control->lease_ns, 0, __ATOMIC_SEQ_CST);
	pthread_cond_destroy(&lease->wake);
	pthread_mutex_destroy(&lease->lock);
	free(lease);
}
