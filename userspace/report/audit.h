/* SPDX-License-Identifier: GPL-2.0-only */
/* A certificate held against the hunt that it is of: are its runs the journal's, and do they rest on no more than
 * it says? */
#ifndef CUTSET_REPORT_AUDIT_H
#define CUTSET_REPORT_AUDIT_H

#include "model/certificate_read.h"
#include "report/hunt_folder.h"

struct audit {
	size_t runs;	/* of the journal that a run of the certificate stands for */
	size_t traces;	/* of those, read again */
	size_t untraced; /* and those whose trace is gone */
	size_t foretold; /* sets whose end follows from these traces, as the certificate says */
};

/*
 * Each run of the certificate is in the journal, under these faults and with such an end; each set that the journal
 * saw break the promise is told; and all that a trace shows its outcome to rest on is among what the certificate
 * says (more makes a weaker formula, less a wrong one); what was foretold follows from the traces again. @path: the certificate's, for messages. 0; or -1 with
 * EXIT_VIOLATION: it is not so, and where; else what could not be read.
 */
int audit__certificate(const struct certificate *certificate, const struct hunt_folder *folder,
		       const char *path, struct audit *ret, struct err *err);

#endif
