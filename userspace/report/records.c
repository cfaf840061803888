// SPDX-License-Identifier: GPL-2.0-only
#include "report/records.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static const char *const kinds[EV_KINDS] = {
	[EV_SOCKET] = "socket", [EV_SEND] = "send",   [EV_RECV] = "recv", [EV_CONNECT] = "connect",
	[EV_ACCEPT] = "accept", [EV_CLOSE] = "close", [EV_WAIT] = "wait", [EV_LOG] = "log",
	[EV_FORK] = "fork",	[EV_EXEC] = "exec",   [EV_EXIT] = "exit", [EV_STEP] = "step",
	[EV_CUT] = "cut",	[EV_PHASE] = "phase", [EV_BLIND] = "blind",
	[EV_WAKE] = "wake",	[EV_SIGNAL] = "signal",
};

static const char *const actions[] = {
	[CUT_DROP] = "drop",	   [CUT_PARK] = "park",	  [CUT_RELEASE] = "release",
	[CUT_SWALLOW] = "swallow", [CUT_LAPSE] = "lapse",
};

static const char *const let_go[] = {
	[LET_GO_DUE] = "due", [LET_GO_EVENT] = "event", [LET_GO_END] = "end",
};

static const char *const phases[] = {
	[PHASE_NONE] = "none", [PHASE_IDLE] = "idle",	  [PHASE_WORKLOAD] = "workload",
	[PHASE_HOLD] = "hold", [PHASE_SETTLE] = "settle", [PHASE_CHECK] = "check",
	[PHASE_END] = "end",
};

static const char *const handoffs[HANDOFFS] = {
	[HANDOFF_OTHER] = "other", [HANDOFF_FUTEX] = "futex", [HANDOFF_EVENTFD] = "eventfd",
	[HANDOFF_PIPE] = "pipe",   [HANDOFF_UNIX] = "unix",   [HANDOFF_CLONE] = "clone",
	[HANDOFF_EXIT] = "exit",   [HANDOFF_SIGNAL] = "signal",
};

static const char *const blinds[BLINDS] = {
	[BLIND_IO_URING] = "io_uring",
	[BLIND_MPTCP] = "mptcp",
	[BLIND_ULP] = "ulp",
	[BLIND_COMPAT] = "compat",
	[BLIND_MULTICAST] = "multicast",
	[BLIND_SEGMENTS] = "segments",
	[BLIND_SOCKMAP] = "sockmap",
	[BLIND_URGENT] = "urgent",
	[BLIND_RESTART] = "restart",
};

#define NAME(names, index)                                                                     \
	((index) < sizeof(names) / sizeof((names)[0]) && (names)[index] ? (names)[index] : "unknown")

static void set(json_t *record, const char *name, json_int_t value)
{
	json_object_set_new(record, name, json_integer(value));
}

static void set_text(json_t *record, const char *name, const char *text)
{
	json_object_set_new(record, name, json_string(text));
}

static void set_hex(json_t *record, const char *name, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * MAX_PAYLOAD + 1];
	size_t i;

	for (i = 0; i < len && i < MAX_PAYLOAD; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * i] = '\0';
	set_text(record, name, text);
}

static void set_address(json_t *record, const char *name, int family, const void *bytes)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(family, bytes, text, sizeof(text)))
		set_text(record, name, text);
}

static const char *carrier_of(const struct event *event)
{
	switch (event->socket.family) {
	case AF_UNIX:
		return "unix";
	case CHANNEL_PIPE:
		return "pipe";
	case CHANNEL_EVENTFD:
		return "eventfd";
	default:
		return event->socket.proto == IPPROTO_UDP ? "udp" : "tcp";
	}
}

static void put_socket(json_t *record, const struct event *event)
{
	const uint8_t *payload = event__payload(event);
	bool v6 = event->socket.family == AF_INET6;

	set(record, "socket", event->socket.socket);
	set_text(record, "carrier", carrier_of(event));
	set(record, "netns", event->socket.netns);
	if (!v6 && event->socket.family != AF_INET) {
		set_hex(record, "names", payload, event->payload_len);
		return;
	}
	set_address(record, "local", v6 ? AF_INET6 : AF_INET, v6 ? payload : event->socket.local);
	set(record, "local_port", event->socket.local_port);
	set_address(record, "remote", v6 ? AF_INET6 : AF_INET,
		    v6 ? payload + 16 : event->socket.remote);
	set(record, "remote_port", event->socket.remote_port);
}

static void put_io(json_t *record, const struct event *event)
{
	set(record, "socket", event->io.socket);
	set(record, "fd", event->io.fd);
	set(record, "syscall", event->io.syscall);
	set(record, "ret", event->io.ret);
	set(record, "seq_end", event->io.seq_end);
	set(record, "len", event->io.len);
	if (event->payload_len)
		set_hex(record, "payload", event__payload(event), event->payload_len);
}

static void put_exec(json_t *record, const struct event *event)
{
	const char *name = (const char *)event__payload(event);
	size_t len = event->payload_len, name_len = len < EXEC_NAME_BYTES ? len : EXEC_NAME_BYTES;

	json_object_set_new(record, "command", json_stringn(name, strnlen(name, name_len)));
	if (len > EXEC_NAME_BYTES)
		json_object_set_new(record, "file",
				    json_stringn(name + EXEC_NAME_BYTES,
						 strnlen(name + EXEC_NAME_BYTES,
							 len - EXEC_NAME_BYTES)));
}

static void put_life(json_t *record, const struct event *event)
{
	if (event->kind == EV_EXEC) {
		put_exec(record, event);
		return;
	}
	if (event->kind == EV_EXIT) {
		set(record, "code", event->life.code);
		return;
	}
	if (event->kind == EV_WAKE)
		set_text(record, "by", NAME(handoffs, (uint32_t)event->life.code));
	if (event->kind == EV_SIGNAL)
		set(record, "signal", event->life.code);
	set(record, event->kind == EV_FORK ? "child" : "other", event->life.other);
	set(record, event->kind == EV_FORK ? "child_tid" : "other_tid", event->life.other_tid);
}

static void put_cut(json_t *record, const struct event *event)
{
	set_text(record, "action", NAME(actions, event->cut.action));
	set(record, "fault", event->cut.fault);
	set(record, "peer", event->cut.peer);
	set(record, "proto", event->cut.proto);
	set(record, "sport", event->cut.sport);
	set(record, "dport", event->cut.dport);
	set(record, "seq", event->cut.seq);
	set(record, "len", event->cut.len);
	set(record, "arm_seq", event->cut.arm_seq);
	set(record, "tcp_flags", event->cut.tcp_flags);
	if (event->cut.by)
		set_text(record, "by", NAME(let_go, event->cut.by));
}

static void put_members(json_t *record, const struct event *event)
{
	switch (event->kind) {
	case EV_SOCKET:
		put_socket(record, event);
		break;
	case EV_FORK:
	case EV_EXEC:
	case EV_EXIT:
	case EV_WAKE:
	case EV_SIGNAL:
		put_life(record, event);
		break;
	case EV_CUT:
		put_cut(record, event);
		break;
	case EV_PHASE:
		set_text(record, "phase", NAME(phases, event->phase.phase));
		set(record, "code", event->phase.code);
		break;
	case EV_BLIND:
		set_text(record, "why", NAME(blinds, event->blind.why));
		break;
	case EV_STEP:
		break;
	default:
		put_io(record, event);
	}
}

static json_t *of_event(const struct event *event)
{
	json_t *record = json_pack("{s:s, s:I, s:i, s:I, s:I, s:I, s:I}", "kind",
				   NAME(kinds, event->kind), "ts_ns", (json_int_t)event->ts_ns, "node",
				   event->node, "tgid", (json_int_t)event->tgid, "tid",
				   (json_int_t)event->tid, "now", (json_int_t)event->now, "task_seq",
				   (json_int_t)event->task_seq);

	if (!record)
		return NULL;
	if (event->flags)
		set(record, "flags", event->flags);
	put_members(record, event);
	return record;
}

static json_t *of_ledger(const struct trace_reader *reader)
{
	const struct ledger *ledger = trace_reader__ledger(reader);

	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "kind", "ledger", "whole",
			 trace_reader__whole(reader), "seen", (json_int_t)ledger->seen, "emitted",
			 (json_int_t)ledger->emitted, "failed", (json_int_t)ledger->failed, "missed",
			 (json_int_t)ledger->missed, "unread", (json_int_t)ledger->unread, "unlisted",
			 (json_int_t)ledger->unlisted, "drained", (json_int_t)ledger->drained);
}

/* One line; takes the reference. */
static int put_line(json_t *record, FILE *out, struct err *err)
{
	int bad;

	if (!record)
		return err__set(err, EXIT_MACHINE, "out of memory");
	bad = json_dumpf(record, out, JSON_COMPACT | JSON_ENSURE_ASCII) || fputc('\n', out) == EOF;
	json_decref(record);
	return bad ? err__set(err, EXIT_MACHINE, "cannot write the records: %s", strerror(errno)) : 0;
}

int records__to_json(struct trace_reader *reader, FILE *out, struct err *err)
{
	const struct event *event;
	int more;

	if (put_line(json_pack("{s:s, s:O}", "kind", "meta", "meta", trace_reader__meta(reader)), out,
		     err))
		return -1;
	while ((more = trace_reader__next(reader, &event, err)) > 0)
		if (put_line(of_event(event), out, err))
			return -1;
	if (more < 0 || put_line(of_ledger(reader), out, err))
		return -1;
	return fflush(out) ? err__set(err, EXIT_MACHINE, "cannot write the records: %s",
				      strerror(errno)) :
			     0;
}
