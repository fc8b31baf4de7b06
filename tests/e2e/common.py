"""tests/e2e/common.py - run the program in a home of its own, and small things that tests share."""
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

TOCSIN = os.environ["TOCSIN"]
EVTXGEN = os.environ["EVTXGEN"]
CASE = os.environ["CASE"]
RULES = os.environ["RULES"]
DOCS = os.environ["DOCS"]
SANITIZED = "SANITIZED" in os.environ
SKIP = 77


class Case(unittest.TestCase):
    """Every test has an empty folder that is also its home: no cache and no key of others."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="tocsin-e2e-")
        self.addCleanup(self.tidy)
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith("XDG_") and k not in ("COLUMNS", "NO_COLOR")}
        self.env.update(HOME=self.dir, LC_ALL="C.UTF-8")

    def tidy(self):
        for folder, _, _ in os.walk(self.dir):
            os.chmod(folder, 0o700)
        shutil.rmtree(self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        data = text.encode() if isinstance(text, str) else text
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def run_tocsin(self, *args, status=None, **more):
        """The finished process, output as bytes; its exit status is checked if given."""
        env = dict(self.env, **more.pop("env", {}))
        more.setdefault("stdin", subprocess.DEVNULL)
        if "input" in more:
            more.pop("stdin")
        more.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run([TOCSIN, *args], stderr=subprocess.PIPE, env=env, timeout=100, **more)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stderr.decode("utf-8", "replace"))
        return done

    def run_unprivileged(self, *args, **more):
        """As run_tocsin, but never as root, who may read everything."""
        if os.geteuid() == 0:
            nobody = 65534
            for folder, folders, files in os.walk(self.dir):
                for name in [folder] + [os.path.join(folder, f) for f in folders + files]:
                    os.chown(name, nobody, nobody)
            more.update(user=nobody, group=nobody, extra_groups=[])
        try:
            return self.run_tocsin(*args, **more)
        except PermissionError:
            self.skipTest("another user cannot reach the program in this place")

    def sample(self, name="sample.evtx", *damage):
        subprocess.run([EVTXGEN, "sample", self.path(name), *damage], check=True)
        return self.path(name)

    def findings(self, done):
        """Parsed jsonl: the findings, and the summary that must be the last line; incidents, which
        may stand between, are left out."""
        lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
        found = [x for x in lines if x["tocsin"]["kind"] == "finding"]
        incidents = [x for x in lines if x["tocsin"]["kind"] == "incident"]
        self.assertEqual(lines, found + incidents + lines[-1:])
        self.assertEqual(lines[-1]["tocsin"]["kind"], "summary")
        return found, lines[-1]["tocsin"]


class Reader(threading.Thread):
    """Takes all of a stream, so that its writer never waits; `first` is set with the first line.  With
    `leave`, closes the stream after that line instead."""

    def __init__(self, stream, leave=False):
        super().__init__(daemon=True)
        self.stream, self.leave = stream, leave
        self.first = threading.Event()
        self.lines = []
        self.start()

    def run(self):
        for line in self.stream:
            self.lines.append(line)
            self.first.set()
            if self.leave:
                break
        self.first.set()
        self.stream.close()


def feed(process, reader):
    """Records into the process until its first line of output: it is at work, in mid-stream."""
    while not reader.first.is_set():
        piece = "".join(event(TargetUserName="anna") for _ in range(200))
        try:
            process.stdin.write(piece.encode())
            process.stdin.flush()
        except BrokenPipeError:
            break


RULE = """title: {title}
id: {id}
status: test
author: A. Tester, B. Tester
level: {level}
tags:
    - attack.execution
    - attack.t1059.001
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: {event_id}
    condition: selection
"""


def rule(title="A logon", event_id=4624, level="high", number=1):
    return RULE.format(title=title, event_id=event_id, level=level,
                       id=f"00000000-0000-4000-8000-{number:012d}")


RECORDS = itertools.count(1)


def event(event_id=4624, computer="HOST1", time="2026-03-17T19:41:08.123456Z", record=None, **data):
    """One record in the shape of evtx_dump, as a line; unless numbered, another one each time."""
    record = next(RECORDS) if record is None else record
    return json.dumps({"Event": {"System": {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
        "EventID": event_id, "EventRecordID": record, "Channel": "Security", "Computer": computer,
        "TimeCreated": {"#attributes": {"SystemTime": time}}}, "EventData": data}}) + "\n"


def main():
    unittest.main(verbosity=2)
