#!/usr/bin/env python3
"""tests/e2e/test_signals.py - an interrupted hunt tells what it has; waits are on conditions."""
import json
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
