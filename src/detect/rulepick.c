/* detect/rulepick.c - which rules and correlations --level, --status, --tag and --rule ask for, and
 * which rules those correlations need besides.  Decides, reads nothing. */
#include "base/map.h"
#include "detect/rulebook.h"
#include "sigma/status.h"

/* Is `part` somewhere in `s`?  ASCII case ignored. */
static bool
contains(struct tcs_str s, struct tcs_str part)
{
    for (size_t i = 0; i + part.n <= s.n; i++)
        if (tcs_base_str_ieq(tcs_base_str_slice(s, i, i + part.n), part))
            return true;
    return false;
}

/* The tag itself, or one below it: T1003 has T1003.001. */
static bool
under(struct tcs_str tag, struct tcs_str want)
{
    if (tag.n < want.n || !tcs_base_str_ieq(tcs_base_str_slice(tag, 0, want.n), want))
        return false;
    return tag.n == want.n || tag.p[want.n] == '.';
}

static bool
same_but_dash(struct tcs_str a, struct tcs_str b)
{
    for (size_t i = 0; i < a.n && a.n == b.n; i++) {
        char x = tcs_base_ascii_lower(a.p[i]), y = tcs_base_ascii_lower(b.p[i]);
        if ((x == '_' ? '-' : x) != (y == '_' ? '-' : y))
            return false;
    }
    return a.n == b.n;
}

static bool
tag_fits(struct tcs_str tag, struct tcs_str want)
{
    struct tcs_str rest = tcs_base_str_slice(tag, tcs_base_str_find(tag, '.', 0) + 1, tag.n);
    return under(tag, want) || under(rest, want) || same_but_dash(tag, want) ||
           same_but_dash(rest, want);
}

static bool
tags_fit(const struct tcs_detect_list *wanted, const struct tcs_doc *doc)
{
    for (size_t w = 0; w < wanted->n; w++)
        for (uint32_t i = 0; i < doc->ntags; i++)
            if (tag_fits(doc->tags[i], tcs_base_str_of(wanted->at[w])))
                return true;
    return wanted->n == 0;
}

static bool
name_fits(struct tcs_str want, const struct tcs_doc *doc)
{
    struct tcs_str file = doc->path;
    for (size_t i = doc->path.n; i > 0; i--)
        if (doc->path.p[i - 1] == '/') {
            file = tcs_base_str_slice(doc->path, i, doc->path.n);
            break;
        }
    size_t dot = file.n;
    while (dot > 0 && file.p[dot - 1] != '.')
        dot--;
    struct tcs_str stem = tcs_base_str_slice(file, 0, dot ? dot - 1 : file.n);
    return tcs_base_str_ieq(doc->id, want) || tcs_base_str_eq(doc->path, want) ||
           tcs_base_str_eq(file, want) || tcs_base_str_eq(stem, want) || contains(doc->title, want);
}

static bool
names_fit(const struct tcs_detect_list *wanted, const struct tcs_doc *doc)
{
    for (size_t w = 0; w < wanted->n; w++)
        if (name_fits(tcs_base_str_of(wanted->at[w]), doc))
            return true;
    return wanted->n == 0;
}

static bool
products_fit(const struct tcs_detect_list *wanted, const struct tcs_logsource *ls)
{
    for (size_t w = 0; w < wanted->n; w++) {
        struct tcs_str want = tcs_base_str_of(wanted->at[w]);
        if (tcs_base_str_ieq(ls->product, want) || tcs_base_str_ieq(ls->category, want) ||
            tcs_base_str_ieq(ls->service, want))
            return true;
    }
    return wanted->n == 0;
}

static bool
wants_doc(const struct tcs_rule_opts *opts, const struct tcs_doc *d)
{
    if (d->level < opts->level)
        return false;
    if (opts->status &&
        tcs_sigma_status_maturity(d->status) < tcs_sigma_status_maturity(opts->status))
        return false;
    return tags_fit(&opts->tags, d) && names_fit(&opts->names, d);
}

bool
tcs_detect_rulebook_wants(const struct tcs_rule_opts *opts, const struct tcs_rule *rule)
{
    return wants_doc(opts, &rule->doc) && products_fit(&opts->products, &rule->logsource);
}

/* --- correlations and what they need --- */

struct need {
    const struct tcs_rule_opts *opts;
    const struct tcs_rule *rules;
    const struct tcs_correlation *corrs;
    struct tcs_map rule_of, corr_of; /* id or name */
    struct tcs_picks *picks;
};

static int
enter(struct tcs_map *m, const struct tcs_doc *d, uint32_t i)
{
    bool bad = (d->id.n && tcs_base_map_intern(m, d->id, i) == TCS_MAP_NONE) ||
               (d->name.n && tcs_base_map_intern(m, d->name, i) == TCS_MAP_NONE);
    return bad ? -1 : 0;
}

/* Is one of its rules, or of those of its inner correlations, of a wanted product?  The loader
 * bounded the depth: TCS_CORR_CHAIN_MAX. */
static bool
product_fits(const struct need *x, const struct tcs_correlation *c)
{
    for (uint32_t i = 0; i < c->nrules; i++) {
        uint32_t r = tcs_base_map_get(&x->rule_of, c->rules[i]);
        uint32_t k = r == TCS_MAP_NONE ? tcs_base_map_get(&x->corr_of, c->rules[i]) : TCS_MAP_NONE;
        if ((r != TCS_MAP_NONE && products_fit(&x->opts->products, &x->rules[r].logsource)) ||
            (k != TCS_MAP_NONE && product_fits(x, &x->corrs[k])))
            return true;
    }
    return false;
}

static void
mark(const struct need *x, const struct tcs_correlation *c)
{
    for (uint32_t i = 0; i < c->nrules; i++) {
        uint32_t r = tcs_base_map_get(&x->rule_of, c->rules[i]);
        uint32_t k = r == TCS_MAP_NONE ? tcs_base_map_get(&x->corr_of, c->rules[i]) : TCS_MAP_NONE;
        if (r != TCS_MAP_NONE && x->picks->rules[r] == TCS_PICK_NOT)
            x->picks->rules[r] = TCS_PICK_NEEDED;
        if (k != TCS_MAP_NONE && x->picks->corrs[k] == TCS_PICK_NOT) {
            x->picks->corrs[k] = TCS_PICK_NEEDED;
            mark(x, &x->corrs[k]);
        }
    }
}

int
tcs_detect_rulebook_pick(const struct tcs_rule_opts *opts, const struct tcs_rules *rules,
                         struct tcs_picks *picks)
{
    uint32_t n, ncorrs;
    struct need x = {.opts = opts, .picks = picks};
    x.rules = tcs_sigma_rules_all(rules, &n);
    x.corrs = tcs_sigma_rules_correlations(rules, &ncorrs);
    int r = 0;
    for (uint32_t i = 0; i < n && r == 0; i++) {
        picks->rules[i] =
            tcs_detect_rulebook_wants(opts, &x.rules[i]) ? TCS_PICK_WANTED : TCS_PICK_NOT;
        r = ncorrs ? enter(&x.rule_of, &x.rules[i].doc, i) : 0;
    }
    for (uint32_t i = 0; i < ncorrs && r == 0; i++)
        r = enter(&x.corr_of, &x.corrs[i].doc, i);
    for (uint32_t i = 0; i < ncorrs && r == 0; i++)
        picks->corrs[i] = wants_doc(opts, &x.corrs[i].doc) && product_fits(&x, &x.corrs[i])
                              ? TCS_PICK_WANTED
                              : TCS_PICK_NOT;
    for (uint32_t i = 0; i < ncorrs && r == 0; i++)
        if (picks->corrs[i] == TCS_PICK_WANTED)
            mark(&x, &x.corrs[i]);
    tcs_base_map_done(&x.rule_of);
    tcs_base_map_done(&x.corr_of);
    return r;
}
