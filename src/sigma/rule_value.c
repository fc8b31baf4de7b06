/* sigma/rule_value.c - one value through its modifiers, from left to right, to predicates.
 *
 * A value is first a list of one string; expand, windash and base64offset make several of one, the
 * others change each.  Then the kind of predicate that the chain asks for is made of each, under
 * an OR.  `all` and `neq` are about lists and are applied in detection.c. */
#include "sigma/rule_value.h"

#include "base/limits.h"
#include "base/num.h"
#include "match/ip.h"
#include "match/regex.h"
#include "sigma/pattern.h"
#include "sigma/rescan.h"

/* More dashes than this in one value become one regular expression instead of 5^n patterns. */
enum { DASHES_MAX = 3 };

/* Checking a regular expression takes as long as some values; SigmaHQ's 217 are nothing. */
enum { REGEX_COST = 64 };

struct pats {
    struct tcs_pat *v;
    uint32_t n, cap;
};

struct work {
    struct tcs_build *b;
    struct tcs_load *l;
    struct tcs_arena *a; /* scratch */
    const struct tcs_mods *m;
    const struct tcs_ynode *v;
    struct tcs_place at;
    struct pats pats;
    struct tcs_nodes nodes;
};

static bool
has(const struct work *w, uint32_t mods)
{
    return (w->m->set & mods) != 0;
}

static void
push(struct work *w, struct pats *to, struct tcs_pat p)
{
    if (p.e && tcs_base_arena_grow(w->a, &to->v, to->n, &to->cap, sizeof *to->v))
        to->v[to->n++] = p;
}

/* --- from the text in the file to the first patterns --- */

/* Are `*` and `?` wildcards in this value? */
static bool
wild(const struct work *w)
{
    return !has(w, TCS_M(RE) | TCS_M(CIDR) | TCS_M(FIELDREF));
}

static struct tcs_pat
parse(const struct work *w, struct tcs_str s)
{
    return wild(w) ? tcs_sigma_pat_parse(w->a, s) : tcs_sigma_pat_plain(w->a, s);
}

static bool
word_char(char c)
{
    return c == '_' || c == '-' || c == '.' || (c >= '0' && c <= '9') ||
           (tcs_base_ascii_lower(c) >= 'a' && tcs_base_ascii_lower(c) <= 'z');
}

/* The end (of the closing %) of the placeholder that begins at s.p[i], or 0. */
static size_t
placeholder_end(struct tcs_str s, size_t i)
{
    size_t j = i + 1;
    while (j < s.n && word_char(s.p[j]))
        j++;
    return j > i + 1 && j < s.n && s.p[j] == '%' ? j + 1 : 0;
}

/* A placeholder's value inside a regular expression is that text, not an expression. */
static struct tcs_pat
placeholder_value(const struct work *w, struct tcs_str s)
{
    if (!has(w, TCS_M(RE)))
        return parse(w, s);
    return tcs_sigma_pat_plain(w->a,
                               tcs_sigma_pat_regex(w->a, tcs_sigma_pat_parse(w->a, s), false));
}

/* What is so far, times each value of the placeholder. */
static bool
multiply(struct work *w, const struct tcs_placeholder *ph)
{
    struct pats next = {0};
    if (!tcs_sigma_build_take(w->b, (uint64_t)w->pats.n * ph->n, w->at))
        return false;
    for (uint32_t i = 0; i < w->pats.n; i++)
        for (uint32_t k = 0; k < ph->n; k++)
            push(w, &next,
                 tcs_sigma_pat_join(w->a, w->pats.v[i], placeholder_value(w, ph->values[k])));
    w->pats = next;
    return true;
}

static void
append_plain(struct work *w, struct tcs_pat p)
{
    for (uint32_t i = 0; i < w->pats.n && p.n; i++)
        w->pats.v[i] = tcs_sigma_pat_join(w->a, w->pats.v[i], p);
}

/* Rules specification, "Placeholders": %name% is replaced, \% is a percent character. */
static bool
expand(struct work *w, struct tcs_str s)
{
    char *plain = tcs_base_arena_alloc(w->a, s.n + 1);
    size_t n = 0, end, found = 0;
    push(w, &w->pats, tcs_sigma_pat_plain(w->a, TCS_STR("")));
    for (size_t i = 0; plain && i < s.n;) {
        if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '%' || s.p[i + 1] == '\\')) {
            if (s.p[i + 1] == '\\')
                plain[n++] = '\\';
            plain[n++] = s.p[i + 1];
            i += 2;
        } else if (s.p[i] == '%' && (end = placeholder_end(s, i)) != 0) {
            struct tcs_str name = tcs_base_str_slice(s, i + 1, end - 1);
            const struct tcs_placeholder *ph = tcs_sigma_load_placeholder(w->l, name);
            append_plain(w, parse(w, (struct tcs_str){plain, n}));
            if (!ph || !ph->n) {
                tcs_sigma_load_error(
                    w->l, tcs_sigma_load_place(w->v, i), TCS_WHY_PLACEHOLDER,
                    "the placeholder %%%.*s%% has no values: give it a list of them",
                    TCS_QUOTE(name));
                return false;
            }
            if (!multiply(w, ph))
                return false;
            n = 0;
            found++;
            i = end;
        } else {
            plain[n++] = s.p[i++];
        }
    }
    append_plain(w, parse(w, (struct tcs_str){plain, plain ? n : 0}));
    if (!found)
        tcs_sigma_load_warn(w->l, w->at, TCS_WHY_ODD,
                            "'expand' finds no %%placeholder%% in this value");
    return true;
}

/* --- transformations --- */

static bool
dash(struct work *w, struct tcs_pat p, struct pats *next)
{
    uint32_t n, count = 1;
    struct tcs_pat open = tcs_sigma_pat_dashes(w->a, p, &n);
    if (n > DASHES_MAX) {
        push(w, next, open);
        return true;
    }
    for (uint32_t i = 0; i < n; i++)
        count *= TCS_DASHES;
    if (!tcs_sigma_build_take(w->b, count, w->at))
        return false;
    for (uint32_t i = 0; i < count && open.e; i++)
        push(w, next, tcs_sigma_pat_with_dashes(w->a, open, i));
    return true;
}

static bool
encode(struct work *w, struct tcs_pat p, bool offsets, struct pats *next)
{
    if (tcs_sigma_pat_special(p)) {
        tcs_sigma_load_error(
            w->l, w->at, TCS_WHY_VALUE,
            "a value with wildcards (or more than %d dashes under windash) cannot be "
            "encoded as base64; write \\* for a plain asterisk",
            DASHES_MAX);
        return false;
    }
    if (!offsets) {
        push(w, next, tcs_sigma_pat_base64(w->a, p));
        return true;
    }
    if (p.n < 2) {
        tcs_sigma_load_error(
            w->l, w->at, TCS_WHY_VALUE,
            "base64offset needs at least two characters: of fewer, nothing certain "
            "remains at some offset");
        return false;
    }
    for (unsigned shift = 0; shift < 3; shift++)
        push(w, next, tcs_sigma_pat_base64_at(w->a, p, shift));
    return tcs_sigma_build_take(w->b, 3, w->at);
}

static bool
apply_to(struct work *w, uint8_t mod, struct tcs_pat p, struct pats *next)
{
    switch (mod) {
    case TCS_M_STARTSWITH:
    case TCS_M_ENDSWITH:
    case TCS_M_CONTAINS:
        push(w, next, tcs_sigma_pat_wrap(w->a, p, mod != TCS_M_STARTSWITH, mod != TCS_M_ENDSWITH));
        return true;
    case TCS_M_WINDASH:
        return dash(w, p, next);
    case TCS_M_BASE64:
    case TCS_M_BASE64OFFSET:
        return encode(w, p, mod == TCS_M_BASE64OFFSET, next);
    case TCS_M_UTF16LE:
    case TCS_M_WIDE:
        push(w, next, tcs_sigma_pat_utf16(w->a, p, TCS_UTF16_LE));
        return true;
    case TCS_M_UTF16BE:
        push(w, next, tcs_sigma_pat_utf16(w->a, p, TCS_UTF16_BE));
        return true;
    case TCS_M_UTF16:
        push(w, next, tcs_sigma_pat_utf16(w->a, p, TCS_UTF16_BOM));
        return true;
    default:
        push(w, next, p); /* about the predicate or the list, not about the text */
        return true;
    }
}

static bool
transform(struct work *w)
{
    for (uint32_t i = 0; i < w->m->n; i++) {
        struct pats next = {0};
        if (has(w, TCS_M(FIELDREF)))
            break; /* startswith and its like are flags of the reference */
        for (uint32_t k = 0; k < w->pats.n; k++)
            if (!apply_to(w, w->m->list[i], w->pats.v[k], &next))
                return false;
        w->pats = next;
    }
    return true;
}

/* --- predicates --- */

static struct tcs_pred
new_pred(const struct work *w, uint8_t kind)
{
    return (struct tcs_pred){.kind = kind,
                             .line = w->at.line,
                             .col = w->at.col,
                             .field = w->m->field,
                             .flags = has(w, TCS_M(CASED)) ? TCS_PF_CASED : 0};
}

static void
add_pred(struct work *w, struct tcs_pred p)
{
    tcs_sigma_build_add(w->b, &w->nodes, tcs_sigma_build_pred(w->b, p));
}

static bool
check_regex(struct work *w, struct tcs_str re, unsigned flags)
{
    struct tcs_err err;
    size_t at = 0;
    if (re.n > TCS_REGEX_LEN_MAX) {
        tcs_sigma_load_error(w->l, w->at, TCS_WHY_LIMIT,
                             "the regular expression has %zu bytes, and %d are allowed", re.n,
                             TCS_REGEX_LEN_MAX);
        return false;
    }
    const char *bad = tcs_sigma_rescan(re, &at);
    if (bad) {
        tcs_sigma_load_error(
            w->l, tcs_sigma_load_place(w->v, at), TCS_WHY_REGEX_COST,
            "the regular expression uses %s, which Sigma does not allow and which can "
            "take unbounded time; express it with 'and' and 'not' in the condition",
            bad);
        return false;
    }
    if (!tcs_sigma_build_take(w->b, REGEX_COST, w->at))
        return false;
    if (tcs_match_regex_check(re, flags, &err) < 0) {
        tcs_sigma_load_error(w->l, tcs_sigma_load_place(w->v, (size_t)err.off), TCS_WHY_REGEX,
                             "the regular expression does not compile: %s", err.msg);
        return false;
    }
    if (re.n == 0)
        tcs_sigma_load_warn(w->l, w->at, TCS_WHY_ODD, "the empty expression matches every value");
    return true;
}

static bool
add_regex(struct work *w, struct tcs_str re)
{
    struct tcs_pred p = new_pred(w, TCS_P_RE);
    p.flags =
        (uint8_t)((has(w, TCS_M(I)) ? TCS_PF_RE_I : 0) | (has(w, TCS_M(M)) ? TCS_PF_RE_M : 0) |
                  (has(w, TCS_M(S)) ? TCS_PF_RE_S : 0));
    unsigned flags = (has(w, TCS_M(I)) ? TCS_REGEX_I : 0u) | (has(w, TCS_M(M)) ? TCS_REGEX_M : 0u) |
                     (has(w, TCS_M(S)) ? TCS_REGEX_S : 0u);
    if (!check_regex(w, re, flags))
        return false;
    p.text = tcs_base_arena_str(w->l->keep, re);
    add_pred(w, p);
    return true;
}

static bool
add_cidr(struct work *w, struct tcs_str s)
{
    struct tcs_pred p = new_pred(w, TCS_P_CIDR);
    size_t slash = tcs_base_str_find(s, '/', 0);
    struct tcs_str addr = tcs_base_str_slice(s, 0, slash),
                   bits = tcs_base_str_slice(s, slash + 1, s.n);
    bool v6 = tcs_base_str_find(addr, ':', 0) < addr.n;
    uint64_t n = v6 ? 128 : 32;
    if (tcs_base_str_find(addr, '%', 0) < addr.n || !tcs_match_ip_parse(addr, p.addr) ||
        (slash < s.n && (!tcs_base_num_u64(bits, &n) || n > (v6 ? 128u : 32u)))) {
        tcs_sigma_load_error(
            w->l, w->at, TCS_WHY_VALUE,
            "'%.*s' is no network: write an address and the length of its prefix, like "
            "10.0.0.0/8 or fe80::/10",
            TCS_QUOTE(s));
        return false;
    }
    p.bits = (uint8_t)(v6 ? n : n + 96);
    bool stray = false;
    for (unsigned bit = p.bits; bit < 128; bit++) {
        uint8_t mask = (uint8_t)(0x80 >> bit % 8);
        stray = stray || p.addr[bit / 8] & mask;
        p.addr[bit / 8] &= (uint8_t)~mask;
    }
    if (stray)
        tcs_sigma_load_warn(w->l, w->at, TCS_WHY_ODD,
                            "'%.*s' has bits set behind its prefix; they are ignored",
                            TCS_QUOTE(s));
    add_pred(w, p);
    return true;
}

static bool
add_fieldref(struct work *w, struct tcs_str s)
{
    struct tcs_pred p = new_pred(w, TCS_P_FIELDREF);
    if (s.n == 0) {
        tcs_sigma_load_error(w->l, w->at, TCS_WHY_VALUE, "'fieldref' needs the name of a field");
        return false;
    }
    p.flags |= has(w, TCS_M(CONTAINS)) ? TCS_PF_REF_CONTAINS : 0;
    p.flags |= has(w, TCS_M(STARTSWITH)) ? TCS_PF_REF_STARTS : 0;
    p.flags |= has(w, TCS_M(ENDSWITH)) ? TCS_PF_REF_ENDS : 0;
    p.text = tcs_base_arena_str(w->l->keep, s);
    add_pred(w, p);
    return true;
}

static bool
has_dash(struct tcs_pat p)
{
    for (uint32_t i = 0; i < p.n; i++)
        if (p.e[i] == TCS_E_DASH)
            return true;
    return false;
}

static bool
add_str(struct work *w, struct tcs_pat p)
{
    struct tcs_pred q = new_pred(w, TCS_P_STR);
    if (w->m->field.n == 0) /* a keyword is searched for in each value */
        p = tcs_sigma_pat_wrap(w->a, p, true, true);
    if (has_dash(p)) {
        q.kind = TCS_P_RE;
        q.flags = TCS_PF_RE_S | (has(w, TCS_M(CASED)) ? 0 : TCS_PF_RE_I);
        q.text = tcs_sigma_pat_regex(w->l->keep, p, true);
        if (!check_regex(w, q.text, TCS_REGEX_S))
            return false;
    } else {
        q.text = tcs_sigma_pat_text(w->l->keep, p);
        /* the characters of base64 mean other bytes in the other case */
        q.flags = has(w, TCS_M(CASED) | TCS_M_ENCODE) ? TCS_PF_CASED : 0;
        if (!q.text.p && !tcs_base_arena_failed(w->l->keep)) {
            tcs_sigma_load_error(
                w->l, w->at, TCS_WHY_VALUE,
                "these UTF-16 bytes cannot occur in text; UTF-16 is for values that "
                "base64 or base64offset encode after it");
            return false;
        }
    }
    if (q.text.n == 1 && q.text.p[0] == TCS_ANY_RUN && w->v->text.n == 0)
        tcs_sigma_load_warn(w->l, w->at, TCS_WHY_ODD, "an empty text with %s matches every value",
                            w->m->field.n ? "this modifier" : "a keyword");
    add_pred(w, q);
    return true;
}

/* The bytes of a pattern in which nothing is special. */
static struct tcs_str
bytes_of(const struct work *w, struct tcs_pat p)
{
    char *s = tcs_base_arena_alloc(w->a, (size_t)p.n + 1);
    for (uint32_t i = 0; s && i < p.n; i++)
        s[i] = (char)p.e[i];
    return (struct tcs_str){s, s ? p.n : 0};
}

static bool
add_text(struct work *w, struct tcs_pat p)
{
    if (has(w, TCS_M(RE)))
        return add_regex(w, bytes_of(w, p));
    if (has(w, TCS_M(CIDR)))
        return add_cidr(w, bytes_of(w, p));
    if (has(w, TCS_M(FIELDREF)))
        return add_fieldref(w, bytes_of(w, p));
    return add_str(w, p);
}

/* --- values that are not text --- */

static uint8_t
comparison(const struct work *w)
{
    return has(w, TCS_M(LT))    ? TCS_LT
           : has(w, TCS_M(LTE)) ? TCS_LE
           : has(w, TCS_M(GT))  ? TCS_GT
           : has(w, TCS_M(GTE)) ? TCS_GE
                                : TCS_EQ;
}

static bool
add_time(struct work *w)
{
    static const struct {
        uint32_t mod;
        uint8_t part;
        double min, max;
        const char *name;
    } parts[] = {
        {TCS_M(MINUTE), TCS_MINUTE, 0, 59, "minute"}, {TCS_M(HOUR), TCS_HOUR, 0, 23, "hour"},
        {TCS_M(DAY), TCS_DAY, 1, 31, "day"},          {TCS_M(WEEK), TCS_WEEK, 1, 53, "week"},
        {TCS_M(MONTH), TCS_MONTH, 1, 12, "month"},    {TCS_M(YEAR), TCS_YEAR, 0, 9999, "year"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!has(w, parts[i].mod))
            continue;
        if (w->v->num < parts[i].min || w->v->num > parts[i].max) {
            tcs_sigma_load_error(w->l, w->at, TCS_WHY_VALUE, "a %s is a number from %g to %g",
                                 parts[i].name, parts[i].min, parts[i].max);
            return false;
        }
        struct tcs_pred p = new_pred(w, TCS_P_TIMEPART);
        p.part = parts[i].part;
        p.cmp = comparison(w);
        p.num = w->v->num;
        add_pred(w, p);
    }
    return true;
}

static bool
add_number(struct work *w)
{
    struct tcs_pred p = new_pred(w, TCS_P_NUM);
    p.cmp = comparison(w);
    p.num = w->v->num;
    if (w->v->text.n > 1 && tcs_base_ascii_lower(w->v->text.p[1]) == 'x')
        tcs_sigma_load_warn(
            w->l, w->at, TCS_WHY_ODD,
            "%.*s without quotes is the number %.0f; put it in quotes to compare its text",
            TCS_QUOTE(w->v->text), p.num);
    add_pred(w, p);
    return true;
}

static bool
add_null(struct work *w)
{
    if (w->m->field.n == 0) {
        tcs_sigma_load_error(w->l, w->at, TCS_WHY_VALUE,
                             "null cannot be a keyword: it needs a field");
        return false;
    }
    add_pred(w, new_pred(w, TCS_P_NULL));
    return true;
}

static bool
add_exists(struct work *w)
{
    struct tcs_pred p = new_pred(w, TCS_P_EXISTS);
    p.num = w->v->truth;
    add_pred(w, p);
    return true;
}

static bool
is_number(const struct work *w)
{
    uint32_t lists = TCS_M(ALL) | TCS_M(NEQ) | TCS_M_COMPARE;
    return (w->v->type == TCS_YT_INT || w->v->type == TCS_YT_FLOAT) && !(w->m->set & ~lists) &&
           w->m->field.n != 0;
}

static bool
build_text(struct work *w)
{
    if (has(w, TCS_M(EXPAND))) {
        if (!expand(w, w->v->text))
            return false;
    } else {
        push(w, &w->pats, parse(w, w->v->text));
    }
    if (!transform(w))
        return false;
    for (uint32_t i = 0; i < w->pats.n; i++)
        if (!add_text(w, w->pats.v[i]))
            return false;
    return true;
}

bool
tcs_sigma_value_build(struct tcs_build *b, const struct tcs_mods *m, const struct tcs_ynode *v,
                      uint32_t *node)
{
    struct work w = {.b = b,
                     .l = b->load,
                     .a = b->load->scratch,
                     .m = m,
                     .v = v,
                     .at = tcs_sigma_load_place(v, 0)};
    bool ok = tcs_sigma_build_take(b, 1, w.at);
    if (!ok)
        return false;
    if (v->type == TCS_YT_NULL)
        ok = add_null(&w);
    else if (has(&w, TCS_M(EXISTS)))
        ok = add_exists(&w);
    else if (has(&w, TCS_M_TIME))
        ok = add_time(&w);
    else if (is_number(&w))
        ok = add_number(&w);
    else
        ok = build_text(&w);
    *node = ok ? tcs_sigma_build_group(b, TCS_N_OR, &w.nodes) : 0;
    return ok;
}
