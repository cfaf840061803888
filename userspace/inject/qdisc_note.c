// SPDX-License-Identifier: GPL-2.0-only
#include "inject/qdisc_note.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_PATH "/run/cutset.clsact"

void qdisc_note__add(int netns_fd, int ifindex)
{
	struct stat st;
	FILE *notes;

	if (fstat(netns_fd, &st))
		return;
	notes = fopen(NOTES_PATH, "ae");
	if (!notes)
		return;
	fprintf(notes, "%lu %d\n", (unsigned long)st.st_ino, ifindex);
	fclose(notes);
}

void qdisc_notes__forget(void)
{
	unlink(NOTES_PATH);
}

bool qdisc_note__has(unsigned long netns_inode, int ifindex)
{
	FILE *notes = fopen(NOTES_PATH, "re");
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
