// SPDX-License-Identifier: GPL-2.0-only
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum log_level current_level = LOG_INFO;
static unsigned int current_topics;

static const struct {
	const char *name;
	enum log_topic topic;
} topics[] = { { "bpf", LOG_BPF }, { "sat", LOG_SAT }, { "tc", LOG_TC }, { "hunt", LOG_HUNT } };

void log__set_level(enum log_level level)
{
	current_level = level;
}

static unsigned int topic_named(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (strlen(topics[i].name) == len && !strncmp(topics[i].name, name, len))
			return topics[i].topic;
	return 0;
}

int log__set_topics(const char *list)
{
	unsigned int found = 0;

	while (*list) {
		size_t len = strcspn(list, ",");
		unsigned int topic = topic_named(list, len);

		if (!topic)
			return -1;
		found |= topic;
		list += len + (list[len] == ',');
	}
	current_topics |= found;
	return 0;
}

bool log__on(enum log_level level, enum log_topic topic)
{
	return level <= current_level || (topic & current_topics);
}

void log__print(enum log_level level, enum log_topic topic, const char *fmt, ...)
{
	va_list ap;

	if (!log__on(level, topic))
		return;
	fputs(level == LOG_WARN ? "cutset: warning: " : "cutset: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
