// SPDX-License-Identifier: GPL-2.0-only
#include "cmd.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json_text.h"

bool cmd__json;

void cmd__write_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
	json_decref(value);
}

void cmd__print_json(json_t *value)
{
	cmd__write_json(value);
	putchar('\n');
	fflush(stdout);
}

json_t *cmd__json_lines(char *text)
{
	json_t *lines = json_array();
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		json_array_append_new(lines, json_text(line));
	return lines;
}

int cmd__fail(const struct err *err)
{
	if (cmd__json)
		cmd__print_json(json_pack("{s:o, s:i}", "error", json_text(err->msg), "code",
					  (int)err->code));
	else
		fprintf(stderr, "cutset: %s\n", err->msg);
	return err->code;
}

int cmd__failf(enum exit_code code, const char *fmt, ...)
{
	struct err err = { .code = code };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err.msg, sizeof(err.msg), fmt, ap);
	va_end(ap);
	return cmd__fail(&err);
}

int cmd__help(const char *usage)
{
	fputs(usage, stdout);
	return EXIT_DONE;
}

int cmd__misuse(const char *usage, const char *fmt, ...)
{
	struct err err = { .code = EXIT_USAGE };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err.msg, sizeof(err.msg), fmt, ap);
	va_end(ap);
	cmd__fail(&err);
	if (!cmd__json)
		fprintf(stderr, "%.*s\n", (int)strcspn(usage, "\n"), usage);
	return EXIT_USAGE;
}

int cmd__bad_option(const char *usage, char **argv)
{
	const char *word = argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };

	return cmd__misuse(usage, "%s: %s is no option, or lacks its value", argv[0],
			   strncmp(word, "--", 2) && optopt ? letter : word);
}

int cmd__take_command(int argc, char **argv, char ***ret_command)
{
	*ret_command = NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		argv[i] = NULL;
		if (i + 1 < argc)
			*ret_command = argv + i + 1;
		return i;
	}
	return argc;
}
