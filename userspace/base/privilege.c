// SPDX-License-Identifier: GPL-2.0-only
#include "base/privilege.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#define TRACE (1U << JOB_TRACE)
#define INJECT (1U << JOB_INJECT)
#define CLEANUP (1U << JOB_CLEANUP)

#define BIT(capability) (1ULL << (capability))

static const struct privilege privileges[] = {
	{ CAP_BPF, "CAP_BPF", .needed = TRACE | INJECT, .in_admin = true,
	  .why = "make maps, load programs" },
	{ CAP_PERFMON, "CAP_PERFMON", .needed = TRACE | INJECT, .in_admin = true,
	  .why = "load programs that read the kernel's memory" },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", .needed = TRACE | INJECT | CLEANUP, .stays = true,
	  .why = "look at the processes of others" },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", .needed = TRACE | INJECT | CLEANUP, .stays = true,
	  .why = "enter network namespaces" },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", .needed = INJECT | CLEANUP, .stays = true,
	  .why = "attach to interfaces, make devices to park packets in" },
	{ CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", .used = TRACE | INJECT | CLEANUP, .stays = true,
	  .why = "open what a file's mode refuses: the lock, /dev/net/tun, Docker's socket, results" },
	{ CAP_KILL, "CAP_KILL", .used = TRACE | INJECT, .stays = true,
	  .why = "end a command that became another user's" },
};

#define PRIVILEGE_CNT (sizeof(privileges) / sizeof(privileges[0]))

size_t privilege__cnt(void)
{
	return PRIVILEGE_CNT;
}

const struct privilege *privilege__get(size_t i)
{
	return &privileges[i];
}

/* Of the calling thread; none where they cannot be had. */
static uint64_t bits_of(cap_flag_t set)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t value;
	uint64_t bits = 0;

	for (int capability = 0; caps && CAP_IS_SUPPORTED(capability); capability++)
		if (!cap_get_flag(caps, capability, set, &value) && value == CAP_SET)
			bits |= BIT(capability);
	cap_free(caps);
	return bits;
}

bool privilege__held(const struct privilege *privilege)
{
	uint64_t enough = BIT(privilege->capability);

	if (privilege->in_admin)
		enough |= BIT(CAP_SYS_ADMIN);
	return bits_of(CAP_EFFECTIVE) & enough;
}

size_t privilege__missing(enum job job, char *buf, size_t size)
{
	size_t len = 0, cnt = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < PRIVILEGE_CNT && len < size; i++)
		if (privileges[i].needed >> job & 1 && !privilege__held(&privileges[i]))
			len += (size_t)snprintf(buf + len, size - len, "%s%s", cnt++ ? ", " : "",
						privileges[i].name);
	return cnt;
}

int privilege__check(enum job job, const char *who, struct err *err)
{
	char missing[200];

	if (!privilege__missing(job, missing, sizeof(missing)))
		return 0;
	return err__set(err, EXIT_MACHINE,
			"%s needs %s; run it with sudo, or grant it (see `cutset doctor`)", who,
			missing);
}

static void fill(cap_t caps, cap_flag_t set, uint64_t bits)
{
	for (int capability = 0; CAP_IS_SUPPORTED(capability); capability++)
		if (bits >> capability & 1)
			cap_set_flag(caps, set, 1, &capability, CAP_SET);
}

static int set(uint64_t permitted, uint64_t effective, struct err *err)
{
	cap_t caps = cap_init();
	int failed = caps ? 0 : ENOMEM;

	if (!failed) {
		fill(caps, CAP_PERMITTED, permitted);
		fill(caps, CAP_EFFECTIVE, effective);
		if (cap_set_proc(caps))
			failed = errno;
	}
	cap_free(caps);
	return failed ? err__set(err, EXIT_MACHINE, "cannot give up capabilities: %s",
				 strerror(failed))
		      : 0;
}

/* Takes CAP_SETPCAP: without it PR_SET_NO_NEW_PRIVS alone has to do, and does. */
static void limit_bounds(uint64_t bits)
{
	for (int capability = 0; CAP_IS_SUPPORTED(capability); capability++)
		if (!(bits >> capability & 1))
			cap_drop_bound(capability);
}

/* What the calling thread executes has at most @bits. */
static int bind(uint64_t bits, struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err__set(err, EXIT_MACHINE, "cannot give up privileges: %s",
				strerror(errno));
	limit_bounds(bits);
	return 0;
}

int privilege__confine(enum job job, struct err *err)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < PRIVILEGE_CNT; i++)
		if (privileges[i].stays && (privileges[i].needed | privileges[i].used) >> job & 1)
			bits |= BIT(privileges[i].capability);
	bits &= bits_of(CAP_PERMITTED);
	return bind(bits, err) ? -1 : set(bits, bits & ~BIT(CAP_SYS_ADMIN), err);
}

void privilege__drop(void)
{
	bind(0, NULL);
	set(0, 0, NULL);
}

void privilege__enter(void)
{
	uint64_t permitted = bits_of(CAP_PERMITTED);

	set(permitted, bits_of(CAP_EFFECTIVE) | (permitted & BIT(CAP_SYS_ADMIN)), NULL);
}
