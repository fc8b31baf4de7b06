#!/usr/bin/env python3
"""tests/lint/rules.py - each rule of ours has an event that it matches and one that it does not, and no
test event is left without its rule.  That they do match, or not, is tested by running them."""
import os

import tree

rules = {os.path.splitext(os.path.basename(p))[0] for p in tree.files(".yml", under="rules/")}
events = {os.path.basename(p) for p in tree.files(".jsonl", under="rules/tests/")}
problems = [f"rules/tests/{r}.{kind}.jsonl is missing" for r in sorted(rules)
            for kind in ("match", "no-match") if f"{r}.{kind}.jsonl" not in events]
problems += [f"rules/tests/{e}: there is no such rule" for e in sorted(events)
             if e.split(".")[0] not in rules]
if not rules:
    problems.append("no rules found")
tree.finish(problems, "rules")
