#!/usr/bin/env python3
"""tests/score/unchecked.py - how many findings are unchecked (docs/matching.md section 2), by rule: on recorded
attacks, and on machines at their usual work.

unchecked.py --tocsin build/tocsin [--before OLDER] [--top N]     with TOCSIN_CORPORA

A line for each set, then one for each rule, view and missing fields.  With --before, an older program: what
the new one finds more or less, by rule.
"""
import argparse
import collections
import os
import tempfile

import benign
import common

ATTACKS = ("evtx-attack-samples", "security-datasets", "sigma-regression")
RULES = ("sigma/rules", "sigma/rules-threat-hunting", "sigma/rules-emerging-threats")


def sets(corpora, folder):
    """(kind, name, path) of every set that is there; the last one is made up."""
    for name in ATTACKS:
        yield "attacks", name, os.path.join(corpora, name)
    yield "ordinary", "evtx-parser-samples", os.path.join(corpora, "evtx-parser-samples")
    made = os.path.join(folder, "administration")
    benign.write(made)
    yield "ordinary", "made-up administration", made


def per_rule(findings):
    return collections.Counter(f["rule"].get("name", "?") for f in findings)


def unchecked(findings):
    """Findings that rest on what is not there, by rule, view and fields."""
    by = collections.Counter()
    for f in findings:
        parts = f["tocsin"].get("unchecked")
        if parts:
            fields = ", ".join(sorted({p["field"] for p in parts}))
            by[(f["rule"].get("name", "?"), f["tocsin"].get("view", "-"), fields)] += 1
    return by


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--tocsin", default="build/tocsin")
    args.add_argument("--before", help="an older program to compare with")
    args.add_argument("--top", type=int, default=1000, help="rules shown of each set")
    args = args.parse_args()
    corpora = os.environ.get("TOCSIN_CORPORA")
    if not corpora:
        raise SystemExit("unchecked.py: TOCSIN_CORPORA names no folder")
    rules = [os.path.join(corpora, r) for r in RULES]
    with tempfile.TemporaryDirectory(prefix="tocsin-unchecked-") as folder:
        for kind, name, path in sets(corpora, folder):
            found, _, summary = common.hunt(args.tocsin, [path], rules, ("--no-incidents",))
            marked = unchecked(found)
            print("%-9s %-24s %8d records %6d findings %5d unchecked" % (
                kind, name, summary["input"]["events"], len(found), sum(marked.values())))
            for (rule, view, fields), n in marked.most_common(args.top):
                print("    %5d  %s (%s): %s" % (n, rule, view, fields))
            if args.before:
                old = per_rule(common.hunt(args.before, [path], rules, ("--no-incidents",))[0])
                new = per_rule(found)
                diff = {r: new[r] - old[r] for r in sorted(set(new) | set(old)) if new[r] != old[r]}
                print("    against the older program: %+d" % (sum(new.values()) - sum(old.values())))
                for rule, n in sorted(diff.items(), key=lambda x: -abs(x[1]))[:args.top]:
                    print("    %+5d  %s" % (n, rule))


if __name__ == "__main__":
    main()
