/* sigma/correlation_terms.c - the condition over rule names: may it hold, and in which ways?
 *
 * "As far as seen" reads every rule under an odd number of `not` as absent, so it can only become
 * true by more matches; the strict reading is judged when nothing can be added any more.
 * Recursion is bounded by the tree's depth, TCS_TREE_DEPTH_MAX, which the loader checked. */
#include "sigma/correlation_terms.h"

#include "base/limits.h"

struct walk {
    const struct tcs_correlation *c;
    const bool *seen;
    bool strict;
    bool *counts, *negated;
};

static bool
holds(const struct walk *w, uint32_t at, bool under_not)
{
    const struct tcs_node *n = &w->c->nodes[at];
    if (n->op == TCS_N_SEARCH)
        return under_not && !w->strict ? false : w->seen[n->a];
    if (n->op == TCS_N_NOT)
        return !holds(w, n->a, !under_not);
    for (uint32_t i = 0; i < n->n; i++)
        if (holds(w, w->c->kids[n->a + i], under_not) != (n->op == TCS_N_AND))
            return n->op != TCS_N_AND;
    return n->op == TCS_N_AND;
}

bool
tcs_sigma_terms_hold(const struct tcs_correlation *c, const bool *seen, bool strict)
{
    const struct walk w = {.c = c, .seen = seen, .strict = strict};
    return holds(&w, c->root, false);
}

static void
polarity(const struct walk *w, uint32_t at, bool under_not)
{
    const struct tcs_node *n = &w->c->nodes[at];
    if (n->op == TCS_N_SEARCH && !under_not)
        w->counts[n->a] = true;
    else if (n->op == TCS_N_SEARCH)
        *w->negated = true;
    else if (n->op == TCS_N_NOT)
        polarity(w, n->a, !under_not);
    else
        for (uint32_t i = 0; i < n->n; i++)
            polarity(w, w->c->kids[n->a + i], under_not);
}

void
tcs_sigma_terms_polarity(const struct tcs_correlation *c, bool *counts, bool *negated)
{
    const struct walk w = {.c = c, .counts = counts, .negated = negated};
    *negated = false;
    polarity(&w, c->root, false);
}

bool
tcs_sigma_terms_idle(const struct tcs_correlation *c)
{
    static const bool none[TCS_CORR_RULES_MAX];
    return tcs_sigma_terms_hold(c, none, false);
}

/* --- as a list of alternatives, each a set of inputs --- */

/* Sets of inputs as bit rows of `words` 64-bit words. */
struct sets {
    uint64_t *bits;
    uint32_t n, words;
    bool ok;
};

struct expand {
    const struct tcs_correlation *c;
    struct tcs_arena *a;
    uint32_t words;
};

static struct sets
new_sets(const struct expand *x)
{
    struct sets s = {.words = x->words};
    s.bits = tcs_base_arena_array(x->a, (size_t)TCS_CORR_TERMS_MAX * x->words, sizeof *s.bits);
    s.ok = s.bits != NULL;
    return s;
}

static void
add_set(struct sets *s, const uint64_t *a, const uint64_t *b)
{
    if (!s->ok || s->n == TCS_CORR_TERMS_MAX) {
        s->ok = false;
        return;
    }
    uint64_t *to = s->bits + (size_t)s->n * s->words;
    for (uint32_t i = 0; i < s->words; i++)
        to[i] = a[i] | (b ? b[i] : 0);
    for (uint32_t k = 0; k < s->n; k++)
        if (memcmp(s->bits + (size_t)k * s->words, to, s->words * sizeof *to) == 0)
            return;
    s->n++;
}

static struct sets alternatives(const struct expand *x, uint32_t at, bool under_not);

static struct sets
join(const struct expand *x, const struct tcs_node *n, bool both, bool under_not)
{
    struct sets sum = new_sets(x);
    if (both && sum.ok)
        sum.n = 1; /* the empty set */
    for (uint32_t i = 0; i < n->n && sum.ok; i++) {
        struct sets one = alternatives(x, x->c->kids[n->a + i], under_not);
        struct sets next = both ? new_sets(x) : sum;
        next.ok = next.ok && one.ok;
        for (uint32_t k = 0; k < one.n && next.ok; k++) {
            const uint64_t *b = one.bits + (size_t)k * one.words;
            for (uint32_t j = 0; both && j < sum.n && next.ok; j++)
                add_set(&next, sum.bits + (size_t)j * sum.words, b);
            if (!both)
                add_set(&next, b, NULL);
        }
        sum = next;
    }
    return sum;
}

/* What is under `not` counts as fulfilled: it asks for no match. */
static struct sets
alternatives(const struct expand *x, uint32_t at, bool under_not)
{
    const struct tcs_node *n = &x->c->nodes[at];
    if (n->op == TCS_N_NOT)
        return alternatives(x, n->a, !under_not);
    if (n->op != TCS_N_SEARCH)
        return join(x, n, (n->op == TCS_N_AND) != under_not, under_not);
    struct sets s = new_sets(x);
    if (s.ok && !under_not)
        s.bits[n->a / 64] |= (uint64_t)1 << n->a % 64;
    s.n = s.ok;
    return s;
}

bool
tcs_sigma_terms_list(const struct tcs_correlation *c, struct tcs_arena *a,
                     struct tcs_sigma_terms *d)
{
    struct tcs_arena *tmp = tcs_base_arena_new(64 << 20);
    const struct expand x = {.c = c, .a = tmp, .words = c->nrules / 64 + 1};
    struct sets s = {0};
    if (tmp)
        s = alternatives(&x, c->root, false);
    d->at = s.ok ? tcs_base_arena_array(a, s.n, sizeof *d->at) : NULL;
    d->n = d->at ? s.n : 0;
    bool ok = d->at != NULL;
    for (uint32_t i = 0; ok && i < d->n; i++) {
        struct tcs_sigma_term *t = &d->at[i];
        t->inputs = tcs_base_arena_array(a, c->nrules, sizeof *t->inputs);
        t->at = d->nsteps;
        ok = t->inputs != NULL;
        for (uint32_t k = 0; ok && k < c->nrules; k++)
            if (s.bits[(size_t)i * s.words + k / 64] >> k % 64 & 1)
                t->inputs[t->n++] = k;
        d->nsteps += t->n;
        ok = ok && t->n > 0;
    }
    tcs_base_arena_free(tmp);
    return ok;
}

bool
tcs_sigma_terms_in_order(const struct tcs_correlation *c)
{
    struct tcs_arena *tmp = tcs_base_arena_new(64 << 20);
    struct tcs_sigma_terms d = {0};
    bool ok = tmp && tcs_sigma_terms_list(c, tmp, &d) && d.nsteps <= TCS_CORR_STEPS_MAX;
    tcs_base_arena_free(tmp);
    return ok;
}
