#!/usr/bin/env python3
"""tests/e2e/test_kill.py - a store survives SIGKILL at any moment; script/kill-test does it for longer."""
import os

import common
import kill
from common import TOCSIN, event, rule

WRITER = os.environ["STORE_WRITER"]
KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("SEED", "1"))


class Kill(common.Case):
    def test_writer(self):
        hit = kill.writer(WRITER, self.dir, KILLS, SEED)
        print(f"{KILLS} kills, {hit} of them while it wrote")
        self.assertGreater(hit, 0)

    def test_hunt(self):
        rules = self.write("rule.yml", rule())
        events = [event(record=i + 1, TargetUserName=f"user{i % 50}").encode() for i in range(5000)]
        hit = kill.hunt(TOCSIN, rules, events, self.dir, KILLS, SEED, self.env)
        print(f"{KILLS} kills, {hit} of them while it hunted")
        self.assertGreater(hit, 0)


if __name__ == "__main__":
    common.main()
