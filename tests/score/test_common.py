"""tests/score/test_common.py - the measures against values worked out by hand: every case is small
enough to count on paper, by the definitions of B-cubed and of pairs."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common  # noqa: E402


def incident(**more):
    body = {"id": "i1", "state": "warn", "chain": [], "transitions": []}
    body.update(more)
    return common.Incident({"tocsin": {"kind": "incident", "incident": body},
                            "host": {"name": ["ws5.theshire.local"]}, "user": {"name": ["T\\anna"]}})


def finding(rule="r1", host="WS5", user="anna", time="2026-01-01T00:00:00Z", offset=0, **data):
    return {"@timestamp": time, "tocsin": {"kind": "finding", "level": "high"}, "rule": {"uuid": rule},
            "host": {"name": host}, "user": {"name": user},
            "log": {"file": {"path": "a.evtx"}, "offset": offset},
            "winlog": {"record_id": 7, "event_id": 1, "channel": "Security", "event_data": data}}


class Names(unittest.TestCase):
    def test_hosts(self):
        self.assertEqual(common.short("workstation6.theshire.local"), "WORKSTATION6")
        self.assertEqual(common.short("WEC$"), "WEC")
        self.assertEqual(common.short("10.0.5.13"), "10.0.5.13")

    def test_accounts(self):
        for name in ("THESHIRE\\pgustavo", "pgustavo@THESHIRE.LOCAL", "PGustavo"):
            self.assertEqual(common.account(name), "PGUSTAVO")

    def test_times(self):
        self.assertEqual(common.seconds("1970-01-02T00:00:00Z"), 86400)
        self.assertEqual(common.seconds("1970-01-01T00:00:01.1234567Z"), 1.123456)
        self.assertEqual(common.rfc3339(86400.5), "1970-01-02T00:00:00.500000Z")

    def test_states(self):
        self.assertEqual([common.state_number(s) for s in
                          ("", "watch", "warn", "imminent", "destruction", "destruction seen")],
                         [0, 1, 2, 3, 4, 4])

    def test_technique_numbers(self):
        self.assertEqual(common.v18("T1685.005"), "T1070.001")
        self.assertEqual(common.v18("t1490"), "T1490")


class Measures(unittest.TestCase):
    def test_jaccard(self):
        self.assertEqual(common.jaccard({1, 2, 3}, {2, 3, 4}), 0.5)
        self.assertEqual(common.jaccard([], []), 1.0)

    def test_lcs(self):
        self.assertEqual(common.lcs("AGCAT", "GAC"), 2)
        self.assertEqual(common.lcs("ABCBDAB", "BDCABA"), 4)
        self.assertEqual(common.lcs([], "A"), 0)

    def test_b_cubed_by_hand(self):
        # classes aab, clusters 112: a1 a1 b2 is perfect
        self.assertEqual(common.b_cubed("aab", "112"), (1.0, 1.0))
        # all in one cluster: precision (2/3+2/3+1/3)/3, recall 1
        p, r = common.b_cubed("aab", "111")
        self.assertAlmostEqual(p, 5 / 9)
        self.assertEqual(r, 1.0)
        # all alone: precision 1, recall (1/2+1/2+1)/3
        p, r = common.b_cubed("aab", [None, None, None])
        self.assertEqual(p, 1.0)
        self.assertAlmostEqual(r, 2 / 3)

    def test_b_cubed_own_class(self):
        # background in an incident is of nobody's class: precision (2/3*2+1/3)/3
        p, _ = common.b_cubed(["a", "a", None], [1, 1, 1])
        self.assertAlmostEqual(p, 5 / 9)
        p, _ = common.b_cubed(["a", None, None], [1, 1, 1])
        self.assertAlmostEqual(p, 1 / 3)

    def test_pairwise(self):
        self.assertEqual(common.pairwise("aabb", "1111"), (2 / 6, 1.0))
        self.assertEqual(common.pairwise("aabb", [None] * 4), (1.0, 0.0))

    def test_lead(self):
        one = incident(transitions=[{"state": "watch", "time": "2026-01-01T00:00:00Z"},
                                    {"state": "warn", "time": "2026-01-01T01:00:00Z"}])
        at = "2026-01-01T03:00:00Z"
        self.assertEqual(common.lead([one], 1, at, ["WS5"], []), 3 * 3600)
        self.assertEqual(common.lead([one], 2, at, [], ["anna"]), 2 * 3600)
        self.assertIsNone(common.lead([one], 3, at, ["WS5"], []))
        self.assertIsNone(common.lead([one], 2, at, ["WS6"], ["berta"]))
        self.assertEqual(common.lead([one], 2, "2026-01-01T00:30:00Z", ["WS5"], []), -1800)


class Truth(unittest.TestCase):
    truth = {"incidents": [{"id": "t", "match": [{"host": "WS5", "SubjectLogonId": "0x9c"}]}],
             "noise_ok": [{"SubjectLogonId": "0x77"}],
             "must_not_join": [{"name": "berta", "match": [{"account": "berta"}]}]}

    def test_labels(self):
        self.assertEqual(common.label(self.truth, finding(SubjectLogonId="0x9C")), "t")
        self.assertIsNone(common.label(self.truth, finding(SubjectLogonId="0x9c1")))
        self.assertEqual(common.label(self.truth, finding(SubjectLogonId="0x77")), "noise")
        self.assertEqual(common.label(self.truth, finding(user="berta", SubjectLogonId="0x9c")),
                         "not:berta")

    def test_time_bounds(self):
        flat = common.view(finding(time="2026-01-01T12:00:00Z"))
        self.assertTrue(common.holds({"from": "2026-01-01T12:00:00Z"}, flat))
        self.assertFalse(common.holds({"to": "2026-01-01T12:00:00Z"}, flat))

    def test_place(self):
        link = {"time": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:10:00Z", "rule": "r1",
                "host": "ws5.theshire.local", "account": "anna",
                "evidence": {"file": "a.evtx", "offset": 40}}
        found = [finding(user="x", offset=40), finding(time="2026-01-01T00:05:00Z", offset=90),
                 finding(time="2026-01-01T00:11:00Z", offset=91), finding(rule="r2", offset=92)]
        self.assertEqual(common.place(found, [incident(chain=[link])]), ["i1", "i1", None, None])

    def test_techniques_in_order(self):
        links = [{"time": "2026-01-01T00:00:02Z", "technique": ["T1685.005"]},
                 {"time": "2026-01-01T00:00:01Z", "technique": ["T1110.003"]},
                 {"time": "2026-01-01T00:00:03Z", "technique": ["T1070.001", "T1490"]}]
        self.assertEqual(incident(chain=links).techniques(), ["T1110.003", "T1070.001", "T1490"])


if __name__ == "__main__":
    unittest.main()
