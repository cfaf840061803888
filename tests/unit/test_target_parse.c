// SPDX-License-Identifier: GPL-2.0-only
/* Everything in target/ that reads text written by others. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "target/cgroup.h"
#include "target/container.h"
#include "target/listen.h"
#include "target/process.h"
#include "target/proxy.h"
#include "target/resolve.h"
#include "target/spec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void finds_cgroup_v2(void **state)
{
	static const struct {
		const char *text;
		enum cgroup_layout layout;
		const char *path, *root;
	} cases[] = {
		{ "", CGROUP_NONE, "", "" },
		{ "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
		  "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
		  "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
		  CGROUP_HYBRID, "/sys/fs/cgroup/unified", "/" },
		{ "33 24 0:30 / /sys/fs/cgroup rw shared:4 master:1 - cgroup2 none rw", CGROUP_V2,
		  "/sys/fs/cgroup", "/" },
		{ "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", CGROUP_V1, "", "" },
		{ "33 24 0:30 / /mnt/a\\040b\\134c rw - cgroup2 none rw\n", CGROUP_V2, "/mnt/a b\\c", "/" },
		/* a part first, the whole later: the whole wins */
		{ "1 1 0:1 /part /p rw - cgroup2 c rw\n2 1 0:1 / /whole rw - cgroup2 c rw\n", CGROUP_V2,
		  "/whole", "/" },
		{ "2 1 0:1 / /whole rw - cgroup2 c rw\n1 1 0:1 /part /p rw - cgroup2 c rw\n", CGROUP_V2,
		  "/whole", "/" },
		{ "1 1 0:1 /part /p rw - cgroup2 c rw\n", CGROUP_V2, "/p", "/part" },
		/* a file system of which only the source is called cgroup2 */
		{ "9 1 0:1 / /tmp rw - tmpfs cgroup2 rw\n", CGROUP_NONE, "", "" },
		{ "9 1 0:1 / /tmp rw - cgroup2x y rw\n", CGROUP_NONE, "", "" },
		{ " - cgroup2\n\n- -\ngarbage\n1 2 3", CGROUP_NONE, "", "" },
	};
	struct cgroup_mount mount;

	for (size_t i = 0; i < COUNT(cases); i++) {
		cgroup__parse_mountinfo(cases[i].text, &mount);
		assert_int_equal(mount.layout, cases[i].layout);
		assert_string_equal(mount.path, cases[i].path);
		assert_string_equal(mount.root, cases[i].root);
	}
}

static void survives_a_mount_that_is_too_long(void **state)
{
	static char text[2 * PATH_MAX + 64];
	struct cgroup_mount mount;
	int len = sprintf(text, "1 1 0:1 / /");

	memset(text + len, 'a', 2 * PATH_MAX);
	strcpy(text + len + 2 * PATH_MAX, " rw - cgroup2 c rw\n");
	cgroup__parse_mountinfo(text, &mount);
	assert_int_equal(mount.layout, CGROUP_NONE);
}

static void reads_the_unified_line(void **state)
{
	char path[32] = "as it was";

	assert_int_equal(cgroup__parse_membership("9:pids:/x\n0::/docker/abc\n", path, 32), 0);
	assert_string_equal(path, "/docker/abc");
	assert_int_equal(cgroup__parse_membership("0::/\n", path, 32), 0);
	assert_string_equal(path, "/");
	assert_int_equal(cgroup__parse_membership("0::/no-newline", path, 32), 0);
	assert_int_equal(cgroup__parse_membership("10::/x\n1:name=0::/y\n", path, 32), -ENOENT);
	assert_int_equal(cgroup__parse_membership("", path, 32), -ENOENT);
	assert_int_equal(cgroup__parse_membership("0::/0123456789012345678901234567890\n", path, 32),
			 -ENAMETOOLONG);
	assert_string_equal(path, "/no-newline");
}

static void counts_levels(void **state)
{
	assert_int_equal(cgroup__level("/"), 0);
	assert_int_equal(cgroup__level(""), 0);
	assert_int_equal(cgroup__level("/docker/abc"), 2);
	assert_int_equal(cgroup__level("a//b/c/"), 3);
}

static void lists_listeners(void **state)
{
	static const char tcp[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
		"   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
		"   1: 0B00007F:A3F1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
		"   2: 0B11C6C6:18EC 0C11C6C6:9C40 01 00000000:00000000 00:00000000 00000000     0\n"
		"   3: 00000000:0000 00000000:0000 0A garbage\n"
		"junk\n   4: 00000000:FFFFF 0:0 0A\n";
	static const char tcp6[] =
		"   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0\n"
		"   1: 00000000000000000000000000000000:18EB 00000000000000000000000000000000:0000 0A";
	uint16_t *ports;
	size_t cnt;

	assert_int_equal(listen__parse(tcp, tcp6, &ports, &cnt), 0);
	assert_int_equal(cnt, 2); /* each once, Docker's resolver not at all */
	assert_int_equal(ports[0], 80);
	assert_int_equal(ports[1], 6379);
	free(ports);
	assert_int_equal(listen__parse(tcp, NULL, &ports, &cnt), 0);
	assert_int_equal(cnt, 1);
	free(ports);
	assert_int_equal(listen__parse("", NULL, &ports, &cnt), 0);
	assert_int_equal(cnt, 0);
	free(ports);
}

static void reads_a_stat_line(void **state)
{
	static const char good[] =
		"42 (a) b (c) S 7 40 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 9 9";
	static const char *const bad[] = { "", "42", "42 (a", "42 a) S 1 1", "x (a) S 1 1", "42 (a) S",
					   "42 )a( S 1 1", "-1 (a) S 7 40 42 0 -1 0 1 2 3 4 5 6 7 8 0 0 1 0 1" };
	struct process p;

	assert_int_equal(process__parse_stat(good, &p), 0);
	assert_int_equal(p.pid, 42);
	assert_int_equal(p.ppid, 7);
	assert_int_equal(p.pgid, 40);
	assert_int_equal(p.state, 'S');
	assert_int_equal(p.start, 123456);
	assert_string_equal(p.comm, "a) b (c");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(process__parse_stat(bad[i], &p), -EINVAL);
	assert_int_equal(p.pid, 42);
	assert_int_equal(process__parse_stat("1 (a-name-that-is-longer-than-15) S 7 40 42 0 -1 0 1 2 3 "
					     "4 5 6 7 8 20 0 1 0 1", &p), 0);
	assert_string_equal(p.comm, "a-name-that-is-");
}

static void takes_targets_apart(void **state)
{
	static const struct {
		const char *text, *name;
		enum target_scheme scheme;
		const char *value;
	} good[] = {
		{ "docker:redis1", "", SPEC_DOCKER, "redis1" },
		{ "A.b_c-9=docker:x", "A.b_c-9", SPEC_DOCKER, "x" },
		{ "x=host:web", "x", SPEC_HOST, "web" },
		{ "compose:shop/redis", "", SPEC_COMPOSE, "shop/redis" },
		{ "cgroup:/a=b:c", "", SPEC_CGROUP, "/a=b:c" },
		{ "n=cgroup:/a=b", "n", SPEC_CGROUP, "/a=b" },
		{ "pid:/run/x=1.pid", "", SPEC_PID, "/run/x=1.pid" },
		{ "pgid:12", "", SPEC_PGID, "12" },
	};
	static const char *const bad[] = { "", ":", "=", "redis", "docker:", "docker", "=docker:x",
					   "a b=docker:x", "client=pid:1", "outside=pid:1", "x=", "x=y",
					   "x=compose:shop", "Docker:x", "\xff=pid:1", "a=b=pid:1" };
	struct target_spec spec;
	struct err err;

	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(spec__parse(good[i].text, &spec, &err), 0);
		assert_string_equal(spec.name, good[i].name);
		assert_int_equal(spec.scheme, good[i].scheme);
		assert_string_equal(spec.value, good[i].value);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		err = (struct err){ 0 };
		assert_int_equal(spec__parse(bad[i], &spec, &err), -1);
		assert_int_equal(err.code, EXIT_USAGE);
		assert_true(strlen(err.msg) > 10);
	}
}

static void refuses_long_names_and_targets(void **state)
{
	static char text[2 * PATH_MAX];
	struct target_spec spec;

	memset(text, 'n', sizeof(text));
	strcpy(text + NODE_NAME_MAX - 1, "=pid:1");
	assert_int_equal(spec__parse(text, &spec, NULL), 0);
	strcpy(text + NODE_NAME_MAX - 1, "n=pid:1");
	assert_int_equal(spec__parse(text, &spec, NULL), -1);
	memcpy(text, "pid:", 4);
	memset(text + 4, '1', PATH_MAX);
	text[PATH_MAX + 4] = '\0';
	assert_int_equal(spec__parse(text, &spec, NULL), -1);
}

static void reads_pid_files(void **state)
{
	static const char *const bad[] = { "", "\n", "-4", "+4", "x4", "4x", "0", "99999999999999999999",
					   "4294967297" };
	pid_t pid = 7;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(spec__parse_pid_file(bad[i], &pid), -EINVAL);
		assert_int_equal(pid, 7);
	}
	assert_int_equal(spec__parse_pid_file("1234\n/var/lib/postgresql\n5432\n", &pid), 0);
	assert_int_equal(pid, 1234);
	assert_int_equal(spec__parse_pid_file("  99", &pid), 0);
	assert_int_equal(pid, 99);
}

#define HEAD "{\"Id\":\"abc\",\"Name\":\"/shop_db_1\","
#define STATE "\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":4711,\"StartedAt\":\"2026\"},"
#define CONFIG                                                                                     \
	"\"Config\":{\"Image\":\"redis:7\",\"Labels\":{\"com.docker.compose.project\":\"shop\"," \
	"\"com.docker.compose.service\":\"db\",\"com.docker.compose.container-number\":\"1\"}}"
#define HOST ",\"HostConfig\":{\"NetworkMode\":\"host\"}"

static void reads_an_inspected_container(void **state)
{
	static const char text[] = HEAD STATE CONFIG HOST "}";
	struct container c;

	assert_int_equal(container__parse(text, sizeof(text) - 1, &c, NULL), 0);
	assert_string_equal(c.id, "abc");
	assert_string_equal(c.name, "shop_db_1");
	assert_string_equal(c.state, "running");
	assert_string_equal(c.image, "redis:7");
	assert_string_equal(c.started_at, "2026");
	assert_string_equal(c.network_mode, "host");
	assert_string_equal(c.project, "shop");
	assert_string_equal(c.service, "db");
	assert_int_equal(c.number, 1);
	assert_int_equal(c.pid, 4711);
	container__free(&c);
}

static void a_container_that_stopped_has_no_process(void **state)
{
	static const char text[] = HEAD
		"\"State\":{\"Status\":\"exited\",\"Running\":false,\"Pid\":4711,\"StartedAt\":\"\"},"
		"\"Config\":{\"Image\":\"i\",\"Labels\":null}}";
	struct container c;

	assert_int_equal(container__parse(text, sizeof(text) - 1, &c, NULL), 0);
	assert_int_equal(c.pid, 0);
	assert_null(c.project);
	container__free(&c);
}

static void refuses_hostile_inspections(void **state)
{
	static const char *const bad[] = {
		"", "null", "[]", "7", "{}", "\"x\"", "{", HEAD, HEAD STATE CONFIG,
		"\xff\xfe", HEAD CONFIG "}",
		"{\"Id\":7,\"Name\":\"/a\"," STATE CONFIG "}",
		"{\"Id\":\"a\",\"Name\":[\"/a\"]," STATE CONFIG "}",
		"{\"Id\":\"a\",\"Name\":\"/a\\u001b[2J\"," STATE CONFIG "}",
		"{\"Id\":\"a\",\"Name\":\"/a\\u0000b\"," STATE CONFIG "}",
		HEAD "\"State\":[]," CONFIG "}",
		HEAD "\"State\":{\"Status\":\"running\",\"Running\":\"yes\",\"Pid\":1,\"StartedAt\":\"\"}," CONFIG "}",
		HEAD "\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":-1,\"StartedAt\":\"\"}," CONFIG "}",
		HEAD "\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":1.5,\"StartedAt\":\"\"}," CONFIG "}",
		HEAD "\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":4294967297,\"StartedAt\":\"\"}," CONFIG "}",
		HEAD "\"State\":{\"Status\":\"running\",\"Running\":true,\"Pid\":99999999999999999999,\"StartedAt\":\"\"}," CONFIG "}",
		HEAD STATE "\"Config\":{\"Image\":\"i\",\"Labels\":[]}}",
		HEAD STATE "\"Config\":{\"Image\":\"i\",\"Labels\":{\"com.docker.compose.project\":1}}}",
		HEAD STATE "\"Config\":{\"Image\":\"i\",\"Labels\":{\"com.docker.compose.container-number\":\"-1\"}}}",
		HEAD STATE "\"Config\":{}}",
		HEAD STATE CONFIG ",\"HostConfig\":{\"NetworkMode\":{}}}",
	};
	struct container c = { .number = 5 };
	struct err err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		err = (struct err){ 0 };
		assert_int_equal(container__parse(bad[i], strlen(bad[i]), &c, &err), -1);
		assert_int_equal(err.code, EXIT_MACHINE);
		assert_true(strlen(err.msg) > 10);
		assert_int_equal(c.number, 5);
	}
}

static void refuses_depth_and_length(void **state)
{
	size_t len = 200000;
	char *text = malloc(len + 200);
	struct container c;

	memset(text, '[', len);
	assert_int_equal(container__parse(text, len, &c, NULL), -1);
	strcpy(text, "{\"Name\":\"/a\",\"Id\":\"");
	memset(text + strlen(text), 'a', 5000);
	strcpy(text + 20 + 5000, "\"," STATE CONFIG "}");
	assert_int_equal(container__parse(text, strlen(text), &c, NULL), -1);
	free(text);
}

#define ITEM(name, service, number, state, status)                                            \
	"{\"Id\":\"" name "\",\"Names\":[\"/other/alias\",\"/" name "\"],\"Image\":\"i\",\"State\":\"" state \
	"\",\"Status\":\"" status "\",\"Labels\":{\"com.docker.compose.project\":\"shop\","    \
	"\"com.docker.compose.service\":\"" service                                            \
	"\",\"com.docker.compose.container-number\":\"" number "\"}}"

static struct containers list_of(const char *text)
{
	struct containers list;

	assert_int_equal(containers__parse(text, strlen(text), &list, NULL), 0);
	return list;
}

static void lists_containers(void **state)
{
	static const char *const bad[] = { "{}", "[7]", "[{}]", "[{\"Id\":\"a\",\"Names\":[],\"State\":\"x\"}]",
					   "[{\"Id\":\"a\",\"Names\":\"/a\",\"State\":\"x\"}]",
					   "[" ITEM("a", "s", "1", "running", "") ",{}]" };
	struct containers list = list_of("[" ITEM("a", "s", "1", "running", "Up") "]");

	assert_int_equal(list.cnt, 1);
	assert_string_equal(list.v[0].name, "a");
	containers__free(&list);
	list = list_of("[]");
	assert_int_equal(list.cnt, 0);
	containers__free(&list);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(containers__parse(bad[i], strlen(bad[i]), &list, NULL), -1);
	assert_int_equal(list.cnt, 0);
}

static void chooses_what_a_project_means(void **state)
{
	struct containers list = list_of(
		"[" ITEM("w10", "web", "10", "running", "Up") "," ITEM("w2", "web", "2", "running", "Up") ","
		ITEM("init", "init", "1", "exited", "Exited (0) 2 minutes ago") ","
		ITEM("d", "db", "1", "running", "Up") "]");
	char name[64];

	assert_int_equal(resolve__choose(&list, NULL, "shop", NULL), 0);
	assert_int_equal(list.cnt, 3);
	resolve__service_name(&list, 0, name, sizeof(name));
	assert_string_equal(name, "db");
	resolve__service_name(&list, 1, name, sizeof(name));
	assert_string_equal(name, "web-2");
	resolve__service_name(&list, 2, name, sizeof(name));
	assert_string_equal(name, "web-10");
	containers__free(&list);
}

static void says_what_a_project_lacks(void **state)
{
	static const char text[] = "[" ITEM("d", "db", "1", "exited", "Exited (1) now") ","
				   ITEM("w", "web", "1", "running", "Up") "]";
	struct containers list = list_of(text);
	struct err err = { 0 };

	assert_int_equal(resolve__choose(&list, NULL, "shop", &err), -1);
	assert_int_equal(err.code, EXIT_TARGET);
	assert_non_null(strstr(err.msg, "db"));
	assert_non_null(strstr(err.msg, "Exited (1)"));
	containers__free(&list);
	list = list_of(text);
	assert_int_equal(resolve__choose(&list, "web", "shop", &err), 0);
	assert_int_equal(list.cnt, 1);
	containers__free(&list);
	list = list_of(text);
	assert_int_equal(resolve__choose(&list, "cache", "shop", &err), -1);
	assert_non_null(strstr(err.msg, "db, web"));
	containers__free(&list);
	list = list_of("[]");
	assert_int_equal(resolve__choose(&list, NULL, "shop", &err), -1);
	containers__free(&list);
}

#define ARGS(text) text "\0", sizeof(text)

static void reads_the_arguments_of_a_proxy(void **state)
{
	struct address address;
	struct proxy proxy;

	assert_int_equal(proxy__parse(ARGS("/usr/bin/docker-proxy\0-proto\0tcp\0-host-ip\0"
					   "127.0.0.1\0-host-port\0" "7700\0-container-ip\0"
					   "198.18.0.2\0-container-port\0" "7000"), &proxy), 0);
	assert_int_equal(address__parse("198.18.0.2", &address), 0);
	assert_memory_equal(&proxy.container, &address, sizeof(address));
	assert_int_equal(proxy.host_port, 7700);
	assert_true(proxy.tcp);
	assert_int_equal(proxy__parse(ARGS("docker-proxy\0--proto=udp\0--host-port=53\0"
					   "--container-ip=fd00::2\0-use-listen-fd"), &proxy), 0);
	assert_int_equal(address__parse("fd00::2", &address), 0);
	assert_memory_equal(&proxy.container, &address, sizeof(address));
	assert_int_equal(proxy.host_port, 53);
	assert_false(proxy.tcp);
}

static void others_are_no_proxy(void **state)
{
	struct proxy proxy;

#define NONE(text) assert_int_equal(proxy__parse(ARGS(text), &proxy), -EINVAL)
	NONE("");
	NONE("docker-proxy");
	NONE("docker-proxy\0-host-port");
	NONE("docker-proxy\0-host-port\0" "7700\0-container-ip");
	NONE("docker-proxy\0-host-port\0" "77000\0-container-ip\0" "198.18.0.2");
	NONE("docker-proxy\0-host-port\0" "7700\0-container-ip\0" "198.18.0");
	NONE("docker-proxy-not\0-host-port\0" "7700\0-container-ip\0" "198.18.0.2");
	NONE("cat\0docker-proxy\0-host-port\0" "7700\0-container-ip\0" "198.18.0.2");
#undef NONE
	assert_int_equal(proxy__parse("docker-proxy", 12, &proxy), -EINVAL);
	assert_int_equal(proxy__parse("", 0, &proxy), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_cgroup_v2),
		cmocka_unit_test(survives_a_mount_that_is_too_long),
		cmocka_unit_test(reads_the_unified_line),
		cmocka_unit_test(counts_levels),
		cmocka_unit_test(lists_listeners),
		cmocka_unit_test(reads_a_stat_line),
		cmocka_unit_test(takes_targets_apart),
		cmocka_unit_test(refuses_long_names_and_targets),
		cmocka_unit_test(reads_pid_files),
		cmocka_unit_test(reads_an_inspected_container),
		cmocka_unit_test(a_container_that_stopped_has_no_process),
		cmocka_unit_test(refuses_hostile_inspections),
		cmocka_unit_test(refuses_depth_and_length),
		cmocka_unit_test(lists_containers),
		cmocka_unit_test(chooses_what_a_project_means),
		cmocka_unit_test(says_what_a_project_lacks),
		cmocka_unit_test(reads_the_arguments_of_a_proxy),
		cmocka_unit_test(others_are_no_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
