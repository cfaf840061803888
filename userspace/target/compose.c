// SPDX-License-Identifier: GPL-2.0-only
#include "target/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool ended_well(const struct container *c)
{
	return !strcmp(c->state, "exited") && c->status && !strncmp(c->status, "Exited (0)", 10);
}

static int by_service(const void *a, const void *b)
{
	const struct container *x = a, *y = b;
	int order = strcmp(x->service, y->service);

	if (order)
		return order;
	return (x->number > y->number) - (x->number < y->number);
}

/* "db, web" of the containers' services; they are sorted */
static void list_services(const struct containers *list, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (size_t i = 0; i < list->cnt; i++) {
		const char *name = list->v[i].service;

		if (i && !strcmp(name, list->v[i - 1].service))
			continue;
		if (len + strlen(name) + 8 > size)
			return (void)snprintf(buf + len, size - len, ", ...");
		len += snprintf(buf + len, size - len, "%s%s", len ? ", " : "", name);
	}
}

static int unknown_service(const struct containers *list, const char *service, const char *project,
			   struct err *err)
{
	char names[512];

	list_services(list, names, sizeof(names));
	return err__set(err, EXIT_TARGET, "compose project %.128s has no service %.128s; services: %s",
			project, service, names);
}

static int not_running(const struct container *c, const char *project, struct err *err)
{
	return err__set(err, EXIT_TARGET,
			"service %.128s of compose project %.128s is not running (%.128s: %.128s); start "
			"it, or name the services you want: compose:%.128s/SERVICE", c->service, project,
			c->name, c->status && *c->status ? c->status : c->state, project);
}

static void drop(struct containers *list, size_t i)
{
	container__free(&list->v[i]);
	memmove(&list->v[i], &list->v[i + 1], (list->cnt - i - 1) * sizeof(*list->v));
	list->v[--list->cnt] = (struct container){ 0 };
}

static void drop_foreign(struct containers *list)
{
	for (size_t i = list->cnt; i-- > 0;)
		if (!list->v[i].service || list->v[i].oneoff)
			drop(list, i);
}

static bool has_service(const struct containers *list, const char *service)
{
	for (size_t i = 0; i < list->cnt; i++)
		if (!strcmp(list->v[i].service, service))
			return true;
	return false;
}

int resolve__choose(struct containers *list, const char *service, const char *project,
		    struct err *err)
{
	drop_foreign(list);
	if (list->cnt)
		qsort(list->v, list->cnt, sizeof(*list->v), by_service);
	if (service && !has_service(list, service))
		return unknown_service(list, service, project, err);
	for (size_t i = list->cnt; i-- > 0;) {
		const struct container *c = &list->v[i];

		if ((service && strcmp(c->service, service)) || (!service && ended_well(c)))
			drop(list, i);
		else if (strcmp(c->state, "running"))
			return not_running(c, project, err);
	}
	if (!list->cnt)
		return err__set(err, EXIT_TARGET, "nothing of compose project %.128s is running", project);
	return 0;
}

void resolve__service_name(const struct containers *chosen, size_t i, char *buf, size_t size)
{
	const struct container *c = &chosen->v[i];
	bool several = (i > 0 && !strcmp(chosen->v[i - 1].service, c->service)) ||
		       (i + 1 < chosen->cnt && !strcmp(chosen->v[i + 1].service, c->service));

	if (several)
		snprintf(buf, size, "%s-%ld", c->service, c->number);
	else
		snprintf(buf, size, "%s", c->service);
}
