// SPDX-License-Identifier: GPL-2.0-only
/* cutset init: a scenario to begin with, from what runs. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "hunt/scenario.h"
#include "hunt/skeleton.h"
#include "target/spec.h"

static const char usage[] =
	"usage: cutset init TARGET... [-o FILE]\n"
	"\n"
	"Looks at what runs (nodes, ports, connections) and writes a scenario to begin with: all of it is\n"
	"commented, its commands say what they must do. A file that is there is never written over.\n"
	"\n"
	"  TARGET   compose:PROJECT[/SERVICE], [NAME=]docker:CONTAINER, [NAME=]host:CONTAINER, [NAME=]cgroup:PATH,\n"
	"           [NAME=]pid:N|FILE, [NAME=]pgid:N|FILE\n"
	"  -o FILE  write it there, not to standard output\n"
	"\n"
	"  cutset init compose:shop -o shop.yaml\n"
	"\n"
	"exit codes: 0 written, 2 wrong usage, or FILE is there, 3 this machine cannot, 5 a target cannot be found\n";

static int resolve(struct nodes *nodes, char **targets, size_t cnt, struct err *err)
{
	for (size_t i = 0; i < cnt; i++)
		if (nodes__add(nodes, targets[i], false, err))
			return -1;
	return nodes__add_proxies(nodes, err);
}

static int write_new(const char *path, const char *text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	size_t len = strlen(text);
	int bad;

	if (fd < 0 && errno == EEXIST)
		return err__set(err, EXIT_USAGE, "%s is there already, and is left as it is", path);
	if (fd < 0)
		return err__set(err, EXIT_USAGE, "cannot make %s: %s", path, strerror(errno));
	bad = write(fd, text, len) != (ssize_t)len;
	if (close(fd) || bad) {
		unlink(path);
		return err__set(err, EXIT_MACHINE, "cannot write %s", path);
	}
	return 0;
}

/* Whoever goes on with it should not begin with our mistakes. */
static int check(const char *path, const char *text, struct err *err)
{
	struct scenario *scenario = scenario__parse(path ? path : "./scenario.yaml", text, strlen(text), err);

	if (!scenario)
		return err__prefix(err, "what was to be written is no scenario");
	scenario__free(scenario);
	return 0;
}

static int write_out(const char *path, const char *text, struct err *err)
{
	if (check(path, text, err) || (path && write_new(path, text, err)))
		return cmd__fail(err);
	if (cmd__json)
		cmd__print_json(json_pack("{s:s?, s:s}", "scenario", path, "text", text));
	else if (path)
		printf("%s: write its three commands, then: cutset hunt %s --dry-run\n", path, path);
	else
		fputs(text, stdout);
	return EXIT_DONE;
}

/* "b=pid:run/b.pid": whoever reads it later stands elsewhere. NULL: memory. */
static char *anchored(const char *target)
{
	struct target_spec spec;
	char real[PATH_MAX], *ret;

	if (spec__parse(target, &spec, NULL) || (spec.scheme != SPEC_PID && spec.scheme != SPEC_PGID) ||
	    !spec.value[strspn(spec.value, "0123456789")] || !realpath(spec.value, real))
		return strdup(target);
	return asprintf(&ret, "%.*s%s", (int)(spec.value - target), target, real) < 0 ? NULL : ret;
}

static int init(char **targets, size_t cnt, const char *path)
{
	struct nodes nodes = { 0 };
	struct err err = { 0 };
	char *text = NULL;
	int ret;

	if (resolve(&nodes, targets, cnt, &err)) {
		ret = cmd__fail(&err);
	} else {
		for (size_t i = 0; i < cnt && targets[i]; i++)
			targets[i] = anchored(targets[i]);
		text = targets[cnt - 1] ? skeleton__text(targets, cnt, &nodes) : NULL;
		ret = text ? write_out(path, text, &err) : cmd__failf(EXIT_MACHINE, "out of memory");
	}
	free(text);
	nodes__free(&nodes);
	return ret;
}

int cmd_init(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	const char *path = NULL;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd__help(usage);
		if (option != 'o')
			return cmd__bad_option(usage, argv);
		path = optarg;
	}
	if (optind == argc)
		return cmd__misuse(usage, "init: of what? For example compose:shop");
	return init(argv + optind, (size_t)(argc - optind), path);
}
