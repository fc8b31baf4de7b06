/* cli/rulepick.c - which rules --level, --status, --tag and --rule ask for.  Decides, reads
 * nothing. */
#include "cli/rulebook.h"
#include "sigma/words.h"

/* Is `part` somewhere in `s`?  ASCII case ignored. */
static bool
contains(struct tcs_str s, struct tcs_str part)
{
    for (size_t i = 0; i + part.n <= s.n; i++)
        if (tcs_str_ieq(tcs_str_slice(s, i, i + part.n), part))
            return true;
    return false;
}

/* The tag itself, or one below it: T1003 has T1003.001. */
static bool
under(struct tcs_str tag, struct tcs_str want)
{
    if (tag.n < want.n || !tcs_str_ieq(tcs_str_slice(tag, 0, want.n), want))
        return false;
    return tag.n == want.n || tag.p[want.n] == '.';
}

static bool
same_but_dash(struct tcs_str a, struct tcs_str b)
{
    for (size_t i = 0; i < a.n && a.n == b.n; i++) {
        char x = tcs_ascii_lower(a.p[i]), y = tcs_ascii_lower(b.p[i]);
        if ((x == '_' ? '-' : x) != (y == '_' ? '-' : y))
            return false;
    }
    return a.n == b.n;
}

static bool
tag_fits(struct tcs_str tag, struct tcs_str want)
{
    struct tcs_str rest = tcs_str_slice(tag, tcs_str_find(tag, '.', 0) + 1, tag.n);
    return under(tag, want) || under(rest, want) || same_but_dash(tag, want) ||
           same_but_dash(rest, want);
}

static bool
tags_fit(const struct tcs_setting_list *wanted, const struct tcs_doc *doc)
{
    for (size_t w = 0; w < wanted->n; w++)
        for (uint32_t i = 0; i < doc->ntags; i++)
            if (tag_fits(doc->tags[i], tcs_str_of(wanted->at[w])))
                return true;
    return wanted->n == 0;
}

static bool
name_fits(struct tcs_str want, const struct tcs_doc *doc)
{
    struct tcs_str file = doc->path;
    for (size_t i = doc->path.n; i > 0; i--)
        if (doc->path.p[i - 1] == '/') {
            file = tcs_str_slice(doc->path, i, doc->path.n);
            break;
        }
    size_t dot = file.n;
    while (dot > 0 && file.p[dot - 1] != '.')
        dot--;
    struct tcs_str stem = tcs_str_slice(file, 0, dot ? dot - 1 : file.n);
    return tcs_str_ieq(doc->id, want) || tcs_str_eq(doc->path, want) || tcs_str_eq(file, want) ||
           tcs_str_eq(stem, want) || contains(doc->title, want);
}

static bool
names_fit(const struct tcs_setting_list *wanted, const struct tcs_doc *doc)
{
    for (size_t w = 0; w < wanted->n; w++)
        if (name_fits(tcs_str_of(wanted->at[w]), doc))
            return true;
    return wanted->n == 0;
}

static bool
products_fit(const struct tcs_setting_list *wanted, const struct tcs_logsource *ls)
{
    for (size_t w = 0; w < wanted->n; w++) {
        struct tcs_str want = tcs_str_of(wanted->at[w]);
        if (tcs_str_ieq(ls->product, want) || tcs_str_ieq(ls->category, want) ||
            tcs_str_ieq(ls->service, want))
            return true;
    }
    return wanted->n == 0;
}

bool
tcs_rulebook_wants(const struct tcs_settings *set, const struct tcs_rule *rule)
{
    const struct tcs_doc *d = &rule->doc;
    if (d->level < set->level)
        return false;
    if (set->status && tcs_status_maturity(d->status) < tcs_status_maturity(set->status))
        return false;
    return tags_fit(&set->tags, d) && names_fit(&set->names, d) &&
           products_fit(&set->products, &rule->logsource);
}
