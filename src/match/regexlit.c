/* match/regexlit.c - required literals of a PCRE pattern.
 *
 * Reads the pattern as a sequence of items and follows runs of plain characters, in which a small
 * class such as [ "'] multiplies the run.  It takes the best of: the runs, and the sets that groups
 * require.  An alternation requires one of what each branch requires.  Whatever is not surely
 * understood ends a run and requires nothing, so the answer may be weak but never wrong; a
 * construct that changes the meaning of others (extended mode, \Q, verbs, conditionals) gives up
 * altogether. */
#include "match/regexlit.h"

enum {
    DEPTH_MAX = 16,
    RUN_MAX = 32,  /* bytes of a literal; the rest of a longer run adds nothing */
    RUNS_MAX = 16, /* literals that classes may multiply a run to */
    CLASS_MAX = 4,
};

struct set {
    struct tcs_str lits[TCS_REGEXLIT_MAX];
    uint32_t n;      /* 0: nothing required */
    unsigned weight; /* of the lightest */
};

/* The literals that end here, all of one length. */
struct run {
    char p[RUNS_MAX][RUN_MAX];
    uint32_t n;
    size_t len;
};

struct reader {
    struct tcs_arena *a;
    struct tcs_str s;
    size_t at;
    unsigned depth;
    bool inexact;      /* something else than literals and `.*` */
    bool lost;         /* not understood: the whole pattern requires nothing */
    struct set all;    /* the literals of the outermost sequence, in order */
    bool alternatives; /* there is no outermost sequence */
};

/* How much it says that a text holds it: unusual characters say more than letters and the
 * punctuation of paths and options. */
static unsigned
weight_of(const char *p, size_t n)
{
    unsigned w = 0;
    for (size_t i = 0; i < n; i++) {
        bool letter = p[i] >= 'a' && p[i] <= 'z';
        bool usual = strchr("\\/ .:-_\"=", p[i]) != NULL;
        w += letter ? 3 : usual ? 2 : p[i] >= '0' && p[i] <= '9' ? 3 : 8;
    }
    return w;
}

static bool
better(const struct set *x, const struct set *than)
{
    if (x->n == 0 || than->n == 0)
        return x->n > 0;
    return (uint64_t)x->weight * (than->n + 3) > (uint64_t)than->weight * (x->n + 3);
}

static void
run_reset(struct run *run)
{
    run->n = 1;
    run->len = 0;
}

/* The run ends here: is it the best so far? */
static void
flush(struct reader *r, struct run *run, struct set *best)
{
    struct set one = {.n = run->n, .weight = ~0u};
    for (uint32_t i = 0; i < run->n && run->len; i++) {
        unsigned w = weight_of(run->p[i], run->len);
        one.weight = w < one.weight ? w : one.weight;
        one.lits[i] = (struct tcs_str){run->p[i], run->len};
    }
    bool outermost = run->len && r->depth == 0 && run->n == 1 && r->all.n < TCS_REGEXLIT_MAX;
    bool use = run->len && better(&one, best);
    for (uint32_t i = 0; i < one.n && (use || outermost); i++)
        one.lits[i] = tcs_base_arena_str(r->a, one.lits[i]);
    if (use)
        *best = one;
    if (outermost)
        r->all.lits[r->all.n++] = one.lits[0];
    run_reset(run);
}

/* Every literal of the run goes on with every one of the characters. */
static void
extend(struct reader *r, struct run *run, struct set *best, const char *chars, uint32_t n)
{
    if (run->len == RUN_MAX || run->n * n > RUNS_MAX) {
        r->inexact = true;
        flush(r, run, best);
    }
    uint32_t before = run->n;
    for (uint32_t c = n; c-- > 0;)
        for (uint32_t i = 0; i < before; i++) {
            memcpy(run->p[c * before + i], run->p[i], run->len);
            run->p[c * before + i][run->len] = chars[c];
        }
    run->n = before * n;
    run->len++;
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
        return false;
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
            r->lost = true; /* a literal brace, or a quantifier of other versions */
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

/* The characters of a class that is a plain list of few: folded, each once.  0: it is not. */
static uint32_t
small_class(const struct reader *r, char out[CLASS_MAX])
{
    uint32_t n = 0;
    for (size_t i = r->at; i < r->s.n && r->s.p[i] != ']'; i++) {
        char c = tcs_base_ascii_lower(r->s.p[i]);
        if ((unsigned char)c >= 0x80 || c == '\0' || strchr("\\^-[", c))
            return 0;
        if (n && memchr(out, c, n))
            continue;
        if (n == CLASS_MAX)
            return 0;
        out[n++] = c;
    }
    return n;
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
        while (i < r->s.n && r->s.p[i] && strchr("ims-", r->s.p[i]))
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
    char low = tcs_base_ascii_lower(*c);
    if (!(*c >= '0' && *c <= '9') && !(low >= 'a' && low <= 'z'))
        return (unsigned char)*c < 0x80;
    /* types, simple assertions, control characters; what has arguments is not followed */
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

/* Behind ".": is it `.*`, whatever it prefers, as long as it gives back? */
static bool
any_run(const struct reader *r)
{
    return peek(r, '*') && !(r->at + 1 < r->s.n && r->s.p[r->at + 1] == '+');
}

/* One of the characters stands here. */
static void
one_of(struct reader *r, struct run *run, struct set *best, const char *chars, uint32_t n)
{
    bool any;
    unsigned least = quantifier(r, &any);
    r->inexact |=
        any || n > 1 || !chars[0] || (chars[0] >= 'a' && chars[0] <= 'z') || chars[0] < ' ';
    if (least > 0 && chars[0])
        extend(r, run, best, chars, n);
    if (any || !chars[0])
        flush(r, run, best); /* repeated: what follows may stand further away */
}

static void
plain(struct reader *r, struct run *run, struct set *best, char c)
{
    char low = tcs_base_ascii_lower(c);
    if ((unsigned char)c >= 0x80)
        low = '\0';
    one_of(r, run, best, &low, 1);
}

static void
class_item(struct reader *r, struct run *run, struct set *best)
{
    char chars[CLASS_MAX];
    uint32_t n = small_class(r, chars);
    skip_class(r);
    if (n)
        one_of(r, run, best, chars, n);
    else
        no_literal(r, run, best, NULL);
}

static void
branch(struct reader *r, struct set *best)
{
    struct run run;
    struct set inside;
    run_reset(&run);
    best->n = 0;
    while (r->at < r->s.n && !r->lost && !peek(r, '|') && !peek(r, ')')) {
        char c = r->s.p[r->at++];
        r->inexact |= c == '(' || c == '[' || c == '^' || c == '$' || (c == '.' && !any_run(r));
        if (c == '(') {
            flush(r, &run, best);
            group(r, &inside);
            no_literal(r, &run, best, &inside);
        } else if (c == '[') {
            class_item(r, &run, best);
        } else if (c == '.' || c == '^' || c == '$') {
            no_literal(r, &run, best, NULL);
        } else if (c == '\\' && !escape(r, &c)) {
            r->inexact = true;
            no_literal(r, &run, best, NULL);
        } else {
            plain(r, &run, best, c);
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
        r->alternatives |= r->depth == 0;
        branch(r, &one);
        all = all && one.n > 0 && ret->n + one.n <= TCS_REGEXLIT_MAX;
        for (uint32_t i = 0; all && i < one.n; i++)
            ret->lits[ret->n++] = one.lits[i];
        if (all && one.weight < ret->weight)
            ret->weight = one.weight;
    }
    if (!all)
        ret->n = 0;
}

static struct tcs_str *
keep(struct tcs_arena *a, const struct set *s)
{
    struct tcs_str *list = tcs_base_arena_array(a, s->n, sizeof *list);
    if (list && s->n)
        memcpy(list, s->lits, s->n * sizeof *list);
    return list;
}

bool
tcs_match_regexlit_find(struct tcs_arena *a, struct tcs_str pattern, struct tcs_regexlit *ret)
{
    struct reader r = {.a = a, .s = pattern};
    struct set any = {.n = 0};
    alternation(&r, &any);
    *ret = (struct tcs_regexlit){0};
    if (tcs_base_arena_failed(a))
        return false;
    if (r.lost || r.at != pattern.n)
        return true;
    if (r.alternatives)
        r.all.n = 0;
    *ret = (struct tcs_regexlit){keep(a, &any), keep(a, &r.all), any.n, r.all.n, false};
    ret->exact = !r.inexact && r.all.n > 0 && r.all.n < TCS_REGEXLIT_MAX;
    return ret->any && ret->all;
}

static const char *
find(struct tcs_str in, struct tcs_str lit)
{
    if (lit.n == 1)
        return memchr(in.p, lit.p[0], in.n);
    return lit.n <= in.n ? memmem(in.p, in.n, lit.p, lit.n) : NULL;
}

static bool
in_order(const struct tcs_regexlit *rl, struct tcs_str rest)
{
    for (uint32_t i = 0; i < rl->nall; i++) {
        const char *hit = rest.n ? find(rest, rl->all[i]) : NULL;
        if (!hit)
            return false;
        rest = tcs_base_str_slice(rest, (size_t)(hit - rest.p) + rl->all[i].n, rest.n);
    }
    return true;
}

/* All in order within one line. */
static bool
in_a_line(const struct tcs_regexlit *rl, struct tcs_str text)
{
    for (size_t from = 0, to; from < text.n; from = to + 1) {
        to = tcs_base_str_find(text, '\n', from);
        if (in_order(rl, tcs_base_str_slice(text, from, to)))
            return true;
    }
    return false;
}

bool
tcs_match_regexlit_may(const struct tcs_regexlit *rl, struct tcs_str folded, bool dotall)
{
    if (folded.n == 0)
        return rl->nany == 0 && rl->nall == 0;
    if (rl->nall && !in_order(rl, folded))
        return false;
    if (rl->exact)
        return dotall || in_a_line(rl, folded);
    for (uint32_t i = 0; i < rl->nany && rl->nall == 0; i++)
        if (find(folded, rl->any[i]))
            return true;
    return rl->nany == 0 || rl->nall > 0;
}
