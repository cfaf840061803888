// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/launcher.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inject/quiet_thread.h"

struct launcher {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	void (*child)(void *ctx); /* asked for; NULL: nothing is */
	void *ctx;
	pid_t pid;  /* the answer, */
	int failed; /* and its errno */
};

static pid_t fork_into(void (*child)(void *ctx), void *ctx)
{
	pid_t pid = fork();

	if (!pid)
		child(ctx);
	return pid;
}

static void *run(void *arg)
{
	struct launcher *launcher = arg;

	pthread_mutex_lock(&launcher->lock);
	while (!launcher->stop) {
		if (launcher->child) {
			launcher->pid = fork_into(launcher->child, launcher->ctx);
			launcher->failed = errno;
			launcher->child = NULL;
			pthread_cond_broadcast(&launcher->changed);
		}
		pthread_cond_wait(&launcher->changed, &launcher->lock);
	}
	pthread_mutex_unlock(&launcher->lock);
	return NULL;
}

static void free_launcher(struct launcher *launcher)
{
	pthread_cond_destroy(&launcher->changed);
	pthread_mutex_destroy(&launcher->lock);
	free(launcher);
}

struct launcher *launcher__start(struct err *err)
{
	struct launcher *launcher = calloc(1, sizeof(*launcher));
	int failed;

	if (!launcher) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&launcher->lock, NULL);
	pthread_cond_init(&launcher->changed, NULL);
	failed = quiet_thread(&launcher->thread, run, launcher);
	if (!failed)
		return launcher;
	err__set(err, EXIT_MACHINE, "cannot start the thread that starts commands: %s",
		 strerror(failed));
	free_launcher(launcher);
	return NULL;
}

pid_t launcher__fork(struct launcher *launcher, void (*child)(void *ctx), void *ctx)
{
	pid_t pid;

	if (!launcher)
		return fork_into(child, ctx);
	pthread_mutex_lock(&launcher->lock);
	launcher->child = child;
	launcher->ctx = ctx;
	pthread_cond_broadcast(&launcher->changed);
	while (launcher->child)
		pthread_cond_wait(&launcher->changed, &launcher->lock);
	pid = launcher->pid;
	if (pid < 0)
		errno = launcher->failed;
	pthread_mutex_unlock(&launcher->lock);
	return pid;
}

void launcher__stop(struct launcher *launcher)
{
	if (!launcher)
		return;
	pthread_mutex_lock(&launcher->lock);
	launcher->stop = true;
	pthread_cond_broadcast(&launcher->changed);
	pthread_mutex_unlock(&launcher->lock);
	pthread_join(launcher->thread, NULL);
	free_launcher(launcher);
}
