// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/units.h"
#include "target/role.h"
#include "target/slurp.h"

/* Links heal a moment after the clock moved: packets in flight meet the old clock. */
#define CLOCK_SETTLE_NS (1 * NSEC_PER_MSEC)

#define PAYLOAD_BYTES 256 /* for tokens and keys */
#define MAX_ROLES_BYTES 65536

struct step {
	struct session *session;
	const struct scenario *scenario;
	struct run *run;
	struct err *err;
	char faults[4096], silenced[MAX_FAULTS * NODE_NAME_MAX];
	struct err miscast; /* why nobody knows the roles */
};

char *run__path(const struct run *run, const char *file, char *buf, size_t size)
{
	if (snprintf(buf, size, "%s/%s", run->dir, file) >= (int)size)
		buf[0] = '\0';
	return buf;
}

bool run__in_effect(const struct run *run, size_t index)
{
	const struct fault *fault = &run->faults.v[index];

	return run->reports[index].fired || (fault->kind == FAULT_SILENCE && !fault__holds(fault));
}

static void enter(const struct step *step, const char *phase)
{
	if (step->run->entered)
		step->run->entered(step->run->ctx, phase);
}

static int run_command(struct step *step, const char *phase, const char *line, uint64_t timeout_ns,
		       bool client, struct command_result *ret)
{
	char out[PATH_MAX], name[32];
	const struct command command = {
		.line = line,
		.dir = step->scenario->dir,
		.out_path = out,
		.timeout_ns = timeout_ns,
		.sweep = client,
		.run = step->run->number,
		.run_dir = step->run->dir,
		.phase = phase,
		.faults = step->faults,
		.silenced = step->silenced,
		.nodes = client ? &step->session->nodes : NULL,
		.launcher = step->session->launcher,
		.started = client ? session__own : NULL,
		.ctx = step->session,
	};

	snprintf(name, sizeof(name), "%s.out", phase);
	run__path(step->run, name, out, sizeof(out));
	enter(step, phase);
	log__debug(LOG_HUNT, "run %u: %s: %s", step->run->number, phase, line);
	return command__run(&command, ret, step->err);
}

/* A target that is not there any more makes the run broken, not the program. */
static int note_target(struct run *run, struct err *err)
{
	if (err->code != EXIT_TARGET)
		return -1;
	run->facts.target_died = true;
	snprintf(run->trouble, sizeof(run->trouble), "%.*s", (int)sizeof(run->trouble) - 1, err->msg);
	return 0;
}

static bool over(const struct run *run)
{
	return interrupt__raised() || run->facts.target_died || run->facts.miscast ||
	       (run->facts.reset.end != COMMAND_YES && run->facts.reset.end != COMMAND_NONE);
}

/* What `roles` printed, to the nodes. 0, or -1 and why not. */
static int cast(struct step *step, const struct command_result *result, struct err *why)
{
	char path[PATH_MAX], end[48], *text;
	struct roles roles;
	size_t len;
	int bad;

	if (result->end != COMMAND_YES)
		return err__set(why, EXIT_TARGET, "%s", command__print_end(end, sizeof(end), result));
	bad = slurp(run__path(step->run, "roles.out", path, sizeof(path)), MAX_ROLES_BYTES, &text, &len);
	if (bad)
		return err__set(why, EXIT_USAGE, "cannot read what it printed: %s", strerror(-bad));
	bad = roles__parse(&roles, text, len, why) || nodes__cast(&step->session->nodes, &roles, why);
	free(text);
	return bad ? -1 : 0;
}

/* Who is what in this run? *ret_again: nobody knows, as yet. */
static int ask_roles(struct step *step, bool *ret_again)
{
	const struct scenario *scenario = step->scenario;
	struct command_result result;
	struct run *run = step->run;

	*ret_again = false;
	if (!scenario->roles)
		return 0;
	if (run_command(step, "roles", scenario->roles, scenario->reset_timeout_ns, false, &result))
		return -1;
	if (interrupt__raised() || !cast(step, &result, &step->miscast))
		return 0;
	run->facts.miscast = true;
	*ret_again = step->miscast.code != EXIT_USAGE;
	snprintf(run->trouble, sizeof(run->trouble), "roles: %.*s", (int)sizeof(run->trouble) - 9,
		 step->miscast.msg);
	return 0;
}

static int reset_once(struct step *step)
{
	const struct scenario *scenario = step->scenario;
	struct run *run = step->run;

	if (scenario->reset && run_command(step, "reset", scenario->reset, scenario->reset_timeout_ns,
					   false, &run->facts.reset))
		return -1;
	if (over(run))
		return 0;
	if (session__refresh(step->session, step->err))
		return note_target(run, step->err);
	return 0;
}

static int reset(struct step *step)
{
	bool again = true;

	for (int tries = 0; again && tries < RUN_MAX_CASTS; tries++) {
		step->run->facts.miscast = false;
		if (reset_once(step))
			return -1;
		if (over(step->run))
			return 0;
		if (ask_roles(step, &again))
			return -1;
	}
	if (!step->run->facts.miscast)
		step->run->trouble[0] = '\0';
	session__silenced(step->session, &step->run->faults, step->silenced, sizeof(step->silenced));
	return 0;
}

static void wait_span(struct step *step, uint64_t span_ns)
{
	if (!interrupt__sleep_ns(span_ns))
		step->run->facts.check.end = COMMAND_INTERRUPTED;
}

static int code_of(const struct command_result *result)
{
	return result->end == COMMAND_YES ? 0 : result->status ? result->status : -1;
}

static int workload(struct step *step)
{
	struct session *session = step->session;
	struct run *run = step->run;
	int ret;

	session__set_now(session, NOW_WORKLOAD);
	session__count(session, true);
	observer__phase(session->observer, PHASE_WORKLOAD, 0);
	ret = run_command(step, "workload", step->scenario->workload,
			  step->scenario->workload_timeout_ns, true, &run->facts.workload);
	session__count(session, false);
	/* silences of check.0 are in force before anything heals */
	session__set_now(session, NOW_CHECK);
	return ret;
}

static int check(struct step *step)
{
	struct session *session = step->session;
	struct run *run = step->run;
	int ret;

	enter(step, "hold");
	observer__phase(session->observer, PHASE_HOLD, code_of(&run->facts.workload));
	wait_span(step, step->scenario->hold_ns + CLOCK_SETTLE_NS);
	session__set_now(session, NOW_HEALED);
	enter(step, "settle");
	observer__phase(session->observer, PHASE_SETTLE, 0);
	wait_span(step, step->scenario->settle_ns);
	if (interrupt__raised())
		return 0;
	observer__phase(session->observer, PHASE_CHECK, 0);
	ret = run_command(step, "check", step->scenario->check, step->scenario->check_timeout_ns, true,
			  &run->facts.check);
	observer__phase(session->observer, PHASE_END, code_of(&run->facts.check));
	return ret;
}

static int under_faults(struct step *step)
{
	struct run *run = step->run;

	if (workload(step))
		return -1;
	if (!step->scenario->check || run->facts.workload.end != COMMAND_YES) {
		observer__phase(step->session->observer, PHASE_END, code_of(&run->facts.workload));
		return 0;
	}
	return check(step);
}

static int armed(struct step *step)
{
	struct injector *injector = step->session->injector;
	struct run *run = step->run;
	const struct fault_set own = session__own_faults(step->session, &run->faults);
	struct err late = { 0 };
	int ret;

	if (injector__arm(injector, &own, step->scenario->heal, step->err))
		return -1;
	ret = under_faults(step);
	session__set_now(step->session, NOW_END);
	if (injector__disarm(injector, run->reports, &run->facts.lapsed, ret ? &late : step->err))
		return -1;
	for (size_t i = 0; i < run->faults.cnt; i++) {
		run->facts.fired += run__in_effect(run, i);
		run->facts.unheld += run->reports[i].passed;
	}
	return ret;
}

static int traced(struct step *step)
{
	struct session *session = step->session;
	struct run *run = step->run;
	struct err late = { 0 };
	char path[PATH_MAX];
	int ret = 0;

	run__path(run, "trace", path, sizeof(path));
	if (observer__begin_trace(session->observer, path, &session->nodes, step->err))
		return -1;
	if (run->idle_ns) {
		enter(step, "idle");
		observer__phase(session->observer, PHASE_IDLE, 0);
		wait_span(step, run->idle_ns);
	}
	if (!interrupt__raised())
		ret = armed(step);
	session__count(session, false);
	if (observer__end_trace(session->observer, &run->ledger, ret ? &late : step->err))
		return -1;
	return ret;
}

int run__execute(struct session *session, const struct scenario *scenario, struct run *run,
		 struct err *err)
{
	struct step step = { .session = session, .scenario = scenario, .run = run, .err = err };
	uint64_t begin_ns = units__now_ns();
	int ret;

	memset(&run->facts, 0, sizeof(run->facts));
	memset(run->reports, 0, sizeof(run->reports));
	run->facts.has_check = scenario->check != NULL;
	run->facts.faults = run->faults.cnt;
	run->trouble[0] = '\0';
	fault_set__print(step.faults, sizeof(step.faults), &run->faults, &session->names);
	if (!scenario->roles)
		session__silenced(session, &run->faults, step.silenced, sizeof(step.silenced));
	ret = reset(&step);
	if (!ret && !over(run)) {
		ret = traced(&step);
		if (!ret && nodes__alive(&session->nodes, err))
			ret = note_target(run, err);
	}
	if (interrupt__raised())
		run->facts.workload.end = COMMAND_INTERRUPTED;
	run->ns = units__now_ns() - begin_ns;
	return ret;
}

/* Names are needed before the first run: of faults in a journal, of nodes that are spared. */
static int first_cast(const struct scenario *scenario, struct session *session, struct err *err)
{
	struct run run = { .dir = "/tmp/cutset-XXXXXX" };
	struct step step = { .session = session, .scenario = scenario, .run = &run, .err = err };
	char path[PATH_MAX], why[256];
	int bad;

	if (!scenario->roles)
		return 0;
	if (!mkdtemp(run.dir)) {
		session__close(session);
		return err__set(err, EXIT_MACHINE, "cannot make a folder in /tmp: %s", strerror(errno));
	}
	bad = reset(&step);
	if (!bad && over(&run)) {
		verdict__of(&run.facts, why, sizeof(why));
		bad = err__set(err, run.facts.miscast ? step.miscast.code : EXIT_TARGET, "%s: %s", scenario->path,
			       run.trouble[0] ? run.trouble : why);
	}
	unlink(run__path(&run, "reset.out", path, sizeof(path)));
	unlink(run__path(&run, "roles.out", path, sizeof(path)));
	rmdir(run.dir);
	if (bad)
		session__close(session);
	return bad;
}

struct session_opts scenario__session_opts(const struct scenario *scenario)
{
	return (struct session_opts){
		.targets = scenario->targets,
		.target_cnt = scenario->target_cnt,
		.clients = scenario->clients,
		.client_cnt = scenario->client_cnt,
		.commands = true,
		.inject = true,
		.payload_bytes = PAYLOAD_BYTES,
	};
}

int scenario__session(const struct scenario *scenario, struct session *session, struct err *err)
{
	const struct session_opts opts = scenario__session_opts(scenario);
	const struct command reset = { .line = scenario->reset,
				       .dir = scenario->dir,
				       .out_path = "/dev/null",
				       .timeout_ns = scenario->reset_timeout_ns,
				       .phase = "reset" };
	struct command_result result;
	struct err again = { 0 };

	if (!session__open(session, &opts, err))
		return first_cast(scenario, session, err);
	if (err->code != EXIT_TARGET || !scenario->reset)
		return -1;
	log__info("%s; running the reset first", err->msg);
	if (command__run(&reset, &result, &again) || result.end != COMMAND_YES)
		return -1;
	return session__open(session, &opts, err) ? -1 : first_cast(scenario, session, err);
}
