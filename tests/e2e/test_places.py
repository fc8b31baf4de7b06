#!/usr/bin/env python3
"""tests/e2e/test_places.py - where it may have to run: a kernel without Landlock or without seccomp, a container
that holds little else, a user who is not root."""
import errno
import os
import re
import shutil
import subprocess
import unittest

import common
import refuse
from common import CASE, RULES, TOCSIN, Reader, event, feed, rule

NO_LANDLOCK = b"this kernel has no Landlock"


def text_of(output):
    """A report without its rate."""
    return re.sub(rb", in [^\n]*", b"", output)


class Kernels(common.Case):
    def commands(self):
        return (("hunt", "--no-cache", CASE), ("hunt", "--no-cache", "-q", "--state", self.path("state"), CASE),
                ("dump", CASE), ("dump", "-q", CASE))

    # claim: no-landlock
    def test_without_landlock(self):
        """Whatever the kernel or a container's own filter says: it goes on, and says so, to the quiet too."""
        for error in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            for args in self.commands():
                with self.subTest(error=errno.errorcode[error], args=args):
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    expected = self.run_tocsin(*args)
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    done = self.run_tocsin(*args, preexec_fn=lambda e=error: refuse.landlock(e))
                    self.assertEqual((done.returncode, text_of(done.stdout)),
                                     (expected.returncode, text_of(expected.stdout)))
                    self.assertEqual(done.stderr.count(NO_LANDLOCK), 1)

    def test_without_landlock_seccomp_still_holds(self):
        r = self.write("rule.yml", rule())
        p = subprocess.Popen([TOCSIN, "hunt", "--no-cache", "--rules", r, "-f", "jsonl", "-"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             env=self.env, preexec_fn=lambda: refuse.landlock(errno.ENOSYS))
        out = Reader(p.stdout)
        feed(p, out)
        with open(f"/proc/{p.pid}/status") as f:
            status = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
        p.stdin.close()
        p.wait(timeout=60)
        out.join()
        if "Seccomp_filters" in status:  # the test's own, and the program's
            self.assertGreaterEqual(int(status["Seccomp_filters"]), 2)

    @unittest.skipUnless(refuse.SECCOMP, "the numbers of this machine's system calls are not known")
    def test_without_seccomp(self):
        """Nothing is decoded unprotected unless it is asked for."""
        for error in (errno.ENOSYS, errno.EINVAL, errno.EPERM):
            for args in self.commands():
                with self.subTest(error=errno.errorcode[error], args=args):
                    done = self.run_tocsin(*args, preexec_fn=lambda e=error: refuse.seccomp(e))
                    self.assertEqual((done.returncode, done.stdout), (1, b""))
                    self.assertIn(b"seccomp", done.stderr)
                    self.assertIn(b"--no-sandbox", done.stderr)
        done = self.run_tocsin("dump", "--no-sandbox", CASE, status=0,
                               preexec_fn=lambda: refuse.seccomp(errno.ENOSYS))
        self.assertEqual(done.stdout, self.run_tocsin("dump", CASE).stdout)


class Container(common.Case):
    """A mount namespace whose root holds the program, its libraries, rules and logs: no /dev, no /proc, no home."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or common.SANITIZED or not shutil.which("pivot_root"):
            self.skipTest("needs root, pivot_root, and a program that needs no /proc")
        self.root = self.path("root")
        os.makedirs(self.path("root/old"))
        shutil.copy(TOCSIN, self.root)
        libraries = subprocess.run(["ldd", TOCSIN], stdout=subprocess.PIPE, check=True).stdout.decode()
        for lib in set(re.findall(r"/\S+", libraries)):
            os.makedirs(os.path.dirname(self.root + lib), exist_ok=True)
            shutil.copy(lib, self.root + lib)
        shutil.copytree(CASE, self.path("root/logs"))
        shutil.copytree(RULES, self.path("root/rules"))
        os.makedirs(self.path("root/home"))

    def inside(self, *args, user="0:0", **more):
        script = ('mount --make-rprivate / && mount --bind "$1" "$1" && cd "$1" && pivot_root . old && '
                  'user=$2 && shift 2 && exec old"$CHROOT" --userspec="$user" . /tocsin "$@"')
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", self.root, user, *args],
                              env={"PATH": os.environ["PATH"], "CHROOT": os.path.realpath(shutil.which("chroot"))},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100, check=False,
                              **{"stdin": subprocess.DEVNULL, **more})
        if b"unshare failed" in done.stderr or b"mount:" in done.stderr:
            self.skipTest("namespaces are not to be had here")
        return done

    def test_a_bare_root(self):
        expected = text_of(self.run_tocsin("hunt", "--no-cache", "--rules", RULES, CASE).stdout)
        for user in ("0:0", "65534:65534"):
            with self.subTest(user):
                for folder in ("home", "logs"):
                    os.chown(f"{self.root}/{folder}", *map(int, user.split(":")))
                os.chmod(self.dir, 0o755)
                os.chmod(self.root, 0o755)
                done = self.inside("hunt", "-q", "--rules", "/rules", "/logs", user=user)
                self.assertEqual(done.returncode, 2, done.stderr)
                # names of files are others than outside, findings and incidents are not
                self.assertEqual(re.findall(rb"\n\d+ findings: [^\n]*", done.stdout),
                                 re.findall(rb"\n\d+ findings: [^\n]*", expected))
                state = f"/home/state{user[:1]}"
                self.assertEqual(self.inside("hunt", "--rules", "/rules", "--state", state, "/logs",
                                             user=user).returncode, 2)
                listed = self.inside("incidents", "--state", state, user=user)
                self.assertEqual((listed.returncode, listed.stdout[:8]), (0, b"0396a6dd"))
                done = self.inside("hunt", "--state", state, "/logs", user=user)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"name a folder with --rules", done.stderr)

    def test_closed_descriptors_without_dev_null(self):
        done = self.inside("dump", "-o", "/home/z", "/logs", preexec_fn=lambda: os.close(0))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(f"{self.root}/home/z", "rb") as f:
            self.assertEqual(f.read().count(b"\n"), 1813)


class NotRoot(common.Case):
    def test_what_may_not_be_read_is_told(self):
        r = self.write("rule.yml", rule())
        self.write("logs/open.jsonl", event(TargetUserName="anna"))
        shut = self.write("logs/shut.jsonl", event(TargetUserName="bert"))
        os.chmod(shut, 0o000)
        done = self.run_unprivileged("hunt", "--rules", r, "-f", "jsonl", self.path("logs"))
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"shut.jsonl: cannot be opened: Permission denied", done.stderr)
        self.assertEqual(len(self.findings(done)[0]), 1)

    def test_a_home_that_cannot_be_written(self):
        """No cache, and then a remark; a store is wanted, so it is an error."""
        r = self.write("rule.yml", rule())
        log = self.write("log.jsonl", event())
        self.run_unprivileged("dump", log, status=0)  # gives all of it away
        os.chmod(self.dir, 0o555)
        done = self.run_unprivileged("hunt", "--rules", r, log)
        self.assertEqual(done.returncode, 2, done.stderr)
        done = self.run_unprivileged("hunt", "--rules", r, "--state", self.path("state"), log)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot make", done.stderr)
        os.chmod(self.dir, 0o755)


if __name__ == "__main__":
    common.main()
