// SPDX-License-Identifier: GPL-2.0-only
/* What cutset init writes is a scenario, whatever it saw; and who is connected to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hunt/scenario.h"
#include "hunt/skeleton.h"
#include "target/peer.h"

static char *text_of(size_t cnt, char *target, char *image)
{
	struct node v[8] = { 0 };
	struct nodes nodes = { .v = v, .cnt = cnt };
	char *text;

	for (uint16_t i = 0; i < cnt; i++) {
		v[i] = (struct node){ .id = i + 1, .kind = TARGET_DOCKER, .image = image };
		snprintf(v[i].name, sizeof(v[i].name), "n%u", i + 1);
	}
	v[cnt - 1].kind = TARGET_PROXY;
	text = skeleton__text(&target, 1, &nodes);
	assert_non_null(text);
	return text;
}

static struct scenario *parsed(const char *text)
{
	struct err err = { 0 };
	struct scenario *scenario = scenario__parse("./shop.yaml", text, strlen(text), &err);

	if (!scenario)
		fail_msg("%s\n%s", err.msg, text);
	return scenario;
}

static void test_it_is_a_scenario(void **state)
{
	for (size_t cnt = 2; cnt <= 7; cnt++) {
		char *text = text_of(cnt, "compose:shop", "redis:7");
		struct scenario *scenario = parsed(text);

		assert_string_equal(scenario->name, "shop");
		assert_string_equal(scenario->targets[0], "compose:shop");
		assert_int_equal(scenario->budget.max[FAULT_SILENCE], cnt > 5 ? 2 : 1);
		assert_int_equal(scenario->budget.max[FAULT_LINK], cnt > 3 ? 2 : cnt == 3 ? 1 : 0);
		scenario__free(scenario);
		free(text);
	}
}

/* Until somebody writes them, nothing is known. */
static void test_its_commands_end_with_2(void **state)
{
	char *text = text_of(3, "compose:shop", NULL);
	struct scenario *scenario = parsed(text);
	const char *const lines[] = { scenario->reset, scenario->workload, scenario->check };
	char line[512];

	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "( %s ) >/dev/null", lines[i]);
		assert_int_equal(WEXITSTATUS(system(line)), 2);
	}
	scenario__free(scenario);
	free(text);
}

static void test_names_cannot_break_out(void **state)
{
	char *text = text_of(3, "pid:/run/a \"b\": [c]\n#d", "evil\nworkload: rm -rf /\n");
	struct scenario *scenario = parsed(text);

	assert_string_equal(scenario->targets[0], "pid:/run/a \"b\": [c]\n#d");
	assert_null(strstr(scenario->workload, "rm"));
	scenario__free(scenario);
	free(text);
}

static void test_peers(void **state)
{
	static const char table[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
		"   0: 0B00007F:A3F1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1\n"
		"   1: 0B0CC6C6:0AD3 0C0CC6C6:094C 01 00000000:00000000 00:00000000 00000000     0        0 22 1\n"
		"   2: 0B0CC6C6:0AD4 0C0CC6C6:094C 06 00000000:00000000 00:00000000 00000000     0        0 23 1\n"
		"nonsense\n   3: 0B0CC6C6:0AD3";
	static const char table6[] =
		"   0: 0000000000000000FFFF00000B0CC6C6:0950 0000000000000000FFFF00000D0CC6C6:8235 01 0 0\n";
	struct peer *list = NULL;
	char text[64];
	size_t cnt = 0;

	assert_int_equal(peers__parse(table, &list, &cnt), 0);
	assert_int_equal(peers__parse(table6, &list, &cnt), 0);
	assert_int_equal(peers__parse(NULL, &list, &cnt), 0);
	assert_int_equal(cnt, 2);
	assert_string_equal(address__print(text, sizeof(text), &list[0].remote), "198.198.12.12");
	assert_int_equal(list[0].local_port, 0x0ad3);
	assert_int_equal(list[0].remote_port, 0x094c);
	assert_string_equal(address__print(text, sizeof(text), &list[1].remote), "198.198.12.13");
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_a_scenario),
		cmocka_unit_test(test_its_commands_end_with_2),
		cmocka_unit_test(test_names_cannot_break_out),
		cmocka_unit_test(test_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
