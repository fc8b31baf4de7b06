#!/usr/bin/env python3
"""tests/e2e/test_alerts.py - other tools' alerts as input of a hunt: CSV, Suricata, Wazuh."""
import gzip
import json

import common

MAP = """
version: 1
tools:
  mine:
    columns: [time, name, host]
    fields: {time: time, name: name, host: host, source_ip: src, severity: sev}
    severity: {1: high, 2: low}
    alerts:
      - {name: '*update*', drop: true}
      - {name: 'Guess*', stage: account, techniques: [T1110]}
    default: {level: medium}
"""
CSV = ("time,name,src,sev,host\r\n"
       "1642723347,Guessing \"\"x\"\",192.0.2.1,1,mail\r\n"
       "1642723348,An update,192.0.2.1,1,mail\r\n"
       "1642723349,\"Odd,\n\x1b[31mthing\",,,web\r\n"
       "1642723350,short\r\n").replace('Guessing ""x""', '"Guessing ""x"""')
EVE = {"timestamp": "2026-04-20T10:00:00.000001+0000", "flow_id": 1, "event_type": "alert",
       "src_ip": "192.0.2.7", "dest_ip": "10.0.0.5",
       "alert": {"signature_id": 2024897, "signature": "ET SCAN Nmap Scripting Engine", "severity": 3,
                 "category": "Detection of a Network Scan"}}
WAZUH = {"timestamp": "2026-04-20T10:00:00.000+0000", "id": "1", "manager": {"name": "m"},
         "agent": {"id": "001", "name": "web1"}, "data": {"srcip": "192.0.2.7", "dstuser": "root"},
         "rule": {"level": 10, "id": "100100", "description": "Something unheard of",
                  "mitre": {"id": ["T1110.001", "T1021.004"]}, "groups": ["local"]}}


class Alerts(common.Case):
    def setUp(self):
        super().setUp()
        self.map = self.write("map.yaml", MAP)

    def hunt(self, *args, status=3):  # the table has a row that cannot be read
        done = self.run_tocsin("hunt", "--format", "jsonl", *args, status=status)
        return [o for o in map(json.loads, done.stdout.splitlines())
                if o["tocsin"]["kind"] == "finding"], done

    def test_csv(self):
        log = self.write("a.csv", CSV)
        found, done = self.hunt("--alert-map", self.map, log)
        self.assertEqual(len(found), 2)
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["tocsin"]["alerts"], 2)
        self.assertEqual(found[0]["@timestamp"], "2022-01-21T00:02:27.000000Z")
        self.assertEqual(found[0]["tocsin"], {"kind": "finding", "level": "high", "stage": "account",
                                              "alert": {"tool": "mine", "record": 1}})
        self.assertEqual(found[0]["rule"], {"id": 'mine:Guessing "x"', "name": 'Guessing "x"'})
        self.assertEqual(found[0]["threat"]["technique"]["id"], ["T1110"])
        self.assertEqual(found[0]["host"]["name"], "mail")
        self.assertEqual(found[0]["source"]["ip"], "192.0.2.1")
        self.assertEqual(found[0]["log"]["file"]["path"], log)
        self.assertEqual(found[1]["tocsin"]["alert"]["record"], 3)
        self.assertEqual(found[1]["tocsin"]["level"], "medium")
        self.assertNotIn("source", found[1])

    def test_bad_row_is_told(self):
        done = self.run_tocsin("hunt", "--alert-map", self.map, self.write("a.csv", CSV))
        self.assertIn(b"row 4: 2 values", done.stdout)
        self.assertIn(b"No findings of rules; 2 alerts of other tools", done.stdout)

    def test_packed(self):
        log = self.write("a.csv.gz", gzip.compress(CSV.encode()))
        found, _ = self.hunt("--alert-map", self.map, log)
        self.assertEqual(len(found), 2)

    def test_only_what_was_described(self):
        log = self.write("a.csv", CSV)
        found, done = self.hunt(log, status=1)
        self.assertEqual(found, [])
        self.assertIn(b"a.csv: no known format", done.stderr)

    def test_suricata_and_wazuh(self):
        log = self.write("a.jsonl", "\n".join(map(json.dumps, (
            EVE, WAZUH, dict(EVE, event_type="flow"), dict(EVE, event_type="flow", alert=None)))))
        found, _ = self.hunt(log, status=2)
        self.assertEqual([f["tocsin"]["alert"]["tool"] for f in found], ["suricata", "wazuh"])
        self.assertEqual(found[0]["threat"]["technique"]["id"], ["T1595"])
        self.assertEqual(found[0]["destination"]["ip"], "10.0.0.5")
        self.assertEqual(found[1]["threat"]["technique"]["id"], ["T1110.001", "T1021.004"])
        self.assertEqual(found[1]["host"]["name"], "web1")
        self.assertEqual(found[1]["user"]["name"], "root")

    def test_level_and_time(self):
        log = self.write("a.csv", CSV)
        found, _ = self.hunt("--alert-map", self.map, "--level", "high", log)
        self.assertEqual(len(found), 1)
        found, _ = self.hunt("--alert-map", self.map, "--from", "2022-01-21T00:02:28Z", log)
        self.assertEqual(len(found), 1)
        self.hunt("--alert-map", self.map, "--fail-level", "critical", log, status=1)

    def test_same_on_threads(self):
        rows = "".join(f"{1642723347 + i},Guess {i % 7},192.0.2.{i % 250},1,h{i % 11}\n"
                       for i in range(60000))
        log = self.write("a.csv", "time,name,src,sev,host\n" + rows)
        one = self.hunt("--alert-map", self.map, "-j", "1", log, status=2)[1].stdout
        four = self.hunt("--alert-map", self.map, "-j", "4", log, status=2)[1].stdout
        self.assertEqual(one, four)
        self.assertEqual(one.count(b"\n"), 60001)

    def test_text(self):
        done = self.run_tocsin("hunt", "--alert-map", self.map, self.write("a.csv", CSV))
        text = done.stdout.decode()
        self.assertIn("Alerts of other tools", text)
        self.assertIn('Guessing "x"', text)
        self.assertNotIn("\x1b", text)

    def test_mistakes(self):
        log = self.write("a.csv", CSV)
        bad = self.write("bad.yaml", "tools:\n  x:\n    colums: [a]\n")
        _, done = self.hunt("--alert-map", bad, log, status=1)
        self.assertIn(b"line 3, column 5", done.stderr)
        _, done = self.hunt("--alert-map", self.path("missing"), log, status=1)
        self.assertIn(b"missing", done.stderr)


if __name__ == "__main__":
    common.main()
