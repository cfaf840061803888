// SPDX-License-Identifier: GPL-2.0-only
#include "causal/datagram.h"

#include <stdlib.h>
#include <string.h>

#include "causal/graph.h"
#include "causal/history.h"

/* A send is recorded as it returns: the datagram may have been taken this much earlier. */
#define SLACK_NS 1000000000ULL
/* Another way to pair what looks alike is searched for among so many, so often: it takes their square. */
#define MAX_ALIKE 2000
#define MAX_LEFT_OVER 64

/* A datagram that was sent or received, or a receive and a send in question. */
struct letter {
	uint64_t key; /* what looks alike in this round */
	uint64_t ts_ns;
	uint32_t record;
	bool is_send;
};

struct post {
	struct history *history;
	struct intern netns_of;	   /* address (hash) to network namespace */
	struct intern socket_at;   /* a unix path (hash) to a socket that is bound to it */
	uint32_t *datagram;	   /* records that are datagrams */
	size_t cnt;
	uint32_t *partner;	   /* for each of them, the index of the other one's; NONE */
	struct letter *letters;
};

static const struct sock *sock_of(const struct post *post, const struct record *record)
{
	return &post->history->sockets.v[record->socket];
}

static bool is_wildcard(const uint8_t ip[16])
{
	static const uint8_t none[16], mapped[16] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(ip, none, 16) || !memcmp(ip, mapped, 16);
}

static int learn_address(struct post *post, const uint8_t ip[16], uint32_t netns)
{
	uint32_t *slot;

	if (!netns || is_wildcard(ip) || sockets__is_loopback(ip))
		return 0;
	slot = intern__slot(&post->netns_of, hash_bytes(0, ip, 16));
	if (!slot)
		return -1;
	if (*slot == NONE)
		*slot = netns;
	return 0;
}

/* Where addresses are: as the trace says of its nodes, and as sockets show. */
static int learn(struct post *post, const struct trace_node *nodes, size_t node_cnt)
{
	const struct sockets *sockets = &post->history->sockets;
	uint32_t *slot;

	for (size_t i = 0; i < sockets->cnt; i++) {
		const struct sock *sock = &sockets->v[i];

		if (!sock->described || sock->same_as != NONE)
			continue;
		if (sock->carrier <= CARRIER_UDP &&
		    learn_address(post, sock->local, sock->netns) < 0)
			return -1;
		if (!sock->path || !sock->datagram)
			continue;
		slot = intern__slot(&post->socket_at, sock->path);
		if (!slot)
			return -1;
		*slot = i;
	}
	for (size_t i = 0; i < node_cnt; i++)
		for (size_t k = 0; k < nodes[i].addr_cnt; k++)
			if (learn_address(post, nodes[i].addrs[k].ip, nodes[i].netns) < 0)
				return -1;
	return 0;
}

/* One end of the way, in one word; 0: not known. */
static uint64_t inet_end(const struct post *post, const uint8_t ip[16], uint16_t port,
			 uint32_t own_netns)
{
	uint32_t netns = own_netns;

	if (!port)
		return 0;
	if (!sockets__is_loopback(ip) && !is_wildcard(ip)) {
		netns = intern__get(&post->netns_of, hash_bytes(0, ip, 16));
		if (netns == NONE)
			return hash_u64(hash_bytes(0, ip, 16), port);
	}
	return hash_u64(netns, port);
}

static uint64_t name_of(const uint8_t name[16])
{
	uint64_t ret;

	memcpy(&ret, name, sizeof(ret));
	return ret;
}

static uint64_t local_end(const struct post *post, const struct sock *sock)
{
	return sock->carrier == CARRIER_UDP ?
		       inet_end(post, sock->local, sock->local_port, sock->netns) :
		       name_of(sock->local);
}

static uint64_t remote_end(const struct post *post, const struct sock *sock)
{
	uint32_t found;

	if (sock->carrier == CARRIER_UDP)
		return inet_end(post, sock->remote, sock->remote_port, sock->netns);
	found = sock->remote_path ? intern__get(&post->socket_at, sock->remote_path) : NONE;
	if (found != NONE)
		return name_of(post->history->sockets.v[found].local);
	return name_of(sock->remote);
}

/* What has to be the same: the ends, and how the datagram looks. Weaker from round to round. */
enum round {
	ROUND_EXACT,	  /* the receiver was told whose it is */
	ROUND_ANYBODYS,	  /* it was not */
	ROUND_CUT_SHORT,  /* its buffer was too small: the first bytes have to do */
	ROUND_CUT_SHORT_ANYBODYS,
	ROUNDS,
};

static bool is_cut_short(enum round round)
{
	return round >= ROUND_CUT_SHORT;
}

static bool is_anybodys(enum round round)
{
	return round == ROUND_ANYBODYS || round == ROUND_CUT_SHORT_ANYBODYS;
}

/* 0: it takes no part in this round. */
static uint64_t key_of(const struct post *post, const struct record *record, enum round round)
{
	const struct sock *sock = sock_of(post, record);
	bool sends = record->kind == EV_SEND;
	uint64_t from = sends ? local_end(post, sock) : remote_end(post, sock);
	uint64_t to = sends ? remote_end(post, sock) : local_end(post, sock);
	uint64_t key = hash_u64(round, to);

	if (!to || (!sends && (from != 0) == is_anybodys(round)))
		return 0;
	if (!is_anybodys(round))
		key = hash_u64(key, from);
	if (is_cut_short(round))
		return hash_u64(key, (uint16_t)record->ret);
	return hash_u64(key, (uint64_t)record->len << 32 | record->seq_end);
}

static int by_key_and_time(const void *a, const void *b)
{
	const struct letter *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->record < y->record ? -1 : 1;
}

/* Of two that look alike in a round: is it all of it, or where that may be its beginning? */
static bool fits(const struct post *post, const struct letter *send, const struct letter *receive,
		 enum round round)
{
	const struct record *sent = &post->history->records[post->datagram[send->record]];
	const struct record *taken = &post->history->records[post->datagram[receive->record]];

	if (sent->len == taken->len)
		return sent->seq_end == taken->seq_end;
	return is_cut_short(round) && sent->len > taken->len;
}

static void join(struct post *post, const struct letter *receive, const struct letter *send)
{
	post->partner[receive->record] = send->record;
	post->partner[send->record] = receive->record;
}

/*
 * Letters of one key, by time. From the last receive back, each takes the latest send before it that
 * is left: where none was lost that is the order in which they were sent, and where the same was sent
 * again after a loss it is the one that arrived.
 */
static void pair_alike(struct post *post, const struct letter *v, size_t cnt, uint64_t slack_ns,
		       enum round round)
{
	size_t send = cnt;

	for (size_t i = cnt; i-- > 0;) {
		if (v[i].is_send || post->partner[v[i].record] != NONE)
			continue;
		while (send > 0 && (!v[send - 1].is_send ||
				    post->partner[v[send - 1].record] != NONE ||
				    v[send - 1].ts_ns > v[i].ts_ns + slack_ns ||
				    !fits(post, &v[send - 1], &v[i], round)))
			send--;
		if (!send)
			return;
		send--;
		join(post, &v[i], &v[send]);
	}
}

static bool may_be(const struct post *post, const struct letter *send, const struct letter *receive,
		   enum round round)
{
	return send->is_send && send->ts_ns <= receive->ts_ns + SLACK_NS &&
	       fits(post, send, receive, round);
}

static size_t index_of(const struct letter *v, size_t cnt, uint32_t record)
{
	size_t i = 0;

	while (i < cnt && v[i].record != record)
		i++;
	return i;
}

/*
 * A receive that got none, since another one took what only it could have taken: the other one takes
 * what is left over, or has a third one make way. Kuhn's algorithm; @asked: sends, in this attempt.
 */
static bool make_way(struct post *post, const struct letter *v, size_t cnt, size_t receive,
		     enum round round, bool *asked)
{
	for (size_t i = 0; i < cnt; i++) {
		uint32_t other = post->partner[v[i].record];

		if (asked[i] || !may_be(post, &v[i], &v[receive], round))
			continue;
		asked[i] = true;
		if (other != NONE && (index_of(v, cnt, other) == cnt ||
				      !make_way(post, v, cnt, index_of(v, cnt, other), round, asked)))
			continue;
		join(post, &v[receive], &v[i]);
		return true;
	}
	return false;
}

/* Of many that look alike a few are left over: each of those is worth a look at the others. */
static void pair_left_over(struct post *post, const struct letter *v, size_t cnt, enum round round)
{
	size_t tries = cnt <= MAX_ALIKE ? MAX_LEFT_OVER : 0;
	bool asked[MAX_ALIKE];

	for (size_t i = 0; i < cnt && tries; i++) {
		if (v[i].is_send || post->partner[v[i].record] != NONE)
			continue;
		memset(asked, 0, sizeof(asked));
		make_way(post, v, cnt, i, round, asked);
		tries--;
	}
}

static size_t receives_left_over(const struct post *post, const struct letter *v, size_t cnt)
{
	size_t ret = 0;

	for (size_t i = 0; i < cnt; i++)
		ret += !v[i].is_send && post->partner[v[i].record] == NONE;
	return ret;
}

static void part_all(struct post *post, const struct letter *v, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		post->partner[v[i].record] = NONE;
}

/* Nothing was lost: the first that was sent is the first that was taken. False: not all fit so. */
static bool pair_in_order(struct post *post, const struct letter *v, size_t cnt, enum round round)
{
	size_t send = 0;

	for (size_t i = 0; i < cnt; i++) {
		if (v[i].is_send)
			continue;
		while (send < cnt && !v[send].is_send)
			send++;
		if (send == cnt || !may_be(post, &v[send], &v[i], round)) {
			part_all(post, v, cnt);
			return false;
		}
		join(post, &v[i], &v[send++]);
	}
	return true;
}

static void pair_group(struct post *post, const struct letter *v, size_t cnt, enum round round)
{
	if (2 * receives_left_over(post, v, cnt) == cnt && pair_in_order(post, v, cnt, round))
		return;
	pair_alike(post, v, cnt, 0, round);
	pair_alike(post, v, cnt, SLACK_NS, round);
	if (!receives_left_over(post, v, cnt))
		return;
	part_all(post, v, cnt);
	pair_alike(post, v, cnt, SLACK_NS, round);
}

typedef void (*group_fn)(struct post *post, const struct letter *v, size_t cnt, enum round round);

/* Those that look alike in this round, by time; @all: also those that have a partner. */
static void each_group(struct post *post, enum round round, bool all, group_fn look)
{
	size_t cnt = 0;

	for (size_t i = 0; i < post->cnt; i++) {
		const struct record *record = &post->history->records[post->datagram[i]];
		uint64_t key = all || post->partner[i] == NONE ? key_of(post, record, round) : 0;

		if (key)
			post->letters[cnt++] = (struct letter){ key, record->ts_ns, i,
								record->kind == EV_SEND };
	}
	qsort(post->letters, cnt, sizeof(*post->letters), by_key_and_time);
	for (size_t begin = 0, end; begin < cnt; begin = end) {
		for (end = begin; end < cnt && post->letters[end].key == post->letters[begin].key;)
			end++;
		look(post, post->letters + begin, end - begin, round);
	}
}

/* The socket that takes what @sender sends: @receiver, or one like it when that has a partner. */
static uint32_t partner_of(struct sockets *sockets, uint32_t sender, uint32_t receiver)
{
	if (sockets->v[sender].peer != NONE)
		return sockets->v[sender].peer;
	if (sockets->v[receiver].peer != NONE || receiver == sender)
		receiver = sockets__copy(sockets, receiver);
	if (receiver == NONE)
		return NONE;
	sockets->v[sender].peer = receiver;
	sockets->v[receiver].peer = sender;
	return receiver;
}

/* Sends are numbered, each socket's from 1 on. */
static int number_sends(struct post *post)
{
	struct history *history = post->history;
	uint32_t *next = calloc(history->sockets.cnt + 1, sizeof(*next));

	if (!next)
		return -1;
	for (size_t i = 0; i < post->cnt; i++) {
		struct record *record = &history->records[post->datagram[i]];

		if (record->kind == EV_SEND)
			record->seq_end = ++next[record->socket];
	}
	free(next);
	return 0;
}

/* Receives without a send go to a socket of their own, where nobody sends. @lone: for each socket. */
static int set_apart(struct history *history, struct record *record, uint32_t *lone)
{
	uint32_t socket = record->socket;

	if (lone[socket] == NONE)
		lone[socket] = sockets__copy(&history->sockets, socket);
	if (lone[socket] == NONE)
		return -1;
	record->socket = lone[socket];
	record->seq_end = ++history->sockets.v[socket].strays;
	return 0;
}

static int number_receives(struct post *post)
{
	struct history *history = post->history;
	size_t sockets = history->sockets.cnt;
	uint32_t *lone = malloc((sockets + 1) * sizeof(*lone));
	int ret = lone ? 0 : -1;

	for (size_t i = 0; lone && i < sockets; i++)
		lone[i] = NONE;
	for (size_t i = 0; i < post->cnt && ret == 0; i++) {
		struct record *record = &history->records[post->datagram[i]];
		const struct record *sent;

		if (record->kind == EV_SEND)
			continue;
		if (post->partner[i] == NONE) {
			ret = set_apart(history, record, lone);
			continue;
		}
		sent = &history->records[post->datagram[post->partner[i]]];
		record->socket = partner_of(&history->sockets, sent->socket, record->socket);
		record->seq_end = sent->seq_end;
		ret = record->socket == NONE ? -1 : 0;
	}
	free(lone);
	return ret;
}

static int collect(struct post *post)
{
	const struct history *history = post->history;

	for (size_t i = 0; i < history->record_cnt; i++)
		post->cnt += sock_of(post, &history->records[i])->datagram;
	post->datagram = malloc((post->cnt + 1) * sizeof(*post->datagram));
	post->partner = malloc((post->cnt + 1) * sizeof(*post->partner));
	post->letters = malloc((post->cnt + 1) * sizeof(*post->letters));
	if (!post->datagram || !post->partner || !post->letters)
		return -1;
	post->cnt = 0;
	for (size_t i = 0; i < history->record_cnt; i++) {
		const struct record *record = &history->records[i];

		if (!sock_of(post, record)->datagram ||
		    (record->kind != EV_SEND && record->kind != EV_RECV))
			continue;
		post->partner[post->cnt] = NONE;
		post->datagram[post->cnt++] = i;
	}
	return 0;
}

static int match(struct post *post, const struct trace_node *nodes, size_t node_cnt)
{
	if (collect(post) < 0)
		return -1;
	if (!post->cnt)
		return 0;
	if (learn(post, nodes, node_cnt) < 0)
		return -1;
	for (enum round round = 0; round < ROUNDS; round++)
		each_group(post, round, false, pair_group);
	each_group(post, ROUND_CUT_SHORT, true, pair_left_over);
	each_group(post, ROUND_CUT_SHORT_ANYBODYS, true, pair_left_over);
	return number_sends(post) < 0 ? -1 : number_receives(post);
}

int datagrams__match(struct history *history, const struct trace_node *nodes, size_t node_cnt)
{
	struct post post = { .history = history };
	int ret = match(&post, nodes, node_cnt);

	intern__free(&post.netns_of);
	intern__free(&post.socket_at);
	free(post.datagram);
	free(post.partner);
	free(post.letters);
	return ret;
}
