// SPDX-License-Identifier: GPL-2.0-only
/* Faults and steps as text, both ways. */
#include "model/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "model/selector.h"

static const char *const kind_names[FAULT_KINDS] = { "silence", "link", "partition", "loss",
						     "stall" };

const char *fault__kind_name(enum fault_kind kind)
{
	return kind < FAULT_KINDS ? kind_names[kind] : "?";
}

char *step__print(char *buf, size_t size, uint32_t now)
{
	if (now == NOW_IDLE)
		snprintf(buf, size, "idle");
	else if (now < NOW_CHECK)
		snprintf(buf, size, "workload.%u", now - NOW_WORKLOAD);
	else if (now < NOW_END)
		snprintf(buf, size, "check.0");
	else
		snprintf(buf, size, "end");
	return buf;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

static int parse_workload(const char *digits, size_t len, uint32_t *ret_now)
{
	uint32_t k = 0;

	if (len == 0 || len > 5 || (len > 1 && digits[0] == '0'))
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -EINVAL;
		k = k * 10 + (uint32_t)(digits[i] - '0');
	}
	if (NOW_WORKLOAD + k >= NOW_CHECK)
		return -EINVAL;
	*ret_now = NOW_WORKLOAD + k;
	return 0;
}

int step__parse(const char *text, size_t len, uint32_t *ret_now)
{
	static const char workload[] = "workload.";
	const size_t head = sizeof(workload) - 1;

	if (len > head && memcmp(text, workload, head) == 0)
		return parse_workload(text + head, len - head, ret_now);
	if (is_word(text, len, "check.0"))
		*ret_now = NOW_CHECK;
	else if (is_word(text, len, "idle"))
		*ret_now = NOW_IDLE;
	else if (is_word(text, len, "end"))
		*ret_now = NOW_END;
	else
		return -EINVAL;
	return 0;
}

/* "a, b, c" */
static char *list_names(char *buf, size_t size, const struct name_table *names)
{
	size_t len = 0;

	buf[0] = '\0';
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		const char *name = names->name_of(names->ctx, id);
		int n;

		if (!name)
			continue;
		n = snprintf(buf + len, size - len, "%s%s", len ? ", " : "", name);
		if (n < 0 || (size_t)n >= size - len)
			break;
		len += (size_t)n;
	}
	return buf;
}

static const char until_word[] = "+until:";

/* What is left to read of a fault, and whose it is. */
struct parser {
	const char *text; /* the whole, for messages */
	const char *at;
	const struct name_table *names;
	struct err *err;
};

static int refuse(struct parser *p, const char *why)
{
	return err__set(p->err, EXIT_USAGE, "fault `%.80s`: %s", p->text, why);
}

static int parse_kind(struct parser *p, enum fault_kind *ret)
{
	size_t len = strcspn(p->at, ":");
	int kind = 0;

	while (kind < FAULT_KINDS && !is_word(p->at, len, kind_names[kind]))
		kind++;
	if (kind == FAULT_KINDS || p->at[len] != ':')
		return refuse(p, "not one of silence:N@STEP, link:A>B@STEP, partition:A|B@STEP, "
				 "stall:A>B/PORT#CLASS.N@STEP, loss:A>B@STEP");
	*ret = (enum fault_kind)kind;
	p->at += len + 1;
	return 0;
}

static int parse_name(struct parser *p, uint16_t *ret)
{
	size_t len = strcspn(p->at, ">|@/#");
	int id = len ? p->names->id_of(p->names->ctx, p->at, len) : -1;
	char list[512];

	if (len == 0)
		return refuse(p, "a node's name is missing");
	if (id <= NODE_OUTSIDE || id >= MAX_NODES)
		return err__set(p->err, EXIT_USAGE, "fault `%.80s`: no node is named `%.*s`; there are: %s",
				p->text, (int)(len < 64 ? len : 64), p->at,
				list_names(list, sizeof(list), p->names));
	*ret = (uint16_t)id;
	p->at += len;
	return 0;
}

/* A>B */
static int parse_link(struct parser *p, uint16_t *ret_a, uint16_t *ret_b)
{
	if (parse_name(p, ret_a) < 0)
		return -1;
	if (*p->at != '>')
		return refuse(p, "a link is written A>B");
	p->at++;
	if (parse_name(p, ret_b) < 0)
		return -1;
	return *ret_a == *ret_b ? refuse(p, "both ends are the same node") : 0;
}

static int parse_nodes(struct parser *p, struct fault *fault)
{
	if (fault->kind != FAULT_SILENCE && fault->kind != FAULT_PARTITION)
		return parse_link(p, &fault->a, &fault->b);
	if (parse_name(p, &fault->a) < 0)
		return -1;
	if (fault->kind == FAULT_SILENCE)
		return 0;
	if (*p->at != '|')
		return refuse(p, "a partition is written A|B");
	p->at++;
	if (parse_name(p, &fault->b) < 0)
		return -1;
	if (fault->a == fault->b)
		return refuse(p, "both ends are the same node");
	if (fault->a > fault->b) {
		uint16_t a = fault->a;

		fault->a = fault->b;
		fault->b = a;
	}
	return 0;
}

static int parse_selector(struct parser *p, struct fault *fault)
{
	const char *until = strstr(p->at, until_word), *end, *wrong;
	size_t len = until ? (size_t)(until - p->at) : strlen(p->at);

	end = memrchr(p->at, '@', len);
	if (fault->kind != FAULT_STALL || !end)
		return 0;
	wrong = selector__parse(p->at, end - p->at, &fault->selector);
	if (wrong)
		return refuse(p, wrong);
	p->at = end;
	return 0;
}

static size_t step_len(const char *text)
{
	const char *dots = strstr(text, "..");
	size_t len = strcspn(text, "+");

	return dots && (size_t)(dots - text) < len ? (size_t)(dots - text) : len;
}

static int parse_window(struct parser *p, struct fault *fault)
{
	size_t len;

	if (*p->at != '@')
		return refuse(p, "say when it begins: @workload.K or @check.0");
	p->at++;
	len = step_len(p->at);
	if (step__parse(p->at, len, &fault->from) < 0 || fault->from == NOW_IDLE ||
	    fault->from == NOW_END)
		return refuse(p, "it must begin at workload.K (K from 0 to 65534) or check.0");
	p->at += len;
	if (strncmp(p->at, "..", 2) != 0)
		return 0;
	p->at += 2;
	len = step_len(p->at);
	if (step__parse(p->at, len, &fault->until) < 0)
		return refuse(p, "it must end at workload.K, check.0 or end");
	if (fault->until <= fault->from)
		return refuse(p, "it ends before it begins");
	p->at += len;
	return 0;
}

static bool begins_release(const char *text)
{
	return !strncmp(text, until_word, sizeof(until_word) - 1);
}

static int parse_release(struct parser *p, struct fault *fault)
{
	struct release *release = &fault->release;
	const char *wrong;

	p->at += sizeof(until_word) - 1;
	if (!step__parse(p->at, strlen(p->at), &release->step)) {
		if (release->step == NOW_END)
			return refuse(p, "until the end it is held anyway");
		return release->step > fault->from ? 0 : refuse(p, "it is let go before it begins");
	}
	if (!strchr(p->at, '>'))
		return refuse(p, "after +until: comes a step, or a message as A>B/PORT#CLASS.N");
	if (parse_link(p, &release->a, &release->b) < 0)
		return -1;
	wrong = selector__parse(p->at, strlen(p->at), &release->selector);
	return wrong ? refuse(p, wrong) : 0;
}

static int parse_delay(struct parser *p, struct fault *fault)
{
	if (*p->at == '+' && !begins_release(p->at)) {
		if (units__parse_span_ns(p->at + 1, &p->at, &fault->delay_ns) < 0)
			return refuse(
				p, "after + comes a delay such as 2s, or until: and what ends it");
		if (fault->delay_ns == 0)
			return refuse(p, "a delay of 0 is no fault");
	}
	if (begins_release(p->at))
		return parse_release(p, fault);
	return *p->at ? refuse(p, "after the step comes nothing, ..STEP, a delay such as +2s, or "
				  "+until:")
		      : 0;
}

int fault__parse(const char *text, const struct name_table *names, struct fault *ret, struct err *err)
{
	struct parser p = { .text = text, .at = text, .names = names, .err = err };
	struct fault fault = { 0 };

	if (parse_kind(&p, &fault.kind) < 0 || parse_nodes(&p, &fault) < 0 ||
	    parse_selector(&p, &fault) < 0 || parse_window(&p, &fault) < 0 || parse_delay(&p, &fault) < 0)
		return -1;
	*ret = fault;
	return 0;
}

static const char *name_of(const struct name_table *names, uint16_t id, char buf[16])
{
	const char *name = names ? names->name_of(names->ctx, id) : NULL;

	if (name)
		return name;
	snprintf(buf, 16, "#%u", id);
	return buf;
}

static void print_nodes(char *buf, size_t size, const struct fault *fault,
			const struct name_table *names)
{
	char spare_a[16], spare_b[16];
	const char *a = name_of(names, fault->a, spare_a);
	const char *b = name_of(names, fault->b, spare_b);

	if (fault->kind == FAULT_SILENCE)
		snprintf(buf, size, "%s", a);
	else if (fault->kind != FAULT_PARTITION)
		snprintf(buf, size, "%s>%s", a, b);
	else if (strcmp(a, b) <= 0)
		snprintf(buf, size, "%s|%s", a, b);
	else
		snprintf(buf, size, "%s|%s", b, a);
}

static char *print_release(char *buf, size_t size, const struct release *release,
			   const struct name_table *names)
{
	char spare_a[16], spare_b[16], selector[160], step[32];

	buf[0] = '\0';
	if (release->step)
		snprintf(buf, size, "%s%s", until_word, step__print(step, sizeof(step), release->step));
	else if (release->a)
		snprintf(buf, size, "%s%s>%s%s", until_word, name_of(names, release->a, spare_a),
			 name_of(names, release->b, spare_b),
			 selector__print(selector, sizeof(selector), &release->selector));
	return buf;
}

char *fault__print(char *buf, size_t size, const struct fault *fault, const struct name_table *names)
{
	char nodes[160], selector[160] = "", from[32], until[40] = "", delay[48] = "", text[32];
	char release[400];

	print_nodes(nodes, sizeof(nodes), fault, names);
	step__print(from, sizeof(from), fault->from);
	if (fault->until)
		snprintf(until, sizeof(until), "..%s", step__print(text, sizeof(text), fault->until));
	if (fault->delay_ns)
		snprintf(delay, sizeof(delay), "+%s",
			 units__print_span(text, sizeof(text), fault->delay_ns));
	if (fault->kind == FAULT_STALL)
		selector__print(selector, sizeof(selector), &fault->selector);
	snprintf(buf, size, "%s:%s%s@%s%s%s%s", fault__kind_name(fault->kind), nodes, selector,
		 from, until, delay,
		 print_release(release, sizeof(release), &fault->release, names));
	return buf;
}

char *fault_set__print(char *buf, size_t size, const struct fault_set *set,
		       const struct name_table *names)
{
	char text[FAULT_TEXT_MAX];
	size_t len = 0;

	if (size == 0)
		return buf;
	snprintf(buf, size, "{");
	for (size_t i = 0; i < set->cnt; i++) {
		len = strlen(buf);
		snprintf(buf + len, size - len, "%s%s", i ? ", " : "",
			 fault__print(text, sizeof(text), &set->v[i], names));
	}
	len = strlen(buf);
	snprintf(buf + len, size - len, "}");
	return buf;
}
