// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: clang -fsanitize=fuzzer,address; the first byte chooses a parser of target/, the rest is
 * what it reads: Docker's JSON, /proc, what a person typed. Taken or refused, never more.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "target/cgroup.h"
#include "target/container.h"
#include "target/listen.h"
#include "target/process.h"
#include "target/proxy.h"
#include "target/resolve.h"
#include "target/spec.h"

static void refused(const struct err *err)
{
	if (err->code < EXIT_USAGE || !err->msg[0])
		__builtin_trap();
}

static void one_container(const char *text, size_t len)
{
	struct container c = { 0 };
	struct err err = { 0 };

	if (container__parse(text, len, &c, &err))
		refused(&err);
	container__free(&c);
}

static void a_project(const char *text, size_t len)
{
	struct containers list = { 0 };
	struct err err = { 0 };
	char name[64];

	if (containers__parse(text, len, &list, &err))
		return refused(&err);
	if (resolve__choose(&list, NULL, "p", &err))
		refused(&err);
	for (size_t i = 0; i < list.cnt; i++)
		resolve__service_name(&list, i, name, sizeof(name));
	containers__free(&list);
}

static void proc_files(const char *text)
{
	struct cgroup_mount mount;
	struct process p;
	char path[64];

	cgroup__parse_mountinfo(text, &mount);
	if (!cgroup__parse_membership(text, path, sizeof(path)))
		cgroup__level(path);
	if (!process__parse_stat(text, &p) && (p.pid <= 0 || strlen(p.comm) >= sizeof(p.comm)))
		__builtin_trap();
}

static void listeners(const char *text)
{
	uint16_t *ports;
	size_t cnt;

	if (listen__parse(text, text, &ports, &cnt))
		return;
	for (size_t i = 1; i < cnt; i++)
		if (ports[i - 1] >= ports[i])
			__builtin_trap();
	free(ports);
}

static void arguments(const char *text, size_t len)
{
	struct proxy proxy;

	if (!proxy__parse(text, len, &proxy) && !proxy.host_port)
		__builtin_trap();
}

static void typed(const char *text)
{
	struct target_spec spec;
	struct err err = { 0 };
	struct address address;
	char buf[64];
	pid_t pid;

	if (spec__parse(text, &spec, &err))
		refused(&err);
	else if (!*spec.value || (spec.name[0] && !spec__valid_name(spec.name)))
		__builtin_trap();
	if (!spec__parse_pid_file(text, &pid) && pid <= 0)
		__builtin_trap();
	if (!address__parse(text, &address))
		address__print(buf, sizeof(buf), &address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	switch (data[0] % 6) {
	case 0: one_container((const char *)data + 1, size - 1); break;
	case 1: a_project((const char *)data + 1, size - 1); break;
	case 2: proc_files(text); break;
	case 3: listeners(text); break;
	case 4: arguments((const char *)data + 1, size - 1); break;
	default: typed(text);
	}
	free(text);
	return 0;
}
