/* base/str.h - a borrowed run of bytes, usually UTF-8, not NUL-terminated. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct tcs_str {
    const char *p; /* may be NULL only when n == 0 */
    size_t n;
};

#define TCS_STR(lit) ((struct tcs_str){"" lit, sizeof("" lit) - 1}) /* a literal only */
#define TCS_STR_FMT(s) (int)(s).n, (s).p /* for "%.*s"; only for strings known to be short */

static inline struct tcs_str
tcs_base_str_of(const char *z)
{
    return (struct tcs_str){z, z ? strlen(z) : 0};
}

static inline bool
tcs_base_str_eq(struct tcs_str a, struct tcs_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Byte order, then length: the order in which lists are printed. */
int tcs_base_str_cmp(struct tcs_str a, struct tcs_str b);
/* ASCII case ignored. */
bool tcs_base_str_ieq(struct tcs_str a, struct tcs_str b);
bool tcs_base_str_starts(struct tcs_str s, struct tcs_str prefix);
bool tcs_base_str_ends(struct tcs_str s, struct tcs_str suffix);
/* Index of the first `c` at or after `from`, or s.n. */
size_t tcs_base_str_find(struct tcs_str s, char c, size_t from);
struct tcs_str tcs_base_str_slice(struct tcs_str s, size_t from, size_t to); /* clamps to s */
struct tcs_str tcs_base_str_trim(struct tcs_str s); /* spaces, tabs, CR, LF */

static inline char
tcs_base_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}
