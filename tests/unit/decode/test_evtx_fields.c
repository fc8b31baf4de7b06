/* unit/decode/test_evtx_fields.c - an event has the same fields, whether it is read from the
 * log or from the JSON that we (and evtx_dump) print for it: the JSON reader is the oracle. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "decode/formats.h"
#include "evtx_load.h"

#include <ftw.h>

static const char *corpora;
static unsigned files, events, differing;

struct other {
    struct tcs_buf flat;
    unsigned n;
};

static void
json_event(void *ctx, const struct tcs_event *ev)
{
    struct other *o = ctx;
    tcs_event_json_flat(ev, &o->flat);
    tcs_base_buf_c(&o->flat, '\n');
    o->n++;
}

static void
read_json(struct other *o, struct tcs_buf *json)
{
    struct tcs_origin origin = {.path = TCS_STR("x.jsonl")};
    struct tcs_sink sink = {.ctx = o, .event = json_event};
    struct tcs_decode_opts opts = {0};
    struct tcs_decode_stats st = {0};
    struct tcs_decoder *d = tcs_decode_format_json.open(&opts);
    assert_non_null(d);
    assert_non_null(tcs_base_buf_room(json, TCS_BLOCK_PADDING));
    memset(json->p + json->n, 0, TCS_BLOCK_PADDING);
    struct tcs_block b = {
        .origin = &origin, .p = (const uint8_t *)json->p, .n = json->n, .first_record = 1};
    tcs_decode_format_json.decode(d, &b, &sink, &st);
    tcs_decode_format_json.close(d);
}

static struct tcs_str
line(struct tcs_str *rest)
{
    size_t end = tcs_base_str_find(*rest, '\n', 0);
    struct tcs_str s = tcs_base_str_slice(*rest, 0, end);
    *rest = tcs_base_str_slice(*rest, end + 1, rest->n);
    return s;
}

enum { MEMBERS = 9000 };

/* The members of a flat object that have a value; the JSON reader leaves out empty System ones. */
static size_t
add_member(struct tcs_str s, size_t n, struct tcs_str *ret)
{
    assert_true(n < MEMBERS);
    ret[n] = s;
    return n + !tcs_base_str_ends(s, TCS_STR(":null"));
}

static size_t
members(struct tcs_str s, struct tcs_str *ret)
{
    size_t n = 0, from = 1;
    int depth = 0;
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (s.p[i] == '"')
            for (i++; s.p[i] != '"'; i++)
                i += s.p[i] == '\\';
        depth += (s.p[i] == '[') - (s.p[i] == ']');
        if (s.p[i] == ',' && depth == 0) {
            n = add_member(tcs_base_str_slice(s, from, i), n, ret);
            from = i + 1;
        }
    }
    return add_member(tcs_base_str_slice(s, from, s.n - 1), n, ret);
}

static int
by_bytes(const void *a, const void *b)
{
    return tcs_base_str_cmp(*(const struct tcs_str *)a, *(const struct tcs_str *)b);
}

/* The JSON reader brings GUIDs in System to one notation, since its other shapes have braces. */
static bool
guid_text(struct tcs_str x, struct tcs_str y)
{
    struct tcs_str key = TCS_STR("\"Provider_Guid\":\"");
    if (!tcs_base_str_starts(x, key) || !tcs_base_str_starts(y, key) || x.p[key.n] != '{')
        return false;
    return tcs_base_str_ieq(tcs_base_str_slice(x, key.n + 1, x.n - 2),
                            tcs_base_str_slice(y, key.n, y.n - 1));
}

/* A time that the log has as text keeps its nine digits; the JSON reader makes it a time. */
static bool
time_text(struct tcs_str x, struct tcs_str y)
{
    struct tcs_str key = TCS_STR("\"TimeCreated\":\"0000-00-00T00:00:00.000000");
    return tcs_base_str_starts(x, tcs_base_str_slice(key, 0, 15)) && x.n > key.n && y.n >= key.n &&
           memcmp(x.p, y.p, key.n) == 0;
}

/* "X":[a,b] and "X":[b,a]: a name both in System and in the data, read in different orders. */
static bool
swapped(struct tcs_str x, struct tcs_str y)
{
    size_t from = tcs_base_str_find(x, '[', 0) + 1, comma = tcs_base_str_find(x, ',', from);
    size_t first = comma - from;
    if (x.n != y.n || comma >= x.n || memcmp(x.p, y.p, from) != 0)
        return false;
    size_t second = x.n - 1 - (comma + 1);
    return memcmp(x.p + from, y.p + from + second + 1, first) == 0 &&
           memcmp(x.p + comma + 1, y.p + from, second) == 0;
}

/* False, with the first difference printed, when the members differ. */
static bool
same_members(const char *path, struct tcs_str x, struct tcs_str y)
{
    static struct tcs_str a[MEMBERS + 1], b[MEMBERS + 1];
    size_t na = members(x, a), nb = members(y, b);
    qsort(a, na, sizeof *a, by_bytes);
    qsort(b, nb, sizeof *b, by_bytes);
    size_t i = 0;
    while (i < na && i < nb &&
           (tcs_base_str_eq(a[i], b[i]) || guid_text(a[i], b[i]) || time_text(a[i], b[i]) ||
            swapped(a[i], b[i])))
        i++;
    if (i == na && i == nb)
        return true;
    struct tcs_str p = i < na ? a[i] : TCS_STR("(none)"), q = i < nb ? b[i] : TCS_STR("(none)");
    if (differing < 10)
        printf("%s\n  from the log:  %.*s\n  from the JSON: %.*s\n", path,
               (int)(p.n < 300 ? p.n : 300), p.p, (int)(q.n < 300 ? q.n : 300), q.p);
    return false;
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
    struct other other = {0};
    uint8_t *file = evtx_slurp(path, &n);
    evtx_run_bytes(&r, file, n, &o, false);
    read_json(&other, &r.json);
    assert_int_equal(other.n, r.seen);
    struct tcs_str a = tcs_base_buf_view(&r.flat), b = tcs_base_buf_view(&other.flat);
    for (unsigned i = 0; i < other.n; i++) {
        struct tcs_str x = line(&a), y = line(&b);
        differing += !same_members(path, x, y);
    }
    files++;
    events += other.n;
    free(file);
    evtx_run_done(&r);
    tcs_base_buf_done(&other.flat);
    return 0;
}

static void
test_fields(void **state)
{
    (void)state;
    char root[4096];
    static const char *const folders[] = {"sigma-regression", "evtx-attack-samples",
                                          "evtx-parser-samples"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(root, sizeof root, "%s/%s", corpora, folders[i]);
        assert_int_equal(nftw(root, one_file, 16, FTW_PHYS), 0);
    }
    printf("%u files, %u events, %u differ\n", files, events, differing);
    assert_true(events > 26000);
    assert_int_equal(differing, 0);
}

int
main(void)
{
    corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
