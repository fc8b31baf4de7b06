/* tests/check.h - cmocka with the headers it needs before it, and what tests share. */
#pragma once
/* cmocka.h wants these before it: */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_SKIP = 77 }; /* meson counts it as skipped */

/* The corpora folder, or NULL after saying that tests on it are skipped. */
static inline const char *
check_corpora(void)
{
    const char *dir = getenv("TOCSIN_CORPORA");
    if (!dir || !*dir) {
        puts("skipped: TOCSIN_CORPORA names no corpora folder");
        return NULL;
    }
    return dir;
}

static inline void
check_str(struct tcs_str got, const char *want)
{
    if (!tcs_base_str_eq(got, tcs_base_str_of(want)))
        fail_msg("got \"%.*s\", want \"%s\"", (int)got.n, got.p ? got.p : "", want);
}
