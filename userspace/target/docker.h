/* SPDX-License-Identifier: GPL-2.0-only */
/* Docker's API over its unix socket: $DOCKER_HOST=unix://PATH, else /var/run/docker.sock. */
#ifndef CUTSET_TARGET_DOCKER_H
#define CUTSET_TARGET_DOCKER_H

#include "base/err.h"
#include "target/container.h"

struct docker;

/* Does not talk yet. NULL on error: EXIT_MACHINE where $DOCKER_HOST is no unix socket. */
struct docker *docker__new(struct err *err);

/* By name or id. EXIT_TARGET where there is none, with the names that are there; EXIT_MACHINE where
 * Docker does not answer. Owned by the caller: container__free. */
int docker__inspect(struct docker *docker, const char *name, struct container *ret,
		    struct err *err);

/* All containers, also those that do not run; of one compose project unless it is NULL. */
int docker__list(struct docker *docker, const char *project, struct containers *ret,
		 struct err *err);

/* "20.10.24 (API 1.41)" */
int docker__version(struct docker *docker, char *buf, size_t size, struct err *err);

void docker__free(struct docker *docker); /* takes NULL */

#endif
