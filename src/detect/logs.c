/* detect/logs.c - see logs.h.  In: what batches counted of their blocks.  Out: sums, in memory that
 * is bounded whatever the logs call themselves. */
#include "detect/logs.h"

#include "base/grow.h"
#include "base/limits.h"
#include "base/map.h"

#include <stdlib.h>

enum { RUN_LOGS_MAX = 16 * TCS_LOGS_MAX };

struct tcs_logs {
    struct tcs_arena *arena;
    struct tcs_map log_index, host_index;
    struct tcs_log_count *logs;
    struct tcs_host_count *hosts;
    uint32_t nlogs, cap_logs, nhosts, cap_hosts;
    uint64_t hosts_more, known;
    struct tcs_logs_unknown unknown;
    struct tcs_buf key;
};

struct tcs_logs *
tcs_detect_logs_new(void)
{
    struct tcs_logs *l = calloc(1, sizeof *l);
    if (l && (l->arena = tcs_base_arena_new(0)))
        return l;
    free(l);
    return NULL;
}

void
tcs_detect_logs_free(struct tcs_logs *l)
{
    if (!l)
        return;
    tcs_base_map_done(&l->log_index);
    tcs_base_map_done(&l->host_index);
    tcs_base_buf_done(&l->key);
    free(l->logs);
    free(l->hosts);
    tcs_base_arena_free(l->arena);
    free(l);
}

/* The place of the log's count: an older one, or that of a new one with its key kept. */
static struct tcs_log_count *
count_of(struct tcs_logs *l, const struct tcs_batch_log *from, struct tcs_str channel)
{
    const struct tcs_str parts[] = {from->product, from->service, from->schema, channel};
    enum { PARTS = sizeof parts / sizeof *parts };
    l->key.n = 0;
    for (size_t i = 0; i < PARTS; i++) {
        const uint32_t n = (uint32_t)parts[i].n;
        tcs_base_buf_put(&l->key, &n, sizeof n);
        tcs_base_buf_str(&l->key, parts[i]);
    }
    tcs_base_buf_c(&l->key, from->known);
    struct tcs_str key = tcs_base_buf_view(&l->key);
    uint32_t at = l->key.failed ? TCS_MAP_NONE : tcs_base_map_get(&l->log_index, key);
    if (at != TCS_MAP_NONE)
        return &l->logs[at];
    if (l->key.failed || !tcs_base_grow(&l->logs, &l->cap_logs, l->nlogs, 1, sizeof *l->logs))
        return NULL;
    key = tcs_base_arena_str(l->arena, key);
    if (!key.p || tcs_base_map_put(&l->log_index, key, l->nlogs) < 0)
        return NULL;
    struct tcs_str own[PARTS];
    for (size_t i = 0, start = 0; i < PARTS; start += parts[i++].n) {
        start += sizeof(uint32_t);
        own[i] = tcs_base_str_slice(key, start, start + parts[i].n);
    }
    l->logs[l->nlogs] = (struct tcs_log_count){.product = own[0],
                                               .service = own[1],
                                               .schema = own[2],
                                               .channel = own[3],
                                               .known = from->known};
    return &l->logs[l->nlogs++];
}

static bool
add_log(struct tcs_logs *l, const struct tcs_batch *b, const struct tcs_batch_log *from)
{
    const struct tcs_str none = {NULL, 0};
    struct tcs_log_count *to = count_of(l, from, l->nlogs < RUN_LOGS_MAX ? from->channel : none);
    if (!to)
        return false;
    to->records += from->records;
    if (from->known) {
        l->known += from->records;
        return true;
    }
    if (!l->unknown.records) {
        l->unknown.path = b->origin ? tcs_base_arena_str(l->arena, b->origin->path) : none;
        l->unknown.offset = from->first;
    }
    l->unknown.records += from->records;
    return true;
}

static bool
add_host(struct tcs_logs *l, const struct tcs_batch_host *from)
{
    uint32_t at = tcs_base_map_get(&l->host_index, from->name);
    if (at == TCS_MAP_NONE && l->nhosts >= TCS_HOSTS_TOLD_MAX) {
        l->hosts_more += from->records;
        return true;
    }
    if (at == TCS_MAP_NONE) {
        struct tcs_str name = tcs_base_arena_str(l->arena, from->name);
        if (!name.p || tcs_base_map_put(&l->host_index, name, l->nhosts) < 0 ||
            !tcs_base_grow(&l->hosts, &l->cap_hosts, l->nhosts, 1, sizeof *l->hosts))
            return false;
        at = l->nhosts++;
        l->hosts[at] = (struct tcs_host_count){.name = name};
    }
    l->hosts[at].records += from->records;
    return true;
}

bool
tcs_detect_logs_add(struct tcs_logs *l, const struct tcs_batch *b)
{
    bool good = true;
    for (uint32_t i = 0; good && i < b->nlogs; i++)
        good = add_log(l, b, &b->logs[i]);
    for (uint32_t i = 0; good && i < b->nhosts; i++)
        good = add_host(l, &b->hosts[i]);
    return good;
}

static int
by_records(const void *pa, const void *pb)
{
    const struct tcs_log_count *a = pa, *b = pb;
    if (a->records != b->records)
        return a->records > b->records ? -1 : 1;
    const struct tcs_str x[] = {a->product, a->service, a->channel, a->schema},
                         y[] = {b->product, b->service, b->channel, b->schema};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        int c = tcs_base_str_cmp(x[i], y[i]);
        if (c)
            return c;
    }
    return 0;
}

static int
hosts_by_records(const void *pa, const void *pb)
{
    const struct tcs_host_count *a = pa, *b = pb;
    if (a->records != b->records)
        return a->records > b->records ? -1 : 1;
    return tcs_base_str_cmp(a->name, b->name);
}

/* What is sorted is a copy: the indexes go on to say where the counts are. */
static void *
sorted(struct tcs_logs *l, const void *list, uint32_t n, size_t size,
       int (*order)(const void *, const void *))
{
    void *own = n ? tcs_base_arena_alloc(l->arena, n * size) : NULL;
    if (!own)
        return NULL;
    memcpy(own, list, n * size);
    qsort(own, n, size, order);
    return own;
}

const struct tcs_log_count *
tcs_detect_logs_list(struct tcs_logs *l, uint32_t *n)
{
    const struct tcs_log_count *list = sorted(l, l->logs, l->nlogs, sizeof *list, by_records);
    *n = list ? l->nlogs : 0;
    return list;
}

const struct tcs_host_count *
tcs_detect_logs_hosts(struct tcs_logs *l, uint32_t *n, uint64_t *hosts_more)
{
    const struct tcs_host_count *list =
        sorted(l, l->hosts, l->nhosts, sizeof *list, hosts_by_records);
    *n = list ? l->nhosts : 0;
    *hosts_more = l->hosts_more;
    return list;
}

struct tcs_logs_unknown
tcs_detect_logs_unknown(const struct tcs_logs *l)
{
    return l->unknown;
}

bool
tcs_detect_logs_all_unknown(const struct tcs_logs *l)
{
    return l->unknown.records && !l->known;
}

void
tcs_detect_logs_text(const struct tcs_log_count *l, struct tcs_buf *b)
{
    const struct tcs_str parts[] = {l->known && !l->product.n ? TCS_STR("alerts") : l->product,
                                    l->service, l->channel};
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        tcs_base_buf_put(b, " ", any && parts[i].n ? 1 : 0);
        tcs_base_buf_str(b, parts[i]);
        any = any || parts[i].n;
    }
    tcs_base_buf_str(b, any ? TCS_STR("") : TCS_STR("no known log"));
    if (l->schema.n)
        tcs_base_buf_printf(b, ", read as %.*s", TCS_STR_FMT(l->schema));
}

void
tcs_detect_logs_unknown_text(const struct tcs_logs_unknown *u, struct tcs_buf *b)
{
    const bool one = u->records == 1;
    tcs_base_buf_printf(b,
                        "%llu %s of no known log, so that rules about a log cannot match %s; the "
                        "first is at byte %llu of %.*s (tocsin dump shows how it is read)",
                        (unsigned long long)u->records, one ? "record is" : "records are",
                        one ? "it" : "them", (unsigned long long)u->offset, TCS_STR_FMT(u->path));
}
