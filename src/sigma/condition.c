/* sigma/condition.c - the condition of a detection -> a tree over its search identifiers.
 *
 *   or    := and ("or" and)*
 *   and   := not ("and" not)*
 *   not   := "not"* item
 *   item  := "(" or ")" | count "of" ("them" | pattern) | identifier
 *   count := "all" | "any" | 1, 2, 3 ...
 *
 * Sigma rules specification, "Condition".  `any` is 1; counts above 1 are ours.  Recursion is
 * bounded by TCS_COND_DEPTH_MAX.  Aggregations (`| count() ...`) are refused: correlations have
 * taken their place. */
#include "sigma/condition.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/num.h"
#include "sigma/suggest.h"

/* "3 of x*" with more combinations than this is refused. */
enum { COMBINATIONS_MAX = 4096, SUGGESTIONS_MAX = 10 };
enum { LOOK_BYTES = 64 }; /* of a pattern and a name together that cost as much as one look */

struct cond {
    struct tcs_build *b;
    const struct tcs_ynode *y;
    struct tcs_str text, token; /* token.n == 0: at the end */
    size_t at, next;            /* where the token begins and ends */
    unsigned depth, words;
    bool bad;
};

static struct tcs_place
place(const struct cond *c)
{
    return tcs_sigma_load_place(c->y, c->at);
}

static void
advance(struct cond *c)
{
    /* behind the last word that is allowed, the condition ends */
    struct tcs_str s =
        c->words < TCS_COND_WORDS_MAX ? c->text : tcs_base_str_slice(c->text, 0, c->next);
    size_t i = c->next;
    c->words++;
    while (i < s.n && memchr(" \t\r\n", s.p[i], 4))
        i++;
    c->at = i;
    if (i < s.n && memchr("()|", s.p[i], 3))
        i++;
    else
        while (i < s.n && !memchr(" \t\r\n()|", s.p[i], 7))
            i++;
    c->next = i;
    c->token = tcs_base_str_slice(s, c->at, i);
}

static bool
is(const struct cond *c, const char *word)
{
    return tcs_base_str_ieq(c->token, tcs_base_str_of(word));
}

static bool
syntax(struct cond *c, const char *expected)
{
    c->bad = true;
    if (c->token.n)
        tcs_sigma_load_error(c->b->load, place(c), TCS_WHY_CONDITION,
                             "the condition has '%.*s' where %s is expected", TCS_QUOTE(c->token),
                             expected);
    else
        tcs_sigma_load_error(c->b->load, place(c), TCS_WHY_CONDITION,
                             "the condition ends where %s is expected", expected);
    return false;
}

/* `*` is any run of characters. */
static bool
glob(struct tcs_str pattern, struct tcs_str s)
{
    size_t p = 0, i = 0, star = SIZE_MAX, mark = 0;
    while (i < s.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            mark = i;
        } else if (p < pattern.n && pattern.p[p] == s.p[i]) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* Counts a look at one search identifier; false, with an error said once, after too many. */
static bool
look(struct cond *c, size_t bytes)
{
    struct tcs_build *b = c->b;
    uint32_t cost = 1 + (uint32_t)(bytes / LOOK_BYTES);
    if (cost <= b->looks_left) {
        b->looks_left -= cost;
        return true;
    }
    if (!b->full)
        tcs_sigma_load_error(b->load, place(c), TCS_WHY_LIMIT,
                             "the condition has too many words for that many search identifiers");
    b->full = true;
    return false;
}

/* Names that begin with an underscore are left out, unless the pattern asks for them. */
static struct tcs_nodes
matching(struct cond *c, struct tcs_str pattern)
{
    struct tcs_nodes list = {0};
    bool them = tcs_base_str_ieq(pattern, TCS_STR("them"));
    bool hidden = tcs_base_str_starts(pattern, TCS_STR("_"));
    for (uint32_t i = 0; i < c->b->nsearches; i++) {
        struct tcs_str name = c->b->searches[i].name;
        if (!look(c, pattern.n * (name.n + 1)))
            break;
        if (!hidden && tcs_base_str_starts(name, TCS_STR("_")))
            continue;
        if ((them || glob(pattern, name)) && tcs_sigma_build_take(c->b, 1, place(c)))
            tcs_sigma_build_add(c->b, &list, tcs_sigma_build_search(c->b, i));
    }
    return list;
}

/* n choose k, but at most COMBINATIONS_MAX + 1 */
static uint64_t
combinations(uint64_t n, uint64_t k)
{
    uint64_t v = 1;
    for (uint64_t i = 1; i <= k; i++) {
        v = v * (n - k + i) / i;
        if (v > COMBINATIONS_MAX)
            return COMBINATIONS_MAX + 1;
    }
    return v;
}

/* The next k of n in lexical order; false after the last. */
static bool
next_choice(uint32_t *pick, uint32_t k, uint32_t n)
{
    for (uint32_t i = k; i-- > 0;) {
        if (pick[i] == n - k + i)
            continue;
        pick[i]++;
        for (uint32_t j = i + 1; j < k; j++)
            pick[j] = pick[j - 1] + 1;
        return true;
    }
    return false;
}

/* At least k of the nodes: an OR over all choices of k of them. */
static bool
at_least(struct cond *c, uint32_t k, const struct tcs_nodes *of, uint32_t *node)
{
    struct tcs_nodes any = {0};
    uint32_t *pick = tcs_base_arena_array(c->b->load->scratch, k, sizeof *pick);
    if (!pick)
        return false;
    if (combinations(of->n, k) > COMBINATIONS_MAX) {
        c->bad = true;
        tcs_sigma_load_error(c->b->load, place(c), TCS_WHY_LIMIT,
                             "'%u of' %u search identifiers has more than %d combinations", k,
                             of->n, COMBINATIONS_MAX);
        return false;
    }
    for (uint32_t i = 0; i < k; i++)
        pick[i] = i;
    do {
        struct tcs_nodes all = {0};
        for (uint32_t i = 0; i < k; i++)
            tcs_sigma_build_add(c->b, &all, of->v[pick[i]]);
        tcs_sigma_build_add(c->b, &any, tcs_sigma_build_group(c->b, TCS_N_AND, &all));
    } while (next_choice(pick, k, of->n));
    *node = tcs_sigma_build_group(c->b, TCS_N_OR, &any);
    return true;
}

/* At "of"; `count` was before it: 0 is "all". */
static bool
parse_of(struct cond *c, uint64_t count, uint32_t *node)
{
    advance(c);
    if (!c->token.n || memchr("()|", c->token.p[0], 3))
        return syntax(c, "'them' or a search identifier (with * as a wildcard)");
    struct tcs_nodes list = matching(c, c->token);
    if (c->b->full || tcs_base_arena_failed(c->b->load->scratch))
        return false;
    if (list.n == 0) {
        c->bad = true;
        tcs_sigma_load_error(c->b->load, place(c), TCS_WHY_UNKNOWN,
                             "no search identifier is named like '%.*s'", TCS_QUOTE(c->token));
        return false;
    }
    if (count > list.n) {
        c->bad = true;
        tcs_sigma_load_error(
            c->b->load, place(c), TCS_WHY_CONDITION,
            "'%llu of' can never be true: only %u search identifiers are named like "
            "'%.*s'",
            (unsigned long long)count, list.n, TCS_QUOTE(c->token));
        return false;
    }
    bool ok = true;
    if (count == 0 || count == list.n)
        *node = tcs_sigma_build_group(c->b, TCS_N_AND, &list);
    else if (count == 1)
        *node = tcs_sigma_build_group(c->b, TCS_N_OR, &list);
    else
        ok = at_least(c, (uint32_t)count, &list, node);
    advance(c);
    return ok;
}

static bool
aggregation(struct cond *c, size_t at)
{
    c->bad = true;
    tcs_sigma_load_error(
        c->b->load, tcs_sigma_load_place(c->y, at), TCS_WHY_AGGREGATION,
        "aggregations (count, sum, near ...) are no longer part of Sigma conditions: "
        "write a rule without it and a correlation document that refers to that rule");
    return false;
}

static bool
is_function(const struct cond *c, struct tcs_str name)
{
    static const char *const functions[] = {"count", "sum", "avg", "min", "max", "near"};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (is(c, "(") && tcs_base_str_eq(name, tcs_base_str_of(functions[i])))
            return true;
    return false;
}

/* The search identifier that is most like `name`; not for the hundredth error. */
static const char *
nearest(const struct cond *c, struct tcs_str name)
{
    struct tcs_build *b = c->b;
    const char **names = tcs_base_arena_array(b->load->scratch, b->nsearches + 1, sizeof *names);
    if (!names || b->load->told > SUGGESTIONS_MAX)
        return NULL;
    for (uint32_t i = 0; i < b->nsearches; i++)
        names[i] = b->searches[i].name.p; /* from tcs_base_arena_str: ends with a NUL */
    return tcs_sigma_suggest(name, names, b->nsearches);
}

/* Where the search identifier of that name is in the table: its number and one; 0: there is none.
 */
static uint32_t *
search_at(struct tcs_build *b, struct tcs_str name)
{
    uint64_t i = tcs_base_hash(name.p, name.n, tcs_base_hash_secret()) & b->by_name_mask;
    while (b->by_name[i] && !tcs_base_str_eq(b->searches[b->by_name[i] - 1].name, name))
        i = (i + 1) & b->by_name_mask;
    return &b->by_name[i];
}

static void
index_searches(struct tcs_build *b)
{
    for (b->by_name_mask = 15; b->by_name_mask < 2 * b->nsearches;)
        b->by_name_mask = 2 * b->by_name_mask + 1;
    b->by_name = tcs_base_arena_array(b->load->scratch, b->by_name_mask + 1u, sizeof *b->by_name);
    for (uint32_t i = 0; b->by_name && i < b->nsearches; i++)
        *search_at(b, b->searches[i].name) = i + 1;
}

static bool
parse_name(struct cond *c, struct tcs_str name, size_t at, uint32_t *node)
{
    uint32_t known = *search_at(c->b, name);
    if (known) {
        *node = tcs_sigma_build_search(c->b, known - 1);
        return true;
    }
    if (is_function(c, name))
        return aggregation(c, at);
    const char *near = nearest(c, name);
    c->bad = true; /* go on: the rest of the condition may have more to tell */
    *node = 0;
    tcs_sigma_load_error(c->b->load, tcs_sigma_load_place(c->y, at), TCS_WHY_UNKNOWN,
                         "there is no %s '%.*s' here%s%s%s", c->b->noun, TCS_QUOTE(name),
                         near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
    return true;
}

static bool parse_or(struct cond *c, uint32_t *node);

static bool
parse_group(struct cond *c, uint32_t *node)
{
    advance(c);
    if (!parse_or(c, node))
        return false;
    if (!is(c, ")"))
        return syntax(c, "')', 'and' or 'or'");
    advance(c);
    return true;
}

static bool
parse_item(struct cond *c, uint32_t *node)
{
    static const char *const reserved[] = {"and", "or", "of", ")", "|", "not"};
    if (is(c, "("))
        return parse_group(c, node);
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (!c->token.n || is(c, reserved[i]))
            return syntax(c, "a name, 'not' or '('");
    struct tcs_str word = c->token;
    size_t at = c->at;
    uint64_t count = 0;
    bool counts = is(c, "all") || is(c, "any") || tcs_base_num_u64(word, &count);
    if (is(c, "any"))
        count = 1;
    bool zero = counts && count == 0 && !is(c, "all");
    advance(c);
    if (c->b->names_only || !counts || !is(c, "of"))
        return parse_name(c, word, at, node);
    if (zero)
        return syntax(c, "a count of at least 1 before it");
    return parse_of(c, count, node);
}

static bool
parse_not(struct cond *c, uint32_t *node)
{
    bool negate = false;
    while (is(c, "not")) {
        negate = !negate;
        advance(c);
    }
    if (!parse_item(c, node))
        return false;
    if (negate)
        *node = tcs_sigma_build_not(c->b, *node);
    return true;
}

static bool
parse_and(struct cond *c, uint32_t *node)
{
    struct tcs_nodes list = {0};
    for (bool more = true; more;) {
        uint32_t n;
        if (!parse_not(c, &n))
            return false;
        tcs_sigma_build_add(c->b, &list, n);
        more = is(c, "and");
        if (more)
            advance(c);
    }
    *node = tcs_sigma_build_group(c->b, TCS_N_AND, &list);
    return true;
}

static bool
parse_or(struct cond *c, uint32_t *node)
{
    struct tcs_nodes list = {0};
    if (c->depth == TCS_COND_DEPTH_MAX) {
        tcs_sigma_load_error(c->b->load, place(c), TCS_WHY_LIMIT,
                             "the condition has more than %d levels of parentheses",
                             TCS_COND_DEPTH_MAX);
        c->bad = true;
        return false;
    }
    c->depth++;
    for (bool more = true; more;) {
        uint32_t n;
        if (!parse_and(c, &n))
            return false;
        tcs_sigma_build_add(c->b, &list, n);
        more = is(c, "or");
        if (more)
            advance(c);
    }
    c->depth--;
    *node = tcs_sigma_build_group(c->b, TCS_N_OR, &list);
    return true;
}

static bool
parse_one(struct tcs_build *b, const struct tcs_ynode *y, uint32_t *node)
{
    struct cond c = {.b = b, .y = y, .text = y->text};
    size_t pipe = tcs_base_str_find(y->text, '|', 0);
    if (pipe < y->text.n)
        return aggregation(&c, pipe);
    advance(&c);
    bool parsed = parse_or(&c, node);
    if (c.words > TCS_COND_WORDS_MAX) {
        tcs_sigma_load_error(b->load, place(&c), TCS_WHY_LIMIT,
                             "the condition has more than %d words", TCS_COND_WORDS_MAX);
        return false;
    }
    if (!parsed || b->full)
        return false;
    if (c.token.n && !c.bad)
        return syntax(&c, "'and', 'or' or the end");
    return !c.bad;
}

static void
warn_unused(struct tcs_build *b)
{
    for (uint32_t i = 0; i < b->nsearches; i++) {
        const struct tcs_search *s = &b->searches[i];
        if (!b->used[i] && !tcs_base_str_starts(s->name, TCS_STR("_")))
            tcs_sigma_load_warn(b->load, (struct tcs_place){s->line, s->col}, TCS_WHY_UNUSED,
                                "the condition never uses the %s '%.*s'", b->noun,
                                TCS_QUOTE(s->name));
    }
}

/* "(a) or (b)", as a list of conditions means. */
static struct tcs_str
written(struct tcs_build *b, const struct tcs_ynode *seq)
{
    struct tcs_buf buf = {0};
    for (uint32_t i = 0; i < seq->n; i++) {
        tcs_base_buf_put(&buf, " or (", i ? 5 : 0);
        tcs_base_buf_put(&buf, "(", i ? 0 : 1);
        tcs_base_buf_str(&buf, seq->kids[i]->text);
        tcs_base_buf_c(&buf, ')');
    }
    struct tcs_str s = tcs_base_arena_str(b->load->keep, tcs_base_buf_view(&buf));
    tcs_base_buf_done(&buf);
    return s;
}

bool
tcs_sigma_condition_parse(struct tcs_build *b, const struct tcs_ynode *y, uint32_t *root,
                          struct tcs_str *text)
{
    index_searches(b);
    if (!b->by_name)
        return false; /* the arena's failure is seen by the run */
    struct tcs_nodes list = {0};
    bool seq = y->kind == TCS_Y_SEQ && y->n > 0, ok = true;
    for (uint32_t i = 0; i < (seq ? y->n : 1); i++) {
        const struct tcs_ynode *one = seq ? y->kids[i] : y;
        uint32_t node = 0;
        if (one->kind != TCS_Y_SCALAR || one->type == TCS_YT_NULL) {
            tcs_sigma_load_error(b->load, tcs_sigma_load_place(one, 0), TCS_WHY_CONDITION,
                                 "a condition is a text, like 'selection and not filter'");
            ok = false;
        } else if (parse_one(b, one, &node)) {
            tcs_sigma_build_add(b, &list, node);
        } else {
            ok = false;
        }
    }
    if (!ok)
        return false;
    warn_unused(b);
    *root = tcs_sigma_build_group(b, TCS_N_OR, &list);
    *text = seq && y->n > 1 ? written(b, y)
                            : tcs_base_arena_str(b->load->keep, seq ? y->kids[0]->text : y->text);
    return true;
}
