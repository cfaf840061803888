// SPDX-License-Identifier: GPL-2.0-only
#include "target/spec.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum target_scheme scheme;
} schemes[] = {
	{ "docker:", SPEC_DOCKER }, { "host:", SPEC_HOST }, { "compose:", SPEC_COMPOSE },
	{ "cgroup:", SPEC_CGROUP }, { "pid:", SPEC_PID },   { "pgid:", SPEC_PGID },
};

bool spec__valid_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return len && !name[len] && len < NODE_NAME_MAX && strcmp(name, "client") &&
	       strcmp(name, "outside");
}

static int bad_name(const char *text, struct err *err)
{
	return err__set(err, EXIT_USAGE,
			"target %.200s: a name is 1 to %d of A-Z a-z 0-9 _ . - and neither `client` nor "
			"`outside`", text, NODE_NAME_MAX - 1);
}

static int take_name(const char *text, const char *equals, struct target_spec *ret, struct err *err)
{
	size_t len = equals - text;

	if (len >= sizeof(ret->name))
		return bad_name(text, err);
	memcpy(ret->name, text, len);
	ret->name[len] = '\0';
	return spec__valid_name(ret->name) ? 0 : bad_name(text, err);
}

static int take_scheme(const char *rest, struct target_spec *ret)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i].prefix);

		if (strncmp(rest, schemes[i].prefix, len))
			continue;
		ret->scheme = schemes[i].scheme;
		ret->value = rest + len;
		return 0;
	}
	return -1;
}

int spec__parse(const char *text, struct target_spec *ret, struct err *err)
{
	const char *equals = strchr(text, '='), *colon = strchr(text, ':');
	struct target_spec spec = { 0 };
	const char *rest = text;

	if (strlen(text) >= PATH_MAX)
		return err__set(err, EXIT_USAGE, "target %.60s...: too long", text);
	if (equals && (!colon || equals < colon)) {
		if (take_name(text, equals, &spec, err))
			return -1;
		rest = equals + 1;
	}
	if (take_scheme(rest, &spec) || !*spec.value)
		return err__set(err, EXIT_USAGE,
				"target `%.200s`: expected docker:CONTAINER, host:CONTAINER, "
				"compose:PROJECT[/SERVICE], cgroup:PATH, pid:N, pid:FILE, pgid:N or pgid:FILE, with NAME= before it if "
				"you like", text);
	if (spec.scheme == SPEC_COMPOSE && spec.name[0])
		return err__set(err, EXIT_USAGE,
				"target %.200s: nodes of compose: are named after their services; name a "
				"single container with NAME=docker:CONTAINER", text);
	*ret = spec;
	return 0;
}

int spec__parse_pid_file(const char *text, pid_t *ret)
{
	char *end;
	long pid;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno || pid <= 0 || pid > INT_MAX || (*end && !isspace((unsigned char)*end)))
		return -EINVAL;
	*ret = pid;
	return 0;
}
