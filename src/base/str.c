/* base/str.c - the few operations on borrowed byte runs that libc lacks. */
#include "base/str.h"

int
tcs_base_str_cmp(struct tcs_str a, struct tcs_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool
tcs_base_str_ieq(struct tcs_str a, struct tcs_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (tcs_base_ascii_lower(a.p[i]) != tcs_base_ascii_lower(b.p[i]))
            return false;
    return true;
}

bool
tcs_base_str_starts(struct tcs_str s, struct tcs_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool
tcs_base_str_ends(struct tcs_str s, struct tcs_str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

size_t
tcs_base_str_find(struct tcs_str s, char c, size_t from)
{
    if (from >= s.n)
        return s.n;
    const char *hit = memchr(s.p + from, c, s.n - from);
    return hit ? (size_t)(hit - s.p) : s.n;
}

struct tcs_str
tcs_base_str_slice(struct tcs_str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from >= to)
        return (struct tcs_str){s.p, 0};
    return (struct tcs_str){s.p + from, to - from};
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct tcs_str
tcs_base_str_trim(struct tcs_str s)
{
    size_t from = 0;
    while (from < s.n && is_space(s.p[from]))
        from++;
    size_t to = s.n;
    while (to > from && is_space(s.p[to - 1]))
        to--;
    return tcs_base_str_slice(s, from, to);
}
