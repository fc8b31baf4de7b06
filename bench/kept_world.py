#!/usr/bin/env python3
"""bench/kept_world.py --out DIR [--findings N] - logs of which a hunt makes a store of N findings.

A company of 300 hosts and 1,500 accounts in thirty days, made up from a seed: every record is a finding
of one of 120 rules (levels and stages as rule sets have them, each rule mostly where it always fires),
programs, logons, tickets and guessed passwords, and twenty intrusions through all stages among them.
Writes DIR/rules, DIR/logs/HOST.jsonl (evtx_dump's shape) and single lines that a later hunt meets:
DIR/end.jsonl behind all that is there, DIR/middle.jsonl a fortnight before, DIR/dull.jsonl which is no
finding."""
import argparse
import os
import random

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOSTS, ACCOUNTS, RULES, INTRUSIONS, DAYS = 300, 1500, 120, 20, 30
START = 1767225600  # 2026-01-01
LEVELS = ("medium", "low", "informational", "low", "medium", "low", "medium", "high", "low", "medium")
TECHNIQUES = ("t1110", "t1059.001", "t1003.001", "t1021.002", "t1490")
SYSMON = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational")
SECURITY = ("Microsoft-Windows-Security-Auditing", "Security")
RULE = """title: Made up rule {i}
id: {id}
status: stable
description: Program {i} was begun.
author: nobody
level: {level}
tags: [attack.{technique}]
logsource: {{product: windows, category: process_creation}}
detection:
    selection:
        Image|endswith: '\\tool{i}.exe'
    condition: selection
"""
LOGONS = """title: Made up rule, {what}
id: {id}
status: stable
description: A record of {what}.
author: nobody
level: {level}
tags: [attack.{technique}]
logsource: {{product: windows, service: security}}
detection:
    selection:
        EventID: {event}
    condition: selection
"""


def rules(folder):
    os.makedirs(folder, exist_ok=True)
    for i in range(RULES):
        level = "critical" if i % 50 == 49 else LEVELS[i % 10]
        with open(os.path.join(folder, f"tool{i}.yml"), "w", encoding="ascii") as f:
            f.write(RULE.format(i=i, id=f"00000000-0000-4000-8000-{i:012d}", level=level,
                                technique=TECHNIQUES[i // 10 % 5]))
    for i, (what, event, level, technique) in enumerate((
            ("a logon", 4624, "informational", "t1078"), ("a guessed password", 4625, "low", "t1110"),
            ("a ticket", 4769, "informational", "t1558.003"))):
        with open(os.path.join(folder, f"logon{i}.yml"), "w", encoding="ascii") as f:
            f.write(LOGONS.format(what=what, event=event, level=level, technique=technique,
                                  id=f"00000000-0000-4000-8000-{RULES + i:012d}"))


class World:
    def __init__(self, folder, seed=7):
        self.random, self.folder, self.record = random.Random(seed), folder, {}
        self.files, self.serial = {}, 0

    def often(self, n):
        return self.random.randrange(self.random.randrange(n) + 1)

    @staticmethod
    def name(host):
        return f"HOST{host:03d}.elbwerft.example" if host else "DC01.elbwerft.example"

    def line(self, when, host, log, event, fields):
        key = (host, log[1])
        self.record[key] = self.record.get(key, 1000) + 1
        day, rest = divmod(int(when) - START, 86400)
        clock = "%02d:%02d:%02d" % (rest // 3600, rest // 60 % 60, rest % 60)
        stamp = "2026-%02d-%02dT%s.%06dZ" % (1 + day // 31, 1 + day % 31, clock,
                                             int(when * 1e6) % 1000000)
        body = ",".join('"%s":%s' % (k, v if isinstance(v, int) else '"%s"' % v.replace("\\", "\\\\"))
                        for k, v in fields)
        return ('{"Event":{"System":{"Provider":{"#attributes":{"Name":"%s"}},"EventID":%d,'
                '"EventRecordID":%d,"Channel":"%s","Computer":"%s","TimeCreated":{"#attributes":'
                '{"SystemTime":"%s"}}},"EventData":{%s}}}\n' %
                (log[0], event, self.record[key], log[1], self.name(host), stamp, body))

    def write(self, host, line):
        if host not in self.files:
            # pylint: disable-next=consider-using-with
            self.files[host] = open(os.path.join(self.folder, self.name(host).split(".", 1)[0] + ".jsonl"),
                                    "w", encoding="ascii")
        self.files[host].write(line)

    def program(self, when, host, account, rule):
        self.serial += 1
        return self.line(when, host, SYSMON, 1, (
            ("RuleName", "-"), ("UtcTime", "-"),
            ("ProcessGuid", "%08x-0000-0000-0000-%012x" % (host, self.serial)),
            ("ProcessId", 1000 + self.random.randrange(60000)),
            ("Image", f"C:\\Program Files\\Tools\\tool{rule}.exe"),
            ("CommandLine", f"tool{rule}.exe --verbose --number {self.often(1000)}"),
            ("User", f"ELBWERFT\\user{account:04d}"),
            ("LogonId", "0x%x" % (0x40000 + host * 7919 + account)),
            ("ParentProcessGuid", "%08x-0000-0000-0000-%012x" % (host, self.random.randrange(40))),
            ("ParentImage", "C:\\Windows\\explorer.exe")))

    def logon(self, when, host, account, failed):
        source = self.often(HOSTS)
        return self.line(when, host, SECURITY, 4625 if failed else 4624, (
            ("SubjectUserSid", "S-1-5-18"), ("SubjectUserName", "HOST%03d$" % host),
            ("SubjectDomainName", "ELBWERFT"), ("SubjectLogonId", "0x3e7"),
            ("TargetUserSid", "S-1-0-0" if failed else f"S-1-5-21-1-2-3-{1100 + account}"),
            ("TargetUserName", f"user{account:04d}"), ("TargetDomainName", "ELBWERFT"),
            ("TargetLogonId", "0x0" if failed else "0x%x" % (0x40000 + host * 7919 + account)),
            ("LogonType", 3), ("WorkstationName", "HOST%03d" % source),
            ("IpAddress", f"10.0.{source // 250}.{source % 250 + 1}"), ("IpPort", "50000")))

    def ticket(self, when, host, account):
        return self.line(when, 0, SECURITY, 4769, (
            ("TargetUserName", f"user{account:04d}@ELBWERFT.EXAMPLE"),
            ("TargetDomainName", "ELBWERFT.EXAMPLE"), ("ServiceName", "HOST%03d$" % host),
            ("TicketOptions", "0x40810000"), ("TicketEncryptionType", "0x12"),
            ("IpAddress", f"::ffff:10.0.{host // 250}.{host % 250 + 1}"), ("Status", "0x0")))

    def noise(self, host):
        """What is grave is seldom."""
        rule = (host + self.often(40)) % RULES
        grave = rule % 10 == 7 or rule % 50 == 49
        return rule - 1 if grave and self.random.randrange(200) else rule

    def one(self, when):
        account = self.often(ACCOUNTS)
        host = 1 + (account % (HOSTS - 1) if self.random.randrange(10) else self.often(HOSTS - 1))
        kind = self.random.randrange(100)
        if kind < 60:
            self.write(host, self.program(when, host, account, self.noise(host)))
        elif kind < 80:
            self.write(host, self.logon(when, host, account, False))
        elif kind < 90:
            self.write(host, self.logon(when, host, account, True))
        else:
            self.write(0, self.ticket(when, host, account))

    def intrude(self, when, which):
        for i in range(10):
            host = 1 + (which * 17 + i // 4) % (HOSTS - 1)
            self.write(host, self.program(when + i * 600, host, which * 97 % ACCOUNTS,
                                          10 * (i // 2) + 7))

    def fill(self, n):
        for i in range(n):
            when = START + DAYS * 86400 * i / n
            self.one(when)
            if i % (n // INTRUSIONS + 1) == n // INTRUSIONS // 2:
                self.intrude(when, i * INTRUSIONS // n)
        for f in self.files.values():
            f.close()


def make(folder, findings):
    logs = os.path.join(folder, "logs")
    os.makedirs(logs, exist_ok=True)
    rules(os.path.join(folder, "rules"))
    world = World(logs)
    world.fill(findings - 10 * INTRUSIONS)
    end, middle = START + DAYS * 86400 + 3600, START + 15 * 86400 + 0.5
    for name, line in (("end", world.program(end, 5, 1, 17)), ("middle", world.program(middle, 5, 1, 17)),
                       ("dull", world.program(end, 5, 1, 999))):
        with open(os.path.join(folder, name + ".jsonl"), "w", encoding="ascii") as f:
            f.write(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--findings", type=int, default=500000)
    opts = parser.parse_args()
    make(opts.out, opts.findings)


if __name__ == "__main__":
    main()
