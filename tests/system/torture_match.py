# SPDX-License-Identifier: GPL-2.0-only
"""Compare who took what of whom: torture_local's truth with torture_match's graph.

usage: torture_match.py MATCH TRUTH...

Every call must be there, of the right length, and every byte taken must be given to the write it is of.
Which of two calls at once moved which bytes of a unix stream or pipe that threads share is a guess (see
docs/observation.md): `shared` counts those that were guessed wrong. Prints one JSON object; exits 1 where
they differ.
"""
import bisect
import collections
import json
import sys


def read_truth(paths):
    channels, writer_of, calls = {}, {}, collections.defaultdict(list)
    for path in paths:
        tid = int(path.rsplit(".", 1)[1].lstrip("c"))
        for line in open(path):
            kind, channel, *field = line.split()
            if kind == "C":
                channels[channel] = (field[0], field[1] == "1")
            elif kind == "W":
                writer_of[channel, int(field[0])] = int(field[1])
            elif kind == "S":
                calls["S", tid].append((channel, int(field[0]), int(field[1])))
            else:
                runs = [tuple(map(int, run.split("*"))) for run in field[1].split(",")]
                calls["R", tid].append((channel, int(field[0]), runs))
    return channels, writer_of, calls


def read_match(path, tids):
    """By kind and thread, in its order: (carrier, socket that sent, begin, end); and each socket's sends."""
    calls, sends = collections.defaultdict(list), collections.defaultdict(list)
    for line in open(path):
        kind, carrier, socket, peer, tid, begin, end = line.split()
        key = kind, int(tid)
        if int(tid) not in tids:
            continue
        if kind == "S":
            sends[socket].append((int(begin), int(end), int(tid), len(calls[key])))
        calls[key].append((int(carrier), socket if kind == "S" else peer, int(begin), int(end)))
    for ranges in sends.values():
        ranges.sort()
    return calls, sends


def given(ranges, begin, end):
    """(tid, index of its send, units) of [begin, end), in order."""
    at = max(bisect.bisect(ranges, (begin, 1 << 62)) - 1, 0)
    while at < len(ranges) and ranges[at][0] < end:
        units = min(end, ranges[at][1]) - max(begin, ranges[at][0])
        if units > 0:
            yield ranges[at][2], ranges[at][3], units
        at += 1


def merged(runs):
    ret = []
    for mark, units in runs:
        if ret and ret[-1][0] == mark:
            ret[-1][1] += units
        else:
            ret.append([mark, units])
    return ret


def main():
    channels, writer_of, truth = read_truth(sys.argv[2:])
    calls, sends = read_match(sys.argv[1], {tid for _, tid in truth})
    result = collections.Counter()
    kinds = collections.Counter()

    def differs(*what):
        result["differ"] += 1
        if result["differ"] <= 20:
            print(*what, file=sys.stderr)

    for key, expected in truth.items():
        got = calls[key]
        if len(got) != len(expected):
            differs(key, channels[expected[0][0]], "calls", len(expected), "traced", len(got))
            continue
        for index, ((channel, length, what), (_, sender, begin, end)) in enumerate(zip(expected, got)):
            kind, exact = channels[channel]
            datagram = kind not in ("pipe", "stream")
            result["calls"] += 1
            result["bytes"] += length
            kinds[kind] += 1
            if not datagram and end - begin != length:
                differs(key, index, kind, "length", length, "traced", end - begin)
            if key[0] == "S":
                continue
            units = list(given(sends[sender], begin, end))
            marks = merged((truth["S", tid][at][2], 1 if datagram else cnt) for tid, at, cnt in units)
            want = [[what[0][0], 1]] if datagram else merged(what)
            if marks == want:
                result["right"] += 1
            elif not exact:
                result["shared"] += 1
            else:
                differs(key, index, kind, "took", want, "traced", marks)
    print(json.dumps({**result, "kinds": kinds}))
    sys.exit(1 if result["differ"] else 0)


main()
