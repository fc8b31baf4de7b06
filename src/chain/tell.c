/* chain/tell.c - what all that is told of incidents needs: evidence, ids, texts that stay. */
#include "chain/chain_int.h"

#include "base/time.h"

#include <sodium.h>
#include <string.h>

struct tcs_evidence
chain_det_evidence(const struct tcs_chain *c, const struct chain_det *d)
{
    return (struct tcs_evidence){.file = chain_shown(&c->e.texts, d->file),
                                 .channel = chain_shown(&c->e.texts, d->channel),
                                 .record_id = d->record,
                                 .offset = d->offset,
                                 .event_id = d->event_id};
}

struct tcs_evidence
chain_obs_evidence(const struct tcs_chain *c, const struct chain_obs *o)
{
    return (struct tcs_evidence){.file = chain_shown(&c->e.texts, o->file),
                                 .channel = chain_shown(&c->e.texts, o->channel),
                                 .record_id = o->record,
                                 .offset = o->offset,
                                 .event_id = o->event_id};
}

static void
hash_part(crypto_generichash_state *h, struct tcs_str s)
{
    static const unsigned char end = 0;
    if (s.n)
        crypto_generichash_update(h, (const unsigned char *)s.p, s.n);
    crypto_generichash_update(h, &end, 1);
}

/* Of the first detection's record and rule: a replay gives the same, on every machine. */
void
chain_put_id(const struct tcs_chain *c, const struct chain_inc *in, char out[TCS_INCIDENT_ID + 1])
{
    const struct chain_det *d = &c->dets[in->own];
    crypto_generichash_state h;
    unsigned char sum[crypto_generichash_BYTES];
    char number[64], time[TCS_TIME_TEXT];
    struct tcs_buf b = {.p = number, .cap = sizeof number};
    tcs_buf_u64(&b, d->record);
    crypto_generichash_init(&h, NULL, 0, TCS_INCIDENT_ID / 2);
    hash_part(&h, c->sigs[d->sig].s.id);
    hash_part(&h, d->host ? c->e.hosts.at[d->host].key : (struct tcs_str){0});
    hash_part(&h, chain_shown(&c->e.texts, d->channel));
    hash_part(&h, tcs_buf_view(&b));
    hash_part(&h, tcs_time_format(d->time, 7, time));
    crypto_generichash_final(&h, sum, TCS_INCIDENT_ID / 2);
    sodium_bin2hex(out, TCS_INCIDENT_ID + 1, sum, TCS_INCIDENT_ID / 2);
}

struct tcs_str
chain_keep(struct tcs_chain *c, struct tcs_buf *b)
{
    struct tcs_str s = b->failed ? (struct tcs_str){0} : tcs_arena_str(c->arena, tcs_buf_view(b));
    c->failed = c->failed || b->failed;
    tcs_buf_done(b);
    return s;
}
