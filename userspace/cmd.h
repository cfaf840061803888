/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands, and what they share. main.c takes the global options (-v, --debug=LIST, --json) out
 * of the arguments, wherever they stand before a `--`; argv[0] is the command's name.
 *
 * A command returns the program's exit code (base/err.h). Results go to stdout, talk to stderr; with
 * --json the result is JSON, an error too: {"error": "...", "code": n}.
 */
#ifndef CUTSET_CMD_H
#define CUTSET_CMD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

int cmd_doctor(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_lineage(int argc, char **argv);
int cmd_solve(int argc, char **argv);
int cmd_inject(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_hunt(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_cleanup(int argc, char **argv);

/* --json was given. */
extern bool cmd__json;

/* Print the error, as text on stderr or as JSON on stdout. Returns its code. */
int cmd__fail(const struct err *err);
int cmd__failf(enum exit_code code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --help: @usage on stdout. Returns EXIT_DONE. */
int cmd__help(const char *usage);

/* Wrong arguments: the message, and the first line of @usage. Returns EXIT_USAGE. */
int cmd__misuse(const char *usage, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* For getopt's '?': an option of @argv[0] that is unknown or lacks its value. Returns EXIT_USAGE. */
int cmd__bad_option(const char *usage, char **argv);

/* `... -- CMD ARGS`: *ret_command is what follows the `--`, NULL where there is none (or nothing
 * follows). Returns the count of arguments before it; argv is cut there. */
int cmd__take_command(int argc, char **argv, char ***ret_command);

/* One JSON value on one line of stdout, flushed; takes the reference. */
void cmd__print_json(json_t *value);

/* The same as a part of a line: no end of line, not flushed. */
void cmd__write_json(json_t *value);

/* A list with each line of @text, which is changed. */
json_t *cmd__json_lines(char *text);

struct scenario;

/* hunt --dry-run: what would be run, in which order of time, on whom. Returns the exit code. */
int cmd__plan(const struct scenario *scenario);

struct node;

/* What a node is: for people, and as an object (docs/json.md, doctor). */
void cmd__print_node(const struct node *node);
json_t *cmd__node_json(const struct node *node);

#endif
