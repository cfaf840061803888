/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes: the named sets of processes that fail as one, found from what a person writes. */
#ifndef CUTSET_TARGET_NODE_H
#define CUTSET_TARGET_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "../bpf/member.h"
#include "../bpf/rule.h"

#define NODE_NAME_MAX 64

enum target_kind {
	TARGET_DOCKER,	 /* a container; members by cgroup */
	TARGET_CGROUP,	 /* a cgroup and all below it */
	TARGET_PID,	 /* a process and its descendants, also future ones */
	TARGET_PGID,	 /* a process group; children are followed by fork */
	TARGET_COMMANDS, /* the client: children of the workload and check commands */
	TARGET_PROXY,	 /* the docker-proxies of a container's published ports, see proxy.h */
};

struct iface {
	int ifindex;
	char name[16];
	bool loopback;
	bool addressed; /* others can reach an address of it */
};

struct node {
	uint16_t id; /* 1.., the index in struct nodes plus one; what events carry */
	char name[NODE_NAME_MAX];
	enum target_kind kind;
	bool client;
	char *spec; /* the target it was resolved from, e.g. "docker:redis1" */

	/* docker, cgroup: the cgroup v2 (or unified) id and its depth below the root (root is 0) */
	uint64_t cgroup_id;
	uint32_t cgroup_level;
	char cgroup_path[CGROUP_PATH_BYTES]; /* see struct cgroup_path */
	/* pid, pgid, cgroup, proxy: thread groups alive when we looked. docker: only the container's first */
	pid_t *pids; /* the first is the one whose death is the node's */
	size_t pid_cnt;
	uint64_t start; /* of pids[0], see process.h: tells it from a later one with its number */

	char role[NODE_NAME_MAX]; /* that it has in this run, and the number that goes with it; see role.h */
	uint16_t number;	  /* 0: it has none */

	uint16_t proxied; /* proxy: the container's node */

	/* docker */
	char *container_id;
	char *image;
	char *started_at; /* differs after a restart */

	/* where its packets pass; -1 and 0 for TARGET_COMMANDS */
	int netns_fd;	 /* owned; O_CLOEXEC */
	uint32_t netns;	 /* inode number */
	bool host_netns; /* shares the network namespace of cutset itself */
	bool host_asked; /* docker: it was named as one that does, host:CONTAINER */
	struct iface *ifaces;
	size_t iface_cnt;
	struct address *addrs; /* without loopback and link-local; IPv4 is v4-mapped */
	size_t addr_cnt;
	uint16_t *listen; /* TCP ports with a listener in its namespace */
	size_t listen_cnt;
};

struct docker;

struct nodes { /* starts as { 0 } */
	struct node *v; /* moves when a node is added */
	size_t cnt, cap;
	char *base; /* see nodes__set_base */
	struct docker *docker; /* while one of the functions below runs */
};

/* The folder that relative FILEs of `pid:` and `pgid:` are looked for in; default: the working
 * directory. Call before nodes__add. Returns 0, or -1 (memory). */
int nodes__set_base(struct nodes *nodes, const char *dir);

/*
 * Resolve one target and append its node or nodes:
 *	[NAME=]docker:CONTAINER   [NAME=]cgroup:PATH   [NAME=]pid:N|pid:FILE   [NAME=]pgid:N|pgid:FILE
 *	[NAME=]host:CONTAINER      (one in the host's network, which faults on it act upon)
 *	compose:PROJECT[/SERVICE]  (one node a container, named after the service)
 * FILE holds the number, as daemons write it; what is not all digits is a file. Names are unique,
 * [A-Za-z0-9_.-]+, not "client" and not "outside"; without NAME= it is the container, the last part
 * of the cgroup's path, or the command of the process (-2, -3 when taken). A container that is there
 * already becomes a client when it is added as one, or one of the host's network when named so. Errors: EXIT_TARGET where it does not exist (with
 * the names that do), EXIT_USAGE where the text is wrong, EXIT_MACHINE where Docker does not answer
 * or /proc is not readable; then @nodes is as it was.
 */
int nodes__add(struct nodes *nodes, const char *target, bool client, struct err *err);

/* Append the node "client" (TARGET_COMMANDS), whose processes are told to the observer as they start. */
int nodes__add_commands(struct nodes *nodes, struct err *err);

/*
 * Append a node CONTAINER-proxy for each container here to whose published ports docker-proxies lead.
 * They are on the way to the node, and no node of the system: they are traced, and no fault is theirs.
 */
int nodes__add_proxies(struct nodes *nodes, struct err *err);

/*
 * Look again: the same names, after a reset that may have restarted them. *ret_changed: some cgroup,
 * process set, namespace or interface differs. Errors: EXIT_TARGET where one is gone.
 */
int nodes__refresh(struct nodes *nodes, bool *ret_changed, struct err *err);

/* Is every target still alive, and the same as when it was resolved? Cheap enough for twice a run.
 * Returns 0, or -1 with the name and what happened to it (EXIT_TARGET). */
int nodes__alive(const struct nodes *nodes, struct err *err);

/* NULL where there is none of that name. */
const struct node *nodes__by_name(const struct nodes *nodes, const char *name);
const struct node *nodes__by_id(const struct nodes *nodes, uint16_t id);

/* The node that owns this address, or NULL. */
const struct node *nodes__by_address(const struct nodes *nodes, const struct address *address);

/* "outside" for 0, else the node's name; for printing. */
const char *nodes__name(const struct nodes *nodes, uint16_t id);

void nodes__free(struct nodes *nodes); /* closes and frees all; @nodes is then empty */

/* "198.18.1.2" or "fd00::1" to its 16 bytes, and back. Returns 0 or -EINVAL; @buf. */
int address__parse(const char *text, struct address *ret);
char *address__print(char *buf, size_t size, const struct address *address);

#endif
