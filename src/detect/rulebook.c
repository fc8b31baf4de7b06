/* detect/rulebook.c - from rule files to a frozen ruleset, counting what was refused and why. */
#include "detect/rulebook.h"

#include "base/limits.h"
#include "decode/formats.h"
#include "detect/rulecache.h"
#include "detect/ruleparse.h"
#include "identity/identity.h"
#include "process/dirs.h"

#include <sodium.h>
#include <stdlib.h>

struct tcs_rulebook {
    struct tcs_arena *arena;
    struct tcs_rulefiles files;
    struct tcs_placeholder *placeholders;
    uint32_t nplaceholders;
    struct tcs_rulecache cache; /* mapped as long as there are rules from it */
    struct tcs_plancache compiled;
    uint8_t table[TCS_FILE_HASH]; /* hash of the user's logsources */
    uint8_t picks[TCS_FILE_HASH]; /* of which rules were picked */
    struct tcs_rules *rules;
    struct tcs_logsources *logsources;
    struct tcs_rule *picked;       /* shallow copies; what they point at belongs to `rules` */
    struct tcs_correlation *corrs; /* likewise */
    uint8_t *pick, *corr_pick;     /* enum tcs_pick of each of them */
    uint32_t npicked, ncorrs;
    struct tcs_corrplan *plan;
    struct tcs_ruleset *set;
    struct tcs_rulecount count;
    const char *remark;
    uint8_t content[TCS_CACHE_CONTENT]; /* if there is a cache */
};

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the rules");
}

static void
hash_text(uint8_t out[TCS_FILE_HASH], struct tcs_str s)
{
    /* fails only for sizes that it does not take */
    (void)crypto_generichash(out, TCS_FILE_HASH, (const uint8_t *)s.p, s.n, NULL, 0);
}

static int
load_logsources(struct tcs_rulebook *b, const char *path, struct tcs_err *err)
{
    struct tcs_str text;
    b->logsources = tcs_sigma_logsources_new();
    if (!b->logsources)
        return no_memory(err);
    int r = tcs_sigma_logsources_add(b->logsources, TCS_STR("(built in)"),
                                     tcs_sigma_logsources_builtin(), err);
    if (r < 0 || !path)
        return r;
    r = tcs_detect_rulefiles_slurp(b->arena, path, TCS_RULE_FILE_MAX, &text, err);
    if (r < 0)
        return r;
    hash_text(b->table, text);
    r = tcs_sigma_logsources_add(b->logsources, tcs_base_str_of(path), text, err);
    return r < 0 ? tcs_base_wrap(err, "%.100s:%u:%u", path, err->line, err->col) : 0;
}

/* What is stored says why it is not used only if somebody may have touched it. */
static void
remark(struct tcs_rulebook *b, const struct tcs_err *why)
{
    if (why->code == TCS_ECORRUPT && !b->remark)
        b->remark = tcs_base_arena_printf(b->arena, "%s; the rules are read anew", why->msg).p;
}

static int
from_cache(struct tcs_rulebook *b, struct tcs_err *why)
{
    int r = tcs_detect_rulecache_load(&b->cache, b->content, &b->rules, why);
    remark(b, why);
    b->count.from_cache = r == 0;
    return r;
}

/* The content is known only if somebody asks for it: the cache, or a store. */
static void
hash_content(struct tcs_rulebook *b)
{
    tcs_detect_rulecache_content(b->content, &b->cache, &b->files, b->placeholders,
                                 b->nplaceholders);
}

static int
from_files(struct tcs_rulebook *b, unsigned threads, struct tcs_err *err)
{
    int r = tcs_detect_rulefiles_texts(&b->files, err);
    if (r == 0 && b->cache.path) {
        /* those that were read only now may have changed since they were looked at */
        r = tcs_detect_rulecache_files(&b->cache, &b->files, err);
        hash_content(b);
    }
    return r < 0 ? r
                 : tcs_detect_ruleparse(&b->files, b->placeholders, b->nplaceholders, threads,
                                        &b->rules, err);
}

static int
parse(struct tcs_rulebook *b, const struct tcs_rule_opts *opts, struct tcs_err *why,
      struct tcs_err *err)
{
    struct tcs_err ignored = {0};
    int r = tcs_detect_rulefiles_placeholders(b->arena, opts->placeholders, &b->placeholders,
                                              &b->nplaceholders, err);
    if (r == 0 && b->cache.path)
        r = tcs_detect_rulecache_files(&b->cache, &b->files, err);
    if (r == 0 && b->cache.path)
        hash_content(b);
    if (r < 0)
        return r;
    bool cached = from_cache(b, why) == 0;
    if (!cached)
        r = from_files(b, opts->threads, err);
    if (r == 0 && (!cached || tcs_detect_rulecache_stale(&b->files)))
        tcs_detect_rulecache_store(&b->cache, &b->files, b->content, b->rules,
                                   &ignored); /* the next start is slower, that is all */
    return r;
}

static void
count_reason(struct tcs_rulecount *c, const char *reason)
{
    struct tcs_str s = tcs_base_str_of(reason ? reason : "other");
    for (uint32_t i = 0; i < c->nreasons; i++)
        if (tcs_base_str_eq(c->reasons[i].reason, s)) {
            c->reasons[i].count++;
            return;
        }
    if (c->nreasons < TCS_REASONS_MAX)
        c->reasons[c->nreasons++] = (struct tcs_reason){s, 1};
}

static bool
same_document(const struct tcs_diag *a, const struct tcs_diag *b)
{
    return tcs_base_str_eq(a->path, b->path) && tcs_base_str_eq(a->rule_id, b->rule_id) &&
           tcs_base_str_eq(a->rule_title, b->rule_title);
}

static int
by_count(const void *pa, const void *pb)
{
    const struct tcs_reason *a = pa, *b = pb;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return tcs_base_str_cmp(a->reason, b->reason);
}

static void
count(struct tcs_rulebook *b)
{
    struct tcs_rulecount *c = &b->count;
    uint32_t n;
    const struct tcs_diag *d = tcs_sigma_rules_diags(b->rules, &n), *last = NULL;
    c->files = b->files.n;
    c->seen = tcs_sigma_rules_seen(b->rules);
    tcs_sigma_rules_all(b->rules, &c->loaded);
    tcs_sigma_rules_correlations(b->rules, &c->correlations);
    for (uint32_t i = 0; i < n; i++) {
        if (d[i].severity != TCS_SEV_ERROR || (last && same_document(last, &d[i])))
            continue;
        last = &d[i];
        c->refused++;
        count_reason(c, d[i].reason);
    }
    if (c->nreasons)
        qsort(c->reasons, c->nreasons, sizeof *c->reasons, by_count);
}

/* --- paths of which nothing is used --- */

/* The path itself, or something below it. */
static bool
is_below(struct tcs_str path, struct tcs_str top)
{
    while (top.n > 1 && top.p[top.n - 1] == '/')
        top.n--;
    return tcs_base_str_starts(path, top) &&
           (path.n == top.n || path.p[top.n] == '/' || top.p[top.n - 1] == '/');
}

static uint32_t
files_below(const struct tcs_rulebook *b, struct tcs_str top)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->files.n; i++)
        n += is_below(b->files.at[i].path, top);
    return n;
}

static bool
rules_below(const struct tcs_rulebook *b, struct tcs_str top)
{
    uint32_t n, ncorrs;
    const struct tcs_rule *rules = tcs_sigma_rules_all(b->rules, &n);
    const struct tcs_correlation *corrs = tcs_sigma_rules_correlations(b->rules, &ncorrs);
    for (uint32_t i = 0; i < n; i++)
        if (is_below(rules[i].doc.path, top))
            return true;
    for (uint32_t i = 0; i < ncorrs; i++)
        if (is_below(corrs[i].doc.path, top))
            return true;
    return false;
}

static const struct tcs_diag *
first_error_below(const struct tcs_rulebook *b, struct tcs_str top)
{
    uint32_t n;
    const struct tcs_diag *d = tcs_sigma_rules_diags(b->rules, &n);
    for (uint32_t i = 0; i < n; i++)
        if (d[i].severity == TCS_SEV_ERROR && is_below(d[i].path, top))
            return &d[i];
    return NULL;
}

/* Who names a path expects rules from it.  One refused among others is counted elsewhere. */
static void
note_bare(struct tcs_rulebook *b, struct tcs_str top)
{
    const struct tcs_diag *d = first_error_below(b, top);
    struct tcs_err why;
    for (uint32_t i = 0; i < b->files.notes.nkept; i++)
        if (is_below(b->files.notes.kept[i].path, top))
            return; /* is said */
    if (files_below(b, top) == 0)
        tcs_detect_rulefiles_note(&b->files, top, "no rules in it: no file ends in .yml or .yaml");
    if (!d || rules_below(b, top))
        return;
    tcs_base_fail(&why, TCS_EPARSE, "line %u: %.*s", d->line, TCS_STR_FMT(d->text));
    tcs_detect_rulefiles_note(&b->files, d->path, why.msg);
}

static int
read_book(const struct tcs_rule_opts *opts, const char *const *paths, size_t n, bool cached,
          struct tcs_rulebook **ret, struct tcs_err *err)
{
    struct tcs_rulebook *b = calloc(1, sizeof *b);
    struct tcs_err why = {0};
    if (!b)
        return no_memory(err);
    b->arena = tcs_base_arena_new(0);
    int r = b->arena ? load_logsources(b, opts->logsources, err) : no_memory(err);
    if (r == 0 && cached)
        tcs_detect_rulecache_open(&b->cache, b->arena, paths, n, &why);
    if (r == 0)
        r = tcs_detect_rulefiles_find(&b->files, paths, n, b->cache.path != NULL, err);
    if (r == 0)
        r = parse(b, opts, &why, err);
    if (r < 0) {
        tcs_detect_rulebook_free(b);
        return r;
    }
    count(b);
    for (size_t i = 0; i < n; i++)
        note_bare(b, tcs_base_str_of(paths[i]));
    *ret = b;
    return 0;
}

int
tcs_detect_rulebook_read(const struct tcs_rule_opts *opts, const char *const *paths, size_t n,
                         struct tcs_rulebook **ret, struct tcs_err *err)
{
    return read_book(opts, paths, n, false, ret, err);
}

/* What the chain reads of events. */
static const struct tcs_str *
party_fields(struct tcs_arena *a, uint32_t *n)
{
    uint32_t count = 0;
    while (tcs_identity_field(count).n)
        count++;
    struct tcs_str *list = tcs_base_arena_array(a, count, sizeof *list);
    for (uint32_t i = 0; list && i < count; i++)
        list[i] = tcs_identity_field(i);
    *n = count;
    return list;
}

/* Wanted and needed ones, and behind the rules the correlations' documents. */
static int
gather(struct tcs_rulebook *b, const struct tcs_rule_opts *opts, struct tcs_err *err)
{
    uint32_t n, ncorrs;
    const struct tcs_rule *all = tcs_sigma_rules_all(b->rules, &n);
    const struct tcs_correlation *corrs = tcs_sigma_rules_correlations(b->rules, &ncorrs);
    struct tcs_picks picks = {tcs_base_arena_array(b->arena, (size_t)n + 1, 1),
                              tcs_base_arena_array(b->arena, (size_t)ncorrs + 1, 1)};
    b->picked = tcs_base_arena_array(b->arena, (size_t)n + ncorrs + 1, sizeof *b->picked);
    b->corrs = tcs_base_arena_array(b->arena, (size_t)ncorrs + 1, sizeof *b->corrs);
    b->pick = picks.rules;
    b->corr_pick = picks.corrs;
    if (tcs_base_arena_failed(b->arena) || tcs_detect_rulebook_pick(opts, b->rules, &picks) < 0)
        return no_memory(err);
    crypto_generichash(b->picks, sizeof b->picks, picks.rules, n, NULL, 0);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t pick = picks.rules[i];
        if (pick == TCS_PICK_NOT)
            continue;
        b->count.used += pick == TCS_PICK_WANTED;
        b->count.needed += pick == TCS_PICK_NEEDED;
        b->pick[b->npicked] = pick;
        b->picked[b->npicked++] = all[i];
    }
    for (uint32_t i = 0; i < ncorrs; i++) {
        if (picks.corrs[i] == TCS_PICK_NOT)
            continue;
        b->picked[b->npicked + b->ncorrs].doc = corrs[i].doc;
        b->corr_pick[b->ncorrs] = picks.corrs[i];
        b->corrs[b->ncorrs++] = corrs[i];
    }
    b->count.correlations_used = b->ncorrs;
    return 0;
}

static void
hash_list(crypto_generichash_state *h, const struct tcs_detect_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        crypto_generichash_update(h, (const uint8_t *)list->at[i], strlen(list->at[i]) + 1);
    crypto_generichash_update(h, (const uint8_t *)"\n", 1);
}

/* What the user asked for, so that the plan of other rules or another table takes the place of the
 * one before. */
static uint64_t
name_of(const struct tcs_rulebook *b, const struct tcs_rule_opts *opts)
{
    uint64_t name;
    const int64_t numbers[] = {opts->level, opts->status};
    crypto_generichash_state h;
    uint8_t out[crypto_generichash_BYTES_MIN];
    crypto_generichash_init(&h, NULL, 0, sizeof out);
    crypto_generichash_update(&h, (const uint8_t *)b->cache.path, strlen(b->cache.path) + 1);
    crypto_generichash_update(&h, (const uint8_t *)numbers, sizeof numbers);
    hash_list(&h, &opts->tags);
    hash_list(&h, &opts->names);
    hash_list(&h, &opts->products);
    crypto_generichash_final(&h, out, sizeof out);
    memcpy(&name, out, sizeof name);
    return name;
}

static void
open_compiled(struct tcs_rulebook *b, const struct tcs_rule_opts *opts)
{
    uint8_t made_of[TCS_CACHE_CONTENT];
    struct tcs_err why = {0};
    crypto_generichash_state h;
    if (!b->cache.path)
        return;
    crypto_generichash_init(&h, NULL, 0, sizeof made_of);
    crypto_generichash_update(&h, b->content, sizeof b->content);
    crypto_generichash_update(&h, b->table, sizeof b->table);
    crypto_generichash_update(&h, b->picks, sizeof b->picks);
    crypto_generichash_final(&h, made_of, sizeof made_of);
    tcs_detect_plancache_open(&b->compiled, &b->cache, b->arena, name_of(b, opts), made_of, &why);
    if (b->compiled.image.p && tcs_sigma_ruleset_view(b->compiled.image, b->picked, b->npicked,
                                                      b->logsources, &b->set, &why) < 0)
        tcs_detect_plancache_close(&b->compiled);
    remark(b, &why);
}

static void
store_compiled(const struct tcs_rulebook *b)
{
    struct tcs_err ignored; /* the next start is slower, that is all */
    struct tcs_buf image = {0};
    if (b->compiled.path && tcs_sigma_ruleset_save(b->set, b->logsources, &image, &ignored) == 0)
        tcs_detect_plancache_store(&b->compiled, &b->cache, tcs_base_buf_view(&image), &ignored);
    tcs_base_buf_done(&image);
}

static int
compile(struct tcs_rulebook *b, const struct tcs_rule_opts *opts, struct tcs_err *err)
{
    struct tcs_ruleset_opts plan = {0};
    open_compiled(b, opts);
    if (b->set)
        return 0;
    plan.fields = party_fields(b->arena, &plan.nfields);
    if (!plan.fields)
        return no_memory(err);
    int r = tcs_sigma_ruleset_build(b->picked, b->npicked, b->logsources, &plan, &b->set, err);
    if (r == 0)
        store_compiled(b);
    return r;
}

/* Does a decoder make events that the logsource means? */
static bool
is_fed(const struct tcs_rulebook *b, const struct tcs_logsource *want)
{
    uint32_t n;
    const struct tcs_view *v = tcs_sigma_logsources_find(b->logsources, want, &n);
    bool fed = n == 0 && tcs_decode_feeds(want->product, want->service);
    for (uint32_t i = 0; i < n && !fed; i++)
        fed = tcs_decode_feeds(v[i].product, v[i].service);
    return fed;
}

bool
tcs_detect_rulebook_reachable(const struct tcs_rulebook *b, uint32_t rule)
{
    return tcs_sigma_ruleset_reachable(b->set, rule) && is_fed(b, &b->picked[rule].logsource);
}

/* Rules of one folder have one logsource, mostly: it is looked up once. */
static uint32_t
count_unreachable(const struct tcs_rulebook *b)
{
    const struct tcs_logsource *last = NULL;
    uint32_t n = 0;
    bool fed = false;
    for (uint32_t i = 0; i < b->npicked; i++) {
        const struct tcs_logsource *ls = &b->picked[i].logsource;
        if (!last || !tcs_base_str_eq(last->product, ls->product) ||
            !tcs_base_str_eq(last->category, ls->category) ||
            !tcs_base_str_eq(last->service, ls->service))
            fed = is_fed(b, ls);
        last = ls;
        n += !fed || !tcs_sigma_ruleset_reachable(b->set, i);
    }
    return n;
}

int
tcs_detect_rulebook_compile(struct tcs_rulebook *b, const struct tcs_rule_opts *opts,
                            struct tcs_err *err)
{
    uint32_t left_out;
    int r = gather(b, opts, err);
    if (r == 0)
        r = compile(b, opts, err);
    if (r == 0)
        b->count.unreachable = count_unreachable(b);
    if (r == 0)
        r = tcs_correlate_plan_build(b->corrs, b->ncorrs, b->picked, b->npicked, &b->plan,
                                     &left_out, err);
    if (r == 0)
        b->count.correlations_used -= left_out;
    return r;
}

int
tcs_detect_rulebook_load(const struct tcs_rule_opts *opts, struct tcs_rulebook **ret,
                         struct tcs_err *err)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_rulebook *b = NULL;
    const char *own;
    const char *const *paths = opts->paths.n ? opts->paths.at : &own;
    int r = a ? 0 : no_memory(err);
    if (r == 0 && !opts->paths.n)
        r = tcs_process_dirs_rules(a, &own, err);
    if (r == 0)
        r = read_book(opts, paths, opts->paths.n ? opts->paths.n : 1, !opts->no_cache, &b, err);
    if (r == 0)
        r = tcs_detect_rulebook_compile(b, opts, err);
    tcs_base_arena_free(a);
    if (r < 0)
        tcs_detect_rulebook_free(b);
    else
        *ret = b;
    return r;
}

void
tcs_detect_rulebook_free(struct tcs_rulebook *b)
{
    if (!b)
        return;
    tcs_correlate_plan_free(b->plan);
    tcs_sigma_ruleset_free(b->set);
    tcs_detect_plancache_close(&b->compiled);
    tcs_sigma_rules_free(b->rules);
    tcs_detect_rulecache_close(&b->cache);
    tcs_sigma_logsources_free(b->logsources);
    tcs_detect_rulefiles_done(&b->files);
    tcs_base_arena_free(b->arena);
    free(b);
}

const struct tcs_rule *
tcs_detect_rulebook_rules(const struct tcs_rulebook *b, uint32_t *n)
{
    *n = b->npicked;
    return b->picked;
}

bool
tcs_detect_rulebook_wanted(const struct tcs_rulebook *b, uint32_t rule)
{
    return b->pick[rule] == TCS_PICK_WANTED;
}

bool
tcs_detect_rulebook_alerts(const struct tcs_rulebook *b, uint32_t rule)
{
    return tcs_detect_rulebook_wanted(b, rule) && tcs_correlate_plan_alerts(b->plan, rule);
}

const struct tcs_correlation *
tcs_detect_rulebook_correlations(const struct tcs_rulebook *b, uint32_t *n)
{
    *n = b->ncorrs;
    return b->corrs;
}

const struct tcs_corrplan *
tcs_detect_rulebook_corrplan(const struct tcs_rulebook *b)
{
    return b->plan;
}

bool
tcs_detect_rulebook_corr_wanted(const struct tcs_rulebook *b, uint32_t corr)
{
    return b->corr_pick[corr] == TCS_PICK_WANTED;
}

const struct tcs_ruleset *
tcs_detect_rulebook_set(const struct tcs_rulebook *b)
{
    return b->set;
}

const struct tcs_logsources *
tcs_detect_rulebook_logsources(const struct tcs_rulebook *b)
{
    return b->logsources;
}

const struct tcs_rulecount *
tcs_detect_rulebook_count(const struct tcs_rulebook *b)
{
    return &b->count;
}

const struct tcs_diag *
tcs_detect_rulebook_diags(const struct tcs_rulebook *b, uint32_t *n)
{
    return tcs_sigma_rules_diags(b->rules, n);
}

const struct tcs_notes *
tcs_detect_rulebook_notes(const struct tcs_rulebook *b)
{
    return &b->files.notes;
}

void
tcs_detect_rulebook_content(const struct tcs_rulebook *b, uint8_t out[TCS_FILE_HASH])
{
    if (b->cache.path)
        memcpy(out, b->content, TCS_FILE_HASH);
    else
        tcs_detect_rulecache_content(out, &b->cache, &b->files, b->placeholders, b->nplaceholders);
}

const char *
tcs_detect_rulebook_remark(const struct tcs_rulebook *b)
{
    return b->remark;
}
