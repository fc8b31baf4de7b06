"""tests/e2e/refuse.py - a kernel that lacks something: system calls answered with an error by a seccomp filter of
the test's own, which the program inherits."""
import ctypes
import platform
import struct

LANDLOCK = [444, 445, 446]  # create_ruleset, add_rule, restrict_self; the same on every architecture
SECCOMP = {"x86_64": (317, 157), "aarch64": (277, 167)}.get(platform.machine())  # seccomp, prctl
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


class Program(ctypes.Structure):
    _fields_ = [("n", ctypes.c_ushort), ("at", ctypes.c_void_p)]


def enter(numbers, error, prctl=None):
    """To be called in the child before it becomes the program: these calls fail with `error`, and with `prctl`
    (its number) also asking for a filter in the older way."""
    code = [(LOAD, 0, 0, 0)]
    for n in numbers:
        code += [(JUMP_EQUAL, 0, 1, n), (RETURN, 0, 0, ERRNO | error)]
    if prctl is not None:
        code += [(JUMP_EQUAL, 0, 3, prctl), (LOAD, 0, 0, 16), (JUMP_EQUAL, 0, 1, PR_SET_SECCOMP),
                 (RETURN, 0, 0, ERRNO | error)]
    code += [(RETURN, 0, 0, ALLOW)]
    text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(code), ctypes.addressof(text))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "the test's own filter is refused")


def landlock(error):
    enter(LANDLOCK, error)


def seccomp(error):
    enter([SECCOMP[0]], error, prctl=SECCOMP[1])
