/* detect/worker.c - what a worker does with the events of a block: match, say who they are
 * about, and copy what outlives the block into its batch. */
#include "base/grow.h"
#include "base/hash.h"
#include "base/limits.h"
#include "detect/engine_int.h"
#include "detect/filter.h"

#include <stdlib.h>

/* A worker's own: a detector in use, and scratch memory. */
struct scanner {
    struct tcs_detector *detector;
    struct tcs_scan *scan;
    struct tcs_alert_reader *alerts;
    struct tcs_arena *scratch;
    void *writer;           /* the outlet's */
    struct tcs_alert alert; /* of one call: on the stack it would be zeroed for each event */
    bool observes;          /* the record whose header was seen last may tell identity */
};

/* One event, looked at as far as somebody asks. */
struct look {
    struct tcs_worker *w;
    struct scanner *s;
    const struct tcs_engine *e;
    const struct tcs_event *ev;
    struct tcs_identity who;
    struct tcs_evidence evidence;
    uint32_t record; /* index in the batch */
    bool known;      /* who and evidence are filled in, and the batch has the record */
};

static void
drop_detector(struct tcs_engine *e, struct scanner *s)
{
    tcs_sigma_scan_free(s->scan);
    tcs_alertmap_reader_free(s->alerts);
    if (s->writer)
        e->outlet.writer_free(s->writer);
    tcs_detect_unref(s->detector);
    s->scan = NULL;
    s->alerts = NULL;
    s->writer = NULL;
    s->detector = NULL;
}

void *
detect_worker_new(void *ctx)
{
    (void)ctx;
    struct scanner *s = calloc(1, sizeof *s);
    if (s && (s->scratch = tcs_base_arena_new(0)))
        return s;
    free(s);
    return NULL;
}

void
detect_worker_free(void *ctx, void *own)
{
    struct scanner *s = own;
    drop_detector(ctx, s);
    tcs_base_arena_free(s->scratch);
    free(s);
}

const struct tcs_decode_opts *
detect_worker_begin(struct tcs_worker *w)
{
    struct scanner *s = w->own;
    struct tcs_engine *e = w->job->ctx;
    struct tcs_detector *d = w->batch->detector;
    if (s->detector == d)
        return tcs_detect_decoding(d);
    drop_detector(e, s);
    s->detector = tcs_detect_ref(d);
    s->scan = tcs_sigma_scan_new(tcs_detect_rulebook_set(tcs_detect_rulebook(d)));
    s->alerts = tcs_alertmap_reader_new(tcs_detect_alertmap(d), false);
    if (e->outlet.writer_new)
        s->writer = e->outlet.writer_new(e->outlet.ctx, d);
    if (s->scan)
        tcs_sigma_scan_stop_when(s->scan, tcs_detect_run_stopped, w);
    bool good = s->scan && s->alerts && (s->writer || !e->outlet.writer_new);
    return good ? tcs_detect_decoding(d) : NULL;
}

static void
sight(struct tcs_batch *b, const struct tcs_event *head)
{
    if (!(head->flags & TCS_EVENT_NUMBERED) ||
        !tcs_detect_batch_room(b, &b->sightings, &b->cap_sightings, b->nsightings, 1,
                               sizeof *b->sightings))
        return;
    b->sightings[b->nsightings++] =
        (struct tcs_batch_sighting){tcs_base_hash_mix(head->record_id, (uint64_t)head->time),
                                    (head->flags & TCS_EVENT_CARVED) != 0};
}

unsigned
detect_worker_want(void *ctx, const struct tcs_event *head)
{
    struct tcs_worker *w = ctx;
    struct scanner *s = w->own;
    const struct tcs_engine *e = w->job->ctx;
    const struct tcs_detect_opts *opts = tcs_detect_options(s->detector);
    if (opts->hosts.n)
        tcs_base_arena_reset(s->scratch);
    if (!tcs_detect_filter_wants(opts, head, s->scratch)) {
        w->batch->passed_over++;
        return TCS_WANT_NOTHING;
    }
    if (opts->carve)
        sight(w->batch, head);
    tcs_detect_batch_host(w->batch, &head->computer, head->time);
    bool alerts = tcs_alertmap_wants(tcs_detect_alertmap(s->detector), head);
    tcs_detect_batch_log(w->batch, head, head->product.n || alerts);
    s->observes = e->opts.incidents && tcs_identity_wants(head);
    bool wanted = s->observes || alerts || tcs_sigma_scan_want(s->scan, head);
    return wanted ? TCS_WANT_FIELDS : TCS_WANT_NOTHING;
}

/* Makes the event's identity, once, and gives its record a number in the batch. */
static bool
know(struct look *l)
{
    struct tcs_batch *b = l->w->batch;
    if (l->known)
        return true;
    if (!tcs_detect_batch_room(b, &b->records, &b->cap_records, b->nrecords, 1, sizeof *b->records))
        return false;
    tcs_identity_of(tcs_detect_identity(l->s->detector), l->ev, b->arena, &l->who);
    l->evidence = tcs_identity_evidence(l->ev, b->arena);
    tcs_identity_keep(&l->who, b->arena);
    tcs_identity_evidence_keep(&l->evidence, b->arena);
    l->record = b->nrecords;
    b->records[b->nrecords++] = l->evidence.key;
    b->ntorn += b->position.torn && l->ev->offset >= b->position.torn;
    l->known = true;
    return true;
}

static struct tcs_batch_finding *
add_finding(struct look *l)
{
    struct tcs_batch *b = l->w->batch;
    const struct tcs_event *ev = l->ev;
    if (!know(l) || !tcs_detect_batch_room(b, &b->findings, &b->cap_findings, b->nfindings, 1,
                                           sizeof *b->findings))
        return NULL;
    struct tcs_batch_finding *f = &b->findings[b->nfindings++];
    *f = (struct tcs_batch_finding){
        .finding = {.time = ev->time,
                    .first = ev->time,
                    .count = 1,
                    .flags = ev->flags & TCS_EVENT_CARVED ? TCS_FINDING_CARVED : 0,
                    .who = l->who,
                    .evidence = l->evidence},
        .record = l->record,
        .from = (uint32_t)b->out.n,
        .to = (uint32_t)b->out.n,
    };
    return f;
}

static bool
in_span(const struct tcs_detect_opts *o, int64_t time)
{
    return time == TCS_TIME_NONE || ((o->from == TCS_TIME_NONE || time >= o->from) &&
                                     (o->to == TCS_TIME_NONE || time < o->to));
}

/* An event that is another tool's alert. */
static void
alert(struct look *l)
{
    struct tcs_alert *a = &l->s->alert;
    struct tcs_batch *b = l->w->batch;
    const struct tcs_detect_opts *opts = tcs_detect_options(l->s->detector);
    if (!tcs_alertmap_apply(l->s->alerts, l->ev, b->arena, a))
        return; /* the arena's failure is seen by the run */
    /* the map may know another time than the decoder did */
    if (!in_span(opts, a->time) || a->signature.level < opts->rules.level)
        return;
    struct tcs_batch_finding *f = add_finding(l);
    if (!f)
        return;
    f->rule = TCS_BATCH_ALERT;
    f->alert = a->signature;
    f->tool = a->tool;
    f->finding.time = f->finding.first = a->time;
    f->finding.flags = (uint8_t)(TCS_FINDING_ALERT | (a->novel ? TCS_FINDING_NOVEL : 0));
    f->finding.who = a->who;
    f->finding.evidence.channel = (struct tcs_str){0};
    f->finding.evidence.event_id = TCS_EVENT_ID_NONE;
    if (l->e->outlet.write_alert && !l->e->outlet.write_alert(l->s->writer, f, &b->out))
        b->no_memory = true;
    f->to = (uint32_t)b->out.n;
}

static void
observe(struct look *l)
{
    struct tcs_batch *b = l->w->batch;
    if (!l->s->observes || !know(l) ||
        !tcs_detect_batch_room(b, &b->observations, &b->cap_observations, b->nobservations, 1,
                               sizeof *b->observations))
        return;
    struct tcs_batch_observation *o = &b->observations[b->nobservations];
    if (!tcs_identity_observe(l->ev, &l->who, &o->observation))
        return;
    o->observation.evidence = l->evidence;
    o->record = l->record;
    b->nobservations++;
}

/* A match that correlations read. */
static void
keep_match(struct look *l, const struct tcs_sigma_match *match)
{
    struct tcs_batch *b = l->w->batch;
    const struct tcs_rulebook *book = tcs_detect_rulebook(l->s->detector);
    if (!know(l) ||
        !tcs_detect_batch_room(b, &b->matches, &b->cap_matches, b->nmatches, 1, sizeof *b->matches))
        return;
    struct tcs_batch_match *m = &b->matches[b->nmatches++];
    *m = (struct tcs_batch_match){
        .evidence = l->evidence,
        .host = l->who.host,
        .account = tcs_identity_account_text(tcs_identity_account(&l->who), b->arena),
        .subject = tcs_identity_account_text(tcs_identity_subject(&l->who), b->arena),
        .source_ip = tcs_identity_source(&l->who),
        .record = l->record,
        .flags = (uint8_t)((l->ev->flags & TCS_EVENT_CARVED) |
                           (match->nunchecked ? TCS_MATCH_UNCHECKED : 0)),
        .about_target = (tcs_identity_traits(l->who.activity) & TCS_TRAIT_ABOUT_TARGET) != 0,
    };
    tcs_correlate_extract(tcs_detect_rulebook_corrplan(book), l->ev, match, b->arena, &m->match);
    /* the texts may still be the event's */
    struct tcs_str *own = tcs_base_arena_array(b->arena, m->match.nvalues + 1u, sizeof *own);
    for (uint32_t i = 0; own && i < m->match.nvalues; i++)
        if (m->match.values[i].n)
            own[i] = tcs_base_arena_str(b->arena, m->match.values[i]);
    m->match.values = own;
    if (!own)
        m->match.nvalues = 0; /* the arena's failure is seen by the run */
}

/* What could not be checked, in the batch's memory. */
static void
mark_unchecked(struct tcs_batch *b, const struct tcs_sigma_match *match, struct tcs_finding *f)
{
    struct tcs_buf text = {0};
    if (!match->nunchecked)
        return;
    tcs_sigma_unchecked_text(match->unchecked, match->nunchecked, &text);
    f->flags |= TCS_FINDING_UNCHECKED;
    f->unchecked = tcs_base_arena_str(
        b->arena, tcs_base_str_slice(tcs_base_buf_view(&text), 0, TCS_IDENTITY_TEXT_MAX));
    b->no_memory |= text.failed;
    tcs_base_buf_done(&text);
}

static void
find(struct look *l, const struct tcs_sigma_match *match, bool first)
{
    struct tcs_batch *b = l->w->batch;
    struct tcs_batch_finding *f = add_finding(l);
    if (!f)
        return;
    f->rule = match->rule;
    mark_unchecked(b, match, &f->finding);
    if (l->e->outlet.write_match &&
        !l->e->outlet.write_match(l->s->writer, l->ev, &l->who, match, first, &b->out))
        b->no_memory = true;
    f->to = (uint32_t)b->out.n;
}

static void
note(const struct look *l, enum tcs_cause cause, const char *msg)
{
    const struct tcs_problem p = {
        .cause = cause, .offset = l->ev->offset, .record = true, .msg = msg};
    tcs_detect_notes_add(&l->w->batch->notes, l->ev->origin, &p);
}

/* Rules that match, of which the number is returned.  What they could not look at is noted. */
static uint32_t
scan(const struct look *l, const struct tcs_sigma_match **ret)
{
    const struct tcs_scan_stats *now = tcs_sigma_scan_stats(l->s->scan), before = *now;
    const uint32_t n = tcs_sigma_scan_event(l->s->scan, l->ev, ret);
    if (now->cut_values != before.cut_values)
        note(l, TCS_CAUSE_VALUE_CUT,
             "a very long value or list was matched on its first part only");
    if (now->regex_limit != before.regex_limit)
        note(l, TCS_CAUSE_REGEX, "a regular expression took too long and was given up");
    return n;
}

void
detect_worker_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_worker *w = ctx;
    const struct tcs_sigma_match *matches;
    struct look l = {.w = w, .s = w->own, .e = w->job->ctx, .ev = ev};
    const struct tcs_rulebook *book = tcs_detect_rulebook(l.s->detector);
    const struct tcs_corrplan *plan = tcs_detect_rulebook_corrplan(book);
    bool first = true;
    alert(&l);
    uint32_t n = scan(&l, &matches);
    observe(&l);
    for (uint32_t i = 0; i < n; i++) {
        if (matches[i].nunchecked && tcs_detect_options(l.s->detector)->hide_unchecked)
            continue;
        if (tcs_correlate_plan_reads(plan, matches[i].rule))
            keep_match(&l, &matches[i]);
        if (!tcs_detect_rulebook_alerts(book, matches[i].rule))
            continue;
        find(&l, &matches[i], first);
        first = false;
    }
    if (w->batch->out.n > UINT32_MAX)
        w->batch->no_memory = true; /* more than 4 GiB of one block */
}
