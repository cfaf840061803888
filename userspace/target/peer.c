// SPDX-License-Identifier: GPL-2.0-only
#include "target/peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/slurp.h"

#define MAX_TABLE (64 << 20)
#define TCP_STATE_ESTABLISHED 0x01

/* 0B00007F, or four of those: words of 32 bits as the machine reads them */
static bool parse_ip(const char *hex, struct address *ret)
{
	size_t words = strlen(hex) / 8;
	uint32_t word;

	if (strlen(hex) != 8 && strlen(hex) != 32)
		return false;
	*ret = (struct address){ .ip = { [10] = 0xff, [11] = 0xff } };
	for (size_t i = 0; i < words; i++) {
		if (sscanf(hex + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(ret->ip + (words == 1 ? 12 : 4 * i), &word, sizeof(word));
	}
	return true;
}

/*   1: 0B0CC6C6:0AD3 640CC6C6:A3F1 01 00000000:00000000 ... */
static bool parse_line(const char *line, struct peer *ret)
{
	unsigned int local, remote, state;
	char ip[33];

	if (sscanf(line, " %*u: %*32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%4x %2x", &local, ip, &remote, &state) != 4)
		return false;
	ret->local_port = (uint16_t)local;
	ret->remote_port = (uint16_t)remote;
	return state == TCP_STATE_ESTABLISHED && parse_ip(ip, &ret->remote);
}

int peers__parse(const char *text, struct peer **list, size_t *cnt)
{
	while (text && *text) {
		const char *end = strchrnul(text, '\n');
		char line[160];
		struct peer peer, *more;

		snprintf(line, sizeof(line), "%.*s", (int)(end - text < 159 ? end - text : 159), text);
		text = *end ? end + 1 : end;
		if (!parse_line(line, &peer))
			continue;
		more = realloc(*list, (*cnt + 1) * sizeof(**list));
		if (!more)
			return -ENOMEM;
		*list = more;
		more[(*cnt)++] = peer;
	}
	return 0;
}

int peers__of(pid_t pid, struct peer **ret, size_t *ret_cnt)
{
	static const char *const tables[] = { "tcp", "tcp6" };
	struct peer *list = NULL;
	size_t cnt = 0;
	int failed = 0;

	for (size_t i = 0; i < 2 && !failed; i++) {
		char path[40], *text = NULL;

		snprintf(path, sizeof(path), "/proc/%d/net/%s", pid, tables[i]);
		failed = slurp(path, MAX_TABLE, &text, NULL);
		if (failed == -ENOENT && i) /* no IPv6 in this kernel */
			failed = 0;
		else if (!failed)
			failed = peers__parse(text, &list, &cnt);
		free(text);
	}
	if (failed) {
		free(list);
		return failed;
	}
	*ret = list;
	*ret_cnt = cnt;
	return 0;
}
