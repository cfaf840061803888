// SPDX-License-Identifier: GPL-2.0-only
/* Two runs of Redis side by side: what is drawn, and where. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "report/layout.h"
#include "tests/unit/two_nodes.h"

struct drawing {
	struct account bad, good;
	struct alignment alignment; /* bad to good */
	struct scene scenes[2];
	struct layout layout;
};

static void load_one(struct account *account, const char *run)
{
	char path[128];
	struct err err;

	snprintf(path, sizeof(path), "tests/golden/redis-hunt/runs/%s/trace", run);
	account->graph = graph__load(path, &err);
	assert_non_null(account->graph);
	assert_int_equal(relevance__of(account->graph, NULL, &account->relevance, &err), 0);
}

static void draw(struct drawing *drawing)
{
	struct scene *bad = &drawing->scenes[0], *good = &drawing->scenes[1];

	load_one(&drawing->bad, "0011");
	load_one(&drawing->good, "0013");
	assert_int_equal(
		alignment__of(drawing->bad.graph, drawing->good.graph, &drawing->alignment), 0);
	assert_int_equal(scene__choose(bad, &drawing->bad), 0);
	assert_int_equal(scene__choose(good, &drawing->good), 0);
	scene__join(good, drawing->alignment.b_to_a, bad);
	assert_int_equal(scene__order(bad), 0);
	assert_int_equal(scene__order(good), 0);
	assert_int_equal(layout__of(bad, good, drawing->alignment.a_to_b, &drawing->layout), 0);
}

static void wipe(struct drawing *drawing)
{
	layout__free(&drawing->layout);
	scene__free(&drawing->scenes[0]);
	scene__free(&drawing->scenes[1]);
	alignment__free(&drawing->alignment);
	relevance__free(&drawing->bad.relevance);
	relevance__free(&drawing->good.relevance);
	graph__free(drawing->bad.graph);
	graph__free(drawing->good.graph);
}

static void goes_down(const struct scene *scene, const struct place *places, int height)
{
	for (size_t i = 1; i < scene->cnt; i++) {
		assert_true(scene->v[i].ts_ns >= scene->v[i - 1].ts_ns);
		assert_true(places[i].y >= places[i - 1].y + LAYOUT_ROW);
		assert_true(layout__y(scene, places, scene->v[i].ts_ns - 1) <= places[i].y);
	}
	assert_true(scene->cnt && places[scene->cnt - 1].y <= height);
}

static void time_goes_down_a_row_an_event(void **state)
{
	struct drawing drawing = {0};

	draw(&drawing);
	goes_down(&drawing.scenes[0], drawing.layout.a, drawing.layout.height);
	goes_down(&drawing.scenes[1], drawing.layout.b, drawing.layout.height);
	wipe(&drawing);
}

/* The event of b that shares that row, and is the same message's. */
static bool has_twin(const struct drawing *drawing, const struct scene_event *event, int y)
{
	const struct scene *good = &drawing->scenes[1];

	for (size_t i = 0; i < good->cnt; i++)
		if (drawing->layout.b[i].y == y)
			return good->v[i].kind == event->kind &&
			       good->v[i].index == drawing->alignment.a_to_b[event->index];
	return false;
}

static void the_same_message_shares_a_row(void **state)
{
	struct drawing drawing = {0};
	size_t shared = 0;

	draw(&drawing);
	for (size_t i = 0; i < drawing.scenes[0].cnt; i++) {
		if (!drawing.layout.a[i].shared)
			continue;
		shared++;
		assert_true(has_twin(&drawing, &drawing.scenes[0].v[i], drawing.layout.a[i].y));
	}
	assert_true(shared > 20);
	wipe(&drawing);
}

/* What is asked again and again is drawn twice, and the last one stands for the rest. */
static void repeats_are_folded(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct account account;
	struct scene scene;
	size_t drawn = 0, stood_for = 0, sure = 0;

	kit__set_now(kit, NOW_WORKLOAD);
	for (int i = 0; i < 5; i++) {
		kit__pass(kit, &client, &server, conn, "GET x");
		kit__pass(kit, &server, &client, conn, "y");
	}
	account.graph = load(kit);
	assert_int_equal(relevance__of(account.graph, NULL, &account.relevance, NULL), 0);
	assert_int_equal(scene__choose(&scene, &account), 0);
	for (size_t i = 0; i < graph__message_cnt(account.graph); i++) {
		const struct message *message = graph__message(account.graph, i);

		if (message->class != MSG_DATA || message->src != client.node)
			continue;
		drawn += scene.times[i] != 0;
		stood_for += scene.times[i];
		sure += account.relevance.of[i] >= 0.5f;
	}
	assert_true(sure > 2);
	assert_int_equal(drawn, 2);
	assert_int_equal(stood_for, sure);
	scene__free(&scene);
	relevance__free(&account.relevance);
	done(kit, account.graph);
}

static void loggers_heads_are_left_out(void **state)
{
	struct drawing drawing = {0};
	const struct happenings *events;
	char text[160];
	bool found = false;

	draw(&drawing);
	events = graph__happenings(drawing.bad.graph);
	for (size_t i = 0; i < events->cnt && !found; i++)
		if (events->v[i].kind == EV_LOG)
			found = !strcmp(scene__log_text(text, sizeof(text), drawing.bad.graph,
							&events->v[i]),
					"+sdown master m 198.18.21.11 6379");
	assert_true(found);
	wipe(&drawing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_goes_down_a_row_an_event),
		cmocka_unit_test(the_same_message_shares_a_row),
		cmocka_unit_test(repeats_are_folded),
		cmocka_unit_test(loggers_heads_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
