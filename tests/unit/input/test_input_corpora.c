/* tests/unit/input/test_input_corpora.c - real recordings: counts, and EVTX against its JSON. */
#include "decode/formats.h"
#include "input_collect.h"

static const char *corpora;

/* The text of a value as rules see it: what a number's type is does not matter.  evtx_dump, which
 * wrote the JSON, cut white space at the ends of strings. */
static struct tcs_str
text_of(const struct tcs_field *f, struct tcs_arena *a)
{
    struct tcs_str s = tcs_event_value_text(&f->value, a);
    return tcs_base_str_trim(s);
}

struct line {
    struct tcs_buf text;
};

static int
compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return tcs_base_str_cmp(tcs_base_buf_view(&x->text), tcs_base_buf_view(&y->text));
}

/* An event as text: its fields sorted by name, since shapes order them differently. */
static void
sorted_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_buf *out = ctx;
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct line *lines = calloc(ev->nfields + 1, sizeof *lines);
    assert_non_null(lines);
    for (uint32_t i = 0; i < ev->nfields; i++) {
        tcs_base_buf_str(&lines[i].text, ev->fields[i].name);
        tcs_buf_lit(&lines[i].text, "=");
        tcs_base_buf_str(&lines[i].text, text_of(&ev->fields[i], a));
    }
    qsort(lines, ev->nfields, sizeof *lines, compare_lines);
    for (uint32_t i = 0; i < ev->nfields; i++) {
        tcs_base_buf_str(out, tcs_base_buf_view(&lines[i].text));
        tcs_base_buf_c(out, '\n');
        tcs_base_buf_done(&lines[i].text);
    }
    tcs_buf_lit(out, "--\n");
    free(lines);
    tcs_base_arena_free(a);
}

/* Every event of the sources of one format, without paths. */
static void
decode_all(const char *const *paths, const struct tcs_format *const *formats, struct tcs_buf *out,
           struct tcs_decode_stats *stats)
{
    struct tcs_inputs *in;
    struct tcs_unit u;
    struct tcs_sink sink = {.ctx = out, .event = sorted_event};
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats};
    assert_int_equal(tcs_input_open(paths, 1, &opts, &in, NULL), 0);
    while (tcs_input_next(in, &u, NULL) == 0) {
        for (size_t i = 0; formats[i]; i++) {
            if (u.format != formats[i])
                continue;
            struct tcs_decoder *d = u.format->open(&(struct tcs_decode_opts){0});
            u.format->decode(d, &u.block, &sink, stats);
            u.format->close(d);
        }
        tcs_input_unit_free(in, &u);
    }
    tcs_input_close(in);
}

/* Each case of the regression set is one EVTX file and the same records as JSON beside it, with
 * names that sort alike. */
static void
test_agreement(void **state)
{
    (void)state;
    static const struct tcs_format *const evtx[] = {&tcs_decode_format_evtx, NULL};
    static const struct tcs_format *const json[] = {&tcs_decode_format_json,
                                                    &tcs_decode_format_jsonl, NULL};
    char path[1024];
    snprintf(path, sizeof path, "%s/sigma-regression", corpora);
    const char *top = path;
    struct tcs_buf a = {0}, b = {0};
    struct tcs_decode_stats sa = {0}, sb = {0};
    decode_all(&top, evtx, &a, &sa);
    decode_all(&top, json, &b, &sb);
    assert_int_equal(sa.events, sb.events);
    assert_true(sa.events >= 120);
    assert_int_equal(sb.bad_records, 0);
    size_t at = 0;
    while (at < a.n && at < b.n && a.p[at] == b.p[at])
        at++;
    if (at < a.n || at < b.n) {
        while (at && a.p[at - 1] != '\n')
            at--;
        fail_msg("EVTX has %.120s\nJSON has %.120s", a.p + at, b.p + at);
    }
    tcs_base_buf_done(&a);
    tcs_base_buf_done(&b);
}

static void
check_count(const char *name, uint64_t events, uint64_t bad)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/security-datasets/%s", corpora, name);
    struct collect c = {0};
    collect_paths(&c, (const char *const[]){path}, 1, 0);
    if (c.stats.events != events || c.stats.bad_records != bad)
        fail_msg("%s: %llu events, %llu bad", name, (unsigned long long)c.stats.events,
                 (unsigned long long)c.stats.bad_records);
    collect_done(&c);
}

/* As many events as the unpacked files have lines (wc -l, blank lines not counted).  The tar.gz
 * lack the end of their gzip stream. */
static void
test_counts(void **state)
{
    (void)state;
    check_count("atomic/windows/persistence/host", 657 + 1001, 0);
    check_count("atomic/aws/collection", 103, 0);
    check_count("compound/Log4Shell", 93, 0);
    check_count("atomic/windows/lateral_movement/host/schtask_create.zip", 1041, 0);
}

int
main(void)
{
    corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agreement),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
