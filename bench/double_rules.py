#!/usr/bin/env python3
"""bench/double_rules.py RULES... OUT - a second set of rules, as large and as selective as the first.

Each rule file is copied with new ids and changed literals: in every string value of `detection:` one
letter of its longest run of letters (or one digit) becomes another one, so that an engine cannot share it
with the original rule, while lengths, wildcards, modifiers and log sources stay.  Searches that the
condition negates keep theirs: one that no longer excludes what it was made for would fire on ordinary
events, and the printing of those findings would be measured, not the matching of twice the rules.
Regular expressions get an empty group in front (other text, same work); numbers, networks and field
names stay."""
import fnmatch
import os
import re
import sys
import uuid

KEY = re.compile(r"^(\s*(?:- )?\s*)(['\"]?[^\s'\"#][^:'\"]*?['\"]?)(:)(\s+|$)(.*)$")
ITEM = re.compile(r"^(\s*- +)(.*)$")


ROUTING = {"EventID", "Channel", "Provider_Name"}  # they choose the events, they are not searched for


def shift(text):
    """`text` with one character changed: in the middle of its longest run of letters, else a digit,
    else the last character beyond ASCII."""
    runs = list(re.finditer(r"[A-Za-z]+", text)) or list(re.finditer(r"[0-9]+", text))
    if not runs:
        end = len(text.rstrip("\u200d\ufe0f")) - 1
        if end < 0 or ord(text[end]) < 128:
            return text
        return text[:end] + chr(ord(text[end]) + 1) + text[end + 1:]
    run = max(runs, key=lambda m: len(m.group()))
    at = run.start() + len(run.group()) // 2
    old = text[at]
    new = {"z": "a", "Z": "A", "9": "1"}.get(old, chr(ord(old) + 1))
    return text[:at] + new + text[at + 1:]


def value(text, key):
    """One YAML scalar of a detection, with its quotes, perhaps with a comment behind it."""
    modifiers = key.split("|")[1:]
    m = re.match(r"""^('(?:[^']|'')*'|"(?:\\.|[^"\\])*"|[^#]*?)(\s*(?:\s#.*)?)$""", text)
    body, rest = m.groups() if m else (text, "")
    quote = body[:1] if body[:1] in ("'", '"') else ""
    inner = body[1:-1] if quote else body
    if key.split("|")[0] in ROUTING or not inner or inner in ("null", "true", "false", "|", ">", "|-", ">-", "[]", "{}"):
        return text
    if "re" in modifiers:
        inner = "(?:)" + inner
        # an unquoted regex may start a YAML construct once it begins with a bracket; quote it
        if not quote:
            quote, inner = "'", inner.replace("'", "''")
    elif not {"cidr", "fieldref", "exists", "expand", "lt", "lte", "gt", "gte"} & set(modifiers):
        if quote == '"' and "\\" in inner:  # leave escapes alone: change what follows none
            inner = re.sub(r"(?<!\\)\b[A-Za-z]{3,}", lambda m: shift(m.group()), inner, count=1)
        else:
            inner = shift(inner)
    return quote + inner + quote + rest


def double(text):
    out, section, key, search, depth = [], "", "", "", 0
    condition = re.search(r"^ +condition: *(.*)$", text, re.M)
    negated = re.findall(r"\bnot (?:(?:1|all) of )?([\w*]+)", condition.group(1) if condition else "")
    for line in text.split("\n"):
        top = re.match(r"^([A-Za-z_]+):", line)
        if top or line.startswith("---"):
            section, search = top.group(1) if top else "", ""
        if top and section == "id":
            old = line.split(":", 1)[1].strip().strip("'\"")
            out.append(f"id: {uuid.uuid5(uuid.NAMESPACE_OID, 'doubled ' + old)}")
            continue
        if section != "detection" or top or not line.strip() or line.lstrip().startswith("#"):
            out.append(line)
            continue
        m, item = KEY.match(line), ITEM.match(line)
        here = len(line) - len(line.lstrip())
        if m and not item and (not search or here <= depth):
            search, depth = m.group(2), here
        if any(fnmatch.fnmatchcase(search, name) for name in negated):
            out.append(line)
            continue
        quoted_item = item and item.group(2)[:1] in "'\""
        if m and not quoted_item:
            lead, key, _, gap, rest = m.groups()
            key = key.strip("'\"")
            if rest and key not in ("condition", "timeframe"):
                line = lead + m.group(2) + ":" + (gap or " ") + value(rest, key)
        elif item and key != "condition":
            line = item.group(1) + value(item.group(2), key)
        out.append(line)
    return "\n".join(out)


def main():
    *sources, target = sys.argv[1:]
    count = 0
    for source in sources:
        for folder, _, names in os.walk(source):
            for name in sorted(n for n in names if n.endswith((".yml", ".yaml"))):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as f:
                    text = double(f.read())
                to = os.path.join(target, os.path.basename(source), os.path.relpath(path, source))
                os.makedirs(os.path.dirname(to), exist_ok=True)
                with open(to, "w", encoding="utf-8") as f:
                    f.write(text)
                count += 1
    print(f"{count} rule files doubled")


if __name__ == "__main__":
    main()
