// SPDX-License-Identifier: GPL-2.0-only
#include "inject/qdisc_note.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_PATH "/run/cutset.clsact" /* .PID */

static const char *own_notes(char path[64])
{
	snprintf(path, 64, NOTES_PATH ".%ld", (long)getpid());
	return path;
}

void qdisc_note__add(int netns_fd, int ifindex)
{
	struct stat st;
	char path[64];
	FILE *notes;

	if (fstat(netns_fd, &st))
		return;
	notes = fopen(own_notes(path), "ae");
	if (!notes)
		return;
	fprintf(notes, "%lu %d\n", (unsigned long)st.st_ino, ifindex);
	fclose(notes);
}

void qdisc_notes__forget_own(void)
{
	char path[64];

	unlink(own_notes(path));
}

static bool lives(const char *path)
{
	long pid = atol(path + strlen(NOTES_PATH "."));

	return pid > 0 && (!kill((pid_t)pid, 0) || errno != ESRCH);
}

void qdisc_notes__forget_dead(void)
{
	glob_t found = {};

	if (!glob(NOTES_PATH ".*", 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (!lives(found.gl_pathv[i]))
				unlink(found.gl_pathv[i]);
	globfree(&found);
}

static bool is_noted(const char *path, unsigned long netns_inode, int ifindex)
{
	FILE *notes = fopen(path, "re");
	unsigned long seen_inode;
	bool found = false;
	int seen_ifindex;

	if (!notes)
		return false;
	while (!found && fscanf(notes, "%lu %d", &seen_inode, &seen_ifindex) == 2)
		found = seen_inode == netns_inode && seen_ifindex == ifindex;
	fclose(notes);
	return found;
}

bool qdisc_note__has(unsigned long netns_inode, int ifindex)
{
	glob_t found = {};
	bool has = false;

	if (!glob(NOTES_PATH ".*", 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc && !has; i++)
			has = is_noted(found.gl_pathv[i], netns_inode, ifindex);
	globfree(&found);
	return has;
}
