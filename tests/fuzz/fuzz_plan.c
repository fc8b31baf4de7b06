/* tests/fuzz/fuzz_plan.c - any bytes as compiled rules, as if somebody had stolen the key that
 * seals them: no fault, neither when they are viewed nor when events are scanned with what was
 * viewed.
 *
 * Input: a byte n; n < 255: n changes to the image of the built-in rules, each three bytes of place
 * (modulo its size) and one that is xor-ed there, then a log as JSON.  255: the image itself. */
/* claim: cache-checked */
#include "decode/formats.h"
#include "pipeline_rules.h"
#include "sigma/rules.h"
#include "sigma/scan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHANGE = 4, RAW = 255 };

#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            fprintf(stderr, "fuzz_plan: %s\n", #x);                                                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The built-in rules, compiled once. */
struct origin {
    struct tcs_logsources *ls;
    struct tcs_rules *rules;
    const struct tcs_rule *all;
    uint32_t n;
    struct tcs_buf image;
};

static struct origin
origin_new(void)
{
    struct origin o = {.ls = tcs_sigma_logsources_new(), .rules = tcs_sigma_rules_new(NULL, 0)};
    struct tcs_ruleset *rs;
    struct tcs_err err;
    CHECK(o.ls && o.rules);
    CHECK(tcs_sigma_logsources_add(o.ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(),
                                   &err) == 0);
    CHECK(tcs_sigma_rules_add(o.rules, TCS_STR("fuzz.yml"), tcs_base_str_of(pipeline_rules),
                              &err) == 0);
    CHECK(tcs_sigma_rules_finish(o.rules, &err) == 0);
    o.all = tcs_sigma_rules_all(o.rules, &o.n);
    CHECK(tcs_sigma_ruleset_build(o.all, o.n, o.ls, NULL, &rs, &err) == 0);
    CHECK(tcs_sigma_ruleset_save(rs, o.ls, &o.image, &err) == 0);
    tcs_sigma_ruleset_free(rs);
    return o;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_scan *scan = ctx;
    const struct tcs_sigma_match *hits;
    static volatile size_t sink;
    bool wanted = tcs_sigma_scan_want(scan, ev);
    uint32_t n = tcs_sigma_scan_event(scan, ev, &hits);
    CHECK(wanted || n == 0);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < hits[i].nunchecked; k++)
            sink = sink + hits[i].unchecked[k].field.n + hits[i].unchecked[k].search.n;
}

static void
decode(const uint8_t *log, size_t n, const struct tcs_ruleset *rs, struct tcs_scan *scan)
{
    const struct tcs_format *f = &tcs_decode_format_json;
    uint8_t *p = calloc(1, n + TCS_BLOCK_PADDING);
    struct tcs_origin origin = {.path = TCS_STR("fuzz")};
    struct tcs_decode_stats stats = {0};
    struct tcs_sink sink = {.ctx = scan, .event = on_event};
    struct tcs_decoder *d =
        f->open(&(struct tcs_decode_opts){.fields = tcs_sigma_ruleset_fields(rs)});
    CHECK(p && d);
    if (n)
        memcpy(p, log, n);
    struct tcs_block b = {.origin = &origin, .p = p, .n = n, .first_record = 1};
    f->decode(d, &b, &sink, &stats);
    f->close(d);
    free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct origin o;
    struct tcs_ruleset *rs;
    struct tcs_err err;
    if (size == 0)
        return 0;
    if (!o.ls)
        o = origin_new();
    size_t changes = data[0] == RAW ? 0 : data[0], at = 1 + changes * CHANGE;
    if (at > size)
        return 0;
    struct tcs_str from = tcs_base_buf_view(&o.image);
    if (data[0] == RAW)
        from = (struct tcs_str){(const char *)data + 1, size - 1};
    uint8_t *image = malloc(from.n + 1); /* aligned, as a mapped one is */
    CHECK(image);
    memcpy(image, from.p, from.n);
    uint8_t *exact = realloc(image, from.n ? from.n : 1); /* so that a read past the end is seen */
    CHECK(exact);
    for (size_t i = 0; i < changes; i++) {
        const uint8_t *c = data + 1 + i * CHANGE;
        exact[(c[0] | c[1] << 8 | c[2] << 16) % (int)from.n] ^= c[3];
    }
    int rc = tcs_sigma_ruleset_view((struct tcs_str){(const char *)exact, from.n}, o.all, o.n, o.ls,
                                    &rs, &err);
    CHECK(rc == 0 || rc == -TCS_ECORRUPT);
    CHECK(rc == 0 || changes || data[0] == RAW);
    if (rc == 0) {
        struct tcs_scan *scan = tcs_sigma_scan_new(rs);
        CHECK(scan);
        if (data[0] != RAW)
            decode(data + at, size - at, rs, scan);
        tcs_sigma_scan_free(scan);
        tcs_sigma_ruleset_free(rs);
    }
    free(exact);
    return 0;
}
