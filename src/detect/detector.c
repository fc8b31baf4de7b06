/* detect/detector.c - loads what decides, in the order in which the parts need each other. */
#include "detect/detector.h"

#include "base/limits.h"
#include "detect/rulefiles.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

struct tcs_detector {
    atomic_uint users;
    struct tcs_detect_opts opts;
    struct tcs_arena *arena;
    struct tcs_rulebook *book;
    struct tcs_alertmap *alertmap;
    struct tcs_identity_plan *identity;
    struct tcs_csv_table *table;
    struct tcs_csv_tables tables;
    struct tcs_decode_opts decoding;
};

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the rules");
}

/* The tables that alert maps describe, for the one who looks at the files. */
static int
collect_tables(struct tcs_detector *d, struct tcs_err *err)
{
    const struct tcs_str *columns;
    uint32_t n, cap = 0;
    while ((columns = tcs_alertmap_table(d->alertmap, d->tables.n, &n))) {
        if (!tcs_base_arena_grow(d->arena, &d->table, d->tables.n, &cap, sizeof *d->table))
            return no_memory(err);
        d->table[d->tables.n++] = (struct tcs_csv_table){columns, n};
    }
    d->tables.at = d->table;
    return 0;
}

static int
load_alertmaps(struct tcs_detector *d, struct tcs_err *err)
{
    d->alertmap = tcs_alertmap_new();
    if (!d->alertmap)
        return no_memory(err);
    int r = tcs_alertmap_add(d->alertmap, TCS_STR("(built in)"), tcs_alertmap_builtin(), err);
    for (size_t i = 0; r == 0 && i < d->opts.alert_maps.n; i++) {
        struct tcs_str text;
        const char *path = d->opts.alert_maps.at[i];
        r = tcs_detect_rulefiles_slurp(d->arena, path, TCS_RULE_FILE_MAX, &text, err);
        if (r == 0)
            r = tcs_alertmap_add(d->alertmap, tcs_base_str_of(path), text, err);
        if (r < 0 && err->line)
            return tcs_base_wrap(err, "line %u, column %u", err->line, err->col);
    }
    return r ? r : collect_tables(d, err);
}

static void
add_text(crypto_generichash_state *h, const char *s)
{
    crypto_generichash_update(h, (const unsigned char *)(s ? s : ""), s ? strlen(s) + 1 : 1);
}

/* A file that was read, as far as the system tells whether it changed. */
static void
add_file(crypto_generichash_state *h, const char *path)
{
    struct stat st = {0};
    add_text(h, path);
    if (path)
        stat(path, &st);
    const int64_t id[3] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
    crypto_generichash_update(h, (const unsigned char *)id, sizeof id);
}

/* Why there is none is said of the first path that gave none. */
static int
no_rule(const struct tcs_rulebook *book, struct tcs_err *err)
{
    const struct tcs_notes *n = tcs_detect_rulebook_notes(book);
    const struct tcs_note *first = tcs_detect_notes_at(n, TCS_CAUSE_RULES, 0);
    if (!first)
        return tcs_base_fail(err, TCS_EUSAGE,
                             "no rule is left to hunt with; tocsin rules list shows what the "
                             "options choose");
    return tcs_base_fail(err, TCS_EUSAGE, "no rule is left to hunt with: %.*s: %.*s",
                         (int)(first->path.n < 90 ? first->path.n : 90), first->path.p,
                         TCS_STR_FMT(first->text));
}

static int
load(struct tcs_detector *d, struct tcs_err *err)
{
    uint32_t n;
    int r = tcs_detect_rulebook_load(&d->opts.rules, &d->book, err);
    if (r < 0)
        return r;
    (void)tcs_detect_rulebook_rules(d->book, &n);
    if (n == 0)
        return no_rule(d->book, err);
    r = load_alertmaps(d, err);
    if (r < 0)
        return r;
    const struct tcs_fieldset *fields = tcs_sigma_ruleset_fields(tcs_detect_rulebook_set(d->book));
    d->identity = tcs_identity_plan_new(fields);
    d->decoding = (struct tcs_decode_opts){.fields = fields, .carve = d->opts.carve};
    return d->identity ? 0 : no_memory(err);
}

int
tcs_detect_load(const struct tcs_detect_opts *opts, struct tcs_detector **ret, struct tcs_err *err)
{
    struct tcs_detector *d = calloc(1, sizeof *d);
    if (!d)
        return no_memory(err);
    atomic_init(&d->users, 1);
    d->opts = *opts;
    d->arena = tcs_base_arena_new(0);
    int r = d->arena ? load(d, err) : no_memory(err);
    if (r < 0)
        tcs_detect_unref(d);
    else
        *ret = d;
    return r;
}

struct tcs_detector *
tcs_detect_ref(struct tcs_detector *d)
{
    atomic_fetch_add_explicit(&d->users, 1, memory_order_relaxed);
    return d;
}

void
tcs_detect_unref(struct tcs_detector *d)
{
    if (!d || atomic_fetch_sub_explicit(&d->users, 1, memory_order_acq_rel) != 1)
        return;
    tcs_identity_plan_free(d->identity);
    tcs_alertmap_free(d->alertmap);
    tcs_detect_rulebook_free(d->book);
    tcs_base_arena_free(d->arena);
    free(d);
}

const struct tcs_detect_opts *
tcs_detect_options(const struct tcs_detector *d)
{
    return &d->opts;
}

const struct tcs_rulebook *
tcs_detect_rulebook(const struct tcs_detector *d)
{
    return d->book;
}

const struct tcs_alertmap *
tcs_detect_alertmap(const struct tcs_detector *d)
{
    return d->alertmap;
}

const struct tcs_identity_plan *
tcs_detect_identity(const struct tcs_detector *d)
{
    return d->identity;
}

const struct tcs_csv_tables *
tcs_detect_tables(const struct tcs_detector *d)
{
    return &d->tables;
}

const struct tcs_decode_opts *
tcs_detect_decoding(const struct tcs_detector *d)
{
    return &d->decoding;
}

void
tcs_detect_content(const struct tcs_detector *d, uint8_t out[TCS_DETECT_CONTENT])
{
    const struct tcs_detect_opts *o = &d->opts;
    const struct tcs_detect_list *const lists[] = {&o->rules.tags, &o->rules.names, &o->hosts};
    const int64_t numbers[] = {o->rules.level, o->rules.status, o->from,
                               o->to,          o->carve,        o->hide_unchecked};
    crypto_generichash_state h;
    tcs_detect_rulebook_content(d->book, out);
    crypto_generichash_init(&h, NULL, 0, TCS_DETECT_CONTENT);
    crypto_generichash_update(&h, out, TCS_DETECT_CONTENT);
    crypto_generichash_update(&h, (const unsigned char *)numbers, sizeof numbers);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        add_text(&h, NULL);
        for (size_t k = 0; k < lists[i]->n; k++)
            add_text(&h, lists[i]->at[k]);
    }
    add_file(&h, o->rules.logsources);
    for (size_t i = 0; i < o->alert_maps.n; i++)
        add_file(&h, o->alert_maps.at[i]);
    crypto_generichash_final(&h, out, TCS_DETECT_CONTENT);
}
