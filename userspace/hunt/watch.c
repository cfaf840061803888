// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"

#define LOOK_MS 200

struct watch {
	struct session *session;
	pthread_t thread;
	int stop_fd; /* an eventfd */
};

static void tell(struct session *session)
{
	for (size_t i = 0; i < session->nodes.cnt; i++) {
		const struct node *node = &session->nodes.v[i];

		if (!(session->strange >> node->id & 1))
			continue;
		log__warn("what %s did before it was found again is not in the trace", node->name);
		observer__blind(session->observer, node->id, BLIND_RESTART);
	}
}

/* One that is down is found by a later look. While faults may be in force, what appears is hooked. */
static int look(struct session *session, struct err *err)
{
	struct err ended = { 0 };

	if (!nodes__alive(&session->nodes, &ended)) {
		if (session->injector && session__refresh(session, &ended))
			log__verbose("%s", ended.msg);
		return 0;
	}
	if (session__refresh(session, NULL))
		return err__set(err, ended.code, "%s", ended.msg);
	log__warn("%s; the node goes on", ended.msg);
	tell(session);
	return 0;
}

static void *watch_thread(void *ctx)
{
	struct watch *watch = ctx;
	struct pollfd stop = { .fd = watch->stop_fd, .events = POLLIN };

	while (poll(&stop, 1, LOOK_MS) <= 0)
		look(watch->session, NULL);
	return NULL;
}

struct watch *watch__start(struct session *session, struct err *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int failed;

	if (!watch) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	watch->session = session;
	watch->stop_fd = eventfd(0, EFD_CLOEXEC);
	failed = watch->stop_fd < 0 ? errno :
				      pthread_create(&watch->thread, NULL, watch_thread, watch);
	if (!failed)
		return watch;
	if (watch->stop_fd >= 0)
		close(watch->stop_fd);
	free(watch);
	err__set(err, EXIT_MACHINE, "cannot look after the targets: %s", strerror(failed));
	return NULL;
}

int watch__stop(struct watch *watch, struct err *err)
{
	int ret;

	if (!watch)
		return 0;
	eventfd_write(watch->stop_fd, 1);
	pthread_join(watch->thread, NULL);
	close(watch->stop_fd);
	ret = look(watch->session, err);
	free(watch);
	return ret;
}
