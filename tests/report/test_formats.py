#!/usr/bin/env python3
"""tests/report/test_formats.py RENDER GOLDEN - every format of every hand-made incident, read back by
Python's parsers; and files that were read line by line once, against which each byte is held."""
import csv
import hashlib
import base64
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import unittest
import uuid
import xml.etree.ElementTree as ElementTree

RENDER, GOLDEN = sys.argv[1:3]
SVG = "{http://www.w3.org/2000/svg}"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
VOID = {"meta", "br"}


def render(*args):
    return subprocess.run([RENDER, *args], capture_output=True, check=True).stdout


def names(kind):
    rows = [line.split() for line in render().decode().splitlines()]
    return [name for what, name in rows if what == kind]


SAMPLES = names("sample")
LINKS = {"small": 3, "seconds": 11, "months": 9, "forty": 300, "hostile": 13, "empty": 0}


class Page(html.parser.HTMLParser):
    """Which elements and attributes there are; every element is closed where it was opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.headings, self.text = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


class Html(unittest.TestCase):
    def pages(self):
        for sample in SAMPLES:
            text = render(sample, "html").decode()
            yield sample, text, Page(text)

    def test_structure(self):
        for _, text, page in self.pages():
            self.assertEqual(page.open, [])
            self.assertEqual(page.headings[0], 1)
            self.assertEqual(page.headings.count(1), 1)
            self.assertLessEqual(max(page.headings), 2)
            ids = [v for _, name, v in page.attributes if name == "id"]
            self.assertEqual(len(ids), len(set(ids)))
            for _, name, value in page.attributes:
                if name in ("aria-labelledby", "headers"):
                    for one in value.split():
                        self.assertIn(one, ids)
            self.assertIsNone(STEERING.search(text))

    def test_only_what_we_write(self):
        """No element or attribute that a name from a log could have brought in."""
        ours = set(Page(render("small", "html").decode()).tags) | {"circle"}
        named = {n for _, n, _ in Page(render("small", "html").decode()).attributes} | {"cx", "cy", "r"}
        for _, text, page in self.pages():
            self.assertLessEqual(set(page.tags), ours)
            self.assertLessEqual({n for _, n, _ in page.attributes}, named)
            self.assertNotIn("script", page.tags)
            self.assertNotIn("style", {n for _, n, _ in page.attributes})
            for tag, name, value in page.attributes:
                self.assertFalse(name.startswith("on") or name in ("src", "href", "action", "srcset"), name)
                if "://" in (value or ""):
                    self.assertIn((tag, name), (("svg", "xmlns"),))
            self.assertEqual(len(re.findall("url\\(|@import|@font-face", text)), 0)

    # claim: page-policy
    def test_policy(self):
        for _, text, _ in self.pages():
            sheet = text[text.index("<style>") + 7:text.index("</style>")]
            digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
            self.assertIn(f"content=\"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
                          "form-action 'none'\"", text)
            self.assertEqual(text.count("<style"), 1)

    def test_nothing_is_left_out(self):
        for sample, text, page in self.pages():
            rows = re.findall("<tr(?: class=\"on\")?><td", text.split("id=\"h-links\"")[1].split("</table>")[0])
            self.assertEqual(len(rows), LINKS[sample])
            pictures = re.findall("<svg.*?</svg>", text, re.S)
            self.assertEqual(len(pictures), 4 if LINKS[sample] else 0)
            for picture in pictures:
                root = ElementTree.fromstring(picture)
                counts = [int(g.get("data-links")) for g in root.iter(SVG + "g") if g.get("data-links")]
                self.assertEqual(sum(counts), LINKS[sample])
            self.assertIn("beyond the limit left out and only counted", "".join(page.text))

    def test_picture_stays_inside(self):
        for _, text, _ in self.pages():
            for picture in re.findall("<svg.*?</svg>", text, re.S):
                root = ElementTree.fromstring(picture)
                width, height = map(int, root.get("viewBox").split()[2:])
                for rect in root.iter(SVG + "rect"):
                    x, y, w, h = (int(rect.get(k)) for k in ("x", "y", "width", "height"))
                    self.assertTrue(0 <= x and x + w <= width + 4 and 0 <= y and y + h <= height,
                                    (x, y, w, h, width, height))

    def test_every_mark_says_what_it_is(self):
        for _, text, _ in self.pages():
            for picture in re.findall("<svg.*?</svg>", text, re.S):
                for g in ElementTree.fromstring(picture).iter(SVG + "g"):
                    self.assertTrue(g.find(SVG + "title").text)


class Contrast(unittest.TestCase):
    """WCAG 2.1: 4.5 for text, 3 for shapes, in each scheme of the style sheet."""

    @staticmethod
    def luminance(colour):
        if len(colour) == 4:
            colour = "#" + "".join(2 * c for c in colour[1:])
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= .03928 else ((p + .055) / 1.055) ** 2.4 for p in parts)
        return .2126 * r + .7152 * g + .0722 * b

    def ratio(self, a, b):
        low, high = sorted((self.luminance(a), self.luminance(b)))
        return (high + .05) / (low + .05)

    def test(self):
        sheet = render("small", "html").decode()
        roots = re.findall(r":root\{(.*?)\}", sheet)
        self.assertEqual(len(roots), 3)
        for root in roots:
            c = dict(re.findall(r"--(\w+):(#\w+)", root))
            for ground in ("bg", "soft"):
                for text in ("fg", "dim", "s1", "s2", "s3", "s4"):
                    self.assertGreaterEqual(self.ratio(c[text], c[ground]), 4.5, (text, ground))
                for mark in "0ABCDE":
                    self.assertGreaterEqual(self.ratio(c["t" + mark], c[ground]), 3, mark)
            for mark in ["t" + x for x in "0ABCDE"] + ["s1", "s2", "s3", "s4"]:
                self.assertGreaterEqual(self.ratio(c[mark], c["on"]), 4.5, mark)


class Markdown(unittest.TestCase):
    def test_tables_keep_their_columns(self):
        for sample in SAMPLES:
            text = render(sample, "md").decode()
            self.assertIsNone(STEERING.search(text))
            rows = [line for line in text.splitlines() if line.startswith("|")]
            self.assertEqual(len(rows), LINKS[sample] + 2 if LINKS[sample] else 0)
            for row in rows:
                self.assertEqual(len(re.findall(r"(?<!\\)\|", row)), 11, row[:200])

    # claim: hostile-fields
    def test_nothing_acts(self):
        text = render("hostile", "md").decode()
        text = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text.replace("\\`", ""))  # code says, not acts
        text = text.replace("<!-- -->", "\x01")
        self.assertNotRegex(text, r"<(?!!)")
        self.assertNotRegex(text, r"@\w|(?<!\\)#\d|[a-z]://|www\.")
        self.assertNotRegex(text, r"(?<!\\)\]\(|(?<!\\)!\[")


class Csv(unittest.TestCase):
    def test_rows(self):
        for sample in SAMPLES:
            data = render(sample, "timesketch").decode()
            self.assertEqual(data.count("\n"), data.count("\r\n"))
            rows = list(csv.reader(io.StringIO(data, newline=""), strict=True))
            head = rows[0]
            self.assertLessEqual({"message", "timestamp", "datetime", "timestamp_desc"}, set(head))
            firsts = 0
            for row in rows[1:]:
                self.assertEqual(len(row), len(head))
                for cell in row:
                    if not re.fullmatch(r"-?\d+", cell):
                        self.assertNotRegex(cell, r"^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
                    self.assertIsNone(STEERING.search(cell))
                one = dict(zip(head, row))
                self.assertRegex(one["datetime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$")
                firsts += one["timestamp_desc"] == "First Seen"
            self.assertEqual(firsts, LINKS[sample])

    def test_times_agree(self):
        from datetime import datetime
        for row in csv.DictReader(io.StringIO(render("seconds", "timesketch").decode(), newline="")):
            parsed = datetime.fromisoformat(row["datetime"])
            self.assertEqual(round(parsed.timestamp() * 1e6), int(row["timestamp"]))


class Navigator(unittest.TestCase):
    def test_layer(self):
        for sample in SAMPLES:
            layer = json.loads(render(sample, "navigator"))
            self.assertEqual(layer["versions"], {"attack": "19", "navigator": "5.1.0", "layer": "4.5"})
            self.assertEqual(layer["domain"], "enterprise-attack")
            ids = [t["techniqueID"] for t in layer["techniques"]]
            self.assertEqual(len(ids), len(set(ids)))
            for t in layer["techniques"]:
                self.assertRegex(t["techniqueID"], r"^T\d{4}(\.\d{3})?$")
                self.assertIn(t["score"], range(6))
                self.assertRegex(t["color"], "^#[0-9a-f]{6}$")
        layer = json.loads(render("small", "navigator"))
        self.assertEqual([(t["techniqueID"], t["score"]) for t in layer["techniques"]],
                         [("T1110.003", 4), ("T1059.001", 3), ("T1003.001", 4)])
        self.assertIn("record 1001", layer["techniques"][0]["comment"])


class Stix(unittest.TestCase):
    SPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
    OBSERVABLES = {"ipv4-addr": "value", "ipv6-addr": "value", "domain-name": "value",
                   "user-account": "account_login"}

    def bundles(self):
        for sample in SAMPLES:
            yield sample, json.loads(render(sample, "stix"))

    def test_ids_and_references(self):
        for _, bundle in self.bundles():
            self.assertEqual(set(bundle), {"type", "id", "objects"})
            ids = [o["id"] for o in bundle["objects"]]
            self.assertEqual(len(ids), len(set(ids)))
            for o in bundle["objects"]:
                self.assertEqual(o["spec_version"], "2.1")
                self.assertRegex(o["id"], rf"^{o['type']}--[0-9a-f]{{8}}-[0-9a-f]{{4}}-5[0-9a-f]{{3}}-[89ab]"
                                 if o["type"] != "marking-definition" else "^marking-definition--")
                for key, value in o.items():
                    self.assertNotEqual(value, [])
                    if key.endswith(("_ref", "_refs")):
                        for ref in [value] if isinstance(value, str) else value:
                            self.assertIn(ref, ids, key)
                if o["type"] != "marking-definition":
                    self.assertEqual(o["object_marking_refs"],
                                     ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"])
            grouping = bundle["objects"][-1]
            self.assertEqual(grouping["type"], "grouping")
            self.assertEqual(set(grouping["object_refs"]), set(ids[1:-1]))

    def test_observables(self):
        """RFC 8785 of one text property is what json.dumps gives without blanks."""
        for _, bundle in self.bundles():
            for o in bundle["objects"]:
                key = self.OBSERVABLES.get(o["type"])
                if key:
                    name = json.dumps({key: o[key]}, ensure_ascii=False, separators=(",", ":"))
                    self.assertEqual(o["id"], f"{o['type']}--{uuid.uuid5(self.SPACE, name)}")
                    self.assertFalse(set(o) & {"created", "modified", "created_by_ref", "labels"})
                elif o["type"] != "marking-definition":
                    self.assertLessEqual(o["created"], o["modified"])
                    self.assertRegex(o["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_every_link_is_there(self):
        for sample, bundle in self.bundles():
            kinds = [o["type"] for o in bundle["objects"]]
            for kind in ("indicator", "malware", "threat-actor"):
                self.assertNotIn(kind, kinds)
            if sample not in ("hostile", "empty"):
                self.assertEqual(kinds.count("observed-data"), LINKS[sample])
                self.assertEqual(kinds.count("sighting"), LINKS[sample])
        sums = {o["type"]: o for o in json.loads(render("small", "stix"))["objects"]}
        self.assertEqual(sums["ipv4-addr"]["value"], "203.0.113.77")

    def test_schemas(self):
        folder = os.path.join(os.environ.get("TOCSIN_CORPORA") or "/nonexistent", "stix", "schemas")
        try:
            import jsonschema
            import referencing
        except ImportError:
            self.skipTest("no python jsonschema with referencing")
        if not os.path.isdir(folder):
            self.skipTest("no schemas in TOCSIN_CORPORA")
        registry, by_type = referencing.Registry(), {}
        for at, _, files in os.walk(folder):
            for name in files:
                if not name.endswith(".json"):
                    continue
                with open(os.path.join(at, name), encoding="utf-8") as f:
                    schema = json.load(f)
                resource = referencing.Resource.from_contents(
                    schema, default_specification=referencing.jsonschema.DRAFT202012)
                registry = registry.with_resource(schema["$id"], resource)
                by_type[name[:-5]] = schema
        for _, bundle in self.bundles():
            for o in bundle["objects"]:  # the schema of bundles lacks some types
                checker = jsonschema.Draft202012Validator(by_type[o["type"]], registry=registry)
                self.assertEqual([e.message[:200] for e in checker.iter_errors(o)], [], o["id"])


class Golden(unittest.TestCase):
    def test_bytes(self):
        found = 0
        for name in sorted(os.listdir(GOLDEN)):
            sample, fmt = name.split(".")[:2]
            with open(os.path.join(GOLDEN, name), "rb") as f:
                self.assertEqual(render(sample, fmt), f.read(), name)
            found += 1
        self.assertGreater(found, 3)

    def test_twice_the_same(self):
        for sample in SAMPLES:
            for fmt in names("format"):
                self.assertEqual(render(sample, fmt), render(sample, fmt))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
