/* tests/plain/plain_text.c - the plain matcher's comparisons of text, one code point at a time. */
#include "base/utf.h"
#include "plain/plain_int.h"

#include <utf8proc.h>

uint32_t
plain_fold(uint32_t cp)
{
    utf8proc_int32_t to[16];
    if (cp < 0x80)
        return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    /* İ has a full folding of two characters and no simple one */
    if (cp == 0x130)
        return cp;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)cp, to, 16, UTF8PROC_CASEFOLD, NULL);
    if (n == 1)
        return (uint32_t)to[0];
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

static bool
same_char(uint32_t a, uint32_t b, bool cased)
{
    return a == b || (!cased && plain_fold(a) == plain_fold(b));
}

bool
plain_glob(struct tcs_str pattern, struct tcs_str text, bool cased)
{
    size_t p = 0, t = 0;
    size_t run = SIZE_MAX, run_text = 0; /* behind the last run seen, and where its text ends */
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == TCS_ANY_RUN) {
            run = ++p;
            run_text = t;
            continue;
        }
        size_t next_p = p, next_t = t;
        uint32_t c = tcs_base_utf8_next(text, &next_t);
        bool fits = false;
        if (p < pattern.n && pattern.p[p] == TCS_ANY_ONE) {
            next_p = p + 1;
            fits = true;
        } else if (p < pattern.n) {
            fits = same_char(tcs_base_utf8_next(pattern, &next_p), c, cased);
        }
        if (fits) {
            p = next_p;
            t = next_t;
            continue;
        }
        if (run == SIZE_MAX)
            return false;
        tcs_base_utf8_next(text, &run_text); /* let the run take one more character */
        t = run_text;
        p = run;
    }
    while (p < pattern.n && pattern.p[p] == TCS_ANY_RUN)
        p++;
    return p == pattern.n;
}

bool
plain_same(struct tcs_str a, struct tcs_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (tcs_base_ascii_lower(a.p[i]) != tcs_base_ascii_lower(b.p[i]))
            return false;
    return true;
}
