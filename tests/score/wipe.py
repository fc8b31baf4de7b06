#!/usr/bin/env python3
"""tests/score/wipe.py - a network lost, all of it made up: from guessed passwords to deleted backups
and encrypted files, in three ways.

  hours    all within six hours, one pair of stolen accounts
  months   access in month 0, moves in month 12, wipe in month 14
  handoff  another account from another address with other tools takes over at the lateral stage;
           nothing but the hosts joins the two

write(folder, variant) leaves HOST.jsonl files and truth.json, which it also returns.  The order of the
stages follows what CISA and others published about destructive intrusions (research: ATT&CK campaign
C0038); no record of it is from a real log.  Background: benign.py on the same hosts.
"""
import json
import os
import sys

import benign
import common
from winlog import SYSTEM32, Logs, at

VARIANTS = ("hours", "months", "handoff")
OUTSIDE, DESK, STRANGER = "203.0.113.58", "10.31.4.11", "10.31.9.77"
ADDRESS = {"GW01": "10.31.1.5", "WS11": DESK, "FS02": "10.31.2.22", "DB03": "10.31.2.33",
           "DC01": "10.31.2.10"}
ACCOUNTS = ("a.berg b.voss c.lind d.wolter e.krueger f.sand g.peters h.dahl i.meyer j.brandt k.roth "
            "l.stein m.vogt n.kern o.thiel p.hahn r.ebert s.noll t.frey u.winter").split()
TIMES = {  # when each act begins
    "hours": {"spray": "2026-05-12T09:02:00Z", "foothold": "2026-05-12T09:31:00Z",
              "credentials": "2026-05-12T10:40:00Z", "lateral": "2026-05-12T12:05:00Z",
              "impair": "2026-05-12T14:20:00Z", "destroy": "2026-05-12T14:48:00Z"},
    "months": {"spray": "2025-03-04T20:11:00Z", "foothold": "2025-03-05T21:02:00Z",
               "credentials": "2026-03-10T19:30:00Z", "lateral": "2026-03-10T20:44:00Z",
               "impair": "2026-05-15T22:10:00Z", "destroy": "2026-05-15T22:41:00Z"},
    "handoff": {"spray": "2026-05-11T09:02:00Z", "foothold": "2026-05-11T09:31:00Z",
                "credentials": "2026-05-11T10:40:00Z", "lateral": "2026-05-13T21:05:00Z",
                "impair": "2026-05-13T22:20:00Z", "destroy": "2026-05-13T22:48:00Z"}}


class Case:
    """The acts of the case, each of which notes its techniques."""

    def __init__(self, variant, seed):
        self.variant, self.logs, self.techniques = variant, Logs(seed), []
        self.time = {k: at(v) for k, v in TIMES[variant].items()}
        self.first, self.second = "j.brandt", "svc-deploy"
        self.mover, self.mover_ip = (self.second, DESK)
        if variant == "handoff":
            self.mover, self.mover_ip = "ext-lund", STRANGER

    def note(self, when, tech, host, what):
        self.techniques.append({"t": common.rfc3339(when), "tech": tech, "host": host,
                                "record": None, "what": what})

    def spray(self):
        """Twenty accounts, two passwords, one address, on the remote-desktop gateway; one works."""
        t, logs = self.time["spray"], self.logs
        self.note(t, "T1110.003", "GW01", "20 accounts, two passwords each, from " + OUTSIDE)
        for turn in (0, 1):
            for i, user in enumerate(ACCOUNTS):
                when = t + turn * 700 + i * 4 + logs.random.random()
                if not (turn == 1 and user == self.first):
                    logs.failed("GW01", when, user, OUTSIDE, workstation="KALI")
                    logs.preauth_failed(when + 0.02, user, ADDRESS["GW01"])
        self.note(t + 800, "T1078", "GW01", "the second password is right for " + self.first)
        self.session = logs.logon("GW01", t + 800, self.first, OUTSIDE, kind=10)

    def foothold(self):
        """From the gateway to a desk over WinRM; who is who in the domain."""
        t, logs = self.time["foothold"], self.logs
        self.note(t, "T1021.006", "WS11", "WinRM from GW01")
        luid = logs.logon("WS11", t, self.first, ADDRESS["GW01"], admin=True)
        host = logs.process("WS11", t + 1, self.first, luid, SYSTEM32 + "wsmprovhost.exe",
                            SYSTEM32 + "wsmprovhost.exe -Embedding", SYSTEM32 + "svchost.exe")
        shell = logs.process("WS11", t + 3, self.first, luid, SYSTEM32 + "cmd.exe", "cmd.exe", host)
        logs.process("WS11", t + 9, self.first, luid, SYSTEM32 + "whoami.exe", "whoami /all", shell)
        self.note(t + 30, "T1069.002", "WS11", "net group \"domain admins\" /domain")
        logs.process("WS11", t + 30, self.first, luid, SYSTEM32 + "net.exe",
                     "net group \"domain admins\" /domain", shell)
        logs.process("WS11", t + 55, self.first, luid, SYSTEM32 + "nltest.exe",
                     "nltest /dclist:" + "elbwerft.example", shell)
        reach = logs.logon("FS02", t + 300, self.first, DESK)
        logs.share("FS02", t + 300.2, self.first, reach, DESK, "projects")

    def credentials(self):
        """LSASS of the desk, where an account of software deployment had logged on."""
        t, logs = self.time["credentials"], self.logs
        logs.bad = False
        logs.logon("WS11", t - 7200, self.second, ADDRESS["FS02"], admin=True)
        logs.bad = True
        luid = logs.logon("WS11", t - 20, self.first, ADDRESS["GW01"], admin=True)
        tool = logs.process("WS11", t - 5, self.first, luid, "C:\\Users\\Public\\upd.exe",
                            "upd.exe -d out.bin", SYSTEM32 + "wsmprovhost.exe")
        self.tool = tool
        self.note(t, "T1003.001", "WS11", "upd.exe opens LSASS with 0x1410")
        logs.opens("WS11", t, tool, "C:\\Windows\\system32\\lsass.exe", "0x1410", self.first)

    def lateral(self):
        """Two servers by a service (or by RDP and a service, where another hand has taken over)."""
        t, logs = self.time["lateral"], self.logs
        self.hands = {}
        for i, host in enumerate(("FS02", "DB03")):
            when = t + i * 420
            if self.variant == "handoff":
                self.note(when, "T1021.001", host, "RDP of %s from %s" % (self.mover, STRANGER))
                luid = logs.logon(host, when, self.mover, STRANGER, kind=10, admin=True)
                logs.service(host, when + 60, self.mover, luid, "meshsvc",
                             "cmd.exe /c C:\\ProgramData\\mesh\\run.cmd", None)
            else:
                logs.connects("WS11", when - 0.5, self.tool, self.first, DESK, ADDRESS[host], 445)
                luid = logs.logon(host, when, self.mover, self.mover_ip, admin=True)
                self.note(when + 60, "T1021.002", host, "svcctl from " + self.mover_ip)
                logs.service(host, when + 60, self.mover, luid, "wsupd%d" % i,
                             "%COMSPEC% /c powershell -nop -f C:\\Windows\\Temp\\u.ps1",
                             self.mover_ip)
            self.note(when + 60, "T1569.002", host, "a service that runs a command interpreter")
            shell = logs.process(host, when + 61, "SYSTEM", "0x3e7", SYSTEM32 + "cmd.exe",
                                 "cmd.exe /c start", SYSTEM32 + "services.exe")
            self.hands[host] = (luid, shell)

    def again(self, host, when):
        """The mover's session and shell on the host; new ones if weeks have passed."""
        if self.variant == "months":
            luid = self.logs.logon(host, when - 5, self.mover, self.mover_ip, admin=True)
            return luid, self.logs.process(host, when - 4, self.mover, luid, SYSTEM32 + "cmd.exe",
                                           "cmd.exe", SYSTEM32 + "wsmprovhost.exe")
        return self.hands[host]

    def impair(self):
        """Defender off and the Security log cleared, on both servers."""
        t, logs = self.time["impair"], self.logs
        for i, host in enumerate(("FS02", "DB03")):
            when = t + i * 240
            luid, shell = self.again(host, when)
            logs.process(host, when, self.mover, luid, SYSTEM32 + "sc.exe",
                         "sc stop WinDefend", shell)
            logs.defender(host, when + 2, 5001)
            self.note(when + 2, "T1562.001", host, "real-time protection off")
            logs.cleared(host, when + 60, self.mover, luid)
            self.note(when + 60, "T1070.001", host, "Security log cleared")
            self.hands[host] = (luid, shell)

    def destroy(self):
        """What a restore needs, then the files."""
        t, logs = self.time["destroy"], self.logs
        for i, host in enumerate(("FS02", "DB03")):
            when = t + i * 300
            luid, shell = self.hands[host]
            self.note(when, "T1490", host, "shadow copies deleted")
            logs.process(host, when, self.mover, luid, SYSTEM32 + "vssadmin.exe",
                         "vssadmin delete shadows /all /quiet", shell)
            logs.process(host, when + 15, self.mover, luid, SYSTEM32 + "wbadmin.exe",
                         "wbadmin delete catalog -quiet", shell)
            logs.process(host, when + 20, self.mover, luid, SYSTEM32 + "bcdedit.exe",
                         "bcdedit /set {default} recoveryenabled no", shell)
        for i, host in enumerate(("FS02", "DB03")):
            when = t + 1500 + i * 120
            luid, shell = self.hands[host]
            tool = logs.process(host, when, self.mover, luid, "C:\\ProgramData\\enc.exe",
                                "enc.exe -p D:\\", shell)
            self.note(when + 1, "T1486", host, "files encrypted")
            for n in range(40):
                logs.file(host, when + 1 + n * 0.2, tool, "D:\\projects\\hull-%03d.dwg.locked" % n,
                          self.mover)

    def play(self):
        self.logs.bad = True
        for act in ("spray", "foothold", "credentials", "lateral", "impair", "destroy"):
            getattr(self, act)()
        self.logs.bad = False
        return self.logs

    def truth(self):
        accounts = [self.first, self.mover]
        return {"about": "All of this is made up by tests/score/wipe.py (%s)." % self.variant,
                "marks": {"warn_before_destruction": True},
                "incidents": [{"id": "wipe", "accounts": accounts,
                               "hosts": ["GW01", "WS11", "FS02", "DB03"],
                               "origin": {"host": "GW01", "account": self.first,
                                          "address": OUTSIDE},
                               "techniques": self.techniques,
                               "destructive_at": common.rfc3339(self.time["destroy"]),
                               "match": self.logs.truth_match()}],
                "noise_ok": [],
                "must_not_join": [
                    {"name": "administration", "match": [
                        {"account": "|".join((benign.ADMIN, benign.HELP, benign.BACKUP,
                                              benign.INVENTORY, benign.DEVELOPER))}]},
                    {"name": "scanner and a phone's old password", "match": [
                        {"IpAddress": "(::ffff:)?(%s|10\\.31\\.7\\.14)"
                         % benign.SCANNER.replace(".", "\\.")}]}]}


def write(folder, variant, seed=7):
    case = Case(variant, seed)
    logs = case.play()
    days = sorted({TIMES[variant][k][:10] for k in ("spray", "credentials", "lateral", "destroy")})
    for date in days:
        benign.fill(logs, sorted(ADDRESS), date, days=1, addresses=ADDRESS)
    logs.write(folder)
    truth = case.truth()
    with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as f:
        json.dump(truth, f, indent=1)
        f.write("\n")
    with open(os.path.join(folder, "README"), "w", encoding="utf-8") as f:
        f.write("Synthetic: every record here was made up by tests/score/wipe.py, variant %s, seed %d.\n"
                "Nothing of it is from a real network.\n" % (variant, seed))
    return truth


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in VARIANTS:
        sys.exit("usage: wipe.py FOLDER " + "|".join(VARIANTS))
    write(sys.argv[1], sys.argv[2])
