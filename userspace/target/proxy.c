// SPDX-License-Identifier: GPL-2.0-only
#include "target/proxy.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/units.h"
#include "target/netns.h"
#include "target/process.h"
#include "target/slurp.h"

#define MAX_CMDLINE 4096

/* docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 80 -container-ip 172.18.0.2 -container-port 8080 */
struct arguments {
	const char *at, *end;
};

static const char *next(struct arguments *args)
{
	const char *text = args->at;

	if (text >= args->end)
		return NULL;
	args->at += strlen(text) + 1;
	return text;
}

static bool is_program(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && !strcmp(slash ? slash + 1 : path, "docker-proxy");
}

/* As Go's package flag takes them: -name value, -name=value, --name ... NULL: another option. */
static const char *value_of(const char *option, const char *name, struct arguments *args)
{
	size_t len = strlen(name);

	option += strspn(option, "-");
	if (strncmp(option, name, len))
		return NULL;
	if (option[len] == '=')
		return option + len + 1;
	return option[len] ? NULL : next(args);
}

static int take(struct proxy *proxy, const char *option, struct arguments *args)
{
	const char *value;
	long port;

	value = value_of(option, "proto", args);
	if (value) {
		proxy->tcp = !strcmp(value, "tcp");
		return 0;
	}
	value = value_of(option, "host-port", args);
	if (value) {
		if (units__parse_count(value, 1, UINT16_MAX, &port))
			return -EINVAL;
		proxy->host_port = port;
		return 0;
	}
	value = value_of(option, "container-ip", args);
	return value ? address__parse(value, &proxy->container) : 0;
}

int proxy__parse(const char *cmdline, size_t len, struct proxy *ret)
{
	static const struct address none;
	struct arguments args = { cmdline, cmdline + len };
	struct proxy proxy = { 0 };
	const char *option;

	if (!len || cmdline[len - 1] || !is_program(next(&args)))
		return -EINVAL;
	while ((option = next(&args)))
		if (*option == '-' && take(&proxy, option, &args))
			return -EINVAL;
	if (!proxy.host_port || !memcmp(&proxy.container, &none, sizeof(none)))
		return -EINVAL;
	*ret = proxy;
	return 0;
}

static int add(struct proxies *proxies, const char *name)
{
	char path[300], *text;
	struct proxy proxy;
	size_t len;
	int other;

	if (!isdigit((unsigned char)*name))
		return 0;
	snprintf(path, sizeof(path), "/proc/%s/cmdline", name);
	if (slurp(path, MAX_CMDLINE, &text, &len))
		return 0; /* gone, or longer than a docker-proxy's */
	other = proxy__parse(text, len, &proxy);
	free(text);
	if (other)
		return 0;
	proxy.pid = atoi(name);
	if (grow(&proxies->v, &proxies->cap, proxies->cnt + 1))
		return -ENOMEM;
	proxies->v[proxies->cnt++] = proxy;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct proxy *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int proxies__find(struct proxies *ret)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	int err = 0;

	*ret = (struct proxies){ 0 };
	if (!dir)
		return -errno;
	while (!err && (d = readdir(dir)))
		err = add(ret, d->d_name);
	closedir(dir);
	if (ret->cnt)
		qsort(ret->v, ret->cnt, sizeof(*ret->v), by_pid);
	return err;
}

void proxies__free(struct proxies *proxies)
{
	free(proxies->v);
	*proxies = (struct proxies){ 0 };
}

static bool leads_to(const struct proxy *proxy, const struct node *container)
{
	for (size_t i = 0; i < container->addr_cnt; i++)
		if (!memcmp(&container->addrs[i], &proxy->container, sizeof(proxy->container)))
			return true;
	return false;
}

static void take_proxy(struct node *node, const struct proxy *proxy)
{
	node->pids[node->pid_cnt++] = proxy->pid;
	if (!proxy->tcp)
		return;
	for (size_t i = 0; i < node->listen_cnt; i++)
		if (node->listen[i] == proxy->host_port)
			return;
	node->listen[node->listen_cnt++] = proxy->host_port;
}

static int describe(struct node *node, const struct node *container, struct err *err)
{
	struct process p;

	snprintf(node->name, sizeof(node->name), "%.*s-proxy", NODE_NAME_MAX - 7, container->name);
	if (asprintf(&node->spec, "proxy of %s", container->spec) < 0) {
		node->spec = NULL;
		return err__set(err, EXIT_MACHINE, "out of memory");
	}
	node->kind = TARGET_PROXY;
	node->proxied = container->id;
	if (process__read(node->pids[0], &p) ||
	    netns__open(node->pids[0], &node->netns_fd, &node->netns))
		return err__set(err, EXIT_TARGET, "docker-proxy %d of %s has just ended",
				node->pids[0], container->name);
	node->start = p.start;
	node->host_netns = node->netns == netns__inode(0);
	return 0;
}

int proxies__node(const struct proxies *proxies, const struct node *container, struct node *node,
		  struct err *err)
{
	size_t cnt = 0;

	for (size_t i = 0; i < proxies->cnt; i++)
		cnt += leads_to(&proxies->v[i], container);
	if (!cnt || container->kind != TARGET_DOCKER || container->host_netns)
		return 0;
	node->pids = malloc(cnt * sizeof(*node->pids));
	node->listen = malloc(cnt * sizeof(*node->listen));
	if (!node->pids || !node->listen)
		return err__set(err, EXIT_MACHINE, "out of memory");
	for (size_t i = 0; i < proxies->cnt; i++)
		if (leads_to(&proxies->v[i], container))
			take_proxy(node, &proxies->v[i]);
	return describe(node, container, err) ? -1 : (int)cnt;
}
