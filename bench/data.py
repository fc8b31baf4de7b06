"""bench/data.py - what the bench reads: made once below build-bench/, outside the repository's files."""
import os
import shutil
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
OUT = os.path.join(TOP, "build-bench")
RULE_SETS = ("rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance")
EVTX_SAMPLES = ("evtx-attack-samples", "evtx-parser-samples", "sigma-regression")
# The newest release and the one before that was measured first; the faster one is the peer.
PEER_VERSIONS = ("0.12.2", "0.15.1")


def say(text):
    print("  " + text, file=sys.stderr, flush=True)


def compose(corpora, name, files, mib, *flags):
    out = os.path.join(OUT, "data", name)
    samples = [os.path.join(corpora, s) for s in EVTX_SAMPLES]
    done = subprocess.run([sys.executable, os.path.join(HERE, "compose.py"), "--out", out, "--name", name,
                           "--files", str(files), "--mib", str(mib), *flags, "--samples", *samples],
                          check=True, capture_output=True, text=True)
    say(f"{name}: {done.stdout.strip()}")
    return [os.path.join(out, f"{name}-{i}.evtx") for i in range(files)]


def unpack_json(corpora):
    """Every JSON member of the Security-Datasets zips as a file of its own."""
    out = os.path.join(OUT, "data", "json")
    os.makedirs(out, exist_ok=True)
    found = []
    for folder, _, names in sorted(os.walk(os.path.join(corpora, "security-datasets"))):
        for name in sorted(n for n in names if n.endswith(".zip")):
            with zipfile.ZipFile(os.path.join(folder, name)) as z:
                found += [unpack_member(z, m, out) for m in z.infolist()
                          if m.filename.endswith(".json") and not m.filename.startswith("__MACOSX")]
    found.sort()
    say(f"json: {len(found)} files, {sum(map(os.path.getsize, found)) / 1e6:.0f} MB")
    return found


def unpack_member(archive, member, out):
    path = os.path.join(out, os.path.basename(member.filename))
    if not os.path.exists(path) or os.path.getsize(path) != member.file_size:
        with archive.open(member) as src, open(path, "wb") as dst:
            shutil.copyfileobj(src, dst)
    return path


def rule_sets(corpora):
    return [os.path.join(corpora, "sigma", r) for r in RULE_SETS]


def doubled_rules(corpora):
    out = os.path.join(OUT, "data", "rules-doubled")
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run([sys.executable, os.path.join(HERE, "double_rules.py"), *rule_sets(corpora), out],
                   check=True, capture_output=True)
    return out


def peers():
    """evtx_dump of each version, built by cargo in release mode with its fast allocator."""
    cargo = shutil.which("cargo") or os.path.expanduser("~/.cargo/bin/cargo")
    if not os.path.exists(cargo):
        say("no cargo: the peer evtx_dump is not built and not compared (install Rust 1.85 or later)")
        return {}
    built = {}
    for version in PEER_VERSIONS:
        root = os.path.join(OUT, "peer-" + version)
        exe = os.path.join(root, "bin", "evtx_dump")
        if not os.path.exists(exe):
            say(f"building evtx_dump {version} (about two minutes)")
            run = subprocess.run([cargo, "install", "--quiet", "evtx", "--version", version, "--locked",
                                  "--features", "fast-alloc", "--root", root],
                                 capture_output=True, text=True, check=False)
            if run.returncode:
                say(f"cargo failed for {version}: " + run.stderr.strip()[-400:])
                continue
        built[version] = exe
    return built
