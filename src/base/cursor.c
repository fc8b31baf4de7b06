/* base/cursor.c - the moves of the bounds-checked cursor that are not on the hot path. */
#include "base/cursor.h"

bool
tcs_base_cur_seek(struct tcs_cursor *c, size_t at)
{
    if (c->bad || at > c->n) {
        c->bad = true;
        return false;
    }
    c->at = at;
    return true;
}

bool
tcs_base_cur_skip(struct tcs_cursor *c, size_t n)
{
    return tcs_base_cur_take(c, n) != NULL || (n == 0 && !c->bad);
}

struct tcs_cursor
tcs_base_cur_sub(const struct tcs_cursor *c, size_t at, size_t n)
{
    if (c->bad || at > c->n || n > c->n - at)
        return (struct tcs_cursor){.base = c->base, .bad = true};
    return (struct tcs_cursor){.base = c->base + at, .n = n};
}
