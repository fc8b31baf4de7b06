#!/usr/bin/env python3
"""tests/score/benign.py - days of ordinary administration that look like intrusions, all made up.

benign.py FOLDER [HOSTS [DAYS [SEED]]] writes HOST.jsonl files and a README that says they are synthetic.
Every day: people log on; a backup account touches every host at night; helpdesk comes by RDP; an
inventory walks over WinRM and WMI; a scanner fails to log on with many names and touches ports; somebody
has changed a password and a phone has not; developers dump their own program.  Every other day patches
go out to all servers, policies are edited, leavers are disabled, a log is exported and then cleared.
"""
import os
import sys

from winlog import FQDN, SECURITY, SYSTEM32, Logs, day

PEOPLE = ("a.berg c.lind d.wolter e.krueger f.sand g.peters h.dahl i.meyer k.roth l.stein n.kern "
          "o.thiel p.hahn r.ebert s.noll t.frey u.winter").split()
ADMIN, HELP, BACKUP, INVENTORY, DEVELOPER = ("adm-kern", "hd-vogt", "svc-backup", "svc-inventory",
                                             "dev-roth")
SCANNER, CONSOLE, BACKUP_IP, INVENTORY_IP, HELP_IP = ("10.31.8.8", "10.31.8.20", "10.31.8.30",
                                                      "10.31.8.40", "10.31.8.50")
HOUR = 3600


def machines(logs, hosts, addresses, start):
    """Every host's own account comes for its policies, morning and evening."""
    for n, host in enumerate(h for h in hosts if h != logs.dc):
        for when in (start + 5 * HOUR + n * 13, start + 17 * HOUR + n * 13):
            logs.ticket(when, host + "$", host + "$", addresses[host])
            logs.logoff(logs.dc, when + 30, host + "$",
                        logs.logon(logs.dc, when + 1, host + "$", addresses[host]))


def people(logs, hosts, addresses, start):
    """Somebody works on each host from eight to five, with the usual programs."""
    for i, host in enumerate(hosts):
        user = PEOPLE[i % len(PEOPLE)]
        begin = start + 8 * HOUR + logs.random.randrange(HOUR)
        luid = logs.logon(host, begin, user, "127.0.0.1", kind=2)
        shell = logs.process(host, begin + 5, user, luid, "C:\\Windows\\explorer.exe", "explorer.exe",
                             SYSTEM32 + "userinit.exe")
        for n in range(6):
            image = logs.random.choice(("C:\\Program Files\\Mozilla Firefox\\firefox.exe",
                                        SYSTEM32 + "notepad.exe",
                                        "C:\\Program Files\\CAD\\hull.exe"))
            logs.process(host, begin + 600 + n * 4000, user, luid, image, '"%s"' % image, shell)
        files = logs.logon(logs.dc, begin + 30, user, addresses[host])
        logs.share(logs.dc, begin + 31, user, files, addresses[host], "SYSVOL")
        logs.logoff(logs.dc, begin + 90, user, files)
        logs.logoff(host, begin + 9 * HOUR, user, luid, 2)


def backup(logs, hosts, _, start):
    """A service account on every host each night: copies made and listed, a backup started."""
    for i, host in enumerate(hosts):
        when = start + HOUR + i * 300
        luid = logs.logon(host, when, BACKUP, BACKUP_IP, admin=True)
        logs.share(host, when + 1, BACKUP, luid, BACKUP_IP, "C$")
        agent = logs.process(host, when + 2, "SYSTEM", "0x3e7", "C:\\Program Files\\Backup\\agent.exe",
                             "agent.exe --job nightly", SYSTEM32 + "services.exe")
        for n, (program, command) in enumerate((
                ("vssadmin.exe", "vssadmin create shadow /for=C:"),
                ("vssadmin.exe", "vssadmin list shadows"),
                ("wbadmin.exe", "wbadmin start backup -backupTarget:\\\\BK01\\store -include:C: -quiet"),
                ("wbadmin.exe", "wbadmin get versions"))):
            logs.process(host, when + 5 + n * 20, "SYSTEM", "0x3e7", SYSTEM32 + program, command, agent)
        logs.logoff(host, when + 200, BACKUP, luid)


def helpdesk(logs, hosts, _, start):
    """RDP to three hosts; a look at what runs there, and once a tool of Sysinternals as a service."""
    for n, host in enumerate(logs.random.sample(hosts, min(3, len(hosts)))):
        when = start + 10 * HOUR + n * 2 * HOUR
        luid = logs.logon(host, when, HELP, HELP_IP, kind=10, admin=True)
        shell = logs.process(host, when + 60, HELP, luid, SYSTEM32 + "cmd.exe", "cmd.exe",
                             "C:\\Windows\\explorer.exe")
        for i, command in enumerate(("whoami", "ipconfig /all", "tasklist /svc", "gpresult /r")):
            logs.process(host, when + 70 + 10 * i, HELP, luid,
                         SYSTEM32 + command.split()[0] + ".exe", command, shell)
        if n == 0:
            far = logs.logon(host, when + 900, HELP, HELP_IP, admin=True)
            logs.service(host, when + 901, HELP, far, "PSEXESVC", "%SystemRoot%\\PSEXESVC.exe", HELP_IP)
        logs.logoff(host, when + 1800, HELP, luid, 10)


def inventory(logs, hosts, _, start):
    """Software inventory: every host over WinRM, half of them by WMI too."""
    for i, host in enumerate(hosts):
        when = start + 12 * HOUR + i * 40
        luid = logs.logon(host, when, INVENTORY, INVENTORY_IP, admin=True)
        far = logs.process(host, when + 1, INVENTORY, luid, SYSTEM32 + "wsmprovhost.exe",
                           SYSTEM32 + "wsmprovhost.exe -Embedding", SYSTEM32 + "svchost.exe")
        logs.process(host, when + 2, INVENTORY, luid,
                     SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe",
                     "powershell.exe -NoProfile -File C:\\Inventory\\collect.ps1", far)
        if i % 2:
            wmi = logs.process(host, when + 9, "NETWORK SERVICE", "0x3e4",
                               SYSTEM32 + "wbem\\WmiPrvSE.exe", "wmiprvse.exe -Embedding",
                               SYSTEM32 + "svchost.exe")
            logs.opens(host, when + 9.4, wmi, "C:\\Windows\\system32\\lsass.exe", "0x1400", INVENTORY)


def scanner(logs, hosts, _, start):
    """A vulnerability scanner: names nobody has, default passwords, and a touch of many ports."""
    names = ["admin", "administrator", "root", "guest", "test", "sa", "oracle", "backup", *PEOPLE[:6]]
    for i, host in enumerate(hosts):
        when = start + 14 * HOUR + i * 200
        for n, name in enumerate(names):
            sub = "0xc0000064" if n < 8 else "0xc000006a"
            logs.failed(host, when + n * 2, name, SCANNER, sub=sub, workstation="SCAN01")
        for n, port in enumerate((22, 80, 135, 139, 443, 445, 1433, 3389, 5985)):
            logs.add(host, when + 40 + n * 0.1, SECURITY, 5156, ProcessID="4", Application="System",
                     Direction="%%14592", SourceAddress=SCANNER, SourcePort=str(40000 + n),
                     DestAddress="10.31.2.%d" % (20 + i), DestPort=str(port), Protocol="6",
                     FilterRTID="70110", LayerName="%%14610", LayerRTID="44")


def lockout(logs, hosts, _, start):
    """A changed password that a phone keeps trying: failures, a lock, an hour later peace."""
    user, host = logs.random.choice(PEOPLE), logs.random.choice(hosts)
    when = start + 9 * HOUR + 600
    for n in range(24):
        logs.preauth_failed(when + n * 30, user, "10.31.7.14")
        if n % 3 == 0:
            logs.failed(host, when + n * 30 + 1, user, "10.31.7.14")
        if n == 9:
            logs.locked_out(when + n * 30 + 2, user, "PHONE")
    logs.account_change(when + 1500, 4767, user, HELP, "0x51c02")


def developer(logs, hosts, _, start):
    """Dumps of one's own program, and scripts."""
    host = hosts[0]
    when = start + 15 * HOUR
    luid = logs.logon(host, when, DEVELOPER, "127.0.0.1", kind=2)
    shell = logs.process(host, when + 10, DEVELOPER, luid,
                         SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe", "powershell.exe",
                         "C:\\Windows\\explorer.exe")
    logs.process(host, when + 60, DEVELOPER, luid,
                 SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe",
                 "powershell.exe -ExecutionPolicy Bypass -File build.ps1 -Configuration Release", shell)
    dump = logs.process(host, when + 300, DEVELOPER, luid, "C:\\Tools\\procdump64.exe",
                        "procdump64.exe -ma hull.exe C:\\Dumps\\hull.dmp", shell)
    logs.opens(host, when + 301, dump, "C:\\Program Files\\CAD\\hull.exe", "0x1fffff", DEVELOPER)
    logs.file(host, when + 302, dump, "C:\\Dumps\\hull.dmp", DEVELOPER)


def patches(logs, hosts, addresses, start):
    """One administrator on every server within the hour: a service each, restarts."""
    for i, host in enumerate(hosts):
        when = start + 20 * HOUR + i * 120
        luid = logs.logon(host, when, ADMIN, CONSOLE, admin=True)
        logs.share(host, when + 1, ADMIN, luid, CONSOLE, "ADMIN$")
        logs.service(host, when + 3, ADMIN, luid, "PatchRunner-1",
                     "C:\\Windows\\AdminArsenal\\PatchRunner\\service-1\\exec\\runner.exe", CONSOLE)
        logs.process(host, when + 5, "SYSTEM", "0x3e7", SYSTEM32 + "wusa.exe",
                     "wusa.exe C:\\Windows\\Temp\\kb.msu /quiet /norestart", SYSTEM32 + "services.exe")
        logs.logoff(host, when + 400, ADMIN, luid)
        logs.boot(host, when + 900)
    logs.connects(hosts[0], start + 20 * HOUR, ("{%s}" % logs.guid(hosts[0], start)[1:-1],
                                                SYSTEM32 + "mmc.exe", 5120), ADMIN, addresses[hosts[0]],
                  addresses[hosts[-1]], 5985)


def housekeeping(logs, hosts, _, start):
    """On the domain controller: a policy edited, leavers disabled; on one server a log exported, then
    cleared."""
    when = start + 16 * HOUR
    luid = logs.logon(logs.dc, when, ADMIN, CONSOLE, admin=True)
    logs.add(logs.dc, when + 60, SECURITY, 5136, DSName="elbwerft.example",
             ObjectDN="CN={6AC1786C-016F-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=elbwerft,"
             "DC=example", ObjectClass="groupPolicyContainer", AttributeLDAPDisplayName="versionNumber",
             AttributeValue="41", OperationType="%%14674", **logs.subject(ADMIN, luid))
    for n, user in enumerate(logs.random.sample(PEOPLE, 2)):
        logs.account_change(when + 300 + n * 20, 4725, "x." + user, ADMIN, luid)
    host = hosts[-1]
    mine = logs.logon(host, when + 1200, ADMIN, CONSOLE, admin=True)
    shell = logs.process(host, when + 1210, ADMIN, mine, SYSTEM32 + "cmd.exe", "cmd.exe",
                         SYSTEM32 + "wsmprovhost.exe")
    logs.process(host, when + 1220, ADMIN, mine, SYSTEM32 + "wevtutil.exe",
                 "wevtutil epl Security \\\\BK01\\archive\\%s.evtx" % host, shell)
    logs.process(host, when + 1260, ADMIN, mine, SYSTEM32 + "wevtutil.exe", "wevtutil cl Security",
                 shell)
    logs.cleared(host, when + 1261, ADMIN, mine)


DAILY = (machines, people, backup, helpdesk, inventory, scanner, lockout, developer)
EVERY_OTHER = (patches, housekeeping)


def fill(logs, hosts, date, days, addresses):
    """Adds the days beginning with the date to logs."""
    bad, logs.bad = logs.bad, False
    for number in range(days):
        start = day(date) + number * 24 * HOUR
        for act in DAILY + (EVERY_OTHER if number % 2 == 0 else ()):
            act(logs, hosts, addresses, start)
    logs.bad = bad


def write(folder, hosts=12, days=5, seed=1, date="2026-04-06"):
    logs = Logs(seed)
    names = ["DC01"] + ["%s%02d" % ("SRV" if n % 3 else "WS", n) for n in range(1, hosts)]
    addresses = {name: "10.31.2.%d" % (10 + n) for n, name in enumerate(names)}
    fill(logs, names, date, days, addresses)
    logs.write(folder)
    with open(os.path.join(folder, "README"), "w", encoding="utf-8") as f:
        f.write("Synthetic: %d hosts of %s, %d days from %s, seed %d, made up by tests/score/benign.py.\n"
                "Nothing of it is from a real network, and nothing bad happens in it.\n"
                % (hosts, FQDN, days, date, seed))


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 5:
        sys.exit("usage: benign.py FOLDER [HOSTS [DAYS [SEED]]]")
    write(sys.argv[1], *(int(x) for x in sys.argv[2:]))
