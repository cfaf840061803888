// SPDX-License-Identifier: GPL-2.0-only
/* Certificates of hunts hold; with a line gone, a byte changed, or a run less than it takes they do not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/certificate.h"
#include "model/verify.h"

static const char *const golden[] = { "classic-deliv", "retry-deliv", "postgres-any1-better" };
#define GOLDEN_CNT (sizeof(golden) / sizeof(golden[0]))

static char *load(const char *name, size_t *ret_len)
{
	char path[128], *text;
	FILE *file;
	long len;

	snprintf(path, sizeof(path), "tests/golden/certificates/%s.cnf", name);
	file = fopen(path, "r");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	len = ftell(file);
	rewind(file);
	text = malloc((size_t)len + 1);
	assert_int_equal(fread(text, 1, (size_t)len, file), len);
	text[len] = '\0';
	fclose(file);
	*ret_len = (size_t)len;
	return text;
}

/* EXIT_DONE: it holds */
static enum exit_code verify(const char *text, size_t len, struct err *err)
{
	struct certificate *certificate = certificate__read(text, len, "c.cnf", err);
	struct verification verification;
	int bad = -1;

	if (certificate)
		bad = certificate__verify(certificate, text, len, "c.cnf", &verification, err);
	certificate__free(certificate);
	if (bad)
		assert_true(err->msg[0] && !strncmp(err->msg, "c.cnf", 5));
	return bad ? err->code : EXIT_DONE;
}

static void those_of_hunts_hold(void **state)
{
	struct err err = { 0 };

	for (size_t i = 0; i < GOLDEN_CNT; i++) {
		size_t len;
		char *text = load(golden[i], &len);

		if (verify(text, len, &err))
			fail_msg("%s: %s", golden[i], err.msg);
		free(text);
	}
}

/* Refused; or nothing was changed but what no fault within the budget could take: the formula is the same. */
static void harmless(const char *what, const char *name, const char *was, const char *text, size_t len)
{
	struct err err = { 0 };
	enum exit_code code = verify(text, len, &err);
	const char *formula = strstr(was, "\np cnf "), *here = memmem(text, len, "\np cnf ", 7);

	if (code == EXIT_VIOLATION || code == EXIT_USAGE)
		return;
	if (code || !here || (size_t)(text + len - here) != strlen(formula) || memcmp(here, formula, strlen(formula)))
		fail_msg("%s: %s: %s", name, what, code ? err.msg : "it holds");
}

static void one_without_a_line_does_not(void **state)
{
	for (size_t i = 0; i < GOLDEN_CNT; i++) {
		size_t len;
		char *text = load(golden[i], &len), *less = malloc(len);

		for (size_t at = 0; at < len;) {
			size_t line = (size_t)((char *)memchr(text + at, '\n', len - at) - (text + at)) + 1;

			memcpy(less, text, at);
			memcpy(less + at, text + at + line, len - at - line);
			harmless("a line is gone", golden[i], text, less, len - line);
			at += line;
		}
		free(less);
		free(text);
	}
}

static void nor_one_with_a_byte_changed_or_cut_off(void **state)
{
	static const char others[] = "0-9 x\n";
	size_t len;
	char *text = load(golden[0], &len), *other = strdup(text);

	for (size_t at = 0; at < len; at++) {
		for (const char *c = others; *c; c++) {
			if (*c == text[at])
				continue;
			other[at] = *c;
			harmless("a byte is another", golden[0], text, other, len);
		}
		other[at] = text[at];
		harmless("it is cut off", golden[0], text, text, at);
	}
	free(other);
	free(text);
}

static void one_without_a_run_that_it_takes_does_not(void **state)
{
	size_t taken = 0;

	for (size_t i = 0; i < GOLDEN_CNT; i++) {
		size_t len, cnt;
		char *text = load(golden[i], &len);
		struct err err = { 0 };
		struct certificate *certificate = certificate__read(text, len, "c.cnf", &err);

		assert_non_null(certificate);
		cnt = certificate->cnt;
		for (size_t gone = 0; gone < cnt; gone++) {
			struct record record = certificate->records[gone];
			struct search_space space = { .records = certificate->records, .record_cnt = cnt - 1,
						      .mode = certificate->mode };
			struct formula formula;
			char *less;
			size_t size;
			FILE *out = open_memstream(&less, &size);
			enum exit_code code;

			memmove(&certificate->records[gone], &certificate->records[gone + 1],
				(cnt - gone - 1) * sizeof(record));
			space.vars = formula__variables(space.records, cnt - 1, &certificate->opts);
			assert_int_equal(formula__make(&formula, space.records, cnt - 1, space.vars, space.mode, 0), 0);
			space.formula = &formula;
			assert_int_equal(certificate__write(&space, space.mode, true, out, NULL), 0);
			fclose(out);
			code = verify(less, size, &err);
			assert_true(code == EXIT_DONE || (code == EXIT_VIOLATION && strstr(err.msg, "a candidate is left")));
			/* what is left is at least the set of that run, where it is within the budget */
			if (formula__allows(&formula, &record.faults) && record.faults.cnt <= 2)
				assert_int_equal(code, EXIT_VIOLATION);
			taken += code == EXIT_VIOLATION;
			formula__free(&formula);
			variables__free(space.vars);
			free(less);
			memmove(&certificate->records[gone + 1], &certificate->records[gone],
				(cnt - gone - 1) * sizeof(record));
			certificate->records[gone] = record;
		}
		certificate__free(certificate);
		free(text);
	}
	assert_true(taken >= 10);
}

static void what_is_no_certificate_is_told(void **state)
{
	static const struct {
		const char *text, *told;
	} bad[] = {
		{ "", "no certificate" },
		{ "p cnf 1 1\n1 0\n", "no certificate" },
		{ CERTIFICATE_FIRST_LINE "\n", "ends too early" },
		{ CERTIFICATE_FIRST_LINE "\np cnf 0 0\n", "must be said" },
		{ CERTIFICATE_FIRST_LINE "\nc run 1 survived under {}\n", "must be said" },
		{ CERTIFICATE_FIRST_LINE "\nc node: a\nc node: a\n", "c.cnf:3: node a is there already" },
		{ CERTIFICATE_FIRST_LINE "\nc node: a b\n", "no node's name" },
		{ CERTIFICATE_FIRST_LINE "\nc budget: link\n", "how many" },
		{ CERTIFICATE_FIRST_LINE "\nc budget: kill 1\n", "no faults called kill" },
		{ CERTIFICATE_FIRST_LINE "\nc from: tomorrow\n", "no step" },
		{ CERTIFICATE_FIRST_LINE "\nc   rests on a>b@check.0\n", "no" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { 0 };

		assert_int_equal(verify(bad[i].text, strlen(bad[i].text), &err), EXIT_USAGE);
		if (!strstr(err.msg, bad[i].told))
			fail_msg("%s: %s", bad[i].text, err.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_hunts_hold),
		cmocka_unit_test(one_without_a_line_does_not),
		cmocka_unit_test(nor_one_with_a_byte_changed_or_cut_off),
		cmocka_unit_test(one_without_a_run_that_it_takes_does_not),
		cmocka_unit_test(what_is_no_certificate_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
