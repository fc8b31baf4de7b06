#!/usr/bin/env python3
"""Scores the incidents of `tocsin hunt` on the public AIT alert data set against its labels.

    tests/score/ait.py --tocsin build/tocsin [--min-state warn] [SCENARIO...]
    tests/score/ait.py --jsonl santos=saved.jsonl santos      # score a saved output

Each scenario is one CSV of alerts (Wazuh, Suricata, AMiner) with two attacks in it:

    intrusion   scans, web attacks, web shell, password cracking, reverse shell, privilege escalation
    exfil       files leaked through DNS, until the service that does it is stopped

The labels are read here and nowhere else: tests/data/ait-alerts.yaml maps names only.  Roles come from
labels and phases, no host name is written here.  What is printed, and what a figure means, is in
docs/alerts.md.  The last line is one JSON object.  Exit: 0 scored, 1 failed, 77 no corpora.
"""
import argparse
import bisect
import collections
import csv
import datetime
import gzip
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STATES = {"": 0, "none": 0, "watch": 1, "warn": 2, "imminent": 3, "destruction": 4,
          "destruction seen": 4}
EXFIL = {"dnsteal", "service_stop"}  # event labels of the second attack; all others are the first's
TRUTHS = ("intrusion", "exfil")
# What the warning has to come before: a phase of attack-phases.json.
GOAL = {"intrusion": "privilege_escalation", "exfil": "service_stop"}

Row = collections.namedtuple("Row", "number time name host truth label phase")


def truth_of(label):
    if label in ("", "-"):
        return None
    return "exfil" if label in EXFIL else "intrusion"


def read_rows(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as f:
        return [Row(i, int(float(r["time"])), r["name"], r["host"], truth_of(r["event_label"]),
                    r["event_label"], r["time_label"])
                for i, r in enumerate(csv.DictReader(f), 1)]


def seconds(text):
    """RFC 3339 -> seconds since 1970, or None."""
    try:
        text = text.replace("Z", "+00:00")
        if "." in text:  # at most six digits
            head, tail = text.split(".", 1)
            digits = "".join(c for c in tail[:tail.find("+")] if c.isdigit())
            text = f"{head}.{digits[:6]:0<6}{tail[tail.find('+'):]}"
        t = datetime.datetime.fromisoformat(text)
        if t.tzinfo is None:
            t = t.replace(tzinfo=datetime.timezone.utc)
        return t.timestamp()
    except (AttributeError, ValueError, TypeError):
        return None


def get(obj, dotted):
    """obj["a.b"] or obj["a"]["b"], or None."""
    if not isinstance(obj, dict):
        return None
    if dotted in obj:
        return obj[dotted]
    head, _, rest = dotted.partition(".")
    return get(obj.get(head), rest) if rest else obj.get(head)


def incidents_of(lines):
    found = []
    for line in lines:
        if b"incident" not in line:
            continue
        try:
            obj = json.loads(line)
        except ValueError:
            continue
        if get(obj, "tocsin.kind") == "incident":
            found.append(obj)
    return found


class Rows:
    """The alerts of a scenario, to be found by number, and by name, host and time."""

    def __init__(self, rows):
        self.all = rows
        self.by_kind = collections.defaultdict(list)
        for r in rows:
            self.by_kind[r.name, r.host.lower()].append(r)
        for same in self.by_kind.values():
            same.sort(key=lambda r: r.time)
        self.times = {k: [r.time for r in same] for k, same in self.by_kind.items()}
        self.names = {r.name for r in rows}

    def name_in(self, text):
        if not isinstance(text, str):
            return None
        if text in self.names:
            return text
        head, _, tail = text.partition(":")  # "TOOL:NAME"
        return tail if head and tail in self.names else None

    def of_link(self, link):
        """The rows that a link stands for."""
        number = get(link, "evidence.record")
        row = None
        if isinstance(number, int) and 1 <= number <= len(self.all):
            row = self.all[number - 1]
        rule = link.get("rule")
        texts = list(rule.values()) if isinstance(rule, dict) else [rule]
        texts += [link.get("rule_id"), link.get("title")]
        name = next((n for n in map(self.name_in, texts) if n), row.name if row else None)
        host = get(link, "host.name") if isinstance(link.get("host"), dict) else link.get("host")
        host = (host or (row.host if row else "")).lower()
        first = seconds(link.get("time"))
        last = seconds(link.get("last"))
        first = first if first is not None else row.time if row else None
        last = last if last is not None else first
        if name is None or first is None:
            return [row] if row else []
        times = self.times.get((name, host), [])
        same = self.by_kind.get((name, host), [])[bisect.bisect_left(times, int(first)):
                                                  bisect.bisect_right(times, int(last))]
        return same + [row] if row else same


class Incident:
    def __init__(self, obj, rows):
        inc = get(obj, "tocsin.incident") or {}
        self.id = str(inc.get("id") or "?")
        self.state = STATES.get(inc.get("state") or "", 0)
        self.score = inc.get("score")
        self.rows = {}
        for link in inc.get("chain") or inc.get("links") or []:
            for r in rows.of_link(link) if isinstance(link, dict) else ():
                self.rows[r.number] = r
        self.stages = inc.get("stages") or []
        self.first = seconds(inc.get("first"))
        self.last = seconds(inc.get("last"))
        self.reached = {}  # state -> first time
        for t in inc.get("transitions") or []:
            state, at = STATES.get(t.get("state") or "", 0), seconds(t.get("time"))
            if at is not None:
                for s in range(1, state + 1):
                    self.reached[s] = min(at, self.reached.get(s, at))
        if self.state and self.state not in self.reached and self.last is not None:
            self.reached[self.state] = self.last  # at the latest
        self.truths = {r.truth for r in self.rows.values() if r.truth}
        self.labels = {r.label for r in self.rows.values() if r.truth}
        self.phases = {r.phase for r in self.rows.values()}


def clock(t):
    if t is None:
        return "?"
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%m-%d %H:%M:%S")


def state_name(n):
    return ("none", "watch", "warn", "imminent", "destruction seen")[n]


def b_cubed(rows, incidents):
    """Over distinct (name, host, label) per incident; labelled ones are averaged, the unlabelled ones
    that an incident holds weigh against its precision.  Alerts in no incident are alone."""
    owner = {}
    for i, inc in enumerate(incidents):
        for n in inc.rows:
            owner.setdefault(n, i)
    items = {(r.name, r.host, r.label, r.truth, owner.get(r.number)) for r in rows.all
             if r.truth or r.number in owner}
    in_cluster, in_truth = collections.Counter(), collections.Counter()
    both = collections.Counter()
    for _, _, _, truth, cluster in items:
        in_truth[truth] += 1
        in_cluster[cluster] += 1
        both[truth, cluster] += 1
    precision = recall = n = 0
    for _, _, _, truth, cluster in items:
        if not truth:
            continue
        n += 1
        alone = cluster is None
        precision += 1 if alone else both[truth, cluster] / in_cluster[cluster]
        recall += (1 if alone else both[truth, cluster]) / in_truth[truth]
    return (precision / n, recall / n) if n else (None, None)


def starts(truth, phases):
    """When the phases of this attack begin: some of its alerts have no label."""
    mine = [p for p in phases if not p.startswith("false_positive")
            and (p in EXFIL) == (truth == "exfil")]
    return [t for t in (seconds(phases[p][0]) for p in mine) if t is not None]


def truth_report(truth, rows, incidents, phases):
    labelled = [r for r in rows.all if r.truth == truth]
    mine = [i for i in incidents if truth in i.truths]
    goal = seconds((phases.get(GOAL[truth]) or [None])[0])
    out = {"alerts": len(labelled), "found": bool(mine), "incidents": len(mine), "state": 0,
           "state_at": None, "lead_min": None, "lead_watch_min": None,
           "goal_in": False, "early": False}
    if not mine:
        return out
    best = max(mine, key=lambda i: (i.state, len(i.rows)))
    out["state"] = best.state
    out["state_at"] = best.reached.get(best.state)
    began = min([r.time for r in labelled] + starts(truth, phases))  # before: for something else
    for state, key in ((1, "lead_watch_min"), (2, "lead_min")):
        at = [i.reached[state] for i in mine if state in i.reached]
        if at and goal is not None:
            out[key] = round((goal - max(min(at), began)) / 60, 1) + 0.0
            out["early"] = out["early"] or min(at) < began
    out["goal_in"] = any(GOAL[truth] in i.phases for i in mine)
    out["covered"] = len({n for i in mine for n, r in i.rows.items() if r.truth == truth})
    return out


def score(name, rows, objs, phases, min_state):
    every = [Incident(o, rows) for o in objs]
    incidents = [i for i in every if i.state >= min_state or not i.state]
    times = [r.time for r in rows.all]
    days = (max(times) - min(times)) / 86400 if times else 0
    false = [i for i in incidents if not i.truths]
    attack = {"false_positive", "", "-"}
    precision, recall = b_cubed(rows, incidents)
    found = {t: truth_report(t, rows, incidents, phases) for t in TRUTHS}
    return {
        "scenario": name,
        "days": round(days, 2),
        "alerts": len(rows.all),
        "incidents": len(incidents),
        "below_min_state": len(every) - len(incidents),
        "truth": found,
        "false": len(false),
        "false_in_phase": sum(bool(i.phases - attack) for i in false),
        "false_per_day": round(len(false) / days, 3) if days else None,
        "overmerged": sum(len(i.truths) > 1 for i in incidents),
        "split": sum(max(0, f["incidents"] - 1) for f in found.values()),
        "without_rows": sum(not i.rows for i in incidents),
        "bcubed_p": precision,
        "bcubed_r": recall,
        "list": incidents,
    }


def show(s, verbose):
    print(f"{s['scenario']}: {s['alerts']:,} alerts, {s['days']} days, {s['incidents']} incidents"
          f" ({s['below_min_state']} below the state asked for)")
    for t in TRUTHS:
        f = s["truth"][t]
        if not f["found"]:
            print(f"  {t:<10} MISSED ({f['alerts']:,} labelled alerts)")
            continue
        lead = "no warning" if f["lead_min"] is None else f"lead {f['lead_min']} min"
        lead += ", warned before it began" if f.get("early") else ""
        if f["lead_watch_min"] is not None:
            lead += f" ({f['lead_watch_min']} from watch on)"
        print(f"  {t:<10} found in {f['incidents']}; {state_name(f['state'])} at"
              f" {clock(f['state_at'])}; {lead} to {GOAL[t]}"
              f"{'' if f['goal_in'] else ' (not in it)'}; {f['covered']:,} of {f['alerts']:,} alerts")
    def three(x):
        return "-" if x is None else f"{x:.3f}"
    print(f"  false {s['false']} ({s['false_per_day']} a day; {s['false_in_phase']} during an attack),"
          f" holding both attacks {s['overmerged']}, split {s['split']},"
          f" B-cubed P {three(s['bcubed_p'])} R {three(s['bcubed_r'])}")
    if s["without_rows"]:
        print(f"  {s['without_rows']} incidents could not be joined to any row")
    for i in s["list"] if verbose else ():
        kind = "+".join(sorted(i.truths)) or "false"
        kinds = collections.Counter((r.name, r.host) for r in i.rows.values())
        print(f"    {i.id[:8]} {state_name(i.state):<10} {clock(i.first)} - {clock(i.last)} {kind}"
              f" score {i.score}")
        for (n, h), c in sorted(kinds.items(), key=lambda kc: (-kc[1], kc[0]))[:verbose]:
            print(f"        {c:7,} {n} on {h}")


def summary(scores, min_state):
    days = sum(s["days"] for s in scores)
    false = sum(s["false"] for s in scores)

    def leads(key):
        return {t: [s["truth"][t][key] for s in scores] for t in TRUTHS}

    def mean(key):
        values = [s[key] for s in scores if s[key] is not None]
        return round(sum(values) / len(values), 4) if values else None
    return {
        "bench": "ait",
        "min_state": state_name(min_state),
        "scenarios": len(scores),
        "truths": 2 * len(scores),
        "found": sum(s["truth"][t]["found"] for s in scores for t in TRUTHS),
        "found_warn": sum(s["truth"][t]["state"] >= 2 for s in scores for t in TRUTHS),
        "incidents": sum(s["incidents"] for s in scores),
        "false": false,
        "false_per_day": round(false / days, 4) if days else None,
        "overmerged": sum(s["overmerged"] for s in scores),
        "split": sum(s["split"] for s in scores),
        "bcubed_p": mean("bcubed_p"),
        "bcubed_r": mean("bcubed_r"),
        "lead_min": leads("lead_min"),
        "lead_watch_min": leads("lead_watch_min"),
    }


def run_tocsin(args, path):
    command = [args.tocsin, "hunt", "--format", "jsonl", "--quiet", "--alert-map", args.map]
    command += args.option + [path]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 2):
        sys.exit(f"ait.py: {' '.join(command)} ended with {done.returncode}")
    return done.stdout.splitlines()


def arguments(argv):
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("scenario", nargs="*", help="default: all")
    p.add_argument("--tocsin", default=os.path.join(ROOT, "build", "tocsin"))
    p.add_argument("--map", default=os.path.join(ROOT, "tests", "data", "ait-alerts.yaml"))
    p.add_argument("--data", help="folder of the CSVs; default: $TOCSIN_CORPORA/ait-alerts")
    p.add_argument("--min-state", default="watch", choices=["watch", "warn", "imminent",
                                                            "destruction"])
    p.add_argument("--jsonl", action="append", default=[], metavar="SCENARIO=FILE",
                   help="score this output instead of running tocsin")
    p.add_argument("--option", action="append", default=[], help="one more argument for tocsin hunt")
    p.add_argument("--verbose", "-v", type=int, nargs="?", const=8, default=0, metavar="N",
                   help="list the incidents with their N most frequent alerts")
    return p.parse_args(argv)


def scenarios_in(folder):
    suffixes = ("_alerts.csv", "_alerts.csv.gz")
    return {f[:f.index("_alerts.csv")]: os.path.join(folder, f)
            for f in sorted(os.listdir(folder)) if f.endswith(suffixes)}


def main(argv=None):
    args = arguments(argv)
    folder = args.data or os.path.join(os.environ.get("TOCSIN_CORPORA", ""), "ait-alerts")
    if not os.path.isdir(folder):
        print("skipped: no AIT alerts; TOCSIN_CORPORA or --data names their folder")
        return 77
    with open(os.path.join(folder, "attack-phases.json"), encoding="utf-8") as f:
        phases = json.load(f)
    saved = dict(s.split("=", 1) for s in args.jsonl)
    files, scores = scenarios_in(folder), []
    for name in args.scenario or list(files):
        if name not in files:
            sys.exit(f"ait.py: there is no scenario {name} in {folder}")
        if name in saved:
            with open(saved[name], "rb") as f:
                lines = f.read().splitlines()
        else:
            lines = run_tocsin(args, files[name])
        scores.append(score(name, Rows(read_rows(files[name])), incidents_of(lines),
                            phases.get(name, {}), STATES[args.min_state]))
        show(scores[-1], args.verbose)
    print(json.dumps(summary(scores, STATES[args.min_state]), sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
