/* base/err.h - how failures travel: a return code for callers, a sentence for people.
 *
 * A function that can fail returns 0 when done, a negative TCS_E* code with *err filled when it
 * failed, and a positive value only for an outcome its header documents.  Outputs are written on
 * success only.  The struct lives on the caller's stack: no malloc, no thread-local state. */
#pragma once
#include <stdint.h>

enum {
    TCS_EPARSE = 1, /* the input breaks its format */
    TCS_ELIMIT,     /* a named limit (base/limits.h) was reached */
    TCS_ENOMEM,
    TCS_EIO,      /* the system refused: err->sys holds errno */
    TCS_EUSAGE,   /* the caller's arguments make no sense */
    TCS_EUNSUPP,  /* valid input that this version does not do; says what instead */
    TCS_ECORRUPT, /* bytes that were damaged after they were written */
    TCS_ELOCKED,  /* protected by a password */
    TCS_ESTOP,    /* the user asked to stop */
};

struct tcs_err {
    int code;           /* TCS_E*, 0 when unset */
    int sys;            /* errno, 0 if none */
    uint32_t line, col; /* 1-based place in a text file, 0 if none */
    uint64_t off;       /* byte offset in a binary file */
    char msg[232];      /* one sentence, no newline */
};

/* Fill *err and return -code.  err may be NULL. */
int tcs_base_fail(struct tcs_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* As tcs_base_fail with code TCS_EIO: appends the text of errno `sys`. */
int tcs_base_fail_sys(struct tcs_err *err, int sys, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Put "context: " before the message, keep code and place; returns -err->code. */
int tcs_base_wrap(struct tcs_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
