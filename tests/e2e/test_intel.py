#!/usr/bin/env python3
"""tests/e2e/test_intel.py - intel profile: a bundle in, a profile out, and what it says when not."""
import json
import os

import common
from common import RULES

PROFILES = os.path.join(os.path.dirname(RULES), "profiles")


def bundle():
    def pattern(n, number):
        return {"type": "attack-pattern", "id": f"attack-pattern--{n}", "name": number,
                "external_references": [{"source_name": "mitre-attack", "external_id": number}]}

    def uses(who, what, **more):
        return {"type": "relationship", "relationship_type": "uses", "source_ref": who,
                "target_ref": f"attack-pattern--{what}", **more}
    return json.dumps({"type": "bundle", "objects": [
        pattern(1, "T1562.001"), pattern(2, "T1490"),
        {"type": "intrusion-set", "id": "intrusion-set--1", "name": "Sand\x1b[31mCat", "aliases": ["APT 0"],
         "modified": "2024-05-01T00:00:00.000Z",
         "external_references": [{"source_name": "mitre-attack", "external_id": "G9001"}]},
        {"type": "campaign", "id": "campaign--1", "name": "Night"},
        uses("intrusion-set--1", 1, external_references=[{"source_name": "CISA", "external_id": "AA1"}]),
        uses("campaign--1", 2)]})


class Intel(common.Case):
    def setUp(self):
        super().setUp()
        self.bundle = self.write("bundle.json", bundle())

    def run_profile(self, *args, status=0):
        return self.run_tocsin("intel", "profile", *args, status=status)

    def test_list(self):
        text = self.run_profile("--from", self.bundle, "--list").stdout.decode()
        self.assertIn("G9001", text)
        self.assertIn("(APT 0)", text)
        self.assertIn("2 groups and campaigns", text)
        self.assertNotIn("\x1b", text)
        rows = [json.loads(x) for x in
                self.run_profile("--from", self.bundle, "--list", "-f", "jsonl").stdout.splitlines()]
        self.assertEqual([(r["kind"], r["techniques"]) for r in rows], [("campaign", 1), ("group", 1)])

    def test_profile(self):
        out = self.path("out.json")
        self.run_profile("--from", self.bundle, "--group", "apt 0", "-o", out)
        with open(out, "rb") as f:
            written = f.read()
        self.assertEqual(written, self.run_profile("--from", self.bundle, "--group", "G9001").stdout)
        objects = json.loads(written)["objects"]
        self.assertEqual([o["type"] for o in objects],
                         ["marking-definition", "intrusion-set", "attack-pattern", "relationship"])
        self.assertEqual(objects[2]["external_references"][0]["external_id"], "T1685")
        self.assertEqual(objects[3]["external_references"][0]["external_id"], "AA1")
        self.assertEqual(objects[3]["source_ref"], objects[1]["id"])
        self.assertEqual(objects[3]["target_ref"], objects[2]["id"])
        for o in objects[1:]:
            self.assertEqual(o["object_marking_refs"], [objects[0]["id"]])
            self.assertEqual(o["modified"], "2024-05-01T00:00:00.000Z")
        # a profile is a bundle: it can be taken from again
        again = self.run_profile("--from", out, "--group", "G9001").stdout
        self.assertEqual(again, written)

    def test_bundled_profiles_are_sound(self):
        for name in sorted(os.listdir(PROFILES)):
            with open(os.path.join(PROFILES, name), encoding="utf-8") as f:
                objects = json.load(f)["objects"]
            ids = {o["id"] for o in objects}
            self.assertEqual(len(ids), len(objects), name)
            for o in objects:
                self.assertTrue(o["id"].startswith(o["type"] + "--"), o["id"])
                for key in ("source_ref", "target_ref"):
                    self.assertIn(o.get(key, objects[0]["id"]), ids)
                if o["type"] == "relationship":
                    self.assertTrue(o["description"] and o["external_references"])
            listed = self.run_profile("--from", os.path.join(PROFILES, name), "--list").stdout.decode()
            uses = sum(o["type"] == "relationship" for o in objects)
            self.assertRegex(listed, rf"group +{uses}  ")

    def test_mistakes(self):
        for args, part in ((("--list",), "--from"), (("--from", self.bundle), "--group"),
                           (("--from", self.bundle, "--group", "Nobody"), "Nobody"),
                           (("--from", self.path("missing"), "--list"), "missing"),
                           (("--from", self.write("cut.json", "{"), "--list"), "cut.json"),
                           (("--from", self.write("other.json", "{}"), "--list"), "STIX"),
                           (("--from", self.bundle, "--list", "x"), "operand")):
            with self.subTest(args):
                done = self.run_profile(*args, status=1)
                self.assertEqual(done.stdout, b"")
                self.assertIn(part, done.stderr.decode())


if __name__ == "__main__":
    common.main()
