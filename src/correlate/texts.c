/* correlate/texts.c - texts as small numbers, counted by their users, gone with the last.
 *
 * Equality in correlations ignores ASCII case, so each text knows the number of its lower-case
 * form; what people see is the text as it came. */
#include "base/grow.h"
#include "base/hash.h"
#include "base/limits.h"
#include "correlate/correlate_int.h"

#include <stdlib.h>

static bool
grow_heads(struct corr_texts *t)
{
    uint32_t n = t->heads ? (t->mask + 1) * 2 : 256;
    uint32_t *heads = calloc(n, sizeof *heads);
    if (!heads)
        return false;
    free(t->heads);
    t->heads = heads;
    t->mask = n - 1;
    for (uint32_t i = 1; i < t->n; i++) {
        if (!t->at[i].refs)
            continue;
        uint32_t h = t->at[i].hash & t->mask;
        t->at[i].next = heads[h];
        heads[h] = i;
    }
    return true;
}

static bool
room(struct corr_texts *t)
{
    if (t->spare || t->n < t->cap)
        return true;
    if (!tcs_base_grow(&t->at, &t->cap, t->n, 1, sizeof *t->at))
        return false;
    if (!t->n) {
        t->at[0] = (struct corr_text){0}; /* "missing" */
        t->n = 1;
    }
    return true;
}

static uint32_t
find(const struct corr_texts *t, struct tcs_str s, uint32_t hash)
{
    uint32_t i = t->heads ? t->heads[hash & t->mask] : 0;
    while (i && !(t->at[i].hash == hash && tcs_base_str_eq(correlate_text(t, i), s)))
        i = t->at[i].next;
    return i;
}

static uint32_t
add(struct corr_texts *t, struct tcs_str s, uint32_t hash)
{
    if (!room(t) || ((!t->heads || t->live >= t->mask) && !grow_heads(t)))
        return 0;
    char *p = malloc(s.n ? s.n : 1);
    if (!p)
        return 0;
    memcpy(p, s.p, s.n);
    uint32_t i = t->spare ? t->spare : t->n++;
    if (t->spare)
        t->spare = t->at[i].next;
    uint32_t h = hash & t->mask;
    t->at[i] = (struct corr_text){
        .p = p, .n = (uint32_t)s.n, .refs = 1, .next = t->heads[h], .fold = i, .hash = hash};
    t->heads[h] = i;
    t->live++;
    return i;
}

static uint32_t
intern(struct corr_texts *t, struct tcs_str s)
{
    uint32_t hash = (uint32_t)tcs_base_hash(s.p, s.n, t->seed), i = find(t, s, hash);
    if (!i)
        return add(t, s, hash);
    t->at[i].refs++;
    return i;
}

uint32_t
correlate_text_intern(struct corr_texts *t, struct tcs_str s)
{
    char lower[TCS_CORR_TEXT_MAX];
    bool folded = false;
    s = tcs_base_str_slice(s, 0, sizeof lower);
    uint32_t before = t->live, i = intern(t, s);
    if (!i || t->live == before)
        return i;
    for (size_t k = 0; k < s.n; k++) {
        lower[k] = tcs_base_ascii_lower(s.p[k]);
        folded = folded || lower[k] != s.p[k];
    }
    if (!folded)
        return i;
    uint32_t fold = intern(t, (struct tcs_str){lower, s.n});
    if (!fold) {
        correlate_text_drop(t, i);
        return 0;
    }
    t->at[i].fold = fold;
    return i;
}

void
correlate_text_keep(struct corr_texts *t, uint32_t id)
{
    if (id)
        t->at[id].refs++;
}

void
correlate_text_drop(struct corr_texts *t, uint32_t id)
{
    if (!id || --t->at[id].refs)
        return;
    struct corr_text *x = &t->at[id];
    uint32_t *link = &t->heads[x->hash & t->mask], fold = x->fold;
    while (*link != id)
        link = &t->at[*link].next;
    *link = x->next;
    free(x->p);
    *x = (struct corr_text){.next = t->spare};
    t->spare = id;
    t->live--;
    if (fold != id)
        correlate_text_drop(t, fold); /* once deep: a lower-case text is its own */
}

void
correlate_texts_done(struct corr_texts *t)
{
    for (uint32_t i = 1; i < t->n; i++)
        free(t->at[i].p);
    free(t->at);
    free(t->heads);
    *t = (struct corr_texts){0};
}
