// SPDX-License-Identifier: GPL-2.0-only
/* Stalls in a hunt: how a message's class is named, and which stalls are candidates. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "model/selector_message.h"
#include "model/verify.h"

enum { CLIENT = 1, A, B, NODES = 3 };

static const char *name_of(void *ctx, uint16_t id)
{
	static const char *const node_names[] = { NULL, "client", "a", "b" };

	return id <= NODES ? node_names[id] : NULL;
}

static int id_of(void *ctx, const char *name, size_t len)
{
	return len == 1 && (*name == 'a' || *name == 'b') ? A + *name - 'a' : -1;
}

static const struct name_table names = { .id_of = id_of, .name_of = name_of };

static const char *named(const char *payload, uint16_t port)
{
	const struct message message = { .payload = (const uint8_t *)payload,
					 .payload_len = (uint16_t)strlen(payload),
					 .len = (uint32_t)strlen(payload),
					 .server_port = port };
	static char text[160];
	struct selector selector, again;

	if (!selector__of_message(&message, &selector))
		return NULL;
	selector__print(text, sizeof(text), &selector);
	assert_null(selector__parse(text, strlen(text), &again));
	assert_int_equal(selector__compare(&selector, &again), 0);
	return text;
}

/* Two runs' writes of different keys are of one class, and what comes beside them is of another. */
static void names_what_stays(void **state)
{
	char first[64];
	struct message message = { .class = MSG_ACCEPT, .server_port = 80 };
	struct selector selector;

	snprintf(first, sizeof(first), "%s",
		 named("*3\r\n$3\r\nSET\r\n$16\r\nkey_000000000004\r\n", 6379));
	assert_string_equal(first, named("*3\r\n$3\r\nSET\r\n$16\r\nkey_000000000123\r\n", 6379));
	assert_string_equal(first, "/6379#*?%0d%0a$?%0d%0aSET%0d%0a$??%0d%0a");
	assert_string_equal(named("PING\n", 80), "/80#PING%0a");
	assert_string_equal(named("set key1value1 x", 80), "/80#set%20");
	/* nothing but data, and bytes: by their length */
	assert_string_equal(named("key1value1", 80), "/80#~8-15");
	assert_string_equal(named("\x01\x02\x03\x04\x05", 80), "/80#~4-7");
	assert_null(named("", 80));
	assert_false(selector__of_message(&message, &selector));
	message.class = MSG_CONNECT;
	assert_true(selector__of_message(&message, &selector) && selector.connect);
}

static void add(struct support *support, uint32_t step, uint16_t port, const char *class)
{
	struct support_member member = { .src = A, .dst = B, .step = step, .confidence = .9f,
					 .messages = 1, .port = port };
	struct selector selector;

	assert_null(selector__parse(class, strlen(class), &selector));
	member.class = selector__number(&selector);
	assert_int_equal(support__add(support, &member), 0);
}

static void learn(struct model *model, const char *fault, const struct support *support)
{
	struct fault_set set = { 0 };
	struct fault parsed;

	if (*fault) {
		assert_int_equal(fault__parse(fault, &names, &parsed, NULL), 0);
		fault_set__add(&set, &parsed);
	}
	assert_int_equal(model__learn(model, 1, &set, LESSON_SURVIVED, support, NULL, NULL), 0);
}

static const char *candidates(struct model *model, enum clause_mode mode)
{
	static char text[1024];
	struct candidate *v;
	bool more;
	long cnt = model__candidates(model, mode, 100, &v, &more, NULL);

	text[0] = '\0';
	for (long i = 0; i < cnt; i++) {
		char one[512];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s",
			 fault_set__print(one, sizeof(one), &v[i].faults, &names));
	}
	free(v);
	return text;
}

/* Its certificate is read, made anew, and says the same. */
static void holds(struct model *model)
{
	struct certificate *certificate;
	struct verification verification;
	struct err err = { 0 };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(model__write_certificate(model, CLAUSE_EXACT, out, &err), 0);
	fclose(out);
	certificate = certificate__read(text, len, "c.cnf", &err);
	if (!certificate || certificate__verify(certificate, text, len, "c.cnf", &verification, &err))
		fail_msg("%s", err.msg);
	certificate__free(certificate);
	free(text);
}

/* One stall at most: the port's first stream; where that is another one, the message's class; where
 * it came by another port, none. */
static void looks_for_the_stream(void **state)
{
	const struct model_opts opts = { .node_cnt = NODES,
					 .names = &names,
					 .budget = { .max = { [FAULT_STALL] = 1 }, .total = -1 },
					 .spare_nodes = 1ULL << CLIENT,
					 .from = NOW_WORKLOAD,
					 .until = NOW_CHECK,
					 .heal = NOW_HEALED };
	struct model *model = model__new(&opts, NULL);
	struct support write = { 0 }, other = { 0 };

	add(&write, NOW_WORKLOAD + 1, 81, "/81#zzz");
	add(&write, NOW_WORKLOAD + 1, 81, "/81#aaa");
	write.cnt = 0; /* classes are numbered as they are met, and sorted otherwise */
	add(&write, NOW_WORKLOAD + 2, 80, "/80#set");
	add(&other, NOW_WORKLOAD + 2, 81, "/81#aaa");
	add(&other, NOW_WORKLOAD + 2, 81, "/81#zzz");
	learn(model, "", &write);
	assert_string_equal(candidates(model, CLAUSE_MONOTONE), "{stall:a>b/80@workload.2}");
	learn(model, "stall:a>b/80@workload.2", &write);
	for (int mode = 0; mode < 2; mode++)
		assert_string_equal(candidates(model, (enum clause_mode)mode),
				    "{stall:a>b/80#set@workload.2}");
	learn(model, "stall:a>b/80#set@workload.2", &other);
	for (int mode = 0; mode < 2; mode++)
		assert_string_equal(candidates(model, (enum clause_mode)mode), "");
	holds(model);
	model__free(model);
	support__free(&write);
	support__free(&other);
}

/* What the stall from step 2 leaves alone one from step 1 may take: then the same stream sent first. */
static void an_earlier_stall_may_take_another_stream(void **state)
{
	const struct model_opts opts = { .node_cnt = NODES,
					 .names = &names,
					 .budget = { .max = { [FAULT_STALL] = 1 }, .total = -1 },
					 .spare_nodes = 1ULL << CLIENT,
					 .from = NOW_WORKLOAD,
					 .until = NOW_CHECK,
					 .heal = NOW_HEALED };
	struct model *model = model__new(&opts, NULL);
	struct support both = { 0 }, late = { 0 };

	add(&both, NOW_WORKLOAD + 1, 80, "/80#set");
	add(&both, NOW_WORKLOAD + 2, 80, "/80#set");
	add(&late, NOW_WORKLOAD + 2, 80, "/80#set");
	learn(model, "", &late);
	learn(model, "", &both);
	learn(model, "stall:a>b/80@workload.2", &late);
	assert_non_null(strstr(candidates(model, CLAUSE_MONOTONE), "{stall:a>b/80#set@workload.2}"));
	assert_non_null(strstr(candidates(model, CLAUSE_EXACT), "{stall:a>b/80@workload.1}"));
	model__free(model);
	support__free(&both);
	support__free(&late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_what_stays),
		cmocka_unit_test(looks_for_the_stream),
		cmocka_unit_test(an_earlier_stall_may_take_another_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
