"""tests/score/winlog.py - write Windows logs that never were: JSON lines in the shape of evtx_dump, one
file for each host, record numbers ascending by time in each of its channels.

Everything is derived from the seed and the calls: same calls, same bytes.  The company is made up
(elbwerft.example); so are all names in it.
"""
import datetime
import hashlib
import json
import os
import random

import common

DOMAIN, FQDN, REALM = "ELBWERFT", "elbwerft.example", "ELBWERFT.EXAMPLE"
SID = "S-1-5-21-2907710334-1178242105-3380125518"
SECURITY = ("Security", "Microsoft-Windows-Security-Auditing")
SYSTEM = ("System", "Service Control Manager")
SYSMON = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon")
DEFENDER = ("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender")
EVENTLOG = ("Security", "Microsoft-Windows-Eventlog")
SESSIONS = ("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
            "Microsoft-Windows-TerminalServices-LocalSessionManager")
SYSTEM32 = "C:\\Windows\\System32\\"
ADMIN_RIGHTS = "SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeDebugPrivilege"


def at(text):
    return common.seconds(text)


def sid_of(user):
    """A stable SID: well-known ones, else a relative id out of the name."""
    known = {"SYSTEM": "S-1-5-18", "LOCAL SERVICE": "S-1-5-19", "NETWORK SERVICE": "S-1-5-20"}
    number = int(hashlib.sha256(user.lower().encode()).hexdigest()[:6], 16) % 8000 + 1100
    return known.get(user, "%s-%d" % (SID, number))


class Logs:
    """What all hosts of one network log.  `bad` marks, while it is true, what is added as part of the
    intrusion: truth_match() names those records."""

    def __init__(self, seed, dc="DC01"):
        self.random = random.Random(seed)
        self.dc = dc
        self.events = []  # (host, channel, time, order, object, bad)
        self.bad = False
        self.luids = {}

    def luid(self, host):
        """A logon id that is new on this host."""
        self.luids[host] = self.luids.get(host, 0x3f000 + self.random.randrange(0x8000)) \
            + self.random.randrange(0x40, 0x4000)
        return "0x%x" % self.luids[host]

    def add(self, host, when, log, event_id, **data):
        system = {"Provider": {"#attributes": {"Name": log[1]}}, "EventID": event_id,
                  "EventRecordID": 0, "Channel": log[0], "Computer": "%s.%s" % (host, FQDN),
                  "TimeCreated": {"#attributes": {"SystemTime": common.rfc3339(when)}}}
        body = {"System": system}
        if log is EVENTLOG:
            body["UserData"] = {"LogFileCleared": data}
        else:
            body["EventData"] = data
        self.events.append((host, log[0], when, len(self.events), {"Event": body}, self.bad))

    # ---- logons

    def logon(self, host, when, user, ip="-", kind=3, admin=False, workstation="-"):
        """4624 (4672) on the host and, if it came over the network, its ticket on the domain
        controller; the logon id."""
        luid = self.luid(host)
        if kind == 3 and host != self.dc and ip not in ("-", "127.0.0.1"):
            self.ticket(when - 0.02, user, host + "$", ip)
        self.add(host, when, SECURITY, 4624, SubjectUserSid="S-1-5-18" if kind != 3 else "S-1-0-0",
                 SubjectUserName="-" if kind == 3 else host + "$",
                 SubjectDomainName="-" if kind == 3 else DOMAIN,
                 SubjectLogonId="0x0" if kind == 3 else "0x3e7", TargetUserSid=sid_of(user),
                 TargetUserName=user, TargetDomainName=DOMAIN, TargetLogonId=luid, LogonType=kind,
                 LogonProcessName="Kerberos" if kind == 3 else "User32",
                 AuthenticationPackageName="Kerberos" if kind == 3 else "Negotiate",
                 WorkstationName=workstation, LogonGuid="{00000000-0000-0000-0000-000000000000}",
                 IpAddress=ip, IpPort=str(self.random.randrange(49152, 65535)) if ip != "-" else "-",
                 TargetLinkedLogonId="0x0", ElevatedToken="%%1842" if admin else "%%1843")
        if admin:
            self.add(host, when, SECURITY, 4672, SubjectUserSid=sid_of(user), SubjectUserName=user,
                     SubjectDomainName=DOMAIN, SubjectLogonId=luid, PrivilegeList=ADMIN_RIGHTS)
        if kind == 10:
            self.add(host, when + 0.3, SESSIONS, 21, User="%s\\%s" % (DOMAIN, user),
                     SessionID=self.random.randrange(2, 9), Address=ip)
        return luid

    def logoff(self, host, when, user, luid, kind=3):
        self.add(host, when, SECURITY, 4634, TargetUserSid=sid_of(user), TargetUserName=user,
                 TargetDomainName=DOMAIN, TargetLogonId=luid, LogonType=kind)

    def failed(self, host, when, user, ip, kind=3, sub="0xc000006a", workstation="-"):
        self.add(host, when, SECURITY, 4625, SubjectUserSid="S-1-0-0", SubjectUserName="-",
                 SubjectDomainName="-", SubjectLogonId="0x0", TargetUserSid="S-1-0-0",
                 TargetUserName=user, TargetDomainName=DOMAIN, Status="0xc000006d",
                 FailureReason="%%2313", SubStatus=sub, LogonType=kind, LogonProcessName="NtLmSsp",
                 AuthenticationPackageName="NTLM", WorkstationName=workstation, ProcessName="-",
                 IpAddress=ip, IpPort="0")

    def preauth_failed(self, when, user, ip):
        self.add(self.dc, when, SECURITY, 4771, TargetUserName=user, TargetSid=sid_of(user),
                 ServiceName="krbtgt/" + DOMAIN, TicketOptions="0x40810010", Status="0x18",
                 PreAuthType="2", IpAddress="::ffff:" + ip, IpPort="51022")

    def ticket(self, when, user, service, ip, encryption="0x12"):
        self.add(self.dc, when, SECURITY, 4769, TargetUserName="%s@%s" % (user, REALM),
                 TargetDomainName=REALM, ServiceName=service, ServiceSid=sid_of(service),
                 TicketOptions="0x40810000", TicketEncryptionType=encryption,
                 IpAddress="::ffff:" + ip, IpPort="51023", Status="0x0",
                 LogonGuid="{00000000-0000-0000-0000-000000000000}", TransmittedServices="-")

    def subject(self, user, luid):
        return {"SubjectUserSid": sid_of(user), "SubjectUserName": user, "SubjectDomainName": DOMAIN,
                "SubjectLogonId": luid}

    def locked_out(self, when, user, workstation):
        self.add(self.dc, when, SECURITY, 4740, TargetUserName=user, TargetDomainName=workstation,
                 TargetSid=sid_of(user), **self.subject(self.dc + "$", "0x3e7"))

    def account_change(self, when, event_id, user, by, luid, group=None):
        more = {"MemberSid": sid_of(user), "MemberName": "CN=%s,DC=elbwerft,DC=example" % user,
                "TargetUserName": group} if group else {"TargetUserName": user}
        self.add(self.dc, when, SECURITY, event_id, TargetDomainName=DOMAIN,
                 TargetSid=sid_of(group or user), **more, **self.subject(by, luid))

    # ---- on a host

    def guid(self, host, when):
        digest = hashlib.sha256(("%s %f %d" % (host, when, len(self.events))).encode()).hexdigest()
        return "{%s-%s-%s-%s-%s}" % (digest[:8], digest[8:12], digest[12:16], digest[16:20],
                                     digest[20:32])

    def process(self, host, when, user, luid, image, command, parent=None):
        """Sysmon 1 and 4688.  `parent`: what process() gave, or an image.  (guid, image, pid)"""
        if not isinstance(parent, tuple):
            parent = (self.guid(host, 0), parent or SYSTEM32 + "cmd.exe", 4312)
        pid, guid = self.random.randrange(1000, 60000) * 4, self.guid(host, when)
        who = "NT AUTHORITY\\SYSTEM" if luid == "0x3e7" else "%s\\%s" % (DOMAIN, user)
        self.add(host, when, SYSMON, 1, RuleName="-", UtcTime=common.rfc3339(when)[:-4].replace("T", " "),
                 ProcessGuid=guid, ProcessId=pid, Image=image, CommandLine=command, User=who,
                 LogonId=luid, IntegrityLevel="System" if luid == "0x3e7" else "High",
                 ParentProcessGuid=parent[0], ParentProcessId=parent[2], ParentImage=parent[1],
                 ParentCommandLine=parent[1], OriginalFileName=image.split("\\")[-1])
        subject = host + "$" if luid == "0x3e7" else user
        self.add(host, when + 0.002, SECURITY, 4688, NewProcessId="0x%x" % pid, NewProcessName=image,
                 TokenElevationType="%%1937", ProcessId="0x%x" % parent[2], CommandLine=command,
                 TargetUserSid="S-1-0-0", TargetUserName="-", TargetDomainName="-",
                 TargetLogonId="0x0", ParentProcessName=parent[1], MandatoryLabel="S-1-16-12288",
                 **self.subject(subject, luid))
        return guid, image, pid

    def opens(self, host, when, source, target, access, user):
        self.add(host, when, SYSMON, 10, UtcTime=common.rfc3339(when)[:-4].replace("T", " "),
                 SourceProcessGUID=source[0], SourceProcessId=source[2], SourceImage=source[1],
                 TargetProcessGUID=self.guid(host, 1), TargetProcessId=704, TargetImage=target,
                 GrantedAccess=access, SourceUser="%s\\%s" % (DOMAIN, user),
                 CallTrace="C:\\Windows\\SYSTEM32\\ntdll.dll+9d2e4|UNKNOWN(00000213F0C4)")

    def file(self, host, when, process, name, user):
        self.add(host, when, SYSMON, 11, UtcTime=common.rfc3339(when)[:-4].replace("T", " "),
                 ProcessGuid=process[0], ProcessId=process[2], Image=process[1], TargetFilename=name,
                 User="%s\\%s" % (DOMAIN, user))

    def connects(self, host, when, process, user, source, target, port):
        self.add(host, when, SYSMON, 3, UtcTime=common.rfc3339(when)[:-4].replace("T", " "),
                 ProcessGuid=process[0], ProcessId=process[2], Image=process[1],
                 User="%s\\%s" % (DOMAIN, user), Protocol="tcp", Initiated="true", SourceIp=source,
                 SourcePort=self.random.randrange(49152, 65535), DestinationIp=target,
                 DestinationPort=port)

    def service(self, host, when, user, luid, name, command, ip):
        """svcctl over IPC$ by that logon (if it came from an address), then 4697 and 7045."""
        if ip:
            self.add(host, when - 0.4, SECURITY, 5145, ObjectType="File", IpAddress=ip, IpPort="50211",
                     ShareName="\\\\*\\IPC$", ShareLocalPath="", RelativeTargetName="svcctl",
                     AccessMask="0x12019f", **self.subject(user, luid))
        self.add(host, when, SECURITY, 4697, ServiceName=name, ServiceFileName=command,
                 ServiceType="0x10", ServiceStartType="3", ServiceAccount="LocalSystem",
                 **self.subject(user, luid))
        self.add(host, when + 0.01, SYSTEM, 7045, ServiceName=name, ImagePath=command,
                 ServiceType="user mode service", StartType="demand start",
                 AccountName="LocalSystem")

    def share(self, host, when, user, luid, ip, name):
        self.add(host, when, SECURITY, 5140, ObjectType="File", IpAddress=ip, IpPort="50212",
                 ShareName="\\\\*\\" + name, ShareLocalPath="", AccessMask="0x1",
                 **self.subject(user, luid))

    def boot(self, host, when):
        self.add(host, when - 45, ("System", "User32"), 1074, param1="svchost.exe", param2=host,
                 param3="Operating System: Service pack (Planned)", param5="restart",
                 param7="NT AUTHORITY\\SYSTEM")
        self.add(host, when, ("System", "EventLog"), 6005)
        self.add(host, when + 1, SECURITY, 4608)

    def cleared(self, host, when, user, luid, channel="Security"):
        data = {**self.subject(user, luid)}
        if channel == "Security":
            self.add(host, when, EVENTLOG, 1102, **data)
        else:
            self.add(host, when, ("System", "Microsoft-Windows-Eventlog"), 104, Channel=channel,
                     SubjectUserName=user, SubjectDomainName=DOMAIN)

    def defender(self, host, when, event_id, **data):
        self.add(host, when, DEFENDER, event_id, **{"Product Name": "Microsoft Defender Antivirus",
                                                    **data})

    # ---- out

    def numbered(self):
        """All records in order of host, then time, with their numbers set."""
        count, first = {}, {}
        for host, channel, when, order, one, bad in sorted(self.events,
                                                           key=lambda e: (e[0], e[2], e[3])):
            key = (host, channel)
            first.setdefault(key, 1000 + int(hashlib.sha256(repr(key).encode()).hexdigest()[:4], 16))
            count[key] = count.get(key, -1) + 1
            one["Event"]["System"]["EventRecordID"] = first[key] + count[key]
            yield host, channel, one, bad

    def write(self, folder):
        """HOST.jsonl for each host."""
        os.makedirs(folder, exist_ok=True)
        lines = {}
        for host, _, one, _ in self.numbered():
            lines.setdefault(host, []).append(json.dumps(one, sort_keys=True))
        for host, rows in lines.items():
            with open(os.path.join(folder, host + ".jsonl"), "w", encoding="utf-8") as f:
                f.write("\n".join(rows) + "\n")

    def truth_match(self):
        """Predicates that name exactly the marked records."""
        records = {}
        for host, channel, one, bad in self.numbered():
            if bad:
                records.setdefault((host, channel), []).append(
                    str(one["Event"]["System"]["EventRecordID"]))
        return [{"host": h, "channel": c, "record": "|".join(n)}
                for (h, c), n in sorted(records.items())]


def day(text):
    """Seconds of midnight of a date."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()
