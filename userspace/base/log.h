/* SPDX-License-Identifier: GPL-2.0-only */
/* Talk on stderr, by level. Results go to stdout and are printed by the cmd_* files alone. */
#ifndef CUTSET_BASE_LOG_H
#define CUTSET_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_WARN, LOG_INFO, LOG_VERBOSE, LOG_DEBUG };

/* Topics of `--debug=bpf,sat,tc`; a topic that is on is printed whatever the level. */
enum log_topic { LOG_GENERAL = 0, LOG_BPF = 1, LOG_SAT = 2, LOG_TC = 4, LOG_HUNT = 8 };

void log__set_level(enum log_level level);

/* Turn on the topics of a comma-separated list. Returns 0, or -1 where a name is unknown. */
int log__set_topics(const char *list);
bool log__on(enum log_level level, enum log_topic topic);
void log__print(enum log_level level, enum log_topic topic, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log__warn(...) log__print(LOG_WARN, LOG_GENERAL, __VA_ARGS__)
#define log__info(...) log__print(LOG_INFO, LOG_GENERAL, __VA_ARGS__)
#define log__verbose(...) log__print(LOG_VERBOSE, LOG_GENERAL, __VA_ARGS__)
#define log__debug(topic, ...) log__print(LOG_DEBUG, topic, __VA_ARGS__)

#endif
