// SPDX-License-Identifier: GPL-2.0-only
/* cutset hunt --dry-run: what would be run, on whom, and how long at most. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_text.h"
#include "base/units.h"
#include "cmd.h"
#include "hunt/plan.h"

static bool is_spared(const struct plan *plan, const struct node *node)
{
	return plan->spare >> node->id & 1;
}

static void print_node(const struct plan *plan, const struct node *node)
{
	char text[64];

	printf("  %-14s %s", node->name, node->kind == TARGET_COMMANDS ? "workload and check" : node->spec);
	for (size_t i = 0; i < node->addr_cnt; i++)
		printf("%s%s", i ? ", " : "  ", address__print(text, sizeof(text), &node->addrs[i]));
	printf("%s%s\n", node->client && node->kind != TARGET_COMMANDS ? "  a client" : "",
	       is_spared(plan, node) ? "  spared" : "");
}

static void print_command(const char *name, const char *line, uint64_t timeout_ns)
{
	char span[32];

	if (line)
		printf("  %-9s %s  (at most %s)\n", name, line, units__print_span(span, sizeof(span), timeout_ns));
}

static void print_wait(const char *name, uint64_t span_ns, const char *when)
{
	char span[32];

	if (span_ns)
		printf("  %-9s %s%s\n", name, units__print_span(span, sizeof(span), span_ns), when);
}

static void print_commands(const struct scenario *scenario)
{
	printf("each run, in %s\n", scenario->dir);
	print_command("reset", scenario->reset, scenario->reset_timeout_ns);
	print_command("roles", scenario->roles, scenario->reset_timeout_ns);
	print_wait("idle", scenario->idle_ns, ", without faults only");
	print_command("workload", scenario->workload, scenario->workload_timeout_ns);
	print_wait("hold", scenario->hold_ns, "");
	print_wait("settle", scenario->settle_ns, "");
	print_command("check", scenario->check, scenario->check_timeout_ns);
}

static void print_engine(const struct scenario *scenario)
{
	char span[32];

	if (scenario->delay_ns)
		printf("  packets are held for %s where nodes send them (tc)\n",
		       units__print_span(span, sizeof(span), scenario->delay_ns));
	else
		printf("  packets are dropped where nodes send them (tc); %s\n",
		       scenario->shorten ? "held only to find the shortest delay that breaks it" : "none is held");
	if (scenario->spare_idle)
		puts("  background, known from the idle span, is spared");
}

/* "  silence    at most 1 of 6" */
static void print_faults(const struct plan *plan, const struct scenario *scenario)
{
	const struct budget *budget = &scenario->budget;
	char from[32], until[32];

	printf("faults of a set\n");
	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		if (budget->max[kind] > 0)
			printf("  %-9s at most %d of %zu\n", fault__kind_name(kind), budget->max[kind],
			       plan->space.faults[kind]);
		else if (budget->max[kind] < 0)
			printf("  %-9s any of %zu\n", fault__kind_name(kind), plan->space.faults[kind]);
	}
	if (budget->total >= 0)
		printf("  in all    at most %d\n", budget->total);
	step__print(from, sizeof(from), scenario->from);
	step__print(until, sizeof(until), scenario->until);
	printf("  from %s on; all but silences begin before %s and heal %s\n", from, until,
	       scenario->heal == NOW_HEALED ? "before the check" : "never");
	printf("  %.0f sets, not counting at which step of the workload each fault begins\n", plan->sets);
	print_engine(scenario);
}

static const char *rounded(char buf[32], uint64_t span_ns)
{
	if (span_ns < 120 * NSEC_PER_SEC)
		return units__print_span(buf, 32, span_ns);
	snprintf(buf, 32, "%.0f min", (double)span_ns / (60 * NSEC_PER_SEC));
	return buf;
}

static void print_times(const struct plan *plan, const struct scenario *scenario)
{
	char run[32], baseline[32], time[32];

	printf("times, all at most\n  a run %s; %u without faults first, %s\n", rounded(run, plan->run_ns),
	       scenario->baseline_runs, rounded(baseline, plan->baseline_ns));
	printf("  then %u fault sets, each that survives in %u run%s; after %s no other run begins\n",
	       scenario->max_experiments, scenario->repeat_runs, scenario->repeat_runs == 1 ? "" : "s",
	       rounded(time, scenario->max_time_ns));
}

static void print_plan(const struct plan *plan, const struct scenario *scenario)
{
	printf("%s: nothing is run, and this is what would be\nnodes\n", scenario->name);
	for (size_t i = 0; i < plan->nodes.cnt; i++)
		print_node(plan, &plan->nodes.v[i]);
	print_commands(scenario);
	print_faults(plan, scenario);
	print_times(plan, scenario);
}

static json_t *nodes_json(const struct plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->nodes.cnt; i++) {
		const struct node *node = &plan->nodes.v[i];
		json_t *json = cmd__node_json(node);

		json_object_set_new(json, "client", json_boolean(node->client));
		json_object_set_new(json, "spared", json_boolean(is_spared(plan, node)));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *budget_json(const struct plan *plan, const struct budget *budget)
{
	json_t *json = json_object();

	for (int kind = 0; kind < FAULT_KINDS; kind++)
		if (budget->max[kind])
			json_object_set_new(json, fault__kind_name(kind),
					    json_pack("{s:o, s:I}", "max",
						      budget->max[kind] < 0 ? json_null() :
									      json_integer(budget->max[kind]),
						      "of", (json_int_t)plan->space.faults[kind]));
	return json;
}

static json_t *plan_json(const struct plan *plan, const struct scenario *scenario)
{
	const struct budget *budget = &scenario->budget;
	json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", json_text(scenario->name), "nodes",
				 nodes_json(plan), "reset", json_text(scenario->reset), "roles",
				 json_text(scenario->roles), "workload", json_text(scenario->workload),
				 "check", json_text(scenario->check));

	json_object_set_new(json, "faults", budget_json(plan, budget));
	json_object_set_new(json, "total", budget->total < 0 ? json_null() : json_integer(budget->total));
	json_object_set_new(json, "sets", json_integer((json_int_t)fmin(plan->sets, 0x1p53)));
	json_object_set_new(json, "baseline", json_integer(scenario->baseline_runs));
	json_object_set_new(json, "max", json_integer(scenario->max_experiments));
	json_object_set_new(json, "delay_ns", json_integer((json_int_t)scenario->delay_ns));
	json_object_set_new(json, "background", json_string(scenario->spare_idle ? "spare" : "cut"));
	json_object_set_new(json, "run_ns", json_integer((json_int_t)plan->run_ns));
	json_object_set_new(json, "baseline_ns", json_integer((json_int_t)plan->baseline_ns));
	json_object_set_new(json, "time_ns", json_integer((json_int_t)scenario->max_time_ns));
	return json;
}

int cmd__plan(const struct scenario *scenario)
{
	struct plan plan;
	struct err err;

	if (plan__make(scenario, &plan, &err))
		return cmd__fail(&err);
	if (cmd__json)
		cmd__print_json(plan_json(&plan, scenario));
	else
		print_plan(&plan, scenario);
	plan__free(&plan);
	return EXIT_DONE;
}
