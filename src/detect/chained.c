/* detect/chained.c - between the pipeline and the chain.
 *
 * Workers copy what the chain needs into their block's result; emit, which runs for one block after
 * the other, hands it on.  So the chain sees one thread and one order. */
#include "detect/chained.h"

#include "attack/tags.h"
#include "base/hash.h"
#include "base/time.h"
#include "detect/correlations.h"

#include <stdlib.h>

struct tcs_chained {
    struct tcs_chain *chain;
    const struct tcs_identity_plan *plan;
    uint32_t *signature;                     /* of each rule, in the chain */
    const struct tcs_chained_keeper *keeper; /* NULL: nothing is kept */
};

void
tcs_chained_block_clear(struct tcs_chained_block *b)
{
    b->nobservations = b->ndetections = 0;
    if (b->nheard)
        memset(b->heard_slots, 0, (b->heard_mask + 1) * sizeof *b->heard_slots);
    b->nheard = b->last_heard = 0;
    b->no_memory = false;
}

void
tcs_chained_block_done(struct tcs_chained_block *b)
{
    free(b->observations);
    free(b->detections);
    free(b->heard);
    free(b->heard_slots);
    *b = (struct tcs_chained_block){0};
}

/* --- rules as signatures --- */

static uint32_t
signature_of(struct tcs_chain *chain, const struct tcs_doc *doc, struct tcs_arena *a)
{
    struct tcs_signature s = {
        .id = doc->id.n ? doc->id : doc->path, .title = doc->title, .level = doc->level};
    s.techniques = tcs_arena_array(a, doc->ntags + 1u, sizeof *s.techniques);
    for (uint32_t i = 0; s.techniques && i < doc->ntags; i++) {
        char id[16];
        if (tcs_attack_tag_technique(doc->tags[i], id))
            s.techniques[s.ntechniques++] = tcs_arena_str(a, tcs_str_of(id));
    }
    return tcs_arena_failed(a) ? UINT32_MAX : tcs_chain_signature(chain, &s);
}

static bool
add_signatures(struct tcs_chained *ch, const struct tcs_chained_opts *opts)
{
    struct tcs_arena *a = tcs_arena_new(0);
    bool good = a && ch->signature;
    for (uint32_t i = 0; good && i < opts->nrules; i++) {
        ch->signature[i] = signature_of(ch->chain, &opts->rules[i].doc, a);
        good = ch->signature[i] != UINT32_MAX;
        tcs_arena_reset(a);
    }
    tcs_arena_free(a);
    return good;
}

int
tcs_chained_new(const struct tcs_chained_opts *opts, struct tcs_chained **ret, struct tcs_err *err)
{
    struct tcs_str stops[TCS_STOPS_MAX];
    struct tcs_chain_opts chain = {
        .stop = stops, .profiles = opts->profiles, .nprofiles = opts->nprofiles};
    for (; chain.nstop < opts->stops.n && chain.nstop < TCS_STOPS_MAX; chain.nstop++)
        stops[chain.nstop] = tcs_str_of(opts->stops.at[chain.nstop]);
    struct tcs_chained *ch = calloc(1, sizeof *ch);
    if (ch) {
        ch->chain = tcs_chain_new(&chain);
        ch->plan = opts->identity;
        ch->signature = calloc(opts->nrules + 1u, sizeof *ch->signature);
    }
    if (!ch || !ch->chain || !add_signatures(ch, opts)) {
        tcs_chained_free(ch);
        return tcs_fail(err, TCS_ENOMEM, "out of memory");
    }
    *ret = ch;
    return 0;
}

void
tcs_chained_free(struct tcs_chained *ch)
{
    if (!ch)
        return;
    tcs_chain_free(ch->chain);
    free(ch->signature);
    free(ch);
}

/* --- on workers --- */

/* Room for n more in an array. */
static bool
room(struct tcs_chained_block *b, void *array, size_t *cap, size_t have, size_t n, size_t size)
{
    void *old, *p;
    if (*cap - have >= n)
        return true;
    size_t bigger = *cap ? *cap : 64;
    while (bigger - have < n)
        bigger *= 2;
    memcpy(&old, array, sizeof old);
    p = reallocarray(old, bigger, size);
    if (!p) {
        b->no_memory = true;
        return false;
    }
    memcpy(array, &p, sizeof p);
    *cap = bigger;
    return true;
}

static bool
same_value(const struct tcs_value *a, const struct tcs_value *b)
{
    return a->type == b->type && a->n == b->n && a->n && memcmp(a->p, b->p, a->n) == 0;
}

/* Where the host of this hash stands, or would. */
static uint32_t *
heard_slot(const struct tcs_chained_block *b, const struct tcs_value *host, uint64_t hash)
{
    for (size_t i = hash & b->heard_mask;; i = (i + 1) & b->heard_mask) {
        uint32_t *s = &b->heard_slots[i];
        const struct tcs_heard *h = *s ? &b->heard[*s - 1] : NULL;
        if (!h || (h->hash == hash && same_value(&h->raw, host)))
            return s;
    }
}

/* Room for one more, with half of the slots free. */
static bool
heard_room(struct tcs_chained_block *b)
{
    if (!room(b, &b->heard, &b->cap_heard, b->nheard, 1, sizeof *b->heard))
        return false;
    if (b->heard_slots && (b->nheard + 1) * 2 <= b->heard_mask + 1)
        return true;
    size_t n = b->heard_slots ? (b->heard_mask + 1) * 2 : 16;
    uint32_t *slots = calloc(n, sizeof *slots);
    if (!slots) {
        b->no_memory = true;
        return false;
    }
    free(b->heard_slots);
    b->heard_slots = slots;
    b->heard_mask = n - 1;
    for (uint32_t i = 0; i < b->nheard; i++)
        *heard_slot(b, &b->heard[i].raw, b->heard[i].hash) = i + 1;
    return true;
}

/* NULL: the host has no name, or there is no memory. */
static struct tcs_heard *
heard_of(struct tcs_chained_block *b, const struct tcs_value *host, struct tcs_arena *a)
{
    uint64_t hash = tcs_hash(host->p, host->n, host->type);
    if (!heard_room(b))
        return NULL;
    uint32_t *slot = heard_slot(b, host, hash);
    if (*slot)
        return &b->heard[*slot - 1];
    struct tcs_str s = tcs_str_slice(tcs_value_text(host, a), 0, 256);
    struct tcs_heard h = {.raw = *host, .hash = hash, .first = INT64_MAX, .last = INT64_MIN};
    h.host = tcs_arena_str(a, s);
    h.raw.p = tcs_arena_str(a, (struct tcs_str){host->p, host->n}).p; /* the event's will be gone */
    if (!s.n || !h.host.p || !h.raw.p) {
        b->no_memory |= s.n != 0;
        return NULL;
    }
    b->heard[b->nheard++] = h;
    *slot = (uint32_t)b->nheard;
    return &b->heard[b->nheard - 1];
}

void
tcs_chained_head(struct tcs_chained_block *b, const struct tcs_event *head, struct tcs_arena *a)
{
    if (!tcs_time_usable(head->time) || !head->computer.n)
        return;
    struct tcs_heard *h = b->last_heard < b->nheard ? &b->heard[b->last_heard] : NULL;
    if (!h || !same_value(&h->raw, &head->computer))
        h = heard_of(b, &head->computer, a);
    if (!h)
        return;
    b->last_heard = (size_t)(h - b->heard);
    h->first = head->time < h->first ? head->time : h->first;
    h->last = head->time > h->last ? head->time : h->last;
}

/* The event dies with its batch: texts that are still the log's own bytes are copied.  Those that
 * were made of other encodings lie in the arena. */
static void
keep(struct tcs_identity *w, struct tcs_evidence *e, struct tcs_arena *a)
{
    struct tcs_str *const texts[] = {
        &w->host,          &w->user,      &w->user_domain, &w->user_id,     &w->target,
        &w->target_domain, &w->target_id, &w->source_ip,   &w->source_host, &w->dest_ip,
        &w->dest_host,     &w->own_ip,    &w->process,     &w->parent,      &w->image,
        &w->object,        &w->hash,      &e->channel};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i]->n && !tcs_arena_holds(a, texts[i]->p))
            *texts[i] = tcs_arena_str(a, *texts[i]);
}

void
tcs_chained_event(const struct tcs_chained *ch, struct tcs_chained_block *b,
                  const struct tcs_event *ev, struct tcs_arena *a)
{
    struct tcs_observation o;
    if (!tcs_identity_wants(ev) || !tcs_identity_observe(ch->plan, ev, a, &o))
        return;
    tcs_identity_keep(&o.who, a);
    tcs_identity_evidence_keep(&o.evidence, a);
    if (room(b, &b->observations, &b->cap_observations, b->nobservations, 1,
             sizeof *b->observations))
        b->observations[b->nobservations++] = o;
}

void
tcs_chained_hits(const struct tcs_chained *ch, struct tcs_chained_block *b,
                 const struct tcs_event *ev, const struct tcs_identity *who,
                 const struct tcs_hit *hits, uint32_t n, struct tcs_arena *a)
{
    struct tcs_finding d = {.time = ev->time, .first = ev->time, .count = 1, .who = *who};
    if (!room(b, &b->detections, &b->cap_detections, b->ndetections, n, sizeof *b->detections))
        return;
    d.evidence = tcs_identity_evidence(ev, a);
    tcs_identity_keep(&d.who, a);
    tcs_identity_evidence_keep(&d.evidence, a);
    if (ev->flags & TCS_EVENT_CARVED)
        d.flags |= TCS_DET_CARVED;
    for (uint32_t i = 0; i < n; i++) {
        d.signature = ch->signature[hits[i].rule];
        b->detections[b->ndetections++] = d;
    }
}

/* --- in order --- */

void
tcs_chained_keep(struct tcs_chained *ch, const struct tcs_chained_keeper *k)
{
    ch->keeper = k;
}

/* d->signature is the chain's number of one of the rules. */
static int
detect(struct tcs_chained *ch, const struct tcs_finding *d, struct tcs_err *err)
{
    const struct tcs_chained_keeper *k = ch->keeper;
    const struct tcs_signature *sig = tcs_chain_signature_at(ch->chain, d->signature);
    int r = k && sig ? k->detection(k->ctx, sig, d, err) : 1;
    return r == 1 ? tcs_chain_detect(ch->chain, d, err) : r;
}

static int
observe(struct tcs_chained *ch, const struct tcs_observation *o, struct tcs_err *err)
{
    int r = ch->keeper ? ch->keeper->observation(ch->keeper->ctx, o, err) : 1;
    return r == 1 ? tcs_chain_observe(ch->chain, o, err) : r;
}

static int
hear(struct tcs_chained *ch, const struct tcs_heard *h, struct tcs_err *err)
{
    int r = ch->keeper ? ch->keeper->heard(ch->keeper->ctx, h, err) : 1;
    return r < 0 ? r : tcs_chain_heard(ch->chain, h->host, h->first, h->last, err);
}

int
tcs_chained_detect(struct tcs_chained *ch, const struct tcs_signature *sig,
                   const struct tcs_finding *d, struct tcs_err *err)
{
    const struct tcs_chained_keeper *k = ch->keeper;
    struct tcs_finding own = *d;
    int r = k ? k->detection(k->ctx, sig, d, err) : 1;
    if (r != 1)
        return r;
    own.signature = tcs_chain_signature(ch->chain, sig);
    if (own.signature == UINT32_MAX)
        return tcs_fail(err, TCS_ENOMEM, "out of memory for the chain");
    return tcs_chain_detect(ch->chain, &own, err);
}

int
tcs_chained_emit(struct tcs_chained *ch, const struct tcs_chained_block *b, struct tcs_err *err)
{
    int r = b->no_memory ? tcs_fail(err, TCS_ENOMEM, "out of memory") : 0;
    for (size_t i = 0; r == 0 && i < b->nheard; i++)
        r = hear(ch, &b->heard[i], err);
    for (size_t i = 0; r == 0 && i < b->nobservations; i++)
        r = observe(ch, &b->observations[i], err);
    for (size_t i = 0; r == 0 && i < b->ndetections; i++)
        r = detect(ch, &b->detections[i], err);
    return r;
}

/* --- correlations --- */

/* One record behind a result: the group's values are what it is about, the record tells the rest.
 */
static struct tcs_finding
behind(const struct tcs_corr_found *f, const struct tcs_corr_evidence *e)
{
    struct tcs_finding d = {
        .time = f->held,
        .first = f->first,
        .count = f->count < UINT32_MAX ? (uint32_t)f->count : UINT32_MAX,
        .group = f->id | 1,
        .flags = TCS_DET_CORRELATION,
        .who = {.host = e->host,
                .source_ip = e->source_ip,
                .activity = tcs_identity_activity(e->channel, e->event_id)},
        .evidence = {.file = e->origin->path,
                     .channel = e->channel,
                     .record_id = e->record_id,
                     .offset = e->offset,
                     .event_id = e->event_id,
                     .key = e->key},
    };
    for (uint32_t i = 0; i < f->nvalues; i++)
        tcs_identity_put(&d.who, f->fields[i], f->values[i]);
    if (e->about_target && !d.who.target.n)
        d.who.target = e->account;
    if (!d.who.user.n)
        d.who.user = e->about_target ? e->subject : e->account;
    return d;
}

/* Was the host told of this result before? */
static bool
told(const struct tcs_correlations *corr, const struct tcs_corr_found *f, uint32_t ref)
{
    struct tcs_str host = tcs_correlations_evidence(corr, f->refs[ref]).host;
    for (uint32_t i = 0; i < ref; i++)
        if (tcs_str_ieq(tcs_correlations_evidence(corr, f->refs[i]).host, host))
            return true;
    return false;
}

/* What the i-th result says of the host of one of its records. */
static int
result(struct tcs_chained *ch, struct tcs_correlations *corr, uint32_t i, uint32_t ref,
       struct tcs_err *err)
{
    uint32_t n;
    const struct tcs_chained_keeper *k = ch->keeper;
    const struct tcs_corr_found *f = &tcs_correlations_found(corr, &n)[i];
    const struct tcs_corrplan *plan = tcs_rulebook_corrplan(tcs_correlations_book(corr));
    struct tcs_corr_evidence e = tcs_correlations_evidence(corr, f->refs[ref]);
    struct tcs_finding d = behind(f, &e);
    d.signature = ch->signature[f->rule];
    struct tcs_store_result row = {.signature = tcs_chain_signature_at(ch->chain, d.signature),
                                   .detection = &d,
                                   .plan = tcs_corrplan_basis(plan, f->corr).print};
    int r = k && row.signature ? k->result(k->ctx, &row, err) : 1;
    if (row.news)
        tcs_correlations_news(corr, i);
    return r == 1 ? tcs_chain_detect(ch->chain, &d, err) : r;
}

int
tcs_chained_correlations(struct tcs_chained *ch, struct tcs_correlations *corr, struct tcs_err *err)
{
    uint32_t n;
    const struct tcs_corr_found *found = tcs_correlations_found(corr, &n);
    int r = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; r == 0 && k < found[i].nrefs; k++)
            if (!told(corr, &found[i], k))
                r = result(ch, corr, i, k, err);
    return r;
}

struct tcs_chain *
tcs_chained_chain(struct tcs_chained *ch)
{
    return ch->chain;
}

int
tcs_chained_finish(struct tcs_chained *ch, struct tcs_err *err)
{
    return tcs_chain_finish(ch->chain, err);
}

const struct tcs_incident *
tcs_chained_incidents(const struct tcs_chained *ch, uint32_t *n)
{
    return tcs_chain_incidents(ch->chain, n);
}
