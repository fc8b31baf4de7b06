#!/usr/bin/env python3
"""tests/e2e/test_processes.py - who may do what while logs are read, and that nobody is left behind
(what happens when one of them dies: tests/unit/detect/test_crew.c); waits are on conditions."""
import os
import resource
import signal
import subprocess
import time
import unittest

import common
from common import TOCSIN, Reader, feed, rule

DAMAGE = "dirty"  # of tests/evtxgen/damage.c


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(x) for x in f.read().split()]


def name(pid):
    with open(f"/proc/{pid}/comm") as f:
        return f.read().strip()


def status(pid):
    with open(f"/proc/{pid}/status") as f:
        return dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)


def descriptors(pid):
    folder = f"/proc/{pid}/fd"
    return {int(fd): os.readlink(f"{folder}/{fd}").split(":")[0] for fd in os.listdir(folder)}


def is_gone(pid):
    try:
        return status(pid)["State"].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True


class Processes(common.Case):
    def start(self, *more):
        p = subprocess.Popen([TOCSIN, "hunt", "--rules", self.write("rule.yml", rule()), "-f", "jsonl", "-j", "2",
                              "--state", self.path("state"), *more, "-"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.env)
        out = Reader(p.stdout)
        feed(p, out)
        return p, out

    def all_of(self, p):
        """The spawner; the reader; the workers."""
        spawner, = children(p.pid)
        others = children(spawner)
        reader, = [x for x in others if name(x) == "tocsin-reader"]
        workers = [x for x in others if name(x) == "tocsin-worker"]
        self.assertEqual(len(others), 1 + len(workers))
        return spawner, reader, workers

    def end(self, p, out):
        p.stdin.close()
        p.wait(timeout=60)
        out.join()

    def gone(self, pids):
        deadline = time.monotonic() + 60
        while not all(map(is_gone, pids)):
            self.assertLess(time.monotonic(), deadline, "somebody was left behind")

    def test_what_each_of_them_has(self):
        """Workers: nothing but memory and their channel.  The reader: its input beside.  Neither the
        store nor the rules nor the output is open in one of them.

        claim: processes"""
        p, out = self.start()
        spawner, reader, workers = self.all_of(p)
        self.assertEqual(len(workers), 2)
        stderr = "/dev/null" if not common.SANITIZED else descriptors(p.pid)[2]
        bare = {0: "/dev/null", 1: "/dev/null", 2: stderr, 3: "socket"}
        for w in workers:
            self.assertEqual(descriptors(w), bare)
        self.assertEqual(descriptors(reader), {**bare, 0: "pipe"})
        self.assertEqual(descriptors(spawner), {**bare, 0: "pipe"})
        for pid in [p.pid, reader, *workers]:
            self.assertEqual(status(pid)["Seccomp"].strip(), "2", name(pid))
            self.assertEqual(status(pid)["NoNewPrivs"].strip(), "1", name(pid))
        for pid in [reader, *workers]:
            self.assertEqual(len(os.listdir(f"/proc/{pid}/task")), 1)
            with open(f"/proc/{pid}/limits") as f:
                self.assertRegex(f.read(), r"Max core file size +0 +0 ")
        self.end(p, out)
        self.assertEqual(p.returncode, 2)

    def test_the_engine_maps_no_block(self):
        """What logs are read into is not in its memory."""
        p, out = self.start()
        _, reader, workers = self.all_of(p)

        def shared(pid):
            """start -> rights"""
            with open(f"/proc/{pid}/maps") as f:
                return {line.split("-")[0]: line.split()[1] for line in f if "/dev/zero" in line}
        blocks = shared(reader)
        self.assertEqual(set(blocks.values()), {"rw-s"})
        self.assertGreaterEqual(len(blocks), 6)
        self.assertEqual(blocks.keys() & shared(p.pid).keys(), set())
        self.assertEqual([x for x in shared(p.pid).values() if x == "r--s"], ["r--s"] * len(blocks))
        for w in workers:  # its own half of them, and only to read
            theirs = blocks.keys() & shared(w).keys()
            self.assertEqual(len(theirs), len(blocks) // 2)
            self.assertEqual({shared(w)[x] for x in theirs}, {"r--s"})
        self.assertEqual(shared(workers[0]).keys() & shared(workers[1]).keys() & blocks.keys(), set())
        self.end(p, out)

    def test_an_engine_that_dies_leaves_nobody(self):
        p, out = self.start()
        spawner, reader, workers = self.all_of(p)
        p.kill()
        self.end(p, out)
        self.gone([spawner, reader, *workers])

    def test_an_interrupt_ends_all(self):
        for whole_group in (False, True):
            p, out = self.start()
            spawner, reader, workers = self.all_of(p)
            for pid in [p.pid] + ([spawner, reader, *workers] if whole_group else []):
                os.kill(pid, signal.SIGINT)
            self.assertEqual(p.wait(timeout=60), 130)
            self.gone([spawner, reader, *workers])
            self.end(p, out)

    def test_a_spawner_that_dies_is_told(self):
        p, out = self.start()
        spawner, reader, workers = self.all_of(p)
        os.kill(spawner, signal.SIGKILL)
        self.gone([reader, *workers])
        self.end(p, out)
        self.assertEqual(p.returncode, 1)

    @unittest.skipIf(common.SANITIZED, "the sanitizers need more addresses")
    def test_threads_where_processes_cannot_be(self):
        """Said, and the same is found."""
        def few():
            resource.setrlimit(resource.RLIMIT_AS, (800 << 20, 800 << 20))
        r = self.write("rule.yml", rule())
        log = self.write("log.jsonl", "".join(common.event() for _ in range(5)))
        args = ("hunt", "-f", "jsonl", "--rules", r, log)
        here = self.run_tocsin(*args, status=2, preexec_fn=few)
        self.assertIn(b"logs are decoded in threads of this process", here.stderr)
        self.assertEqual(self.findings(here)[0], self.findings(self.run_tocsin(*args, status=2))[0])

    def test_same_output_as_threads(self):
        for args in (("hunt", "-f", "jsonl", "--rules", common.RULES, common.CASE), ("dump", common.CASE),
                     ("dump", "--carve", self.sample("damaged.evtx", DAMAGE))):
            done = [self.run_tocsin(*args, "-j", n, "--workers", how)
                    for how in ("threads", "processes") for n in "13"]
            lines = [[x for x in d.stdout.splitlines() if b'"kind":"summary"' not in x] for d in done]
            self.assertGreater(len(lines[0]), 0)
            for d, text in zip(done[1:], lines[1:]):
                self.assertEqual(text, lines[0])
                self.assertEqual((d.stderr, d.returncode), (done[0].stderr, done[0].returncode))


if __name__ == "__main__":
    common.main()
