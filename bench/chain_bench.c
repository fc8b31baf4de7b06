/* bench/chain_bench.c - what one finding costs the chain, and what it keeps in memory.
 *
 *   chain_bench [N]                        an enterprise, made up: 500 hosts, 2,000 accounts,
 *                                          N findings (default 600,000), half as many observations
 *   chain_bench --alert-map MAP CSV...     recorded alerts, as `tocsin hunt` reads them
 *
 * The last line is one JSON object.  The engine reads no clock, so the linker puts this program
 * between it and the weighing of a finding, which happens once in each step (--wrap=chain_weigh,
 * bench/meson.build): a step is what lies between two of these.  Deciles of a step's time are of
 * wall time: on a busy machine the median holds and the tail does not. */
#include "alertmap/alertmap.h"
#include "base/limits.h"
#include "base/time.h"
#include "chain/chain_int.h"
#include "decode/formats.h"
#include "event/event.h"
#include "input/csv_scan.h"
#include "input/source.h"
#include "sigma/ast.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOSTS = 500, ACCOUNTS = 2000, RULES = 300, INTRUSIONS = 20, STEPS = 12 };
enum { HIGH = 7, CRITICAL = 49 }; /* of ten rules, of fifty */
enum { TABLES_MAX = 8 };

void __real_chain_weigh(struct tcs_chain *c, struct chain_finding *d);
void __wrap_chain_weigh(struct tcs_chain *c, struct chain_finding *d);

static struct {
    uint64_t *at; /* time of each step's weighing, ns */
    size_t n, cap;
} steps;

static void
die(const char *what)
{
    fprintf(stderr, "chain_bench: %s\n", what);
    exit(1);
}

static uint64_t
now(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void
__wrap_chain_weigh(struct tcs_chain *c, struct chain_finding *d)
{
    if (steps.n < steps.cap)
        steps.at[steps.n++] = now(CLOCK_MONOTONIC);
    __real_chain_weigh(c, d);
}

/* --- an enterprise that is made up --- */

struct world {
    struct tcs_chain *chain;
    uint64_t random;
    uint64_t record;
    char texts[16][64];
};

static uint32_t
below(struct world *w, uint32_t n)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((w->random >> 32) % n);
}

/* Few of them often, many seldom. */
static uint32_t
often(struct world *w, uint32_t n)
{
    return below(w, below(w, n) + 1);
}

static struct tcs_str
print(struct world *w, uint32_t slot, const char *before, uint32_t n, const char *behind)
{
    int len = snprintf(w->texts[slot], sizeof w->texts[slot], "%s%u%s", before, n, behind);
    return (struct tcs_str){w->texts[slot], (size_t)len};
}

/* As rule sets are: most are of level low or medium, a tenth is high, one in fifty critical; each
 * stage has its share. */
static void
add_rules(struct world *w)
{
    static const uint8_t levels[10] = {TCS_MEDIUM, TCS_LOW,   TCS_INFORMATIONAL, TCS_LOW,
                                       TCS_MEDIUM, TCS_LOW,   TCS_MEDIUM,        TCS_HIGH,
                                       TCS_LOW,    TCS_MEDIUM};
    for (uint32_t i = 0; i < RULES; i++) {
        struct tcs_signature s = {.id = print(w, 0, "rule-", i, ""),
                                  .title = print(w, 1, "Rule ", i, "")};
        s.level = i % 50 == CRITICAL ? TCS_CRITICAL : levels[i % 10];
        s.stage = (uint8_t)(1 + i / 10 % (TCS_STAGES - 1));
        if (tcs_chain_signature(w->chain, &s) != i)
            die("no memory");
    }
}

static struct tcs_identity
somebody(struct world *w, uint32_t host, uint32_t account)
{
    return (struct tcs_identity){
        .host = print(w, 0, "host", host, ".example.com"),
        .user = print(w, 1, "user", account, ""),
        .user_domain = TCS_STR("EXAMPLE"),
        .user_id = print(w, 2, "S-1-5-21-1-2-3-", account, ""),
        .image = print(w, 3, "C:\\Windows\\System32\\program", often(w, 200), ".exe"),
        .session = 0x10000u + host * 7919u + account,
        .pid = 1000 + below(w, 60000),
    };
}

static struct tcs_evidence
evidence(struct world *w, uint32_t host, uint32_t event_id)
{
    return (struct tcs_evidence){.file = print(w, 4, "host", host, ".evtx"),
                                 .channel = TCS_STR("Security"),
                                 .record_id = ++w->record,
                                 .event_id = event_id};
}

static void
detect(struct world *w, int64_t time, uint32_t rule, struct tcs_identity who, uint32_t host)
{
    struct tcs_err err = {0};
    struct tcs_finding d = {.time = time, .first = time, .signature = rule, .count = 1, .who = who};
    d.evidence = evidence(w, host, 4688);
    if (tcs_chain_detect(w->chain, &d, &err) < 0)
        die(err.msg);
}

static void
observe(struct world *w, int64_t time, uint32_t host, uint32_t account)
{
    struct tcs_err err = {0};
    struct tcs_observation o = {.time = time, .who = somebody(w, host, account)};
    struct tcs_identity *p = &o.who;
    o.kind = below(w, 3) ? TCS_OBS_PROCESS : TCS_OBS_LOGON;
    if (o.kind == TCS_OBS_LOGON) {
        p->target = p->user;
        p->target_domain = p->user_domain;
        p->target_id = p->user_id;
        p->target_session = p->session;
        p->source_host = print(w, 5, "host", often(w, HOSTS), "");
        p->source_ip = print(w, 6, "10.0.7.", below(w, 250), "");
        o.logon_type = 3;
    } else {
        p->process = print(w, 7, "00000000-0000-0000-0000-", (uint32_t)w->record, "");
    }
    o.evidence = evidence(w, host, o.kind == TCS_OBS_LOGON ? 4624 : 4688);
    if (tcs_chain_observe(w->chain, &o, &err) < 0)
        die(err.msg);
}

/* One account through all stages, on a host after the other. */
static void
intrude(struct world *w, int64_t time, uint32_t which)
{
    for (uint32_t i = 0; i < STEPS; i++) {
        uint32_t host = (which * 17 + i / 4) % HOSTS, stage = i * (TCS_STAGES - 1) / STEPS;
        detect(w, time + (int64_t)i * 600 * TCS_TICKS_PER_SEC, 10 * stage + HIGH,
               somebody(w, host, which * 97 % ACCOUNTS), host);
    }
}

/* What is grave is seldom: one in a hundred of such rules' share. */
static uint32_t
noise(struct world *w, uint32_t host)
{
    uint32_t rule = (host + often(w, 40)) % RULES;
    bool grave = rule % 10 == HIGH || rule % 50 == CRITICAL;
    return grave && below(w, 100) ? rule - 1 : rule;
}

/* Thirty days: each account mostly on a host of its own, each rule mostly where it always fires. */
static void
make_up(struct tcs_chain *chain, uint32_t n)
{
    struct world w = {.chain = chain, .random = 1};
    const int64_t start = (int64_t)134000000000 * TCS_TICKS_PER_SEC / 10;
    const int64_t month = (int64_t)30 * 86400 * TCS_TICKS_PER_SEC;
    add_rules(&w);
    for (uint32_t i = 0; i < n; i++) {
        int64_t time = start + month / n * i;
        uint32_t account = often(&w, ACCOUNTS);
        uint32_t host = below(&w, 10) ? account % HOSTS : often(&w, HOSTS);
        if (i % 2)
            observe(&w, time, host, account);
        detect(&w, time, noise(&w, host), somebody(&w, host, account), host);
        if (i % (n / INTRUSIONS + 1) == 0)
            intrude(&w, time, i / (n / INTRUSIONS + 1));
    }
}

/* --- alerts that were recorded --- */

struct alerts {
    struct tcs_chain *chain;
    struct tcs_alert_reader *reader;
    struct tcs_arena *arena;
};

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct alerts *al = ctx;
    struct tcs_err err = {0};
    struct tcs_alert x;
    tcs_base_arena_reset(al->arena);
    if (!tcs_alertmap_apply(al->reader, ev, al->arena, &x))
        return;
    struct tcs_finding d = {.time = x.time,
                            .first = x.time,
                            .signature = tcs_chain_signature(al->chain, &x.signature),
                            .flags =
                                (uint8_t)(TCS_FINDING_ALERT | (x.novel ? TCS_FINDING_NOVEL : 0)),
                            .count = 1,
                            .who = x.who,
                            .evidence = {.file = ev->origin->path,
                                         .record_id = ev->record_id,
                                         .offset = ev->offset,
                                         .event_id = TCS_EVENT_ID_NONE}};
    if (tcs_chain_detect(al->chain, &d, &err) < 0)
        die(err.msg);
}

static void
decode(const char *const *paths, size_t n, const struct tcs_csv_tables *tables, struct alerts *al)
{
    struct tcs_err err = {0};
    struct tcs_inputs *in = NULL;
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats, .csv = tables};
    if (tcs_input_open(paths, n, &opts, &in, &err) < 0)
        die(err.msg);
    const struct tcs_sink sink = {.ctx = al, .event = on_event};
    struct tcs_unit unit;
    while (tcs_input_next(in, &unit, &err) == 0) {
        struct tcs_decode_opts how = {0};
        struct tcs_decode_stats stats = {0};
        struct tcs_decoder *decoder = unit.format->open(&how);
        if (!decoder)
            die("no memory");
        unit.format->decode(decoder, &unit.block, &sink, &stats);
        unit.format->close(decoder);
        tcs_input_unit_free(in, &unit);
    }
    tcs_input_close(in);
}

static void
add_map(struct tcs_alertmap *map, const char *path, char *text, size_t size)
{
    struct tcs_err err = {0};
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(text, 1, size, f) : 0;
    if (!n || n == size)
        die(path);
    fclose(f);
    if (tcs_alertmap_add(map, TCS_STR("built-in"), tcs_alertmap_builtin(), &err) < 0 ||
        tcs_alertmap_add(map, tcs_base_str_of(path), (struct tcs_str){text, n}, &err) < 0)
        die(err.msg);
}

static void
read_alerts(struct tcs_chain *chain, const char *map_path, const char *const *paths, size_t n)
{
    static char text[TCS_RULE_FILE_MAX];
    struct tcs_alertmap *map = tcs_alertmap_new();
    struct alerts al = {.chain = chain, .arena = tcs_base_arena_new(0)};
    if (!map || !al.arena)
        die("no memory");
    add_map(map, map_path, text, sizeof text);
    struct tcs_csv_table table[TABLES_MAX];
    struct tcs_csv_tables tables = {.at = table};
    while (tables.n < TABLES_MAX &&
           (table[tables.n].columns = tcs_alertmap_table(map, tables.n, &table[tables.n].n)))
        tables.n++;
    al.reader = tcs_alertmap_reader_new(map, false);
    if (!al.reader)
        die("no memory");
    decode(paths, n, &tables, &al);
    tcs_alertmap_reader_free(al.reader);
    tcs_base_arena_free(al.arena);
    tcs_alertmap_free(map);
}

/* --- what it cost --- */

static int
by_size(const void *pa, const void *pb)
{
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
    return a < b ? -1 : a > b;
}

/* The clock's own part of a step. */
static uint64_t
clock_cost(void)
{
    enum { TIMES = 100000 };
    uint64_t start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < TIMES; i++)
        (void)now(CLOCK_MONOTONIC);
    return (now(CLOCK_MONOTONIC) - start) / TIMES;
}

static size_t
in_use(void)
{
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void
report(const struct tcs_chain *c, uint64_t fed, uint64_t finished, size_t bytes)
{
    const struct tcs_chain_stats *s = tcs_chain_stats(c);
    size_t n = steps.n > 1 ? steps.n - 1 : 0;
    uint64_t own = clock_cost();
    if (!n)
        die("no step was seen: was chain_weigh renamed?");
    for (size_t i = 0; i < n; i++) {
        uint64_t step = steps.at[i + 1] - steps.at[i];
        steps.at[i] = step > own ? step - own : 0;
    }
    qsort(steps.at, n, sizeof *steps.at, by_size);
    printf("{\"detections\":%llu,\"observations\":%llu,\"incidents\":%llu,"
           "\"step_median_us\":%.3f,\"step_p99_us\":%.3f,\"feed_us\":%.3f,\"finish_us\":%.3f,"
           "\"bytes\":%zu,\"dropped\":%llu}\n",
           (unsigned long long)s->detections, (unsigned long long)s->observations,
           (unsigned long long)s->incidents, (double)steps.at[n / 2] / 1e3,
           (double)steps.at[n - 1 - n / 100] / 1e3, (double)fed / 1e3 / (double)s->detections,
           (double)finished / 1e3 / (double)s->detections, bytes,
           (unsigned long long)(s->dropped_detections + s->dropped_observations));
}

int
main(int argc, char **argv)
{
    struct tcs_err err = {0};
    bool recorded = argc > 3 && strcmp(argv[1], "--alert-map") == 0;
    uint32_t n = !recorded && argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 600000;
    steps.cap = TCS_CHAIN_FINDINGS_MAX;
    steps.at = calloc(steps.cap, sizeof *steps.at);
    size_t before = in_use();
    struct tcs_chain *c = tcs_chain_new(NULL);
    if (!c || !steps.at || !n)
        die("usage: chain_bench [N] | --alert-map MAP CSV...");
    uint64_t start = now(CLOCK_PROCESS_CPUTIME_ID);
    if (recorded)
        read_alerts(c, argv[2], (const char *const *)argv + 3, (size_t)argc - 3);
    else
        make_up(c, n);
    uint64_t fed = now(CLOCK_PROCESS_CPUTIME_ID);
    if (tcs_chain_finish(c, &err) < 0)
        die(err.msg);
    report(c, fed - start, now(CLOCK_PROCESS_CPUTIME_ID) - fed, in_use() - before);
    tcs_chain_free(c);
    free(steps.at);
    return 0;
}
