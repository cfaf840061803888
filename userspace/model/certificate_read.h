/* SPDX-License-Identifier: GPL-2.0-only */
/* A certificate as its text says it (certificate.h): what its formula is made of. Texts may be hostile. */
#ifndef CUTSET_MODEL_CERTIFICATE_READ_H
#define CUTSET_MODEL_CERTIFICATE_READ_H

#include "model/clause.h"

struct certificate {
	struct model_opts opts; /* its names are the certificate's own */
	enum clause_mode mode;
	struct record *records;
	unsigned int *lines; /* by record: where it stands, from 1 */
	size_t cnt, cap, line_cap;
	/* private */
	struct name_table names;
	char (*name)[64]; /* by number */
};

/* Parse @text of @len bytes; @path is for messages. The certificate is the caller's. NULL: EXIT_USAGE with
 * `path:line`, or EXIT_MACHINE (memory). */
struct certificate *certificate__read(const char *text, size_t len, const char *path, struct err *err);
void certificate__free(struct certificate *certificate); /* takes NULL */

#endif
