/* tests/differential/engine_bench.c - rules and logs in; what the engine costs and whether it
 * agrees with the plain matcher out.
 *
 *   engine_bench [-c] [-n ROUNDS] [-o] [-x] RULES-LIST PATH...
 *
 * RULES-LIST is a file with one rule file's path per line.  Events are decoded once and kept, so
 * that only the engine is timed.  -c compares with the plain matcher, -o switches the prefilter
 * off, -x loads every rule twice, the second time with other literals. */
#include "base/time.h"
#include "decode/formats.h"
#include "input/source.h"
#include "plain/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 4096 };

struct kind {
    char name[96];
    uint64_t n, ns;
};

struct kept {
    struct tcs_event ev;
    uint32_t kind;
};

static struct bench {
    struct tcs_arena *a;
    struct kept *list;
    size_t n, cap;
    struct kind kinds[KINDS];
    uint32_t nkinds;
    struct tcs_scan *want;
} bench;

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static struct tcs_str
slurp(struct tcs_arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    struct tcs_buf b = {0};
    if (!f)
        die(path, "cannot open");
    for (size_t n = 1; n;) {
        char *p = tcs_base_buf_room(&b, 65536);
        n = p ? fread(p, 1, 65536, f) : 0;
        b.n += n;
    }
    fclose(f);
    struct tcs_str s = tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return s;
}

/* The same rule with other literals: a letter more at the end of each value. */
static struct tcs_str
changed(struct tcs_arena *a, struct tcs_str text)
{
    struct tcs_buf b = {0};
    bool id = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool line = i == 0 || text.p[i - 1] == '\n';
        if (line && tcs_base_str_starts(tcs_base_str_slice(text, i, text.n), TCS_STR("id:")))
            id = true;
        if (id && ((c >= '0' && c <= '8') || (c >= 'a' && c <= 'e')))
            c++;
        if (c == '\n')
            id = false;
        if (c == '\'' && i + 1 < text.n && (text.p[i + 1] == '\n' || text.p[i + 1] == '\r') && i &&
            text.p[i - 1] != '\'' && text.p[i - 1] != '*' && text.p[i - 1] != '\\')
            tcs_base_buf_c(&b, 'q');
        tcs_base_buf_c(&b, c);
    }
    struct tcs_str s = tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return s;
}

static struct tcs_rules *
load(const char *list, bool twice, struct tcs_arena *a)
{
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    struct tcs_str names = slurp(a, list);
    for (size_t at = 0; at < names.n;) {
        size_t end = tcs_base_str_find(names, '\n', at);
        struct tcs_str path = tcs_base_arena_str(a, tcs_base_str_slice(names, at, end));
        struct tcs_str text = slurp(a, path.p);
        tcs_sigma_rules_add(r, path, text, NULL);
        if (twice)
            tcs_sigma_rules_add(r, tcs_base_arena_printf(a, "%s+", path.p), changed(a, text), NULL);
        at = end + 1;
    }
    tcs_sigma_rules_finish(r, NULL);
    return r;
}

static struct tcs_value
copy(struct tcs_arena *a, struct tcs_value v)
{
    bool bytes = v.type == TCS_V_UTF8 || v.type == TCS_V_UTF16 || v.type == TCS_V_ANSI ||
                 v.type == TCS_V_GUID || v.type == TCS_V_SID || v.type == TCS_V_BIN;
    if (bytes)
        v.p = tcs_base_arena_str(a, (struct tcs_str){v.p, v.n}).p;
    return v;
}

static uint32_t
kind_of(const struct tcs_event *ev)
{
    struct tcs_buf b = {0};
    tcs_event_value_print(&ev->channel, &b);
    tcs_base_buf_printf(&b, " %u%c", ev->event_id, 0);
    uint32_t k = 0;
    while (k < bench.nkinds && strncmp(bench.kinds[k].name, b.p, sizeof bench.kinds[k].name - 1))
        k++;
    if (k == bench.nkinds && k < KINDS - 1)
        snprintf(bench.kinds[bench.nkinds++].name, sizeof bench.kinds[k].name, "%s", b.p);
    tcs_base_buf_done(&b);
    return k;
}

static void
keep(void *ctx, const struct tcs_event *ev)
{
    (void)ctx;
    if (bench.n == bench.cap) {
        bench.cap = bench.cap ? bench.cap * 2 : 1024;
        bench.list = realloc(bench.list, bench.cap * sizeof *bench.list);
        if (!bench.list)
            die("events", "no memory");
    }
    struct kept *k = &bench.list[bench.n++];
    k->ev = *ev;
    k->ev.channel = copy(bench.a, ev->channel);
    k->ev.provider = copy(bench.a, ev->provider);
    k->ev.computer = copy(bench.a, ev->computer);
    k->ev.fields = tcs_base_arena_array(bench.a, ev->nfields, sizeof *ev->fields);
    for (uint32_t i = 0; i < ev->nfields; i++) {
        k->ev.fields[i] = ev->fields[i];
        k->ev.fields[i].name = tcs_base_arena_str(bench.a, ev->fields[i].name);
        k->ev.fields[i].value = copy(bench.a, ev->fields[i].value);
    }
    k->kind = kind_of(ev);
}

static void
decode(const char *const *paths, size_t n, const struct tcs_fieldset *fields)
{
    struct tcs_decode_opts opts = {.fields = fields};
    struct tcs_inputs_opts iopts = {.formats = tcs_decode_formats};
    struct tcs_sink sink = {.event = keep};
    struct tcs_decode_stats stats = {0};
    struct tcs_inputs *in;
    struct tcs_unit u;
    if (tcs_input_open(paths, n, &iopts, &in, NULL) < 0)
        die(paths[0], "cannot open");
    while (tcs_input_next(in, &u, NULL) == 0) {
        struct tcs_decoder *d = u.format->open(&opts);
        u.format->decode(d, &u.block, &sink, &stats);
        u.format->close(d);
        tcs_input_unit_free(in, &u);
    }
}

static void
check(struct tcs_scan *s, struct plain *p, const struct tcs_rule *rules)
{
    uint64_t hits = 0, differ = 0;
    for (size_t i = 0; i < bench.n; i++) {
        const struct tcs_sigma_match *got, *want;
        uint32_t a = tcs_sigma_scan_event(s, &bench.list[i].ev, &got);
        uint32_t b = plain_event(p, &bench.list[i].ev, &want);
        hits += b;
        if (a == b && (a == 0 || memcmp(got, want, a * sizeof *got) == 0))
            continue;
        uint32_t k = 0;
        while (k < a && k < b && got[k].rule == want[k].rule && got[k].view == want[k].view)
            k++;
        uint32_t rule =
            k >= b || (k < a && got[k].rule < want[k].rule) ? got[k].rule : want[k].rule;
        if (differ++ < 20)
            printf("DIFFERS: %.*s @%zu: %.*s (engine %u, plain %u)\n",
                   TCS_STR_FMT(bench.list[i].ev.origin->path), (size_t)bench.list[i].ev.offset,
                   TCS_STR_FMT(rules[rule].doc.title), a, b);
    }
    printf("%zu events, %llu findings, %llu events differ\n", bench.n, (unsigned long long)hits,
           (unsigned long long)differ);
}

static int
by_time(const void *a, const void *b)
{
    const struct kind *x = a, *y = b;
    return x->ns < y->ns ? 1 : x->ns > y->ns ? -1 : 0;
}

/* Events of one kind together, so that the clock is read once per kind. */
static void
measure(struct tcs_scan *s, int rounds)
{
    const struct tcs_sigma_match *hits;
    double total = 0, best = 0;
    for (int r = 0; r < rounds; r++) {
        double t = now();
        for (size_t i = 0; i < bench.n; i++)
            tcs_sigma_scan_event(s, &bench.list[i].ev, &hits);
        t = now() - t;
        total += t;
        best = r == 0 || t < best ? t : best;
    }
    printf("all: %.0f ns per event (best round %.0f)\n", total / rounds / (double)bench.n,
           best / (double)bench.n);
    for (uint32_t k = 0; k < bench.nkinds; k++) {
        double t = now();
        for (int r = 0; r < rounds; r++)
            for (size_t i = 0; i < bench.n; i++)
                if (bench.list[i].kind == k) {
                    tcs_sigma_scan_event(s, &bench.list[i].ev, &hits);
                    bench.kinds[k].n++;
                }
        bench.kinds[k].ns = (uint64_t)(now() - t);
    }
    qsort(bench.kinds, bench.nkinds, sizeof *bench.kinds, by_time);
    for (uint32_t k = 0; k < bench.nkinds && k < 25; k++)
        printf("%8llu x %6.0f ns  %s\n", (unsigned long long)(bench.kinds[k].n / (uint64_t)rounds),
               (double)bench.kinds[k].ns / (double)bench.kinds[k].n, bench.kinds[k].name);
}

int
main(int argc, char **argv)
{
    struct tcs_ruleset_opts opts = {0};
    bool compare = false, twice = false;
    int rounds = 3;
    for (int c; (c = getopt(argc, argv, "cn:ox")) != -1;) {
        compare |= c == 'c';
        twice |= c == 'x';
        opts.no_prefilter |= c == 'o';
        if (c == 'n')
            rounds = atoi(optarg);
    }
    if (argc - optind < 2)
        die("usage", "engine_bench [-c] [-n ROUNDS] [-o] [-x] RULES-LIST PATH...");
    bench.a = tcs_base_arena_new(0);
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    tcs_sigma_logsources_add(ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(), NULL);
    double t = now();
    struct tcs_rules *r = load(argv[optind], twice, bench.a);
    uint32_t n;
    const struct tcs_rule *rules = tcs_sigma_rules_all(r, &n);
    printf("%u rules loaded in %.0f ms\n", n, (now() - t) / 1e6);
    struct tcs_ruleset *rs;
    struct tcs_err err;
    t = now();
    if (tcs_sigma_ruleset_build(rules, n, ls, &opts, &rs, &err) < 0)
        die("build", err.msg);
    printf("built in %.1f ms\n", (now() - t) / 1e6);
    decode((const char *const *)argv + optind + 1, (size_t)(argc - optind - 1),
           tcs_sigma_ruleset_fields(rs));
    struct tcs_scan *s = tcs_sigma_scan_new(rs);
    if (compare)
        check(s, plain_new(rules, n, ls), rules);
    else
        measure(s, rounds);
    const struct tcs_scan_stats *st = tcs_sigma_scan_stats(s);
    printf("events %llu routed %llu candidates %llu hits %llu regex_limit %llu cut %llu\n",
           (unsigned long long)st->events, (unsigned long long)st->routed,
           (unsigned long long)st->candidates, (unsigned long long)st->matches,
           (unsigned long long)st->regex_limit, (unsigned long long)st->cut_values);
    return 0;
}
