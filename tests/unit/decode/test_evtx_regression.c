/* unit/decode/test_evtx_regression.c - each EVTX of sigma-regression against the JSON beside
 * it, which evtx_dump wrote.  Both are brought to one notation: no white space between tokens, and
 * no blanks at the end of strings, which the version that wrote them cut off (ours keeps them). */
#define _XOPEN_SOURCE 700 /* nftw */
#include "evtx_load.h"

#include <ftw.h>

static unsigned files, records;

static bool
blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The characters of a string up to its closing quote, which is returned; trailing blanks, also
 * escaped ones, are dropped. */
static const char *
copy_string(const char *p, const char *end, struct tcs_buf *out)
{
    size_t keep = out->n; /* what ends here is not blank */
    while (p < end && *p != '"') {
        bool escaped = *p == '\\';
        bool space = escaped ? strchr("nrt", p[1]) != NULL : blank(*p);
        tcs_base_buf_put(out, p, escaped ? 2 : 1);
        p += escaped ? 2 : 1;
        if (!space)
            keep = out->n;
    }
    out->n = keep;
    return p;
}

static void
canonical(struct tcs_str s, struct tcs_buf *out)
{
    for (const char *p = s.p, *end = s.p + s.n; p < end; p++) {
        if (blank(*p))
            continue;
        tcs_base_buf_c(out, *p);
        if (*p != '"')
            continue;
        p = copy_string(p + 1, end, out);
        tcs_base_buf_c(out, '"');
    }
}

static struct tcs_buf
canonical_file(const char *evtx)
{
    char path[4096];
    size_t n = strlen(evtx);
    struct tcs_buf out = {0};
    assert_true(n > 5 && n < sizeof path);
    snprintf(path, sizeof path, "%.*s.json", (int)(n - 5), evtx);
    uint8_t *text = evtx_slurp(path, &n);
    size_t bom = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    canonical((struct tcs_str){(const char *)text + bom, n - bom}, &out);
    free(text);
    return out;
}

static int
one_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    size_t n, len = strlen(path);
    if (type != FTW_F || len < 5 || strcmp(path + len - 5, ".evtx") != 0)
        return 0;
    struct tcs_decode_opts o = {0};
    struct evtx_run r = {0};
    struct tcs_buf got = {0}, want = canonical_file(path);
    uint8_t *file = evtx_slurp(path, &n);
    evtx_run_bytes(&r, file, n, &o, false);
    canonical(tcs_base_buf_view(&r.json), &got);
    if (!tcs_base_str_eq(tcs_base_buf_view(&got), tcs_base_buf_view(&want)))
        fail_msg("%s:\n%.*s\n%.*s", path, (int)got.n, got.p, (int)want.n, want.p);
    assert_int_equal(r.problems, 0);
    files++;
    records += (unsigned)r.seen;
    free(file);
    evtx_run_done(&r);
    tcs_base_buf_done(&got);
    tcs_base_buf_done(&want);
    return 0;
}

static const char *corpora;

static void
test_regression(void **state)
{
    (void)state;
    char root[4096];
    snprintf(root, sizeof root, "%s/sigma-regression", corpora);
    assert_int_equal(nftw(root, one_file, 16, FTW_PHYS), 0);
    assert_int_equal(files, 96);
    assert_int_equal(records, 120);
}

int
main(void)
{
    corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_regression)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
