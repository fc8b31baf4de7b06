/* tests/fuzz/fuzz_pipeline.c - rules and a log to findings: no fault, and the engine finds what the
 * plain matcher finds.
 *
 * Input: a byte of options, rules as YAML up to a NUL byte (none: the built-in ones), then the log:
 * JSON, or the bytes of an EVTX chunk behind its header. */
/* claim: fuzzed */
#include "decode/formats.h"
#include "pipeline_rules.h"
#include "plain/plain.h"
#include "sigma/rules.h"
#include "sigma/scan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPT_EVTX = 1, OPT_CARVE = 2, OPT_NO_PREFILTER = 4 };
enum { CHUNK = 65536, HEADER = 512, RULES_MAX = 16 << 10 };

/* Rules compiled both ways. */
struct matchers {
    struct tcs_rules *rules;
    struct tcs_ruleset *set;
    struct tcs_scan *scan;
    struct plain *plain;
    const struct tcs_rule *all;
    uint32_t n;
};

#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            fprintf(stderr, "fuzz_pipeline: %s\n", #x);                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static const struct tcs_logsources *
table(void)
{
    static struct tcs_logsources *ls;
    struct tcs_err err;
    if (!ls) {
        ls = tcs_sigma_logsources_new();
        CHECK(ls && tcs_sigma_logsources_add(ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(),
                                             &err) == 0);
    }
    return ls;
}

static struct matchers
matchers_new(struct tcs_str text, bool no_prefilter)
{
    struct matchers m = {.rules = tcs_sigma_rules_new(NULL, 0)};
    struct tcs_ruleset_opts opts = {.no_prefilter = no_prefilter};
    struct tcs_err err;
    CHECK(m.rules && tcs_sigma_rules_add(m.rules, TCS_STR("fuzz.yml"), text, &err) == 0);
    CHECK(tcs_sigma_rules_finish(m.rules, &err) == 0);
    m.all = tcs_sigma_rules_all(m.rules, &m.n);
    CHECK(tcs_sigma_ruleset_build(m.all, m.n, table(), &opts, &m.set, &err) == 0);
    m.scan = tcs_sigma_scan_new(m.set);
    m.plain = plain_new(m.all, m.n, table());
    CHECK(m.scan && m.plain);
    return m;
}

static void
matchers_free(struct matchers *m)
{
    plain_free(m->plain);
    tcs_sigma_scan_free(m->scan);
    tcs_sigma_ruleset_free(m->set);
    tcs_sigma_rules_free(m->rules);
}

static void
print_hits(const char *who, const struct matchers *m, const struct tcs_sigma_match *hits,
           uint32_t n)
{
    fprintf(stderr, "%s:", who);
    for (uint32_t i = 0; i < n; i++)
        fprintf(stderr, " \"%.*s\"", TCS_STR_FMT(m->all[hits[i].rule].doc.title));
    fputc('\n', stderr);
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct matchers *m = ctx;
    const struct tcs_sigma_match *fast, *slow;
    uint64_t gave_up = tcs_sigma_scan_stats(m->scan)->regex_limit,
             cut = tcs_sigma_scan_stats(m->scan)->cut_values;
    bool wanted = tcs_sigma_scan_want(m->scan, ev);
    uint32_t nfast = tcs_sigma_scan_event(m->scan, ev, &fast),
             nslow = plain_event(m->plain, ev, &slow);
    CHECK(wanted || nfast == 0);
    const struct tcs_scan_stats *st = tcs_sigma_scan_stats(m->scan);
    if (st->regex_limit != gave_up || st->cut_values != cut)
        return; /* each gives up in its own place */
    bool same = nfast == nslow;
    for (uint32_t i = 0; same && i < nfast; i++)
        same = fast[i].rule == slow[i].rule;
    if (same)
        return;
    struct tcs_buf b = {0};
    tcs_event_json_flat(ev, &b);
    fprintf(stderr, "%.*s\n", (int)b.n, b.p);
    print_hits("engine", m, fast, nfast);
    print_hits("plain", m, slow, nslow);
    abort();
}

static void
decode(const uint8_t *log, size_t n, unsigned options, struct matchers *m)
{
    const struct tcs_format *f =
        options & OPT_EVTX ? &tcs_decode_format_evtx : &tcs_decode_format_json;
    size_t head = options & OPT_EVTX ? HEADER : 0;
    uint8_t *p = calloc(1, head + n + TCS_BLOCK_PADDING);
    struct tcs_origin origin = {.path = TCS_STR("fuzz")};
    struct tcs_decode_stats stats = {0};
    struct tcs_sink sink = {.ctx = m, .event = on_event};
    struct tcs_decoder *d = f->open(&(struct tcs_decode_opts){
        .fields = tcs_sigma_ruleset_fields(m->set), .carve = (options & OPT_CARVE) != 0});
    CHECK(p && d);
    if (n)
        memcpy(p + head, log, n);
    if (head) { /* a header that is ours, so that mutations reach records */
        size_t end = head + n < CHUNK ? head + n : CHUNK;
        memcpy(p, "ElfChnk", 8);
        for (size_t i = 0; i < 4; i++)
            p[48 + i] = (uint8_t)(end >> (8 * i));
        p[120] = 1; /* dirty: no checksums */
    }
    struct tcs_block b = {.origin = &origin, .p = p, .n = head + n, .first_record = 1};
    f->decode(d, &b, &sink, &stats);
    f->close(d);
    free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct matchers builtin;
    if (size < 2)
        return 0;
    const uint8_t *nul = memchr(data + 1, 0, size - 1);
    size_t nrules = nul ? (size_t)(nul - data) - 1 : 0;
    if (!nul || nrules > RULES_MAX)
        return 0;
    const uint8_t *log = nul + 1;
    size_t n = size - nrules - 2;
    if (nrules) {
        struct tcs_str text = {(const char *)data + 1, nrules};
        struct matchers m = matchers_new(text, data[0] & OPT_NO_PREFILTER);
        decode(log, n, data[0], &m);
        matchers_free(&m);
        return 0;
    }
    if (!builtin.set)
        builtin = matchers_new(tcs_base_str_of(pipeline_rules), false);
    decode(log, n, data[0], &builtin);
    return 0;
}
