/* chain/hosts.c - when hosts were seen, by any record at all.
 *
 * In: for each log and host the first and the last record.  Out: for each host, once names are
 * resolved, when it was seen first and last.  Kept by log, so that invented hosts in one do not
 * push out those of another (room.c). */
#include "chain/chain_int.h"

#include "base/grow.h"
#include "base/hash.h"

#include <stdlib.h>

static uint64_t
key_of(uint32_t host, uint32_t file)
{
    return tcs_base_hash_mix(host, file) | 1;
}

static void
widen(int64_t *first, int64_t *last, int64_t also_first, int64_t also_last)
{
    *first = also_first < *first ? also_first : *first;
    *last = also_last > *last ? also_last : *last;
}

bool
chain_spans_moved(struct tcs_chain *c)
{
    chain_keys_clear(&c->span_of);
    for (uint32_t i = 0; i < c->nspans; i++) {
        uint64_t key = key_of(c->spans[i].host, c->spans[i].file);
        struct chain_key *k = chain_keys_put(&c->span_of, key);
        if (!k)
            return false;
        *k = (struct chain_key){.key = key, .inc = i};
    }
    return true;
}

int
tcs_chain_host_seen(struct tcs_chain *c, const struct tcs_host_seen *h, struct tcs_err *err)
{
    if (!tcs_base_time_usable(h->first) || !tcs_base_time_usable(h->last))
        return 0;
    bool good = chain_make_room(c);
    uint32_t host = chain_host(&c->e, h->host), file = chain_text(&c->e, h->file);
    if (!host)
        return 0;
    struct chain_key *k = good ? chain_keys_put(&c->span_of, key_of(host, file)) : NULL;
    if (!k || !tcs_base_grow(&c->spans, &c->cap_spans, c->nspans, 1, sizeof *c->spans))
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the chain");
    if (!k->key) {
        *k = (struct chain_key){.key = key_of(host, file), .inc = c->nspans};
        c->spans[c->nspans++] = (struct chain_span){h->first, h->last, host, file};
        return 0;
    }
    struct chain_span *s = &c->spans[k->inc];
    widen(&s->first, &s->last, h->first, h->last);
    return 0;
}

static void
see(struct tcs_chain *c, uint32_t host, int64_t first, int64_t last)
{
    widen(&c->host_first[host], &c->host_last[host], first, last);
}

bool
chain_see_hosts(struct tcs_chain *c)
{
    uint32_t n = c->e.hosts.n;
    c->host_first = calloc(n + 1u, sizeof *c->host_first);
    c->host_last = calloc(n + 1u, sizeof *c->host_last);
    if (!c->host_first || !c->host_last)
        return false;
    for (uint32_t i = 0; i <= n; i++) {
        c->host_first[i] = INT64_MAX;
        c->host_last[i] = INT64_MIN;
    }
    for (uint32_t i = 0; i < c->nspans; i++)
        see(c, chain_canon(&c->e.hosts, c->spans[i].host), c->spans[i].first, c->spans[i].last);
    for (uint32_t i = 0; i < c->nfindings; i++)
        if (c->findings[i].host)
            see(c, c->findings[i].host, c->findings[i].time, c->findings[i].time);
    return true;
}
