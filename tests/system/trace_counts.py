# SPDX-License-Identifier: GPL-2.0-only
"""Compare the calls that a trace holds with those that strace saw of the same processes.

usage: trace_counts.py EXPORT STRACE NODE     (cutset export's lines, strace -f -yy's output, a node's name)

Each thread's calls that moved bytes over a socket, a pipe or an eventfd, with what they returned, must be a
stretch of what strace saw of it: strace was there before and after. Prints one JSON object; exits 1 where a
call is missing, or is one that strace did not see.
"""
import collections
import json
import re
import sys

CALLS = {0: "read", 1: "write", 19: "readv", 20: "writev", 40: "sendfile", 44: "sendto", 45: "recvfrom",
         46: "sendmsg", 47: "recvmsg", 275: "splice", 299: "recvmmsg", 307: "sendmmsg", 327: "preadv2",
         328: "pwritev2"}
CHANNEL = re.compile(r"^\w+\(\d+<(?:TCP|UDP|UNIX|pipe:|socket:|anon_inode:\[eventfd\])")
LINE = re.compile(r"^(\d+) +(.*)$")
ENDED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
RESULT = re.compile(r"\) += (-?\d+)")
NOTHING_TAKEN = re.compile(r"MSG_PEEK|MSG_ERRQUEUE")


def strace_calls(path):
    begun, calls = {}, collections.defaultdict(list)
    for line in open(path, errors="replace"):
        match = LINE.match(line)
        if not match:
            continue
        tid, text = int(match[1]), match[2]
        resumed = ENDED.match(text)
        if resumed:
            text = begun.pop(tid, "") + resumed[2]
        elif text.endswith("<unfinished ...>"):
            begun[tid] = text[:-len("<unfinished ...>")]
            continue
        result = RESULT.search(text)
        name = text.split("(", 1)[0]
        if not result or int(result[1]) <= 0 or name not in CALLS.values() or not CHANNEL.match(text) or \
                NOTHING_TAKEN.search(text):
            continue
        calls[tid].append((name, int(result[1])))
    return calls


def trace_calls(path, node):
    calls, number, kinds, sockets = collections.defaultdict(list), None, collections.Counter(), {}
    for line in open(path):
        record = json.loads(line)
        if record["kind"] == "meta":
            number = next(n["id"] for n in record["meta"]["nodes"] if n["name"] == node)
        if record["kind"] not in ("send", "recv", "log") or record["node"] != number:
            continue
        if record["ret"] <= 0 or not record["socket"]:
            continue
        calls[record["tid"]].append((CALLS.get(record["syscall"], str(record["syscall"])), record["ret"]))
    return calls


def is_stretch(part, whole):
    """Where @part begins in @whole, or None."""
    for at in range(len(whole) - len(part) + 1):
        if whole[at:at + len(part)] == part:
            return at
    return None


def main():
    seen, traced = strace_calls(sys.argv[2]), trace_calls(sys.argv[1], sys.argv[3])
    by_call, wrong = collections.Counter(), 0
    for tid, part in traced.items():
        by_call.update(name for name, _ in part)
        if is_stretch(part, seen[tid]) is None:
            wrong += 1
            at = next((i for i in range(len(part)) if is_stretch(part[:i + 1], seen[tid]) is None), 0)
            print(f"thread {tid}: {len(part)} calls traced, {len(seen[tid])} seen by strace; the first that "
                  f"differ: {part[max(at - 3, 0):at + 3]}", file=sys.stderr)
    silent = [tid for tid in seen if tid not in traced]
    print(json.dumps({"threads": len(traced), "calls": sum(by_call.values()), "by_call": by_call,
                      "wrong": wrong, "only_strace": sum(len(seen[tid]) for tid in silent)}))
    sys.exit(1 if wrong or not traced else 0)


main()
