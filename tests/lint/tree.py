"""tests/lint/tree.py - the project's files, and C text without comments and literals."""
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SKIP = 77  # meson: the test was skipped


def files(*suffixes, under=""):
    """Paths relative to the top, sorted; those git knows or would add, else a walk (a tarball)."""
    listed = []
    if shutil.which("git") and os.path.exists(os.path.join(TOP, ".git")):
        run = subprocess.run(["git", "-C", TOP, "ls-files", "-z", "--cached", "--others",
                              "--exclude-standard"], capture_output=True, check=False)
        listed = run.stdout.decode().split("\0") if run.returncode == 0 else []
    if not listed:
        for folder, folders, names in os.walk(TOP):
            folders[:] = [f for f in folders if f != ".git" and not f.startswith("build")]
            listed += [os.path.relpath(os.path.join(folder, n), TOP) for n in names]
    return sorted(p for p in listed
                  if p and p.startswith(under) and (not suffixes or p.endswith(suffixes))
                  and os.path.isfile(os.path.join(TOP, p)))


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def c_sources():
    return files(".c", ".h", ".cpp", ".hpp")


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """As many lines as before, so that line numbers stay right."""
    text = match.group(0)
    return "\n" * text.count("\n") if text.startswith("/") else text[0] * 2


def code_only(text):
    """C text with comments removed and literals emptied; include lines keep their names."""
    lines = TOKEN.sub(blank, text).split("\n")
    for i, line in enumerate(text.split("\n")):
        if re.match(r'\s*#\s*include\s', line) and i < len(lines) and lines[i].strip():
            lines[i] = line
    return "\n".join(lines)


def finish(problems, what):
    """Print and leave: 1 if there were problems."""
    for p in problems:
        print(p)
    print(f"{what}: {len(problems)} problems")
    sys.exit(1 if problems else 0)
