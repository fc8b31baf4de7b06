/* detect/batch.c - the memory of batches, used again for block after block. */
#include "detect/batch.h"

#include "base/grow.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdlib.h>

enum { OUT_KEEP_MAX = 8 << 20, ARENA_KEEP_MAX = 4 << 20, HOST_SLOTS_FIRST = 64 };
#define NO_HOST UINT32_MAX

bool
tcs_detect_batch_open(struct tcs_batch *b)
{
    b->arena = tcs_base_arena_new(0);
    b->before.arena = tcs_base_arena_new(0);
    b->notes.arena = tcs_base_arena_new(0);
    return b->arena && b->before.arena && b->notes.arena;
}

void
tcs_detect_batch_close(struct tcs_batch *b)
{
    tcs_base_arena_free(b->arena);
    tcs_base_arena_free(b->before.arena);
    tcs_base_arena_free(b->notes.arena);
    tcs_base_buf_done(&b->out);
    free(b->records);
    free(b->findings);
    free(b->observations);
    free(b->matches);
    free(b->hosts);
    free(b->logs);
    free(b->host_slots);
    free(b->sightings);
}

void
tcs_detect_batch_clear(struct tcs_batch *b)
{
    tcs_base_arena_reset(b->arena);
    tcs_detect_notes_clear(&b->notes);
    b->out.n = 0;
    b->out.failed = false;
    if (b->nhosts && b->host_slots) /* one that was unpacked has none */
        memset(b->host_slots, 0, b->nhost_slots * sizeof *b->host_slots);
    b->nrecords = b->ntorn = b->nfindings = b->nobservations = b->nmatches = b->nhosts =
        b->nsightings = b->nlogs = 0;
    b->last_host = b->last_log = 0;
    b->hosts_dropped = 0;
    b->stats = (struct tcs_decode_stats){0};
    b->passed_over = 0;
    b->no_memory = b->done = false;
}

void
tcs_detect_batch_shrink(struct tcs_batch *b)
{
    struct tcs_arena *small =
        tcs_base_arena_used(b->arena) > ARENA_KEEP_MAX ? tcs_base_arena_new(0) : NULL;
    if (b->out.cap > OUT_KEEP_MAX)
        tcs_base_buf_done(&b->out);
    if (small) {
        tcs_base_arena_free(b->arena);
        b->arena = small;
    }
}

bool
tcs_detect_batch_room(struct tcs_batch *b, void *array, uint32_t *cap, uint32_t n, uint32_t more,
                      size_t size)
{
    if (tcs_base_grow(array, cap, n, more, size))
        return true;
    b->no_memory = true;
    return false;
}

/* --- hosts --- */

/* The slot of the name, or the free one where it belongs. */
static uint32_t *
slot_of(const struct tcs_batch *b, const struct tcs_value *host, uint64_t hash)
{
    for (uint32_t i = (uint32_t)hash & (b->nhost_slots - 1);; i = (i + 1) & (b->nhost_slots - 1)) {
        uint32_t *s = &b->host_slots[i];
        const struct tcs_batch_host *h = *s ? &b->hosts[*s - 1] : NULL;
        if (!h || (h->hash == hash && h->raw.type == host->type && h->raw.n == host->n &&
                   memcmp(h->raw.p, host->p, host->n) == 0))
            return s;
    }
}

/* Room for one more, at most half full. */
static bool
host_room(struct tcs_batch *b)
{
    if (!tcs_detect_batch_room(b, &b->hosts, &b->cap_hosts, b->nhosts, 1, sizeof *b->hosts))
        return false;
    if ((b->nhosts + 1) * 2 <= b->nhost_slots)
        return true;
    uint32_t n = b->nhost_slots ? b->nhost_slots * 2 : HOST_SLOTS_FIRST;
    uint32_t *slots = calloc(n, sizeof *slots);
    if (!slots) {
        b->no_memory = true;
        return false;
    }
    free(b->host_slots);
    b->host_slots = slots;
    b->nhost_slots = n;
    for (uint32_t i = 0; i < b->nhosts; i++)
        *slot_of(b, &b->hosts[i].raw, b->hosts[i].hash) = i + 1;
    return true;
}

static uint32_t
host_of(struct tcs_batch *b, const struct tcs_value *host)
{
    const uint64_t hash = tcs_base_hash(host->p, host->n, tcs_base_hash_secret() ^ host->type);
    if (!host_room(b))
        return NO_HOST;
    uint32_t *slot = slot_of(b, host, hash);
    if (*slot)
        return *slot - 1;
    struct tcs_str name =
        tcs_base_str_slice(tcs_event_value_text(host, b->arena), 0, TCS_IDENTITY_TEXT_MAX);
    if (b->nhosts == (b->max_hosts ? b->max_hosts : TCS_BATCH_HOSTS_MAX) || !name.n) {
        b->hosts_dropped += name.n != 0;
        return NO_HOST;
    }
    struct tcs_batch_host h = {.raw = *host, .hash = hash, .first = INT64_MAX, .last = INT64_MIN};
    h.name = tcs_base_arena_str(b->arena, name);
    /* the record's own bytes will be gone */
    h.raw.p = tcs_base_arena_str(b->arena, (struct tcs_str){host->p, host->n}).p;
    if (!h.name.p || !h.raw.p)
        return NO_HOST; /* the arena's failure is seen by the run */
    b->hosts[b->nhosts++] = h;
    *slot = b->nhosts;
    return b->nhosts - 1;
}

static bool
is_last(const struct tcs_batch *b, const struct tcs_value *host)
{
    const struct tcs_value *v = b->last_host < b->nhosts ? &b->hosts[b->last_host].raw : NULL;
    return v && v->type == host->type && v->n == host->n && memcmp(v->p, host->p, v->n) == 0;
}

void
tcs_detect_batch_host(struct tcs_batch *b, const struct tcs_value *host, int64_t time)
{
    if (!tcs_base_time_usable(time) || !host->n)
        return;
    if (!is_last(b, host))
        b->last_host = host_of(b, host);
    if (b->last_host == NO_HOST)
        return;
    struct tcs_batch_host *h = &b->hosts[b->last_host];
    h->first = time < h->first ? time : h->first;
    h->last = time > h->last ? time : h->last;
    h->records++;
}

/* --- logs --- */

/* Product, service and schema are static texts: two that are equal may lie in two places, which
 * only makes two entries of one. */
static bool
is_log(const struct tcs_batch_log *l, const struct tcs_event *head, const struct tcs_value *channel)
{
    return l->product.p == head->product.p && l->service.p == head->service.p &&
           l->schema.p == head->schema && l->raw.type == channel->type && l->raw.n == channel->n &&
           (!channel->n || memcmp(l->raw.p, channel->p, channel->n) == 0);
}

static uint32_t
find_log(const struct tcs_batch *b, const struct tcs_event *head, const struct tcs_value *channel)
{
    uint32_t i = 0;
    while (i < b->nlogs && !is_log(&b->logs[i], head, channel))
        i++;
    return i;
}

static uint32_t
add_log(struct tcs_batch *b, const struct tcs_event *head, const struct tcs_value *channel,
        bool known)
{
    const struct tcs_str bytes = {channel->p, channel->n};
    struct tcs_batch_log l = {
        .product = head->product, .service = head->service, .first = head->offset, .known = known};
    if (!tcs_detect_batch_room(b, &b->logs, &b->cap_logs, b->nlogs, 1, sizeof l))
        return b->nlogs;
    l.schema = head->schema ? tcs_base_str_of(head->schema) : (struct tcs_str){NULL, 0};
    l.raw = *channel;
    if (bytes.n) {
        l.raw.p = tcs_base_arena_str(b->arena, bytes).p; /* the record's own bytes will be gone */
        struct tcs_str name = tcs_event_value_text(channel, b->arena);
        l.channel =
            tcs_base_arena_str(b->arena, tcs_base_str_slice(name, 0, TCS_IDENTITY_TEXT_MAX));
        if (!l.raw.p)
            return b->nlogs; /* the arena's failure is seen by the run */
    }
    b->logs[b->nlogs] = l;
    return b->nlogs++;
}

void
tcs_detect_batch_log(struct tcs_batch *b, const struct tcs_event *head, bool known)
{
    const struct tcs_value none = {0}, *channel = &head->channel;
    uint32_t at = b->last_log;
    if (at >= b->nlogs || !is_log(&b->logs[at], head, channel)) {
        at = find_log(b, head, channel);
        if (at == b->nlogs && at >= TCS_LOGS_MAX) {
            channel = &none;
            at = find_log(b, head, channel);
        }
        if (at == b->nlogs)
            at = add_log(b, head, channel, known);
        b->last_log = at;
    }
    if (at < b->nlogs)
        b->logs[at].records++;
}
