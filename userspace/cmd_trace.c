// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/json_text.h"
#include "base/privilege.h"
#include "base/units.h"
#include "cmd.h"
#include "hunt/command.h"
#include "hunt/session.h"
#include "hunt/watch.h"

static const char usage[] =
	"usage: cutset trace TARGET... -o F [--duration D | -- CMD...]\n"
	"\n"
	"Records what the targets send each other, until CMD has exited, D is over, or Ctrl-C.\n"
	"CMD is a node of its own, `client`. As root.\n"
	"\n"
	"  TARGET             [NAME=]docker:CONTAINER, [NAME=]host:CONTAINER, compose:PROJECT[/SERVICE],\n"
	"                     [NAME=]cgroup:PATH, [NAME=]pid:N, [NAME=]pgid:N\n"
	"  -o F               the trace file\n"
	"  --duration D       how long: 500ms, 10s, 5m\n"
	"  --client TARGET    a target whose sends move the clock of steps; may be repeated\n"
	"  --payload BYTES    keep the first bytes of each message, 0 to 256 (default 0)\n"
	"  --ring-bytes N     size of the kernel's buffer, a power of two (default 16M)\n"
	"\n"
	"  cutset trace compose:shop -o t -- ./write.sh\n"
	"  cutset trace db=pid:812 web=cgroup:/app/web -o t --duration 10s\n"
	"\n"
	"exit codes: 0 recorded (whatever CMD's status, which is printed), 2 wrong usage, 3 this machine\n"
	"cannot, 5 a target cannot be found or was lost\n";

struct arguments {
	struct session_opts session;
	char *clients[MAX_NODES];
	const char *out;
	uint64_t duration_ns;
	char **command; /* NULL: none */
	bool help;
};

static int take_size(const char *option, size_t min, size_t max, size_t *ret)
{
	size_t n;

	if (units__parse_bytes(optarg, &n) || n < min || n > max)
		return cmd__misuse(usage, "%s %s: not a number from %zu to %zu", option, optarg, min,
				   max);
	*ret = n;
	return 0;
}

static int take_ring(struct arguments *args)
{
	size_t n = 0;

	if (take_size("--ring-bytes", 4096, 1UL << 30, &n))
		return EXIT_USAGE;
	if (n & (n - 1))
		return cmd__misuse(usage, "--ring-bytes %s: not a power of two", optarg);
	args->session.ring_bytes = n;
	return 0;
}

static int take_option(struct arguments *args, int option)
{
	switch (option) {
	case 'o':
		args->out = optarg;
		return 0;
	case 'd':
		if (units__parse_span_ns(optarg, NULL, &args->duration_ns) || !args->duration_ns)
			return cmd__misuse(usage, "--duration %s: write a span as 500ms, 10s, 5m",
					   optarg);
		return 0;
	case 'c':
		if (args->session.client_cnt == MAX_NODES)
			return cmd__misuse(usage, "trace: too many clients");
		args->clients[args->session.client_cnt++] = optarg;
		return 0;
	case 'p':
		return take_size("--payload", 0, MAX_PAYLOAD, &args->session.payload_bytes);
	case 'r':
		return take_ring(args);
	default: /* 'h' */
		args->help = true;
		return 0;
	}
}

static int check_arguments(const struct arguments *args)
{
	if (!args->session.target_cnt && !args->session.client_cnt)
		return cmd__misuse(usage, "trace: which targets?");
	if (!args->out)
		return cmd__misuse(usage, "trace: where to? give -o FILE");
	if (args->command && args->duration_ns)
		return cmd__misuse(usage, "trace: either --duration or a command ends the trace");
	return 0;
}

static int take_arguments(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "duration", required_argument, NULL, 'd' },
		{ "client", required_argument, NULL, 'c' },
		{ "payload", required_argument, NULL, 'p' },
		{ "ring-bytes", required_argument, NULL, 'r' },
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
	args->session.targets = argv + optind;
	args->session.target_cnt = (size_t)(end - optind);
	args->session.clients = args->clients;
	args->session.commands = args->command != NULL;
	return check_arguments(args);
}

struct recording {
	const struct arguments *args;
	struct session session;
	struct watch *watch;
	struct command_result result;
	struct ledger ledger;
	struct err lost; /* code 0: no target was */
};

static int start_watch(struct recording *recording, struct err *err)
{
	recording->watch = watch__start(&recording->session, err);
	return recording->watch ? 0 : -1;
}

/* The watch may have descriptors open that a command would inherit: not before there is the child. */
static int own(void *ctx, pid_t pid, struct err *err)
{
	struct recording *recording = ctx;

	return session__own(&recording->session, pid, err) ? -1 : start_watch(recording, err);
}

static int run_command(struct recording *recording, struct err *err)
{
	struct session *session = &recording->session;
	const struct command command = {
		.argv = recording->args->command,
		.out_path = cmd__json ? "/dev/stderr" : NULL,
		.phase = "workload",
		.launcher = session->launcher,
		.started = own,
		.ctx = recording,
	};
	int bad;

	session__set_now(session, NOW_WORKLOAD);
	session__count(session, true);
	observer__phase(session->observer, PHASE_WORKLOAD, 0);
	bad = command__run(&command, &recording->result, err);
	session__count(session, false);
	session__set_now(session, NOW_END);
	observer__phase(session->observer, PHASE_END, recording->result.status);
	return bad;
}

/* Clients of long standing move the clock; without any it stays where it is. */
static int wait_span(struct recording *recording, struct err *err)
{
	uint64_t span_ns = recording->args->duration_ns;

	if (start_watch(recording, err))
		return -1;
	session__set_now(&recording->session, NOW_WORKLOAD);
	session__count(&recording->session, true);
	interrupt__sleep_ns(span_ns ? span_ns : UINT64_MAX / 2);
	session__count(&recording->session, false);
	return 0;
}

static int record(struct recording *recording, struct err *err)
{
	struct session *session = &recording->session;
	struct err late = { 0 };
	int bad;

	if (observer__begin_trace(session->observer, recording->args->out, &session->nodes, err))
		return -1;
	bad = recording->args->command ? run_command(recording, err) : wait_span(recording, err);
	watch__stop(recording->watch, &recording->lost);
	if (observer__end_trace(session->observer, &recording->ledger, bad ? &late : err))
		return -1;
	return bad;
}

static void print_summary(const struct recording *recording)
{
	const struct arguments *args = recording->args;
	const struct ledger *ledger = &recording->ledger;
	unsigned long long lost = ledger->failed + ledger->missed;
	size_t nodes = recording->session.nodes.cnt;
	char end[64];

	command__print_end(end, sizeof(end), &recording->result);
	if (cmd__json) {
		cmd__print_json(json_pack("{s:o, s:I, s:I, s:I, s:I, s:s}", "trace", json_text(args->out), "nodes",
					  (json_int_t)nodes, "events",
					  (json_int_t)ledger->emitted, "lost", (json_int_t)lost,
					  "unlisted", (json_int_t)ledger->unlisted, "command", end));
		return;
	}
	printf("%s: %llu events of %zu nodes, %llu lost\n", args->out,
	       (unsigned long long)ledger->emitted, nodes, lost);
	if (args->command && recording->result.end != COMMAND_YES)
		printf("the command: %s\n", end);
}

int cmd_trace(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct recording recording = { .args = &args };
	struct err err = { 0 };
	int ret = take_arguments(argc, argv, &args);

	if (ret)
		return ret;
	if (args.help)
		return cmd__help(usage);
	if (privilege__check(JOB_TRACE, "trace", &err))
		return cmd__fail(&err);
	interrupt__catch();
	if (session__open(&recording.session, &args.session, &err))
		return cmd__fail(&err);
	if (record(&recording, &err)) {
		ret = cmd__fail(&err);
	} else {
		print_summary(&recording);
		ret = recording.lost.code ? cmd__fail(&recording.lost) : 0;
	}
	session__close(&recording.session);
	return ret;
}
