#!/usr/bin/env python3
"""tests/lint/elf.py BINARY [sanitized] - the hardening is in the file, not only on the command line: position
independent, RELRO with immediate binding, no executable stack, stack canaries, no library path; fortified
calls and automatic variables that begin as zero, which builds for finding mistakes go without."""
# claim: elf
import json
import os
import re
import struct
import sys
import zlib

import tree

ET_DYN = 3
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 3, 0x6474E551, 0x6474E552
DT_STRTAB, DT_FLAGS, DT_RPATH, DT_RUNPATH, DT_FLAGS_1, DT_BIND_NOW = 5, 30, 15, 29, 0x6FFFFFFB, 24
DF_BIND_NOW, DF_1_NOW, DF_1_PIE = 8, 1, 0x08000000
PF_X = 1
SHF_COMPRESSED, CHDR = 0x800, 24
ZEROED = "-ftrivial-auto-var-init=zero"

with open(sys.argv[1], "rb") as f:
    elf = f.read()
if elf[:6] != b"\x7fELF\x02\x01":
    sys.exit("not a little-endian 64-bit ELF file")
kind, = struct.unpack_from("<H", elf, 16)
phoff, = struct.unpack_from("<Q", elf, 32)
phsize, phnum = struct.unpack_from("<HH", elf, 54)
segments = {}
writable_code = False
for i in range(phnum):
    ptype, flags, offset, _, _, filesz = struct.unpack_from("<IIQQQQ", elf, phoff + i * phsize)
    segments[ptype] = (flags, offset, filesz)
    writable_code |= ptype == PT_LOAD and flags & 3 == 3
dynamic = {}
_, offset, size = segments.get(PT_DYNAMIC, (0, 0, 0))
for at in range(offset, offset + size, 16):
    tag, value = struct.unpack_from("<QQ", elf, at)
    dynamic.setdefault(tag, value)



def section(name):
    """The bytes of a section; empty if there is none."""
    shoff, = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    heads = [struct.unpack_from("<IIQQQQ", elf, shoff + i * size) for i in range(count)]
    for at, _, flags, _, start, length in heads:
        begin = heads[names][4] + at
        if elf[begin:elf.index(b"\0", begin)] == name:
            data = elf[start:start + length]
            return zlib.decompress(data[CHDR:]) if flags & SHF_COMPRESSED else data
    return b""


def compilations():
    """What the program's own files were compiled with: gcc leaves its options in what is for debuggers; of other
    compilers, and without that, the build's command lines."""
    told = [t.decode() for t in re.findall(rb"GNU C(?:17|\+\+17) [^\0]* -f[^\0]*", section(b".debug_str")
                                           + section(b".debug_line_str"))]
    if told:
        return told
    with open(os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "compile_commands.json"),
              encoding="utf-8") as f:
        return [c["command"] for c in json.load(f) if "/src/" in "/" + c["file"]]


def zeroed():
    told = compilations()
    return bool(told) and all(re.findall(r"-ftrivial-auto-var-init=\w+", t)[-1:] == [ZEROED] for t in told)


checks = {
    "position independent": kind == ET_DYN and PT_INTERP in segments
                            and dynamic.get(DT_FLAGS_1, 0) & DF_1_PIE,
    "RELRO": PT_GNU_RELRO in segments,
    "immediate binding": dynamic.get(DT_FLAGS, 0) & DF_BIND_NOW or DT_BIND_NOW in dynamic
                         or dynamic.get(DT_FLAGS_1, 0) & DF_1_NOW,
    "stack not executable": PT_GNU_STACK in segments and not segments[PT_GNU_STACK][0] & PF_X,
    "no segment both writable and executable": not writable_code,
    "stack canaries": b"__stack_chk_fail\0" in elf,
    "no library path": DT_RPATH not in dynamic and DT_RUNPATH not in dynamic,
}
if sys.argv[2:] != ["sanitized"]:
    checks["fortified calls"] = b"_chk\0" in elf.replace(b"__stack_chk_fail\0", b"")
    checks["automatic variables begin as zero"] = zeroed()
tree.finish([f"{sys.argv[1]}: missing: {name}" for name, good in checks.items() if not good], "elf")
