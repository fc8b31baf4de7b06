/* detect/settle.c - what only the whole tells: correlations, the chain, what does not hold any
 * more; then the store's transaction, and only then those who are told.
 *
 * With a store the incidents are derived anew from all that it keeps, so that any number of runs
 * gives what one run over everything would (docs/adr/0018-incidents-are-derived.md). */
#include "detect/engine_int.h"

/* --- findings of correlations --- */

/* Is a match that the result names unchecked? */
static bool
rests_on_unchecked(const struct tcs_correlating *c, const struct tcs_correlated *f)
{
    for (uint32_t i = 0; i < f->nrefs; i++)
        if (tcs_detect_correlated_record(c, f->refs[i]).flags & TCS_MATCH_UNCHECKED)
            return true;
    return false;
}

/* One record behind a result: the group's values are what it is about, the record tells the
 * rest. */
static struct tcs_finding
behind(const struct tcs_correlating *c, const struct tcs_correlated *f,
       const struct tcs_correlated_record *r)
{
    struct tcs_finding d = {
        .time = f->held,
        .first = f->first,
        .count = f->count < UINT32_MAX ? (uint32_t)f->count : UINT32_MAX,
        .group = f->id | 1,
        .flags = TCS_FINDING_CORRELATION,
        .who = {.host = r->host,
                .source_ip = r->source_ip,
                .activity = tcs_identity_activity(r->channel, r->event_id)},
        .evidence = {.file = r->origin->path,
                     .channel = r->channel,
                     .record_id = r->record_id,
                     .offset = r->offset,
                     .event_id = r->event_id,
                     .key = r->key},
    };
    for (uint32_t i = 0; i < f->nvalues; i++)
        tcs_identity_put(&d.who, f->fields[i], f->values[i]);
    if (rests_on_unchecked(c, f)) {
        d.flags |= TCS_FINDING_UNCHECKED;
        d.unchecked = TCS_STR("fields of the matches behind it");
    }
    if (r->about_target && !d.who.target.n)
        d.who.target = r->account;
    if (!d.who.user.n)
        d.who.user = r->about_target ? r->subject : r->account;
    return d;
}

/* Was the host told of this result before? */
static bool
had_host(const struct tcs_correlating *c, const struct tcs_correlated *f, uint32_t ref)
{
    struct tcs_str host = tcs_detect_correlated_record(c, f->refs[ref]).host;
    for (uint32_t i = 0; i < ref; i++)
        if (tcs_base_str_ieq(tcs_detect_correlated_record(c, f->refs[i]).host, host))
            return true;
    return false;
}

/* What the i-th result says of the host of one of its records, to store and chain. */
static int
put_result(struct tcs_engine *e, uint32_t i, uint32_t ref, struct tcs_err *err)
{
    uint32_t n;
    const struct tcs_correlated *f = &tcs_detect_correlated(e->correlating, &n)[i];
    const struct tcs_corrplan *plan = tcs_detect_rulebook_corrplan(e->book);
    struct tcs_correlated_record rec = tcs_detect_correlated_record(e->correlating, f->refs[ref]);
    struct tcs_finding d = behind(e->correlating, f, &rec);
    struct tcs_store_result row = {.signature = &e->signature[f->rule],
                                   .detection = &d,
                                   .plan = tcs_correlate_plan_basis(plan, f->corr).print};
    int r = e->store ? detect_engine_kept(e, tcs_store_result_put(e->store, &row, err), err)
                     : TCS_STORE_NEW;
    if (row.news)
        tcs_detect_correlating_news(e->correlating, i);
    if (r != TCS_STORE_NEW || !e->chain)
        return r < 0 ? r : 0;
    d.signature = tcs_chain_signature(e->chain, &e->signature[f->rule]);
    return d.signature == UINT32_MAX ? tcs_base_fail(err, TCS_ENOMEM, "out of memory for incidents")
                                     : tcs_chain_detect(e->chain, &d, err);
}

static int
put_results(struct tcs_engine *e, struct tcs_err *err)
{
    uint32_t n;
    const struct tcs_correlated *list = tcs_detect_correlated(e->correlating, &n);
    int r = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; r == 0 && k < list[i].nrefs; k++)
            if (!had_host(e->correlating, &list[i], k))
                r = put_result(e, i, k, err);
    return r;
}

static int
derive_results(struct tcs_engine *e, const uint8_t *content, struct tcs_err *err)
{
    int r = 0;
    if (e->store)
        r = detect_engine_kept(e, tcs_detect_correlating_recall(e->correlating, err), err);
    if (r >= 0)
        r = tcs_detect_correlating_finish(e->correlating, err);
    if (r == 0 && e->opts.incidents)
        r = put_results(e, err);
    if (r == 0 && e->store)
        r = detect_engine_kept(e, tcs_detect_correlating_settle(e->correlating, err), err);
    if (r == 0 && e->store)
        r = detect_engine_kept(e, tcs_detect_correlating_remember(e->correlating, content, err),
                               err);
    tcs_detect_correlating_forget(e->correlating); /* the chain knows them; they were told before */
    return r < 0 ? r : 0;
}

static int
correlate(struct tcs_engine *e, struct tcs_err *err)
{
    uint8_t content[TCS_DETECT_CONTENT] = {0};
    int r = 0;
    if (e->store) /* nobody else asks, and without a cache it is a hash over all rule files */
        tcs_detect_content(e->detector, content);
    if (e->store && e->opts.derive != TCS_DERIVE_FULL)
        r = tcs_detect_correlating_settled(e->correlating, content, err);
    if (r == 1)
        return 0;
    r = r < 0 ? detect_engine_kept(e, r, err) : 0;
    return r < 0 ? r : derive_results(e, content, err);
}

static int
tell_findings(struct tcs_engine *e, struct tcs_err *err)
{
    uint32_t n;
    const struct tcs_correlated *list = tcs_detect_correlated(e->correlating, &n);
    int r = 0;
    e->stats.findings += n;
    for (uint32_t i = 0; r == 0 && i < n && e->outlet.finding; i++) {
        struct tcs_correlated_record rec =
            tcs_detect_correlated_record(e->correlating, list[i].refs[0]);
        struct tcs_finding d = behind(e->correlating, &list[i], &rec);
        const struct tcs_outlet_finding told = {.finding = &d,
                                                .rule = &e->rules[list[i].rule],
                                                .nr = list[i].rule,
                                                .origin = rec.origin,
                                                .correlated = &list[i],
                                                .is_new = true};
        r = e->outlet.finding(e->outlet.ctx, &told, err);
    }
    return r;
}

/* --- incidents --- */

/* What the store had of the incidents, before they are replaced. */
static int
remember_was(struct tcs_engine *e, const struct tcs_incident *list, uint32_t n, struct tcs_err *err)
{
    tcs_base_arena_reset(e->was_arena);
    e->was = tcs_base_arena_array(e->was_arena, n + 1u, sizeof(struct tcs_incident *));
    e->nwas = e->was ? n : 0;
    for (uint32_t i = 0; i < e->nwas && e->store && e->outlet.incident; i++) {
        struct tcs_incident *in = tcs_base_arena_zalloc(e->was_arena, sizeof *in);
        int r = in ? tcs_store_incident_get(e->store, tcs_base_str_of(list[i].id), e->was_arena, in,
                                            err)
                   : 0;
        if (r < 0)
            return r;
        e->was[i] = r == 1 ? in : NULL;
    }
    return e->was ? 0 : tcs_base_fail(err, TCS_ENOMEM, "out of memory");
}

static int
keep_incidents(struct tcs_engine *e, const struct tcs_incident *list, uint32_t n,
               struct tcs_err *err)
{
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = tcs_store_incident_put(e->store, &list[i], err);
    return r == 0 ? tcs_store_incidents_settle(e->store, err) : r;
}

static int
derive(struct tcs_engine *e, struct tcs_err *err)
{
    uint32_t n = 0;
    int r = 0;
    if (e->store)
        r = detect_engine_kept(e,
                               e->opts.derive == TCS_DERIVE_FULL
                                   ? tcs_store_replay(e->store, e->chain, err)
                                   : tcs_store_complete(e->store, e->chain, err),
                               err);
    if (r >= 0)
        r = tcs_chain_finish(e->chain, err);
    if (r < 0)
        return r;
    const struct tcs_incident *list = tcs_chain_incidents(e->chain, &n);
    r = detect_engine_kept(e, remember_was(e, list, n, err), err);
    if (r >= 0 && e->store)
        r = detect_engine_kept(e, keep_incidents(e, list, n, err), err);
    return r < 0 ? r : 0;
}

static int
tell_incidents(struct tcs_engine *e, struct tcs_err *err)
{
    uint32_t n = 0;
    const struct tcs_incident *list = tcs_detect_engine_incidents(e, &n);
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < n && e->outlet.incident; i++)
        r = e->outlet.incident(e->outlet.ctx, e->was[i], &list[i], err);
    return r;
}

/* --- all of it --- */

static int
commit(struct tcs_engine *e, bool whole, struct tcs_err *err)
{
    int r = whole ? tcs_detect_positions_put(e->positions, err) : 0;
    return r == 0 ? tcs_store_commit(e->store, err) : r;
}

int
tcs_detect_engine_settle(struct tcs_engine *e, const struct tcs_source *source, bool whole,
                         struct tcs_err *err)
{
    if (e->settled)
        return 0; /* nothing was put since */
    int r = detect_engine_count_copies(e, err);
    if (r == 0 && e->chain && e->store && e->opts.derive != TCS_DERIVE_FULL)
        r = detect_engine_kept(e, tcs_store_recall(e->store, e->chain, err), err);
    if (r >= 0)
        r = correlate(e, err);
    if (r == 0 && e->chain)
        r = derive(e, err);
    if (r == 0 && e->store && commit(e, whole, err) < 0)
        e->unkept = *err;
    if (r < 0)
        return r;
    e->settled = true;
    if (source && source->ack && whole && !e->unkept.code)
        source->ack(source->ctx, &e->reached);
    r = tell_findings(e, err);
    return r < 0 ? r : tell_incidents(e, err);
}
