#!/usr/bin/env python3
"""tests/lint/elf.py BINARY - the hardening is in the file, not only on the command line: position
independent, RELRO with immediate binding, no executable stack, stack canaries, no library path."""
import struct
import sys

import tree

ET_DYN = 3
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 3, 0x6474E551, 0x6474E552
DT_STRTAB, DT_FLAGS, DT_RPATH, DT_RUNPATH, DT_FLAGS_1, DT_BIND_NOW = 5, 30, 15, 29, 0x6FFFFFFB, 24
DF_BIND_NOW, DF_1_NOW, DF_1_PIE = 8, 1, 0x08000000
PF_X = 1

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

checks = {
    "position independent": kind == ET_DYN and PT_INTERP in segments
                            and dynamic.get(DT_FLAGS_1, 0) & DF_1_PIE,
    "RELRO": PT_GNU_RELRO in segments,
    "immediate binding": dynamic.get(DT_FLAGS, 0) & DF_BIND_NOW or DT_BIND_NOW in dynamic
                         or dynamic.get(DT_FLAGS_1, 0) & DF_1_NOW,
    "stack not executable": PT_GNU_STACK in segments and not segments[PT_GNU_STACK][0] & PF_X,
    "no segment both writable and executable": not writable_code,
    "stack canaries": b"__stack_chk_fail\0" in elf,
    "fortified calls": b"_chk\0" in elf.replace(b"__stack_chk_fail\0", b""),
    "no library path": DT_RPATH not in dynamic and DT_RUNPATH not in dynamic,
}
tree.finish([f"{sys.argv[1]}: missing: {name}" for name, good in checks.items() if not good], "elf")
