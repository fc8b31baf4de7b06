#!/usr/bin/env python3
"""tests/e2e/test_signals.py - an interrupted hunt tells what it has; waits are on conditions."""
import json
import os
import signal
import subprocess

import common
from common import TOCSIN, Reader, event, feed, rule


class Signals(common.Case):
    def start(self, leave=False):
        p = subprocess.Popen([TOCSIN, "hunt", "--rules", self.write("rule.yml", rule()), "-f", "jsonl", "-"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=self.env)
        return p, Reader(p.stdout, leave), Reader(p.stderr)

    def finish(self, p, *readers):
        status = p.wait(timeout=60)
        for r in readers:
            r.join()
        try:
            p.stdin.close()
        except BrokenPipeError:
            pass
        return status

    def interrupted(self, number):
        p, out, err = self.start()
        feed(p, out)
        p.send_signal(number)  # its input stays open
        self.assertEqual(self.finish(p, out, err), 130)
        parsed = [json.loads(line)["tocsin"] for line in out.lines]
        self.assertEqual(parsed[0]["kind"], "finding")
        self.assertEqual(parsed[-1]["kind"], "summary")
        self.assertTrue(parsed[-1]["interrupted"])
        self.assertEqual(parsed[-1]["findings"]["total"], len(parsed) - 1)
        self.assertIn(b"interrupted", b"".join(err.lines))

    def test_interrupt(self):
        self.interrupted(signal.SIGINT)

    def test_terminate(self):
        self.interrupted(signal.SIGTERM)

    def test_terminate_inside_a_record(self):
        """One record of 16 MB that keeps expressions busy for minutes; the hunt ends at once all the same."""
        slow = [f"(?:[a-z]{{1,{i}}}){{2}}[^a-z]\\d$" for i in range(13, 21)]
        rules = self.write("r.yml", rule().replace("EventID: 4624", f"TargetUserName|re: {json.dumps(slow)}"))
        log = self.write("x.json", event(TargetUserName=["abcdefgh" * 250 + "!"] * 7000))
        p = subprocess.Popen([TOCSIN, "hunt", "--rules", rules, log], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=self.env)
        out, err = Reader(p.stdout), Reader(p.stderr)
        while self.seconds(p.pid) < 2:  # reading and compiling take a tenth of that
            self.assertIsNone(p.poll(), "it ended by itself")
        p.send_signal(signal.SIGTERM)
        before = self.seconds(p.pid)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.join()
        err.join()
        self.assertEqual(p.returncode, 130)
        self.assertLess(used.ru_utime - before, 1)
        said = b"".join(out.lines + err.lines)
        self.assertIn(b"nterrupted", said)
        self.assertIn(b"No findings", said)

    @staticmethod
    def seconds(pid):
        """Of processor time, of it and of all that it, and they, have started."""
        parent, ticks = {}, {}
        for folder in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{folder}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                parent[int(folder)], ticks[int(folder)] = int(fields[1]), int(fields[11])
            except OSError:
                pass

        def is_of(x):
            while x != pid and x in parent:
                x = parent[x]
            return x == pid
        return sum(n for x, n in ticks.items() if is_of(x)) / os.sysconf("SC_CLK_TCK")

    def test_reader_leaves_while_input_waits(self):
        """Like `tail -f log | tocsin hunt - | head -1`."""
        p, out, err = self.start(leave=True)
        feed(p, out)
        out.join()
        piece = event().encode() * 200
        try:
            while p.poll() is None:
                p.stdin.write(piece)
                p.stdin.flush()
        except BrokenPipeError:
            pass
        self.assertEqual(self.finish(p, err), 1)
        self.assertIn(b"reader of the output is gone", b"".join(err.lines))


if __name__ == "__main__":
    common.main()
