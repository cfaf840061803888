// SPDX-License-Identifier: GPL-2.0-only
/* Nodes over real processes of our own, and a Docker that misbehaves. Needs no root. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "target/cgroup.h"
#include "target/docker.h"
#include "target/listen.h"
#include "target/node.h"
#include "target/proxy.h"
#include "target/share.h"

static void sleeper(const char *comm)
{
	prctl(PR_SET_NAME, comm);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pause();
	_exit(0);
}

/* The first of a chain of @depth processes; the last one writes to @ready. */
static void chain(const char *comm, int depth, int ready)
{
	while (depth > 1 && fork() == 0)
		depth--;
	prctl(PR_SET_NAME, comm);
	if (depth == 1 && write(ready, "", 1) != 1)
		_exit(1);
	sleeper(comm);
}

static pid_t start(const char *comm, int depth)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		chain(comm, depth, ready[1]);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	for (char path[40], buf[16] = ""; strncmp(buf, comm, strlen(comm)); usleep(1000)) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		f = fopen(path, "r");
		assert_non_null(f);
		assert_non_null(fgets(buf, sizeof(buf), f));
		fclose(f);
	}
	return pid;
}

static void stop(pid_t pid)
{
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static const char *target(const char *fmt, pid_t pid)
{
	static char text[64];

	snprintf(text, sizeof(text), fmt, pid);
	return text;
}

static void a_process_brings_its_descendants(void **state)
{
	pid_t pid = start("chain", 3);
	struct nodes nodes = { 0 };

	assert_int_equal(nodes__add(&nodes, target("pid:%d", pid), false, NULL), 0);
	assert_int_equal(nodes.cnt, 1);
	assert_int_equal(nodes.v[0].id, 1);
	assert_string_equal(nodes.v[0].name, "chain");
	assert_int_equal(nodes.v[0].kind, TARGET_PID);
	assert_int_equal(nodes.v[0].pid_cnt, 3);
	assert_int_equal(nodes.v[0].pids[0], pid);
	assert_true(nodes.v[0].host_netns);
	assert_true(nodes.v[0].netns_fd >= 0);
	assert_true(fcntl(nodes.v[0].netns_fd, F_GETFD) & FD_CLOEXEC);
	assert_true(nodes.v[0].iface_cnt > 0);
	nodes__free(&nodes);
	stop(pid);
}

static void a_group_outlives_its_leader(void **state)
{
	pid_t leader = start("group", 1), member = fork();
	struct nodes nodes = { 0 };

	if (!member)
		sleeper("member");
	assert_int_equal(setpgid(member, leader), 0);
	assert_int_equal(nodes__add(&nodes, target("g=pgid:%d", leader), true, NULL), 0);
	assert_int_equal(nodes.v[0].pid_cnt, 2);
	assert_int_equal(nodes.v[0].pids[0], leader);
	assert_true(nodes.v[0].client);
	nodes__free(&nodes);
	kill(leader, SIGKILL);
	assert_int_equal(waitpid(leader, NULL, 0), leader);
	assert_int_equal(nodes__add(&nodes, target("pgid:%d", leader), false, NULL), 0);
	assert_int_equal(nodes.v[0].pid_cnt, 1);
	assert_int_equal(nodes.v[0].pids[0], member);
	nodes__free(&nodes);
	kill(member, SIGKILL);
	waitpid(member, NULL, 0);
}

static void names_are_unique(void **state)
{
	pid_t a = start("same", 1), b = start("same", 1), c = start("odd name@1", 1);
	struct nodes nodes = { 0 };
	struct err err = { 0 };

	assert_int_equal(nodes__add(&nodes, target("pid:%d", a), false, NULL), 0);
	assert_int_equal(nodes__add(&nodes, target("same=pid:%d", b), false, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_int_equal(nodes.cnt, 1);
	assert_int_equal(nodes__add(&nodes, target("pid:%d", b), false, NULL), 0);
	assert_string_equal(nodes.v[1].name, "same-2");
	assert_int_equal(nodes__add(&nodes, target("pid:%d", c), false, NULL), 0);
	assert_string_equal(nodes__name(&nodes, 3), "odd_name_1");
	assert_int_equal(nodes__add_commands(&nodes, NULL), 0);
	assert_int_equal(nodes__add_commands(&nodes, NULL), -1);
	assert_string_equal(nodes__name(&nodes, 4), "client");
	assert_string_equal(nodes__name(&nodes, NODE_OUTSIDE), "outside");
	assert_ptr_equal(nodes__by_name(&nodes, "same-2"), nodes__by_id(&nodes, 2));
	assert_null(nodes__by_name(&nodes, "nix"));
	assert_null(nodes__by_id(&nodes, 5));
	nodes__free(&nodes);
	stop(a);
	stop(b);
	stop(c);
}

static void a_process_is_in_one_node(void **state)
{
	pid_t pid = start("chain", 2);
	struct nodes nodes = { 0 };
	struct err err = { 0 };
	pid_t child;

	assert_int_equal(nodes__add(&nodes, target("pid:%d", pid), false, NULL), 0);
	child = nodes.v[0].pids[1];
	assert_int_equal(nodes__add(&nodes, target("x=pid:%d", child), false, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_int_equal(nodes__add(&nodes, target("x=pgid:%d", pid), true, &err), -1);
	assert_int_equal(nodes.cnt, 1);
	assert_false(nodes.v[0].client);
	nodes__free(&nodes);
	stop(pid);
}

static void refuses_itself_and_the_dead(void **state)
{
	struct nodes nodes = { 0 };
	pid_t pid = fork();
	struct err err = { 0 };
	siginfo_t info;

	assert_int_equal(nodes__add(&nodes, target("pid:%d", getpid()), false, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(nodes__add(&nodes, target("pid:%d", pid), false, &err), -1); /* a zombie */
	assert_int_equal(err.code, EXIT_TARGET);
	waitpid(pid, NULL, 0);
	assert_int_equal(nodes__add(&nodes, target("pid:%d", pid), false, &err), -1);
	assert_int_equal(err.code, EXIT_TARGET);
	assert_int_equal(nodes__add(&nodes, "pid:0", false, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_int_equal(nodes.cnt, 0);
	nodes__free(&nodes);
}

static void write_pid(const char *path, pid_t pid)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "%d\n", pid);
	fclose(f);
}

static void a_refresh_follows_the_file(void **state)
{
	char dir[] = "/tmp/cutset-test-XXXXXX", path[64];
	pid_t old = start("daemon", 1), new;
	struct nodes nodes = { 0 };
	struct err err = { 0 };
	bool changed = true;
	siginfo_t info;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/d.pid", dir);
	write_pid(path, old);
	assert_int_equal(nodes__set_base(&nodes, dir), 0);
	assert_int_equal(nodes__add(&nodes, "d=pid:d.pid", false, NULL), 0);
	assert_int_equal(nodes__alive(&nodes, NULL), 0);
	assert_int_equal(nodes__refresh(&nodes, &changed, NULL), 0);
	assert_false(changed);
	kill(old, SIGKILL);
	assert_int_equal(waitid(P_PID, old, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(nodes__alive(&nodes, &err), -1); /* a zombie is dead */
	stop(old);
	assert_int_equal(nodes__alive(&nodes, &err), -1);
	assert_int_equal(err.code, EXIT_TARGET);
	assert_non_null(strstr(err.msg, "node d "));
	assert_int_equal(nodes__refresh(&nodes, &changed, &err), -1);
	assert_int_equal(err.code, EXIT_TARGET);
	assert_int_equal(nodes.v[0].pids[0], old); /* as it was */
	new = start("other", 2);
	write_pid(path, new);
	assert_int_equal(nodes__refresh(&nodes, &changed, NULL), 0);
	assert_true(changed);
	assert_string_equal(nodes.v[0].name, "d");
	assert_int_equal(nodes.v[0].id, 1);
	assert_int_equal(nodes.v[0].pids[0], new);
	assert_int_equal(nodes.v[0].pid_cnt, 2);
	assert_int_equal(nodes__alive(&nodes, NULL), 0);
	unlink(path);
	rmdir(dir);
	nodes__free(&nodes);
	stop(new);
}

static void sixty_three_nodes_fit(void **state)
{
	pid_t pids[MAX_NODES];
	struct nodes nodes = { 0 };
	struct err err = { 0 };

	for (int i = 0; i < MAX_NODES; i++) {
		pids[i] = start("many", 1);
		if (i < MAX_NODES - 1)
			assert_int_equal(nodes__add(&nodes, target("pid:%d", pids[i]), false, &err), 0);
	}
	assert_int_equal(nodes.cnt, MAX_NODES - 1);
	assert_string_equal(nodes.v[62].name, "many-63");
	assert_int_equal(nodes__add(&nodes, target("pid:%d", pids[MAX_NODES - 1]), false, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_int_equal(nodes__add_commands(&nodes, &err), -1);
	nodes__free(&nodes);
	for (int i = 0; i < MAX_NODES; i++)
		stop(pids[i]);
}

static uint16_t listen_on(int *ret_fd, int family)
{
	struct sockaddr_storage sa = { .ss_family = family };
	socklen_t len = sizeof(sa);

	*ret_fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*ret_fd, (void *)&sa, len), 0);
	assert_int_equal(listen(*ret_fd, 1), 0);
	assert_int_equal(getsockname(*ret_fd, (void *)&sa, &len), 0);
	return ntohs(((struct sockaddr_in *)&sa)->sin_port); /* the same place in sockaddr_in6 */
}

static bool holds(const uint16_t *ports, size_t cnt, uint16_t port)
{
	for (size_t i = 0; i < cnt; i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* Both ways to learn of listeners; -1 is no namespace and leaves /proc. */
static void sees_listeners(void **state)
{
	int v4, v6, netns_fds[] = { open("/proc/self/ns/net", O_RDONLY), -1 };
	uint16_t port4 = listen_on(&v4, AF_INET), port6 = listen_on(&v6, AF_INET6), *ports;
	size_t cnt;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(listen__ports(netns_fds[i], getpid(), &ports, &cnt), 0);
		assert_true(holds(ports, cnt, port4));
		assert_true(holds(ports, cnt, port6));
		free(ports);
	}
	close(v4);
	close(v6);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(listen__ports(netns_fds[i], getpid(), &ports, &cnt), 0);
		assert_false(holds(ports, cnt, port4));
		free(ports);
	}
	close(netns_fds[0]);
}

/* This process may be anywhere: its own group, or, where it is in none, a clear refusal. */
static void finds_its_own_cgroup(void **state)
{
	struct cgroup_mount mount;
	struct cgroup cgroup, again;
	char path[PATH_MAX];
	struct err err = { 0 };

	if (cgroup__locate("/proc", getpid(), &mount, path, sizeof(path), &err)) {
		assert_int_equal(err.code, EXIT_MACHINE);
		assert_true(strstr(err.msg, "cgroup") && strlen(err.msg) > 40);
		return;
	}
	assert_int_equal(cgroup__of_path(path, &cgroup, &err), 0);
	assert_true(cgroup.level > 0);
	assert_int_equal(cgroup__of_path(cgroup.dir, &again, &err), 0);
	assert_int_equal(again.id, cgroup.id);
	assert_int_equal(again.level, cgroup.level);
}

static void reads_and_prints_addresses(void **state)
{
	static const char *const bad[] = { "", "1.2.3", "1.2.3.4.5", "x", "fe80::1%eth0", "1.2.3.4/24" };
	struct address a = { { 1 } }, list[1];
	struct node node = { .addrs = list, .addr_cnt = 1 };
	struct nodes nodes = { .v = &node, .cnt = 1 };
	char buf[64];

	assert_int_equal(address__parse("198.18.1.2", &a), 0);
	assert_memory_equal(a.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x12\x01\x02", 16);
	assert_string_equal(address__print(buf, sizeof(buf), &a), "198.18.1.2");
	list[0] = a;
	assert_int_equal(address__parse("::ffff:198.18.1.2", &a), 0);
	assert_ptr_equal(nodes__by_address(&nodes, &a), &node);
	assert_int_equal(address__parse("fd00::1", &a), 0);
	assert_string_equal(address__print(buf, sizeof(buf), &a), "fd00::1");
	assert_null(nodes__by_address(&nodes, &a));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(address__parse(bad[i], &a) < 0);
	assert_string_equal(address__print(buf, sizeof(buf), &a), "fd00::1");
	assert_string_equal(address__print(buf, 3, &a), "");
}

/* What answers on the socket instead of Docker: @head, then @flood bytes of it for ever. */
struct impostor {
	int fd;
	const char *head;
	bool flood;
	pthread_t thread;
	char dir[32], path[64];
};

static void *deceive(void *arg)
{
	struct impostor *it = arg;
	char buf[65536];
	int fd;

	while ((fd = accept4(it->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (read(fd, buf, sizeof(buf)) > 0 && send(fd, it->head, strlen(it->head), MSG_NOSIGNAL) > 0)
			while (it->flood && send(fd, buf, sizeof(buf), MSG_NOSIGNAL) > 0)
				;
		close(fd);
	}
	return NULL;
}

static void impostor_start(struct impostor *it)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char url[80];

	strcpy(it->dir, "/tmp/cutset-test-XXXXXX");
	assert_non_null(mkdtemp(it->dir));
	snprintf(it->path, sizeof(it->path), "%s/sock", it->dir);
	strcpy(sa.sun_path, it->path);
	it->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(it->fd, (void *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(it->fd, 8), 0);
	assert_int_equal(pthread_create(&it->thread, NULL, deceive, it), 0);
	snprintf(url, sizeof(url), "unix://%s", it->path);
	setenv("DOCKER_HOST", url, 1);
}

static void impostor_stop(struct impostor *it)
{
	shutdown(it->fd, SHUT_RDWR);
	pthread_join(it->thread, NULL);
	close(it->fd);
	unlink(it->path);
	rmdir(it->dir);
	unsetenv("DOCKER_HOST");
}

/* Descriptors that a command we start would inherit */
static int inheritable(void)
{
	int cnt = 0;

	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);

		cnt += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return cnt;
}

static void docker_is_not_trusted(void **state)
{
	static struct impostor all[] = {
		{ .head = "HTTP/1.1 200 OK\r\n\r\n", .flood = true },
		{ .head = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"Id\":" },
		{ .head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
		{ .head = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}" },
		{ .head = "HTTP/1.1 500 Oops\r\nContent-Length: 15\r\n\r\n{\"message\":1.5}" },
		{ .head = "HTTP/1.1 301 Moved\r\nLocation: http://docker/x\r\nContent-Length: 0\r\n\r\n" },
		{ .head = "220 smtp ready\r\n" },
		{ .head = "\r\n" },
	};
	struct nodes nodes;
	struct err err;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int before = inheritable();

		impostor_start(&all[i]);
		nodes = (struct nodes){ 0 };
		err = (struct err){ 0 };
		assert_int_equal(nodes__add(&nodes, "docker:redis", false, &err), -1);
		assert_int_equal(err.code, EXIT_MACHINE);
		assert_int_equal(!!strstr(err.msg, "longer than 64 MiB"), all[i].flood);
		assert_int_equal(nodes__add(&nodes, "compose:shop", false, &err), -1);
		assert_int_equal(err.code, EXIT_MACHINE);
		assert_int_equal(nodes.cnt, 0);
		assert_int_equal(inheritable(), before);
		nodes__free(&nodes);
		impostor_stop(&all[i]);
	}
}

static void docker_may_be_absent(void **state)
{
	static const char *const hosts[] = { "tcp://198.18.0.1:2375", "unix://", "unix://x", "ssh://a",
					     "unix:///nowhere/at/all.sock" };
	struct nodes nodes = { 0 };
	struct err err;

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		err = (struct err){ 0 };
		setenv("DOCKER_HOST", hosts[i], 1);
		assert_int_equal(nodes__add(&nodes, "docker:redis", false, &err), -1);
		assert_int_equal(err.code, EXIT_MACHINE);
		assert_non_null(strstr(err.msg, "DOCKER_HOST"));
		nodes__free(&nodes);
	}
	unsetenv("DOCKER_HOST");
}

/* A process with the arguments of a docker-proxy; it ends when @*ret_end is closed. */
static pid_t start_proxy(const char *host_port, const char *container_ip, int *ret_end)
{
	int end[2], ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		dup2(end[0], 0);
		dup2(ready[1], 1);
		execl("/bin/sh", "docker-proxy", "-c", "echo; read -r end", "-proto", "tcp", "-host-ip",
		      "127.0.0.1", "-host-port", host_port, "-container-ip", container_ip,
		      "-container-port", "7000", NULL);
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	close(end[0]);
	*ret_end = end[1];
	return pid;
}

static struct node *container(struct nodes *nodes, const char *name, const char *address)
{
	struct node *node = &nodes->v[nodes->cnt++];

	*node = (struct node){ .id = nodes->cnt, .kind = TARGET_DOCKER, .netns_fd = -1,
			       .spec = strdup(name), .addrs = malloc(sizeof(*node->addrs)),
			       .addr_cnt = 1 };
	strcpy(node->name, name);
	assert_int_equal(address__parse(address, node->addrs), 0);
	return node;
}

/* Somewhere: any descriptor will do. */
static struct node *put_in(struct nodes *nodes, const char *name, enum target_kind kind, uint32_t netns)
{
	struct node *node = container(nodes, name, "198.18.99.2");

	node->kind = kind;
	node->netns = netns;
	node->netns_fd = dup(0);
	return node;
}

static void one_namespace_may_be_shared(void **state)
{
	struct nodes nodes = { .v = calloc(8, sizeof(struct node)), .cap = 8 };
	struct err err = { 0 };
	struct node *host;

	put_in(&nodes, "a", TARGET_DOCKER, 11);
	put_in(&nodes, "b", TARGET_PID, 12);
	assert_int_equal(share__netns(&nodes), 0);
	put_in(&nodes, "client", TARGET_DOCKER, 9)->client = true;
	host = put_in(&nodes, "proxy", TARGET_PROXY, 11);
	assert_int_equal(share__netns(&nodes), 0);
	assert_int_equal(share__check(&nodes, &err), 0);
	/* one in cutset's own namespace is among strangers, but for a client */
	host = put_in(&nodes, "web", TARGET_DOCKER, 9);
	host->host_netns = true;
	nodes.v[2].host_netns = true;
	assert_int_equal(share__netns(&nodes), 9);
	assert_int_equal(share__check(&nodes, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "web uses the host's network"));
	host->host_asked = true;
	assert_int_equal(share__check(&nodes, &err), 0);
	host->kind = TARGET_PID;
	host->host_asked = false;
	assert_int_equal(share__check(&nodes, &err), 0);
	/* and two that share another one are too many */
	put_in(&nodes, "c", TARGET_PGID, 12);
	assert_int_equal(share__check(&nodes, &err), -1);
	assert_non_null(strstr(err.msg, "only one may be shared"));
	host->client = true;
	assert_int_equal(share__check(&nodes, &err), 0);
	assert_int_equal(share__netns(&nodes), 12);
	assert_string_equal(share__place(&nodes)->name, "b");
	nodes__free(&nodes);
}

static void a_container_brings_its_proxies(void **state)
{
	struct nodes nodes = { .v = calloc(8, sizeof(struct node)), .cap = 8 };
	int end[3];
	pid_t pid[3] = { start_proxy("7700", "198.18.99.2", &end[0]),
			 start_proxy("7701", "198.18.99.2", &end[1]),
			 start_proxy("7702", "198.18.99.4", &end[2]) };

	container(&nodes, "web", "198.18.99.2");
	container(&nodes, "db", "198.18.99.3");
	assert_int_equal(nodes__add_proxies(&nodes, NULL), 0);
	assert_int_equal(nodes.cnt, 3);
	assert_string_equal(nodes.v[2].name, "web-proxy");
	assert_int_equal(nodes.v[2].kind, TARGET_PROXY);
	assert_int_equal(nodes.v[2].proxied, 1);
	assert_int_equal(nodes.v[2].pid_cnt, 2);
	assert_int_equal(nodes.v[2].listen_cnt, 2);
	assert_int_equal(nodes.v[2].addr_cnt, 0);
	assert_true(nodes.v[2].host_netns);
	for (int i = 0; i < 2; i++)
		assert_true(nodes.v[2].pids[i] == pid[0] || nodes.v[2].pids[i] == pid[1]);
	/* whose processes they are already, keeps them */
	assert_int_equal(nodes__add_proxies(&nodes, NULL), 0);
	assert_int_equal(nodes.cnt, 3);
	nodes__free(&nodes);
	for (int i = 0; i < 3; i++) {
		close(end[i]);
		waitpid(pid[i], NULL, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_brings_its_descendants),
		cmocka_unit_test(a_group_outlives_its_leader),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(a_process_is_in_one_node),
		cmocka_unit_test(refuses_itself_and_the_dead),
		cmocka_unit_test(a_refresh_follows_the_file),
		cmocka_unit_test(sixty_three_nodes_fit),
		cmocka_unit_test(sees_listeners),
		cmocka_unit_test(finds_its_own_cgroup),
		cmocka_unit_test(reads_and_prints_addresses),
		cmocka_unit_test(docker_is_not_trusted),
		cmocka_unit_test(docker_may_be_absent),
		cmocka_unit_test(one_namespace_may_be_shared),
		cmocka_unit_test(a_container_brings_its_proxies),
	};

	/* where nobody else adds interfaces meanwhile, if we may */
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		perror("no network namespace of our own");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
