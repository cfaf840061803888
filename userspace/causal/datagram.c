// SPDX-License-Identifier: GPL-2.0-only
#include "causal/datagram.h"

#include <stdlib.h>
#include <string.h>

#include "causal/graph.h"
#include "causal/history.h"

/* A send is recorded as it returns: the datagram may have been taken this much earlier. */
#define SLACK_NS 1000000000ULL

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
	struct intern contained;   /* network namespaces of containers */
	struct intern socket_at;   /* a unix path (hash) to a socket that is bound to it */
	struct intern sender_at;   /* an end's name to a socket of it that sent */
	struct intern sender_to;   /* an end's name to the only socket that sent to it, or SEVERAL */
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

static int learn_node(struct post *post, const struct trace_node *node)
{
	for (size_t i = 0; i < node->addr_cnt; i++)
		if (learn_address(post, node->addrs[i].ip, node->netns) < 0)
			return -1;
	if (node->contained && node->netns) {
		uint32_t *slot = intern__slot(&post->contained, node->netns);

		if (!slot)
			return -1;
		*slot = node->id;
	}
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
		if (learn_node(post, &nodes[i]) < 0)
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
	ROUND_RESOLVER,	  /* port 53 of 127.0.0.11 is not where dockerd listens there */
	ROUNDS,
};

static bool is_cut_short(enum round round)
{
	return round == ROUND_CUT_SHORT || round == ROUND_CUT_SHORT_ANYBODYS;
}

static bool is_anybodys(enum round round)
{
	return round == ROUND_ANYBODYS || round == ROUND_CUT_SHORT_ANYBODYS;
}

#define SEVERAL (NONE - 1)

/* Whose @record is, as far as the receiver was told, or as only one can have sent it. 0: not known. */
static uint64_t sender_of(const struct post *post, const struct record *record)
{
	const struct sock *sock = sock_of(post, record);
	uint64_t from = remote_end(post, sock);
	uint32_t only;

	if (from)
		return from;
	only = intern__get(&post->sender_to, local_end(post, sock));
	return only < SEVERAL ? local_end(post, &post->history->sockets.v[only]) : 0;
}

static bool is_resolver(const struct post *post, const struct sock *sock, const uint8_t ip[16])
{
	static const uint8_t address[16] = { [10] = 0xff, [11] = 0xff, 127, 0, 0, 11 };

	return sock->carrier == CARRIER_UDP && !memcmp(ip, address, sizeof(address)) &&
	       intern__get(&post->contained, sock->netns) != NONE;
}

/*
 * Docker's resolver: dockerd listens on some port of 127.0.0.11 within each container's namespace, to
 * which iptables there leads port 53. The other end's port is the same for both. 0: not to or from it.
 */
static uint64_t resolver_key(const struct post *post, const struct record *record)
{
	const struct sock *sock = sock_of(post, record);
	bool here = is_resolver(post, sock, sock->local);
	bool there = is_resolver(post, sock, sock->remote);
	bool asks = there == (record->kind == EV_SEND);

	if (here == there)
		return 0;
	return hash_u64(hash_u64(sock->netns, asks), here ? sock->remote_port : sock->local_port);
}

/* 0: it takes no part in this round. */
static uint64_t key_of(const struct post *post, const struct record *record, enum round round)
{
	const struct sock *sock = sock_of(post, record);
	bool sends = record->kind == EV_SEND;
	uint64_t from = sends ? local_end(post, sock) : sender_of(post, record);
	uint64_t to = sends ? remote_end(post, sock) : local_end(post, sock);
	uint64_t key = hash_u64(round, to);

	if (round == ROUND_RESOLVER) {
		key = resolver_key(post, record);
		return key ? hash_u64(key, (uint64_t)record->len << 32 | record->seq_end) : 0;
	}
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

/*
 * Receives whose buffers were too small, and what was longer than they are. What is longer than one is
 * longer than all shorter ones: with the longest first none takes what another needs, but for the order
 * of time. @free: the sends in question, a bit for each of @v.
 */
struct pool {
	uint64_t *free;
	size_t words;
};

static void pool__put(struct pool *pool, size_t index)
{
	pool->free[index / 64] |= 1ULL << index % 64;
}

/* Takes out the last one before @end. Returns it, or SIZE_MAX. */
static size_t pool__take_before(struct pool *pool, size_t end)
{
	size_t word = end / 64;
	uint64_t bits = word < pool->words ? pool->free[word] & ((1ULL << end % 64) - 1) : 0;
	size_t bit;

	while (!bits && word > 0)
		bits = pool->free[--word];
	if (!bits)
		return SIZE_MAX;
	bit = 63 - __builtin_clzll(bits);
	pool->free[word] &= ~(1ULL << bit);
	return 64 * word + bit;
}

/* How many of @v come no later than @ts_ns. */
static size_t cnt_until(const struct letter *v, size_t cnt, uint64_t ts_ns)
{
	size_t low = 0, high = cnt;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (v[middle].ts_ns <= ts_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct sized {
	uint32_t len, index; /* of v */
};

static int longest_first(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? 1 : -1;
	return x->index < y->index ? 1 : x->index > y->index ? -1 : 0;
}

/* Those of @v that are left, of one kind. Returns how many. */
static size_t left_of(const struct post *post, const struct letter *v, size_t cnt, bool sends,
		      struct sized *ret)
{
	size_t left = 0;

	for (size_t i = 0; i < cnt; i++)
		if (v[i].is_send == sends && post->partner[v[i].record] == NONE)
			ret[left++] = (struct sized){
				post->history->records[post->datagram[v[i].record]].len, i
			};
	if (left)
		qsort(ret, left, sizeof(*ret), longest_first);
	return left;
}

static void pair_longest_first(struct post *post, const struct letter *v, size_t cnt)
{
	struct sized *order = malloc((cnt + 1) * sizeof(*order)), *sends = order;
	struct pool pool = { .words = cnt / 64 + 1 };
	size_t send_cnt, receive_cnt, offered = 0, found;
	struct sized *receives;

	pool.free = calloc(pool.words, sizeof(*pool.free));
	if (!order || !pool.free)
		goto free_all; /* what is not paired is told */
	send_cnt = left_of(post, v, cnt, true, sends);
	receives = sends + send_cnt;
	receive_cnt = left_of(post, v, cnt, false, receives);
	for (size_t i = 0; i < receive_cnt; i++) {
		const struct letter *receive = &v[receives[i].index];

		while (offered < send_cnt && sends[offered].len > receives[i].len)
			pool__put(&pool, sends[offered++].index);
		found = pool__take_before(&pool, receives[i].index);
		if (found == SIZE_MAX)
			found = pool__take_before(&pool, cnt_until(v, cnt, receive->ts_ns + SLACK_NS));
		if (found != SIZE_MAX)
			join(post, receive, &v[found]);
	}
free_all:
	free(pool.free);
	free(order);
}

static void pair_group(struct post *post, const struct letter *v, size_t cnt, enum round round)
{
	if (2 * receives_left_over(post, v, cnt) == cnt && pair_in_order(post, v, cnt, round))
		return;
	if (is_cut_short(round)) {
		pair_longest_first(post, v, cnt);
		return;
	}
	pair_alike(post, v, cnt, 0, round);
	pair_alike(post, v, cnt, SLACK_NS, round);
	if (!receives_left_over(post, v, cnt))
		return;
	part_all(post, v, cnt);
	pair_alike(post, v, cnt, SLACK_NS, round);
}

/* Those without a partner that look alike in this round, by time. */
static void pair_round(struct post *post, enum round round)
{
	size_t cnt = 0;

	for (size_t i = 0; i < post->cnt; i++) {
		const struct record *record = &post->history->records[post->datagram[i]];
		uint64_t key = post->partner[i] == NONE ? key_of(post, record, round) : 0;

		if (key)
			post->letters[cnt++] = (struct letter){ key, record->ts_ns, i,
								record->kind == EV_SEND };
	}
	qsort(post->letters, cnt, sizeof(*post->letters), by_key_and_time);
	for (size_t begin = 0, end; begin < cnt; begin = end) {
		for (end = begin; end < cnt && post->letters[end].key == post->letters[begin].key;)
			end++;
		pair_group(post, post->letters + begin, end - begin, round);
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

/* Sockets for receives without a send, where nobody sends; of each socket two, see number_receives. */
struct apart {
	uint32_t *lone; /* NONE: not made yet */
	bool *has_taken; /* for each socket: a datagram whose send is known */
};

static int set_apart(struct history *history, struct record *record, struct apart *apart,
		     bool is_traced)
{
	uint32_t *lone = &apart->lone[2 * record->socket + is_traced];
	struct sock *sock;

	if (*lone == NONE)
		*lone = sockets__copy(&history->sockets, record->socket);
	if (*lone == NONE)
		return -1;
	sock = &history->sockets.v[*lone];
	sock->strays_traced = is_traced;
	record->socket = *lone;
	record->seq_end = ++sock->strays;
	return 0;
}

/*
 * A receive whose sender is traced, and of which no send is there, is a loss. But what comes before all
 * whose sends are there may have been sent before the trace began.
 */
static bool is_lost(const struct post *post, const struct record *record, const struct apart *apart)
{
	uint64_t from = remote_end(post, sock_of(post, record));

	return from && apart->has_taken[record->socket] && !resolver_key(post, record) &&
	       intern__get(&post->sender_at, from) != NONE;
}

static int number_receive(struct post *post, size_t index, struct apart *apart)
{
	struct history *history = post->history;
	struct record *record = &history->records[post->datagram[index]];
	const struct record *sent;

	if (post->partner[index] == NONE)
		return set_apart(history, record, apart, is_lost(post, record, apart));
	sent = &history->records[post->datagram[post->partner[index]]];
	apart->has_taken[record->socket] = true;
	record->socket = partner_of(&history->sockets, sent->socket, record->socket);
	record->seq_end = sent->seq_end;
	return record->socket == NONE ? -1 : 0;
}

static int number_receives(struct post *post)
{
	struct history *history = post->history;
	size_t sockets = history->sockets.cnt;
	struct apart apart = { .lone = malloc(2 * (sockets + 1) * sizeof(*apart.lone)),
			       .has_taken = calloc(sockets + 1, sizeof(*apart.has_taken)) };
	int ret = apart.lone && apart.has_taken ? 0 : -1;

	for (size_t i = 0; apart.lone && i < 2 * sockets; i++)
		apart.lone[i] = NONE;
	for (size_t i = 0; i < post->cnt && ret == 0; i++)
		if (history->records[post->datagram[i]].kind == EV_RECV)
			ret = number_receive(post, i, &apart);
	free(apart.lone);
	free(apart.has_taken);
	return ret;
}

static int learn_sender(struct post *post, uint32_t socket)
{
	const struct sock *sock = &post->history->sockets.v[socket];
	uint64_t from = local_end(post, sock), to = remote_end(post, sock);
	uint32_t *slot = intern__slot(&post->sender_at, from);

	if (!slot)
		return -1;
	*slot = socket;
	slot = intern__slot(&post->sender_to, to);
	if (!slot)
		return -1;
	if (*slot == NONE)
		*slot = socket;
	else if (*slot != SEVERAL && local_end(post, &post->history->sockets.v[*slot]) != from)
		*slot = SEVERAL;
	return 0;
}

/* Which ends have sent: what comes from one of them and was not seen sent is missing. */
static int learn_senders(struct post *post)
{
	for (size_t i = 0; i < post->cnt; i++) {
		const struct record *record = &post->history->records[post->datagram[i]];

		if (record->kind == EV_SEND && learn_sender(post, record->socket) < 0)
			return -1;
	}
	return 0;
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

static void count_unresolved(struct post *post)
{
	for (size_t i = 0; i < post->cnt; i++)
		if (post->partner[i] == NONE &&
		    resolver_key(post, &post->history->records[post->datagram[i]]))
			post->history->resolver++;
}

static int match(struct post *post, const struct trace_node *nodes, size_t node_cnt)
{
	if (collect(post) < 0)
		return -1;
	if (!post->cnt)
		return 0;
	if (learn(post, nodes, node_cnt) < 0 || learn_senders(post) < 0)
		return -1;
	for (enum round round = 0; round < ROUNDS; round++)
		pair_round(post, round);
	count_unresolved(post);
	return number_sends(post) < 0 ? -1 : number_receives(post);
}

int datagrams__match(struct history *history, const struct trace_node *nodes, size_t node_cnt)
{
	struct post post = { .history = history };
	int ret = match(&post, nodes, node_cnt);

	intern__free(&post.netns_of);
	intern__free(&post.contained);
	intern__free(&post.socket_at);
	intern__free(&post.sender_at);
	intern__free(&post.sender_to);
	free(post.datagram);
	free(post.partner);
	free(post.letters);
	return ret;
}
