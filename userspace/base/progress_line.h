/* SPDX-License-Identifier: GPL-2.0-only */
/* One line at the foot of a terminal that is written over; nothing at all where there is no terminal. */
#ifndef CUTSET_BASE_PROGRESS_LINE_H
#define CUTSET_BASE_PROGRESS_LINE_H

#include <stdbool.h>

struct progress_line {
	int fd; /* -1: no terminal, and all of this does nothing */
	bool shown;
};

/* @fd: where talk goes, 2. It stays the caller's. */
void progress_line__open(struct progress_line *line, int fd);

/* @text in place of what was there, cut at the terminal's width. One line of printable text. */
void progress_line__show(struct progress_line *line, const char *text);

/* Before something else is printed. */
void progress_line__clear(struct progress_line *line);

#endif
