# SPDX-License-Identifier: GPL-2.0-only
"""
Which of a run's numbered messages (numbered.py) were late, and by how much: compared with those of the
same run that were sent before the one that is meant.

    20 connections: message 358 late by 500.3 ms of 500 asked; behind it 24, the last of them taken 0.2 ms
    after it; median/latest of those before 0.1/0.7 ms, of other streams meanwhile 0.1/0.5 ms (457), after
    0.1/0.9 ms
"""
from netlab import expect


def median(values):
    return sorted(values)[len(values) // 2]


def figures(values):
    return f"{median(values):.1f}/{max(values):.1f}" if values else "-"


def judge(what, got, report, asked, meant):
    """@asked in milliseconds; @meant: the number of the message that has to be late."""
    by_number = {number: (stream, sent, received) for kind, number, stream, sent, received in got}
    expect(len(by_number) == len(got), f"{what}: messages arrive once")
    at, sent, received = by_number[meant]
    span = {n: (r - s) / 1e6 for n, (_, s, r) in by_number.items()}
    before = [span[n] for n in range(meant)]
    late = span[meant] - median(before)
    rest = {n: by_number[n] for n in by_number if n > meant}
    behind = {n: m for n, m in rest.items() if m[0] == at and m[1] < received}
    others = [span[n] for n, m in rest.items() if m[0] != at and m[1] < received]
    after = [span[n] for n, m in rest.items() if m[1] >= received]
    let_go = [(m[2] - received) / 1e6 for m in behind.values()]
    said = (f"{what}: message {meant} late by {late:.1f} ms of {asked} asked; behind it {len(behind)}, the last "
            f"of them taken {max(let_go, default=0):.1f} ms after it; median/latest of those before "
            f"{figures(before)} ms, of other streams meanwhile {figures(others)} ms ({len(others)}), after "
            f"{figures(after)} ms")
    print(said)
    slack = max(asked / 4, 2 * max(before))
    expect(slack < asked, f"{said}: too noisy a machine to tell")
    expect(asked - 1 <= span[meant] and late < asked + slack, said)
    expect(max(others + after + before) < slack, f"{said}: another was late")
    expect(0 <= min(let_go, default=0) and max(let_go, default=0) < slack, f"{said}: those behind")
    same = [n for kind, n, stream, s, r in got if stream == at]
    expect(same == sorted(same), f"{said}: the stream's order is another")
    expect(report["fired"] == 1 and report["sport"] == at and report["caught"] == 0, report)
