// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/plan.h"

#include <string.h>

#include "hunt/run.h"
#include "hunt/spare.h"

static uint64_t after_reset_ns(const struct scenario *scenario)
{
	return scenario->workload_timeout_ns +
	       (scenario->check ? scenario->hold_ns + scenario->settle_ns + scenario->check_timeout_ns : 0);
}

static uint64_t run_ns(const struct scenario *scenario)
{
	uint64_t reset_ns = scenario->reset ? scenario->reset_timeout_ns : 0;

	if (scenario->roles)
		reset_ns = RUN_MAX_CASTS * (reset_ns + scenario->reset_timeout_ns);
	return reset_ns + after_reset_ns(scenario);
}

int plan__make(const struct scenario *scenario, struct plan *ret, struct err *err)
{
	const struct session_opts opts = scenario__session_opts(scenario);
	struct model_opts model = { .budget = scenario->budget };

	memset(ret, 0, sizeof(*ret));
	if (session_opts__find(&opts, &ret->nodes, err) ||
	    spare__of(scenario, &ret->nodes, false, &ret->spare, err)) {
		plan__free(ret);
		return -1;
	}
	model.node_cnt = (uint16_t)ret->nodes.cnt;
	model.spare_nodes = ret->spare;
	space__of_nodes(&ret->space, &model);
	ret->sets = space__sets(&ret->space, &scenario->budget);
	ret->run_ns = run_ns(scenario);
	ret->baseline_ns = scenario->baseline_runs * (ret->run_ns + scenario->idle_ns);
	if (scenario->spare_idle && scenario->idle_ns && scenario->baseline_runs > 1)
		ret->baseline_ns += after_reset_ns(scenario) * 5 / 4; /* one rest is as long as that */
	return 0;
}

void plan__free(struct plan *plan)
{
	nodes__free(&plan->nodes);
}
