// SPDX-License-Identifier: GPL-2.0-only
#include "base/progress_line.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS 80 /* of a terminal that does not say */
#define COLUMNS_MAX 500
#define ERASE "\r\033[K" /* ECMA-48: to the line's beginning, and erase to its end */

void progress_line__open(struct progress_line *line, int fd)
{
	*line = (struct progress_line){ .fd = isatty(fd) ? fd : -1 };
}

static int columns_of(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		return COLUMNS;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

/* Short writes are not worth a word. */
static void put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return;
}

void progress_line__show(struct progress_line *line, const char *text)
{
	char all[sizeof(ERASE) + COLUMNS_MAX];

	if (line->fd < 0)
		return;
	snprintf(all, sizeof(all), ERASE "%.*s", columns_of(line->fd) - 1, text);
	put(line->fd, all);
	line->shown = true;
}

void progress_line__clear(struct progress_line *line)
{
	if (!line->shown)
		return;
	put(line->fd, ERASE);
	line->shown = false;
}
