// SPDX-License-Identifier: GPL-2.0-only
#include "model/variable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "model/selector.h"

struct variables *variables__new(const struct model_opts *opts)
{
	struct variables *vars = calloc(1, sizeof(*vars));

	if (!vars)
		return NULL;
	vars->opts = opts;
	vars->last_step = opts->from < NOW_CHECK ? opts->from : NOW_WORKLOAD;
	return vars;
}

void variables__free(struct variables *vars)
{
	if (!vars)
		return;
	for (size_t i = 0; i < vars->cnt; i++)
		free(vars->v[i].onset);
	free(vars->v);
	free(vars->losses.slots);
	free(vars);
}

void variables__see_step(struct variables *vars, uint32_t step)
{
	if (step < NOW_CHECK && step > vars->last_step)
		vars->last_step = step;
}

static bool is_spare(const struct variables *vars, uint16_t node)
{
	return node == NODE_OUTSIDE || node >= MAX_NODES || (vars->opts->spare_nodes >> node & 1);
}

static bool may_cut(const struct variables *vars, enum fault_kind kind, uint16_t a, uint16_t b)
{
	if (kind >= CHAIN_KINDS || vars->opts->budget.max[kind] == 0 || is_spare(vars, a))
		return false;
	return kind == FAULT_SILENCE || !is_spare(vars, b);
}

static uint32_t latest_silence(const struct variables *vars, uint32_t step)
{
	return step >= NOW_CHECK ? NOW_CHECK : step;
}

/* Links and partitions begin before `until` and end at `heal`. */
static uint32_t latest_link(const struct variables *vars, uint32_t step)
{
	const uint32_t until = vars->opts->until;
	uint32_t latest = step >= NOW_CHECK ? NOW_CHECK : step;

	if (step >= vars->opts->heal)
		return NOW_NEVER;
	if (latest >= until)
		latest = until - 1;
	/* the last moment before the check that a step has a name for */
	if (latest >= vars->last_step && latest < NOW_CHECK)
		latest = vars->last_step;
	return latest < until ? latest : NOW_NEVER;
}

/* A loss is over before the next step. */
static uint32_t latest_loss(const struct variables *vars, uint32_t step)
{
	return step < vars->opts->until && step < NOW_CHECK ? step : NOW_NEVER;
}

/* The latest onset from which a fault of @kind covers a message of @step, or NOW_NEVER. */
static uint32_t latest_onset(const struct variables *vars, enum fault_kind kind, uint32_t step)
{
	const uint32_t onset = kind == FAULT_SILENCE ? latest_silence(vars, step) :
			       kind == FAULT_LOSS    ? latest_loss(vars, step) :
						       latest_link(vars, step);

	return onset >= NOW_WORKLOAD && onset >= vars->opts->from ? onset : NOW_NEVER;
}

size_t variables__takers(const struct variables *vars, const struct support_member *member,
			 struct fault ret[PLAIN_MAX])
{
	const uint16_t low = member->src < member->dst ? member->src : member->dst;
	const uint16_t high = member->src < member->dst ? member->dst : member->src;
	const struct fault all[PLAIN_MAX] = {
		{ .kind = FAULT_SILENCE, .a = member->src },
		{ .kind = FAULT_SILENCE, .a = member->dst },
		{ .kind = FAULT_LINK, .a = member->src, .b = member->dst },
		{ .kind = FAULT_PARTITION, .a = low, .b = high },
		{ .kind = FAULT_LOSS, .a = member->src, .b = member->dst },
	};
	size_t cnt = 0;

	for (size_t i = 0; i < PLAIN_MAX; i++) {
		uint32_t onset = latest_onset(vars, all[i].kind, member->step);

		if (!may_cut(vars, all[i].kind, all[i].a, all[i].b) || onset == NOW_NEVER)
			continue;
		ret[cnt] = all[i];
		ret[cnt++].from = onset;
	}
	return cnt;
}

static bool is_loss(const struct chain *chain, uint16_t a, uint16_t b, uint32_t step)
{
	return chain->a == a && chain->b == b && chain->onset[0] == step;
}

/* Where the chain of a loss stands, or would. There is a free slot. */
static int32_t *loss_slot(const struct variables *vars, uint16_t a, uint16_t b, uint32_t step)
{
	const struct losses *losses = &vars->losses;
	const uint64_t key = (uint64_t)step * MAX_NODES * MAX_NODES + (uint64_t)a * MAX_NODES + b;

	for (size_t i = (key * 0x9e3779b97f4a7c15ULL) >> 32;; i++) {
		int32_t *slot = &losses->slots[i & (losses->cap - 1)];

		if (!*slot || is_loss(&vars->v[*slot - 1], a, b, step))
			return slot;
	}
}

/* Room for one more, half of the slots free. 0 or -1. */
static int grow_losses(struct variables *vars)
{
	struct losses *losses = &vars->losses, old = *losses;

	if (losses->cap >= 2 * (losses->cnt + 1))
		return 0;
	losses->cap = old.cap ? 2 * old.cap : 64;
	losses->slots = calloc(losses->cap, sizeof(*losses->slots));
	if (!losses->slots) {
		*losses = old;
		return -1;
	}
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i]) {
			const struct chain *chain = &vars->v[old.slots[i] - 1];

			*loss_slot(vars, chain->a, chain->b, chain->onset[0]) = old.slots[i];
		}
	free(old.slots);
	return 0;
}

/* The chain + 1; 0: none. */
static int32_t find_chain(const struct variables *vars, const struct fault *fault)
{
	int32_t index = vars->index[fault->kind][fault->a][fault->b];
	uint16_t selector;

	if (fault->kind == FAULT_LOSS)
		return vars->losses.cap ? *loss_slot(vars, fault->a, fault->b, fault->from) : 0;
	if (fault->kind != FAULT_STALL)
		return index;
	selector = selector__number(&fault->selector);
	while (index && vars->v[index - 1].selector != selector)
		index = vars->v[index - 1].next;
	return index;
}

/* A new chain, of no onset yet. */
static struct chain *new_chain(struct variables *vars, const struct fault *fault)
{
	struct chain *chain;

	if (grow(&vars->v, &vars->cap, vars->cnt + 1) < 0)
		return NULL;
	chain = &vars->v[vars->cnt++];
	*chain = (struct chain){ .kind = fault->kind, .a = fault->a, .b = fault->b };
	return chain;
}

static struct chain *chain_of(struct variables *vars, const struct fault *fault)
{
	int32_t *first = &vars->index[fault->kind][fault->a][fault->b];
	const int32_t index = find_chain(vars, fault);
	struct chain *chain = index ? &vars->v[index - 1] : new_chain(vars, fault);

	if (index || !chain)
		return chain;
	if (fault->kind == FAULT_STALL) {
		chain->selector = selector__number(&fault->selector);
		chain->next = *first;
	}
	*first = (int32_t)vars->cnt;
	return chain;
}

static size_t place(const struct chain *chain, uint32_t onset)
{
	size_t at = chain->cnt;

	while (at > 0 && chain->onset[at - 1] >= onset)
		at--;
	return at;
}

/* Each is a chain of one position. */
static int add_loss(struct variables *vars, const struct fault *fault)
{
	struct chain *chain;

	if (grow_losses(vars) < 0)
		return -1;
	if (find_chain(vars, fault))
		return 0;
	chain = new_chain(vars, fault);
	if (!chain || grow(&chain->onset, &chain->cap, 1) < 0)
		return -1;
	chain->onset[chain->cnt++] = fault->from;
	*loss_slot(vars, fault->a, fault->b, fault->from) = (int32_t)vars->cnt;
	vars->losses.cnt++;
	return 0;
}

static int add_onset(struct variables *vars, const struct fault *fault)
{
	struct chain *chain;
	size_t at;

	if (fault->kind == FAULT_LOSS)
		return add_loss(vars, fault);
	chain = chain_of(vars, fault);
	if (!chain)
		return -1;
	at = place(chain, fault->from);
	if (at < chain->cnt && chain->onset[at] == fault->from)
		return 0;
	if (grow(&chain->onset, &chain->cap, chain->cnt + 1) < 0)
		return -1;
	memmove(chain->onset + at + 1, chain->onset + at, (chain->cnt - at) * sizeof(*chain->onset));
	chain->onset[at] = fault->from;
	chain->cnt++;
	return 0;
}

static uint16_t port_of(const struct chain *stall)
{
	return selector__numbered(stall->selector)->port;
}

static size_t stalls_of(const struct variables *vars, const struct support_member *member)
{
	size_t cnt = 0;

	for (int32_t i = vars->index[FAULT_STALL][member->src][member->dst]; i;
	     i = vars->v[i - 1].next)
		cnt += port_of(&vars->v[i - 1]) == member->port;
	return cnt;
}

/* An onset on every stall that may take the member, and on that of @selector, if it is not one too many. */
static int see_stall(struct variables *vars, const struct support_member *member,
		     const struct selector *selector)
{
	struct fault fault = { .kind = FAULT_STALL,
			       .a = member->src,
			       .b = member->dst,
			       .from = latest_onset(vars, FAULT_STALL, member->step),
			       .selector = *selector };

	if (!member->port || !may_cut(vars, FAULT_STALL, fault.a, fault.b) || fault.from == NOW_NEVER)
		return 0;
	if (!find_chain(vars, &fault) && stalls_of(vars, member) >= STALLS_MAX)
		return 0;
	if (add_onset(vars, &fault) < 0)
		return -1;
	for (int32_t i = vars->index[FAULT_STALL][fault.a][fault.b]; i; i = vars->v[i - 1].next) {
		fault.selector = *selector__numbered(vars->v[i - 1].selector);
		if (port_of(&vars->v[i - 1]) == member->port && add_onset(vars, &fault) < 0)
			return -1;
	}
	return 0;
}

int variables__see_class(struct variables *vars, const struct support_member *member)
{
	const struct selector *class = selector__numbered(member->class);

	return class ? see_stall(vars, member, class) : 0;
}

int variables__see_member(struct variables *vars, const struct support_member *member)
{
	const struct selector any = { .port = member->port, .nth = 1 };
	struct fault faults[COVER_MAX];
	size_t cnt = variables__takers(vars, member, faults);

	for (size_t i = 0; i < cnt; i++)
		if (add_onset(vars, &faults[i]) < 0)
			return -1;
	return see_stall(vars, member, &any);
}

int variables__see_fault(struct variables *vars, const struct fault *fault)
{
	return variables__has(vars, fault) ? add_onset(vars, fault) : 0;
}

static bool has_own_end(const struct variables *vars, const struct fault *fault)
{
	if (fault->kind == FAULT_SILENCE)
		return fault->until == 0 || fault->until >= NOW_END;
	if (fault->kind == FAULT_LOSS)
		return fault->until == 0 || fault->until == fault->from + 1;
	return fault->until == 0 || fault->until == vars->opts->heal;
}

bool variables__has(const struct variables *vars, const struct fault *fault)
{
	if (!may_cut(vars, fault->kind, fault->a, fault->b) ||
	    fault->delay_ns != vars->opts->delay_ns || fault->release.step || fault->release.a)
		return false;
	if (fault->from < vars->opts->from || !has_own_end(vars, fault))
		return false;
	return fault->kind == FAULT_SILENCE || fault->from < vars->opts->until;
}

bool model_opts__reaches(const struct model_opts *opts, const struct fault *fault,
			 const struct support_member *member)
{
	if (fault->kind != FAULT_STALL)
		return fault__reaches(fault, member->src, member->dst, member->step, opts->heal);
	return fault->a == member->src && fault->b == member->dst && member->port &&
	       (!fault->selector.port || fault->selector.port == member->port) &&
	       member->step >= fault->from && member->step < (fault->until ? fault->until : opts->heal);
}

bool model_opts__spent(const struct model_opts *opts, const struct fault *fault,
		       const struct support_member *member)
{
	const bool covers = fault__covers(fault, member->src, member->dst, member->step, opts->heal);

	return covers || (fault->delay_ns && fault->delay_ns == opts->delay_ns &&
			  fault__reaches(fault, member->src, member->dst, member->step, opts->heal));
}

static size_t cover_by_stalls(const struct variables *vars, const struct support_member *member,
			      struct hitting_lit *ret)
{
	const uint32_t onset = latest_onset(vars, FAULT_STALL, member->step);
	size_t cnt = 0;

	if (!member->port || onset == NOW_NEVER)
		return 0;
	for (int32_t i = vars->index[FAULT_STALL][member->src][member->dst]; i;
	     i = vars->v[i - 1].next) {
		const struct chain *chain = &vars->v[i - 1];
		const size_t at = place(chain, onset);

		if (port_of(chain) == member->port && at < chain->cnt && chain->onset[at] == onset)
			ret[cnt++] = (struct hitting_lit){ .chain = (uint32_t)(i - 1),
							   .pos = (uint32_t)at };
	}
	return cnt;
}

size_t variables__cover(const struct variables *vars, const struct support_member *member,
			struct hitting_lit ret[COVER_MAX])
{
	struct fault faults[COVER_MAX];
	size_t cnt = variables__takers(vars, member, faults);

	for (size_t i = 0; i < cnt; i++)
		ret[i] = variables__literal(vars, &faults[i]);
	return cnt + cover_by_stalls(vars, member, ret + cnt);
}

struct hitting_lit variables__literal(const struct variables *vars, const struct fault *fault)
{
	const int32_t index = find_chain(vars, fault);
	struct hitting_lit lit;

	assert(index > 0);
	lit.chain = (uint32_t)index - 1;
	lit.pos = (uint32_t)place(&vars->v[lit.chain], fault->from);
	assert(lit.pos < vars->v[lit.chain].cnt && vars->v[lit.chain].onset[lit.pos] == fault->from);
	return lit;
}

struct fault variables__fault(const struct variables *vars, struct hitting_lit lit)
{
	const struct chain *chain = &vars->v[lit.chain];
	struct fault fault = { .kind = chain->kind,
			       .a = chain->a,
			       .b = chain->b,
			       .from = chain->onset[lit.pos],
			       .delay_ns = vars->opts->delay_ns };

	if (chain->kind == FAULT_STALL)
		fault.selector = *selector__numbered(chain->selector);
	return fault;
}
