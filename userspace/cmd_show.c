// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/json_text.h"
#include "base/units.h"
#include "causal/graph.h"
#include "causal/label.h"
#include "cmd.h"
#include "model/fault.h"
#include "report/happenings.h"

static const char usage[] =
	"usage: cutset show FILE [-m] [-l]\n"
	"\n"
	"What a trace holds: its nodes, who sent whom how much, how many receives were matched to\n"
	"their sends, and whether anything was lost.\n"
	"\n"
	"  -m, --messages     each message as well\n"
	"  -l, --logs         what nodes logged, programs begun and ended, signals\n"
	"\n"
	"  cutset show t --json | jq .matched,.receives\n"
	"\n"
	"exit codes: 0 shown (also when it is not complete), 2 no such file, or not a trace\n";

static const char *const carriers[CARRIERS] = {
	[CARRIER_TCP] = "tcp",	 [CARRIER_UDP] = "udp",		[CARRIER_UNIX] = "unix",
	[CARRIER_PIPE] = "pipe", [CARRIER_EVENTFD] = "eventfd",
};

struct link {
	uint16_t src, dst, port;
	enum carrier carrier;
	uint64_t messages, bytes;
};

struct links {
	struct link *v;
	size_t cnt, cap;
};

static struct link *link_of(struct links *links, const struct message *message)
{
	struct link *link;

	for (size_t i = 0; i < links->cnt; i++) {
		link = &links->v[i];
		if (link->src == message->src && link->dst == message->dst &&
		    link->port == message->server_port && link->carrier == message->carrier)
			return link;
	}
	if (grow(&links->v, &links->cap, links->cnt + 1) < 0)
		return NULL;
	link = &links->v[links->cnt++];
	*link = (struct link){message->src, message->dst, message->server_port, message->carrier};
	return link;
}

static int by_ends(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->src != y->src)
		return x->src - y->src;
	if (x->dst != y->dst)
		return x->dst - y->dst;
	return x->carrier != y->carrier ? (int)x->carrier - (int)y->carrier : x->port - y->port;
}

/* Connections are on it, but only data counts. Returns 0 or -1. */
static int collect(struct links *links, const struct graph *graph)
{
	struct link *link = NULL;

	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (!link || link->src != message->src || link->dst != message->dst ||
		    link->port != message->server_port || link->carrier != message->carrier)
			link = link_of(links, message);
		if (!link)
			return -1;
		link->messages += message->class == MSG_DATA;
		link->bytes += message->len;
	}
	if (links->cnt)
		qsort(links->v, links->cnt, sizeof(*links->v), by_ends);
	return 0;
}

static const char *fate(const struct message *message)
{
	if (message->delivered)
		return message->cut ? "cut, delivered later" : "delivered";
	if (message->cut)
		return "cut";
	return message->received_ns ? "in part" : "not seen to arrive";
}

#define PORT_BYTES 24

/* ":6379", ":53/udp", or what it is where there are no ports: " unix" */
static const char *port_text(char *buf, size_t size, uint16_t port, enum carrier carrier)
{
	if (carrier == CARRIER_TCP)
		snprintf(buf, size, ":%u", port);
	else if (carrier == CARRIER_UDP)
		snprintf(buf, size, ":%u/udp", port);
	else
		snprintf(buf, size, " %s", carriers[carrier]);
	return buf;
}

static void print_message(const struct graph *graph, const struct message *message,
			  uint64_t begin_ns)
{
	char step[32], label[LABEL_BYTES], port[PORT_BYTES];

	printf("  %10.3f ms  %-12s %s>%s%s  %u bytes  %s  %s\n",
	       ((double)message->sent_ns - (double)begin_ns) / NSEC_PER_MSEC,
	       step__print(step, sizeof(step), message->step),
	       graph__node_name(graph, message->src), graph__node_name(graph, message->dst),
	       port_text(port, sizeof(port), message->server_port, message->carrier), message->len,
	       fate(message), message__label(label, sizeof(label), message));
}

/* Times are printed from here: the first thing that is listed. */
static uint64_t begin_of(const struct graph *graph)
{
	const struct happenings *happenings = graph__happenings(graph);
	uint64_t begin = happenings->cnt ? happenings->v[0].ts_ns : UINT64_MAX;

	if (graph__message_cnt(graph) && graph__message(graph, 0)->sent_ns < begin)
		begin = graph__message(graph, 0)->sent_ns;
	return begin;
}

static void print_messages(const struct graph *graph)
{
	size_t cnt = graph__message_cnt(graph);

	printf("messages (%zu)\n", cnt);
	for (size_t i = 0; i < cnt; i++)
		print_message(graph, graph__message(graph, i), begin_of(graph));
}

static void print_logs(const struct graph *graph)
{
	printf("logs, programs, signals (%zu)\n", graph__happenings(graph)->cnt);
	happenings__print(graph, begin_of(graph), stdout);
}

/* What of a trace is listed one by one. */
struct lists {
	bool messages, logs;
};

static const char *const unseen[BLINDS] = {
	[BLIND_IO_URING] = "what was moved by io_uring was",
	[BLIND_MPTCP] = "what MPTCP connections carried was",
	[BLIND_ULP] = "what kTLS or another layer on TCP carried was",
	[BLIND_COMPAT] = "what 32-bit system calls moved was",
	[BLIND_MULTICAST] = "who took what was sent to multicast groups was",
	[BLIND_SEGMENTS] =
		"UDP datagrams that one call made several of, or several calls one, were",
	[BLIND_SOCKMAP] = "what a sockmap moved within the kernel was",
	[BLIND_URGENT] = "where in unix streams urgent bytes were taken was",
	[BLIND_RESTART] = "what targets did between their restart and when they were found again was",
};

static void print_missing(const struct graph_stats *stats)
{
	const char *separator = ": ";

#define MISSING(condition, ...)                  \
	do {                                     \
		if (condition) {                 \
			printf("%s", separator); \
			printf(__VA_ARGS__);     \
			separator = "; ";        \
		}                                \
	} while (0)
	printf("not complete");
	MISSING(!stats->whole, "the file was cut off, what is here came before");
	MISSING(stats->lost, "%" PRIu64 " events were lost", stats->lost);
	MISSING(stats->backward, "a thread's clock went back, %" PRIu64 " times", stats->backward);
	MISSING(stats->holes, "%" PRIu64 " holes in streams", stats->holes);
	MISSING(stats->matched < stats->receives, "%" PRIu64 " receives have no sender",
		stats->receives - stats->matched);
	MISSING(stats->undescribed, "sockets that were not described moved bytes");
	for (uint32_t why = BLIND_NONE + 1; why < BLINDS; why++)
		MISSING(stats->blind & (1U << why), "%s not seen", unseen[why]);
#undef MISSING
	putchar('\n');
}

#define HOLES_PRINTED 20

static const char *const sides[] = {
	[HOLE_SENT] = "not seen sent",
	[HOLE_RECEIVED] = "not seen received",
	[HOLE_STRAY] = "received, not all of it seen sent",
};

/* hole: client>redis:6379 (41002>6379) bytes 3129112:3129200, not seen sent: 3 events were lost */
static void print_holes(const struct graph *graph, const struct graph_stats *stats)
{
	size_t cnt = graph__hole_cnt(graph);

	for (size_t i = 0; i < cnt && i < HOLES_PRINTED; i++) {
		const struct hole *hole = graph__hole(graph, i);
		char port[PORT_BYTES];

		printf("  hole: %s>%s%s (%u>%u) %s %u:%u, %s: %s\n",
		       graph__node_name(graph, hole->src), graph__node_name(graph, hole->dst),
		       port_text(port, sizeof(port), hole->server_port, hole->carrier), hole->sport,
		       hole->dport, hole->datagrams ? "datagrams" : "bytes", hole->seq,
		       hole->seq + hole->len, sides[hole->side],
		       stats->lost ? "events were lost"
		       : stats->blind
			       ? "moved in a way that is not recorded"
			       : "by a process that is not traced, or a call we do not know");
	}
	if (cnt > HOLES_PRINTED)
		printf("  and %zu more\n", cnt - HOLES_PRINTED);
}

static void print_stats(const struct graph *graph, const struct graph_stats *stats)
{
	printf("events %" PRIu64 ", messages %" PRIu64 ", streams between nodes %u\n",
	       stats->events, stats->messages, stats->streams);
	printf("receives %" PRIu64 ", matched %" PRIu64, stats->receives, stats->matched);
	if (stats->receives)
		printf(" (%.4g %%)", 100.0 * stats->matched / stats->receives);
	if (stats->early)
		printf("; %" PRIu64 " more took bytes sent before tracing began", stats->early);
	if (stats->repaired)
		printf("; %" PRIu64 " positions put right", stats->repaired);
	if (stats->shared)
		printf("\nunix streams, pipes and eventfds that threads share: %u; which of two calls at once "
		       "moved which bytes is a guess there",
		       stats->shared);
	if (stats->resolver)
		printf("\n%" PRIu64 " datagrams to and from Docker's resolver (127.0.0.11), which is not traced",
		       stats->resolver);
	printf("\nlost %" PRIu64 ", holes %" PRIu64 "\n", stats->lost, stats->holes);
	if (stats->complete) {
		puts("complete");
		return;
	}
	print_missing(stats);
	print_holes(graph, stats);
}

static void print_link(const struct graph *graph, const struct link *link)
{
	char port[PORT_BYTES];

	printf("  %s>%s%s  %" PRIu64 " messages, %" PRIu64 " bytes\n",
	       graph__node_name(graph, link->src), graph__node_name(graph, link->dst),
	       port_text(port, sizeof(port), link->port, link->carrier), link->messages,
	       link->bytes);
}

/* Of a path only what can do a terminal no harm. */
static void print_path(const char *path)
{
	for (; *path; path++)
		putchar((unsigned char)*path < ' ' || *path == 0x7f ? '?' : *path);
}

static const char *kind_of(const struct trace_node *node)
{
	return node->client ? "client" : node->proxy ? "proxy" : "node";
}

static void print_node(const struct trace_node *node)
{
	if (node->client || node->proxy)
		printf("  %s (%s)\n", node->name, kind_of(node));
	else
		printf("  %s\n", node->name);
	for (size_t i = 0; i < node->program_cnt; i++) {
		printf("    ");
		print_path(node->programs[i].path);
		printf("  ");
		print_path(node->programs[i].build_id);
		putchar('\n');
	}
}

static void print_text(const struct graph *graph, const struct links *links, struct lists lists)
{
	struct graph_stats stats;

	graph__stats(graph, &stats);
	printf("nodes (%zu)\n", graph__node_cnt(graph));
	for (uint16_t id = 1; id < MAX_NODES; id++)
		if (graph__node(graph, id))
			print_node(graph__node(graph, id));
	printf("links (%zu)\n", links->cnt);
	for (size_t i = 0; i < links->cnt; i++)
		print_link(graph, &links->v[i]);
	if (lists.messages)
		print_messages(graph);
	if (lists.logs)
		print_logs(graph);
	print_stats(graph, &stats);
}

static json_t *message_json(const struct graph *graph, const struct message *message)
{
	static const char *const classes[] = {"data", "connect", "accept"};
	char step[32], label[LABEL_BYTES], key[24];

	snprintf(key, sizeof(key), "%016" PRIx64, message->key);
	return json_pack("{s:i, s:s, s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:b, s:s, s:s}",
			 "id", (int)message->id, "from", graph__node_name(graph, message->src),
			 "to", graph__node_name(graph, message->dst), "port", message->server_port,
			 "carrier", carriers[message->carrier], "class", classes[message->class],
			 "step", step__print(step, sizeof(step), message->step), "sent_ns",
			 (json_int_t)message->sent_ns, "received_ns",
			 (json_int_t)message->received_ns, "bytes", (json_int_t)message->len,
			 "delivered", message->delivered, "cut", message->cut, "label",
			 message__label(label, sizeof(label), message), "key", key);
}

static json_t *links_json(const struct graph *graph, const struct links *links)
{
	json_t *list = json_array();

	for (size_t i = 0; i < links->cnt; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:i, s:s, s:I, s:I}", "from",
					graph__node_name(graph, links->v[i].src), "to",
					graph__node_name(graph, links->v[i].dst), "port",
					links->v[i].port, "carrier", carriers[links->v[i].carrier],
					"messages", (json_int_t)links->v[i].messages, "bytes",
					(json_int_t)links->v[i].bytes));
	return list;
}

static json_t *stats_json(const struct graph_stats *stats)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "events",
			 (json_int_t)stats->events, "nodes", (json_int_t)stats->nodes, "streams",
			 (json_int_t)stats->streams, "messages", (json_int_t)stats->messages,
			 "receives", (json_int_t)stats->receives, "matched",
			 (json_int_t)stats->matched, "early", (json_int_t)stats->early,
			 "resolver", (json_int_t)stats->resolver, "lost",
			 (json_int_t)stats->lost, "holes", (json_int_t)stats->holes, "repaired",
			 (json_int_t)stats->repaired, "shared", (json_int_t)stats->shared,
			 "backward", (json_int_t)stats->backward, "whole", stats->whole, "complete",
			 stats->complete);
}

static json_t *unseen_json(const struct graph_stats *stats)
{
	static const char *const names[BLINDS] = {NULL,	    "io_uring",	 "mptcp",    "ulp",
						  "compat", "multicast", "segments", "sockmap",
						  "urgent", "restart"};
	json_t *list = json_array();

	for (uint32_t why = BLIND_NONE + 1; why < BLINDS; why++)
		if (stats->blind & (1U << why))
			json_array_append_new(list, json_string(names[why]));
	return list;
}

static json_t *programs_json(const struct graph *graph)
{
	json_t *list = json_array();

	for (uint16_t id = 1; id < MAX_NODES; id++) {
		const struct trace_node *node = graph__node(graph, id);

		for (size_t i = 0; node && i < node->program_cnt; i++)
			json_array_append_new(
				list, json_pack("{s:s, s:o, s:o}", "node", node->name, "path",
						json_text(node->programs[i].path), "build_id",
						json_text(node->programs[i].build_id)));
	}
	return list;
}

static json_t *messages_json(const struct graph *graph)
{
	json_t *list = json_array();

	for (size_t i = 0; i < graph__message_cnt(graph); i++)
		json_array_append_new(list, message_json(graph, graph__message(graph, i)));
	return list;
}

static void print_json(const struct graph *graph, const struct links *links, struct lists lists)
{
	json_t *names = json_array(), *kinds = json_array(), *result;
	struct graph_stats stats;

	graph__stats(graph, &stats);
	result = stats_json(&stats);
	json_object_set_new(result, "unseen", unseen_json(&stats));
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		const struct trace_node *node = graph__node(graph, id);

		if (!node)
			continue;
		json_array_append_new(names, json_string(node->name));
		json_array_append_new(kinds, json_string(kind_of(node)));
	}
	json_object_set_new(result, "names", names);
	json_object_set_new(result, "kinds", kinds);
	json_object_set_new(result, "programs", programs_json(graph));
	json_object_set_new(result, "links", links_json(graph, links));
	if (lists.messages)
		json_object_set_new(result, "list", messages_json(graph));
	if (lists.logs)
		json_object_set_new(result, "logs", happenings__to_json(graph));
	cmd__print_json(result);
}

static int show(const char *path, struct lists lists)
{
	struct links links = {0};
	int ret = EXIT_DONE;
	struct graph *graph;
	struct err err;

	graph = graph__load(path, &err);
	if (!graph)
		return cmd__fail(&err);
	if (collect(&links, graph) < 0)
		ret = cmd__failf(EXIT_MACHINE, "%s: out of memory", path);
	else if (cmd__json)
		print_json(graph, &links, lists);
	else
		print_text(graph, &links, lists);
	free(links.v);
	graph__free(graph);
	return ret;
}

int cmd_show(int argc, char **argv)
{
	static const struct option options[] = {
		{"messages", no_argument, NULL, 'm'},
		{"logs", no_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},
		{NULL},
	};
	struct lists lists = {0};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "mlh", options, NULL)) != -1) {
		if (option == 'h')
			return cmd__help(usage);
		if (option != 'm' && option != 'l')
			return cmd__bad_option(usage, argv);
		lists.messages |= option == 'm';
		lists.logs |= option == 'l';
	}
	if (argc - optind != 1)
		return cmd__misuse(usage, "show: give one trace file");
	return show(argv[optind], lists);
}
