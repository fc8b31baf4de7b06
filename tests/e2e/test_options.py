#!/usr/bin/env python3
"""tests/e2e/test_options.py - help, completion and man pages agree with the command table."""
import re
import shutil
import subprocess

import common
from common import CASE, DOCS, event, rule

COMMANDS = ["hunt", "dump", "rules check", "rules list", "rules explain", "intel profile", "incidents",
            "report"]
PAGES = {"hunt": "tocsin-hunt.1.scd", "dump": "tocsin-dump.1.scd", "rules check": "tocsin-rules.1.scd",
         "rules list": "tocsin-rules.1.scd", "rules explain": "tocsin-rules.1.scd",
         "intel profile": "tocsin-intel.1.scd", "incidents": "tocsin-incidents.1.scd",
         "report": "tocsin-report.1.scd"}


class Options(common.Case):
    def text(self, *args):
        return self.run_tocsin(*args, status=0).stdout.decode()

    def options(self, command):
        return set(re.findall(r"^ {2,6}(?:-\w, )?--([a-z-]+)", self.text(*command.split(), "--help"), re.M))

    def test_help_everywhere(self):
        listed = self.text("--help")
        for command in COMMANDS:
            self.assertRegex(listed, rf"\n  {command} +\w")
            one = self.text(*command.split(), "--help")
            self.assertEqual(one, self.text("help", *command.split()))
            self.assertIn("Examples:", one)
            self.assertLessEqual(max(len(x) for x in one.splitlines() if not x.startswith("  tocsin")
                                     and not x.startswith("  zcat")), 100)
        self.assertEqual(self.text("help"), listed)
        self.assertIn("rules explain", self.text("rules", "--help"))

    def test_version(self):
        self.assertRegex(self.text("--version"), r"^tocsin \d+\.\d+\.\d+\n$")

    def test_mistakes_are_explained(self):
        for args, part in ((("hunt", "--nonsense"), "--nonsense"), (("hnt",), "hnt"),
                           (("rules", "wrong"), "wrong"), (("hunt", "--level", "loud", "x"), "loud"),
                           (("hunt", "--from", "yesterday", "x"), "yesterday"),
                           (("hunt", "--threads", "0", "x"), "threads"),
                           (("hunt", "--threads", "many", "x"), "many"),
                           (("hunt", "--format", "xml", "x"), "xml"),
                           (("hunt", "--rules"), "--rules"), (("hunt", "--quiet=1", "x"), "quiet"),
                           (("hunt", "-Z", "x"), "-Z"), (("dump",), "dump"), ((), "Usage")):
            with self.subTest(args):
                done = self.run_tocsin(*args, status=1)
                self.assertEqual(done.stdout, b"")
                self.assertIn(part, done.stderr.decode())

    def test_man_pages_name_every_option(self):
        for command in COMMANDS:
            with open(f"{DOCS}/man/{PAGES[command]}", encoding="utf-8") as f:
                page = f.read()
            documented = set(re.findall(r"\*--([a-z-]+)\*", page))
            self.assertEqual(self.options(command) - documented, set(), command)
        with open(f"{DOCS}/man/tocsin.1.scd", encoding="utf-8") as f:
            page = f.read()
        for command in COMMANDS:
            self.assertIn(command, page)
        for page, commands in (("tocsin-hunt.1.scd", COMMANDS[:1]), ("tocsin-dump.1.scd", COMMANDS[1:2]),
                               ("tocsin-rules.1.scd", COMMANDS[2:5]),
                               ("tocsin-intel.1.scd", COMMANDS[5:6]),
                               ("tocsin-incidents.1.scd", COMMANDS[6:7])):
            with open(f"{DOCS}/man/{page}", encoding="utf-8") as f:
                documented = set(re.findall(r"\*--([a-z-]+)\*", f.read()))
            known = set().union(*(self.options(c) for c in commands)) | {"help", "version"}
            self.assertEqual(documented - known, set(), page)

    def test_bash_completion(self):
        script = self.write("c.bash", self.text("--print-completion", "bash"))
        def complete(*words):
            line = " ".join(f"'{w}'" for w in words)
            out = subprocess.run(
                ["bash", "-c", f". {script}; compopt() {{ :; }}; COMP_WORDS=({line}); "
                 f"COMP_CWORD={len(words) - 1}; _tocsin; printf '%s\\n' \"${{COMPREPLY[@]}}\""],
                stdout=subprocess.PIPE, check=True, cwd=self.dir).stdout.decode().split("\n")
            return [x for x in out if x]
        self.assertEqual(complete("tocsin", "hu"), ["hunt"])
        self.assertEqual(complete("tocsin", "rules", "e"), ["explain"])
        self.assertEqual(complete("tocsin", "hunt", "--fail"), ["--fail-level"])
        self.assertEqual(complete("tocsin", "hunt", "--level", "c"), ["critical"])
        self.assertEqual(complete("tocsin", "rules", "list", "--ref"), ["--refused"])
        self.write("log.evtx", "")
        self.assertEqual(complete("tocsin", "hunt", "lo"), ["log.evtx"])
        for command in COMMANDS:
            offered = {x[2:] for x in complete("tocsin", *command.split(), "--")}
            self.assertEqual(offered, self.options(command))

    def test_zsh_completion(self):
        script = self.text("--print-completion", "zsh")
        for command in COMMANDS:
            block = script.split(f"    '{command}')\n")[1].split(";;")[0]
            self.assertEqual(set(re.findall(r"--([a-z-]+)", re.sub(r"\[[^\n]*?\]", "", block))),
                             self.options(command))
        if shutil.which("zsh"):
            subprocess.run(["zsh", "-n", self.write("_tocsin", script)], check=True)

    def test_default_rules_are_found(self):
        self.assertIn(" 0 refused", self.text("rules", "list"))
        self.run_tocsin("hunt", CASE, status=2)


class Cache(common.Case):
    def setUp(self):
        super().setUp()
        self.rule = self.write("rules/r.yml", rule())
        self.log = self.write("log.jsonl", event())

    def hunt(self, *options):
        done = self.run_tocsin("hunt", "--rules", self.path("rules"), "-f", "jsonl", *options, self.log)
        return [f["rule"]["name"] for f in self.findings(done)[0]], done.stderr

    def stored(self):
        import os
        folder = self.path(".cache/tocsin")
        return [os.path.join(folder, x) for x in sorted(os.listdir(folder))]

    def test_a_changed_rule_is_seen(self):
        self.assertEqual(self.hunt(), (["A logon"], b""))
        self.assertEqual(self.hunt(), (["A logon"], b""))
        self.write("rules/r.yml", rule(title="B logon"))
        self.assertEqual(self.hunt(), (["B logon"], b""))
        self.write("rules/s.yml", rule(title="C logon", number=2))
        self.assertEqual(self.hunt(), (["B logon", "C logon"], b""))

    def test_a_rule_that_keeps_its_size_and_times_is_seen(self):
        import os
        self.hunt()
        was = os.stat(self.rule)
        with open(self.rule, "r+b") as f:
            at = f.read().index(b"A logon")
            f.seek(at)
            f.write(b"Z")
        os.utime(self.rule, ns=(was.st_atime_ns, was.st_mtime_ns))
        self.assertEqual(self.hunt(), (["Z logon"], b""))

    def test_modes(self):
        import os
        import stat
        self.hunt()
        self.assertEqual([os.path.basename(x)[:5] for x in self.stored()], ["plan-", "rules"])
        for path, mode in ((self.path(".cache/tocsin"), 0o700), (self.path(".local/state/tocsin"), 0o700),
                           (self.path(".local/state/tocsin/rules.key"), 0o600),
                           *((x, 0o600) for x in self.stored())):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), mode, path)

    def test_a_changed_cache_is_refused(self):
        self.hunt()
        for path in self.stored():
            for where in (0, 20, 50, 70, 300, -1):
                with open(path, "r+b") as f:
                    data = f.read()
                    f.seek(where % len(data))
                    f.write(bytes((data[where] ^ 1,)))
                names, err = self.hunt()
                self.assertEqual(names, ["A logon"])
                self.assertIn(b"read anew", err)
                self.assertEqual(err.count(b"\n"), 1)
                self.assertEqual(self.hunt(), (["A logon"], b""))

    def test_a_cut_cache_is_refused(self):
        import os
        self.hunt()
        for path in self.stored():
            for size in (0, 63, 64, 65, 200, os.path.getsize(path) - 1):
                os.truncate(path, size)
                names, err = self.hunt()
                self.assertEqual(names, ["A logon"])
                self.assertIn(b"read anew", err)
                self.assertEqual(self.hunt(), (["A logon"], b""))

    def test_one_cache_in_place_of_the_other_is_refused(self):
        import shutil
        self.hunt()
        plan, rules = self.stored()
        shutil.copyfile(rules, plan)
        self.assertEqual(self.hunt()[0], ["A logon"])
        plan, rules = self.stored()
        shutil.copyfile(plan, rules)
        self.assertEqual(self.hunt()[0], ["A logon"])
        self.assertEqual(self.hunt(), (["A logon"], b""))

    def test_a_cache_that_others_can_write_is_refused(self):
        import os
        self.hunt()
        for path in self.stored():
            os.chmod(path, 0o666)
            names, err = self.hunt()
            self.assertEqual(names, ["A logon"])
            self.assertIn(b"others", err)

    def test_a_link_in_place_of_the_cache_is_not_followed(self):
        import os
        self.hunt()
        for path in self.stored():
            os.rename(path, self.path("elsewhere"))
            os.symlink(self.path("elsewhere"), path)
            self.assertEqual(self.hunt()[0], ["A logon"])
            self.assertFalse(os.path.islink(path))

    def test_options_have_plans_of_their_own(self):
        self.write("rules/s.yml", rule(title="C logon", number=2))
        for _ in range(2):
            self.assertEqual(self.hunt(), (["A logon", "C logon"], b""))
            self.assertEqual(self.hunt("--rule", "C logon"), (["C logon"], b""))
        self.assertEqual(len(self.stored()), 3)
        for i in range(12):  # and no more than eight are kept
            self.hunt("--rule", "C logon", "--rule", f"none{i}")
        self.assertEqual(len(self.stored()), 9)

    def test_a_table_of_logsources_is_part_of_it(self):
        for _ in range(2):
            table = self.write("table.yml", "products: {other: {services: {x: {channels: [X]}}}}\n")
            self.assertEqual(self.hunt("--logsources", table), (["A logon"], b""))
            self.write("table.yml", "products: {windows: {services: {security: {channels: [Elsewhere]}}}}\n")
            self.assertEqual(self.hunt("--logsources", table)[0], [])

    def test_off_switch(self):
        import os
        self.run_tocsin("hunt", "--no-cache", "--rules", self.path("rules"), self.log, status=2)
        self.assertFalse(os.path.exists(self.path(".cache")))


if __name__ == "__main__":
    common.main()
