/* match/regexlit.c - required literals of a PCRE pattern.
 *
 * Reads the pattern as a sequence of items, keeps runs of plain characters, and takes the best of:
 * the runs, and the sets that groups require.  An alternation requires one of what each branch
 * requires.  Whatever is not surely understood ends a run and requires nothing, so the answer may
 * be weak but never wrong; a construct that changes the meaning of others (extended mode, \Q,
 * verbs, conditionals) gives up altogether. */
#include "match/regexlit.h"

enum { DEPTH_MAX = 16, RUN_MAX = 64 };

struct set {
    struct tcs_str lits[TCS_REGEXLIT_MAX];
    uint32_t n;      /* 0: nothing required */
    size_t shortest; /* of lits */
};

struct reader {
    struct tcs_arena *a;
    struct tcs_str s;
    size_t at, shortest;
    unsigned depth;
    bool lost; /* not understood: the whole pattern requires nothing */
};

struct run {
    char p[RUN_MAX];
    size_t n;
};

static bool
better(const struct set *x, const struct set *than)
{
    if (x->n == 0 || than->n == 0)
        return x->n > 0;
    return x->shortest * than->n > than->shortest * x->n;
}

/* The run ends here: is it the best so far? */
static void
flush(struct reader *r, struct run *run, struct set *best)
{
    struct set one = {.n = 1, .shortest = run->n};
    if (run->n >= r->shortest && better(&one, best)) {
        struct tcs_str copy = tcs_arena_str(r->a, (struct tcs_str){run->p, run->n});
        if (copy.p) {
            best->n = 1;
            best->shortest = run->n;
            best->lits[0] = copy;
        }
    }
    run->n = 0;
}

static bool
peek(const struct reader *r, char c)
{
    return r->at < r->s.n && r->s.p[r->at] == c;
}

/* "{2,}" at r->at?  *least is the first number. */
static bool
braces(struct reader *r, unsigned *least)
{
    size_t i = r->at + 1;
    unsigned v = 0;
    bool digits = false;
    for (; i < r->s.n && r->s.p[i] >= '0' && r->s.p[i] <= '9'; i++) {
        v = v > 9999 ? v : v * 10 + (unsigned)(r->s.p[i] - '0');
        digits = true;
    }
    if (i < r->s.n && r->s.p[i] == ',')
        for (i++; i < r->s.n && r->s.p[i] >= '0' && r->s.p[i] <= '9';)
            i++;
    if (!digits || i >= r->s.n || r->s.p[i] != '}')
        return false; /* not a quantifier: a literal brace, or PCRE's "{,n}" of newer versions */
    *least = v;
    r->at = i + 1;
    return true;
}

/* Steps over a quantifier; returns the least number of times, 1 and *any = false if there is
 * none. */
static unsigned
quantifier(struct reader *r, bool *any)
{
    unsigned least = 1;
    *any = true;
    if (peek(r, '?') || peek(r, '*')) {
        least = 0;
        r->at++;
    } else if (peek(r, '+')) {
        r->at++;
    } else if (!peek(r, '{') || !braces(r, &least)) {
        *any = false;
        if (peek(r, '{'))
            r->lost = true;
        return 1;
    }
    if (peek(r, '?') || peek(r, '+'))
        r->at++; /* lazy or possessive */
    return least;
}

/* Behind '[': to behind the closing bracket. */
static void
skip_class(struct reader *r)
{
    if (peek(r, '^'))
        r->at++;
    if (peek(r, ']'))
        r->at++;
    while (r->at < r->s.n && !peek(r, ']')) {
        if (peek(r, '[') && r->at + 1 < r->s.n && strchr(":.=", r->s.p[r->at + 1])) {
            char kind = r->s.p[r->at + 1];
            for (r->at += 2; r->at + 1 < r->s.n; r->at++)
                if (r->s.p[r->at] == kind && r->s.p[r->at + 1] == ']')
                    break;
            r->at++;
        } else if (peek(r, '\\')) {
            if (r->at + 1 < r->s.n && strchr("QE", r->s.p[r->at + 1]))
                r->lost = true;
            r->at++;
        }
        r->at++;
    }
    if (r->at >= r->s.n)
        r->lost = true;
    r->at++;
}

static void alternation(struct reader *r, struct set *ret);

/* Behind "(".  Groups that look around or are special require nothing. */
static void
group(struct reader *r, struct set *ret)
{
    ret->n = 0;
    if (peek(r, '*')) {
        r->lost = true;
        return;
    }
    if (peek(r, '?')) {
        size_t i = r->at + 1;
        while (i < r->s.n && strchr("ims-", r->s.p[i]) && r->s.p[i])
            i++;
        if (i < r->s.n && r->s.p[i] == ')') {
            r->at = i + 1; /* (?i): modes do not matter to folded literals */
            return;
        }
        if (i >= r->s.n || r->s.p[i] != ':') {
            r->lost = true; /* look-around, names, conditions, extended mode */
            return;
        }
        r->at = i + 1;
    }
    if (++r->depth > DEPTH_MAX) {
        r->lost = true;
        return;
    }
    alternation(r, ret);
    r->depth--;
    if (!peek(r, ')'))
        r->lost = true;
    r->at++;
}

/* Behind "\": a literal character into *c, or something else. */
static bool
escape(struct reader *r, char *c)
{
    if (r->at >= r->s.n) {
        r->lost = true;
        return false;
    }
    *c = r->s.p[r->at++];
    bool alnum =
        (*c >= '0' && *c <= '9') || (tcs_ascii_lower(*c) >= 'a' && tcs_ascii_lower(*c) <= 'z');
    if (!alnum)
        return (unsigned char)*c < 0x80;
    /* types and simple assertions; anything with arguments is not followed */
    if (!strchr("dDsSwWbBAzZhHvVRNntrfea", *c))
        r->lost = true;
    return false;
}

/* One item that is not a plain character: what it requires goes against *best. */
static void
no_literal(struct reader *r, struct run *run, struct set *best, const struct set *inside)
{
    bool any;
    flush(r, run, best);
    unsigned least = quantifier(r, &any);
    if (least > 0 && inside && better(inside, best))
        *best = *inside;
}

static void
literal(struct reader *r, struct run *run, struct set *best, char c)
{
    bool any;
    if (run->n == RUN_MAX)
        flush(r, run, best);
    unsigned least = quantifier(r, &any);
    if (least == 0 || (unsigned char)c >= 0x80) {
        flush(r, run, best);
        return;
    }
    run->p[run->n++] = tcs_ascii_lower(c);
    if (any)
        flush(r, run, best); /* repeated: what follows may stand further away */
}

static void
branch(struct reader *r, struct set *best)
{
    struct run run = {.n = 0};
    struct set inside;
    best->n = 0;
    while (r->at < r->s.n && !r->lost && !peek(r, '|') && !peek(r, ')')) {
        char c = r->s.p[r->at++];
        if (c == '(') {
            flush(r, &run, best);
            group(r, &inside);
            no_literal(r, &run, best, &inside);
        } else if (c == '[') {
            skip_class(r);
            no_literal(r, &run, best, NULL);
        } else if (c == '.' || c == '^' || c == '$') {
            no_literal(r, &run, best, NULL);
        } else if (c == '\\' && !escape(r, &c)) {
            no_literal(r, &run, best, NULL);
        } else {
            literal(r, &run, best, c);
        }
    }
    flush(r, &run, best);
}

static void
alternation(struct reader *r, struct set *ret)
{
    struct set one;
    branch(r, ret);
    bool all = ret->n > 0;
    while (peek(r, '|') && !r->lost) {
        r->at++;
        branch(r, &one);
        all = all && one.n > 0 && ret->n + one.n <= TCS_REGEXLIT_MAX;
        for (uint32_t i = 0; all && i < one.n; i++)
            ret->lits[ret->n++] = one.lits[i];
        if (all && one.shortest < ret->shortest)
            ret->shortest = one.shortest;
    }
    if (!all)
        ret->n = 0;
}

uint32_t
tcs_regexlit(struct tcs_arena *a, struct tcs_str pattern, size_t shortest, struct tcs_str **ret)
{
    struct reader r = {.a = a, .s = pattern, .shortest = shortest ? shortest : 1};
    struct set all = {.n = 0};
    alternation(&r, &all);
    if (r.lost || r.at != pattern.n || all.n == 0)
        return 0;
    *ret = tcs_arena_array(a, all.n, sizeof **ret);
    if (!*ret)
        return 0;
    memcpy(*ret, all.lits, all.n * sizeof **ret);
    return all.n;
}
