// SPDX-License-Identifier: GPL-2.0-only
#include "target/node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "target/cgroup.h"
#include "target/process.h"
#include "target/proxy.h"
#include "target/resolve.h"

int nodes__set_base(struct nodes *nodes, const char *dir)
{
	char *copy = strdup(dir);

	if (!copy)
		return -1;
	free(nodes->base);
	nodes->base = copy;
	return 0;
}

const struct node *nodes__by_name(const struct nodes *nodes, const char *name)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (!strcmp(nodes->v[i].name, name))
			return &nodes->v[i];
	return NULL;
}

const struct node *nodes__by_id(const struct nodes *nodes, uint16_t id)
{
	return id && id <= nodes->cnt ? &nodes->v[id - 1] : NULL;
}

const struct node *nodes__by_address(const struct nodes *nodes, const struct address *address)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		for (size_t a = 0; a < nodes->v[i].addr_cnt; a++)
			if (!memcmp(&nodes->v[i].addrs[a], address, sizeof(*address)))
				return &nodes->v[i];
	return NULL;
}

const char *nodes__name(const struct nodes *nodes, uint16_t id)
{
	const struct node *node = nodes__by_id(nodes, id);

	return node ? node->name : "outside";
}

/* libcurl's sockets are not close-on-exec: none may be open when a command is started. */
static void hang_up(struct nodes *nodes)
{
	docker__free(nodes->docker);
	nodes->docker = NULL;
}

static void cut_to(struct nodes *nodes, size_t cnt)
{
	while (nodes->cnt > cnt)
		node__clear(&nodes->v[--nodes->cnt]);
}

void nodes__free(struct nodes *nodes)
{
	cut_to(nodes, 0);
	free(nodes->v);
	free(nodes->base);
	hang_up(nodes);
	*nodes = (struct nodes){ 0 };
}

/* redis-server, redis-server-2, ...: several processes often run the same command */
static void make_unique(const struct nodes *nodes, struct node *node)
{
	char stem[NODE_NAME_MAX - 4];

	snprintf(stem, sizeof(stem), "%.*s", (int)sizeof(stem) - 1, node->name);
	for (int i = 2; i <= MAX_NODES && nodes__by_name(nodes, node->name); i++)
		snprintf(node->name, sizeof(node->name), "%s-%d", stem, i);
}

static bool shares_process(const struct node *a, const struct node *b, pid_t *ret)
{
	for (size_t i = 0; i < a->pid_cnt; i++)
		for (size_t k = 0; k < b->pid_cnt; k++)
			if (a->pids[i] == b->pids[k]) {
				*ret = a->pids[i];
				return true;
			}
	return false;
}

static struct node *same_container(const struct nodes *nodes, const struct node *node)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (node->container_id && nodes->v[i].container_id &&
		    !strcmp(node->container_id, nodes->v[i].container_id))
			return &nodes->v[i];
	return NULL;
}

static int check_apart(const struct nodes *nodes, const struct node *node, struct err *err)
{
	pid_t pid;

	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *other = &nodes->v[i];

		if (node->cgroup_id && node->cgroup_id == other->cgroup_id)
			return err__set(err, EXIT_USAGE, "%.200s and %.200s are the same cgroup",
					other->spec, node->spec);
		if (shares_process(other, node, &pid))
			return err__set(err, EXIT_USAGE, "process %d would be in two nodes, %.200s and %.200s",
					pid, other->spec, node->spec);
	}
	return 0;
}

/* Takes what @node owns, and only when it returns 0. */
static int append(struct nodes *nodes, struct node *node, struct err *err)
{
	if (check_apart(nodes, node, err))
		return -1;
	if (nodes__by_name(nodes, node->name))
		return err__set(err, EXIT_USAGE,
				"two nodes would be named %s; give one another name, NAME=%.200s", node->name,
				node->spec ? node->spec : "");
	if (nodes->cnt + 1 >= MAX_NODES)
		return err__set(err, EXIT_USAGE, "more than %d nodes", MAX_NODES - 1);
	if (grow(&nodes->v, &nodes->cap, nodes->cnt + 1))
		return err__set(err, EXIT_MACHINE, "out of memory");
	node->id = nodes->cnt + 1;
	nodes->v[nodes->cnt++] = *node;
	*node = (struct node){ .netns_fd = -1 };
	return 0;
}

/* compose:shop and the client docker:shop-client may be the same container, in either order. */
static int merge_or_append(struct nodes *nodes, struct node *node, bool named, struct err *err)
{
	struct node *there = same_container(nodes, node);

	if (!there || (node->client == there->client && node->host_asked == there->host_asked))
		return append(nodes, node, err);
	if (named && strcmp(node->name, there->name)) {
		if (nodes__by_name(nodes, node->name))
			return append(nodes, node, err); /* which says so */
		strcpy(there->name, node->name);
	}
	there->client |= node->client;
	there->host_asked |= node->host_asked;
	node__clear(node);
	return 0;
}

static int add_one(struct nodes *nodes, const struct target_spec *spec, const char *text, bool client,
		   struct err *err)
{
	struct node node = { .netns_fd = -1 };
	int failed = resolve__target(nodes, text, &node, err);

	node.client = client;
	if (!failed && !spec->name[0] && (node.kind == TARGET_PID || node.kind == TARGET_PGID))
		make_unique(nodes, &node);
	if (!failed)
		failed = merge_or_append(nodes, &node, spec->name[0], err);
	node__clear(&node);
	return failed;
}

static int add_container(struct nodes *nodes, const struct container *c, const char *name,
			 bool client, struct err *err)
{
	struct node node = { .netns_fd = -1 };
	char text[4096 + 16];
	int failed;

	if (!spec__valid_name(name))
		return err__set(err, EXIT_USAGE, "service %.128s cannot name a node; use NAME=docker:%s",
				name, c->name);
	snprintf(text, sizeof(text), "docker:%s", c->name);
	failed = resolve__target(nodes, text, &node, err);
	if (!failed) {
		strcpy(node.name, name);
		node.client = client;
		failed = merge_or_append(nodes, &node, false, err);
	}
	node__clear(&node);
	return failed;
}

static int no_project(struct docker *docker, const char *project, struct err *err)
{
	struct containers all = { 0 };
	char names[512] = "";
	size_t len = 0;

	if (docker__list(docker, NULL, &all, err))
		return -1;
	for (size_t i = 0; i < all.cnt; i++) {
		const char *p = all.v[i].project;
		bool seen = !p || len + strlen(p) + 3 > sizeof(names);

		for (size_t k = 0; !seen && k < i; k++)
			seen = all.v[k].project && !strcmp(all.v[k].project, p);
		if (!seen)
			len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "", p);
	}
	containers__free(&all);
	return err__set(err, EXIT_TARGET, "there is no compose project %.128s; projects: %s", project,
			len ? names : "none");
}

static int add_chosen(struct nodes *nodes, const struct containers *chosen, bool client,
		      struct err *err)
{
	for (size_t i = 0; i < chosen->cnt; i++) {
		char name[4096 + 24];

		resolve__service_name(chosen, i, name, sizeof(name));
		if (add_container(nodes, &chosen->v[i], name, client, err))
			return -1;
	}
	return 0;
}

static int add_compose(struct nodes *nodes, const char *value, bool client, struct err *err)
{
	struct docker *docker = resolve__docker(nodes, err);
	const char *slash = strchrnul(value, '/');
	struct containers list = { 0 };
	char *project;
	int failed;

	if (!docker)
		return -1;
	if (slash == value || (*slash && (!slash[1] || strchr(slash + 1, '/'))))
		return err__set(err, EXIT_USAGE, "compose:%.128s: expected compose:PROJECT[/SERVICE]",
				value);
	project = strndup(value, slash - value);
	if (!project)
		return err__set(err, EXIT_MACHINE, "out of memory");
	failed = docker__list(docker, project, &list, err);
	if (!failed && !list.cnt)
		failed = no_project(docker, project, err);
	if (!failed)
		failed = resolve__choose(&list, *slash ? slash + 1 : NULL, project, err);
	if (!failed)
		failed = add_chosen(nodes, &list, client, err);
	containers__free(&list);
	free(project);
	return failed;
}

static uint64_t clients(const struct nodes *nodes)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < nodes->cnt; i++)
		mask |= (uint64_t)nodes->v[i].client << i;
	return mask;
}

int nodes__add(struct nodes *nodes, const char *target, bool client, struct err *err)
{
	uint64_t before = clients(nodes);
	size_t cnt = nodes->cnt;
	struct target_spec spec;
	int failed;

	if (spec__parse(target, &spec, err))
		return -1;
	if (spec.scheme == SPEC_COMPOSE)
		failed = add_compose(nodes, spec.value, client, err);
	else
		failed = add_one(nodes, &spec, target, client, err);
	hang_up(nodes);
	if (!failed)
		return 0;
	cut_to(nodes, cnt);
	for (size_t i = 0; i < cnt; i++)
		nodes->v[i].client = before >> i & 1;
	return -1;
}

int nodes__add_commands(struct nodes *nodes, struct err *err)
{
	struct node node = { .kind = TARGET_COMMANDS, .client = true, .netns_fd = -1 };

	strcpy(node.name, "client");
	return append(nodes, &node, err);
}

static int find_proxies(struct proxies *ret, struct err *err)
{
	int failed = proxies__find(ret);

	return failed ? err__set(err, EXIT_MACHINE, "cannot look for docker-proxy in /proc: %s",
				 strerror(-failed)) :
			0;
}

/* Where they are another node's processes already, they stay that. */
static int add_proxy(struct nodes *nodes, const struct proxies *proxies, size_t container,
		     struct err *err)
{
	struct node node = { .netns_fd = -1 };
	int failed = proxies__node(proxies, &nodes->v[container], &node, err);
	bool taken = false;
	pid_t pid;

	for (size_t i = 0; i < nodes->cnt; i++)
		taken |= shares_process(&nodes->v[i], &node, &pid);
	if (failed > 0 && !taken) {
		make_unique(nodes, &node);
		failed = append(nodes, &node, err);
	}
	node__clear(&node);
	return failed < 0 ? -1 : 0;
}

int nodes__add_proxies(struct nodes *nodes, struct err *err)
{
	size_t cnt = nodes->cnt;
	struct proxies proxies;
	int failed = find_proxies(&proxies, err);

	for (size_t i = 0; i < cnt && !failed; i++)
		failed = add_proxy(nodes, &proxies, i, err);
	proxies__free(&proxies);
	if (failed)
		cut_to(nodes, cnt);
	return failed;
}

static bool same_bytes(const void *a, size_t a_cnt, const void *b, size_t b_cnt, size_t size)
{
	return a_cnt == b_cnt && (!a_cnt || !memcmp(a, b, a_cnt * size));
}

static bool same(const struct node *a, const struct node *b)
{
	return a->cgroup_id == b->cgroup_id && a->start == b->start && a->netns == b->netns &&
	       same_bytes(a->pids, a->pid_cnt, b->pids, b->pid_cnt, sizeof(*a->pids)) &&
	       same_bytes(a->ifaces, a->iface_cnt, b->ifaces, b->iface_cnt, sizeof(*a->ifaces)) &&
	       same_bytes(a->addrs, a->addr_cnt, b->addrs, b->addr_cnt, sizeof(*a->addrs));
}

static void keep_identity(struct node *fresh, const struct node *old)
{
	fresh->id = old->id;
	fresh->client = old->client;
	fresh->host_asked = old->host_asked;
	memcpy(fresh->name, old->name, sizeof(old->name));
}

static int look_again(struct nodes *nodes, struct node *fresh, struct err *err)
{
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *old = &nodes->v[i];

		if (old->kind == TARGET_COMMANDS || old->kind == TARGET_PROXY)
			continue;
		if (resolve__target(nodes, old->spec, &fresh[i], err))
			return err__prefix(err, "node %s", old->name);
		keep_identity(&fresh[i], old);
	}
	return 0;
}

static bool has_proxies(const struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (nodes->v[i].kind == TARGET_PROXY)
			return true;
	return false;
}

/* After their containers: they are known by those addresses. */
static int look_again_at_proxy(const struct proxies *proxies, const struct node *container,
			       const struct node *old, struct node *fresh, struct err *err)
{
	int cnt = proxies__node(proxies, container, fresh, err);

	if (!cnt)
		return err__set(err, EXIT_TARGET, "node %s (%s): no docker-proxy leads there any more",
				old->name, old->spec);
	if (cnt > 0)
		keep_identity(fresh, old);
	return cnt > 0 ? 0 : -1;
}

static int look_again_at_proxies(const struct nodes *nodes, struct node *fresh, struct err *err)
{
	struct proxies proxies;
	int failed;

	if (!has_proxies(nodes))
		return 0;
	failed = find_proxies(&proxies, err);
	for (size_t i = 0; i < nodes->cnt && !failed; i++) {
		const struct node *old = &nodes->v[i];

		if (old->kind == TARGET_PROXY)
			failed = look_again_at_proxy(&proxies, &fresh[old->proxied - 1], old,
						     &fresh[i], err);
	}
	proxies__free(&proxies);
	return failed;
}

int nodes__refresh(struct nodes *nodes, bool *ret_changed, struct err *err)
{
	struct node *fresh = calloc(nodes->cnt + 1, sizeof(*fresh));
	bool changed = false;
	int failed;

	if (!fresh)
		return err__set(err, EXIT_MACHINE, "out of memory");
	for (size_t i = 0; i < nodes->cnt; i++)
		fresh[i].netns_fd = -1;
	failed = look_again(nodes, fresh, err) || look_again_at_proxies(nodes, fresh, err) ? -1 : 0;
	hang_up(nodes);
	for (size_t i = 0; i < nodes->cnt; i++) {
		if (!failed && nodes->v[i].kind != TARGET_COMMANDS) {
			struct node old = nodes->v[i];

			changed |= !same(&old, &fresh[i]);
			fresh[i].number = old.number;
			memcpy(fresh[i].role, old.role, sizeof(old.role));
			nodes->v[i] = fresh[i];
			fresh[i] = old;
		}
		node__clear(&fresh[i]);
	}
	free(fresh);
	if (!failed)
		*ret_changed = changed;
	return failed;
}

int nodes__alive(const struct nodes *nodes, struct err *err)
{
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *node = &nodes->v[i];

		if (node->kind == TARGET_COMMANDS || process__same(node->pids[0], node->start))
			continue;
		return err__set(err, EXIT_TARGET, "node %s (%s): its %sprocess %d has ended", node->name,
				node->spec, node->kind == TARGET_DOCKER ? "container's " : "", node->pids[0]);
	}
	return 0;
}

int address__parse(const char *text, struct address *ret)
{
	struct address a = { .ip = { [10] = 0xff, [11] = 0xff } };

	if (inet_pton(AF_INET, text, a.ip + 12) != 1 && inet_pton(AF_INET6, text, a.ip) != 1)
		return -EINVAL;
	*ret = a;
	return 0;
}

char *address__print(char *buf, size_t size, const struct address *address)
{
	bool v4 = IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address->ip);

	if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? address->ip + 12 : address->ip, buf, size) && size)
		buf[0] = '\0';
	return buf;
}
