/* detect/engine.c - puts batches: which record is which, what is new, who is told.
 *
 * Everything here happens in input order on one thread, so that what is found does not depend on
 * the number of workers.  settle.c does what only the whole tells. */
#include "detect/engine.h"

#include "attack/tags.h"
#include "base/hash.h"
#include "base/limits.h"
#include "decode/formats.h"
#include "detect/engine_int.h"

#include <stdlib.h>

enum { STOPS_MAX = 64 };

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
}

/* --- what the rules are to the chain --- */

static void
signature_of(const struct tcs_doc *doc, struct tcs_arena *a, struct tcs_signature *ret)
{
    *ret = (struct tcs_signature){
        .id = doc->id.n ? doc->id : doc->path, .title = doc->title, .level = doc->level};
    ret->techniques = tcs_base_arena_array(a, doc->ntags + 1u, sizeof *ret->techniques);
    for (uint32_t i = 0; ret->techniques && i < doc->ntags; i++) {
        char id[16];
        if (tcs_attack_tag_technique(doc->tags[i], id))
            ret->techniques[ret->ntechniques++] = tcs_base_arena_str(a, tcs_base_str_of(id));
    }
}

static int
take_rules(struct tcs_engine *e, struct tcs_err *err)
{
    uint32_t ncorrs;
    e->book = tcs_detect_rulebook(e->detector);
    e->rules = tcs_detect_rulebook_rules(e->book, &e->nrules);
    (void)tcs_detect_rulebook_correlations(e->book, &ncorrs);
    e->nall = e->nrules + ncorrs;
    tcs_base_arena_reset(e->rule_arena);
    e->signature = tcs_base_arena_array(e->rule_arena, e->nall + 1u, sizeof *e->signature);
    e->rule_hash = tcs_base_arena_array(e->rule_arena, e->nall + 1u, sizeof *e->rule_hash);
    if (tcs_base_arena_failed(e->rule_arena))
        return no_memory(err);
    for (uint32_t i = 0; i < e->nall; i++) {
        signature_of(&e->rules[i].doc, e->rule_arena, &e->signature[i]);
        e->rule_hash[i] = tcs_base_hash_str(e->signature[i].id);
    }
    return tcs_base_arena_failed(e->rule_arena) ? no_memory(err) : 0;
}

static int
begin_chain(struct tcs_engine *e, struct tcs_err *err)
{
    struct tcs_str stops[STOPS_MAX];
    struct tcs_chain_opts opts = {
        .stop = stops, .profiles = e->opts.profiles, .nprofiles = e->opts.nprofiles};
    for (; opts.nstop < e->opts.stops.n && opts.nstop < STOPS_MAX; opts.nstop++)
        stops[opts.nstop] = tcs_base_str_of(e->opts.stops.at[opts.nstop]);
    tcs_chain_free(e->chain);
    e->chain = tcs_chain_new(&opts);
    if (!e->chain)
        return no_memory(err);
    /* a store may have an older word of a rule: the first that the chain is told stays */
    for (uint32_t i = 0; e->opts.state && i < e->nall; i++)
        if (tcs_chain_signature(e->chain, &e->signature[i]) == UINT32_MAX)
            return no_memory(err);
    return 0;
}

int
detect_engine_begin(struct tcs_engine *e, struct tcs_err *err)
{
    int r = e->settled && e->store ? tcs_store_begin(e->store, err) : 0;
    if (r == 0 && e->opts.incidents)
        r = begin_chain(e, err);
    tcs_detect_correlating_free(e->correlating);
    e->correlating = tcs_detect_correlating_new(e->book, e->store);
    e->settled = e->settled && r < 0;
    return r < 0 || e->correlating ? r : no_memory(err);
}

/* --- making and ending --- */

int
detect_engine_kept(struct tcs_engine *e, int r, struct tcs_err *err)
{
    if (r >= 0 || err->code == TCS_ENOMEM)
        return r;
    e->unkept = *err;
    e->store = NULL; /* what was put is never committed */
    if (e->correlating)
        tcs_detect_correlating_alone(e->correlating);
    return TCS_STORE_NEW;
}

static int
open_store(struct tcs_engine *e, const char *state, struct tcs_err *err)
{
    uint8_t content[TCS_DETECT_CONTENT];
    tcs_detect_content(e->detector, content);
    int r = tcs_detect_positions_open(state, content, &e->positions, err);
    e->store = tcs_detect_positions_store(e->positions);
    if (r == 0 && e->opts.derive == TCS_DERIVE_IMAGE)
        tcs_store_image_always(e->store);
    if (r == 0 || !tcs_store_refused(err))
        return r;
    e->unkept = *err;
    return 0;
}

int
tcs_detect_engine_keep(struct tcs_engine *e, const char *state, struct tcs_err *err)
{
    int r = open_store(e, state, err);
    e->opts.incidents = true; /* what is kept are incidents too */
    return r < 0 ? r : detect_engine_begin(e, err);
}

static int
open_engine(struct tcs_engine *e, struct tcs_err *err)
{
    e->rule_arena = tcs_base_arena_new(0);
    e->was_arena = tcs_base_arena_new(0);
    e->logs = tcs_detect_logs_new();
    if (!e->rule_arena || !e->was_arena || !e->logs)
        return no_memory(err);
    int r = take_rules(e, err);
    if (r == 0 && e->opts.state)
        r = open_store(e, e->opts.state, err);
    return r < 0 ? r : detect_engine_begin(e, err);
}

int
tcs_detect_engine_new(const struct tcs_engine_opts *opts, struct tcs_engine **ret,
                      struct tcs_err *err)
{
    struct tcs_engine *e = calloc(1, sizeof *e);
    if (!e)
        return no_memory(err);
    pthread_mutex_init(&e->lock, NULL);
    e->opts = *opts;
    e->opts.incidents = opts->incidents || opts->state; /* what is kept are incidents too */
    if (opts->outlet)
        e->outlet = *opts->outlet;
    tcs_detect_engine_limit(e, &(struct tcs_engine_limits){0});
    e->detector = tcs_detect_ref(opts->detector);
    e->next = tcs_detect_ref(opts->detector);
    int r = open_engine(e, err);
    if (r < 0)
        tcs_detect_engine_free(e);
    else
        *ret = e;
    return r;
}

void
tcs_detect_engine_free(struct tcs_engine *e)
{
    if (!e)
        return;
    tcs_detect_correlating_free(e->correlating);
    tcs_chain_free(e->chain);
    tcs_detect_positions_close(e->positions);
    tcs_detect_seen_done(&e->seen);
    tcs_detect_seen_done(&e->live);
    tcs_detect_seen_done(&e->carved);
    tcs_detect_repeats_done(&e->repeats);
    tcs_detect_logs_free(e->logs);
    tcs_base_arena_free(e->rule_arena);
    tcs_base_arena_free(e->was_arena);
    tcs_detect_unref(e->detector);
    tcs_detect_unref(e->next);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

void
tcs_detect_engine_limit(struct tcs_engine *e, const struct tcs_engine_limits *limits)
{
    uint32_t sightings = limits->sightings ? limits->sightings : TCS_SIGHTINGS_MAX;
    e->seen.max = limits->seen / 2; /* of one half; 0: the set's own */
    e->repeats.max = limits->repeats;
    e->live.max = e->carved.max = sightings / 2;
}

/* --- which detector --- */

void
tcs_detect_engine_swap(struct tcs_engine *e, struct tcs_detector *d)
{
    pthread_mutex_lock(&e->lock);
    struct tcs_detector *old = e->next;
    e->next = tcs_detect_ref(d);
    pthread_mutex_unlock(&e->lock);
    tcs_detect_unref(old);
}

static struct tcs_detector *
next_detector(void *ctx)
{
    struct tcs_engine *e = ctx;
    pthread_mutex_lock(&e->lock);
    struct tcs_detector *d = tcs_detect_ref(e->next);
    pthread_mutex_unlock(&e->lock);
    return d;
}

static void
detector_done(void *ctx, struct tcs_detector *d)
{
    (void)ctx;
    tcs_detect_unref(d);
}

static int
put_batch(void *ctx, struct tcs_batch *b, struct tcs_err *err)
{
    return tcs_detect_engine_put(ctx, b, err);
}

/* Numbers of a batch that choose something of the detector's. */
static bool
is_sane(void *ctx, const struct tcs_batch *b)
{
    const struct tcs_engine *e = ctx;
    const struct tcs_corrplan *plan = tcs_detect_rulebook_corrplan(e->book);
    uint32_t n;
    for (uint32_t i = 0; i < b->nfindings; i++)
        if (b->findings[i].rule != TCS_BATCH_ALERT && b->findings[i].rule >= e->nrules)
            return false;
    for (uint32_t i = 0; i < b->nmatches; i++) {
        const struct tcs_corr_match *m = &b->matches[i].match;
        if (m->rule >= e->nrules || !tcs_correlate_plan_reads(plan, m->rule))
            return false;
        (void)tcs_correlate_plan_fields(plan, m->rule, &n);
        if (m->nvalues != n)
            return false;
    }
    return true;
}

struct tcs_job
tcs_detect_engine_job(struct tcs_engine *e, unsigned threads)
{
    return (struct tcs_job){.ctx = e,
                            .threads = threads,
                            .formats = tcs_decode_formats,
                            .detector = next_detector,
                            .detector_done = detector_done,
                            .worker_new = detect_worker_new,
                            .worker_free = detect_worker_free,
                            .begin = detect_worker_begin,
                            .want = detect_worker_want,
                            .event = detect_worker_event,
                            .sane = is_sane,
                            .put = put_batch};
}

const struct tcs_inputs_memory *
tcs_detect_engine_memory(const struct tcs_engine *e)
{
    return tcs_detect_positions_memory(e->positions);
}

struct tcs_positions *
tcs_detect_engine_positions(const struct tcs_engine *e)
{
    return e->positions;
}

/* The batch was made by another detector than those before: what those began is brought to its
 * end. */
static int
follow(struct tcs_engine *e, struct tcs_detector *d, struct tcs_err *err)
{
    if (!d || d == e->detector)
        return 0;
    int r = e->settled ? 0 : tcs_detect_engine_settle(e, NULL, false, err);
    if (r < 0)
        return r;
    tcs_detect_correlating_free(e->correlating); /* it leans on the old one's rules */
    e->correlating = NULL;
    tcs_detect_unref(e->detector);
    e->detector = tcs_detect_ref(d);
    if (e->positions) {
        uint8_t content[TCS_DETECT_CONTENT];
        tcs_detect_content(d, content);
        tcs_detect_positions_content(e->positions, content);
    }
    r = take_rules(e, err);
    return r < 0 ? r : detect_engine_begin(e, err);
}

/* --- which record --- */

/* The log's own among so many carved ones. */
static int
count_copies_of(struct tcs_engine *e, const uint64_t *hashes, uint32_t n, struct tcs_err *err)
{
    for (uint32_t i = 0; i < n; i++) {
        int r = hashes[i] ? tcs_detect_seen_add(&e->live, hashes[i]) : 1;
        if (r < 0)
            return no_memory(err);
        e->stats.carved_copies += r == 0;
    }
    return 0;
}

int
detect_engine_count_copies(struct tcs_engine *e, struct tcs_err *err)
{
    int r = count_copies_of(e, e->carved.before, e->carved.before_slots, err);
    if (r == 0)
        r = count_copies_of(e, e->carved.now, e->carved.now_slots, err);
    if (r < 0)
        return r;
    e->stats.forgotten += e->live.forgotten + e->carved.forgotten;
    tcs_detect_seen_done(&e->live);
    tcs_detect_seen_done(&e->carved);
    return 0;
}

static int
end_source(struct tcs_engine *e, struct tcs_err *err)
{
    e->stats.forgotten += e->repeats.forgotten;
    e->repeats.forgotten = 0;
    tcs_detect_repeats_clear(&e->repeats);
    return detect_engine_count_copies(e, err);
}

static int
begin_source(struct tcs_engine *e, const struct tcs_batch *b, struct tcs_err *err)
{
    int r = end_source(e, err);
    e->origin = b->origin;
    return r < 0 ? r : tcs_detect_positions_recall(e->positions, b, &e->repeats, err);
}

static int
sight(struct tcs_engine *e, const struct tcs_batch *b, struct tcs_err *err)
{
    for (uint32_t i = 0; i < b->nsightings; i++) {
        const struct tcs_batch_sighting *s = &b->sightings[i];
        int r = tcs_detect_seen_add(s->carved ? &e->carved : &e->live, s->hash);
        if (r < 0)
            return no_memory(err);
        e->stats.carved_copies += s->carved && r == 0;
    }
    return 0;
}

/* Records that only their bytes tell apart get their number among equals. */
static int
count_records(struct tcs_engine *e, struct tcs_batch *b, struct tcs_err *err)
{
    uint64_t nth;
    for (uint32_t i = 0; i < b->nrecords; i++) {
        if (i == b->nrecords - b->ntorn) {
            int r = tcs_detect_positions_torn(e->positions, &b->position, &e->repeats, err);
            if (r < 0)
                return r;
        }
        if (!b->records[i].uncounted)
            continue;
        if (tcs_detect_repeats_next(&e->repeats, &b->records[i], 1, &nth) < 0)
            return no_memory(err);
        b->records[i] = tcs_identity_key_count(b->records[i], nth);
    }
    return 0;
}

/* 1 (TCS_STORE_NEW): this run has not met it; 0: it has. */
static int
meet(struct tcs_engine *e, const struct tcs_key *record, uint64_t said_by, struct tcs_err *err)
{
    int r =
        tcs_detect_seen_add(&e->seen, tcs_base_hash_mix(tcs_identity_key_hash(record), said_by));
    return r < 0 ? no_memory(err) : r;
}

/* --- what is said of records --- */

static int
put_hosts(struct tcs_engine *e, const struct tcs_batch *b, struct tcs_err *err)
{
    int r = 0;
    e->stats.hosts_dropped += b->hosts_dropped;
    for (uint32_t i = 0; r == 0 && i < b->nhosts; i++) {
        const struct tcs_batch_host *h = &b->hosts[i];
        if (e->store)
            r = detect_engine_kept(
                e, tcs_store_host_seen_put(e->store, h->name, h->first, h->last, err), err);
        if (r >= 0)
            r = tcs_chain_host_seen(
                e->chain, &(struct tcs_host_seen){h->name, b->origin->path, h->first, h->last},
                err);
    }
    return r;
}

static int
put_observations(struct tcs_engine *e, const struct tcs_batch *b, struct tcs_err *err)
{
    int r = 0;
    for (uint32_t i = 0; r >= 0 && i < b->nobservations; i++) {
        struct tcs_observation *o = &b->observations[i].observation;
        o->evidence.key = b->records[b->observations[i].record];
        r = e->store ? detect_engine_kept(e, tcs_store_observation_put(e->store, o, err), err)
                     : TCS_STORE_NEW;
        if (r == TCS_STORE_NEW)
            r = tcs_chain_observe(e->chain, o, err);
    }
    return r < 0 ? r : 0;
}

static int
put_matches(struct tcs_engine *e, const struct tcs_batch *b, struct tcs_err *err)
{
    int r = 0;
    for (uint32_t i = 0; r >= 0 && i < b->nmatches; i++) {
        struct tcs_batch_match *m = &b->matches[i];
        m->evidence.key = b->records[m->record];
        r = meet(e, &m->evidence.key, ~e->rule_hash[m->match.rule], err);
        if (r != 1)
            continue;
        r = tcs_detect_correlating_push(e->correlating, m, b->origin, err);
        if (r < 0 && e->store && detect_engine_kept(e, r, err) >= 0)
            r = tcs_detect_correlating_push(e->correlating, m, b->origin, err);
    }
    return r < 0 ? r : 0;
}

/* As meet.  A copy of a record may have what another copy lacks: after a finding that could not be
 * checked, one of the same that could is met for the first time too. */
static int
meet_finding(struct tcs_engine *e, const struct tcs_finding *f, uint64_t said_by,
             struct tcs_err *err)
{
    enum { DOUBTED = 1, SETTLED };
    const struct tcs_key *record = &f->evidence.key;
    const uint64_t doubted = tcs_base_hash_mix(said_by, DOUBTED);
    const bool certain = !(f->flags & TCS_FINDING_UNCHECKED);
    int r = meet(e, record, said_by, err);
    if (r == 1 && !certain && meet(e, record, doubted, err) < 0)
        return -err->code;
    if (r != 0 || !certain ||
        !tcs_detect_seen_has(&e->seen, tcs_base_hash_mix(tcs_identity_key_hash(record), doubted)))
        return r;
    return meet(e, record, tcs_base_hash_mix(said_by, SETTLED), err);
}

/* To store and chain.  *is_new: nobody knew it. */
static int
keep_finding(struct tcs_engine *e, const struct tcs_batch_finding *f, bool *is_new,
             struct tcs_err *err)
{
    bool alert = f->rule == TCS_BATCH_ALERT;
    const struct tcs_signature *sig = alert ? &f->alert : &e->signature[f->rule];
    struct tcs_finding own = f->finding;
    int r = meet_finding(e, &own, alert ? tcs_base_hash_str(sig->id) : e->rule_hash[f->rule], err);
    e->stats.repeated += r == 0;
    if (r == 1 && e->store) {
        r = detect_engine_kept(e, tcs_store_detection_put(e->store, sig, &own, err), err);
        e->stats.known += r == TCS_STORE_KNOWN;
        e->stats.beyond += r == TCS_STORE_BEYOND;
    }
    *is_new = r > 0;
    if (r != TCS_STORE_NEW || !e->chain)
        return r < 0 ? r : 0;
    own.signature = tcs_chain_signature(e->chain, sig);
    return own.signature == UINT32_MAX ? no_memory(err) : tcs_chain_detect(e->chain, &own, err);
}

static int
put_findings(struct tcs_engine *e, const struct tcs_batch *b, struct tcs_err *err)
{
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < b->nfindings; i++) {
        struct tcs_batch_finding *f = &b->findings[i];
        bool alert = f->rule == TCS_BATCH_ALERT;
        f->finding.evidence.key = b->records[f->record];
        struct tcs_outlet_finding told = {
            .finding = &f->finding,
            .rule = alert ? NULL : &e->rules[f->rule],
            .nr = f->rule,
            .alert = alert ? &f->alert : NULL,
            .tool = f->tool,
            .origin = b->origin,
            .bytes = tcs_base_str_slice(tcs_base_buf_view(&b->out), f->from, f->to)};
        r = keep_finding(e, f, &told.is_new, err);
        e->stats.findings += told.is_new;
        if (r == 0 && e->outlet.finding)
            r = e->outlet.finding(e->outlet.ctx, &told, err);
    }
    return r;
}

int
tcs_detect_engine_put(struct tcs_engine *e, struct tcs_batch *b, struct tcs_err *err)
{
    int r = follow(e, b->detector, err);
    if (r == 0 && e->settled)
        r = detect_engine_begin(e, err);
    if (r == 0 && b->origin && b->origin != e->origin)
        r = begin_source(e, b, err);
    if (r == 0 && !tcs_detect_logs_add(e->logs, b))
        r = no_memory(err);
    if (r == 0)
        r = sight(e, b, err);
    if (r == 0)
        r = count_records(e, b, err);
    if (r == 0)
        r = put_matches(e, b, err);
    if (r == 0 && e->chain)
        r = put_hosts(e, b, err);
    if (r == 0 && e->chain)
        r = put_observations(e, b, err);
    if (r == 0)
        r = put_findings(e, b, err);
    e->reached = b->position;
    return r < 0 ? r : tcs_detect_positions_reached(e->positions, &b->position, &e->repeats, err);
}

/* --- what is told --- */

struct tcs_engine_stats
tcs_detect_engine_stats(const struct tcs_engine *e)
{
    struct tcs_engine_stats s = e->stats;
    s.forgotten += e->seen.forgotten;
    return s;
}

const struct tcs_err *
tcs_detect_engine_unkept(const struct tcs_engine *e)
{
    return e->unkept.code ? &e->unkept : NULL;
}

struct tcs_logs *
tcs_detect_engine_logs(const struct tcs_engine *e)
{
    return e->logs;
}

const struct tcs_detector *
tcs_detect_engine_detector(const struct tcs_engine *e)
{
    return e->detector;
}

const struct tcs_incident *
tcs_detect_engine_incidents(const struct tcs_engine *e, uint32_t *n)
{
    *n = 0;
    return e->chain && e->settled ? tcs_chain_incidents(e->chain, n) : NULL;
}

const struct tcs_chain_stats *
tcs_detect_engine_chain(const struct tcs_engine *e)
{
    return e->chain ? tcs_chain_stats(e->chain) : NULL;
}

const struct tcs_left_out *
tcs_detect_engine_left_out(const struct tcs_engine *e, uint32_t *n)
{
    *n = 0;
    return e->chain ? tcs_chain_left_out(e->chain, n) : NULL;
}

const struct tcs_correlating *
tcs_detect_engine_correlating(const struct tcs_engine *e)
{
    return e->correlating;
}
