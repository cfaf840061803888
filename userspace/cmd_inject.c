// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/json_text.h"
#include "base/privilege.h"
#include "base/units.h"
#include "cmd.h"
#include "hunt/command.h"
#include "hunt/experiment.h"
#include "hunt/judge.h"
#include "hunt/session.h"
#include "hunt/watch.h"
#include "hunt/words.h"

static const char usage[] =
	"usage: cutset inject FAULT... TARGET... [options] -- CMD...\n"
	"\n"
	"Runs CMD once while the faults are in force, and says what became of each. CMD is a node of\n"
	"its own, `client`; each time it sends after it has received, the step goes up. As root.\n"
	"\n"
	"  FAULT              silence:N@S, link:A>B@S, partition:A|B@S, with S = workload.K or check.0;\n"
	"                     @S..E for a window, +20ms for a delay instead of a loss,\n"
	"                     +until:S or +until:A>B/PORT#CLASS.N for one until a step or a message;\n"
	"                     stall:A>B/PORT#CLASS.N@S: from the N-th message on that begins with CLASS\n"
	"                     (?: any byte, %0a: that byte, ~9-40: its length; `connect`: an attempt to);\n"
	"                     loss:A>B@S: what A sends in step S\n"
	"  TARGET             [NAME=]docker:CONTAINER, [NAME=]host:CONTAINER, compose:PROJECT[/SERVICE],\n"
	"                     [NAME=]cgroup:PATH, [NAME=]pid:N, [NAME=]pgid:N\n"
	"  --client TARGET    a target whose sends move the clock of steps; may be repeated\n"
	"  --hold D           keep the faults this long after CMD has exited\n"
	"  -o DIR             keep the trace: DIR/trace\n"
	"  --engine NAME      what holds packets that are delayed: tap, chamber, edt, or auto\n"
	"  --max-packets N    no fault takes more packets than that; what comes later passes, and is counted\n"
	"  --max-time D       no fault goes on for longer than that after its first packet\n"
	"  --dry-run          print the nodes, what would be attached where, and the rules; run nothing\n"
	"\n"
	"  cutset inject 'link:redis1>redis2@workload.1' compose:shop -- ./write.sh\n"
	"  cutset inject 'stall:redis1>redis2/6379#*3%0d%0a$3%0d%0aSET@workload.0+2s' compose:shop -- ./write.sh\n"
	"  cutset inject 'stall:a>c#put@workload.0+until:b>c#put' compose:shop -- ./race.sh\n"
	"  cutset inject silence:a@workload.0+20ms a=pid:812 b=pid:813 -- ./write.sh\n"
	"\n"
	"exit codes: 0 every fault fired (whatever CMD's status, which is printed), 4 a fault was missed or\n"
	"did not hold all the time, or events were lost, 2 wrong usage, 3 this machine cannot, 5 a target\n"
	"was lost\n";

struct arguments {
	char *faults[MAX_FAULTS];
	size_t fault_cnt;
	char *targets[MAX_NODES], *clients[MAX_NODES];
	size_t target_cnt, client_cnt;
	const char *dir;
	uint64_t hold_ns;
	enum park_engine engine;
	long max_packets;
	uint64_t max_ns;
	bool dry_run, help;
	char **command;
};

struct injection {
	const struct arguments *args;
	struct session session;
	struct watch *watch;
	struct err lost; /* code 0: no target was */
	struct fault_set faults;
	struct fault_report reports[MAX_FAULTS];
	struct command_result result;
	struct facts facts;
	char dir[PATH_MAX], trace[PATH_MAX];
};

static bool is_fault(const char *word)
{
	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		const char *name = fault__kind_name((enum fault_kind)kind);
		size_t len = strlen(name);

		if (!strncmp(word, name, len) && word[len] == ':')
			return true;
	}
	return false;
}

static int take_word(struct arguments *args, char *word)
{
	if (is_fault(word)) {
		if (args->fault_cnt == MAX_FAULTS)
			return cmd__misuse(usage, "inject: at most %d faults", MAX_FAULTS);
		args->faults[args->fault_cnt++] = word;
		return 0;
	}
	if (args->target_cnt == MAX_NODES)
		return cmd__misuse(usage, "inject: too many targets");
	args->targets[args->target_cnt++] = word;
	return 0;
}

static int take_option(struct arguments *args, int option)
{
	switch (option) {
	case 'o':
		args->dir = optarg;
		return 0;
	case 'c':
		if (args->client_cnt == MAX_NODES)
			return cmd__misuse(usage, "inject: too many clients");
		args->clients[args->client_cnt++] = optarg;
		return 0;
	case 'H':
		if (units__parse_span_ns(optarg, NULL, &args->hold_ns))
			return cmd__misuse(usage, "--hold %s: write a span as 500ms, 10s, 5m", optarg);
		return 0;
	case 'e':
		if (park__parse_engine(optarg, &args->engine))
			return cmd__misuse(usage, "--engine %s: one of auto, tap, chamber, edt", optarg);
		return 0;
	case 'p':
		if (units__parse_count(optarg, 1, LONG_MAX, &args->max_packets))
			return cmd__misuse(usage, "--max-packets %s: not a number of packets", optarg);
		return 0;
	case 't':
		if (units__parse_span_ns(optarg, NULL, &args->max_ns) || !args->max_ns)
			return cmd__misuse(usage, "--max-time %s: write a span as 500ms, 10s, 5m", optarg);
		return 0;
	case 'n':
		args->dry_run = true;
		return 0;
	default: /* 'h' */
		args->help = true;
		return 0;
	}
}

static int take_arguments(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "client", required_argument, NULL, 'c' },
		{ "hold", required_argument, NULL, 'H' },
		{ "engine", required_argument, NULL, 'e' },
		{ "max-packets", required_argument, NULL, 'p' },
		{ "max-time", required_argument, NULL, 't' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int option, ret, end = cmd__take_command(argc, argv, &args->command);

	opterr = 0;
	while ((option = getopt_long(end, argv, "o:h", options, NULL)) != -1) {
		ret = option == '?' ? cmd__bad_option(usage, argv) : take_option(args, option);
		if (ret || args->help)
			return ret;
	}
	for (int i = optind; i < end; i++)
		if (take_word(args, argv[i]))
			return EXIT_USAGE;
	if (!args->fault_cnt)
		return cmd__misuse(usage, "inject: which faults? For example silence:redis1@workload.0");
	if (!args->target_cnt)
		return cmd__misuse(usage, "inject: which targets? For example docker:redis1");
	if (!args->command && !args->dry_run)
		return cmd__misuse(usage, "inject: which command? Give it after --");
	return 0;
}

static int parse_faults(struct injection *injection, struct err *err)
{
	const struct arguments *args = injection->args;
	struct fault fault;

	for (size_t i = 0; i < args->fault_cnt; i++) {
		if (fault__parse(args->faults[i], &injection->session.names, &fault, err))
			return -1;
		if (fault_set__add(&injection->faults, &fault))
			return err__set(err, EXIT_USAGE, "%s is there twice", args->faults[i]);
	}
	return 0;
}

/* Where the trace goes: the folder that was asked for, or one that is removed afterwards. */
static int make_dir(struct injection *injection, struct err *err)
{
	const char *dir = injection->args->dir;

	strcpy(injection->dir, "/tmp/cutset-inject.XXXXXX");
	if (dir) {
		if ((mkdir(dir, 0755) && errno != EEXIST) || !realpath(dir, injection->dir))
			return err__set(err, EXIT_USAGE, "cannot make the folder %s: %s", dir,
					strerror(errno));
	} else if (!mkdtemp(injection->dir)) {
		return err__set(err, EXIT_MACHINE, "cannot make a folder in /tmp: %s",
				strerror(errno));
	}
	if (snprintf(injection->trace, sizeof(injection->trace), "%s/trace", injection->dir) >=
	    (int)sizeof(injection->trace))
		return err__set(err, EXIT_USAGE, "the folder's path is too long");
	return 0;
}

static void remove_dir(struct injection *injection)
{
	if (injection->args->dir)
		return;
	unlink(injection->trace);
	rmdir(injection->dir);
}

/* The watch may have descriptors open that a command would inherit: not before there is the child. */
static int own(void *ctx, pid_t pid, struct err *err)
{
	struct injection *injection = ctx;

	if (session__own(&injection->session, pid, err))
		return -1;
	injection->watch = watch__start(&injection->session, err);
	return injection->watch ? 0 : -1;
}

static int run_command(struct injection *injection, struct err *err)
{
	struct session *session = &injection->session;
	char faults[4096], silenced[MAX_FAULTS * NODE_NAME_MAX];
	const struct command command = {
		.argv = injection->args->command,
		.out_path = cmd__json ? "/dev/stderr" : NULL,
		.run = 1,
		.run_dir = injection->dir,
		.phase = "workload",
		.faults = fault_set__print(faults, sizeof(faults), &injection->faults,
					   &session->names),
		.silenced = session__silenced(session, &injection->faults, silenced,
					      sizeof(silenced)),
		.sweep = true,
		.launcher = session->launcher,
		.started = own,
		.ctx = injection,
	};
	int bad;

	session__set_now(session, NOW_WORKLOAD);
	session__count(session, true);
	observer__phase(session->observer, PHASE_WORKLOAD, 0);
	bad = command__run(&command, &injection->result, err);
	session__count(session, false);
	session__set_now(session, NOW_CHECK);
	observer__phase(session->observer, PHASE_HOLD, injection->result.status);
	if (!bad)
		interrupt__sleep_ns(injection->args->hold_ns);
	watch__stop(injection->watch, &injection->lost);
	session__set_now(session, NOW_HEALED);
	observer__phase(session->observer, PHASE_SETTLE, 0);
	session__set_now(session, NOW_END);
	observer__phase(session->observer, PHASE_END, 0);
	return bad;
}

static bool is_in_effect(const struct fault_report *report)
{
	return report->fired && !report->passed && (!report->awaits || report->came_ns);
}

static int under_faults(struct injection *injection, struct err *err)
{
	struct session *session = &injection->session;
	struct err late = { 0 };
	int bad;

	injector__limit(session->injector, injection->args->max_packets, injection->args->max_ns);
	if (injector__arm(session->injector, &injection->faults, NOW_HEALED, err))
		return -1;
	bad = run_command(injection, err);
	if (injector__disarm(session->injector, injection->reports, &injection->facts.lapsed,
			     bad ? &late : err))
		return -1;
	for (size_t i = 0; i < injection->faults.cnt; i++)
		injection->facts.fired += is_in_effect(&injection->reports[i]);
	return bad;
}

static int execute(struct injection *injection, struct err *err)
{
	struct session *session = &injection->session;
	const struct judge judge = { .trace = injection->trace,
				     .faults = &injection->faults,
				     .heal = NOW_HEALED,
				     .outcome = OUTCOME_WORKLOAD };
	struct err late = { 0 };
	int bad;

	if (observer__begin_trace(session->observer, injection->trace, &session->nodes, err))
		return -1;
	bad = under_faults(injection, err);
	if (observer__end_trace(session->observer, NULL, bad ? &late : err))
		return -1;
	return bad ? bad : judge__facts(&judge, &injection->facts, err);
}

static void print_json(const struct injection *injection)
{
	char end[64];
	json_t *json = json_pack("{s:o, s:s, s:b, s:I, s:I}", "faults",
				 reports__to_json(&injection->faults, injection->reports,
						  &injection->session.names),
				 "command",
				 command__print_end(end, sizeof(end), &injection->result), "lapsed",
				 injection->facts.lapsed, "leaked",
				 (json_int_t)injection->facts.leaked, "lost",
				 (json_int_t)injection->facts.lost);

	json_object_set_new(json, "trace",
			    json_text(injection->args->dir ? injection->trace : NULL));
	cmd__print_json(json);
}

/* Which message it was, and what lay in the same packets. */
static void print_message(const struct fault_report *report)
{
	if (report->sport)
		printf("  the message: %u bytes from %u on, ports %u>%u; %llu such were sent\n",
		       report->len, report->seq, report->sport, report->dport,
		       (unsigned long long)report->matched);
	if (report->caught)
		printf("  with it: %llu bytes of messages before\n",
		       (unsigned long long)report->caught);
}

/* How long, and by what they were let go. */
static void print_held(const struct fault_report *report)
{
	char asked[32], achieved[32];

	printf("%llu packets held, ", (unsigned long long)report->parked);
	if (report->asked_ns)
		printf("asked %s, ", units__print_span(asked, sizeof(asked), report->asked_ns));
	printf("achieved %s (median); let go: %llu when due",
	       units__print_span(achieved, sizeof(achieved), report->achieved_ns),
	       (unsigned long long)fault_report__due(report));
	if (report->by_event)
		printf(", %llu by what they waited for", (unsigned long long)report->by_event);
	if (report->by_end)
		printf(", %llu as the run ended, see --hold", (unsigned long long)report->by_end);
	if (report->lapsed)
		printf("; %llu were lost: the lease had run out", (unsigned long long)report->lapsed);
	putchar('\n');
}

static void print_report(const struct injection *injection, size_t i)
{
	const struct fault_report *report = &injection->reports[i];
	char text[FAULT_TEXT_MAX], step[32], span[32];

	fault__print(text, sizeof(text), &injection->faults.v[i], &injection->session.names);
	if (!report->fired) {
		printf("%s: missed: %s\n", text, report->why);
		return;
	}
	printf("%s: fired first at %s, then for %s: ", text,
	       step__print(step, sizeof(step), report->first_step),
	       units__print_span(span, sizeof(span), (report->last_ns - report->first_ns) /
							     NSEC_PER_MSEC * NSEC_PER_MSEC));
	if (fault__holds(&injection->faults.v[i]))
		print_held(report);
	else
		printf("%llu packets dropped\n", (unsigned long long)report->dropped);
	print_message(report);
	if (report->why[0])
		printf("  missed: %s\n", report->why);
	if (report->over)
		printf("  over its limit: %llu packets passed\n", (unsigned long long)report->over);
	if (report->passed)
		printf("  missed: %llu packets passed, no device could take them\n",
		       (unsigned long long)report->passed);
}

static void print_text(const struct injection *injection)
{
	char end[64];

	for (size_t i = 0; i < injection->faults.cnt; i++)
		print_report(injection, i);
	if (injection->facts.leaked)
		printf("%zu messages that a fault covers passed uncut\n", injection->facts.leaked);
	if (injection->facts.lost)
		printf("%llu events were lost: whether all was cut is not known\n",
		       (unsigned long long)injection->facts.lost);
	if (injection->facts.lapsed)
		printf("the lease ran out: the faults were not in force all the time\n");
	printf("command: %s\n", command__print_end(end, sizeof(end), &injection->result));
}

static int inject(struct injection *injection, struct err *err)
{
	const struct facts *facts = &injection->facts;
	int ret;

	if (make_dir(injection, err))
		return cmd__fail(err);
	if (execute(injection, err)) {
		ret = cmd__fail(err);
	} else {
		if (cmd__json)
			print_json(injection);
		else
			print_text(injection);
		ret = facts->fired < injection->faults.cnt || facts->leaked || facts->lost ||
				      facts->lapsed || interrupt__raised() ?
			      EXIT_UNDECIDED :
			      EXIT_DONE;
		if (injection->lost.code)
			ret = cmd__fail(&injection->lost);
	}
	remove_dir(injection);
	return ret;
}

/* What is attached where, as lines. NULL: memory; owned by the caller. */
static char *describe_hooks(const struct injector *injector)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	injector__describe(injector, out);
	fclose(out);
	return text;
}

static char *rule_of(const struct injection *injection, size_t i, char *buf, size_t size)
{
	return words__fault(buf, size, &injection->faults.v[i], &injection->session.names, NOW_HEALED);
}

static void print_plan(const struct injection *injection, const char *hooks)
{
	const char *engine = injector__engine(injection->session.injector);
	const struct nodes *nodes = &injection->session.nodes;
	char words[512];

	for (size_t i = 0; i < nodes->cnt; i++)
		if (nodes->v[i].kind != TARGET_COMMANDS)
			cmd__print_node(&nodes->v[i]);
	printf("\nwould be attached\n%s", hooks);
	if (engine)
		printf("packets are held by: %s\n", engine);
	putchar('\n');
	for (size_t i = 0; i < injection->faults.cnt; i++)
		printf("rule %zu: %s\n", i, rule_of(injection, i, words, sizeof(words)));
}

static void print_plan_json(const struct injection *injection, char *hooks)
{
	json_t *rules = json_array(), *list = json_array();
	const struct nodes *nodes = &injection->session.nodes;
	char words[512];

	for (size_t i = 0; i < nodes->cnt; i++)
		if (nodes->v[i].kind != TARGET_COMMANDS)
			json_array_append_new(list, cmd__node_json(&nodes->v[i]));
	for (size_t i = 0; i < injection->faults.cnt; i++)
		json_array_append_new(rules,
				      json_text(rule_of(injection, i, words, sizeof(words))));
	cmd__print_json(json_pack("{s:o, s:o, s:s?, s:o}", "nodes", list, "attached",
				  cmd__json_lines(hooks), "engine",
				  injector__engine(injection->session.injector), "rules", rules));
}

/* With the clock at idle nothing is cut: the rules can be looked at. */
static int dry_run(struct injection *injection, struct err *err)
{
	struct injector *injector = injection->session.injector;
	char *hooks;

	session__set_now(&injection->session, NOW_IDLE);
	if (injector__arm(injector, &injection->faults, NOW_HEALED, err))
		return cmd__fail(err);
	hooks = describe_hooks(injector);
	if (hooks && cmd__json)
		print_plan_json(injection, hooks);
	else if (hooks)
		print_plan(injection, hooks);
	free(hooks);
	if (!hooks)
		return cmd__failf(EXIT_MACHINE, "out of memory");
	if (injector__disarm(injector, injection->reports, &injection->facts.lapsed, err))
		return cmd__fail(err);
	return EXIT_DONE;
}

static int with_session(const struct arguments *args)
{
	const struct session_opts opts = { .targets = args->targets,
					   .target_cnt = args->target_cnt,
					   .clients = args->clients,
					   .client_cnt = args->client_cnt,
					   .commands = true,
					   .inject = true,
					   .engine = args->engine };
	struct injection injection = { .args = args };
	struct err err = { 0 };
	int ret;

	if (session__open(&injection.session, &opts, &err))
		return cmd__fail(&err);
	if (parse_faults(&injection, &err))
		ret = cmd__fail(&err);
	else
		ret = args->dry_run ? dry_run(&injection, &err) : inject(&injection, &err);
	session__close(&injection.session);
	return ret;
}

int cmd_inject(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct err err = { 0 };
	int ret = take_arguments(argc, argv, &args);

	if (ret)
		return ret;
	if (args.help)
		return cmd__help(usage);
	if (privilege__check(JOB_INJECT, "inject", &err))
		return cmd__fail(&err);
	interrupt__catch();
	return with_session(&args);
}
