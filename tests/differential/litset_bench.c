/* tests/differential/litset_bench.c - our literal sets beside vectorscan's, on the literals that
 * rules use and the values that logs hold.
 *
 *   litset_bench FIELD RULES-LIST PATH...
 *
 * RULES-LIST is a file with one rule file's path per line.  Prints the time to build each and to
 * scan one value, and the hits of each, which must be equal. */
#include "base/map.h"
#include "decode/formats.h"
#include "input/source.h"
#include "match/fold.h"
#include "match/glob.h"
#include "match/litset.h"
#include "sigma/rules.h"

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LITS_MAX = 65536, TEXTS_MAX = 200000, ROUNDS = 20 };

static struct world {
    struct tcs_arena *a;
    struct tcs_str field;
    struct tcs_lit lits[LITS_MAX];
    struct tcs_str texts[TEXTS_MAX];
    uint32_t nlits, ntexts;
    struct tcs_map seen;
    struct tcs_str text; /* under scan */
    uint64_t hits;
} w;

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct tcs_str
slurp(const char *path)
{
    struct tcs_buf b = {0};
    FILE *f = fopen(path, "rb");
    for (size_t n = f != NULL; n;) {
        char *p = tcs_base_buf_room(&b, 65536);
        n = p ? fread(p, 1, 65536, f) : 0;
        b.n += n;
    }
    if (f)
        fclose(f);
    struct tcs_str s = tcs_base_arena_str(w.a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return s;
}

static void
add_literal(const struct tcs_pred *p)
{
    static const uint8_t kinds[] = {[TCS_G_EXACT] = TCS_LIT_EXACT,
                                    [TCS_G_PREFIX] = TCS_LIT_PREFIX,
                                    [TCS_G_SUFFIX] = TCS_LIT_SUFFIX,
                                    [TCS_G_CONTAINS] = TCS_LIT_CONTAINS};
    struct tcs_glob g;
    if (p->kind != TCS_P_STR || !tcs_base_str_eq(p->field, w.field) || w.nlits == LITS_MAX ||
        !tcs_match_glob_compile(w.a, p->text, false, &g) || g.kind == TCS_G_ALL ||
        g.kind == TCS_G_PATTERN || g.lit.n == 0 || !tcs_match_litset_takes(kinds[g.kind], g.lit))
        return;
    struct tcs_str key = tcs_base_arena_printf(w.a, "%d%.*s", g.kind, TCS_STR_FMT(g.lit));
    if (tcs_base_map_get(&w.seen, key) != TCS_MAP_NONE || tcs_base_map_put(&w.seen, key, 0) < 0)
        return;
    w.lits[w.nlits] = (struct tcs_lit){.text = g.lit, .id = w.nlits, .kind = kinds[g.kind]};
    w.nlits++;
}

static void
load(const char *list)
{
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    struct tcs_str names = slurp(list);
    for (size_t at = 0; at < names.n;) {
        size_t end = tcs_base_str_find(names, '\n', at);
        struct tcs_str path = tcs_base_arena_str(w.a, tcs_base_str_slice(names, at, end));
        tcs_sigma_rules_add(r, path, slurp(path.p), NULL);
        at = end + 1;
    }
    tcs_sigma_rules_finish(r, NULL);
    uint32_t n;
    const struct tcs_rule *rules = tcs_sigma_rules_all(r, &n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t p = 0; p < rules[i].npreds; p++)
            add_literal(&rules[i].preds[p]);
    tcs_sigma_rules_free(r);
}

static void
keep(void *ctx, const struct tcs_event *ev)
{
    (void)ctx;
    for (uint32_t i = 0; i < ev->nfields && w.ntexts < TEXTS_MAX; i++) {
        if (!tcs_base_str_eq(ev->fields[i].name, w.field))
            continue;
        struct tcs_str t = tcs_event_value_text(&ev->fields[i].value, w.a);
        char *out = tcs_base_arena_alloc(w.a, TCS_FOLD_ROOM_UTF8(t.n));
        if (out)
            w.texts[w.ntexts++] = (struct tcs_str){out, tcs_match_fold_utf8(t, out)};
    }
}

static void
decode(const char *const *paths, size_t n)
{
    struct tcs_decode_opts opts = {0};
    struct tcs_inputs_opts iopts = {.formats = tcs_decode_formats};
    struct tcs_sink sink = {.event = keep};
    struct tcs_decode_stats stats = {0};
    struct tcs_inputs *in;
    struct tcs_unit u;
    if (tcs_input_open(paths, n, &iopts, &in, NULL) < 0)
        exit(1);
    while (tcs_input_next(in, &u, NULL) == 0) {
        struct tcs_decoder *d = u.format->open(&opts);
        u.format->decode(d, &u.block, &sink, &stats);
        u.format->close(d);
        tcs_input_unit_free(in, &u);
    }
    tcs_input_close(in);
}

static void
count(void *ctx, uint32_t id)
{
    (void)ctx;
    (void)id;
    w.hits++;
}

static void
report(const char *who, double build, double scan, size_t bytes)
{
    printf("%-10s build %7.1f ms, scan %6.0f ns a value, %llu hits, %zu KiB\n", who, build / 1e6,
           scan / ROUNDS / (w.ntexts ? w.ntexts : 1), (unsigned long long)w.hits / ROUNDS,
           bytes / 1024);
}

static void
ours(void)
{
    struct tcs_lit_costs costs;
    struct tcs_arena *a = tcs_base_arena_new(0), *tmp = tcs_base_arena_new(0);
    double t = now();
    tcs_match_lit_costs_init(&costs);
    for (uint32_t i = 0; i < w.nlits; i++)
        w.lits[i].place = tcs_match_litset_place(&costs, w.lits[i].kind, w.lits[i].text);
    struct tcs_litset *ls = tcs_match_litset_build(a, tmp, w.lits, w.nlits);
    double build = now() - t;
    t = now();
    for (int r = 0; r < ROUNDS; r++)
        for (uint32_t i = 0; i < w.ntexts; i++)
            tcs_match_litset_scan(ls, w.texts[i], count, NULL);
    report("ours", build, now() - t, tcs_base_arena_used(a));
    tcs_base_arena_free(a);
    tcs_base_arena_free(tmp);
}

/* The library has no anchored literals: where a hit ends decides. */
static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    const struct tcs_lit *l = &w.lits[id];
    (void)from;
    (void)flags;
    (void)ctx;
    bool head = to == l->text.n, tail = to == w.text.n;
    w.hits += (l->kind == TCS_LIT_CONTAINS) || (l->kind == TCS_LIT_PREFIX && head) ||
              (l->kind == TCS_LIT_SUFFIX && tail) || (l->kind == TCS_LIT_EXACT && head && tail);
    return 0;
}

static void
vectorscan(void)
{
    static const char *patterns[LITS_MAX];
    static unsigned flags[LITS_MAX], ids[LITS_MAX];
    static size_t lens[LITS_MAX];
    hs_database_t *db;
    hs_compile_error_t *err;
    hs_scratch_t *scratch = NULL;
    size_t size = 0;
    for (uint32_t i = 0; i < w.nlits; i++) {
        patterns[i] = w.lits[i].text.p;
        lens[i] = w.lits[i].text.n;
        ids[i] = i;
    }
    double t = now();
    if (hs_compile_lit_multi(patterns, flags, ids, lens, w.nlits, HS_MODE_BLOCK, NULL, &db, &err) !=
        HS_SUCCESS) {
        fprintf(stderr, "vectorscan: %s\n", err->message);
        exit(1);
    }
    double build = now() - t;
    hs_alloc_scratch(db, &scratch);
    hs_database_size(db, &size);
    w.hits = 0;
    t = now();
    for (int r = 0; r < ROUNDS; r++)
        for (uint32_t i = 0; i < w.ntexts; i++) {
            w.text = w.texts[i];
            hs_scan(db, w.text.p, (unsigned)w.text.n, 0, scratch, on_match, NULL);
        }
    report("vectorscan", build, now() - t, size);
    hs_free_scratch(scratch);
    hs_free_database(db);
}

int
main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: litset_bench FIELD RULES-LIST PATH...\n", stderr);
        return 1;
    }
    w.a = tcs_base_arena_new(0);
    w.field = tcs_base_str_of(argv[1]);
    load(argv[2]);
    decode((const char *const *)argv + 3, (size_t)argc - 3);
    size_t bytes = 0;
    for (uint32_t i = 0; i < w.ntexts; i++)
        bytes += w.texts[i].n;
    printf("%s: %u literals, %u values of %zu bytes on average\n", argv[1], w.nlits, w.ntexts,
           w.ntexts ? bytes / w.ntexts : 0);
    ours();
    vectorscan();
    tcs_base_map_done(&w.seen);
    tcs_base_arena_free(w.a);
    return 0;
}
