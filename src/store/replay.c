/* store/replay.c - everything kept, into the chain. */
#include "base/grow.h"
#include "store/store_int.h"

#include <stdlib.h>

/* The store's number of a signature, which may be any, and the chain's. */
struct number {
    uint32_t nr, chain;
};

struct feed {
    struct tcs_chain *chain;
    struct number *numbers; /* by nr */
    uint32_t n, cap;
    int64_t horizon;    /* findings up to then were pruned */
    struct tcs_err err; /* of on_pair, on_summary */
};

static int
on_signature(void *ctx, uint32_t nr, const struct tcs_signature *sig, struct tcs_err *err)
{
    struct feed *f = ctx;
    if (!tcs_base_grow(&f->numbers, &f->cap, f->n, 1, sizeof *f->numbers))
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    f->numbers[f->n] = (struct number){nr, tcs_chain_signature(f->chain, sig)};
    return f->numbers[f->n++].chain == UINT32_MAX ? tcs_base_fail(err, TCS_ENOMEM, "out of memory")
                                                  : 0;
}

static int
by_nr(const void *pa, const void *pb)
{
    const struct number *a = pa, *b = pb;
    return a->nr < b->nr ? -1 : a->nr > b->nr;
}

static int
on_finding(void *ctx, const struct tcs_finding *d, struct tcs_err *err)
{
    struct feed *f = ctx;
    struct tcs_finding own = *d;
    const struct number key = {.nr = d->signature};
    const struct number *k = f->n ? bsearch(&key, f->numbers, f->n, sizeof key, by_nr) : NULL;
    if (!k)
        return tcs_base_fail(err, TCS_ECORRUPT, "the store is damaged: a finding without its rule");
    own.signature = k->chain;
    return tcs_chain_detect(f->chain, &own, err);
}

static int
on_observation(void *ctx, const struct tcs_observation *o, struct tcs_err *err)
{
    struct feed *f = ctx;
    return tcs_chain_observe(f->chain, o, err);
}

static int
on_host_seen(void *ctx, struct tcs_str host, int64_t first, int64_t last, struct tcs_err *err)
{
    struct feed *f = ctx;
    const struct tcs_host_seen h = {.host = host, .first = first, .last = last};
    return tcs_chain_host_seen(f->chain, &h, err);
}

/* Pairs whose first finding is still kept are learnt from that. */
static void
on_pair(void *ctx, const struct tcs_store_pair *row)
{
    struct feed *f = ctx;
    if (!f->err.code && row->first <= f->horizon &&
        tcs_base_str_eq(row->kind, TCS_STR("signature")))
        tcs_chain_known(f->chain, row->name, row->host, row->first, &f->err);
}

static void
on_summary(void *ctx, const struct tcs_store_summary *row)
{
    struct feed *f = ctx;
    const struct tcs_earlier e = {.account = tcs_base_str_eq(row->kind, TCS_STR("account")),
                                  .name = row->name,
                                  .stage = row->stage,
                                  .last = row->last,
                                  .incident = row->incident};
    if (!f->err.code)
        tcs_chain_earlier(f->chain, &e, &f->err);
}

static const struct tcs_store_reader reader = {
    .signature = on_signature, .finding = on_finding, .observation = on_observation};

/* When hosts were seen, what is usual, what is remembered. */
static int
replay_rest(struct tcs_store *s, struct feed *f, struct tcs_err *err)
{
    int r = tcs_store_hosts_seen(s, on_host_seen, f, err);
    if (r == 0)
        r = tcs_store_sql_load_horizons(s, err);
    if (r == 0 && s->horizon[0].set) {
        f->horizon = s->horizon[0].time;
        r = tcs_store_baseline(s, on_pair, f, err);
    }
    if (r == 0)
        r = tcs_store_summaries(s, on_summary, f, err);
    if (r == 0 && f->err.code) {
        *err = f->err;
        r = -err->code;
    }
    return r;
}

int
tcs_store_replay(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err)
{
    struct feed f = {.chain = chain};
    struct tcs_store_reader to = reader;
    to.ctx = &f;
    int r = tcs_store_read(s, &to, err);
    if (r == 0)
        r = replay_rest(s, &f, err);
    free(f.numbers);
    return r;
}

/* --- the same in two steps, the first one from an image --- */

int
tcs_store_recall(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err)
{
    struct feed f = {.chain = chain};
    struct tcs_store_reader to = reader;
    struct tcs_sql_image image = {0};
    to.ctx = &f;
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0)
        r = tcs_store_sql_flush(s, err);
    if (r == 0)
        r = tcs_store_image_head(s, &image, err);
    if (r == 0)
        r = tcs_store_sql_signatures(s, &to, err);
    if (r == 0 && image.findings + image.observations)
        r = tcs_store_image_read(s, chain, err);
    const struct tcs_sql_span findings = {image.finding, s->first_nr[TCS_SQL_FINDINGS]},
                              observations = {image.observation, s->first_nr[TCS_SQL_OBSERVATIONS]};
    if (r == 0)
        r = tcs_store_sql_findings(s, TCS_SQL_FINDING_SINCE, findings, &to, err);
    if (r == 0)
        r = tcs_store_sql_observations(s, observations, &to, err);
    if (r == 0)
        r = tcs_store_image_write(s, chain, &image, err);
    free(f.numbers);
    return r;
}

int
tcs_store_complete(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err)
{
    struct feed f = {.chain = chain};
    struct tcs_store_reader to = reader;
    const struct tcs_sql_span results = {INT64_MIN, s->first_nr[TCS_SQL_FINDINGS]};
    to.ctx = &f;
    int r = tcs_store_sql_signatures(s, &to, err);
    if (r == 0)
        r = tcs_store_sql_findings(s, TCS_SQL_FINDING_RESULTS, results, &to, err);
    if (r == 0)
        r = replay_rest(s, &f, err);
    free(f.numbers);
    return r;
}
