/* SPDX-License-Identifier: GPL-2.0-only */
/* A hunt as JUnit XML, for CI: a test case for each fault set. */
#ifndef CUTSET_REPORT_JUNIT_H
#define CUTSET_REPORT_JUNIT_H

#include "report/hunt_folder.h"

/*
 * A set under which the promise broke in any run is a failure; one that could not be judged, or
 * that kept the promise from being made, is skipped. 0 or -1.
 */
int junit__write(const struct hunt_folder *folder, FILE *out, struct err *err);

#endif
