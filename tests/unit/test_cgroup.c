// SPDX-License-Identifier: GPL-2.0-only
/* Where processes are by the files of /proc, on machines with cgroup v1, v2 and both. Needs no root. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "target/cgroup.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ID "4c01db0b339c4f4a8d2e7a6d1f9c0b5e4c01db0b339c4f4a8d2e7a6d1f9c0b5e"

/* systemd, unified */
static const char v2[] =
	"22 28 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw\n"
	"28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
	"29 21 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 "
	"rw,nsdelegate,memory_recursiveprot\n";

/* systemd, hybrid: v2 holds no controller and knows every process all the same */
static const char hybrid[] =
	"25 18 0:22 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs tmpfs ro,mode=755\n"
	"26 25 0:23 / /sys/fs/cgroup/unified rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	"27 25 0:24 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,xattr,name=systemd\n"
	"31 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:15 - cgroup cgroup rw,cpu,cpuacct\n"
	"32 25 0:29 / /sys/fs/cgroup/pids rw,nosuid shared:16 - cgroup cgroup rw,pids\n";

/* v1 alone; and that a file system is called cgroup2 says nothing */
static const char v1[] =
	"24 18 0:21 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs cgroup2 ro,mode=755\n"
	"25 24 0:22 / /sys/fs/cgroup/systemd rw,nosuid shared:9 - cgroup cgroup rw,xattr,name=systemd\n"
	"29 24 0:26 / /sys/fs/cgroup/memory rw,nosuid shared:13 - cgroup cgroup rw,memory\n";

/* in a container with a cgroup namespace of the host: only its own part is mounted */
static const char part[] =
	"33 30 0:25 /docker/" ID " /sys/fs/cgroup ro,nosuid,nodev - cgroup2 cgroup rw,nsdelegate\n";

static char proc[64];

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void make_dir(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static int make_proc(void **state)
{
	strcpy(proc, "/tmp/cutset-test-XXXXXX");
	assert_non_null(mkdtemp(proc));
	make_dir("self");
	make_dir("42");
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static int remove_proc(void **state)
{
	return nftw(proc, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void finds_processes_in_each_layout(void **state)
{
	static const struct {
		const char *mounts, *cgroup;
		enum cgroup_layout layout;
		const char *mount, *path;
	} cases[] = {
		{ v2, "0::/system.slice/docker-" ID ".scope\n", CGROUP_V2, "/sys/fs/cgroup",
		  "/system.slice/docker-" ID ".scope" },
		{ v2, "0::/docker/" ID "\n", CGROUP_V2, "/sys/fs/cgroup", "/docker/" ID },
		/* a v1 hierarchy that somebody mounted besides, and a name with a colon and a space */
		{ hybrid, "2:net_cls:/elsewhere\n0::/a:b c\n", CGROUP_HYBRID, "/sys/fs/cgroup/unified",
		  "/a:b c" },
		{ hybrid,
		  "12:pids:/docker/" ID "\n4:cpu,cpuacct:/\n1:name=systemd:/docker/" ID "\n"
		  "0::/docker/" ID "\n",
		  CGROUP_HYBRID, "/sys/fs/cgroup/unified", "/docker/" ID },
	};
	struct cgroup_mount mount;
	struct err err = { 0 };
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(cases); i++) {
		put("self/mountinfo", cases[i].mounts);
		put("42/cgroup", cases[i].cgroup);
		assert_int_equal(cgroup__locate(proc, 42, &mount, path, sizeof(path), &err), 0);
		assert_int_equal(mount.layout, cases[i].layout);
		assert_string_equal(mount.path, cases[i].mount);
		assert_string_equal(path, cases[i].path);
	}
}

static void refuses(enum exit_code code, const char *word)
{
	struct cgroup_mount mount;
	struct err err = { 0 };
	char path[PATH_MAX];

	assert_int_equal(cgroup__locate(proc, 42, &mount, path, sizeof(path), &err), -1);
	assert_int_equal(err.code, code);
	if (!strstr(err.msg, word))
		fail_msg("no '%s' in: %s", word, err.msg);
}

static void says_why_a_process_cannot_be_told_from_others(void **state)
{
	static const struct {
		const char *mounts, *cgroup, *word;
	} cases[] = {
		{ "", "", "v2 is not mounted" },
		{ v1, "4:memory:/docker/" ID "\n1:name=systemd:/docker/" ID "\n", "v2 is not mounted" },
		{ v1, "1:name=systemd:/docker/" ID "\n0::/\n", "v2 is not mounted" },
		/* a container runtime that knows of v1 only */
		{ hybrid, "12:pids:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n", "in the root" },
		{ hybrid, "12:pids:/docker/" ID "\n", "none at all" },
		{ v2, "0::/\n", "in the root" },
		{ part, "0::/\n", "cgroup namespace" },
		{ v2, "0::/../" ID "\n", "cgroup namespace" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		put("self/mountinfo", cases[i].mounts);
		put("42/cgroup", cases[i].cgroup);
		refuses(EXIT_MACHINE, cases[i].word);
	}
}

static void knows_a_cgroup_namespace(void **state)
{
	put("self/mountinfo", v2);
	put("42/cgroup", "0::/docker\n");
	make_dir("self/ns");
	put("self/ns/cgroup", ""); /* whose inode is not that of the first namespace */
	refuses(EXIT_MACHINE, "cgroup namespace");
}

static void says_what_is_not_there(void **state)
{
	refuses(EXIT_MACHINE, "self/mountinfo");
	put("self/mountinfo", v2);
	refuses(EXIT_TARGET, "No such process");
}

static void a_container_is_all_of_its_group(void **state)
{
	static const struct {
		const char *path, *cut;
	} cases[] = {
		{ "/docker/" ID, "/docker/" ID },
		{ "/docker/" ID "/init", "/docker/" ID }, /* Docker in Docker */
		{ "/system.slice/docker-" ID ".scope/init.scope", "/system.slice/docker-" ID ".scope" },
		{ "/machine.slice/libpod-" ID ".scope/container", "/machine.slice/libpod-" ID ".scope" },
		{ "/docker/" ID "/docker/" ID, "/docker/" ID },
		{ "/system.slice/containerd.service", NULL }, /* a runtime that makes no groups in v2 */
	};
	char path[PATH_MAX] = "/";

	for (size_t i = 0; i < COUNT(cases); i++) {
		strcpy(path, cases[i].path);
		assert_int_equal(cgroup__cut_to(path, ID), cases[i].cut != NULL);
		assert_string_equal(path, cases[i].cut ? cases[i].cut : cases[i].path);
	}
	assert_false(cgroup__cut_to(path, ""));
}

int main(void)
{
#define in_proc(test) cmocka_unit_test_setup_teardown(test, make_proc, remove_proc)
	const struct CMUnitTest tests[] = {
		in_proc(finds_processes_in_each_layout),
		in_proc(says_why_a_process_cannot_be_told_from_others),
		in_proc(knows_a_cgroup_namespace),
		in_proc(says_what_is_not_there),
		cmocka_unit_test(a_container_is_all_of_its_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
