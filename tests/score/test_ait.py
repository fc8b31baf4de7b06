#!/usr/bin/env python3
"""The scoring of ait.py on a hand-made scenario whose figures are worked out by hand."""
import io
import json
import os
import sys
import tempfile
import unittest
from contextlib import redirect_stdout

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ait  # noqa: E402

# Two days; rows 2, 3, 5 are the intrusion, rows 4 and 6 the exfil, 1, 7 and 8 noise.
CSV = """time,name,ip,host,short,time_label,event_label
0,Wazuh: noise,10.0.0.1,mail,x,false_positive,-
3600,Scan,10.0.0.2,web,x,service_scans,service_scan
3660,Scan,10.0.0.2,web,x,service_scans,service_scan
4000,Dns,10.0.0.3,share,x,false_positive,dnsteal
7200,Sudo,10.0.0.2,web,x,privilege_escalation,escalated_sudo_command
8000,Stop,10.0.0.3,share,x,service_stop,dnsteal
9000,Wazuh: noise,10.0.0.1,mail,x,false_positive,-
172800,Wazuh: noise,10.0.0.1,mail,x,false_positive,-
"""
PHASES = {"t": {"privilege_escalation": ["1970-01-01T02:00:00Z", "1970-01-01T02:10:00Z"],
                "service_stop": ["1970-01-01T02:13:20Z", "1970-01-01T02:13:25Z"]}}


def at(t):
    return f"1970-01-0{1 + t // 86400}T{t // 3600 % 24:02}:{t // 60 % 60:02}:{t % 60:02}.000000Z"


def incident(ident, state, links, transitions):
    chain = [{"time": at(f), "last": at(to), "stage": "account", "rule": {"id": "ait:" + name},
              "host": host, "evidence": {"file": "t", "record": record}}
             for name, host, f, to, record in links]
    return {"tocsin": {"kind": "incident",
                       "incident": {"id": ident, "state": state, "chain": chain, "score": 1,
                                    "first": chain[0]["time"], "last": chain[-1]["last"],
                                    "transitions": [{"state": s, "time": at(t)}
                                                    for s, t in transitions]}}}


FULL = [
    incident("a", "warn", [("Scan", "web", 3600, 3660, 2), ("Sudo", "WEB", 7200, 7200, 5)],
             [("watch", 3600), ("warn", 3660)]),
    incident("b", "destruction seen", [("Dns", "share", 4000, 4000, 4), ("Stop", "share", 8000, 8000,
                                                                         6)],
             [("watch", 4000), ("destruction seen", 8000)]),
    incident("c", "watch", [("Wazuh: noise", "mail", 0, 9000, 1)], [("watch", 9000)]),
]


class Score(unittest.TestCase):
    def run_on(self, objs, *args):
        with tempfile.TemporaryDirectory() as d:
            with open(os.path.join(d, "t_alerts.csv"), "w", encoding="utf-8") as f:
                f.write(CSV)
            with open(os.path.join(d, "attack-phases.json"), "w", encoding="utf-8") as f:
                json.dump(PHASES, f)
            saved = os.path.join(d, "saved")
            with open(saved, "w", encoding="utf-8") as f:
                f.write("not json\n" + "".join(json.dumps(o) + "\n" for o in objs))
            out = io.StringIO()
            with redirect_stdout(out):
                self.assertEqual(ait.main(["--data", d, "--jsonl", "t=" + saved, "-v", *args]), 0)
        return json.loads(out.getvalue().splitlines()[-1]), out.getvalue()

    def test_full(self):
        s, text = self.run_on(FULL)
        self.assertEqual((s["found"], s["truths"], s["false"]), (2, 2, 1))
        self.assertEqual((s["overmerged"], s["split"], s["false_per_day"]), (0, 0, 0.5))
        self.assertEqual((s["bcubed_p"], s["bcubed_r"]), (1, 1))
        self.assertEqual(s["lead_min"], {"intrusion": [59.0], "exfil": [0.0]})
        self.assertEqual(s["lead_watch_min"], {"intrusion": [60.0], "exfil": [66.7]})  # 4000 s
        self.assertIn("3 of 3 alerts", text)
        self.assertNotIn("not in it", text)

    def test_min_state(self):
        s, _ = self.run_on(FULL, "--min-state", "warn")
        self.assertEqual((s["found"], s["false"]), (2, 0))

    def test_nothing(self):
        s, text = self.run_on([])
        self.assertEqual((s["found"], s["incidents"]), (0, 0))
        self.assertIn("MISSED", text)
        # alone: precise; 4 kinds of labelled alerts, 2 of each attack
        self.assertEqual((s["bcubed_p"], s["bcubed_r"]), (1, 0.5))

    def test_merged(self):
        links = [("Scan", "web", 3600, 3660, 2), ("Dns", "share", 4000, 4000, 4),
                 ("Sudo", "web", 7200, 7200, 5), ("Stop", "share", 8000, 8000, 6),
                 ("Wazuh: noise", "mail", 0, 0, 1)]
        s, _ = self.run_on([incident("m", "warn", links, [("warn", 7200)])])
        self.assertEqual((s["overmerged"], s["found"], s["false"]), (1, 2, 0))
        self.assertEqual((s["bcubed_p"], s["bcubed_r"]), (0.4, 1))  # 2 of 5 each
        self.assertEqual(s["lead_min"]["intrusion"], [0.0])

    def test_split(self):
        s, _ = self.run_on([
            incident("x", "warn", [("Scan", "web", 3600, 3660, 2)], [("warn", 3600)]),
            incident("y", "watch", [("Sudo", "web", 7200, 7200, 5)], [("watch", 7200)])])
        self.assertEqual((s["split"], s["found"], s["incidents"]), (1, 1, 2))

    def test_warned_before(self):
        s, text = self.run_on([incident("x", "warn", [("Scan", "web", 3600, 3660, 2)],
                                        [("warn", 60)])])
        self.assertEqual(s["lead_min"]["intrusion"], [60.0])  # from its first alert on
        self.assertIn("warned before it began", text)

    def test_missing_fields(self):
        bare = {"tocsin": {"kind": "incident", "incident": {"chain": [{"evidence": {"record": 2}}, {},
                                                                      None]}}}
        flat = {"tocsin.kind": "incident", "tocsin.incident": {"id": "f", "state": "watch"}}
        other = {"tocsin": {"kind": "finding"}}
        s, text = self.run_on([bare, flat, other])
        self.assertEqual((s["incidents"], s["found"]), (2, 1))
        self.assertIn("1 incidents could not be joined", text)


if __name__ == "__main__":
    unittest.main()
