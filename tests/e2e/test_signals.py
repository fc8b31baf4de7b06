#!/usr/bin/env python3
"""tests/e2e/test_signals.py - an interrupted hunt tells what it has; waits are on conditions."""
import json
import signal
import subprocess

import common
from common import TOCSIN, event, rule


class Signals(common.Case):
    def start(self, *args):
        return subprocess.Popen([TOCSIN, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.env)

    def feed_until_output(self, p):
        """Records until the first result comes out: then the run is under way and mid-stream."""
        import threading
        line = []
        reader = threading.Thread(target=lambda: line.append(p.stdout.readline()))
        reader.start()
        piece = event(TargetUserName="anna").encode() * 500
        while reader.is_alive():
            try:
                p.stdin.write(piece)
                p.stdin.flush()
            except BrokenPipeError:
                break
        reader.join()
        return line[0]

    def interrupted(self, number):
        p = self.start("hunt", "--rules", self.write("rule.yml", rule()), "-f", "jsonl", "-")
        first = self.feed_until_output(p)
        self.assertEqual(json.loads(first)["tocsin"]["kind"], "finding")
        p.send_signal(number)  # while it waits for more input
        rest = p.stdout.read().splitlines()
        err = p.stderr.read()
        self.assertEqual(p.wait(timeout=60), 130)
        for line in rest:
            json.loads(line)
        last = json.loads(rest[-1])["tocsin"]
        self.assertEqual(last["kind"], "summary")
        self.assertTrue(last["interrupted"])
        self.assertEqual(last["findings"]["total"], len(rest))
        self.assertIn(b"interrupted", err)
        for f in (p.stdin, p.stdout, p.stderr):
            try:
                f.close()
            except BrokenPipeError:
                pass

    def test_interrupt(self):
        self.interrupted(signal.SIGINT)

    def test_terminate(self):
        self.interrupted(signal.SIGTERM)

    def test_reader_leaves_while_input_waits(self):
        """Like `tail -f log | tocsin hunt - | head -1`: ends although the input stays open."""
        p = self.start("hunt", "--rules", self.write("rule.yml", rule()), "-f", "jsonl", "-")
        self.feed_until_output(p)
        p.stdout.close()
        piece = event().encode() * 500
        try:
            while p.poll() is None:
                p.stdin.write(piece)
                p.stdin.flush()
        except BrokenPipeError:
            pass
        self.assertEqual(p.wait(timeout=60), 1)
        self.assertIn(b"reader of the output is gone", p.stderr.read())
        p.stderr.close()
        try:
            p.stdin.close()
        except BrokenPipeError:
            pass


if __name__ == "__main__":
    common.main()
