// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/units.h"

#define SLICE_MS 50
#define GRACE_NS (2 * NSEC_PER_SEC) /* between SIGTERM and SIGKILL */

static void put_roles(const struct nodes *nodes)
{
	char name[NODE_NAME_MAX + 16];

	for (size_t i = 0; nodes && i < nodes->cnt; i++)
		if (nodes->v[i].number) {
			snprintf(name, sizeof(name), "CUTSET_ROLE_%s", nodes->v[i].role);
			setenv(name, nodes->v[i].name, 1);
		}
}

static void put_environment(const struct command *command)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", command->run);
	setenv("CUTSET_RUN", number, 1);
	setenv("CUTSET_RUN_DIR", command->run_dir ? command->run_dir : "", 1);
	setenv("CUTSET_PHASE", command->phase ? command->phase : "", 1);
	setenv("CUTSET_FAULTS", command->faults ? command->faults : "", 1);
	setenv("CUTSET_SILENCED", command->silenced ? command->silenced : "", 1);
	put_roles(command->nodes);
}

static void reset_signals(void)
{
	sigset_t none;

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int redirect(const struct command *command)
{
	int in = open("/dev/null", O_RDONLY), out;

	if (in < 0 || dup2(in, 0) < 0)
		return -1;
	if (!command->out_path)
		return 0;
	out = open(command->out_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	return out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ? -1 : 0;
}

struct start {
	const struct command *command;
	pid_t parent;
	int go[2]; /* a pipe */
};

static void run_child(void *ctx)
{
	const struct start *start = ctx;
	const struct command *command = start->command;
	char *const shell[] = { "/bin/sh", "-c", (char *)command->line, NULL };
	char byte;

	close(start->go[1]);
	setpgid(0, 0);
	/* when cutset is killed, so is the command: nothing of a run goes on alone */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	reset_signals();
	if (getppid() != start->parent || read(start->go[0], &byte, 1) != 1)
		_exit(127);
	if (redirect(command) || (command->dir && chdir(command->dir))) {
		fprintf(stderr, "cutset: cannot enter %s or write %s: %s\n",
			command->dir ? command->dir : ".",
			command->out_path ? command->out_path : "output", strerror(errno));
		_exit(126);
	}
	put_environment(command);
	if (command->line)
		execv(shell[0], shell);
	else
		execvp(command->argv[0], command->argv);
	fprintf(stderr, "cutset: cannot run %s: %s\n", command->line ? shell[0] : command->argv[0],
		strerror(errno));
	_exit(127);
}

/* Has the child exited? It is not reaped, so that its group's number stays ours. */
static bool has_exited(pid_t pid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid == pid;
}

static void wait_slice(int pid_fd)
{
	struct pollfd pollfd = { .fd = pid_fd, .events = POLLIN };

	poll(&pollfd, 1, pid_fd < 0 ? 2 : SLICE_MS);
}

static void end_group(pid_t pid, int pid_fd)
{
	uint64_t end_ns = units__now_ns() + GRACE_NS;

	kill(-pid, SIGTERM);
	while (!has_exited(pid) && units__now_ns() < end_ns)
		wait_slice(pid_fd);
	kill(-pid, SIGKILL);
	while (!has_exited(pid))
		wait_slice(pid_fd);
}

/* Wait for the end of the child, or make it. Returns TIMEOUT, INTERRUPTED or NONE (by itself). */
static enum command_end wait_for(pid_t pid, uint64_t begin_ns, uint64_t timeout_ns)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	enum command_end end = COMMAND_NONE;

	while (!has_exited(pid)) {
		if (interrupt__raised())
			end = COMMAND_INTERRUPTED;
		else if (timeout_ns && units__now_ns() - begin_ns >= timeout_ns)
			end = COMMAND_TIMEOUT;
		if (end != COMMAND_NONE) {
			end_group(pid, pid_fd);
			break;
		}
		wait_slice(pid_fd);
	}
	if (pid_fd >= 0)
		close(pid_fd);
	return end;
}

static enum command_end end_of(int status)
{
	if (!WIFEXITED(status))
		return COMMAND_OTHER;
	if (WEXITSTATUS(status) == 0)
		return COMMAND_YES;
	return WEXITSTATUS(status) == 1 ? COMMAND_NO : COMMAND_OTHER;
}

static void collect(const struct command *command, pid_t pid, uint64_t begin_ns,
		    struct command_result *ret)
{
	enum command_end forced = wait_for(pid, begin_ns, command->timeout_ns);

	if (command->sweep)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &ret->status, 0) < 0 && errno == EINTR)
		;
	ret->end = forced == COMMAND_NONE ? end_of(ret->status) : forced;
	ret->ns = units__now_ns() - begin_ns;
}

static int fail_to_start(struct err *err)
{
	return err__set(err, EXIT_MACHINE, "cannot start a command: %s", strerror(errno));
}

/* Tell whoever asked who the child is, then let it go. */
static int let_go(const struct command *command, pid_t pid, int go_fd, struct err *err)
{
	if (command->started && command->started(command->ctx, pid, err))
		return -1;
	if (write(go_fd, "g", 1) != 1)
		return fail_to_start(err);
	return 0;
}

int command__run(const struct command *command, struct command_result *ret, struct err *err)
{
	struct start start = { .command = command, .parent = getpid() };
	uint64_t begin_ns;
	pid_t pid;
	int bad;

	memset(ret, 0, sizeof(*ret));
	fflush(NULL);
	if (pipe2(start.go, O_CLOEXEC))
		return fail_to_start(err);
	pid = launcher__fork(command->launcher, run_child, &start);
	if (pid < 0)
		fail_to_start(err);
	close(start.go[0]);
	if (pid < 0) {
		close(start.go[1]);
		return -1;
	}
	setpgid(pid, pid);
	begin_ns = units__now_ns();
	bad = let_go(command, pid, start.go[1], err);
	close(start.go[1]);
	collect(command, pid, begin_ns, ret);
	return bad;
}

bool command__calls_off(const struct command_result *result)
{
	return result->end == COMMAND_OTHER && WIFEXITED(result->status) &&
	       WEXITSTATUS(result->status) == EXIT_DOES_NOT_COUNT;
}

char *command__print_end(char *buf, size_t size, const struct command_result *result)
{
	char span[32];

	switch (result->end) {
	case COMMAND_NONE:
		snprintf(buf, size, "was not run");
		break;
	case COMMAND_TIMEOUT:
		snprintf(buf, size, "timed out after %s",
			 units__print_span(span, sizeof(span),
					   result->ns / NSEC_PER_MSEC * NSEC_PER_MSEC));
		break;
	case COMMAND_INTERRUPTED:
		snprintf(buf, size, "was interrupted");
		break;
	default:
		if (WIFEXITED(result->status))
			snprintf(buf, size, "exit %d", WEXITSTATUS(result->status));
		else
			snprintf(buf, size, "signal %d", WTERMSIG(result->status));
	}
	return buf;
}
