/* The fast engine and the plain matcher on recorded logs: all rules of SigmaHQ's main sets, the
 * EVTX samples and the JSON data sets must give the same findings, in the same view, in the same
 * order.
 *
 * The plain matcher is slow by design, so events are sampled: of each kind (channel and event id,
 * in most EVTX samples also the file) the first ones, then fewer and fewer; of the others, only
 * what the engine finds is confirmed.  Of each sampled event the engine also runs without its
 * prefilter.  With TOCSIN_DIFF_ALL=1 (script/check-all) every event of the EVTX samples and the
 * first 32 of each kind in each JSON data set are compared. */
#include "corpus.h"
#include "plain/plain.h"
#include "sigma/scan.h"

#include "base/hash.h"

/* Under the sanitizers everything takes several times as long: one event of each kind is enough
 * there, since only memory errors are looked for. */
#if defined(__SANITIZE_ADDRESS__)
#define SPARSE 1
#elif defined(__has_feature)
#define SPARSE __has_feature(address_sanitizer)
#else
#define SPARSE 0
#endif

enum { KINDS = 1 << 16 };

struct run {
    const struct tcs_rule *rules;
    uint32_t nrules;
    struct tcs_scan *scan, *unfiltered, *viewed;
    struct plain *plain;
    uint32_t first;       /* events of a kind that are compared, before thinning out */
    bool by_file;         /* the same kind in another file is another kind */
    uint32_t seen[KINDS]; /* by hash of the kind; a collision only thins out more */
    uint64_t compared, findings, confirmed, differences;
};

/* The kind's 1st .. first-th event, then every power of sixteen. */
static bool
sampled(struct run *r, const struct tcs_event *ev)
{
    struct tcs_buf b = {0};
    if (r->by_file && !SPARSE)
        tcs_base_buf_str(&b, ev->origin->path);
    tcs_event_value_print(&ev->channel, &b);
    tcs_base_buf_u64(&b, ev->event_id);
    uint64_t h = tcs_base_hash_str(tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    uint32_t n = ++r->seen[h % KINDS];
    return n <= (SPARSE ? 1 : r->first) || ((n & (n - 1)) == 0 && (n & 0x11111111));
}

static void
report(struct run *r, const struct tcs_event *ev, const char *what, uint32_t rule)
{
    struct tcs_buf b = {0};
    if (r->differences++ >= 20)
        return;
    tcs_event_json_flat(ev, &b);
    print_error("%.*s at %lu: %s %.*s (%.*s)\n  %.*s\n", TCS_STR_FMT(ev->origin->path),
                (unsigned long)ev->offset, what, TCS_STR_FMT(r->rules[rule].doc.title),
                TCS_STR_FMT(r->rules[rule].doc.id), (int)(b.n < 3000 ? b.n : 3000), b.p);
    tcs_base_buf_done(&b);
}

static void
compare(struct run *r, struct tcs_scan *scan, const struct tcs_event *ev,
        const struct tcs_sigma_match *want, uint32_t nwant)
{
    const struct tcs_sigma_match *got;
    uint32_t ngot = tcs_sigma_scan_event(scan, ev, &got);
    for (uint32_t g = 0, w = 0; g < ngot || w < nwant;) {
        uint32_t a = g < ngot ? got[g].rule : UINT32_MAX, b = w < nwant ? want[w].rule : UINT32_MAX;
        if (a == b && !plain_same_hit(&got[g], &want[w]))
            report(r, ev, "another view of, or other fields unchecked in,", a);
        else if (a < b)
            report(r, ev, "only the engine finds", a);
        else if (b < a)
            report(r, ev, "only the plain matcher finds", b);
        g += a <= b;
        w += b <= a;
    }
    if (nwant && !tcs_sigma_scan_want(scan, ev))
        report(r, ev, "the engine does not want the record of", want[0].rule);
}

/* An event that is not sampled: what the engine finds in it must be so. */
static void
confirm(struct run *r, const struct tcs_event *ev)
{
    const struct tcs_sigma_match *got;
    struct tcs_sigma_match hit;
    uint32_t n = tcs_sigma_scan_event(r->scan, ev, &got);
    for (uint32_t i = 0; i < n; i++)
        if (!plain_rule(r->plain, got[i].rule, ev, &hit) || !plain_same_hit(&hit, &got[i]))
            report(r, ev, "only the engine finds", got[i].rule);
    r->confirmed += n;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct run *r = ctx;
    const struct tcs_sigma_match *want;
    if (!sampled(r, ev)) {
        if (!SPARSE)
            confirm(r, ev);
        return;
    }
    uint32_t n = plain_event(r->plain, ev, &want);
    compare(r, r->scan, ev, want, n);
    compare(r, r->unfiltered, ev, want, n);
    compare(r, r->viewed, ev, want, n);
    r->compared++;
    r->findings += n;
}

static void
test_same_findings(void **state)
{
    static const struct {
        const char *folder;
        uint32_t first;
        bool by_file, json;
    } sources[] = {
        {"sigma-regression", 2, true, false},
        {"evtx-attack-samples", 1, true, false},
        {"evtx-parser-samples", 4, false, false},
        {"security-datasets", 4, false, true},
    };
    static struct run r;
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_logsources *ls = corpus_logsources();
    struct tcs_rules *rules = corpus_sigmahq(a, *state);
    struct tcs_ruleset *rs, *plain_rs, *viewed;
    struct tcs_buf image = {0};
    struct tcs_err err = {0};
    const char *option = getenv("TOCSIN_DIFF_ALL");
    bool all = option && *option == '1';
    r = (struct run){0};
    r.rules = tcs_sigma_rules_all(rules, &r.nrules);
    if (tcs_sigma_ruleset_build(r.rules, r.nrules, ls, &(struct tcs_ruleset_opts){0}, &rs, &err) ||
        tcs_sigma_ruleset_build(r.rules, r.nrules, ls,
                                &(struct tcs_ruleset_opts){.no_prefilter = true}, &plain_rs,
                                &err) ||
        tcs_sigma_ruleset_save(rs, ls, &image, &err) ||
        tcs_sigma_ruleset_view(tcs_base_buf_view(&image), r.rules, r.nrules, ls, &viewed, &err))
        fail_msg("%s", err.msg);
    /* both were built from the same rules, so one set of slots serves both */
    assert_int_equal(tcs_event_fieldset_count(tcs_sigma_ruleset_fields(rs)),
                     tcs_event_fieldset_count(tcs_sigma_ruleset_fields(plain_rs)));
    r.scan = tcs_sigma_scan_new(rs);
    r.unfiltered = tcs_sigma_scan_new(plain_rs);
    r.viewed = tcs_sigma_scan_new(viewed);
    r.plain = plain_new(r.rules, r.nrules, ls);
    assert_true(r.scan && r.unfiltered && r.viewed && r.plain);
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const char *path = corpus_path(a, *state, sources[i].folder);
        struct corpus_sink sink = {
            .fields = tcs_sigma_ruleset_fields(rs), .event = on_event, .ctx = &r};
        uint64_t before = r.compared, found = r.findings;
        r.first = !all ? sources[i].first : sources[i].json ? 32 : UINT32_MAX;
        r.by_file = all || sources[i].by_file;
        uint64_t n = corpus_events(&path, 1, &sink);
        print_message("%s: %lu events, %lu compared, %lu findings\n", sources[i].folder,
                      (unsigned long)n, (unsigned long)(r.compared - before),
                      (unsigned long)(r.findings - found));
        assert_true(r.findings > found);
    }
    print_message("%lu further findings confirmed\n", (unsigned long)r.confirmed);
    assert_int_equal(r.differences, 0);
    plain_free(r.plain);
    tcs_sigma_scan_free(r.scan);
    tcs_sigma_scan_free(r.unfiltered);
    tcs_sigma_scan_free(r.viewed);
    tcs_sigma_ruleset_free(rs);
    tcs_sigma_ruleset_free(plain_rs);
    tcs_sigma_ruleset_free(viewed);
    tcs_base_buf_done(&image);
    tcs_sigma_rules_free(rules);
    tcs_sigma_logsources_free(ls);
    tcs_base_arena_free(a);
}

int
main(void)
{
    const char *corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_same_findings, (void *)(uintptr_t)corpora),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
