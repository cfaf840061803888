# SPDX-License-Identifier: GPL-2.0-only
"""Compare what the torture's threads wrote down with what the trace says.

usage: torture_check.py DUMP TRUTH...     (trace_dump's output, torture_truth.h's files)

Prints one JSON object; exits 1 where they differ in any call, byte or (with exact positions) place.
"""
import bisect
import collections
import json
import sys


def read_truth(paths):
    sums = collections.Counter()
    calls = collections.Counter()
    writers, placed = {}, []
    for path in paths:
        for line in open(path):
            kind, *field = line.split()
            stream = (field[0], field[1])
            if kind in "SR":
                key = (kind, *stream, int(field[2]), int(field[3]))
                calls[key] += int(field[4])
                sums[key] += int(field[5])
            elif kind == "W":
                writers[(*stream, int(field[2]))] = int(field[3])
            elif kind == "P":  # the receiver's view: the writers are at the other end
                placed.append(("S", stream[1], stream[0], int(field[2]), int(field[3]),
                               ("index", int(field[4]))))
            else:
                placed.append(("R", *stream, int(field[2]), int(field[3]), ("tid", int(field[4]))))
    return calls, sums, writers, placed


def read_dump(path):
    sums = collections.Counter()
    calls = collections.Counter()
    ranges = collections.defaultdict(list)
    sockets = collections.defaultdict(set)
    wraps = 0
    for line in open(path):
        kind, local, remote, socket, tid, nr, begin, length, ret, _ = line.split()
        key = (kind, local, remote, int(tid), int(nr))
        calls[key] += int(ret) > 0
        sums[key] += int(length)
        ranges[key[:3]].append((int(begin), int(length), int(tid)))
        sockets[key[:3]].add(socket)
        wraps += int(begin) + int(length) > 1 << 32
    again = {key for key in sockets if len(sockets[key]) > 1}
    return calls, sums, ranges, wraps, again


def unwrap(ranges):
    """Ranges on one 64-bit coordinate, the first byte at 0, sorted."""
    ret, near = [], ranges[0][0] + (1 << 32)
    for begin, length, tid in ranges:
        near += (begin - near + (1 << 31)) % (1 << 32) - (1 << 31)
        ret.append((near, near + length, tid))
    ret.sort()
    return [(begin - ret[0][0], end - ret[0][0], tid) for begin, end, tid in ret]


def misplaced(ranges, begin, end, tid):
    """Bytes of [begin, end) that the trace does not give to this thread."""
    at = max(bisect.bisect(ranges, (begin, 1 << 62, 0)) - 20, 0)
    good = 0
    while at < len(ranges) and ranges[at][0] < end:
        if ranges[at][2] == tid:
            good += max(0, min(end, ranges[at][1]) - max(begin, ranges[at][0]))
        at += 1
    return end - begin - min(good, end - begin)


def check_places(writers, placed, ranges, again):
    cache, wrong, total = {}, 0, 0
    for kind, local, remote, offset, length, (how, who) in placed:
        key = (kind, local, remote)
        tid = who if how == "tid" else writers.get((local, remote, who))
        if key in again:  # two streams of one 4-tuple: offsets do not tell which
            continue
        if key not in ranges:
            wrong, total = wrong + length, total + length
            continue
        if key not in cache:
            cache[key] = unwrap(ranges[key])
        if tid is None:  # the head
            continue
        total += length
        bad = misplaced(cache[key], offset, offset + length, tid)
        wrong += bad
        if bad:
            print("misplaced:", key, offset, length, tid, bad, [
                part for part in cache[key] if part[1] > offset and part[0] < offset + length],
                file=sys.stderr)
    return wrong, total


def main():
    calls, sums, writers, placed = read_truth(sys.argv[2:])
    seen_calls, seen_sums, ranges, wraps, again = read_dump(sys.argv[1])
    differ = [(key, calls[key], seen_calls[key], sums[key], seen_sums[key])
              for key in sorted(set(sums) | set(seen_sums))
              if calls[key] != seen_calls[key] or sums[key] != seen_sums[key]]
    wrong, total = check_places(writers, placed, ranges, again)
    for row in differ[:20]:
        print("(what, local, remote, tid, syscall), calls, traced, bytes, traced:", row,
              file=sys.stderr)
    print(json.dumps({
        "calls": sum(calls.values()), "traced_calls": sum(seen_calls.values()),
        "bytes": sum(sums.values()), "traced_bytes": sum(seen_sums.values()),
        "differ": len(differ), "shared_bytes": total, "misplaced": wrong, "wraps": wraps,
        "syscalls": len({(key[0], key[4]) for key in sums}),
        "connections": len({key[1:3] for key in sums})}))
    sys.exit(1 if differ else 0)


main()
