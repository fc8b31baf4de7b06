#!/usr/bin/env python3
"""tests/differential/pysigma_trees.py DUMP_RULES FILE... - do we read rules as pySigma does?

Each rule's condition tree of dump_rules is compared with the tree that pySigma 2 parses, both
brought to one normal form (groups flattened, kids sorted, values as text).  Where the two differ on
purpose the difference is rewritten here, one function per reason, so that what is left is news.
Needs pySigma (pip install pysigma); not part of the test run."""
import collections
import itertools
import json
import re
import subprocess
import sys

from sigma.conditions import (ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT,
                              ConditionOR, ConditionValueExpression)
from sigma.rule import SigmaRule
import sigma.modifiers
import sigma.types as st

DASHES = "-/\u2013\u2014\u2015"


def all_dashes(_, val: st.SigmaString) -> st.SigmaExpansion:
    """The specification replaces each of the five characters wherever it stands; pySigma only the
    first two, only at the beginning of a word."""
    flat = []
    for part in val.s:
        flat += list(part) if isinstance(part, str) else [part]
    options = [DASHES if isinstance(c, str) and c in DASHES else [c] for c in flat]
    out = []
    for choice in itertools.product(*options):
        s, merged = st.SigmaString(), []
        for c in choice:
            if isinstance(c, str) and merged and isinstance(merged[-1], str):
                merged[-1] += c
            else:
                merged.append(c)
        s.s = tuple(merged)
        out.append(s)
    return st.SigmaExpansion(out)


sigma.modifiers.SigmaWindowsDashModifier.modify = all_dashes


def text(value):
    out = ""
    for part in value.s:
        if isinstance(part, str):
            out += part
        else:
            out += "<*>" if part == st.SpecialChars.WILDCARD_MULTI else "<?>"
    return re.sub(r"(<\*>)+", "<*>", out)


def leaf(field, value):
    # whether case counts is left out: for base64 it does with us and does not with pySigma
    if isinstance(value, st.SigmaExpansion):
        return group("or", [leaf(field, v) for v in value.values])
    if isinstance(value, st.SigmaNull):
        return ("null", field)
    if isinstance(value, st.SigmaNumber):
        # a number as a keyword is its text
        return ("num", field, float(value.number)) if field else ("str", "", f"<*>{value.number}<*>")
    if isinstance(value, st.SigmaBool):
        return ("str", field, str(value.boolean).lower())
    if isinstance(value, st.SigmaRegularExpression):
        return ("re", field, str(value.regexp.original if hasattr(value.regexp, "original") else value.regexp),
                st.SigmaRegularExpressionFlag.IGNORECASE in value.flags)
    if isinstance(value, st.SigmaCIDRExpression):
        net = value.network
        addr = int(net.network_address) | (0xffff << 32 if net.version == 4 else 0)
        return ("cidr", field, "%032x/%d" % (addr, net.prefixlen + (96 if net.version == 4 else 0)))
    if isinstance(value, st.SigmaFieldReference):
        return ("fieldref", field, value.field, bool(value.starts_with), bool(value.ends_with))
    if isinstance(value, st.SigmaCompareExpression):
        return ("num", field, float(value.number.number), value.op.name)
    if isinstance(value, st.SigmaExists):
        return ("exists", field, bool(value.exists))
    if isinstance(value, st.SigmaString):
        t = text(value)
        if not field:  # a keyword is searched for in each value
            t = re.sub(r"(<\*>)+", "<*>", "<*>" + t + "<*>")
        return ("str", field, t)
    raise ValueError(type(value))


def group(op, kids):
    flat = []
    for k in kids:
        flat += k[1] if k[0] == op else [k]
    flat = sorted(set(map(tuple_deep, flat)), key=repr)
    return flat[0] if len(flat) == 1 else (op, flat)


def negation(t):
    return t[1] if t[0] == "not" else ("not", t)


def tuple_deep(x):
    return tuple(map(tuple_deep, x)) if isinstance(x, (list, tuple)) else x


def theirs(node):
    if isinstance(node, (ConditionAND, ConditionOR)):
        return group("and" if isinstance(node, ConditionAND) else "or", [theirs(a) for a in node.args])
    if isinstance(node, ConditionNOT):
        return negation(theirs(node.args[0]))
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return leaf(node.field, node.value)
    assert isinstance(node, ConditionValueExpression)
    return leaf("", node.value)


def ours(node):
    for op in ("and", "or"):
        if op in node:
            return group(op, [ours(k) for k in node[op]])
    if "not" in node:
        return negation(ours(node["not"]))
    kind, field = node["pred"], node["field"]
    if kind == "null":
        return ("null", field)
    if kind == "num":
        op = ("", "", "LT", "LTE", "GT", "GTE")[node["cmp"]]
        return ("num", field, node["num"], op) if op else ("num", field, node["num"])
    if kind == "exists":
        return ("exists", field, bool(node["num"]))
    if kind == "re":
        return ("re", field, node["text"], bool(node["flags"] & 2))
    if kind == "cidr":
        return ("cidr", field, node["addr"])
    if kind == "fieldref":
        flags = node["flags"]  # contains is both with pySigma
        return ("fieldref", field, node["text"], bool(flags & 48), bool(flags & 80))
    return ("str", field, node["text"])


def leaves(t):
    if t[0] in ("and", "or"):
        return sum(map(leaves, t[1]))
    return leaves(t[1]) if t[0] == "not" else 1


def main():
    dump, files = sys.argv[1], sys.argv[2:]
    run = subprocess.run([dump], input="\n".join(files).encode(), capture_output=True, check=True)
    mine = {}
    for line in run.stdout.decode().splitlines():
        row = json.loads(line)
        if "tree" in row:
            mine[row["path"]] = row["tree"]
    count = collections.Counter()
    total = 0
    for path in files:
        try:
            rule = SigmaRule.from_yaml(open(path, encoding="utf8").read())
            want = group("or", [theirs(c.parsed) for c in rule.detection.parsed_condition])
        except Exception as e:  # what pySigma refuses is listed, whatever it raises
            count["pySigma refuses, we " + ("load" if path in mine else "refuse too")] += 1
            if path in mine:
                print(f"{path}: {type(e).__name__}: {e}")
            continue
        if path not in mine:
            count["only we refuse"] += 1
            print(f"{path}: refused by us")
            continue
        got, want = tuple_deep(ours(mine[path])), tuple_deep(want)
        total += leaves(got)
        if got == want:
            count["equal"] += 1
        else:
            count["different"] += 1
            print(f"{path}:\n  ours   {str(got)[:600]}\n  theirs {str(want)[:600]}")
    print(dict(count), f"{total} distinct leaves in compared rules")
    return 1 if count["different"] else 0


sys.exit(main())
