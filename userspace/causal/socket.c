// SPDX-License-Identifier: GPL-2.0-only
#include "causal/socket.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/grow.h"
#include "causal/datagram.h"
#include "causal/far_end.h"
#include "causal/graph.h"
#include "causal/history.h"
#include "causal/nat.h"

/* Ends of one connection are seen at most this far apart (accept waits for the application). */
#define PAIR_SLACK_NS 30000000000ULL

/* How many sockets of one 4-tuple are tried for a partner. */
#define PAIR_TRIES 64

uint32_t sockets__by_number(struct sockets *sockets, uint32_t number)
{
	uint32_t *slot = intern__slot(&sockets->by_number, number);

	if (!slot)
		return NONE;
	if (*slot != NONE)
		return *slot;
	if (grow(&sockets->v, &sockets->cap, sockets->cnt + 1) < 0)
		return NONE;
	sockets->v[sockets->cnt] = (struct sock){ .same_as = NONE,
						  .peer = NONE,
						  .first_record = NONE,
						  .last_record = NONE };
	*slot = sockets->cnt++;
	return *slot;
}

static void describe_inet(struct sock *sock, const struct event *event)
{
	const uint8_t *ipv6 = event__payload(event);

	if (event->socket.family == AF_INET6) {
		memcpy(sock->local, ipv6, 16);
		memcpy(sock->remote, ipv6 + 16, 16);
	} else {
		trace__map_ipv4(event->socket.local, sock->local);
		trace__map_ipv4(event->socket.remote, sock->remote);
	}
	sock->carrier = sock->datagram ? CARRIER_UDP : CARRIER_TCP;
	sock->described = sock->local_port && (sock->remote_port || sock->datagram);
}

static uint64_t path_hash(const uint8_t *path)
{
	static const uint8_t none[UNIX_PATH_BYTES];

	return memcmp(path, none, UNIX_PATH_BYTES) ? hash_bytes(1, path, UNIX_PATH_BYTES) : 0;
}

/* See event.h: two names, and of a unix socket two paths. */
static void describe_local(struct sock *sock, const struct event *event)
{
	const uint8_t *payload = event__payload(event), *paths = payload + CHANNEL_NAMES_BYTES;

	memcpy(sock->local, payload, 8);
	memcpy(sock->remote, payload + 8, 8);
	sock->described = true;
	sock->carrier = event->socket.family == AF_UNIX	     ? CARRIER_UNIX :
			event->socket.family == CHANNEL_PIPE ? CARRIER_PIPE :
							       CARRIER_EVENTFD;
	if (event->payload_len < CHANNEL_NAMES_BYTES + 2 * UNIX_PATH_BYTES)
		return;
	sock->inode = event->socket.inode;
	sock->peer_inode = event->socket.peer_inode;
	sock->path = path_hash(paths);
	sock->remote_path = path_hash(paths + UNIX_PATH_BYTES);
}

static bool is_datagram(const struct event *event)
{
	if (event->socket.family == AF_UNIX)
		return event->socket.proto != SOCK_STREAM;
	return event->socket.proto == IPPROTO_UDP;
}

int sockets__describe(struct sockets *sockets, const struct event *event)
{
	uint32_t index = sockets__by_number(sockets, event->socket.socket);
	struct sock *sock;

	if (index == NONE)
		return -1;
	sock = &sockets->v[index];
	sock->local_port = event->socket.local_port;
	sock->remote_port = event->socket.remote_port;
	sock->netns = event->socket.netns;
	sock->datagram = is_datagram(event);
	if (event->socket.family == AF_INET || event->socket.family == AF_INET6)
		describe_inet(sock, event);
	else
		describe_local(sock, event);
	return 0;
}

uint32_t sockets__copy(struct sockets *sockets, uint32_t index)
{
	if (grow(&sockets->v, &sockets->cap, sockets->cnt + 1) < 0)
		return NONE;
	sockets->v[sockets->cnt] = sockets->v[index];
	sockets->v[sockets->cnt].peer = NONE;
	return sockets->cnt++;
}

static void stretch(struct extent *extent, uint32_t begin, uint32_t end)
{
	if (!extent->seen || (int32_t)(begin - extent->begin) < 0)
		extent->begin = begin;
	if (!extent->seen || (int32_t)(end - extent->end) > 0)
		extent->end = end;
	extent->seen = true;
}

/* What the records tell of their sockets. */
static void survey(struct history *history)
{
	for (size_t i = 0; i < history->record_cnt; i++) {
		const struct record *record = &history->records[i];
		struct sock *sock = &history->sockets.v[record->socket];
		uint32_t units;

		if (sock->first_record == NONE) {
			sock->first_record = i;
			sock->node = record->node;
		}
		sock->last_record = i;
		sock->connected |= record->kind == EV_CONNECT;
		sock->accepted |= record->kind == EV_ACCEPT;
		units = record__units(record, sock);
		if (units)
			stretch(record->kind == EV_RECV ? &sock->received : &sock->sent,
				record->seq_end - units, record->seq_end);
	}
}

bool sockets__is_loopback(const uint8_t ip[16])
{
	static const uint8_t one[16] = { [15] = 1 };
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(ip, one, 16) || (!memcmp(ip, mapped, 12) && ip[12] == 127);
}

/* Loopback addresses mean something within one network namespace only. */
static uint64_t tuple_key(const struct sock *sock, bool reverse)
{
	const uint8_t *src = reverse ? sock->remote : sock->local;
	const uint8_t *dst = reverse ? sock->local : sock->remote;
	uint16_t sport = reverse ? sock->remote_port : sock->local_port;
	uint16_t dport = reverse ? sock->local_port : sock->remote_port;
	uint64_t key = hash_bytes(sockets__is_loopback(src) ? sock->netns : 0, src, 16);

	key = hash_u64(hash_bytes(key, dst, 16), (uint64_t)sport << 16 | dport);
	return sock->carrier ? hash_u64(key, sock->carrier) : key;
}

/*
 * Two threads that meet a socket at once describe it twice. A second number with the same tuple is
 * the same socket unless a connection was made on it.
 */
static int merge(struct sockets *sockets)
{
	struct intern latest = { 0 };
	uint32_t *slot;

	for (size_t i = 0; i < sockets->cnt; i++) {
		struct sock *sock = &sockets->v[i];

		if (!sock->described || sock->carrier > CARRIER_UDP)
			continue;
		slot = intern__slot(&latest, hash_u64(tuple_key(sock, false), sock->netns));
		if (!slot) {
			intern__free(&latest);
			return -1;
		}
		if (*slot != NONE && !sock->connected && !sock->accepted)
			sock->same_as = *slot;
		else
			*slot = i;
	}
	intern__free(&latest);
	return 0;
}

/*
 * A socket that was reset has lost its local port when its last call returns: it is described anew
 * without one. Its bytes go on where those of the socket it was ended.
 */
static bool goes_on(const struct sock *before, const struct sock *after)
{
	if (after->sent.seen)
		return before->sent.seen && before->sent.end == after->sent.begin;
	return after->received.seen && before->received.seen &&
	       after->received.begin - before->received.end <= 1; /* a FIN may lie between */
}

static uint64_t portless_key(const struct sock *sock)
{
	uint64_t key = hash_u64(hash_bytes(0, sock->local, 16), sock->netns);

	return hash_u64(hash_bytes(key, sock->remote, 16), sock->remote_port);
}

/* Nothing contradicts it: the one had not sent, or not received, what the other goes on with. */
static bool may_go_on(const struct sock *before, const struct sock *after)
{
	return (!before->sent.seen || !after->sent.seen) &&
	       (!before->received.seen || !after->received.seen);
}

static void find_before(struct sockets *sockets, const uint32_t *previous, uint32_t latest,
			struct sock *sock)
{
	if (latest != NONE && previous[latest] == NONE && may_go_on(&sockets->v[latest], sock))
		sock->same_as = latest; /* there is no other */
	for (int i = 0; i < PAIR_TRIES && latest != NONE; i++, latest = previous[latest]) {
		if (sock->same_as != NONE || !goes_on(&sockets->v[latest], sock))
			continue;
		sock->same_as = latest;
		return;
	}
}

/* As merge(), which went before; extents are those of the merged sockets. */
static int merge_portless(struct sockets *sockets)
{
	uint32_t *previous = malloc((sockets->cnt + 1) * sizeof(*previous)), *slot;
	struct intern latest = { 0 };
	int ret = previous ? 0 : -1;

	for (size_t i = 0; i < sockets->cnt && ret == 0; i++) {
		struct sock *sock = &sockets->v[i];

		if (!sock->remote_port || sock->datagram || sock->same_as != NONE)
			continue;
		slot = intern__slot(&latest, portless_key(sock));
		if (!slot) {
			ret = -1;
		} else if (!sock->local_port) {
			find_before(sockets, previous, *slot, sock);
		} else {
			previous[i] = *slot;
			*slot = i;
		}
	}
	intern__free(&latest);
	free(previous);
	return ret;
}

static void rewrite(struct history *history)
{
	for (size_t i = 0; i < history->record_cnt; i++) {
		uint32_t *socket = &history->records[i].socket;

		if (history->sockets.v[*socket].same_as != NONE)
			*socket = history->sockets.v[*socket].same_as;
	}
	for (size_t i = 0; i < history->sockets.cnt; i++) {
		struct sock *sock = &history->sockets.v[i];

		sock->first_record = sock->last_record = NONE;
		sock->sent.seen = sock->received.seen = false;
	}
	survey(history);
}

/* Can the bytes that one end sent be those that the other received? 1 yes, 0 unknown, -1 no. */
static int meets(const struct extent *sent, const struct extent *received)
{
	if (!sent->seen || !received->seen)
		return 0;
	return (int32_t)(sent->begin - received->end) < 0 &&
			       (int32_t)(received->begin - sent->end) < 0 ?
		       1 :
		       -1;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

bool sockets__coexist(const struct history *history, const struct sock *a, const struct sock *b)
{
	const struct record *records = history->records;

	if (a->first_record == NONE || b->first_record == NONE)
		return false;
	return records[a->first_record].ts_ns <= records[b->last_record].ts_ns + PAIR_SLACK_NS &&
	       records[b->first_record].ts_ns <= records[a->last_record].ts_ns + PAIR_SLACK_NS;
}

/* A name may be that of another socket later on. */
static bool is_another(const struct sock *named, const struct sock *by)
{
	if (named->inode && by->peer_inode && named->inode != by->peer_inode)
		return true;
	/* not accepted yet, a peer has no inode; but it has the listener's path from the first */
	return by->carrier == CARRIER_UNIX && by->remote_path && named->path != by->remote_path;
}

/* How well @a and @b fit as the ends of one connection, 0: not at all. More is better. */
static uint64_t fit(const struct history *history, const struct sock *a, const struct sock *b)
{
	const struct record *records = history->records;
	int there = meets(&a->sent, &b->received), back = meets(&b->sent, &a->received);
	uint64_t apart;

	if (there < 0 || back < 0 || is_another(a, b) || is_another(b, a) ||
	    !sockets__coexist(history, a, b))
		return 0;
	apart = distance(records[a->first_record].ts_ns, records[b->first_record].ts_ns);
	return ((uint64_t)(1 + there + back) << 60) - (apart >> 8);
}

/* What fit() says when at least one direction's bytes meet. */
#define FIT_BY_BYTES ((uint64_t)1 << 60)

/* Sockets of one 4-tuple, linked in the order of their description. */
struct chains {
	struct intern first, last;
	uint32_t *next;
};

static int chains__build(struct chains *chains, const struct sockets *sockets)
{
	chains->next = malloc((sockets->cnt + 1) * sizeof(*chains->next));
	if (!chains->next)
		return -1;
	for (size_t i = 0; i < sockets->cnt; i++) {
		const struct sock *sock = &sockets->v[i];
		uint64_t key = tuple_key(sock, false);
		uint32_t *last, *first;

		chains->next[i] = NONE;
		if (!sock->described || sock->datagram || sock->same_as != NONE)
			continue;
		last = intern__slot(&chains->last, key);
		first = intern__slot(&chains->first, key);
		if (!last || !first)
			return -1;
		if (*first == NONE)
			*first = i;
		else
			chains->next[*last] = i;
		*last = i;
	}
	return 0;
}

static void chains__free(struct chains *chains)
{
	intern__free(&chains->first);
	intern__free(&chains->last);
	free(chains->next);
}

/* The first socket of the tuple that has no partner yet. */
static uint32_t chain_begin(const struct sockets *sockets, struct chains *chains, uint64_t key)
{
	uint32_t *first;

	if (intern__get(&chains->first, key) == NONE)
		return NONE;
	first = intern__slot(&chains->first, key);
	while (chains->next[*first] != NONE && sockets->v[*first].peer != NONE)
		*first = chains->next[*first];
	return *first;
}

/* The socket that fits best, and at least as well as @best_fit. */
static uint32_t best_peer(const struct history *history, struct chains *chains, uint32_t self,
			  uint64_t best_fit)
{
	const struct sockets *sockets = &history->sockets;
	uint32_t best = NONE, tries = 0;

	for (uint32_t i = chain_begin(sockets, chains, tuple_key(&sockets->v[self], true));
	     i != NONE && tries < PAIR_TRIES; i = chains->next[i]) {
		uint64_t now;

		if (i == self || sockets->v[i].peer != NONE)
			continue;
		tries++;
		now = fit(history, &sockets->v[self], &sockets->v[i]);
		if (now > best_fit) {
			best_fit = now;
			best = i;
		}
	}
	return best;
}

static void pair_all(struct history *history, struct chains *chains, uint64_t least_fit)
{
	struct sockets *sockets = &history->sockets;
	uint32_t peer;

	for (size_t i = 0; i < sockets->cnt; i++) {
		struct sock *sock = &sockets->v[i];

		if (!sock->described || sock->datagram || sock->same_as != NONE ||
		    sock->peer != NONE)
			continue;
		peer = best_peer(history, chains, i, least_fit);
		if (peer == NONE)
			continue;
		sock->peer = peer;
		sockets->v[peer].peer = i;
	}
}

/* First those of which the bytes say so. */
static int pair(struct history *history)
{
	struct chains chains = { 0 };
	int ret = chains__build(&chains, &history->sockets);

	if (ret == 0) {
		pair_all(history, &chains, FIT_BY_BYTES);
		pair_all(history, &chains, 0);
	}
	chains__free(&chains);
	return ret;
}

/* What a program writes into a pipe as output is a message where somebody whom we watch reads it. */
static void take_logs(struct history *history)
{
	if (!history->has_logs)
		return;
	for (size_t i = 0; i < history->record_cnt; i++) {
		struct record *record = &history->records[i];

		if (record->kind == EV_LOG && history->sockets.v[record->socket].peer != NONE)
			record->kind = EV_SEND;
	}
}

static size_t merged_cnt(const struct sockets *sockets)
{
	size_t cnt = 0;

	for (size_t i = 0; i < sockets->cnt; i++)
		cnt += sockets->v[i].same_as != NONE;
	return cnt;
}

static bool has_datagrams(const struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->cnt; i++)
		if (sockets->v[i].datagram)
			return true;
	return false;
}

/* Going over all records takes its time: only where something has changed. */
int sockets__resolve(struct history *history, const struct trace_node *nodes, size_t node_cnt)
{
	size_t merged;

	survey(history);
	if (merge(&history->sockets) < 0)
		return -1;
	merged = merged_cnt(&history->sockets);
	if (merged)
		rewrite(history);
	if (merge_portless(&history->sockets) < 0)
		return -1;
	if (merged_cnt(&history->sockets) != merged)
		rewrite(history);
	if (pair(history) < 0 || nat__join(history) < 0)
		return -1;
	take_logs(history);
	if (has_datagrams(&history->sockets)) {
		if (datagrams__match(history, nodes, node_cnt) < 0)
			return -1;
		rewrite(history);
	}
	return far_ends__name(&history->sockets, nodes, node_cnt);
}

void sockets__free(struct sockets *sockets)
{
	free(sockets->v);
	intern__free(&sockets->by_number);
}
