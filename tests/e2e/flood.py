"""tests/e2e/flood.py - logs that are forged to drown others: small generators of JSON lines, gz.

Used by test_flood.py (short) and script/flood-test (millions).  Kinds: findings of a critical rule on one host, on
as many hosts, for as many accounts; logons; objects as large as are read; groups of correlations."""
import gzip
import time

FIRST = 1773500000  # two days before the bundled case; the records are a minute apart, or closer
SYSMON = ('{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1,'
          '"EventRecordID":%d,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"%s","TimeCreated":'
          '{"#attributes":{"SystemTime":"%s.%06dZ"}}},"EventData":{"ProcessGuid":"{%08x-0000-0000-0000-%012x}",'
          '"ProcessId":%d,"Image":"C:\\\\Windows\\\\System32\\\\rundll32.exe",'
          '"CommandLine":"rundll32 comsvcs.dll MiniDump 1","User":"INV\\\\%s"}}}\n')
LOGON = ('{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":%d,'
         '"EventRecordID":%d,"Channel":"Security","Computer":"%s","TimeCreated":{"#attributes":{"SystemTime":'
         '"%s.%06dZ"}}},"EventData":{"TargetUserName":"%s","TargetDomainName":"INV","TargetLogonId":"0x%x",'
         '"LogonType":3,"IpAddress":"10.%d.%d.%d","WorkstationName":"W%d"}}}\n')


def moment(i, n):
    """Over five days: before, while and after the true ones are."""
    second = i * 432000 // n
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(FIRST + second)), i % 1000000


def finding(i, n, host, user):
    t, part = moment(i, n)
    return SYSMON % (i, host, t, part, i, i, i % 60000 + 1, user)


def logon(i, n, event=4624):
    t, part = moment(i, n)
    return LOGON % (event, i, f"inv{i}.example", t, part, f"u{i}", i + 1, i >> 16 & 255, i >> 8 & 255, i & 255, i)


def large(i):
    row = ",".join(f'"k{k}":"{"x" * 40}"' for k in range(200000))
    return ('{"Event":{"System":{"EventID":%d,"Channel":"Security","Computer":"a"},"EventData":{%s}}}\n'
            % (i, row))


KINDS = {
    "one-host": lambda i, n: finding(i, n, "inv", "u"),
    "hosts": lambda i, n: finding(i, n, f"inv{i}", "u"),
    "accounts": lambda i, n: finding(i, n, "inv", f"u{i}"),
    "hosts-accounts": lambda i, n: finding(i, n, f"inv{i}.example", f"u{i}"),
    "long-names": lambda i, n: finding(i, n, f"inv{i}".ljust(500, "x"), f"u{i}".ljust(500, "y")),
    "logons": logon,
    "groups": lambda i, n: logon(i, n, 4625),
    "large": lambda i, n: large(i),
}


def write(path, kind, n, first=0):
    """Records first .. first + n - 1."""
    make = KINDS[kind]
    with gzip.open(path, "wt", compresslevel=1) as f:
        for i in range(first, first + n, 2000):
            f.write("".join(make(k, first + n) for k in range(i, min(i + 2000, first + n))))
