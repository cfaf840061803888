// SPDX-License-Identifier: GPL-2.0-only
#include "target/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "target/netns.h"
#include "target/slurp.h"

#define MAX_PROC_NET (256 << 20)
#define TCP_STATE_LISTEN 0x0a
#define DOCKER_RESOLVER 0x7f00000b

struct ports {
	uint8_t marked[65536];
};

static int list(const struct ports *ports, uint16_t **ret, size_t *ret_cnt)
{
	size_t cnt = 0;

	for (unsigned int port = 1; port < 65536; port++)
		cnt += ports->marked[port];
	*ret = calloc(cnt + 1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	*ret_cnt = 0;
	for (unsigned int port = 1; port < 65536; port++)
		if (ports->marked[port])
			(*ret)[(*ret_cnt)++] = port;
	return 0;
}

/*   0: 0B00007F:A3F1 00000000:0000 0A 00000000:00000000 ...   (addresses in host words) */
static bool listener(const char *line, unsigned int *ret_port)
{
	char ip[33];
	unsigned int state;

	if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%4x %*32[0-9A-Fa-f]:%*4x %2x", ip, ret_port, &state) != 3)
		return false;
	return state == TCP_STATE_LISTEN && *ret_port && strcmp(ip, "0B00007F");
}

static void mark_lines(const char *text, struct ports *ports)
{
	unsigned int port;

	while (text && *text) {
		const char *end = strchrnul(text, '\n');
		char line[128];

		/* a copy of its head: sscanf measures its whole argument on each call */
		snprintf(line, sizeof(line), "%.*s", (int)(end - text < 127 ? end - text : 127), text);
		if (listener(line, &port))
			ports->marked[port] = 1;
		text = *end ? end + 1 : end;
	}
}

int listen__parse(const char *tcp, const char *tcp6, uint16_t **ret, size_t *ret_cnt)
{
	struct ports *ports = calloc(1, sizeof(*ports));
	int failed;

	if (!ports)
		return -ENOMEM;
	mark_lines(tcp, ports);
	mark_lines(tcp6, ports);
	failed = list(ports, ret, ret_cnt);
	free(ports);
	return failed;
}

static int read_proc(pid_t pid, uint16_t **ret, size_t *ret_cnt)
{
	char path[40], *tcp = NULL, *tcp6 = NULL;
	int failed;

	snprintf(path, sizeof(path), "/proc/%d/net/tcp", pid);
	failed = slurp(path, MAX_PROC_NET, &tcp, NULL);
	if (failed)
		return failed;
	snprintf(path, sizeof(path), "/proc/%d/net/tcp6", pid);
	failed = slurp(path, MAX_PROC_NET, &tcp6, NULL);
	if (!failed || failed == -ENOENT) /* no IPv6 in this kernel */
		failed = listen__parse(tcp, tcp6, ret, ret_cnt);
	free(tcp);
	free(tcp6);
	return failed;
}

static int send_request(int fd, int family)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 diag;
	} req = {
		.head = { .nlmsg_len = sizeof(req), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.diag = { .sdiag_family = family, .sdiag_protocol = IPPROTO_TCP,
			  .idiag_states = 1 << TCP_STATE_LISTEN },
	};

	return send(fd, &req, sizeof(req), 0) < 0 ? -errno : 0;
}

static void mark_message(const struct nlmsghdr *head, struct ports *ports)
{
	const struct inet_diag_msg *msg = NLMSG_DATA(head);

	if (head->nlmsg_len < NLMSG_LENGTH(sizeof(*msg)) || msg->idiag_state != TCP_STATE_LISTEN)
		return;
	if (msg->idiag_family == AF_INET && msg->id.idiag_src[0] == htonl(DOCKER_RESOLVER))
		return;
	ports->marked[ntohs(msg->id.idiag_sport)] = 1;
}

/* Returns 1 at the end of the dump, 0 when more is to come, or -errno. */
static int mark_buffer(const struct nlmsghdr *head, size_t len, struct ports *ports)
{
	for (; NLMSG_OK(head, len); head = NLMSG_NEXT(head, len)) {
		if (head->nlmsg_type == NLMSG_DONE)
			return 1;
		if (head->nlmsg_type == NLMSG_ERROR)
			return -EOPNOTSUPP; /* whatever it is: there is another way */
		mark_message(head, ports);
	}
	return 0;
}

static int dump_family(int fd, int family, struct ports *ports)
{
	int state = send_request(fd, family);
	union {
		struct nlmsghdr head;
		char bytes[32768];
	} buf;

	while (!state) {
		ssize_t len = recv(fd, &buf, sizeof(buf), 0);

		if (len < 0 && errno == EINTR)
			continue;
		state = len <= 0 ? (len ? -errno : -EPROTO) : mark_buffer(&buf.head, len, ports);
	}
	return state < 0 ? state : 0;
}

static int dump(void *arg)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), failed;

	if (fd < 0)
		return -errno;
	failed = dump_family(fd, AF_INET, arg);
	if (!failed)
		failed = dump_family(fd, AF_INET6, arg);
	close(fd);
	return failed;
}

int listen__ports(int netns_fd, pid_t pid, uint16_t **ret, size_t *ret_cnt)
{
	struct ports *ports = calloc(1, sizeof(*ports));
	int failed;

	if (!ports)
		return -ENOMEM;
	failed = netns__run(netns_fd, dump, ports);
	if (failed)
		failed = read_proc(pid, ret, ret_cnt);
	else
		failed = list(ports, ret, ret_cnt);
	free(ports);
	return failed;
}
