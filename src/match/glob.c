/* match/glob.c - wildcard patterns.  Most are one literal with `*` at an end and become a compare
 * or a memmem.  The rest is split at `*` into segments: the first is tied to the start, the last to
 * the end, those between are found leftmost one after the other, which is sound because a later
 * start never leaves more room. */
#include "match/glob.h"

#include "base/utf.h"
#include "match/fold.h"

enum { RUN = 0xff, ONE = 0xfe }; /* TCS_ANY_RUN, TCS_ANY_ONE as unsigned bytes */

static bool
wild(char c)
{
    return (unsigned char)c >= ONE;
}

/* The pattern with literals folded (or cleaned) and neighbouring `*` merged. */
static struct tcs_str
normal(struct tcs_arena *a, struct tcs_str pat, bool cased)
{
    char *out = tcs_base_arena_alloc(a, TCS_FOLD_ROOM_UTF8(pat.n));
    size_t n = 0;
    if (!out)
        return (struct tcs_str){NULL, 0};
    for (size_t i = 0, end; i < pat.n; i = end) {
        end = i + 1;
        if (wild(pat.p[i])) {
            if ((unsigned char)pat.p[i] == ONE || n == 0 || (unsigned char)out[n - 1] != RUN)
                out[n++] = pat.p[i];
            continue;
        }
        while (end < pat.n && !wild(pat.p[end]))
            end++;
        struct tcs_str lit = {pat.p + i, end - i};
        if (cased) {
            struct tcs_str c = tcs_match_fold_clean(lit, out + n);
            if (c.p == lit.p)
                memcpy(out + n, c.p, c.n);
            n += c.n;
        } else {
            n += tcs_match_fold_utf8(lit, out + n);
        }
    }
    return (struct tcs_str){out, n};
}

/* Longest run without wildcards and how it is tied. */
static void
longest_literal(struct tcs_glob *g)
{
    struct tcs_str pat = g->pat;
    for (size_t i = 0, end; i < pat.n; i = end) {
        end = i + 1;
        if (wild(pat.p[i]))
            continue;
        while (end < pat.n && !wild(pat.p[end]))
            end++;
        if (end - i <= g->lit.n)
            continue;
        g->lit = (struct tcs_str){pat.p + i, end - i};
        g->lit_kind = i == 0 ? TCS_G_PREFIX : end == pat.n ? TCS_G_SUFFIX : TCS_G_CONTAINS;
    }
}

bool
tcs_match_glob_compile(struct tcs_arena *a, struct tcs_str pattern, bool cased,
                       struct tcs_glob *ret)
{
    struct tcs_str pat = normal(a, pattern, cased);
    if (!pat.p)
        return false;
    *ret = (struct tcs_glob){.kind = TCS_G_PATTERN, .pat = pat, .lit_kind = TCS_G_CONTAINS};
    bool open = pat.n > 0 && (unsigned char)pat.p[0] == RUN;
    bool tail = pat.n > 0 && (unsigned char)pat.p[pat.n - 1] == RUN;
    if (pat.n == 1 && open) {
        ret->kind = TCS_G_ALL;
        return true;
    }
    struct tcs_str mid = tcs_base_str_slice(pat, open, pat.n - tail);
    for (size_t i = 0; i < mid.n; i++)
        if (wild(mid.p[i])) {
            longest_literal(ret);
            return true;
        }
    ret->kind = open ? (tail ? TCS_G_CONTAINS : TCS_G_SUFFIX) : tail ? TCS_G_PREFIX : TCS_G_EXACT;
    ret->lit = mid;
    return true;
}

static size_t
char_len(struct tcs_str s, size_t at)
{
    size_t n = tcs_base_utf8_len(s, at);
    return n ? n : 1;
}

/* Does the segment match exactly at `at`?  *end is where it stops. */
static bool
segment_at(struct tcs_str seg, struct tcs_str text, size_t at, size_t *end)
{
    for (size_t i = 0; i < seg.n; i++) {
        if (at >= text.n)
            return false;
        if ((unsigned char)seg.p[i] == ONE) {
            at += char_len(text, at);
            continue;
        }
        if (seg.p[i] != text.p[at])
            return false;
        at++;
    }
    *end = at;
    return true;
}

static bool
has_one(struct tcs_str seg)
{
    return seg.n && memchr(seg.p, ONE, seg.n) != NULL;
}

static bool
segment_find(struct tcs_str seg, struct tcs_str text, size_t from, size_t *end)
{
    if (!has_one(seg)) {
        if (seg.n > text.n - from)
            return false; /* and an empty text has no place to look at */
        if (seg.n == 0) {
            *end = from;
            return true;
        }
        const char *hit = memmem(text.p + from, text.n - from, seg.p, seg.n);
        if (hit)
            *end = (size_t)(hit - text.p) + seg.n;
        return hit != NULL;
    }
    for (size_t at = from; at <= text.n; at += at < text.n ? char_len(text, at) : 1)
        if (segment_at(seg, text, at, end))
            return true;
    return false;
}

/* The segment tied to the end: step back as many characters as it has. */
static bool
segment_tail(struct tcs_str seg, struct tcs_str text, size_t from)
{
    size_t at = text.n, end;
    for (size_t i = 0; i < seg.n; i++) {
        if ((unsigned char)seg.p[i] != ONE && ((unsigned char)seg.p[i] & 0xc0) == 0x80)
            continue; /* inside a character of the segment */
        do {
            if (at <= from)
                return false;
            at--;
        } while (at > from && ((unsigned char)text.p[at] & 0xc0) == 0x80);
    }
    return segment_at(seg, text, at, &end) && end == text.n;
}

static bool
pattern_match(struct tcs_str pat, struct tcs_str text)
{
    size_t at = 0, stop = tcs_base_str_find(pat, (char)RUN, 0);
    if (!segment_at((struct tcs_str){pat.p, stop}, text, 0, &at))
        return false;
    if (stop == pat.n)
        return at == text.n;
    for (;;) {
        size_t start = stop + 1;
        stop = tcs_base_str_find(pat, (char)RUN, start);
        struct tcs_str seg = {pat.p + start, stop - start};
        if (stop == pat.n)
            return segment_tail(seg, text, at);
        if (!segment_find(seg, text, at, &at))
            return false;
    }
}

bool
tcs_match_glob_match(const struct tcs_glob *g, struct tcs_str text)
{
    switch ((enum tcs_glob_kind)g->kind) {
    case TCS_G_ALL:
        return true;
    case TCS_G_EXACT:
        return tcs_base_str_eq(text, g->lit);
    case TCS_G_PREFIX:
        return tcs_base_str_starts(text, g->lit);
    case TCS_G_SUFFIX:
        return tcs_base_str_ends(text, g->lit);
    case TCS_G_CONTAINS:
        return g->lit.n <= text.n && memmem(text.p, text.n, g->lit.p, g->lit.n) != NULL;
    case TCS_G_PATTERN:
        return pattern_match(g->pat, text);
    }
    return false;
}
