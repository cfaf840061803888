// SPDX-License-Identifier: GPL-2.0-only
#include "report/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define FREE UINT32_MAX

/* For each event of a scene the event of the other that it shares a row with; FREE. */
struct twins {
	uint32_t *of_a, *of_b;
};

struct lengths {
	uint32_t *best;	  /* best[n]: the event of a that ends the best chain of n + 1 pairs */
	uint32_t *before; /* the pair before in its chain */
	size_t cnt;
};

static void note_events(const struct scene *scene, uint32_t *sent, uint32_t *received)
{
	for (size_t i = 0; i < graph__message_cnt(scene->account->graph); i++)
		sent[i] = received[i] = FREE;
	for (uint32_t i = 0; i < scene->cnt; i++) {
		if (scene->v[i].kind == SCENE_SENT)
			sent[scene->v[i].index] = i;
		else if (scene->v[i].kind == SCENE_RECEIVED)
			received[scene->v[i].index] = i;
	}
}

/* For each event of a, where its partner stands in b. */
static int find_partners(const struct scene *a, const struct scene *b, const uint32_t *a_to_b,
			 uint32_t *ret)
{
	size_t messages = graph__message_cnt(b->account->graph);
	uint32_t *sent = malloc((messages + 1) * sizeof(*sent));
	uint32_t *received = malloc((messages + 1) * sizeof(*received));

	if (sent && received) {
		note_events(b, sent, received);
		for (size_t i = 0; i < a->cnt; i++) {
			const struct scene_event *event = &a->v[i];
			uint32_t mate =
				event->kind == SCENE_LOG ? ALIGN_NONE : a_to_b[event->index];

			ret[i] = mate == ALIGN_NONE	     ? FREE
				 : event->kind == SCENE_SENT ? sent[mate]
							     : received[mate];
		}
	}
	free(sent);
	free(received);
	return sent && received ? 0 : -1;
}

static size_t place_in(const struct lengths *lengths, const uint32_t *partner, uint32_t value)
{
	size_t low = 0, high = lengths->cnt;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (partner[lengths->best[mid]] < value)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The longest chain of pairs that has the same order in both: the others do not share rows. */
static void keep_chain(const struct scene *a, const uint32_t *partner, struct lengths *lengths,
		       struct twins *twins)
{
	for (uint32_t i = 0; i < a->cnt; i++) {
		size_t at;

		if (partner[i] == FREE)
			continue;
		at = place_in(lengths, partner, partner[i]);
		lengths->before[i] = at ? lengths->best[at - 1] : FREE;
		lengths->best[at] = i;
		if (at == lengths->cnt)
			lengths->cnt++;
	}
	for (uint32_t i = lengths->cnt ? lengths->best[lengths->cnt - 1] : FREE; i != FREE;
	     i = lengths->before[i]) {
		twins->of_a[i] = partner[i];
		twins->of_b[partner[i]] = i;
	}
}

static int find_twins(const struct scene *a, const struct scene *b, const uint32_t *a_to_b,
		      struct twins *twins)
{
	struct lengths lengths = {.best = malloc((a->cnt + 1) * sizeof(*lengths.best)),
				  .before = malloc((a->cnt + 1) * sizeof(*lengths.before))};
	uint32_t *partner = malloc((a->cnt + 1) * sizeof(*partner));
	int bad = !lengths.best || !lengths.before || !partner ||
		  find_partners(a, b, a_to_b, partner);

	if (!bad)
		keep_chain(a, partner, &lengths, twins);
	free(lengths.best);
	free(lengths.before);
	free(partner);
	return bad ? -1 : 0;
}

static void mark(const struct scene *scene, struct place *places)
{
	uint32_t step = UINT32_MAX;

	for (size_t i = 0; i < scene->cnt; i++) {
		const struct scene_event *event = &scene->v[i];

		places[i].folded = i && event->ts_ns - scene->v[i - 1].ts_ns > LAYOUT_FOLD_NS;
		places[i].begins = step == UINT32_MAX || event->step > step;
		if (places[i].begins)
			step = event->step;
	}
}

static int space_before(const struct place *place)
{
	return place ? (place->folded ? LAYOUT_FOLD : 0) + (place->begins ? LAYOUT_BAND : 0) : 0;
}

/* One row: an event of a, one of b, or one of each. */
static void put_row(struct layout *layout, struct place *a, struct place *b)
{
	int in_a = space_before(a), in_b = space_before(b);

	layout->height += LAYOUT_ROW + (in_a > in_b ? in_a : in_b);
	if (a)
		a->y = layout->height;
	if (b)
		b->y = layout->height;
}

static void put_rows(const struct scene *a, const struct scene *b, const struct twins *twins,
		     struct layout *layout)
{
	size_t b_cnt = b ? b->cnt : 0, i = 0, k = 0;

	while (i < a->cnt || k < b_cnt) {
		bool waits_a = i < a->cnt && twins->of_a[i] != FREE;
		bool waits_b = k < b_cnt && twins->of_b[k] != FREE;
		struct place *in_a = i < a->cnt && !waits_a ? &layout->a[i] : NULL;
		struct place *in_b = k < b_cnt && !waits_b ? &layout->b[k] : NULL;

		if (!in_a && !in_b) {
			in_a = &layout->a[i];
			in_b = &layout->b[k];
			in_a->shared = in_b->shared = true;
		}
		put_row(layout, in_a, in_b);
		i += in_a != NULL;
		k += in_b != NULL;
	}
}

int layout__of(const struct scene *a, const struct scene *b, const uint32_t *a_to_b,
	       struct layout *ret)
{
	struct twins twins = {malloc((a->cnt + 1) * sizeof(uint32_t)),
			      malloc(((b ? b->cnt : 0) + 1) * sizeof(uint32_t))};
	int bad;

	*ret = (struct layout){.a = calloc(a->cnt + 1, sizeof(*ret->a)),
			       .b = b ? calloc(b->cnt + 1, sizeof(*ret->b)) : NULL};
	bad = !twins.of_a || !twins.of_b || !ret->a || (b && !ret->b);
	if (!bad) {
		memset(twins.of_a, 0xff, a->cnt * sizeof(uint32_t));
		memset(twins.of_b, 0xff, (b ? b->cnt : 0) * sizeof(uint32_t));
		bad = b && find_twins(a, b, a_to_b, &twins);
	}
	if (!bad) {
		mark(a, ret->a);
		if (b)
			mark(b, ret->b);
		put_rows(a, b, &twins, ret);
	}
	free(twins.of_a);
	free(twins.of_b);
	if (bad)
		layout__free(ret);
	return bad ? -1 : 0;
}

void layout__free(struct layout *layout)
{
	free(layout->a);
	free(layout->b);
	memset(layout, 0, sizeof(*layout));
}

int layout__y(const struct scene *scene, const struct place *places, uint64_t ts_ns)
{
	size_t i = 0;
	uint64_t before, span;

	while (i < scene->cnt && scene->v[i].ts_ns < ts_ns)
		i++;
	if (i == scene->cnt)
		return i ? places[i - 1].y + LAYOUT_ROW / 2 : 0;
	if (!i)
		return places[0].y - LAYOUT_ROW / 2;
	before = scene->v[i - 1].ts_ns;
	span = scene->v[i].ts_ns - before;
	return places[i - 1].y + (int)((double)(places[i].y - places[i - 1].y) *
				       (double)(ts_ns - before) / (double)(span ? span : 1));
}
