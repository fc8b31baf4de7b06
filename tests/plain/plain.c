/* tests/plain/plain.c - docs/matching.md sections 2 and 3, line by line. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "plain/plain.h"

#include "base/limits.h"
#include "base/time.h"
#include "base/utf.h"
#include "plain/plain_int.h"

#include <arpa/inet.h>
#include <pcre2.h>
#include <stdlib.h>

/* A predicate by the letter, and whether its fields are known. */
struct told {
    bool letter, known;
    struct tcs_str unknown; /* the name of one that is not */
};
enum { DEPTH_MAX = 1024 };

struct plain {
    const struct tcs_rule *rules;
    uint32_t n;
    const struct tcs_view **views; /* per rule, with their number */
    uint32_t *nviews;
    pcre2_code ***codes; /* per rule, per predicate; made at first use */
    pcre2_match_data *data;
    pcre2_match_context *ctx;
    struct tcs_arena *arena; /* reset per rule and event */
    struct tcs_arena *kept;  /* reset per event: what is unchecked */
    struct tcs_sigma_match *hits;
};

/* One rule tried on one event in one view. */
struct attempt {
    struct plain *p;
    uint32_t rule;
    const struct tcs_event *ev;
    const struct tcs_view *view;
};

struct plain *
plain_new(const struct tcs_rule *rules, uint32_t n, const struct tcs_logsources *ls)
{
    struct plain *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    *p = (struct plain){.rules = rules, .n = n};
    p->views = calloc((size_t)n + 1, sizeof *p->views);
    p->nviews = calloc((size_t)n + 1, sizeof *p->nviews);
    p->codes = calloc((size_t)n + 1, sizeof *p->codes);
    p->hits = calloc((size_t)n + 1, sizeof *p->hits);
    p->data = pcre2_match_data_create(1, NULL);
    p->ctx = pcre2_match_context_create(NULL);
    p->arena = tcs_base_arena_new(0);
    p->kept = tcs_base_arena_new(0);
    if (!p->views || !p->nviews || !p->codes || !p->hits || !p->data || !p->ctx || !p->arena ||
        !p->kept) {
        plain_free(p);
        return NULL;
    }
    pcre2_set_match_limit(p->ctx, TCS_REGEX_MATCH_LIMIT);
    for (uint32_t r = 0; r < n; r++)
        p->views[r] = tcs_sigma_logsources_find(ls, &rules[r].logsource, &p->nviews[r]);
    return p;
}

void
plain_free(struct plain *p)
{
    if (!p)
        return;
    for (uint32_t r = 0; p->codes && r < p->n; r++) {
        for (uint32_t i = 0; p->codes[r] && i < p->rules[r].npreds; i++)
            pcre2_code_free(p->codes[r][i]);
        free(p->codes[r]);
    }
    free(p->codes);
    free(p->views);
    free(p->nviews);
    free(p->hits);
    pcre2_match_data_free(p->data);
    pcre2_match_context_free(p->ctx);
    tcs_base_arena_free(p->arena);
    tcs_base_arena_free(p->kept);
    free(p);
}

/* Regular expressions ------------------------------------------------------------------------- */

static pcre2_code *
compile(const struct tcs_pred *pred)
{
    int code;
    PCRE2_SIZE at;
    uint32_t opts = PCRE2_UTF;
    pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
    if (pred->flags & TCS_PF_RE_I)
        opts |= PCRE2_CASELESS;
    if (pred->flags & TCS_PF_RE_M)
        opts |= PCRE2_MULTILINE;
    if (pred->flags & TCS_PF_RE_S)
        opts |= PCRE2_DOTALL;
    pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
    pcre2_code *re = pcre2_compile((PCRE2_SPTR)(pred->text.n ? pred->text.p : ""), pred->text.n,
                                   opts, &code, &at, cc);
    pcre2_compile_context_free(cc);
    if (re)
        pcre2_jit_compile(re, PCRE2_JIT_COMPLETE); /* for speed only */
    return re;
}

static pcre2_code *
code_of(struct plain *p, uint32_t rule, uint32_t pred)
{
    if (!p->codes[rule])
        p->codes[rule] = calloc(p->rules[rule].npreds, sizeof(pcre2_code *));
    if (p->codes[rule] && !p->codes[rule][pred])
        p->codes[rule][pred] = compile(&p->rules[rule].preds[pred]);
    return p->codes[rule] ? p->codes[rule][pred] : NULL;
}

/* The text with U+FFFD for each malformed byte. */
static struct tcs_str
well_formed(struct tcs_str t, struct tcs_arena *a)
{
    struct tcs_buf b = {0};
    for (size_t i = 0; i < t.n;) {
        char out[4];
        size_t n = tcs_base_utf8_put(out, tcs_base_utf8_next(t, &i));
        tcs_base_buf_put(&b, out, n);
    }
    t = tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return t;
}

static bool
regex(struct plain *p, pcre2_code *code, struct tcs_str text)
{
    struct tcs_str t = well_formed(text, p->arena);
    PCRE2_SPTR s = (PCRE2_SPTR)(t.n ? t.p : "");
    int r;
    if (!code)
        return false;
    r = pcre2_match(code, s, t.n, 0, 0, p->data, p->ctx);
    if (r == PCRE2_ERROR_JIT_STACKLIMIT)
        r = pcre2_match(code, s, t.n, 0, PCRE2_NO_JIT, p->data, p->ctx);
    return r >= 0;
}

/* Single values ------------------------------------------------------------------------------- */

/* 8-4-4-4-12 hexadecimal digits? */
static bool
is_guid(struct tcs_str t)
{
    if (t.n != 36)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        char c = tcs_base_ascii_lower(t.p[i]);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

/* A GUID's other text: braces added or taken away.  False: t is no GUID. */
static bool
other_text(struct tcs_str t, struct tcs_arena *a, struct tcs_str *ret)
{
    if (is_guid(t)) {
        *ret = tcs_base_arena_printf(a, "{%.*s}", TCS_STR_FMT(t));
        return true;
    }
    if (t.n != 38 || t.p[0] != '{' || t.p[37] != '}')
        return false;
    *ret = (struct tcs_str){t.p + 1, 36};
    return is_guid(*ret);
}

static bool
compare(double a, unsigned cmp, double b)
{
    switch ((enum tcs_cmp)cmp) {
    case TCS_EQ:
        return a >= b && a <= b;
    case TCS_NE:
        return a < b || a > b;
    case TCS_LT:
        return a < b;
    case TCS_LE:
        return a <= b;
    case TCS_GT:
        return a > b;
    case TCS_GE:
        return a >= b;
    }
    return false;
}

static bool
in_network(const struct tcs_pred *pred, struct tcs_str t)
{
    uint8_t address[16] = {0};
    char z[64];
    size_t zone = tcs_base_str_find(t, '%', 0);
    if (t.n >= sizeof z)
        return false;
    memcpy(z, t.p, t.n);
    z[t.n] = 0;
    if (strlen(z) != t.n)
        return false;
    if (inet_pton(AF_INET, z, address + 12) == 1) {
        address[10] = address[11] = 0xff;
    } else {
        z[zone] = 0;
        if (inet_pton(AF_INET6, z, address) != 1)
            return false;
    }
    for (unsigned i = 0; i < pred->bits; i++)
        if ((address[i / 8] ^ pred->addr[i / 8]) & (0x80 >> i % 8))
            return false;
    return true;
}

static bool
time_part(const struct tcs_pred *pred, const struct tcs_value *v, struct tcs_str t)
{
    int64_t ticks;
    if (v->type == TCS_V_TIME)
        ticks = v->i;
    else if (!tcs_base_time_parse(t, &ticks))
        return false;
    if (ticks == TCS_TIME_NONE)
        return false;
    struct tcs_civil c = tcs_base_time_civil(ticks);
    double part[] = {[TCS_MINUTE] = c.minute, [TCS_HOUR] = c.hour,
                     [TCS_DAY] = c.day,       [TCS_WEEK] = tcs_base_time_iso_week(c),
                     [TCS_MONTH] = c.month,   [TCS_YEAR] = c.year};
    return compare(part[pred->part], pred->cmp, pred->num);
}

/* Does this one value satisfy the predicate?  Not for FIELDREF and EXISTS. */
static bool
satisfies(struct attempt *at, uint32_t pi, const struct tcs_value *v)
{
    const struct tcs_pred *pred = &at->p->rules[at->rule].preds[pi];
    struct tcs_str t = tcs_event_value_text(v, at->p->arena), t2;
    bool two = other_text(t, at->p->arena, &t2), cased = pred->flags & TCS_PF_CASED;
    double number;
    switch ((enum tcs_pred_kind)pred->kind) {
    case TCS_P_STR: {
        struct tcs_str pattern = plain_pattern(at->view, pred);
        return plain_glob(pattern, t, cased) || (two && plain_glob(pattern, t2, cased));
    }
    case TCS_P_RE: {
        pcre2_code *code = code_of(at->p, at->rule, pi);
        return regex(at->p, code, t) || (two && regex(at->p, code, t2));
    }
    case TCS_P_CIDR:
        return in_network(pred, t);
    case TCS_P_NUM:
        return tcs_event_value_number(v, &number) && compare(number, pred->cmp, pred->num);
    case TCS_P_NULL:
        return v->type == TCS_V_NULL;
    case TCS_P_TIMEPART:
        return time_part(pred, v, t);
    case TCS_P_EXISTS:
    case TCS_P_FIELDREF:
        break;
    }
    return false;
}

/* Predicates ---------------------------------------------------------------------------------- */

/* Every run of characters in t against u, as the flags say: equal, in it, at its start, its end. */
static bool
refers(const struct tcs_pred *pred, struct tcs_str t, struct tcs_str u, struct tcs_arena *a)
{
    struct tcs_buf b = {0};
    if (pred->flags & (TCS_PF_REF_CONTAINS | TCS_PF_REF_ENDS))
        tcs_base_buf_c(&b, TCS_ANY_RUN);
    /* well-formed, so that no byte of it is a wildcard */
    tcs_base_buf_str(&b, well_formed(u, a));
    if (pred->flags & (TCS_PF_REF_CONTAINS | TCS_PF_REF_STARTS))
        tcs_base_buf_c(&b, TCS_ANY_RUN);
    bool yes = plain_glob(tcs_base_buf_view(&b), t, pred->flags & TCS_PF_CASED);
    tcs_base_buf_done(&b);
    return yes;
}

static struct told
fieldref(struct attempt *at, const struct tcs_pred *pred, struct plain_values left)
{
    struct tcs_arena *a = at->p->arena;
    struct plain_values right = plain_values(at->view, at->ev, pred->text, a);
    struct told r = {.known = !left.unknown && !right.unknown};
    r.unknown = left.never || (left.unknown && !right.never) ? pred->field : pred->text;
    for (uint32_t i = 0; i < left.n; i++)
        for (uint32_t k = 0; k < right.n; k++)
            if (left.v[i].type != TCS_V_NULL && right.v[k].type != TCS_V_NULL &&
                refers(pred, tcs_event_value_text(&left.v[i], a),
                       tcs_event_value_text(&right.v[k], a), a))
                r.letter = true;
    return r;
}

static bool
keyword(struct attempt *at, uint32_t pi)
{
    for (uint32_t i = 0; i < at->ev->nfields; i++)
        if (satisfies(at, pi, &at->ev->fields[i].value))
            return true;
    return false;
}

static struct told
predicate(struct attempt *at, uint32_t pi)
{
    const struct tcs_pred *pred = &at->p->rules[at->rule].preds[pi];
    if (pred->field.n == 0)
        return (struct told){.letter = keyword(at, pi), .known = true};
    struct plain_values values = plain_values(at->view, at->ev, pred->field, at->p->arena);
    if (pred->kind == TCS_P_FIELDREF)
        return fieldref(at, pred, values);
    struct told r = {.known = !values.unknown, .unknown = pred->field};
    if (pred->kind == TCS_P_EXISTS) {
        r.letter = (values.n > 0) == (pred->num > 0);
        return r;
    }
    r.letter = pred->kind == TCS_P_NULL && values.n == 0;
    for (uint32_t i = 0; i < values.n; i++)
        r.letter |= satisfies(at, pi, &values.v[i]);
    return r;
}

/* Conditions ---------------------------------------------------------------------------------- */

/* What is asked of a part of the condition, in negation normal form. */
enum question { LETTER, CERTAIN, SPEAKS };

static bool
literal(struct attempt *at, uint32_t pi, bool negated, enum question q)
{
    const struct tcs_pred *pred = &at->p->rules[at->rule].preds[pi];
    struct told t = predicate(at, pi);
    bool absence = pred->kind == TCS_P_NULL || (pred->kind == TCS_P_EXISTS && !(pred->num > 0));
    if (q == LETTER)
        return t.letter != negated;
    if (q == CERTAIN)
        return t.known && t.letter != negated;
    return !negated && t.letter && t.known && !absence;
}

static bool
node(struct attempt *at, uint32_t i, bool negated, enum question q, unsigned depth)
{
    const struct tcs_rule *r = &at->p->rules[at->rule];
    const struct tcs_node *self = &r->nodes[i];
    if (depth > DEPTH_MAX)
        return false;
    if (self->op == TCS_N_NOT)
        return node(at, self->a, !negated, q, depth + 1);
    if (self->op == TCS_N_SEARCH)
        return node(at, r->searches[self->a].root, negated, q, depth + 1);
    if (self->op == TCS_N_PRED)
        return literal(at, self->a, negated, q);
    bool conjunction = (self->op == TCS_N_AND) != negated, any = false, all = true;
    for (uint32_t k = 0; k < self->n; k++) {
        bool yes = node(at, r->kids[self->a + k], negated, q, depth + 1);
        any |= yes;
        all &= yes;
    }
    if (q == SPEAKS)
        return any && (!conjunction || node(at, i, negated, LETTER, depth + 1));
    return conjunction ? all : any;
}

/* What the part rests on, from the root down. */
static void
rests(struct attempt *at, uint32_t i, bool negated, struct tcs_str search,
      struct tcs_unchecked *list, uint32_t *n)
{
    const struct tcs_rule *r = &at->p->rules[at->rule];
    const struct tcs_node *self = &r->nodes[i];
    if (node(at, i, negated, CERTAIN, 0) || !node(at, i, negated, LETTER, 0))
        return;
    if (self->op == TCS_N_NOT)
        rests(at, self->a, !negated, search, list, n);
    if (self->op == TCS_N_SEARCH)
        rests(at, r->searches[self->a].root, negated, r->searches[self->a].name, list, n);
    for (uint32_t k = 0; (self->op == TCS_N_AND || self->op == TCS_N_OR) && k < self->n; k++)
        rests(at, r->kids[self->a + k], negated, search, list, n);
    if (self->op != TCS_N_PRED)
        return;
    struct tcs_unchecked x = {search, predicate(at, self->a).unknown};
    for (uint32_t k = 0; k < *n; k++)
        if (tcs_base_str_eq(list[k].search, x.search) && tcs_base_str_eq(list[k].field, x.field))
            return;
    if (*n < TCS_UNCHECKED_MAX)
        list[(*n)++] = x;
}

/* Does the rule match in the view?  Then *hit says how. */
static bool
holds(struct plain *p, uint32_t rule, const struct tcs_event *ev, const struct tcs_view *view,
      struct tcs_sigma_match *hit)
{
    struct attempt at = {p, rule, ev, view};
    uint32_t root = p->rules[rule].root;
    bool yes = node(&at, root, false, CERTAIN, 0);
    *hit = (struct tcs_sigma_match){.rule = rule, .view = view};
    if (!yes && node(&at, root, false, LETTER, 0) && node(&at, root, false, SPEAKS, 0)) {
        struct tcs_unchecked *list = tcs_base_arena_array(p->kept, TCS_UNCHECKED_MAX, sizeof *list);
        rests(&at, root, false, TCS_STR(""), list, &hit->nunchecked);
        hit->unchecked = list;
        yes = true;
    }
    tcs_base_arena_reset(p->arena);
    return yes;
}

/* The logsource is not in the table: does the rule apply to the event all the same? */
static bool
applies(const struct tcs_logsource *want, const struct tcs_event *ev)
{
    return want->category.n == 0 &&
           (want->product.n == 0 || tcs_base_str_eq(want->product, ev->product)) &&
           (want->service.n == 0 || tcs_base_str_eq(want->service, ev->service));
}

static bool
rule_on(struct plain *p, uint32_t rule, const struct tcs_event *ev, struct tcs_sigma_match *hit)
{
    const struct tcs_view *views = p->views[rule];
    struct tcs_sigma_match one;
    bool yes = false;
    if (p->nviews[rule] == 0)
        return applies(&p->rules[rule].logsource, ev) && holds(p, rule, ev, NULL, hit);
    for (uint32_t i = 0; i < p->nviews[rule]; i++)
        if (plain_fits(&views[i], ev) && holds(p, rule, ev, &views[i], &one)) {
            if (!yes || (hit->nunchecked && !one.nunchecked))
                *hit = one;
            yes = true;
        }
    return yes;
}

bool
plain_rule(struct plain *p, uint32_t rule, const struct tcs_event *ev, struct tcs_sigma_match *hit)
{
    tcs_base_arena_reset(p->kept);
    return rule_on(p, rule, ev, hit);
}

uint32_t
plain_event(struct plain *p, const struct tcs_event *ev, const struct tcs_sigma_match **hits)
{
    uint32_t n = 0;
    tcs_base_arena_reset(p->kept);
    for (uint32_t r = 0; r < p->n; r++)
        if (rule_on(p, r, ev, &p->hits[n]))
            n++;
    *hits = p->hits;
    return n;
}

bool
plain_same_hit(const struct tcs_sigma_match *a, const struct tcs_sigma_match *b)
{
    if (a->rule != b->rule || a->view != b->view || a->nunchecked != b->nunchecked)
        return false;
    for (uint32_t i = 0; i < a->nunchecked; i++)
        if (!tcs_base_str_eq(a->unchecked[i].search, b->unchecked[i].search) ||
            !tcs_base_str_eq(a->unchecked[i].field, b->unchecked[i].field))
            return false;
    return true;
}
