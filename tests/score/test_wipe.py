"""tests/score/test_wipe.py - the promise, on made-up logs and with the project's own rules: a network that
is lost in hours, over fourteen months, or by two hands is called out at warn or above, by a name of the
truth, before the first recovery deletion; and ordinary administration never looks imminent.

TOCSIN and RULES name the program and the rules.  recorded.py has the same marks and more for recordings.
"""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import benign  # noqa: E402
import common  # noqa: E402
import recorded  # noqa: E402
import wipe  # noqa: E402


class Wipe(unittest.TestCase):
    def hunted(self, write):
        with tempfile.TemporaryDirectory(prefix="tocsin-score-") as folder:
            truth = write(folder)
            logs = [os.path.join(folder, n) for n in sorted(os.listdir(folder))
                    if n.endswith(".jsonl")]
            findings, incidents, _ = common.hunt(os.environ["TOCSIN"], logs, [os.environ["RULES"]])
            return truth, findings, incidents

    def check(self, variant):
        truth, findings, incidents = self.hunted(lambda folder: wipe.write(folder, variant))
        row = recorded.evaluate(truth, findings, incidents)
        self.assertIsNotNone(row["lead_any"], row)
        self.assertGreater(row["lead_any"], 0, row)
        self.assertIsNotNone(row["lead_warn"], row)
        self.assertGreater(row["lead_warn"], 0, row)
        self.assertGreaterEqual(common.state_number(row["state"]), 3, row)
        self.assertEqual(row["overmerged"], 0, row)
        return row

    def test_hours(self):
        self.assertEqual(self.check("hours")["covering"], {"wipe": 1})

    def test_months(self):
        self.check("months")

    def test_handoff(self):
        self.check("handoff")

    def test_admin_days(self):
        _, _, incidents = self.hunted(lambda folder: benign.write(folder, hosts=12, days=5))
        loud = [one.raw["summary"] for one in incidents if one.state >= 3]
        self.assertEqual(loud, [])


if __name__ == "__main__":
    unittest.main()
