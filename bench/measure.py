"""bench/measure.py - run commands in turn, several times, and keep medians.

What is compared runs side by side (A B A B ...), so that a busy moment of the machine meets both.  Wall
time decides; processor time (user + system) is kept beside it, since it tells a busy machine from a
slow program."""
import os
import statistics
import subprocess
import time


class Failed(Exception):
    """A command ended with a status that is not a result."""


class Sample:
    """Medians of one command's runs: seconds of wall and of processor time, peak KiB."""

    def __init__(self, runs):
        self.wall = statistics.median(r[0] for r in runs)
        self.cpu = statistics.median(r[1] for r in runs)
        self.peak = max(r[2] for r in runs)
        self.spread = (min(r[0] for r in runs), max(r[0] for r in runs))


def run_once(command, env=None):
    """(wall, cpu, peak KiB) of one command, its output thrown away."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})}) as p:
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if p.returncode not in (0, 2):  # tocsin: 2 says that there were findings
        raise Failed(f"status {p.returncode}: {' '.join(command[:8])} ...")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def run_all(commands, env=None):
    """Several commands as one measurement (a program that takes one file at a time)."""
    parts = [run_once(c, env) for c in commands]
    return sum(p[0] for p in parts), sum(p[1] for p in parts), max(p[2] for p in parts)


def side_by_side(contenders, times):
    """{name: list of commands} -> {name: Sample}; one warm-up each, then `times` rounds."""
    runs = {name: [] for name in contenders}
    for round_number in range(times + 1):
        for name, commands in contenders.items():
            result = run_all(commands)
            if round_number > 0:
                runs[name].append(result)
    return {name: Sample(r) for name, r in runs.items()}


class Pairs:
    """Two commands run in turn: a Sample of each, and the medians of the ratios of each pair."""

    def __init__(self, runs_a, runs_b):
        self.a, self.b = Sample(runs_a), Sample(runs_b)
        self.wall = statistics.median(a[0] / b[0] for a, b in zip(runs_a, runs_b))
        self.cpu = statistics.median(a[1] / max(b[1], 1e-9) for a, b in zip(runs_a, runs_b))


def pairs(a, b, times):
    """One warm-up each, then `times` pairs, who is first in turn."""
    runs_a, runs_b = [], []
    for i in range(times + 1):
        order = ((a, runs_a), (b, runs_b)) if i % 2 else ((b, runs_b), (a, runs_a))
        for command, runs in order:
            result = run_once(command)
            if i > 0:
                runs.append(result)
    return Pairs(runs_a, runs_b)
