// SPDX-License-Identifier: GPL-2.0-only
#include "target/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "target/cgroup.h"
#include "target/listen.h"
#include "target/netns.h"
#include "target/process.h"
#include "target/slurp.h"

#define MAX_PID_FILE 4096

void node__clear(struct node *node)
{
	free(node->spec);
	free(node->pids);
	free(node->container_id);
	free(node->image);
	free(node->started_at);
	if (node->netns_fd >= 0)
		close(node->netns_fd);
	free(node->ifaces);
	free(node->addrs);
	free(node->listen);
	*node = (struct node){ .netns_fd = -1 };
}

struct docker *resolve__docker(struct nodes *nodes, struct err *err)
{
	if (!nodes->docker)
		nodes->docker = docker__new(err);
	return nodes->docker;
}

static int no_memory(struct err *err)
{
	return err__set(err, EXIT_MACHINE, "out of memory");
}

static int one_pid(struct node *node, pid_t pid, struct err *err)
{
	node->pids = malloc(sizeof(*node->pids));
	if (!node->pids)
		return no_memory(err);
	node->pids[0] = pid;
	node->pid_cnt = 1;
	return 0;
}

static void take_cgroup(struct node *node, const struct cgroup *cgroup)
{
	node->cgroup_id = cgroup->id;
	node->cgroup_level = cgroup->level;
	memcpy(node->cgroup_path, cgroup->path, sizeof(node->cgroup_path));
}

/* A node is named after something that may hold any character; ours may not. */
static void default_name(struct node *node, const char *from)
{
	size_t n = 0;

	for (; *from && n < NODE_NAME_MAX - 1; from++)
		node->name[n++] = isascii(*from) && (isalnum((unsigned char)*from) || strchr("_.-", *from)) ?
					  *from : '_';
	node->name[n] = '\0';
	if (!spec__valid_name(node->name))
		snprintf(node->name, sizeof(node->name), "node");
}

static void take_container(struct node *node, struct container *c)
{
	node->container_id = c->id;
	node->image = c->image;
	node->started_at = c->started_at;
	node->host_netns = c->network_mode && !strcmp(c->network_mode, "host");
	c->id = c->image = c->started_at = NULL;
}

static int docker_node(struct nodes *nodes, const struct target_spec *spec, struct node *node,
		       struct err *err)
{
	struct docker *docker = resolve__docker(nodes, err);
	struct container c = { 0 };
	struct cgroup cgroup;
	struct process p;
	int failed;

	if (!docker || docker__inspect(docker, spec->value, &c, err))
		return -1;
	default_name(node, c.name);
	if (!c.pid || strcmp(c.state, "running"))
		failed = err__set(err, EXIT_TARGET, "container %s is not running (%s)%s", c.name, c.state,
				  strcmp(c.state, "paused") ? "; start it" : "; unpause it");
	else if (process__read(c.pid, &p))
		failed = err__set(err, EXIT_TARGET,
				  "container %s: its process %d is not in /proc; it has just ended, or "
				  "Docker runs in another PID namespace or machine", c.name, c.pid);
	else
		failed = one_pid(node, c.pid, err) || cgroup__of_container(c.pid, c.id, &cgroup, err) ? -1 : 0;
	if (!failed) {
		take_cgroup(node, &cgroup);
		take_container(node, &c);
	}
	container__free(&c);
	return failed;
}

static int cgroup_node(const struct target_spec *spec, struct node *node, struct err *err)
{
	const char *slash;
	struct cgroup cgroup;

	if (cgroup__of_path(spec->value, &cgroup, err) ||
	    cgroup__processes(&cgroup, &node->pids, &node->pid_cnt, err))
		return -1;
	if (!node->pid_cnt)
		return err__set(err, EXIT_TARGET, "no process runs in cgroup %s", spec->value);
	process__oldest_first(node->pids, node->pid_cnt);
	take_cgroup(node, &cgroup);
	while (cgroup.dir[strlen(cgroup.dir) - 1] == '/')
		cgroup.dir[strlen(cgroup.dir) - 1] = '\0';
	slash = strrchr(cgroup.dir, '/');
	default_name(node, slash + 1);
	return 0;
}

static int pid_from_file(const char *base, const char *file, pid_t *ret, struct err *err)
{
	char *path = NULL, *text;
	int failed;

	if (asprintf(&path, "%s%s%s", *file == '/' || !base ? "" : base,
		     *file == '/' || !base ? "" : "/", file) < 0)
		return no_memory(err);
	failed = slurp(path, MAX_PID_FILE, &text, NULL);
	if (failed) {
		err__set(err, EXIT_TARGET, "cannot read the process number in %.600s: %s", path,
			 failed == -EINVAL ? "no regular file" : strerror(-failed));
	} else {
		failed = spec__parse_pid_file(text, ret);
		free(text);
		if (failed)
			err__set(err, EXIT_TARGET, "%.600s holds no process number", path);
	}
	free(path);
	return failed ? -1 : 0;
}

/* "1234" or a file that holds it */
static int which_pid(const char *base, const char *value, pid_t *ret, struct err *err)
{
	long pid;

	if (value[strspn(value, "0123456789")])
		return pid_from_file(base, value, ret, err);
	if (units__parse_count(value, 1, INT_MAX, &pid))
		return err__set(err, EXIT_USAGE, "%.40s is no process number", value);
	*ret = pid;
	return 0;
}

static int dead(const struct target_spec *spec, pid_t pid, int why, struct err *err)
{
	const char *what = spec->scheme == SPEC_PID ? "process" : "process group";

	if (why != -ESRCH)
		return err__set(err, EXIT_MACHINE, "cannot look for %s %d in /proc: %s", what, pid,
				strerror(-why));
	if (isdigit((unsigned char)*spec->value))
		return err__set(err, EXIT_TARGET,
				"there is no %s %d, or it has ended; a daemon that is restarted is better "
				"named by the file with its number, %s:FILE", what, pid,
				spec->scheme == SPEC_PID ? "pid" : "pgid");
	return err__set(err, EXIT_TARGET, "there is no %s %d, or it has ended (the number is from %.300s)",
			what, pid, spec->value);
}

static int process_node(const char *base, const struct target_spec *spec, struct node *node,
			struct err *err)
{
	struct process p;
	pid_t pid;
	int failed;

	if (which_pid(base, spec->value, &pid, err))
		return -1;
	if (spec->scheme == SPEC_PID)
		failed = process__tree(pid, &node->pids, &node->pid_cnt);
	else
		failed = process__group(pid, &node->pids, &node->pid_cnt);
	if (!failed)
		failed = process__read(node->pids[0], &p);
	if (failed)
		return dead(spec, pid, failed, err);
	default_name(node, p.comm);
	return 0;
}

static int holds_cutset(const struct node *node, const char *text, struct err *err)
{
	for (size_t i = 0; i < node->pid_cnt; i++)
		if (node->pids[i] == getpid())
			return err__set(err, EXIT_USAGE, "target %.200s holds cutset itself", text);
	return 0;
}

/* Faults act where packets pass: a node must have one place. */
static int one_namespace(const struct node *node, struct err *err)
{
	for (size_t i = 1; i < node->pid_cnt; i++) {
		uint32_t other = netns__inode(node->pids[i]);

		if (other && other != node->netns)
			return err__set(err, EXIT_TARGET,
					"target %.200s: its processes %d and %d are in different network "
					"namespaces; make a node of each", node->spec, node->pids[0],
					node->pids[i]);
	}
	return 0;
}

static int find_network(struct node *node, struct err *err)
{
	int failed = netns__open(node->pids[0], &node->netns_fd, &node->netns);

	if (failed == -ENOENT || failed == -ESRCH)
		return err__set(err, EXIT_TARGET, "process %d has just ended", node->pids[0]);
	if (!failed)
		failed = netns__look(node);
	if (!failed)
		failed = listen__ports(node->netns_fd, node->pids[0], &node->listen, &node->listen_cnt);
	if (failed)
		return err__set(err, EXIT_MACHINE,
				"target %.200s: cannot look into the network namespace of process %d: %s%s",
				node->spec, node->pids[0], strerror(-failed),
				failed == -EACCES || failed == -EPERM ? "; run as root" : "");
	node->host_netns |= node->netns == netns__inode(0);
	return one_namespace(node, err);
}

static int find_processes(struct nodes *nodes, const struct target_spec *spec, struct node *node,
			  struct err *err)
{
	static const enum target_kind kinds[] = { [SPEC_DOCKER] = TARGET_DOCKER,
						  [SPEC_HOST] = TARGET_DOCKER,
						  [SPEC_CGROUP] = TARGET_CGROUP,
						  [SPEC_PID] = TARGET_PID,
						  [SPEC_PGID] = TARGET_PGID };

	node->kind = kinds[spec->scheme];
	switch (spec->scheme) {
	case SPEC_DOCKER:
	case SPEC_HOST:
		return docker_node(nodes, spec, node, err);
	case SPEC_CGROUP:
		return cgroup_node(spec, node, err);
	default:
		return process_node(nodes->base, spec, node, err);
	}
}

/* Everything that was read must have been read of the same process. */
static int find_all(struct nodes *nodes, const struct target_spec *spec, const char *text,
		    struct node *node, struct err *err)
{
	struct process p;

	if (find_processes(nodes, spec, node, err) || holds_cutset(node, text, err))
		return -1;
	if (process__read(node->pids[0], &p))
		return err__set(err, EXIT_TARGET, "process %d has just ended", node->pids[0]);
	node->start = p.start;
	if (find_network(node, err))
		return -1;
	node->host_asked = spec->scheme == SPEC_HOST;
	if (node->host_asked && !node->host_netns)
		return err__set(err, EXIT_USAGE,
				"target %.200s: it has a network of its own; write docker:%.128s", text,
				spec->value);
	if (!process__same(node->pids[0], node->start))
		return err__set(err, EXIT_TARGET, "process %d has just ended", node->pids[0]);
	return 0;
}

int resolve__target(struct nodes *nodes, const char *text, struct node *node, struct err *err)
{
	struct target_spec spec;

	if (spec__parse(text, &spec, err))
		return -1;
	node->spec = strdup(text);
	if (!node->spec)
		return no_memory(err);
	if (find_all(nodes, &spec, text, node, err))
		return -1;
	if (spec.name[0])
		strcpy(node->name, spec.name);
	return 0;
}
