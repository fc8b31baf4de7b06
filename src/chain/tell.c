/* chain/tell.c - what all that is told of incidents needs: evidence, ids, texts that stay. */
#include "chain/chain_int.h"

#include <sodium.h>

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

/* Of the first detection's record and signature: a replay gives the same, on every machine. */
void
chain_put_id(const struct tcs_chain *c, const struct chain_inc *in, char out[TCS_INCIDENT_ID + 1])
{
    const struct chain_det *d = &c->dets[in->own];
    struct tcs_str id = c->sigs[d->sig].s.id;
    crypto_generichash_state h;
    unsigned char sum[crypto_generichash_BYTES], key[8];
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)(d->key >> (8 * i));
    crypto_generichash_init(&h, NULL, 0, TCS_INCIDENT_ID / 2);
    crypto_generichash_update(&h, key, sizeof key);
    if (id.n)
        crypto_generichash_update(&h, (const unsigned char *)id.p, id.n);
    crypto_generichash_final(&h, sum, TCS_INCIDENT_ID / 2);
    sodium_bin2hex(out, TCS_INCIDENT_ID + 1, sum, TCS_INCIDENT_ID / 2);
}

struct tcs_str
chain_keep(struct tcs_chain *c, struct tcs_buf *b)
{
    struct tcs_str s =
        b->failed ? (struct tcs_str){0} : tcs_base_arena_str(c->arena, tcs_base_buf_view(b));
    c->failed = c->failed || b->failed;
    tcs_base_buf_done(b);
    return s;
}
