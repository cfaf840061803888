// SPDX-License-Identifier: GPL-2.0-only
#include "report/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/faults.h"

enum act { BEGIN, END };

struct op {
	uint64_t ts_ns;
	const char *f; /* of a fault NULL: start or stop */
	enum act act;
	const char *type;
	const struct fault *fault;
};

struct ops {
	struct op v[2 * MAX_FAULTS + 4];
	size_t cnt;
	uint64_t begin_ns;
};

/* Commands answer with exit codes: 0 yes, 1 no, anything else is not known. */
static const char *type_of(int code)
{
	return code == 0 ? ":ok" : code == 1 << 8 ? ":fail" : ":info";
}

static void add(struct ops *ops, struct op op)
{
	if (op.ts_ns != ~0ULL)
		ops->v[ops->cnt++] = op;
}

static void add_phase(struct ops *ops, const struct graph *graph, enum phase phase, const char *f)
{
	struct graph_phase span = graph__phase(graph, phase);

	if (!span.begin_ns)
		return;
	add(ops, (struct op){span.begin_ns, f, BEGIN, ":invoke", NULL});
	if (span.end_ns >= span.begin_ns)
		add(ops, (struct op){span.end_ns, f, END, type_of(span.code), NULL});
}

static int by_time(const void *a, const void *b)
{
	const struct op *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return (int)y->act - (int)x->act; /* what ends, then what begins */
}

static void collect(const struct graph *graph, const struct fault_spans *spans, struct ops *ops)
{
	uint64_t run_end_ns = graph__phase(graph, PHASE_END).begin_ns;

	ops->cnt = 0;
	ops->begin_ns = graph__phase(graph, PHASE_WORKLOAD).begin_ns;
	add_phase(ops, graph, PHASE_WORKLOAD, "workload");
	add_phase(ops, graph, PHASE_CHECK, "check");
	for (size_t i = 0; i < spans->cnt; i++) {
		const struct fault_span *span = &spans->v[i];

		if (span->begin_ns == ~0ULL)
			continue;
		add(ops, (struct op){span->begin_ns, NULL, BEGIN, ":info", &span->fault});
		add(ops,
		    (struct op){span->end_ns == ~0ULL && run_end_ns ? run_end_ns : span->end_ns,
				NULL, END, ":info", &span->fault});
	}
	qsort(ops->v, ops->cnt, sizeof(*ops->v), by_time);
}

static void put_op(const struct op *op, uint64_t begin_ns, size_t index,
		   const struct name_table *names, FILE *out)
{
	int64_t time = op->ts_ns > begin_ns ? (int64_t)(op->ts_ns - begin_ns) : 0;
	char text[256] = "";

	fprintf(out, "{:index %zu, :time %" PRId64 ", :type %s, :process %s, :f :%s, :value ",
		index, time, op->type, op->fault ? ":nemesis" : "0",
		!op->fault	   ? op->f
		: op->act == BEGIN ? "start"
				   : "stop");
	if (op->fault)
		fprintf(out, "\"%s\"}\n", fault__print(text, sizeof(text), op->fault, names));
	else
		fputs("nil}\n", out);
}

static void put_all(const struct ops *ops, const struct name_table *names, FILE *out)
{
	size_t index = 0;

	for (size_t i = 0; i < ops->cnt; i++) {
		put_op(&ops->v[i], ops->begin_ns, index++, names, out);
		if (ops->v[i].fault)
			put_op(&ops->v[i], ops->begin_ns, index++, names, out);
	}
}

int history__write(const struct hunt_folder *folder, const struct told_run *run, FILE *out,
		   struct err *err)
{
	struct name_table names;
	struct fault_spans spans;
	struct graph *graph;
	char path[PATH_MAX];
	struct ops ops;

	graph = graph__load(hunt_folder__path(folder, run->number, "trace", path, sizeof(path)),
			    err);
	if (!graph)
		return -1;
	if (fault_spans__of(graph, run, folder->heal, &spans, err)) {
		graph__free(graph);
		return -1;
	}
	names = names__of(graph);
	collect(graph, &spans, &ops);
	put_all(&ops, &names, out);
	graph__free(graph);
	if (fflush(out) || ferror(out))
		return err__set(err, EXIT_MACHINE, "cannot write the export: %s", strerror(errno));
	return 0;
}
