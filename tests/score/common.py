"""tests/score/common.py - what the scorers share: run the program, read its incidents, compare.

A truth file (truth/*.json) says what happened in a set:

  incidents      [{id, accounts, hosts, origin{host, account}, techniques[{t, tech, host, record}],
                 destructive_at, match[]}]
  noise_ok       [] of predicates: what the recorder itself did; in or out of an incident, both right
  must_not_join  [{name, match[]}]: must be in no incident that covers one of the truth

A predicate is an object of field -> regular expression (whole value, any case); all must hold.  Fields
are those of view() below or of the event itself (SubjectLogonId, CommandLine ...); "from" and "to" bound
the event time.  Measures are plain functions on plain lists and sets: test_common.py holds their values
worked out by hand.
"""
import collections
import datetime
import json
import os
import re
import subprocess
import tempfile

LEVELS = ("informational", "low", "medium", "high", "critical")
STATES = ("watch", "warn", "imminent", "destruction seen")


# ---- running and reading

def hunt(tocsin, paths, rules=(), more=()):
    """(findings, incidents, summary) of one run, in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="tocsin-score-") as home:
        env = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
        env.update(HOME=home, LC_ALL="C.UTF-8")
        out = os.path.join(home, "out.jsonl")
        args = [tocsin, "hunt", "--quiet", "--format", "jsonl", "--output", out, *more]
        for folder in rules:
            args += ["--rules", folder]
        done = subprocess.run([*args, *paths], env=env, stderr=subprocess.PIPE, timeout=300, check=False)
        # damaged samples are lost in part, which has a status of its own; a run that ended has a summary
        result = read_output(out) if done.returncode in (0, 1, 2, 3) and os.path.exists(out) else ([], [], {})
        if not result[2]:
            raise SystemExit("tocsin hunt: %d: %s" % (done.returncode,
                                                      done.stderr.decode("utf-8", "replace")))
        return result


def read_output(path):
    """(findings, incidents, summary) of the lines of a file."""
    findings, incidents, summary = [], [], {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            kind = one["tocsin"]["kind"]
            if kind == "finding":
                findings.append(one)
            elif kind == "incident":
                incidents.append(Incident(one))
            elif kind == "summary":
                summary = one["tocsin"]
    return findings, incidents, summary


class Incident:
    """One incident object, with the names folded for comparing."""

    def __init__(self, one):
        self.raw = one["tocsin"]["incident"]
        self.id = self.raw["id"]
        self.state = state_number(self.raw["state"])
        self.chain = self.raw.get("chain", [])
        self.hosts = {short(x) for x in listed(one.get("host", {}).get("name"))}
        self.accounts = {account(x) for x in listed(one.get("user", {}).get("name"))}
        self.addresses = set(listed(one.get("source", {}).get("ip")))
        self.origin = self.raw.get("origin") or {}

    def reached(self, state):
        """Event time of the first transition to this state or above; None: never."""
        times = [seconds(x["time"]) for x in self.raw.get("transitions", [])
                 if state_number(x["state"]) >= state]
        return min(times) if times else None

    def techniques(self):
        """In the order of the chain, each run of equal ones once."""
        out = []
        for link in sorted(self.chain, key=lambda x: seconds(x["time"])):
            out += [v18(t) for t in listed(link.get("technique"))]
        return [t for i, t in enumerate(out) if i == 0 or out[i - 1] != t]


def listed(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def state_number(name):
    """0 none, 1 watch ... 4 destruction seen."""
    name = str(name).lower()
    if name.startswith("destr"):
        return 4
    return STATES.index(name) + 1 if name in STATES else 0


def seconds(text):
    """Seconds since 1970 of an RFC 3339 time."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", str(text)).replace("Z", "+00:00")
    when = datetime.datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)).timestamp()


def rfc3339(secs):
    when = datetime.datetime.fromtimestamp(secs, datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + "%06dZ" % when.microsecond


def short(host):
    """WORKSTATION6 for workstation6.theshire.local; addresses stay."""
    host = str(host).strip().rstrip("$").upper()
    return host if re.fullmatch(r"[\d.]+|.*:.*", host) else host.split(".")[0]


def account(name):
    r"""PGUSTAVO for THESHIRE\pgustavo and pgustavo@theshire.local."""
    return str(name).split("\\")[-1].split("@")[0].strip().upper()


# Numbers that changed in ATT&CK v19; truth files are written with v18 numbers.
V18 = {"T1685": "T1562.001", "T1685.001": "T1562.002", "T1685.002": "T1562.008",
       "T1685.005": "T1070.001", "T1685.006": "T1070.002", "T1686": "T1562.004",
       "T1689": "T1562.010", "T1684.001": "T1656"}


def v18(technique):
    return V18.get(technique.upper(), technique.upper())


# ---- truth

def load_truth(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def view(finding):
    """The finding as a flat object that predicates are tried on."""
    log, data = finding.get("winlog", {}), finding.get("winlog", {}).get("event_data") or {}
    user = finding.get("user", {})
    flat = {k: str(v) for k, v in data.items()}
    flat.update(host=short(finding.get("host", {}).get("name", "")),
                account=account(user.get("name", "")), rule=finding["rule"].get("uuid", ""),
                title=finding["rule"].get("name", ""), channel=str(log.get("channel", "")),
                record=str(log.get("record_id", "")), event_id=str(log.get("event_id", "")),
                level=finding["tocsin"].get("level", ""))
    flat["time"] = seconds(finding["@timestamp"]) if "@timestamp" in finding else None
    return flat


def holds(predicate, flat):
    for key, want in predicate.items():
        if key in ("from", "to"):
            if flat["time"] is None or (key == "from") != (flat["time"] >= seconds(want)):
                return False
        elif key not in flat or not re.fullmatch(want, flat[key], re.IGNORECASE):
            return False
    return True


def label(truth, finding):
    """Id of the truth's incident, "noise" (recorder), "not:NAME" (must not join) or None."""
    flat = view(finding)
    for item in truth.get("must_not_join", []):
        if any(holds(p, flat) for p in item["match"]):
            return "not:" + item["name"]
    if any(holds(p, flat) for p in truth.get("noise_ok", [])):
        return "noise"
    for one in truth["incidents"]:
        if any(holds(p, flat) for p in one["match"]):
            return one["id"]
    return None


def place(findings, incidents):
    """For each finding the id of the incident it is in, or None.

    A link shows the first of its detections exactly and the rest by their count; those are placed by
    rule, host and account within the link's first and last time."""
    exact, spans = {}, collections.defaultdict(list)
    for one in incidents:
        for link in one.chain:
            evidence = link.get("evidence") or {}
            rule = rule_of(link)
            exact[(rule, evidence.get("file"), evidence.get("offset"))] = one.id
            spans[(rule, short(link.get("host") or ""))].append(
                (seconds(link["time"]), seconds(link.get("last") or link["time"]),
                 account(link.get("account") or ""), one.id))
    out = []
    for finding in findings:
        flat = view(finding)
        log = finding.get("log", {})
        key = (flat["rule"], log.get("file", {}).get("path"), log.get("offset"))
        found = exact.get(key)
        if found is None and flat["time"] is not None:
            near = [s for s in spans[(flat["rule"], flat["host"])] if s[0] <= flat["time"] <= s[1]]
            same = [s for s in near if s[2] == flat["account"]]
            found = (same or near or [(0, 0, "", None)])[0][3]
        out.append(found)
    return out


def rule_of(link):
    """The rule's id of a chain link: a text, or an object with uuid or id."""
    rule = link.get("rule")
    if isinstance(rule, dict):
        return rule.get("uuid") or rule.get("id") or ""
    return rule or ""


# ---- measures

def jaccard(a, b):
    a, b = set(a), set(b)
    return len(a & b) / len(a | b) if a | b else 1.0


def lcs(a, b):
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def b_cubed(classes, clusters):
    """(precision, recall) over items; two lists side by side.  None in `clusters`: alone in a
    cluster; None in `classes`: of a class of its own."""
    classes = [c if c is not None else ("own", i) for i, c in enumerate(classes)]
    clusters = [c if c is not None else ("own", i) for i, c in enumerate(clusters)]
    if not classes:
        return 1.0, 1.0
    both = collections.Counter(zip(classes, clusters))
    of_class, of_cluster = collections.Counter(classes), collections.Counter(clusters)
    n = len(classes)
    pairs = list(zip(classes, clusters))
    return (sum(both[p] / of_cluster[p[1]] for p in pairs) / n,
            sum(both[p] / of_class[p[0]] for p in pairs) / n)


def pairwise(classes, clusters):
    """(precision, recall) over pairs of items; 1 where there is no pair to judge."""
    def pairs(counter):
        return sum(n * (n - 1) // 2 for n in counter.values())
    classes = [c if c is not None else ("own", i) for i, c in enumerate(classes)]
    clusters = [c if c is not None else ("own", i) for i, c in enumerate(clusters)]
    both = pairs(collections.Counter(zip(classes, clusters)))
    said, right = pairs(collections.Counter(clusters)), pairs(collections.Counter(classes))
    return both / said if said else 1.0, both / right if right else 1.0


def lead(incidents, state, destructive_at, hosts, accounts):
    """Seconds from the first transition to `state` or above, of an incident that names a host or an
    account of the truth, to the destruction; negative: too late; None: never."""
    hosts, accounts = {short(h) for h in hosts}, {account(a) for a in accounts}
    times = [t for t in (one.reached(state) for one in incidents
                         if one.hosts & hosts or one.accounts & accounts) if t is not None]
    return seconds(destructive_at) - min(times) if times and destructive_at else None


def table(rows, columns):
    """Rows of dicts as text; columns: (key, heading)."""
    cells = [[h for _, h in columns]] + [[shown(r.get(k)) for k, _ in columns] for r in rows]
    width = [max(len(r[i]) for r in cells) for i in range(len(columns))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, width)).rstrip() for r in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def shown(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "%.2f" % value if isinstance(value, float) else str(value)
