// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole hunts against simulated systems: what the model proposes, what the system does under it.
 * Every link carries heartbeats at every step, of little confidence, as Redis and etcd do.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"

enum { CLIENT = 1, P, R1, R2, S1, S2, S3 };
enum { ASK = 1, WRITE = 2, LAST_STEP = 6 };

static const char *const node_names[] = { NULL, "client", "p", "r1", "r2", "s1", "s2", "s3" };

static const char *name_of(void *ctx, uint16_t id)
{
	return id <= S3 ? node_names[id] : NULL;
}

static int id_of(void *ctx, const char *name, size_t len)
{
	return -1;
}

static const struct name_table names = { .id_of = id_of, .name_of = name_of };

/* How sure the simulated lineages are. */
static float heartbeat, value;

/* One run: what was in force, what came through. */
struct run {
	struct fault_set faults;
	struct support support;
	uint64_t noise; /* which heartbeats this run saw */
};

static bool is_cut(const struct run *run, uint16_t src, uint16_t dst, uint32_t step)
{
	for (size_t i = 0; i < run->faults.cnt; i++)
		if (fault__covers(&run->faults.v[i], src, dst, step, NOW_HEALED))
			return true;
	return false;
}

/* Returns whether it came through. */
static bool say(struct run *run, uint16_t src, uint16_t dst, uint32_t step, float confidence,
		float promise)
{
	const struct support_member member = { .src = src, .dst = dst, .step = step,
					       .confidence = confidence, .promise = promise,
					       .messages = 1 };

	if (is_cut(run, src, dst, step))
		return false;
	assert_int_equal(support__add(&run->support, &member), 0);
	return true;
}

static bool call(struct run *run, uint16_t client, uint16_t server, uint32_t step, float confidence,
		 float promise)
{
	return say(run, client, server, step, confidence, promise) &&
	       say(run, server, client, step, confidence, promise);
}

static void heartbeats(struct run *run, uint16_t first, uint16_t last)
{
	static const uint32_t late[] = { NOW_IDLE, NOW_CHECK, NOW_HEALED };

	for (uint16_t src = first; src <= last; src++)
		for (uint16_t dst = first; dst <= last; dst++)
			for (uint32_t i = 0; src != dst && i < LAST_STEP + 3; i++) {
				run->noise = run->noise * 6364136223846793005ULL + 1;
				if (run->noise >> 61) /* seven of eight */
					say(run, src, dst, i < 3 ? late[i] : i - 2,
					    heartbeat * (float)(1 + (run->noise >> 40) % 8) / 8, 0);
			}
}

/* The first sentinel that answers. */
static bool ask_sentinel(struct run *run, uint32_t step, float promise)
{
	return call(run, CLIENT, S1, step, .9f, promise) || call(run, CLIENT, S2, step, .9f, promise) ||
	       call(run, CLIENT, S3, step, .9f, promise);
}

/* A SET at the primary that the sentinels name, read back where they say after the workload. */
static enum lesson redis(struct run *run)
{
	bool at_r1, at_r2;
	uint16_t heir;

	heartbeats(run, P, S3);
	if (!ask_sentinel(run, ASK, .9f) || !call(run, CLIENT, P, WRITE, .9f, .9f))
		return LESSON_VACUOUS;
	at_r1 = !is_cut(run, P, R1, WRITE);
	at_r2 = !is_cut(run, P, R2, WRITE);
	ask_sentinel(run, NOW_HEALED, 0);
	if (call(run, CLIENT, P, NOW_HEALED, .9f, 0)) {
		say(run, P, R1, WRITE, .05f, .02f);
		say(run, P, R2, WRITE, .05f, .02f);
		return LESSON_SURVIVED;
	}
	if (!at_r1 && !at_r2)
		return LESSON_VIOLATED;
	heir = at_r1 ? R1 : R2;
	say(run, P, heir, WRITE, value, .02f);
	say(run, S1, heir, NOW_HEALED, .4f, 0);
	say(run, S2, S1, NOW_HEALED, .2f, 0);
	say(run, S3, S1, NOW_HEALED, .2f, 0);
	call(run, CLIENT, heir, NOW_HEALED, .9f, 0);
	return LESSON_SURVIVED;
}

/* A put at a leader that needs one follower; whoever of the three is silent, the others elect. */
static enum lesson etcd(struct run *run)
{
	uint16_t leader = is_cut(run, CLIENT, P, WRITE) ? R1 : P;
	int acks = 0;

	heartbeats(run, P, R2);
	call(run, CLIENT, leader, WRITE, .9f, .9f);
	for (uint16_t follower = P; follower <= R2; follower++)
		if (follower != leader)
			acks += call(run, leader, follower, WRITE, .8f, .8f);
	if (acks == 0)
		return LESSON_VACUOUS;
	for (uint16_t node = P; node <= R2; node++)
		if (call(run, CLIENT, node, NOW_HEALED, .9f, 0))
			break;
	return LESSON_SURVIVED;
}

struct hunt {
	struct model *model;
	enum lesson (*system)(struct run *run);
	uint64_t noise;
	unsigned int runs;
	unsigned int sets; /* fault sets tried, without the baseline */
	struct fault_set last;
	bool talks;
};

static enum lesson try(struct hunt *hunt, const struct fault_set *faults, double score)
{
	static const char *const words[] = { "survived", "vacuous", "parked", "violated" };
	struct run run = { .faults = *faults, .noise = hunt->noise };
	enum lesson lesson = hunt->system(&run);
	char text[512];

	hunt->last = *faults;
	hunt->noise = run.noise;
	if (hunt->talks && hunt->sets < 15)
		print_message("  %2u %-9s %.4f %s\n", hunt->sets, words[lesson], score,
			      fault_set__print(text, sizeof(text), faults, &names));
	assert_int_equal(model__learn(hunt->model, ++hunt->runs, faults, lesson, &run.support, NULL,
				      NULL),
			 0);
	support__free(&run.support);
	return lesson;
}

/* Until it breaks, or nothing is left in either mode. */
static enum lesson hunt__run(struct hunt *hunt, unsigned int baselines)
{
	const struct fault_set none = { 0 };
	struct candidate next;

	for (unsigned int i = 0; i < baselines; i++)
		assert_int_equal(try(hunt, &none, 0), LESSON_SURVIVED);
	for (int mode = 0; mode < 2; mode++)
		while (model__next(hunt->model, (enum clause_mode)mode, &next, NULL) == 1) {
			assert_true(++hunt->sets < 1000);
			if (try(hunt, &next.faults, next.score) == LESSON_VIOLATED)
				return LESSON_VIOLATED;
		}
	return LESSON_SURVIVED;
}

/* Hunts with several seeds; returns the most fault sets that one needed. */
static unsigned int hunt_redis(bool talks)
{
	unsigned int most = 0;

	for (unsigned int seed = 0; seed < 12; seed++) {
		const struct model_opts opts = { .node_cnt = S3,
						 .names = &names,
						 .budget = { .max = { 1, 2, 0, 0, 0 }, .total = -1 },
						 .spare_nodes = 1ULL << CLIENT,
						 .from = NOW_WORKLOAD,
						 .until = NOW_CHECK,
						 .heal = NOW_HEALED,
						 .seed = seed };
		struct hunt hunt = { .model = model__new(&opts, NULL), .system = redis,
				     .noise = seed, .talks = talks && seed == 0 };
		char text[512];

		/* of several runs, or of one that stands for their union */
		assert_int_equal(hunt__run(&hunt, seed % 2 ? 1 : 5), LESSON_VIOLATED);
		fault_set__print(text, sizeof(text), &hunt.last, &names);
		assert_string_equal(text, "{silence:p@check.0, link:p>r1@workload.1, "
					  "link:p>r2@workload.1}");
		if (hunt.sets > most)
			most = hunt.sets;
		model__free(hunt.model);
	}
	return most;
}

static void finds_the_lost_write(void **state)
{
	static const struct {
		float heartbeat, value;
	} rounds[] = { { .01f, .9f }, { .05f, .9f }, { .05f, .4f }, { .1f, .6f } };

	for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		unsigned int most;

		heartbeat = rounds[i].heartbeat;
		value = rounds[i].value;
		most = hunt_redis(i == 0);
		print_message("  redis: heartbeats up to %.2f, the value %.2f: violation after at most %u fault sets\n",
			      heartbeat, value, most);
		assert_in_range(most, 1, 12);
	}
}

static int minisat_says(struct model *model)
{
	char path[] = "/tmp/cutset-test-XXXXXX", command[256];
	FILE *out = fdopen(mkstemp(path), "w");
	int status;

	assert_int_equal(model__write_certificate(model, CLAUSE_EXACT, out, NULL), 0);
	fclose(out);
	snprintf(command, sizeof(command), "minisat -verb=0 %s /dev/null >/dev/null 2>&1", path);
	status = system(command);
	unlink(path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void shows_what_is_tolerant(void **state)
{
	heartbeat = .01f;
	for (unsigned int seed = 0; seed < 4; seed++) {
		const struct model_opts opts = { .node_cnt = R2,
						 .names = &names,
						 .budget = { .max = { 1, 1, 0, 0, 0 }, .total = 1 },
						 .spare_nodes = 1ULL << CLIENT,
						 .from = NOW_WORKLOAD,
						 .until = NOW_CHECK,
						 .heal = NOW_HEALED,
						 .seed = seed };
		struct hunt hunt = { .model = model__new(&opts, NULL), .system = etcd,
				     .noise = seed, .talks = seed == 0 };

		assert_int_equal(hunt__run(&hunt, 5), LESSON_SURVIVED);
		print_message("  etcd: tolerant after %u fault sets\n", hunt.sets);
		/* no more than there are single faults: 3 silences of 7 onsets, 6 links of 6 */
		assert_in_range(hunt.sets, 3, 3 * 7 + 6 * 6);
		if (system("command -v minisat >/dev/null") == 0)
			assert_int_equal(minisat_says(hunt.model), 20);
		else
			print_message("  no minisat program here: certificate not checked\n");
		model__free(hunt.model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_lost_write),
		cmocka_unit_test(shows_what_is_tolerant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
