"""tests/e2e/kill.py - kill writers of the store with SIGKILL, again and again, and look at what is left.

After each kill: the file is sound; what was acknowledged is there; a run is there whole or not at all;
no incident lacks a row.  At the end the content is that of a store whose writers were never killed.
Used by test_kill.py (a few kills) and script/kill-test (hundreds)."""
import os
import random
import signal
import sqlite3
import subprocess
import time

LISTS = ("link", "joined", "transition", "reach", "missing", "expected", "mitigation", "overlap", "entity")
HALF = ("SELECT count(*) FROM incident i WHERE detections <> "
        + " + ".join(f"(SELECT count(*) FROM {t} WHERE incident = i.nr)" for t in LISTS))


class Broken(AssertionError):
    pass


def check(good, message):
    if not good:
        raise Broken(message)


def ask(path, query, *args):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute(query, args).fetchall()
    finally:
        db.close()


def tables(path):
    return [name for name, in ask(path, "SELECT name FROM sqlite_schema WHERE type = 'table' "
                                        "AND name NOT LIKE 'sqlite%' ORDER BY name")]


def content(path):
    """Every row of every table, in an order of its own."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.text_factory = bytes
    try:
        return {t: sorted(map(repr, db.execute(f"SELECT * FROM {t}"))) for t in tables(path)}
    finally:
        db.close()


def sound(path):
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return False  # killed before anything was made
    check(ask(path, "PRAGMA integrity_check") == [("ok",)], "the file is damaged")
    check(ask(path, "PRAGMA foreign_key_check") == [], "a row lost what it belongs to")
    return "incident" in tables(path)


def kill(process, rng, usual, wal):
    """Ends it at a random moment: by the clock, or when the write-ahead log has grown to a size."""
    start = time.monotonic()
    by_size = rng.random() < 0.5
    limit = rng.random() * usual * 1.1
    size = rng.choice((1, 10_000, 60_000, 150_000, 300_000, 600_000))
    while process.poll() is None and time.monotonic() - start < usual * 3:
        if by_size and os.path.exists(wal) and os.path.getsize(wal) >= size:
            break
        if not by_size and time.monotonic() - start >= limit:
            break
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    out = process.communicate()[0]
    return process.returncode == -signal.SIGKILL, out


def runs_there(path):
    """The runs in the file; each whole."""
    check(ask(path, HALF) == [(0,)], "an incident lacks rows")
    rows = ask(path, "SELECT score, count(*) FROM incident GROUP BY score ORDER BY score")
    check(all(n == 20 for _, n in rows), f"a run is there in part: {rows}")
    check([run for run, _ in rows] == list(range(len(rows))), f"a run between others is lost: {rows}")
    return len(rows)


def writer(program, folder, kills, seed, runs=40):
    """Kills the program that writes made incidents.  The number of kills that met it alive."""
    rng = random.Random(seed)
    start = time.monotonic()
    subprocess.run([program, f"{folder}/whole", "0", str(runs)], stdout=subprocess.DEVNULL, check=True)
    usual, hit, done = time.monotonic() - start, 0, 0
    path = f"{folder}/killed/tocsin.db"
    for _ in range(kills):
        if done == runs:  # from the start again
            check(content(path) == content(f"{folder}/whole/tocsin.db"), "the content differs")
            for name in os.listdir(f"{folder}/killed"):
                os.unlink(f"{folder}/killed/{name}")
            done = 0
        p = subprocess.Popen([program, f"{folder}/killed", str(done), str(runs)], stdout=subprocess.PIPE)
        alive, out = kill(p, rng, usual, path + "-wal")
        hit += alive
        acknowledged = done + out.count(b"\n")
        there = runs_there(path) if sound(path) else 0
        check(acknowledged <= there <= acknowledged + 1,
              f"{acknowledged} runs acknowledged, {there} are there")
        done = there
    subprocess.run([program, f"{folder}/killed", str(done), str(runs)], stdout=subprocess.DEVNULL, check=True)
    check(content(path) == content(f"{folder}/whole/tocsin.db"), "the content differs")
    return hit


def hunt(tocsin, rules, events, folder, kills, seed, env=None):
    """Kills `tocsin hunt --state` on a log that grows in five steps.  `events`: a list of lines."""
    rng = random.Random(seed)
    log, path = f"{folder}/log.jsonl", f"{folder}/killed/tocsin.db"
    steps = [len(events) * (i + 1) // 5 for i in range(5)]
    command = [tocsin, "hunt", "--quiet", "--no-cache", "--rules", rules, log, "--state"]

    def grow(step):
        with open(log, "wb") as f:
            f.writelines(events[:steps[step]])
        os.utime(log, (1000 + step, 1000 + step))

    def run(where):
        return subprocess.run([*command, f"{folder}/{where}"], stdout=subprocess.DEVNULL, env=env).returncode

    usual = 0
    for step in range(5):
        grow(step)
        start = time.monotonic()
        check(run("whole") == 2, "the hunt failed")
        usual = max(usual, time.monotonic() - start)
    hit = acknowledged = step = 0
    for _ in range(kills):
        grow(step)
        p = subprocess.Popen([*command, f"{folder}/killed"], stdout=subprocess.PIPE, env=env)
        alive, _ = kill(p, rng, usual, path + "-wal")
        hit += alive
        there = ask(path, "SELECT count(*) FROM detection")[0][0] if sound(path) else 0
        check(there in (acknowledged, steps[step]), f"{there} detections, {acknowledged} were acknowledged")
        check(alive or there == steps[step], "an acknowledged run is not there")
        acknowledged = there
        step += there == steps[step]
        if step == 5:  # from the start again
            check(content(path) == content(f"{folder}/whole/tocsin.db"), "the content differs")
            for name in os.listdir(f"{folder}/killed"):
                os.unlink(f"{folder}/killed/{name}")
            acknowledged = step = 0
    while step < 5:
        grow(step)
        check(run("killed") in (0, 2), "the hunt after kills failed")
        step += 1
    check(content(path) == content(f"{folder}/whole/tocsin.db"), "the content differs")
    return hit
