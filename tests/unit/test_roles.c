// SPDX-License-Identifier: GPL-2.0-only
/* Who is what in a run: what `roles` prints, and the numbers that nodes go by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "target/role.h"

static struct node v[5];
static struct nodes nodes;

/* etcd1, etcd2, etcd3, a bystander and the client */
static int five_nodes(void **state)
{
	static const char *const names[] = { "etcd1", "etcd2", "proxy", "etcd3", "client" };

	memset(v, 0, sizeof(v));
	for (uint16_t i = 0; i < 5; i++) {
		v[i].id = i + 1;
		snprintf(v[i].name, sizeof(v[i].name), "%s", names[i]);
	}
	v[4].kind = TARGET_COMMANDS;
	nodes = (struct nodes){ .v = v, .cnt = 5 };
	return 0;
}

static int cast(const char *text, struct err *err)
{
	struct roles roles;

	return roles__parse(&roles, text, strlen(text), err) || nodes__cast(&nodes, &roles, err) ? -1 : 0;
}

static void test_numbers_go_with_roles(void **state)
{
	char title[NODE_TITLE_MAX];
	uint16_t leader, one;

	assert_int_equal(cast("leader etcd2\nfollower1 etcd1\nfollower2 etcd3\n", NULL), 0);
	leader = node__number(&v[1]);
	one = node__number(&v[0]);
	assert_string_equal(node__called(&v[1]), "leader");
	assert_string_equal(node__title(&v[1], title, sizeof(title)), "leader (etcd2)");
	assert_string_equal(node__title(&v[2], title, sizeof(title)), "proxy");

	/* in another order, and another leads: the same numbers for the same roles */
	assert_int_equal(cast("# after the election\n\n follower2  etcd2\r\nfollower1 etcd1\nleader etcd3 # new", NULL), 0);
	assert_int_equal(node__number(&v[3]), leader);
	assert_int_equal(node__number(&v[0]), one);
	assert_ptr_equal(nodes__numbered(&nodes, leader), &v[3]);
	assert_int_equal(node__number(&v[2]), 3);
	assert_int_equal(node__number(&v[4]), 5);
}

/* Each number is one node's, whoever has which role. */
static void test_numbers_are_a_permutation(void **state)
{
	static const char *const casts[] = { "a etcd1\nb etcd2\nc etcd3\n", "a etcd2\nb etcd3\nc etcd1\n",
					     "a etcd3\nb etcd1\nc etcd2\n", "c etcd3\nb etcd2\na etcd1\n" };

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(cast(casts[i], NULL), 0);
		for (uint16_t number = 1; number <= 5; number++) {
			const struct node *node = nodes__numbered(&nodes, number);

			assert_non_null(node);
			assert_int_equal(node__number(node), number);
		}
	}
}

static void refuse(const char *text, enum exit_code code, const char *why)
{
	struct node before[5];
	struct err err = { 0 };

	memcpy(before, v, sizeof(v));
	if (!cast(text, &err))
		fail_msg("`%s` was taken", text);
	if (!strstr(err.msg, why))
		fail_msg("`%s`: %s", text, err.msg);
	assert_int_equal(err.code, code);
	assert_memory_equal(before, v, sizeof(v));
}

static void test_what_is_wrong_is_refused(void **state)
{
	char words[600];

	memset(words, 'x', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	refuse("", EXIT_USAGE, "names no role");
	refuse("leader\n", EXIT_USAGE, "is not ROLE NODE");
	refuse("leader etcd1 etcd2\n", EXIT_USAGE, "is not ROLE NODE");
	refuse("the-leader etcd1\n", EXIT_USAGE, "no name of a role");
	refuse("leader etcd1\nleader etcd2\n", EXIT_USAGE, "given twice");
	refuse("leader etcd1\nfollower etcd1\n", EXIT_USAGE, "two roles");
	refuse("leader etcd9\n", EXIT_USAGE, "no node is named so");
	refuse("etcd3 etcd1\n", EXIT_USAGE, "a node is");
	refuse("client etcd1\n", EXIT_USAGE, "a node is");
	refuse("leader client\n", EXIT_USAGE, "no target");
	refuse(words, EXIT_USAGE, "too long");
}

/* What is not as it was may be so after another reset. */
static void test_what_differs_from_before_is_tried_again(void **state)
{
	assert_int_equal(cast("leader etcd2\nfollower etcd1\n", NULL), 0);
	refuse("follower etcd1\n", EXIT_TARGET, "named 2 before");
	refuse("leader etcd1\ncandidate etcd2\n", EXIT_TARGET, "not before");
	refuse("leader etcd3\nfollower etcd1\n", EXIT_TARGET, "had no role before");
	assert_int_equal(cast("leader etcd1\nfollower etcd2\n", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_numbers_go_with_roles, five_nodes),
		cmocka_unit_test_setup(test_numbers_are_a_permutation, five_nodes),
		cmocka_unit_test_setup(test_what_is_wrong_is_refused, five_nodes),
		cmocka_unit_test_setup(test_what_differs_from_before_is_tried_again, five_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
