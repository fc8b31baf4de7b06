#!/usr/bin/env python3
"""tests/e2e/test_growth.py - work grows no faster than the input.

Each row makes an input of n, 2n and 4n parts that somebody may have made to stall the program, and the
steps that it takes (tests/steps/steps.h) are counted: for linear work the second difference is twice
the first, for quadratic four times.  Steps do not depend on the machine or its load; a build that
does not count them skips this."""
# claim: linear
import itertools
import json
import os
import struct
import sys

import common
from common import event, rule

if "STEPS" not in os.environ:
    print("skipped: this build does not count steps (-Dsteps=true does)")
    sys.exit(common.SKIP)

MOST = 2.6  # twice, and a logarithm
NOISE = 60_000  # steps: what is handed over late by each thread, and what is set up once


class Growth(common.Case):
    def steps(self, *args):
        path = self.path("steps")
        done = self.run_tocsin(*args, env={"TOCSIN_STEPS": path, "TOCSIN_NO_CACHE": "1"})
        self.assertIn(done.returncode, (0, 1, 2), done.stderr[-500:])
        with open(path, "rb") as f:
            n = struct.unpack("Q", f.read(8))[0]
        os.unlink(path)
        return n

    def grows(self, n, make, *args, name="x.json"):
        """make(k): the bytes of an input of k parts; args: the command, to which its path is added."""
        counts = []
        for k in (n, 2 * n, 4 * n):
            made = make(k)
            counts.append(self.steps(*args, self.write(name, made)))
        self.told(counts, args[0])

    def told(self, counts, what):
        first, second = counts[1] - counts[0], counts[2] - counts[1]
        if "VERBOSE" in os.environ:
            print(f"  {self.id().split('.')[-1]} {what}: {counts} {second / max(first, 1):.2f}", file=sys.stderr)
        self.assertLess(second, MOST * max(first, 0) + NOISE, f"{what}: steps at n, 2n, 4n: {counts}")


def system(**data):
    return json.dumps({"Event": {"System": {"EventID": 1, "Channel": "Security", "Computer": "A"},
                                 "EventData": data}}).encode()


def logon(**data):
    return event(**data).encode()


class Json(Growth):
    def test_objects_that_never_end(self):
        self.grows(2000, lambda n: b'{"a":\n' + b"{\n" * n, "dump")

    def test_sound_objects_between_those_that_never_end(self):
        self.grows(2000, lambda n: b'{"a":\n1}\n' + b'{"a":1}{\n' * n, "dump")

    def test_heads_of_envelopes_that_never_end(self):
        self.grows(2000, lambda n: b'{"a":\n1}\n' + b'{"@odata.context":"x\n' * n, "dump")

    def test_objects_that_end_and_hold_nothing_valid(self):
        self.grows(2000, lambda n: b'{"a":\n' + b"{\n" * n + b"x" + b"}\n" * (n + 1), "dump")

    def test_objects_in_objects_that_are_wrong_at_the_end(self):
        self.grows(1000, lambda n: b'{"a":\n1}\n' + (b'{"a":\n' * 60 + b"1" + b"}" * 59 + b"x}\n") * (n // 60), "dump")

    def test_an_object_longer_than_any_with_others_in_it(self):
        # beyond the largest object, in steps of a size that makes the largest buffers turn over
        self.grows(9 << 20, lambda n: b'{"a":\n' + b"{\n" * (n // 2), "dump")

    def test_broken_lines(self):
        self.grows(5000, lambda n: b'{"a":1}\n' + b'{"a":{\n' * n, "dump")

    def test_broken_objects_on_one_line(self):
        self.grows(5000, lambda n: b'{"a":1}\n' + b'{"a":x} {"a":1}' * n, "dump")
        self.grows(5000, lambda n: b'{"a":1}\n' + b"{" * n, "dump")

    def test_text_that_is_no_object(self):
        self.grows(20000, lambda n: b'{"a":\n1}\n' + b"x" * n, "dump")
        self.grows(20000, lambda n: b'{"a":\n1}\n' + b"x\n" * n, "dump")
        self.grows(20000, lambda n: b'{"a":\n1}\n' + b"x {" * n, "dump")

    def test_repeated_elements_of_one_object(self):
        many = lambda n: system(**{f"X_{i}": "1" for i in range(n)})
        self.grows(4000, many, "dump")
        self.grows(4000, lambda n: system(**{f"X{i}_1": "1" for i in range(n)}), "dump")

    def test_fields_of_one_object(self):
        rules = self.write("r.yml", rule(event_id=1))
        many = lambda n: (system(**{f"X{i}": i for i in range(n)}) + b"\n") * 2
        for command in (("dump",), ("hunt", "-f", "jsonl", "--rules", rules)):
            self.grows(1900, many, *command)

    def test_values_of_one_name(self):
        rules = self.write("r.yml", rule(event_id=1))
        many = lambda n: (system(X=list(range(n))) + b"\n") * 2
        self.grows(1900, many, "dump")
        self.grows(1900, many, "hunt", "-f", "jsonl", "--rules", rules)

    def test_long_names(self):
        self.grows(2000, lambda n: system(**{"a" * 900: {f"{i}": 1 for i in range(n)}}), "dump")
        self.grows(2000, lambda n: b'{"a":1}\n' + b'{"' + b"k" * n + b'":1}\n', "dump")

    def test_escapes(self):
        self.grows(20000, lambda n: b'{"a":1}\n{"a":"' + b"\\ud800" * n + b'"}\n', "dump")
        self.grows(20000, lambda n: b'{"a":1}\n{"a":"' + b"\xff" * n + b'"}\n', "dump")
        self.grows(20000, lambda n: b'{"a":1}\n{"a":' + b"9" * n + b'}\n', "dump")
        self.grows(20000, lambda n: b'{"a":1}\n{"a":' + b"9." * n + b'}\n', "dump")
        self.grows(20000, lambda n: b'{"a":1}\n{"a":"' + b"\\" * n + b'\n', "dump")

    def test_text_in_text(self):
        inner = lambda n: json.dumps("[" + ",".join(["1"] * n) + "]").encode()
        self.grows(4000, lambda n: b'{"CreationTime":"2026-01-01T00:00:00","Operation":"x","AuditData":' + inner(n) + b"}\n", "dump")


class Xml(Growth):
    HEAD = b"<Event><System><EventID>1</EventID></System></Event>\n"

    def test_events_that_never_end(self):
        self.grows(5000, lambda n: self.HEAD + b"<Event>" * n + b"\n", "dump")
        self.grows(5000, lambda n: self.HEAD + b"<Event>\n" * n, "dump")
        self.grows(5000, lambda n: self.HEAD + b"<Event></Event>" * n + b"\n", "dump")
        self.grows(5000, lambda n: self.HEAD + b"<Event></x></Event>" * n + b"\n", "dump")
        self.grows(5000, lambda n: self.HEAD + b"<Eventx" * n + b"\n", "dump")

    def test_text_in_pieces(self):
        def made(piece):
            return lambda n: (self.HEAD + b"<Event><System></System><EventData><Data Name='a'>" + piece * n +
                              b"</Data></EventData></Event>\n")
        for piece in (b"xxxxxxxx<!---->", b"<![CDATA[xxxxxxxx]]>", b"&lt;", b"&&&&", b"<a/>", b"<?x?>y"):
            self.grows(600, made(piece), "dump")

    def test_attributes(self):
        attributes = lambda n: b" ".join(b"a%d='x'" % i for i in range(n))
        self.grows(2000, lambda n: self.HEAD + b"<Event><System></System><E " + attributes(n) + b"/></Event>\n", "dump")

    def test_in_json(self):
        lines = lambda n: b'{"message":"' + b"<Event" * n + b'"}\n'
        self.grows(5000, lines, "dump")
        many = lambda n: ("{" + ",".join(f'"message":"<Event>{i}"' for i in range(n)) + "}\n").encode()
        self.grows(2000, many, "dump")


class Csv(Growth):
    MAP = """version: 1
tools:
  t:
    columns: [time, name, host]
    fields: {time: time, name: name, host: host}
"""

    def hunts(self, n, make, head=b"time,name,host\n"):
        self.grows(n, lambda k: head + make(k), "hunt", "--no-cache", "--alert-map", self.write("map.yml", self.MAP),
                   "--rules", self.write("r.yml", rule()), "-f", "jsonl", name="x.csv")

    def test_quotes_that_are_not_closed(self):
        self.hunts(5000, lambda n: b'"a\n' * n)
        self.hunts(5000, lambda n: b'1,"a\n' * n)
        self.hunts(5000, lambda n: b'1,"a"b\n' * n)
        self.hunts(5000, lambda n: b'"' * n)
        self.hunts(5000, lambda n: b'",' * n)
        self.hunts(400000, lambda n: b'"a\n' * n)

    def test_many_columns(self):
        self.hunts(5000, lambda n: b"," * n + b"\n")
        self.grows(1000, lambda n: b"time,name,host," + b",".join(b"c%d" % i for i in range(n)) + b"\n" +
                   b"1,b,c," + b",".join(b"1" for i in range(n)) + b"\n", "hunt", "--no-cache", "--alert-map",
                   self.write("map.yml", self.MAP), "--rules", self.write("r.yml", rule()), "-f", "jsonl", name="x.csv")


def rules_of(body, n=1):
    return "".join(rule(f"r{i}", number=i + 1).split("detection:")[0] + "detection:\n" + body + "---\n"
                   for i in range(n)).encode()


class Rules(Growth):
    def checks(self, n, make):
        self.grows(n, make, "rules", "check", name="r.yml")

    def hunts(self, n, make, log):
        log = self.write("log.jsonl", log)
        counts = []
        for k in (n, 2 * n, 4 * n):
            counts.append(self.steps("hunt", "--no-cache", "-f", "jsonl", "--rules", self.write("r.yml", make(k)), log))
        self.told(counts, "hunt")

    def test_conditions(self):
        self.checks(1000, lambda n: rules_of("  a: {X: 1}\n  condition: " + " or ".join(["a"] * n) + "\n"))
        self.checks(1000, lambda n: rules_of("  a: {X: 1}\n  condition: " + "not " * n + "a\n"))
        self.checks(1000, lambda n: rules_of("  a: {X: 1}\n  condition: " + "(" * n + "a" + ")" * n + "\n"))
        self.checks(1000, lambda n: rules_of("  a: {X: 1}\n  condition: " + "(a) or " * n + "a\n"))

    def test_of_them(self):
        searches = lambda n: "".join(f"  a{i}: {{X: {i}}}\n" for i in range(n))
        self.checks(250, lambda n: rules_of(searches(n) + "  condition: 1 of them\n"))
        self.checks(250, lambda n: rules_of(searches(n) + "  condition: 1 of a*\n"))
        self.checks(250, lambda n: rules_of(searches(n) + "  condition: " + " or ".join(f"a{i}" for i in range(n)) + "\n"))
        self.checks(250, lambda n: rules_of(searches(n) + "  condition: b\n"))

    def test_of_them_again_and_again(self):
        searches = lambda n: "".join(f"  a{i}: {{X: {i}}}\n" for i in range(n))
        # each word may stand for all of them: what a rule may ask for is limited (TCS_COND_LOOKS_MAX)
        self.checks(600, lambda n: rules_of(searches(n) + "  condition: " + " or ".join(["1 of *1*", "1 of *"] * n) + "\n"))

    def test_values(self):
        values = lambda n, m="": f"  a:\n    X{m}:\n" + "".join(f"    - value{i}*x\n" for i in range(n)) + "  condition: a\n"
        log = (system(X="y" * 100) + b"\n") * 10
        for m in ("", "|contains", "|contains|all", "|re", "|windash", "|base64offset|contains"):
            self.checks(1000, lambda n: rules_of(values(n, m)))
            self.hunts(1000, lambda n: rules_of(values(n, m)), log)

    def test_fields(self):
        fields = lambda n: "  a:\n" + "".join(f"    X{i}: 1\n" for i in range(n)) + "  condition: a\n"
        self.checks(1000, lambda n: rules_of(fields(n)))
        self.hunts(1000, lambda n: rules_of(fields(n)), system(X="y"))

    def test_equal_keys_and_names(self):
        self.checks(1000, lambda n: rules_of("  a:\n" + "".join(f"    X: {i}\n" for i in range(n)) + "  condition: a\n"))
        self.checks(200, lambda n: rules_of("  a: {X: 1}\n  condition: a\n", n))

    def test_anchors(self):
        self.checks(1000, lambda n: rules_of("  a: &x [1]\n" + "".join(f"  a{i}: {{X: *x}}\n" for i in range(n)) +
                                             "  condition: a\n"))
        self.checks(1000, lambda n: rules_of("".join(f"  a{i}: {{X: &x{i} 1}}\n" for i in range(n)) + "  condition: a0\n"))

    def test_words_of_yaml(self):
        for piece in (b"[", b"{", b"- ", b"? ", b"&a ", b"*a ", b"!t ", b"--- \n", b"'", b'"', b"a: ", b"a:\n", b"#", b"|\n",
                      b"%YAML 1.2\n", b"- a\n", b"a,", b"\\", b"\t", b"\n", b"  \n", b"--- a\n", b"...\n", b"'a' ", b"- [a]\n"):
            self.checks(2000, lambda n: piece * n)
            self.checks(2000, lambda n: b"a: [" + piece * n)
            self.checks(2000, lambda n: b'a: "' + piece * n)

    def test_correlations(self):
        base = rules_of("  a: {X: 1}\n  condition: a\n").decode()
        corr = """title: c{i}
name: c{i}
correlation:
    type: {type}
    rules: [{rules}]
    group-by: [Computer]
    timespan: 1h
    condition: {{gte: 2}}
---
"""
        one = lambda n: (base + "".join(corr.format(i=i, type="event_count", rules="r0") for i in range(n))).encode()
        chain = lambda n: (base + "".join(corr.format(i=i, type="event_count", rules="r0" if i == 0 else f"c{i-1}")
                                          for i in range(n))).encode()
        def many(n):
            rules = "".join(rule(f"r{i}", number=i + 1) + "---\n" for i in range(n))
            return (rules + corr.format(i=0, type="temporal", rules=", ".join(f"r{i}" for i in range(n)))).encode()
        self.checks(200, one)
        self.checks(200, chain)
        self.checks(200, many)


class Values(Growth):
    """One long value, many rules' worth of ways to look at it."""

    def hunts(self, n, detection, make):
        rules = self.write("r.yml", rules_of(detection + "  condition: a\n"))
        self.grows(n, make, "hunt", "--no-cache", "-f", "jsonl", "--rules", rules)

    def test_wildcards(self):
        for pattern in ("'*a*a*a*a*b'", "'*aaaaaaaa*aaaaaaaaab*'", "'a*a*a*'", "'*?a?b'", "'*a?????????b*'"):
            self.hunts(10000, f"  a: {{TargetUserName: {pattern}}}\n", lambda n: logon(TargetUserName="a" * n))

    def test_regular_expressions(self):
        for pattern in ("'(a+)+b'", "'a*a*a*b'", "'(a|a)*b'", "'.*.*=.*'", "'^(a?){30}a{30}$'", "'(?i)[a-z]+[0-9]'", "'a.*b.*c'"):
            self.hunts(10000, f"  a: {{TargetUserName|re: {pattern}}}\n", lambda n: logon(TargetUserName="a" * n))

    def test_literals(self):
        words = ", ".join("a" * k + "b" for k in range(3, 60))
        self.hunts(10000, f"  a: {{TargetUserName|contains: [{words}]}}\n", lambda n: logon(TargetUserName="a" * n))
        self.hunts(10000, f"  a: {{TargetUserName|endswith: [{words}]}}\n", lambda n: logon(TargetUserName="a" * n))

    def test_keywords(self):
        self.hunts(1000, "  a: [abc, def]\n", lambda n: logon(**{f"X{i}": "a" for i in range(n)}))

    def test_fields_and_field_references(self):
        self.hunts(1900, "  a: {TargetUserName|fieldref: SubjectUserName}\n", lambda n: logon(TargetUserName=["a"] * n, SubjectUserName=["b"] * n))
        self.hunts(1900, "  a: {TargetUserName|fieldref|contains: SubjectUserName}\n", lambda n: logon(TargetUserName=["a"] * n, SubjectUserName=["b"] * n))
        self.hunts(1900, "  a: {TargetUserName|contains|all: [a, b, c]}\n", lambda n: logon(TargetUserName=["a"] * n))


def clock(i):
    return f"2026-03-{1 + i // 86400:02d}T{i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d}Z"


def logons(n, user=lambda i: f"u{i}", host=lambda i: "H1", source=lambda i: f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}",
           time=clock, event_id=lambda i: 4625, **more):
    return "".join(event(event_id(i), computer=host(i), time=time(i), record=i + 1, TargetUserName=user(i),
                         TargetDomainName="D", IpAddress=source(i), LogonType="3",
                         **{k: v(i) for k, v in more.items()}) for i in range(n)).encode()


WAYS = {
    "all different": {"host": lambda i: f"H{i}"},
    "one host, many accounts": {},
    "one account, many hosts": {"user": lambda i: "u", "host": lambda i: f"H{i}"},
    "one of each": {"user": lambda i: "u", "source": lambda i: "10.1.1.1"},
    "at one time": {"time": lambda i: clock(0)},
    "backwards": {"time": lambda i: clock(400000 - i)},
    "hours apart": {"time": lambda i: clock(i * 3600 % 2000000)},
    "successes": {"event_id": lambda i: 4624},
    "logons and services": {"event_id": lambda i: (4624, 4697, 4688)[i % 3], "user": lambda i: f"u{i % 50}",
                            "host": lambda i: f"H{i % 30}"},
}


class Correlations(Growth):
    TYPES = ("event_count\n    condition: {gte: 5}", "value_count\n    condition: {gte: 5, field: TargetUserName}",
             "temporal\n    condition: {gte: 2}", "temporal_ordered\n    condition: {gte: 2}",
             "value_sum\n    condition: {gte: 5, field: LogonType}",
             "value_median\n    condition: {gte: 5, field: LogonType}")

    def test_ways(self):
        for kind in self.TYPES:
            for by in ("Computer", "TargetUserName", "IpAddress"):
                text = (rule("a", 4625, number=1) + "name: a\n---\n" + rule("b", 4624, number=2) + "name: b\n---\n" +
                        f"title: c\nname: c\ncorrelation:\n    rules: [a, b]\n    group-by: [{by}]\n    timespan: 1h\n"
                        f"    type: {kind}\n")
                rules = self.write("r.yml", text)
                for name, way in WAYS.items():
                    with self.subTest(name, kind=kind, by=by):
                        self.grows(600, lambda n: logons(n, **way), "hunt", "--no-cache", "--no-incidents", "-f", "jsonl",
                                   "--rules", rules)


class Chain(Growth):
    def test_ways(self):
        rules = self.write("r.yml", "---\n".join(rule(f"r{i}", i, number=i) for i in (4624, 4625, 4688, 4697)))
        for name, way in WAYS.items():
            for form in ("text", "jsonl"):
                with self.subTest(name, form=form):
                    self.grows(600, lambda n: logons(n, **way), "hunt", "--no-cache", "-f", form, "--rules", rules)

    def test_own_rules(self):
        for name, way in WAYS.items():
            with self.subTest(name):
                self.grows(600, lambda n: logons(n, **way), "hunt", "--no-cache", "-f", "jsonl", "--rules",
                           common.RULES)


class Kept(Growth):
    """The store: a hunt that keeps, one that goes on from there, and what is made of it."""

    WAYS = {
        **WAYS,
        "one account from host to host": {"host": lambda i: f"H{i // 3}", "user": lambda i: "adm",
                                          "event_id": lambda i: (4624, 4697, 4688)[i % 3]},
        "each host an account of its own": {"host": lambda i: f"H{i // 3}", "user": lambda i: f"u{i // 3}",
                                            "event_id": lambda i: (4624, 4697, 4688)[i % 3]},
    }

    def test_ways(self):
        grave = {4624: ("t1078", "high"), 4625: ("t1110", "high"), 4688: ("t1490", "critical"),
                 4697: ("t1569.002", "critical")}
        rules = self.write("r.yml", "---\n".join(
            rule(f"r{i}", i, level, i).replace("attack.t1059.001", "attack." + technique)
            for i, (technique, level) in grave.items()))
        for name, way in self.WAYS.items():
            made = {}
            with self.subTest(name):
                for k in (500, 1000, 2000):
                    self.one(made, rules, self.path(f"state-{name}-{k}".replace(" ", "-")), logons(k, **way))
                for what, counts in made.items():
                    self.assertEqual(len(counts), 3)
                    self.told(counts, f"{name}, {what}")

    def one(self, made, rules, state, log):
        def put(what, *args):
            made.setdefault(what, []).append(self.steps(*args))

        hunt = ("hunt", "--no-cache", "-f", "jsonl", "--rules", rules, "--state", state)
        put("first", *hunt, self.write("x.jsonl", log))
        put("again", *hunt, self.write("y.jsonl", logons(1, time=lambda i: clock(500000), host=lambda i: "ZZ")))
        put("list", "incidents", "--state", state)
        lines = self.run_tocsin("hunt", "--no-cache", "-f", "jsonl", "--rules", rules, self.path("x.jsonl")).stdout
        found = [x["tocsin"] for x in map(json.loads, lines.splitlines()) if x["tocsin"]["kind"] == "incident"]
        for incident in found[:1]:
            put("one", "incidents", "--state", state, incident["incident"]["id"])
            for form in ("html", "md", "jsonl", "navigator", "timesketch", "stix"):
                put(form, "report", "--state", state, "-f", form, incident["incident"]["id"])


class Evtx(Growth):
    """A chunk is 64 KiB, so nothing in it can be large; but what is in it may be tried at each place."""

    def test_places_that_look_like_records(self):
        with open(self.sample(), "rb") as f:
            sound = f.read(4096 + 65536)
        size = 65536 - 512

        def record(length, number=1):
            return b"\x2a\x2a\0\0" + struct.pack("<IQQ", length, number, 132000000000000000)

        nested = b"".join(record(size - 24 * i, i) for i in range(size // 24))
        for name, fill in {
                "magic numbers": b"\x2a\x2a\0\0" * (size // 4), "records in records": nested,
                "short ones": record(28) * (size // 24), "long ones": record(65000) * (size // 24),
                "the same": sound[4096 + 512:]}.items():
            with self.subTest(name):
                made = lambda n: sound[:4096 + 512] + fill.ljust(size, b"\0") + (sound[4096:4608] + fill.ljust(size, b"\0")) * n
                self.grows(4, made, "dump", "--carve", name="x.evtx")
                log = self.write("x.evtx", made(4))
                self.assertLess(self.steps("dump", "--carve", log), 200 * os.path.getsize(log))


if __name__ == "__main__":
    common.main()
