/* tests/rules/rules_run.h - the project's rules loaded, and logs run through them: what each rule
 * and each correlation finds.  The engine and, if asked, the plain matcher beside it. */
#pragma once
#include "base/arena.h"
#include "correlate/correlate.h"
#include "decode/formats.h"
#include "input/source.h"
#include "plain/plain.h"
#include "sigma/rules.h"
#include "sigma/scan.h"

#include "check.h"

#include <ftw.h>

enum { RULES_MAX = 256, PATH_SIZE = 4096 };

static const char *rules_dir;

static struct {
    struct tcs_arena *a;
    struct tcs_rules *rules;
    struct tcs_logsources *ls;
    struct tcs_ruleset *set;
    struct plain *plain;
    const struct tcs_rule *all;
    const struct tcs_correlation *corrs;
    struct tcs_corrplan *corrplan;
    uint32_t n, ncorrs;
} t;

/* ---- loading ---- */

static char *files[RULES_MAX];
static size_t nfiles;

static inline int
visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (type == FTW_F && tcs_base_str_ends(tcs_base_str_of(path), TCS_STR(".yml"))) {
        assert_true(nfiles < RULES_MAX);
        files[nfiles++] = strdup(path);
    }
    return 0;
}

static inline struct tcs_str
slurp(const char *path)
{
    char *p = NULL;
    long n = 0;
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s cannot be read", path);
    if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0)
        p = tcs_base_arena_alloc(t.a, (size_t)n + 1);
    if (!p || fread(p, 1, (size_t)n, f) != (size_t)n)
        fail_msg("%s cannot be read", path);
    fclose(f);
    return (struct tcs_str){p, (size_t)n};
}

static inline int
build(void)
{
    struct tcs_err err = {0};
    uint32_t left_out = 0;
    if (tcs_correlate_plan_build(t.corrs, t.ncorrs, t.all, t.n, &t.corrplan, &left_out, &err) < 0 ||
        left_out)
        return -1;
    return tcs_sigma_ruleset_build(t.all, t.n, t.ls, NULL, &t.set, &err);
}

static inline int
load(void **state)
{
    struct tcs_err err = {0};
    (void)state;
    t.a = tcs_base_arena_new(0);
    t.rules = tcs_sigma_rules_new(NULL, 0);
    t.ls = tcs_sigma_logsources_new();
    if (nftw(rules_dir, visit, 16, FTW_PHYS) < 0 || !nfiles || !t.rules || !t.ls)
        return -1;
    for (size_t i = 0; i < nfiles; i++)
        if (tcs_sigma_rules_add(t.rules, tcs_base_str_of(files[i]), slurp(files[i]), &err) < 0)
            return -1;
    if (tcs_sigma_rules_finish(t.rules, &err) < 0 ||
        tcs_sigma_logsources_add(t.ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(), &err) <
            0)
        return -1;
    t.all = tcs_sigma_rules_all(t.rules, &t.n);
    t.corrs = tcs_sigma_rules_correlations(t.rules, &t.ncorrs);
    t.plain = plain_new(t.all, t.n, t.ls);
    return t.plain && t.ncorrs <= RULES_MAX ? build() : -1;
}

static inline int
unload(void **state)
{
    (void)state;
    plain_free(t.plain);
    tcs_correlate_plan_free(t.corrplan);
    tcs_sigma_ruleset_free(t.set);
    tcs_sigma_logsources_free(t.ls);
    tcs_sigma_rules_free(t.rules);
    tcs_base_arena_free(t.a);
    for (size_t i = 0; i < nfiles; i++)
        free(files[i]);
    return 0;
}

/* ---- running ---- */

/* How often each rule and each correlation hit in the inputs; `events` in all. */
struct count {
    uint32_t hits[RULES_MAX], results[RULES_MAX];
    bool engine_only;      /* do not ask the plain matcher, and take logs as they are */
    uint32_t events, stop; /* stop: events beyond so many are not looked at; 0: none */
    struct tcs_scan *scan;
    struct tcs_correlate *correlate;
};

static inline bool
has(const struct tcs_sigma_match *hits, uint32_t n, uint32_t rule)
{
    for (uint32_t i = 0; i < n; i++)
        if (hits[i].rule == rule)
            return true;
    return false;
}

static inline void
on_result(void *ctx, const struct tcs_corr_result *r)
{
    struct count *c = ctx;
    c->results[r->corr] += !r->update;
}

static inline void
push(struct count *c, const struct tcs_event *ev, const struct tcs_sigma_match *hit)
{
    struct tcs_err err;
    struct tcs_corr_match m;
    struct tcs_arena *a = tcs_base_arena_new(0);
    assert_non_null(a);
    tcs_correlate_extract(t.corrplan, ev, hit, a, &m);
    m.ref = c->events;
    if (m.time == TCS_TIME_NONE && !c->engine_only)
        fail_msg("%.*s, record %llu has no time", TCS_STR_FMT(ev->origin->path),
                 (unsigned long long)ev->record_id);
    assert_int_equal(tcs_correlate_push(c->correlate, &m, &err), 0);
    tcs_base_arena_free(a);
}

static inline void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct count *c = ctx;
    const struct tcs_sigma_match *fast, *slow;
    if (c->stop && c->events == c->stop)
        return;
    uint32_t nfast = tcs_sigma_scan_event(c->scan, ev, &fast);
    uint32_t nslow = c->engine_only ? 0 : plain_event(t.plain, ev, &slow);
    c->events++;
    for (uint32_t i = 0; i < t.n; i++) {
        if (!c->engine_only && has(fast, nfast, i) != has(slow, nslow, i))
            fail_msg("%.*s: engine and plain matcher disagree on %.*s, record %llu",
                     TCS_STR_FMT(t.all[i].doc.title), TCS_STR_FMT(ev->origin->path),
                     (unsigned long long)ev->record_id);
        c->hits[i] += has(fast, nfast, i);
    }
    for (uint32_t i = 0; c->correlate && i < nfast; i++)
        if (tcs_correlate_plan_reads(t.corrplan, fast[i].rule))
            push(c, ev, &fast[i]);
}

static inline void
on_problem(void *ctx, const struct tcs_origin *origin, const struct tcs_problem *p)
{
    const struct count *c = ctx;
    if (!c->engine_only)
        fail_msg("%.*s, byte %llu: %s", TCS_STR_FMT(origin->path), (unsigned long long)p->offset,
                 p->msg);
}

static inline void
scan_inputs(const char *path, struct count *c)
{
    struct tcs_err err = {0};
    struct tcs_inputs *in;
    struct tcs_unit u;
    struct tcs_sink sink = {.ctx = c, .event = on_event, .problem = on_problem};
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats, .problem = on_problem, .ctx = c};
    c->scan = tcs_sigma_scan_new(t.set);
    assert_non_null(c->scan);
    assert_int_equal(tcs_input_open(&path, 1, &opts, &in, &err), 0);
    while (tcs_input_next(in, &u, &err) == 0) {
        struct tcs_decode_stats stats = {0};
        struct tcs_decoder *d =
            u.format->open(&(struct tcs_decode_opts){.fields = tcs_sigma_ruleset_fields(t.set)});
        assert_non_null(d);
        u.format->decode(d, &u.block, &sink, &stats);
        u.format->close(d);
        tcs_input_unit_free(in, &u);
    }
    tcs_input_close(in);
    tcs_sigma_scan_free(c->scan);
}

/* With correlations, too. */
static inline void
run(const char *path, struct count *c)
{
    struct tcs_err err;
    struct tcs_corr_opts opts = {.lateness = INT64_MAX, .result = on_result, .ctx = c};
    c->correlate = tcs_correlate_new(t.corrplan, &opts);
    assert_non_null(c->correlate);
    scan_inputs(path, c);
    assert_int_equal(tcs_correlate_flush(c->correlate, &err), 0);
    tcs_correlate_free(c->correlate);
}

/* "a/b/NAME.yml" -> NAME */
static inline struct tcs_str
stem(const struct tcs_doc *doc)
{
    struct tcs_str p = doc->path;
    size_t from = p.n;
    while (from && p.p[from - 1] != '/')
        from--;
    return tcs_base_str_slice(p, from, p.n - 4);
}
