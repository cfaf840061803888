// SPDX-License-Identifier: GPL-2.0-only
#include "causal/nat.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "causal/graph.h"
#include "causal/history.h"

#define SEVERAL (NONE - 1)

/* How many sockets may share a position; more than chance brings together. */
#define GROUP_MAX 64

/* A socket without a partner, and the bytes of either direction that it saw. */
struct end {
	uint32_t socket;
	bool born; /* within the trace */
	struct extent sent, received;
	uint32_t other; /* index of the only end that may be its partner; NONE, SEVERAL */
};

/* What two ends may have in common: a position, or an address with its port. */
struct mark {
	uint64_t key;
	uint32_t end;
	bool is_mine; /* what this end sent, its own address; or what it received, the other's */
};

struct nat {
	struct history *history;
	struct end *ends;
	size_t cnt, cap;
	struct mark *marks;
	size_t mark_cnt;
};

static const struct sock *sock_of(const struct nat *nat, const struct end *end)
{
	return &nat->history->sockets.v[end->socket];
}

static void begin_at(struct extent *extent, uint32_t position)
{
	if (!extent->seen)
		*extent = (struct extent){ .end = position };
	extent->begin = position;
	extent->seen = true;
}

/* connect() tells the position of the first byte that will be sent, accept() that of the first that
 * will be received: it is the same one. */
static struct end end_of(const struct history *history, uint32_t socket)
{
	const struct sock *sock = &history->sockets.v[socket];
	const struct record *first = &history->records[sock->first_record];
	struct end end = { .socket = socket,
			   .born = sock->connected || sock->accepted,
			   .sent = sock->sent,
			   .received = sock->received,
			   .other = NONE };

	if (first->kind == EV_CONNECT)
		begin_at(&end.sent, first->seq_end);
	if (first->kind == EV_ACCEPT)
		begin_at(&end.received, first->seq_end);
	return end;
}

static int collect(struct nat *nat)
{
	const struct sockets *sockets = &nat->history->sockets;

	for (size_t i = 0; i < sockets->cnt; i++) {
		const struct sock *sock = &sockets->v[i];

		if (!sock->described || sock->carrier != CARRIER_TCP || sock->same_as != NONE ||
		    sock->peer != NONE || sock->first_record == NONE)
			continue;
		if (grow(&nat->ends, &nat->cap, nat->cnt + 1) < 0)
			return -1;
		nat->ends[nat->cnt++] = end_of(nat->history, i);
	}
	return 0;
}

enum agreement { CONTRADICTS, UNKNOWN, OVERLAPS, SAME_BOUNDS };

/* Is what one end sent what the other received? Of connections made in the trace both see the first
 * byte; of others it is early bytes at the beginning, or bytes on their way at the end, that differ. */
static enum agreement agree(const struct extent *sent, const struct extent *received, bool born)
{
	if (!sent->seen || !received->seen)
		return UNKNOWN;
	if (sent->begin == received->begin)
		return SAME_BOUNDS;
	if (born)
		return CONTRADICTS;
	if (sent->end == received->end || sent->end + 1 == received->end) /* the FIN */
		return SAME_BOUNDS;
	return (int32_t)(sent->begin - received->end) < 0 &&
			       (int32_t)(received->begin - sent->end) < 0 ?
		       OVERLAPS :
		       CONTRADICTS;
}

static bool is_same_end(const struct sock *mine, const struct sock *others)
{
	return mine->local_port == others->remote_port && !memcmp(mine->local, others->remote, 16) &&
	       (mine->netns == others->netns || !sockets__is_loopback(mine->local));
}

/*
 * May they be one connection? Two bounds of 32 bits are proof enough where at least a port is left as
 * it was; less is where one of both ends was not translated at all.
 */
static bool may_be_one(const struct nat *nat, const struct end *x, const struct end *y)
{
	const struct sock *a = sock_of(nat, x), *b = sock_of(nat, y);
	bool born = x->born && y->born;
	enum agreement there = agree(&x->sent, &y->received, born);
	enum agreement back = agree(&y->sent, &x->received, born);

	if (there == CONTRADICTS || back == CONTRADICTS || !sockets__coexist(nat->history, a, b) ||
	    (a->connected && b->connected) || (a->accepted && b->accepted))
		return false;
	if (there == SAME_BOUNDS && back == SAME_BOUNDS)
		return a->local_port == b->remote_port || b->local_port == a->remote_port;
	if (there != SAME_BOUNDS && back != SAME_BOUNDS && (there == UNKNOWN || back == UNKNOWN))
		return false;
	return is_same_end(a, b) || is_same_end(b, a);
}

static void note_other(struct end *end, uint32_t other)
{
	end->other = end->other == NONE || end->other == other ? other : SEVERAL;
}

static void try(struct nat *nat, uint32_t x, uint32_t y)
{
	if (x == y || !may_be_one(nat, &nat->ends[x], &nat->ends[y]))
		return;
	note_other(&nat->ends[x], y);
	note_other(&nat->ends[y], x);
}

static int by_key(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

static void try_group(struct nat *nat, const struct mark *v, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		for (size_t k = 0; k < cnt; k++)
			if (v[i].is_mine && !v[k].is_mine)
				try(nat, v[i].end, v[k].end);
}

/* Those with the same mark, unless there are more than @max of them. */
static void try_marks(struct nat *nat, size_t max)
{
	qsort(nat->marks, nat->mark_cnt, sizeof(*nat->marks), by_key);
	for (size_t begin = 0, end; begin < nat->mark_cnt; begin = end) {
		for (end = begin; end < nat->mark_cnt &&
				  nat->marks[end].key == nat->marks[begin].key;)
			end++;
		if (end - begin <= max)
			try_group(nat, nat->marks + begin, end - begin);
	}
	nat->mark_cnt = 0;
}

static void mark(struct nat *nat, uint64_t key, uint32_t end, bool is_mine)
{
	nat->marks[nat->mark_cnt++] = (struct mark){ key, end, is_mine };
}

#define MARKS_MAX 5 /* of an end */

static void mark_positions(struct nat *nat, uint32_t index)
{
	const struct end *end = &nat->ends[index];

	if (end->sent.seen) {
		mark(nat, end->sent.begin, index, true);
		mark(nat, end->sent.end, index, true);
	}
	if (end->received.seen) {
		mark(nat, end->received.begin, index, false);
		mark(nat, end->received.end, index, false);
		mark(nat, end->received.end - 1, index, false); /* without the FIN */
	}
}

static uint64_t address_key(const uint8_t ip[16], uint16_t port, uint32_t netns)
{
	uint64_t key = hash_bytes(sockets__is_loopback(ip) ? netns : 0, ip, 16);

	return hash_u64(key, port);
}

static void mark_addresses(struct nat *nat, uint32_t index)
{
	const struct sock *sock = sock_of(nat, &nat->ends[index]);

	mark(nat, address_key(sock->local, sock->local_port, sock->netns), index, true);
	mark(nat, address_key(sock->remote, sock->remote_port, sock->netns), index, false);
}

static void join_pairs(struct nat *nat)
{
	for (size_t i = 0; i < nat->cnt; i++) {
		const struct end *end = &nat->ends[i];

		if (end->other < nat->cnt && nat->ends[end->other].other == i)
			nat->history->sockets.v[end->socket].peer = nat->ends[end->other].socket;
	}
}

/* What positions tell comes first: an address is asked only where it has one socket at either end. */
static void join(struct nat *nat)
{
	for (size_t i = 0; i < nat->cnt; i++)
		mark_positions(nat, i);
	try_marks(nat, GROUP_MAX);
	for (size_t i = 0; i < nat->cnt; i++)
		if (nat->ends[i].other == NONE)
			mark_addresses(nat, i);
	try_marks(nat, 2);
	join_pairs(nat);
}

int nat__join(struct history *history)
{
	struct nat nat = { .history = history };
	int ret = collect(&nat);

	if (ret == 0 && nat.cnt > 1) {
		nat.marks = malloc(MARKS_MAX * nat.cnt * sizeof(*nat.marks));
		ret = nat.marks ? 0 : -1;
		if (nat.marks)
			join(&nat);
	}
	free(nat.marks);
	free(nat.ends);
	return ret;
}
