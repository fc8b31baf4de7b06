/* detect/seen.c - two tables with open addressing. */
#include "detect/seen.h"

#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 1024 };

/* --- the set --- */

void
tcs_detect_seen_done(struct tcs_seen *s)
{
    free(s->now);
    free(s->before);
    *s = (struct tcs_seen){.max = s->max};
}

static uint64_t *
slot_of(uint64_t *at, uint32_t slots, uint64_t hash)
{
    uint32_t i = (uint32_t)(hash ^ hash >> 32) & (slots - 1);
    while (at[i] && at[i] != hash)
        i = (i + 1) & (slots - 1);
    return &at[i];
}

/* Twice the slots. */
static bool
widen(struct tcs_seen *s)
{
    uint32_t slots = s->now_slots ? s->now_slots * 2 : SLOTS_FIRST;
    uint64_t *at = calloc(slots, sizeof *at);
    if (!at)
        return false;
    for (uint32_t i = 0; i < s->now_slots; i++)
        if (s->now[i])
            *slot_of(at, slots, s->now[i]) = s->now[i];
    free(s->now);
    s->now = at;
    s->now_slots = slots;
    return true;
}

/* The older half goes, the newer one becomes the older. */
static bool
turn(struct tcs_seen *s)
{
    for (uint32_t i = 0; i < s->before_slots; i++)
        s->forgotten += s->before[i] != 0;
    free(s->before);
    s->before = s->now;
    s->before_slots = s->now_slots;
    s->now = NULL;
    s->now_slots = s->nnow = 0;
    return widen(s);
}

bool
tcs_detect_seen_has(const struct tcs_seen *s, uint64_t hash)
{
    hash = hash ? hash : 1;
    return (s->before && *slot_of(s->before, s->before_slots, hash)) ||
           (s->now && *slot_of(s->now, s->now_slots, hash));
}

int
tcs_detect_seen_add(struct tcs_seen *s, uint64_t hash)
{
    hash = hash ? hash : 1;
    if (tcs_detect_seen_has(s, hash))
        return 0;
    if (s->nnow == (s->max ? s->max : TCS_SEEN_MAX / 2) && !turn(s))
        return -ENOMEM;
    if ((s->nnow + 1) * 2 > s->now_slots && !widen(s))
        return -ENOMEM;
    *slot_of(s->now, s->now_slots, hash) = hash;
    s->nnow++;
    return 1;
}

/* --- the counts --- */

void
tcs_detect_repeats_done(struct tcs_repeats *r)
{
    free(r->at);
    *r = (struct tcs_repeats){0};
}

void
tcs_detect_repeats_clear(struct tcs_repeats *r)
{
    if (r->slots > SLOTS_FIRST) { /* one big source must not slow down all small ones behind it */
        free(r->at);
        r->at = NULL;
        r->slots = 0;
    } else if (r->n) {
        memset(r->at, 0, r->slots * sizeof *r->at);
    }
    r->n = 0;
}

static struct tcs_repeat *
repeat_of(struct tcs_repeat *at, uint32_t slots, const uint8_t *key)
{
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    uint32_t i = (uint32_t)(hash ^ hash >> 32) & (slots - 1);
    while (at[i].count && memcmp(at[i].key, key, TCS_KEY) != 0)
        i = (i + 1) & (slots - 1);
    return &at[i];
}

static bool
repeats_room(struct tcs_repeats *r)
{
    if ((r->n + 1) * 2 <= r->slots)
        return true;
    uint32_t slots = r->slots ? r->slots * 2 : SLOTS_FIRST;
    struct tcs_repeat *at = calloc(slots, sizeof *at);
    if (!at)
        return false;
    for (uint32_t i = 0; i < r->slots; i++)
        if (r->at[i].count)
            *repeat_of(at, slots, r->at[i].key) = r->at[i];
    free(r->at);
    r->at = at;
    r->slots = slots;
    return true;
}

int
tcs_detect_repeats_next(struct tcs_repeats *r, const struct tcs_key *k, uint64_t count,
                        uint64_t *nth)
{
    if (r->n == (r->max ? r->max : TCS_REPEATS_MAX)) {
        r->forgotten += r->n;
        memset(r->at, 0, r->slots * sizeof *r->at);
        r->n = 0;
    }
    if (!repeats_room(r))
        return -ENOMEM;
    struct tcs_repeat *x = repeat_of(r->at, r->slots, k->b);
    *nth = x->count;
    r->n += !x->count;
    memcpy(x->key, k->b, TCS_KEY);
    x->count += count;
    return 0;
}
