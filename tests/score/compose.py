#!/usr/bin/env python3
"""tests/score/compose.py - one intrusion from first guess to wipe, composed of recorded pieces.

No public recording runs that far.  compose(corpora, tocsin, folder, variant) takes pieces of the
recordings with the benign rest of them, gives them one company, moves them in time, and leaves one
HOST.jsonl for each host, README (that it is composed, and from what) and truth.json.

  spray, WinRM    purplesharp_ad_playbook_I         CL05 -> CL06, CL07, DC01
  credentials     LSASS_campaign_01                 on CL06
  lateral         empire_smbexec, empire_psremoting CL06 -> FS01, DB01
  impair          a WMIC Defender exclusion, 1102   FS01, DB01 (SigmaHQ regression, EVTX-ATTACK-SAMPLES)
  destroy         vssadmin, wbadmin, bcdedit        FS01, DB01 (EVTX-ATTACK-SAMPLES)
  encryption      nobody recorded one: written here

Variants: hours (all within six), months (access in month 0, moves in 12, wipe in 14), handoff (another
account from another address takes over after the credentials; nothing but hosts joins the two).
"""
import copy
import json
import os
import re
import subprocess
import sys
import zipfile

import common

LM = "security-datasets/atomic/windows/lateral_movement/host/"
CA = "security-datasets/atomic/windows/credential_access/host/"
SID = "S-1-5-21-2907710334-1178242105-3380125518"
SHIRE, PANDA = "S-1-5-21-2323213074-4052461197-1785501644", "S-1-5-21-1939123204-1418869057-2368897034"
COMPANY = {"theshire.local": "elbwerft.example", "theshire": "ELBWERFT", "pandalab.com":
           "elbwerft.example", "pandalab": "ELBWERFT", "mordordc": "DC01", "172.18.38.5": "10.44.2.10"}
STOLEN, BYSTANDER, DESK = "h.carlsen", "k.lorenz", "10.44.1.6"
VARIANTS = {
    "hours": {"spray": "2026-06-09T08:00:00Z", "credentials": "2026-06-09T09:30:00Z",
              "lateral": "2026-06-09T11:00:00Z", "impair": "2026-06-09T12:40:00Z",
              "destroy": "2026-06-09T13:30:00Z"},
    "months": {"spray": "2025-04-01T20:00:00Z", "credentials": "2026-04-07T19:30:00Z",
               "lateral": "2026-04-07T20:30:00Z", "impair": "2026-06-09T22:00:00Z",
               "destroy": "2026-06-09T22:40:00Z"},
    "handoff": {"spray": "2026-06-07T08:00:00Z", "credentials": "2026-06-07T09:30:00Z",
                "lateral": "2026-06-09T19:00:00Z", "impair": "2026-06-09T21:00:00Z",
                "destroy": "2026-06-09T21:40:00Z"}}
TIMES = ("@timestamp", "EventTime", "EventReceivedTime", "UtcTime", "CreationUtcTime", "TimeCreated",
         "PreviousCreationUtcTime", "ProcessCreationTime")


def people(variant):
    """(account, address) of who moves laterally."""
    return ("x.meller", "10.44.9.99") if variant == "handoff" else ("adm.brink", DESK)


def sid(user):
    return "%s-%d" % (SID, 2000 + sum(user.encode()))


class Rewriter:
    """Names of one recording to those of the company, anywhere in the line.  Plain replacing of the
    spellings that logs use is twenty times as fast as one pattern that ignores case."""

    def __init__(self, names):
        self.plain, self.numbers = [], []
        for old, new in sorted({**COMPANY, **names}.items(), key=lambda x: -len(x[0])):
            if old[0].isdigit():
                self.numbers.append((old, re.compile(r"(?<![\d.])%s(?!\d)" % re.escape(old)), new))
            else:
                self.plain += [(one, new) for one in dict.fromkeys(
                    (old, old.lower(), old.upper(), old.capitalize(), old.title()))]

    def text(self, text):
        for old, new in self.plain:
            text = text.replace(old, new)
        for old, pattern, new in self.numbers:
            if old in text:
                text = pattern.sub(new, text)
        return text


class Composer:
    def __init__(self, corpora, tocsin):
        self.corpora, self.tocsin = corpora, tocsin
        self.records = {}  # host -> [(time, order, object)]
        self.order = 0
        self.sources, self.match, self.techniques, self.must_not, self.noise = [], [], [], [], []

    def put(self, host, when, one):
        self.order += 1
        self.records.setdefault(common.short(host), []).append((when, self.order, one))

    def lines(self, path):
        """Lines of the one JSON file in a zip, or in the zips of a folder."""
        full = os.path.join(self.corpora, path)
        zips = [full] if full.endswith(".zip") else [os.path.join(full, n)
                                                     for n in sorted(os.listdir(full))]
        for name in zips:
            with zipfile.ZipFile(name) as archive:
                for member in archive.namelist():
                    if member.endswith(".json") and not member.startswith("__MACOSX"):
                        with archive.open(member) as f:
                            for line in f:
                                yield line.decode("utf-8", "replace")

    def piece(self, truth_name, start, names, keep=lambda one, when: True, background=False):
        """A recording from `start` on, its truth with it."""
        here = os.path.dirname(os.path.abspath(__file__))
        truth = common.load_truth(os.path.join(here, "truth", truth_name + ".json"))
        rewriter, shift, last = Rewriter(names), None, None
        for line in self.lines(truth["paths"][0]):
            raw = json.loads(line)
            when = common.seconds(raw["@timestamp"])
            if not keep(raw, when):
                continue
            if shift is None:
                shift = common.seconds(start) - when
            one = json.loads(rewriter.text(line))
            move(one, shift)
            host = one.get("Hostname") or one.get("host")
            self.put(host, when + shift, one)
            last = max(last or when, when)
        self.sources.append("%s: %s" % (truth["paths"][0], "background only" if background else
                                        truth["about"]))
        if not background:
            self.adopt(truth, rewriter, shift, common.seconds(start), last + shift)

    def adopt(self, truth, rewriter, shift, begin, end):
        """The piece's truth, renamed and within its time."""
        def renamed(predicates):
            bounds = {"from": common.rfc3339(begin - 1), "to": common.rfc3339(end + 60)}
            for p in json.loads(rewriter.text(json.dumps(predicates))):
                if "from" in p or "to" in p:
                    p = {**p, **{k: common.rfc3339(common.seconds(p[k]) + shift)
                                 for k in ("from", "to") if k in p}}
                yield {**bounds, **p}
        true = truth["incidents"][0]
        self.match += renamed(true["match"])
        self.noise += renamed(truth["noise_ok"])
        self.must_not += [{"name": json.loads(rewriter.text(json.dumps(m["name"]))),
                           "match": list(renamed(m["match"]))} for m in truth["must_not_join"]]
        for t in true["techniques"]:
            t = json.loads(rewriter.text(json.dumps(t)))
            t.update(t=common.rfc3339(common.seconds(t["t"]) + shift), record=None)
            if begin <= common.seconds(t["t"]) <= end:
                self.techniques.append(t)

    def decoded(self, path, wanted):
        """Records of an EVTX file by number, as tocsin dump writes them."""
        done = subprocess.run([self.tocsin, "dump", "--quiet", os.path.join(self.corpora, path)],
                              stdout=subprocess.PIPE, check=True)
        found = {}
        for line in done.stdout.decode().splitlines():
            one = json.loads(line)
            number = one["Event"]["System"]["EventRecordID"]
            if number in wanted and number not in found:
                found[number] = one
        self.sources.append("%s: records %s" % (path, ", ".join(map(str, sorted(found)))))
        return [found[n] for n in wanted]

    def graft(self, template, host, when, user, luid, **data):
        """One decoded record as if `user` had done it there and then."""
        one = copy.deepcopy(template)
        system = one["Event"]["System"]
        system["Computer"] = host + ".elbwerft.example"
        system["TimeCreated"]["#attributes"]["SystemTime"] = common.rfc3339(when)
        fields = one["Event"].get("EventData") or one["Event"]["UserData"]["LogFileCleared"]
        new = {"UtcTime": common.rfc3339(when)[:-4].replace("T", " "), "User": "ELBWERFT\\" + user,
               "ParentUser": "ELBWERFT\\" + user, "LogonId": luid, "SubjectLogonId": luid,
               "SubjectUserName": user, "SubjectDomainName": "ELBWERFT", "SubjectUserSid": sid(user)}
        fields.update({k: v for k, v in {**new, **data}.items() if k in fields or k in data})
        self.put(host, when, one)
        return one

    def act(self, host, when, tech, what, event_ids):
        """Techniques and predicates of grafted records; their numbers come with write()."""
        self.techniques.append({"t": common.rfc3339(when), "tech": tech, "host": host, "record": None,
                                "what": what})
        self.match.append({"host": host, "event_id": event_ids, "from": common.rfc3339(when - 1),
                           "to": common.rfc3339(when + 60)})

    def write(self, folder, truth, about):
        os.makedirs(folder, exist_ok=True)
        for host, rows in sorted(self.records.items()):
            counts = {}
            with open(os.path.join(folder, host + ".jsonl"), "w", encoding="utf-8") as f:
                for _, _, one in sorted(rows, key=lambda r: r[:2]):
                    log = one["Event"]["System"]["Channel"] if "Event" in one else one["Channel"]
                    counts[log.lower()] = counts.get(log.lower(), 1000) + 1
                    if "Event" in one:
                        one["Event"]["System"]["EventRecordID"] = counts[log.lower()]
                    else:
                        one["RecordNumber"] = counts[log.lower()]
                    f.write(json.dumps(one, sort_keys=True) + "\n")
        with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as f:
            json.dump(truth, f, indent=1)
            f.write("\n")
        with open(os.path.join(folder, "README"), "w", encoding="utf-8") as f:
            f.write(about + "\n" + "\n".join("- " + s for s in self.sources) + "\n")


def move(one, shift):
    """All times of a flat record, each in the form it has."""
    for key in TIMES:
        text = one.get(key)
        if not isinstance(text, str) or len(text) < 19 or not text[:4].isdigit():
            continue
        when = common.rfc3339(common.seconds(text.replace(" ", "T")) + shift)
        moved = when[:len(text.rstrip("Z"))] + ("Z" if text.endswith("Z") else "")
        one[key] = moved if "T" in text else moved.replace("T", " ")


def before_report(one, when):
    """LSASS_campaign_01 without the recorder: its log clearing and its trace report at the end, and
    without the download, which has no place after a logon over the network."""
    return (one.get("EventID") != 104 and when < common.seconds("2023-08-15T09:58:20Z")
            and "0x87879e" not in (one.get("LogonId"), one.get("SubjectLogonId"))
            and not ("msedge" in one.get("Image", "") and "Downloads" in one.get("TargetFilename", "")))


def first_acts(c, times):
    c.piece("purplesharp_ad_playbook_I", times["spray"], {
        "workstation5": "CL05", "workstation6": "CL06", "workstation7": "CL07", "pgustavo": STOLEN,
        SHIRE + "-1104": sid(STOLEN), SHIRE: SID, "172.18.39.5": "10.44.1.5", "172.18.39.6": DESK,
        "172.18.39.7": "10.44.1.7", "purplesharp.exe": "upd.exe"})
    c.match.append({"Image": ".*upd\\.exe"})
    c.piece("LSASS_campaign_01", times["credentials"], {
        "mkt01": "CL06", "pedro.gustavo": STOLEN, "pedro~1.gus": "HCARLS~1.IL", "stevie.marie": BYSTANDER,
        PANDA + "-1105": sid(STOLEN), PANDA: SID, "192.168.1.41": DESK, "10.0.5.13": "198.51.100.23"},
        keep=before_report)


def lateral(c, times, variant):
    mover, ip = people(variant)
    when = common.seconds(times["lateral"])
    who = {"pgustavo": mover, SHIRE + "-1104": sid(mover), SHIRE: SID}
    desk = {**who, "workstation5": "CL06", "172.18.39.5": DESK}
    if variant == "handoff":  # first onto a host of the first intruder, from a host nobody knows
        c.piece("empire_wmi_dcerpc_wmi_IWbemServices_ExecMethod", common.rfc3339(when - 1800),
                {**who, "workstation6": "CL06", "172.18.39.6": DESK, "172.18.39.5": ip,
                 "workstation5": "LAPTOP-9"}, keep=lambda one, _: "WORKSTATION5" not in one["Hostname"])
    c.piece("empire_smbexec_dcerpc_smb_svcctl", times["lateral"],
            {**desk, "workstation6": "FS01", "172.18.39.6": "10.44.2.21"})
    c.piece("empire_psremoting_stager", common.rfc3339(when + 1200),
            {**desk, "workstation6": "DB01", "172.18.39.6": "10.44.2.31"})
    c.piece("covenant_dcsync_dcerpc_drsuapi_DsGetNCChanges",
            common.rfc3339(common.seconds(times["impair"]) - 30),
            {SHIRE: SID, "pgustavo": BYSTANDER, "workstation5": "DB01", "workstation6": "FS01",
             "172.18.39.5": "10.44.2.31", "172.18.39.6": "10.44.2.21"}, background=True,
            keep=lambda one, _: "DC" not in one["Hostname"] and "pgustavo" not in json.dumps(one))


def end(c, times, variant):
    mover, _ = people(variant)
    attack = "evtx-attack-samples/"
    wmic = c.decoded("sigma-regression/rules/windows/process_creation/"
                     "proc_creation_win_wmic_namespace_defender", [75102])[0]
    cleared = c.decoded(attack + "Defense Evasion/DE_1102_security_log_cleared.evtx", [452811])[0]
    recovery = c.decoded(attack + "AutomatedTestingTools/PanacheSysmon_vs_AtomicRedTeam01.evtx",
                         [3638, 3639, 3641, 3642, 3649, 3650])
    wipe = common.seconds(times["destroy"])
    for i, host in enumerate(("FS01", "DB01")):
        luid, when = "0x5a7%d4e" % i, common.seconds(times["impair"]) + i * 420
        logon(c, host, when - 20, mover, luid)
        c.graft(wmic, host, when, mover, luid, ProcessGuid="0197231E-013C-6940-330%d-000000000D00" % i)
        c.act(host, when, "T1562.001", "Defender exclusion by WMIC", "1")
        c.graft(cleared, host, when + 90, mover, luid)
        c.act(host, when + 90, "T1070.001", "Security log cleared", "1102")
        for n, one in enumerate(recovery):
            c.graft(one, host, wipe + i * 300 + n * 3, mover, luid)
        c.act(host, wipe + i * 300, "T1490", "shadow copies, backup catalog, boot recovery", "1")
        template = {"Event": {"System": dict(wmic["Event"]["System"], EventID=11, TimeCreated={
            "#attributes": {}}), "EventData": {"UtcTime": "", "ProcessGuid": "", "ProcessId": 5120,
                                               "Image": "C:\\ProgramData\\enc.exe", "User": "",
                                               "TargetFilename": ""}}}
        for n in range(30):
            c.graft(template, host, wipe + 1200 + i * 60 + n * 0.5, mover, luid,
                    TargetFilename="D:\\share\\drawing-%03d.dwg.locked" % n)
        c.act(host, wipe + 1200 + i * 60, "T1486", "files encrypted (written, not recorded)", "11")
    c.sources.append("encryption: 30 Sysmon 11 records a host, and the logons before `impair`, written "
                     "by compose.py")


def logon(c, host, when, user, luid):
    """A network logon with administrator's rights before the last acts, written here."""
    for event_id, data in ((4624, {"TargetUserName": user, "TargetDomainName": "ELBWERFT",
                                   "TargetUserSid": sid(user), "TargetLogonId": luid, "LogonType": 3,
                                   "IpAddress": DESK, "WorkstationName": "-"}),
                           (4672, {"SubjectUserName": user, "SubjectDomainName": "ELBWERFT",
                                   "SubjectUserSid": sid(user), "SubjectLogonId": luid,
                                   "PrivilegeList": "SeDebugPrivilege"})):
        c.put(host, when, {"Event": {"System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
            "EventID": event_id, "EventRecordID": 0, "Channel": "Security",
            "Computer": host + ".elbwerft.example",
            "TimeCreated": {"#attributes": {"SystemTime": common.rfc3339(when)}}}, "EventData": data}})


def compose(corpora, tocsin, folder, variant):
    """Writes the case; its truth."""
    times, c = VARIANTS[variant], Composer(corpora, tocsin)
    first_acts(c, times)
    lateral(c, times, variant)
    end(c, times, variant)
    truth = {"about": "Composed of recorded pieces by tests/score/compose.py (%s)." % variant,
             "marks": {"warn_before_destruction": True},
             "incidents": [{"id": "wipe", "accounts": [STOLEN, people(variant)[0]],
                            "hosts": ["CL05", "CL06", "CL07", "DC01", "FS01", "DB01"],
                            "seen_without_logs": ["WEC"],
                            "origin": {"host": "CL05", "account": STOLEN, "address": "10.44.1.5"},
                            "techniques": sorted(c.techniques, key=lambda t: t["t"]),
                            "destructive_at": times["destroy"], "match": c.match}],
             "noise_ok": c.noise, "must_not_join": c.must_not}
    c.write(folder, truth, "Composed case, variant %s: recorded pieces under one set of made-up names, "
            "moved in time.\nNo such intrusion was recorded as a whole." % variant)
    return truth


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in VARIANTS:
        sys.exit("usage: compose.py TOCSIN FOLDER " + "|".join(VARIANTS) + "  (with TOCSIN_CORPORA set)")
    compose(os.environ["TOCSIN_CORPORA"], sys.argv[1], sys.argv[2], sys.argv[3])
