"""tests/score/test_score.py - the scorer on answers made by hand, and the made-up logs: same seed same
bytes, truths that name what is there, nothing bad in the benign days."""
import filecmp
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import benign  # noqa: E402
import common  # noqa: E402
import compose  # noqa: E402
import recorded  # noqa: E402
import wipe  # noqa: E402

TRUTH = {"incidents": [{"id": "t", "accounts": ["ELBWERFT\\anna"], "hosts": ["A", "B"],
                        "seen_without_logs": ["C"], "origin": {"host": "A", "account": "anna"},
                        "techniques": [{"tech": "T1110.003"}, {"tech": "T1003.001"},
                                       {"tech": "T1490"}],
                        "destructive_at": "2026-01-01T02:00:00Z", "match": [{"account": "anna"}]}],
         "noise_ok": [{"account": "recorder"}],
         "must_not_join": [{"name": "berta", "match": [{"account": "berta"}]}],
         "marks": {"one_incident": True, "min_hosts": 2, "origin": True, "clean": True,
                   "warn_before_destruction": True}}


def finding(offset, host, user, level="high"):
    return {"@timestamp": "2026-01-01T00:%02d:00Z" % offset, "rule": {"uuid": "r", "name": "R"},
            "tocsin": {"kind": "finding", "level": level}, "host": {"name": host},
            "user": {"name": user}, "log": {"file": {"path": "f"}, "offset": offset},
            "winlog": {"record_id": offset, "event_id": 1, "channel": "Security", "event_data": {}}}


def link(offset, host, user, technique):
    when = "2026-01-01T00:%02d:00Z" % offset
    return {"time": when, "last": when, "rule": "r", "host": host, "account": user, "chosen": True,
            "technique": [technique], "evidence": {"file": "f", "offset": offset}}


def incident(number, links, hosts, users, state="warn", at="2026-01-01T01:00:00Z"):
    return common.Incident({"tocsin": {"kind": "incident", "incident": {
        "id": "i%d" % number, "state": state, "chain": links,
        "transitions": [{"state": state, "time": at}]}},
        "host": {"name": hosts}, "user": {"name": users}})


FOUND = [finding(1, "A", "anna"), finding(2, "A", "anna"), finding(3, "B.x.example", "anna"),
         finding(4, "B", "berta"), finding(5, "B", "recorder")]


class Evaluate(unittest.TestCase):
    def judge(self, incidents):
        row = recorded.evaluate(TRUTH, FOUND, incidents)
        return row, {text: met for text, met in recorded.marks(TRUTH, row)}

    def test_right_answer(self):
        one = incident(1, [link(1, "A", "anna", "T1110.003"), link(2, "A", "anna", "T1003.001"),
                           link(3, "B", "anna", "T1490"), link(5, "B", "recorder", "T1070.001")],
                       ["A", "b.x.example", "c"], ["ELBWERFT\\Anna"])
        row, met = self.judge([one])
        self.assertEqual((row["bp"], row["br"], row["hosts"], row["accounts"], row["order"]),
                         (1.0, 1.0, 1.0, 1.0, 1.0))
        self.assertEqual((row["lead_warn"], row["lead_imminent"], row["split"], row["overmerged"]),
                         (60.0, None, 0, 0))
        self.assertTrue(all(met.values()), met)

    def test_split(self):
        row, met = self.judge([incident(1, [link(1, "A", "anna", "T1110.003")], ["A"], ["anna"]),
                               incident(2, [link(3, "B", "anna", "T1490")], ["B"], ["anna"])])
        self.assertEqual(row["split"], 1)
        # cells {1} {2} {3} of one class of three: recall (1/3 * 3) / 3
        self.assertAlmostEqual(row["br"], 1 / 3)
        self.assertFalse(met["exactly one incident holds the truth"])

    def test_merged_too_much(self):
        one = incident(1, [link(n, "A", u, "T1490") for n, u in
                           ((1, "anna"), (2, "anna"), (3, "anna"), (4, "berta"))], ["A"], ["anna"])
        row, met = self.judge([one])
        self.assertEqual((row["violations"], row["overmerged"]), ("berta", 1))
        self.assertAlmostEqual(row["bp"], (3 * 3 / 4 + 1 / 4) / 4)
        self.assertFalse(met["nothing that must not join"])
        self.assertFalse(met["it names 2 hosts of the truth or more"])

    def test_too_late(self):
        one = incident(1, [link(1, "A", "anna", "T1490")], ["A", "B"], ["anna"],
                       at="2026-01-01T02:00:01Z")
        self.assertFalse(self.judge([one])[1]["warn before the first recovery deletion"])

    def test_nothing_found(self):
        row, met = self.judge([])
        self.assertEqual((row["state"], row["incidents"]), ("none", 0))
        self.assertFalse(met["warn before the first recovery deletion"])

    def test_quiet(self):
        row = recorded.quiet(FOUND, [incident(1, [], ["A"], []),
                                     incident(2, [], ["A"], [], state="imminent")], (2, 8.0))
        self.assertEqual((row["warn"], row["imminent"], row["per_host_hour"]), (1, 1, 0.25))


class MadeUp(unittest.TestCase):
    def folder(self):
        folder = tempfile.TemporaryDirectory(prefix="tocsin-score-")
        self.addCleanup(folder.cleanup)
        return folder.name

    def same(self, a, b):
        names = sorted(os.listdir(a))
        self.assertEqual(names, sorted(os.listdir(b)))
        self.assertEqual(filecmp.cmpfiles(a, b, names, shallow=False)[1:], ([], []))

    def records(self, folder):
        for name in sorted(os.listdir(folder)):
            if name.endswith(".jsonl"):
                with open(os.path.join(folder, name), encoding="utf-8") as lines:
                    for line in lines:
                        yield json.loads(line)["Event"]

    def test_wipe(self):
        for variant in wipe.VARIANTS:
            a, b = self.folder(), self.folder()
            truth = wipe.write(a, variant)
            wipe.write(b, variant)
            self.same(a, b)
            named = {(p["host"], p["channel"], r) for p in truth["incidents"][0]["match"]
                     for r in p["record"].split("|")}
            first = None
            for one in self.records(a):
                system = one["System"]
                key = (common.short(system["Computer"]), system["Channel"], str(system["EventRecordID"]))
                command = one.get("EventData", {}).get("CommandLine", "")
                if "delete" in command:
                    self.assertIn(key, named)
                    when = system["TimeCreated"]["#attributes"]["SystemTime"]
                    first = min(first or when, when)
            self.assertEqual(first, truth["incidents"][0]["destructive_at"])

    def test_records_ascend(self):
        folder = self.folder()
        wipe.write(folder, "hours")
        last = {}
        for one in self.records(folder):
            system = one["System"]
            key = (system["Computer"], system["Channel"])
            when = system["TimeCreated"]["#attributes"]["SystemTime"]
            if key in last:
                self.assertEqual(system["EventRecordID"], last[key][0] + 1)
                self.assertGreaterEqual(when, last[key][1])
            last[key] = (system["EventRecordID"], when)

    def test_benign(self):
        a, b = self.folder(), self.folder()
        benign.write(a, hosts=4, days=2, seed=3)
        benign.write(b, hosts=4, days=2, seed=3)
        self.same(a, b)
        with open(os.path.join(a, "README"), encoding="utf-8") as f:
            self.assertTrue(f.read().startswith("Synthetic"))
        seen = {one["System"]["EventID"] for one in self.records(a)}
        self.assertTrue({4624, 4625, 4740, 4771, 4725, 5136, 7045, 1102, 4769} <= seen, seen)
        for one in self.records(a):
            self.assertNotIn(" delete ", one.get("EventData", {}).get("CommandLine", ""))


class Compose(unittest.TestCase):
    def test_names(self):
        r = compose.Rewriter({"workstation5": "CL05", "pgustavo": "h.carlsen", "10.1.1.5": "10.2.2.2"})
        self.assertEqual(r.text("WORKSTATION5.theshire.local THESHIRE\\\\pgustavo \\tPgustavo 10.1.1.5"),
                         "CL05.elbwerft.example ELBWERFT\\\\h.carlsen \\th.carlsen 10.2.2.2")
        self.assertEqual(r.text("10.1.1.50 210.1.1.5"), "10.1.1.50 210.1.1.5")

    def test_times(self):
        one = {"@timestamp": "2020-10-22T08:29:48.785Z", "EventTime": "2020-10-22 04:29:46",
               "UtcTime": "2020-10-22 08:29:46.100", "Message": "2020-10-22"}
        compose.move(one, 86400)
        self.assertEqual(one, {"@timestamp": "2020-10-23T08:29:48.785Z",
                               "EventTime": "2020-10-23 04:29:46",
                               "UtcTime": "2020-10-23 08:29:46.100", "Message": "2020-10-22"})


class TruthFiles(unittest.TestCase):
    def test_shape(self):
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "truth")
        for name in os.listdir(folder):
            truth = common.load_truth(os.path.join(folder, name))
            for one in truth["incidents"]:
                times = [common.seconds(t["t"]) for t in one["techniques"]]
                self.assertEqual(times, sorted(times), name)
                self.assertIn(one["origin"]["host"], one["hosts"], name)
                self.assertIn(one["origin"]["account"], one["accounts"], name)
                self.assertTrue(one["match"])


if __name__ == "__main__":
    unittest.main()
