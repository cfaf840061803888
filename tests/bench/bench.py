# SPDX-License-Identifier: GPL-2.0-only
"""What a benchmark stands on: variants in turn, medians and ratios, the JSON file and the table.

BENCH_QUICK=1: one round, a moment each, to see that all works; its figures mean nothing.
BENCH_LOCK=FILE: each round waits for that lock (flock), where others use the machine too.
"""
import contextlib
import fcntl
import json
import os
import signal
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("B") or os.path.join(TOP, "build"))
QUICK = bool(os.environ.get("BENCH_QUICK"))
PAIRS = 1 if QUICK else 9
SECONDS = 0.1 if QUICK else 1

median = statistics.median


class Unable(Exception):
    """This variant cannot run on this machine; says why."""


def program(name):
    return os.path.join(BUILD, "tests", "bench", name)


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked():
    path = os.environ.get("BENCH_LOCK")
    if not path:
        yield
        return
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Unable(what)
        time.sleep(0.01)


@contextlib.contextmanager
def running(argv, end=signal.SIGKILL, **opts):
    """A process, with all its children, until the block ends."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True, **opts)
    try:
        yield process
    finally:
        if end != signal.SIGKILL and process.poll() is None:
            process.send_signal(end)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def output(argv, **opts):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, **opts)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: exit code {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def rounds(variants, what, pairs=PAIRS):
    """Each variant (name to function) once a round, a different one first each time.

    Returns name to the list of its results, and to why it could not run.
    """
    results, unable = {name: [] for name in variants}, {}
    names = list(variants)
    for at in range(pairs):
        say(f"  {what}, round {at + 1} of {pairs}")
        with locked():
            for name in names[at % len(names):] + names[:at % len(names)]:
                if name in unable:
                    continue
                try:
                    results[name].append(variants[name]())
                except Unable as reason:
                    unable[name] = str(reason)
    return results, unable


class Measures:
    """The objects of the JSON file, in order."""

    def __init__(self):
        self.list = []

    def add(self, name, unit, ours, baseline=None, rivals=None, ratio=None, pairs=1, goal=None, **more):
        """@goal: (which, ">=" or "<=", value), which is "ratio" or "ours"."""
        measure = {"name": name, "unit": unit, "ours": ours, "baseline": baseline,
                   "rivals": rivals or {}, "ratio": ratio, "pairs": pairs, **more}
        if goal:
            which, order, value = goal
            reached = measure[which] >= value if order == ">=" else measure[which] <= value
            measure.update(goal=f"{which} {order} {value:g}", met=reached)
        self.list.append(measure)

    def add_pairs(self, name, unit, results, unable, base, ours, take=lambda x: x, goal=None, **more):
        """Ratios within each round; all variants but @base and @ours are rivals."""
        values = {key: [take(x) for x in list_] for key, list_ in results.items()}

        def ratios(key):
            return [x / y for x, y in zip(values[key], values[base])]

        rivals = {key: {"value": median(values[key]), "ratio": median(ratios(key))}
                  for key in values if key not in (base, ours) and key not in unable}
        rivals.update({key: {"unable": why} for key, why in unable.items()})
        self.add(name, unit, median(values[ours]), median(values[base]), rivals,
                 median(ratios(ours)), len(values[ours]), goal,
                 spread=[min(ratios(ours)), max(ratios(ours))], **more)

    def write(self, path):
        def short(x):
            if isinstance(x, float):
                return float(f"{x:.5g}")
            if isinstance(x, dict):
                return {key: short(value) for key, value in x.items()}
            return [short(value) for value in x] if isinstance(x, list) else x

        with open(path, "w") as file:
            json.dump(short(self.list), file, indent=1)
            file.write("\n")

    def print(self):
        rows = [("", "untraced", "cutset", "ratio", "goal", "others")]
        for m in self.list:
            others = "; ".join(f"{name} {number(rival['value'])}" if "value" in rival else f"{name} cannot"
                               for name, rival in m["rivals"].items())
            goal = f"{m['goal']}{'' if m['met'] else ' MISSED'}" if "goal" in m else ""
            rows.append((f"{m['name']} [{m['unit']}]", number(m["baseline"]), number(m["ours"]),
                         number(m["ratio"]), goal, others))
        widths = [max(len(row[at]) for row in rows) for at in range(5)]
        for row in rows:
            cells = [row[0].ljust(widths[0])] + [row[at].rjust(widths[at]) for at in (1, 2, 3)]
            print("  ".join(cells + [row[4].ljust(widths[4]), row[5]]).rstrip())


def number(x):
    if x is None:
        return "-"
    return f"{x:.0f}" if abs(x) >= 1000 else f"{x:.3g}"
