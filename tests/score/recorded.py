#!/usr/bin/env python3
"""tests/score/recorded.py - incidents that tocsin finds in recorded and composed logs, beside the truth.

  recorded.py --tocsin build/tocsin [--only WORD] [--rules own|all] [--json] [--labels] [--report-only]

Rows: each recording with a truth file, the composed cases from compromise to wipe (from recordings:
compose.py; all ours: wipe.py), and ordinary machines, where every incident is a false one.  Each is
hunted with the project's rules ("own") and with those and SigmaHQ's ("all").  Marks are what must hold;
the exit status is 1 if one is missed.  Needs TOCSIN_CORPORA for all rows but the synthetic ones.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import benign
import common
import compose
import wipe

HERE = os.path.dirname(os.path.abspath(__file__))
OWN = os.path.join(HERE, "..", "..", "rules")
COLUMNS = (("set", "set"), ("rules", "rules"), ("findings", "findings"), ("incidents", "inc"),
           ("truths", "truth"), ("state", "state"), ("hosts", "hosts J"), ("accounts", "acc J"),
           ("origin", "origin"), ("violations", "wrongly in"), ("order", "order"), ("bp", "B3 P"),
           ("br", "B3 R"), ("overmerged", "over"), ("split", "split"), ("lead_watch", "lead watch"),
           ("lead_warn", "lead warn"), ("lead_imminent", "lead imm."), ("lead_any", "lead warn, any"))
QUIET = (("set", "set"), ("rules", "rules"), ("hosts_n", "hosts"), ("hours", "host-hours"),
         ("findings", "findings"), ("watch", "watch"), ("warn", "warn"), ("imminent", "imminent"),
         ("destruction", "destr."), ("per_host_hour", ">= warn per host-hour"))


def evaluate(truth, findings, incidents):
    """The figures of one set as a dict."""
    labels = [common.label(truth, f) for f in findings]
    places = common.place(findings, incidents)
    ids = [one["id"] for one in truth["incidents"]]
    held = collections.defaultdict(collections.Counter)  # incident -> labels in it
    for lab, where in zip(labels, places):
        if where is not None and lab is not None:
            held[where][lab] += 1
    covering = {t: [i for i in held if held[i][t]] for t in ids}
    wrong = sorted({lab[4:] for t in ids for i in covering[t] for lab in held[i]
                    if lab.startswith("not:")})
    over = sum(1 for i in held if sum(1 for t in ids if held[i][t]) > 1
               or any(held[i][t] for t in ids) and any(x.startswith("not:") for x in held[i]))
    keep = [n for n, lab in enumerate(labels) if findings[n]["tocsin"].get("level") != "informational"
            and lab != "noise" and (lab in ids or places[n] is not None)]
    classes = [labels[n] if labels[n] in ids else None for n in keep]
    precision, recall = common.b_cubed(classes, [places[n] for n in keep])
    pair_precision, pair_recall = common.pairwise(classes, [places[n] for n in keep])
    row = {"findings": len(findings), "incidents": len(incidents), "truths": len(ids),
           "violations": "; ".join(wrong) or "none", "bp": precision, "br": recall,
           "pairwise_p": pair_precision, "pairwise_r": pair_recall, "overmerged": over,
           "split": sum(1 for t in ids if len(covering[t]) > 1),
           "covering": {t: len(covering[t]) for t in ids}}
    row.update(names(truth["incidents"][0], incidents, covering[ids[0]], held))
    row.update(leads(truth["incidents"][0], incidents, covering[ids[0]]))
    return row


def names(true, incidents, covering, held):
    """Of the incident that holds most of the truth: entities, origin, order."""
    if not covering:
        return {"state": "none", "hosts": 0.0, "accounts": 0.0, "origin": False, "order": 0.0}
    best = max(covering, key=lambda i: (held[i][true["id"]], i))
    one = next(i for i in incidents if i.id == best)
    host, who = origin_of(one)
    want = [common.v18(t["tech"]) for t in true["techniques"]]
    hosts = {common.short(h) for h in true["hosts"]}
    seen_without = {common.short(h) for h in true.get("seen_without_logs", [])}
    return {"state": one.raw["state"], "best": best,
            "hosts": common.jaccard(hosts, one.hosts - seen_without),
            "hosts_n": len(one.hosts & hosts),
            "accounts": common.jaccard({common.account(a) for a in true["accounts"]}, one.accounts),
            "origin": host == common.short(true["origin"]["host"])
            and who == common.account(true["origin"]["account"]),
            "origin_said": "%s %s" % (host, who),
            "order": common.lcs(want, one.techniques()) / len(want)}


def origin_of(one):
    """(host, account) where the incident says it began; else of its first chosen link."""
    said = one.origin
    if said.get("host") or said.get("account"):
        return common.short(said.get("host") or ""), common.account(said.get("account") or "")
    chosen = [x for x in one.chain if x.get("chosen")] or one.chain
    first = min(chosen, key=lambda x: common.seconds(x["time"]), default={})
    return common.short(first.get("host") or ""), common.account(first.get("account") or "")


def leads(true, incidents, covering):
    """Minutes to the destruction: of incidents that hold a truth's detection, and (any) of those that
    name one of its hosts or accounts."""
    if not true.get("destructive_at"):
        return {}
    ours = [i for i in incidents if i.id in covering]
    out = {}
    for key, pool, state in (("watch", ours, 1), ("warn", ours, 2), ("imminent", ours, 3),
                             ("any", incidents, 2)):
        got = common.lead(pool, state, true["destructive_at"], true["hosts"], true["accounts"])
        out["lead_" + key] = None if got is None else round(got / 60, 1)
    return out


def marks(truth, row):
    """(text, met) of what must hold for this set."""
    want = truth.get("marks", {})
    if want.get("one_incident"):
        yield "exactly one incident holds the truth", list(row["covering"].values()) == [1]
    if want.get("min_hosts"):
        yield ("it names %d hosts of the truth or more" % want["min_hosts"],
               row.get("hosts_n", 0) >= want["min_hosts"])
    if want.get("origin"):
        yield "origin right", row["origin"]
    if want.get("clean"):
        yield "nothing that must not join", row["violations"] == "none"
    if want.get("warn_before_destruction"):
        lead = row.get("lead_any")
        yield "warn before the first recovery deletion", lead is not None and lead > 0


def quiet(findings, incidents, span):
    """The figures of a set in which nothing bad happens."""
    hosts, hours = span
    states = collections.Counter(one.state for one in incidents)
    loud = states[2] + states[3] + states[4]
    return {"findings": len(findings), "hosts_n": hosts, "hours": hours, "watch": states[1],
            "warn": states[2], "imminent": states[3], "destruction": states[4],
            "per_host_hour": loud / hours if hours else None}


def span_of(tocsin, paths, more):
    """(hosts, host-hours) of logs: an hour counts for a host that logged something in it."""
    seen = set()
    done = subprocess.Popen([tocsin, "dump", "--quiet", "--format", "flat", *more, *paths],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout:
        one = json.loads(line)
        when = one.get("@timestamp") or one.get("TimeCreated") or one.get("SystemTime") \
            or one.get("UtcTime")
        host = common.short(one.get("Computer") or one.get("Hostname") or one.get("ComputerName") or "")
        try:
            seen.add((host, common.seconds(str(when).replace(" ", "T")) // 3600))
        except ValueError:
            continue
    done.wait()
    return len({host for host, _ in seen}), len(seen)


def sets(args, work):
    """(name, paths, options, truth or None) of each row."""
    corpora = os.environ.get("TOCSIN_CORPORA", "")
    for name in sorted(os.listdir(os.path.join(HERE, "truth"))) if corpora else []:
        truth = common.load_truth(os.path.join(HERE, "truth", name))
        paths = [os.path.join(corpora, p) for p in truth["paths"]]
        yield name[:-5], paths, [], truth
        start = truth["incidents"][0]["techniques"][0]["t"]
        yield name[:-5] + " before", paths, ["--to", start], None
    for variant in wipe.VARIANTS:
        yield ("synthetic " + variant, *made(wipe.write, work, "synthetic-" + variant, variant))
        if corpora:
            yield ("composed " + variant,
                   *made(lambda out, v: compose.compose(corpora, args.tocsin, out, v), work,
                         "composed-" + variant, variant))
    out = os.path.join(work, "benign")
    benign.write(out, hosts=args.hosts, days=args.days, seed=1)
    yield "admin days (synthetic)", [out], [], None
    if corpora:
        yield "evtx-parser-samples", [os.path.join(corpora, "evtx-parser-samples")], [], None


def made(write, work, folder, variant):
    out = os.path.join(work, folder)
    truth = write(out, variant)
    logs = [os.path.join(out, n) for n in sorted(os.listdir(out)) if n.endswith(".jsonl")]
    return logs, [], truth


def rule_sets(which):
    corpora = os.environ.get("TOCSIN_CORPORA", "")
    out = [("own", [OWN])]
    if corpora:
        sigma = os.path.join(corpora, "sigma")
        out.append(("all", [OWN, os.path.join(sigma, "rules"),
                            os.path.join(sigma, "rules-emerging-threats")]))
    return [x for x in out if which in (None, x[0])]


def show_labels(truth, findings, incidents):
    """Each group of findings with its label and its incident: to check a truth file and an answer."""
    groups = collections.OrderedDict()
    for finding, where in zip(findings, common.place(findings, incidents)):
        flat = common.view(finding)
        key = (common.label(truth, finding) or ".", (where or "-")[:8], flat["level"], flat["host"],
               flat["account"], flat["title"])
        groups.setdefault(key, [0, finding.get("@timestamp"), flat["record"]])[0] += 1
    for key, (count, when, record) in groups.items():
        print("   ", when, "x%d" % count, "#" + record, " | ".join(key))


def run(args, work):
    """Rows of both tables, and the marks."""
    rows, quiet_rows, verdicts = [], [], []
    for name, paths, more, truth in sets(args, work):
        if args.only and not any(w in name for w in args.only.split(",")):
            continue
        span = None if truth else span_of(args.tocsin, paths, more)
        for rules, folders in rule_sets(args.rules):
            findings, incidents, _ = common.hunt(args.tocsin, paths, folders, more)
            head = {"set": name, "rules": rules}
            if truth:
                row = dict(head, **evaluate(truth, findings, incidents))
                verdicts += [(name, rules, text, met) for text, met in marks(truth, row)]
                rows.append(row)
            else:
                row = dict(head, **quiet(findings, incidents, span))
                verdicts.append((name, rules, "no incident at imminent or above",
                                 row["imminent"] + row["destruction"] == 0))
                quiet_rows.append(row)
            if args.labels:
                print("==", name, rules)
                show_labels(truth or {"incidents": []}, findings, incidents)
    return rows, quiet_rows, verdicts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tocsin", default=os.environ.get("TOCSIN", "build/tocsin"))
    parser.add_argument("--only", help="sets with one of these words, comma between")
    parser.add_argument("--rules", choices=("own", "all"))
    parser.add_argument("--hosts", type=int, default=12, help="hosts of the synthetic admin days")
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of tables")
    parser.add_argument("--labels", action="store_true", help="also each finding: label and incident")
    parser.add_argument("--keep", help="leave the written logs in this folder")
    parser.add_argument("--report-only", action="store_true", help="exit 0 also if a mark is missed")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tocsin-recorded-") as work:
        rows, quiet_rows, verdicts = run(args, args.keep or work)
    if args.json:
        for row in rows + quiet_rows:
            print(json.dumps(row, sort_keys=True))
        for name, rules, text, met in verdicts:
            print(json.dumps({"set": name, "rules": rules, "mark": text, "met": met}))
    else:
        print(common.table(rows, COLUMNS), common.table(quiet_rows, QUIET), sep="\n\n", end="\n\n")
        for name, rules, text, met in verdicts:
            print("met   " if met else "MISSED", name, "(%s):" % rules, text)
    missed = sum(1 for v in verdicts if not v[3])
    if not args.json:
        print("%d of %d marks met; lead in minutes" % (len(verdicts) - missed, len(verdicts)))
    sys.exit(1 if missed and not args.report_only else 0)


if __name__ == "__main__":
    main()
