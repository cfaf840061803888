// SPDX-License-Identifier: GPL-2.0-only
#include "report/align.h"

#include <stdlib.h>
#include <string.h>

#include "causal/intern.h"
#include "causal/key.h"
#include "report/relevance.h"

/* What the passes need of one run. */
struct side {
	const struct graph *graph;
	size_t cnt;
	uint32_t *mate;
	uint64_t *look;
	uint32_t *prev, *next; /* on the same link, whichever way; ALIGN_NONE */
};

/* A message and what it has to have in common with its partner. */
struct mark {
	uint64_t hash;
	uint32_t id;
};

struct marks {
	struct mark *v;
	size_t cnt;
};

uint64_t align__look(const struct graph *graph, const struct message *message)
{
	const char *src = graph__node_name(graph, message->src);
	const char *dst = graph__node_name(graph, message->dst);
	uint64_t skeleton = key__skeleton(message->payload, message->payload_len);
	uint64_t hash = hash_bytes(hash_bytes(0, src, strlen(src) + 1), dst, strlen(dst) + 1);

	hash = hash_u64(hash, (uint64_t)message->server_port << 16 | message->to_server << 8 |
				      (unsigned int)message->class);
	return hash_u64(hash, skeleton ? skeleton : key__length_class(message->len));
}

unsigned int align__phase(const struct message *message)
{
	return message->step == NOW_IDLE ? 0 : message->step < NOW_CHECK ? 1 : 2;
}

static uint64_t link_of(const struct message *message)
{
	uint64_t low = message->src < message->dst ? message->src : message->dst;
	uint64_t high = message->src < message->dst ? message->dst : message->src;

	return hash_u64(low << 32 | high << 16 | message->server_port, message->carrier);
}

static int chain_links(struct side *side)
{
	struct intern last = {0};

	for (size_t i = 0; i < side->cnt; i++) {
		const struct message *message = graph__message(side->graph, i);
		uint32_t *slot = intern__slot(&last, link_of(message));

		if (!slot) {
			intern__free(&last);
			return -1;
		}
		side->next[i] = ALIGN_NONE;
		side->prev[i] = *slot;
		if (*slot != ALIGN_NONE)
			side->next[*slot] = (uint32_t)i;
		*slot = (uint32_t)i;
	}
	intern__free(&last);
	return 0;
}

static void side__free(struct side *side)
{
	free(side->look);
	free(side->prev);
	free(side->next);
}

static int side__init(struct side *side, const struct graph *graph)
{
	*side = (struct side){.graph = graph, .cnt = graph__message_cnt(graph)};
	side->mate = malloc((side->cnt + 1) * sizeof(*side->mate));
	side->look = malloc((side->cnt + 1) * sizeof(*side->look));
	side->prev = malloc((side->cnt + 1) * sizeof(*side->prev));
	side->next = malloc((side->cnt + 1) * sizeof(*side->next));
	if (!side->mate || !side->look || !side->prev || !side->next)
		return -1;
	for (size_t i = 0; i < side->cnt; i++) {
		side->mate[i] = ALIGN_NONE;
		side->look[i] = align__look(graph, graph__message(graph, i));
	}
	return chain_links(side);
}

static void pair(struct side *a, uint32_t in_a, struct side *b, uint32_t in_b)
{
	a->mate[in_a] = in_b;
	b->mate[in_b] = in_a;
}

static int by_hash(const void *x, const void *y)
{
	const struct mark *a = x, *b = y;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static uint64_t hash_of(const struct side *side, size_t id, bool by_key)
{
	const struct message *message = graph__message(side->graph, id);

	return by_key ? message->key : hash_u64(side->look[id], align__phase(message));
}

/* Messages between nodes that have no partner yet, sorted. */
static int mark_all(const struct side *side, bool by_key, struct marks *ret)
{
	ret->cnt = 0;
	ret->v = malloc((side->cnt + 1) * sizeof(*ret->v));
	if (!ret->v)
		return -1;
	for (size_t i = 0; i < side->cnt; i++)
		if (side->mate[i] == ALIGN_NONE &&
		    message__is_between_nodes(graph__message(side->graph, i)))
			ret->v[ret->cnt++] = (struct mark){hash_of(side, i, by_key), (uint32_t)i};
	if (ret->cnt)
		qsort(ret->v, ret->cnt, sizeof(*ret->v), by_hash);
	return 0;
}

/* Those that are marked alike, in their order. */
static size_t zip(struct side *a, const struct marks *in_a, struct side *b,
		  const struct marks *in_b)
{
	size_t i = 0, k = 0, pairs = 0;

	while (i < in_a->cnt && k < in_b->cnt) {
		if (in_a->v[i].hash == in_b->v[k].hash) {
			pair(a, in_a->v[i++].id, b, in_b->v[k++].id);
			pairs++;
		} else if (in_a->v[i].hash < in_b->v[k].hash) {
			i++;
		} else {
			k++;
		}
	}
	return pairs;
}

static int pass_marks(struct side *a, struct side *b, bool by_key, size_t *ret_pairs)
{
	struct marks in_a = {0}, in_b = {0};
	int bad = mark_all(a, by_key, &in_a) || mark_all(b, by_key, &in_b);

	if (!bad)
		*ret_pairs = zip(a, &in_a, b, &in_b);
	free(in_a.v);
	free(in_b.v);
	return bad ? -1 : 0;
}

static bool is_free_and_alike(const struct side *a, uint32_t in_a, const struct side *b,
			      uint32_t in_b)
{
	return in_b != ALIGN_NONE && b->mate[in_b] == ALIGN_NONE && a->look[in_a] == b->look[in_b];
}

/* After a pair comes a pair, where both look alike; and before one, going backwards. */
static size_t pass_neighbours(struct side *a, struct side *b)
{
	size_t pairs = 0;

	for (size_t n = 0; n < 2 * a->cnt; n++) {
		bool forward = n < a->cnt;
		uint32_t i = (uint32_t)(forward ? n : 2 * a->cnt - 1 - n);
		uint32_t known = forward ? a->prev[i] : a->next[i], other;

		if (a->mate[i] != ALIGN_NONE || known == ALIGN_NONE || a->mate[known] == ALIGN_NONE)
			continue;
		other = forward ? b->next[a->mate[known]] : b->prev[a->mate[known]];
		if (!is_free_and_alike(a, i, b, other))
			continue;
		pair(a, i, b, other);
		pairs++;
	}
	return pairs;
}

static int run_passes(struct side *a, struct side *b, struct alignment *ret)
{
	if (pass_marks(a, b, true, &ret->by_key))
		return -1;
	ret->by_neighbour = pass_neighbours(a, b);
	return pass_marks(a, b, false, &ret->by_order);
}

int alignment__of(const struct graph *a, const struct graph *b, struct alignment *ret)
{
	struct side in_a, in_b = {0};
	int bad;

	memset(ret, 0, sizeof(*ret));
	bad = side__init(&in_a, a) || side__init(&in_b, b) || run_passes(&in_a, &in_b, ret);
	side__free(&in_a);
	side__free(&in_b);
	ret->a_to_b = in_a.mate;
	ret->b_to_a = in_b.mate;
	if (bad)
		alignment__free(ret);
	return bad ? -1 : 0;
}

void alignment__free(struct alignment *alignment)
{
	free(alignment->a_to_b);
	free(alignment->b_to_a);
	memset(alignment, 0, sizeof(*alignment));
}
