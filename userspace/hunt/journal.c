// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"

struct journal {
	char path[PATH_MAX];
	FILE *file;
	json_t **v;
	size_t cnt, cap;
};

static int make_dirs(const char *dir, struct err *err)
{
	char path[PATH_MAX];
	size_t len = strlen(dir);

	if (!len || len >= sizeof(path) - 32)
		return err__set(err, EXIT_USAGE, "the folder's path is %s", len ? "too long" : "empty");
	strcpy(path, dir);
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	if (mkdir(path, 0755) && errno != EEXIST)
		return err__set(err, EXIT_USAGE, "cannot make the folder %s: %s", dir, strerror(errno));
	return 0;
}

static int check_empty(const char *dir, struct err *err)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	bool empty = true;

	if (!d)
		return err__set(err, EXIT_USAGE, "cannot open the folder %s: %s", dir, strerror(errno));
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			empty = false;
	closedir(d);
	if (empty)
		return 0;
	return err__set(err, EXIT_USAGE,
			"%s is not empty; --resume goes on with the hunt in it, else choose another folder",
			dir);
}

static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	if (fd < 0)
		return -1;
	ret = fsync(fd);
	close(fd);
	return ret;
}

static int keep(struct journal *journal, json_t *object)
{
	if (grow(&journal->v, &journal->cap, journal->cnt + 1)) {
		json_decref(object);
		return -1;
	}
	journal->v[journal->cnt++] = object;
	return 0;
}

/* One line. Returns 1 when it is whole, 0 when it is the torn end, -1 when it is refused. */
static int take_line(struct journal *journal, const char *line, size_t len, struct err *err)
{
	json_error_t error;
	json_t *object;
	int next;

	if (!len || line[len - 1] != '\n')
		return 0;
	object = json_loadb(line, len, 0, &error);
	if (json_is_object(object))
		return keep(journal, object) ? err__set(err, EXIT_MACHINE, "out of memory") : 1;
	json_decref(object);
	next = fgetc(journal->file);
	if (next == EOF)
		return 0;
	return err__set(err, EXIT_USAGE, "%s:%zu: not a journal's line: %s", journal->path,
			journal->cnt + 1, object ? "not an object" : error.text);
}

static int load(struct journal *journal, struct err *err)
{
	char *line = NULL;
	size_t size = 0;
	long good = 0;
	ssize_t len;
	int ret = 1;

	while (ret > 0 && (len = getline(&line, &size, journal->file)) > 0) {
		ret = take_line(journal, line, (size_t)len, err);
		if (ret > 0)
			good += len;
	}
	free(line);
	if (ret < 0)
		return -1;
	if (ferror(journal->file) || ftruncate(fileno(journal->file), good) ||
	    fseek(journal->file, good, SEEK_SET))
		return err__set(err, EXIT_USAGE, "cannot read %s: %s", journal->path, strerror(errno));
	return 0;
}

static int open_file(struct journal *journal, const char *dir, bool resume, struct err *err)
{
	int flags = O_RDWR | O_CLOEXEC | (resume ? 0 : O_CREAT | O_EXCL), fd;

	snprintf(journal->path, sizeof(journal->path), "%s/journal.jsonl", dir);
	fd = open(journal->path, flags, 0644);
	if (fd < 0)
		return err__set(err, EXIT_USAGE, "cannot open %s: %s%s", journal->path, strerror(errno),
				resume ? "; there is no hunt to resume" : "");
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return err__set(err, EXIT_USAGE, "another cutset is hunting in %s", dir);
	}
	journal->file = fdopen(fd, "r+");
	if (!journal->file) {
		close(fd);
		return err__set(err, EXIT_MACHINE, "out of memory");
	}
	if (sync_dir(dir))
		return err__set(err, EXIT_USAGE, "cannot write to %s: %s", dir, strerror(errno));
	return load(journal, err);
}

struct journal *journal__open(const char *dir, bool resume, struct err *err)
{
	struct journal *journal;

	if (!resume && (make_dirs(dir, err) || check_empty(dir, err)))
		return NULL;
	if (strlen(dir) >= PATH_MAX - 32) {
		err__set(err, EXIT_USAGE, "the folder's path is too long");
		return NULL;
	}
	journal = calloc(1, sizeof(*journal));
	if (!journal) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	if (open_file(journal, dir, resume, err)) {
		journal__close(journal);
		return NULL;
	}
	return journal;
}

int journal__add(struct journal *journal, json_t *object, struct err *err)
{
	const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9);
	int bad = !object || json_dumpf(object, journal->file, flags) ||
		  fputc('\n', journal->file) == EOF || fflush(journal->file) ||
		  fsync(fileno(journal->file));

	json_decref(object);
	if (bad)
		return err__set(err, EXIT_MACHINE, "cannot write %s: %s", journal->path,
				strerror(errno));
	return 0;
}

size_t journal__cnt(const struct journal *journal)
{
	return journal->cnt;
}

const json_t *journal__at(const struct journal *journal, size_t index)
{
	return journal->v[index];
}

void journal__close(struct journal *journal)
{
	if (!journal)
		return;
	for (size_t i = 0; i < journal->cnt; i++)
		json_decref(journal->v[i]);
	free(journal->v);
	if (journal->file)
		fclose(journal->file);
	free(journal);
}
