/* SPDX-License-Identifier: GPL-2.0-only */
/* A container as Docker's JSON describes it. Every field is checked; nothing of it is trusted. */
#ifndef CUTSET_TARGET_CONTAINER_H
#define CUTSET_TARGET_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct container {
	char *id;
	char *name;   /* without Docker's leading slash */
	char *state;  /* "running", "exited", ... */
	char *status; /* list only: "Exited (0) 3 minutes ago" */
	char *image;
	char *started_at;   /* inspect only */
	char *network_mode; /* "host", "none", "container:ID" or the network's name */
	pid_t pid;	    /* inspect only; 0 where it does not run */
	char *project, *service; /* compose labels; NULL without */
	long number;		 /* com.docker.compose.container-number, 0 without */
	bool oneoff;		 /* docker-compose run */
};

struct containers {
	struct container *v;
	size_t cnt;
};

/* The answer to /containers/NAME/json. Returns 0, or -1 (EXIT_MACHINE: not what Docker says). */
int container__parse(const char *text, size_t len, struct container *ret, struct err *err);

/* The answer to /containers/json. */
int containers__parse(const char *text, size_t len, struct containers *ret, struct err *err);

void container__free(struct container *container);
void containers__free(struct containers *containers);

#endif
