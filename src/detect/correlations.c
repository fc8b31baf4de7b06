/* detect/correlations.c - from hits to correlated findings.
 *
 * Of every match some 60 bytes are kept until the end, names as numbers, because only then is it
 * known which ones a result names.  Everything is sorted before it is judged, so the order of the
 * inputs, how they were spread over runs and the number of threads make no difference. */
#include "detect/correlations.h"

#include "base/limits.h"
#include "base/map.h"

#include <stdlib.h>

enum { TEXTS_MAX = 4 << 20 };

struct record {
    const struct tcs_origin *origin;
    uint64_t record_id, offset;
    int64_t time;
    uint32_t event_id, rule;
    uint32_t host, account, subject, source_ip, channel; /* texts; 0: none */
    struct tcs_key key;
    uint8_t flags;
    bool about_target, now; /* now: this run read it */
};

struct tcs_correlations {
    const struct tcs_rulebook *book;
    const struct tcs_rule *rules;
    uint32_t nrules;
    struct tcs_correlate *run; /* NULL: no correlation runs */
    struct tcs_arena *arena;
    struct tcs_map text_of;
    struct tcs_str *texts;
    uint32_t ntexts, cap_texts;
    struct record *records;
    size_t nrecords, cap_records;
    uint32_t max_texts;
    uint64_t dropped, unused, nameless;
    const struct tcs_corr_keeper *keeper; /* NULL: nothing is kept */
    struct tcs_buf packed;
    struct tcs_arena *scratch;   /* of the match in hand that comes back */
    struct tcs_map rule_of;      /* what the store knows it by -> its number */
    struct tcs_map origin_of;    /* path -> index */
    struct tcs_origin **origins; /* of matches that came back */
    uint32_t norigins, cap_origins;
    int64_t after;           /* INT64_MIN: all that earlier runs kept is there */
    struct tcs_map found_of; /* id -> index */
    struct tcs_corr_found *found;
    uint32_t nfound, cap_found;
    bool failed;
};

static void
on_result(void *ctx, const struct tcs_corr_result *r)
{
    struct tcs_correlations *c = ctx;
    struct tcs_str id =
        tcs_arena_str(c->arena, (struct tcs_str){(const char *)&r->id, sizeof r->id});
    uint32_t i = tcs_map_intern(&c->found_of, id, c->nfound);
    if (i == TCS_MAP_NONE || tcs_arena_failed(c->arena) ||
        (i == c->nfound &&
         !tcs_arena_grow(c->arena, &c->found, c->nfound, &c->cap_found, sizeof *c->found))) {
        c->failed = true;
        return;
    }
    c->nfound += i == c->nfound;
    struct tcs_corr_found *f = &c->found[i];
    int64_t held = r->update ? f->held : r->last;
    *f = (struct tcs_corr_found){.id = r->id,
                                 .held = held,
                                 .corr = r->corr,
                                 .rule = c->nrules + r->corr,
                                 .first = r->first,
                                 .last = r->last,
                                 .count = r->count,
                                 .value = r->value,
                                 .approximate = r->approximate,
                                 .fields = r->fields,
                                 .nvalues = r->nvalues,
                                 .nrefs = r->nrefs};
    f->values = tcs_arena_array(c->arena, r->nvalues + 1, sizeof *f->values);
    f->refs = tcs_arena_array(c->arena, r->nrefs + 1, sizeof *f->refs);
    if (!f->values || !f->refs) {
        c->failed = true;
        return;
    }
    for (uint32_t k = 0; k < r->nvalues; k++)
        f->values[k] = tcs_arena_str(c->arena, r->values[k]);
    memcpy(f->refs, r->refs, r->nrefs * sizeof *f->refs);
}

/* What a rule is known by in the store.  One that a correlation reads has an id or a name. */
static struct tcs_str
known_as(const struct tcs_doc *doc)
{
    return doc->id.n ? doc->id : doc->name;
}

static bool
name_rules(struct tcs_correlations *c)
{
    const struct tcs_corrplan *plan = tcs_rulebook_corrplan(c->book);
    for (uint32_t i = 0; i < c->nrules; i++)
        if (tcs_corrplan_reads(plan, i) &&
            tcs_map_put(&c->rule_of, known_as(&c->rules[i].doc), i) < 0)
            return false;
    return true;
}

struct tcs_correlations *
tcs_correlations_new(const struct tcs_rulebook *book)
{
    struct tcs_correlations *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    const struct tcs_corr_opts opts = {.lateness = INT64_MAX, .result = on_result, .ctx = c};
    c->book = book;
    c->rules = tcs_rulebook_rules(book, &c->nrules);
    c->after = INT64_MIN;
    c->max_texts = TEXTS_MAX;
    c->arena = tcs_arena_new(0);
    c->scratch = tcs_arena_new(0);
    c->run = tcs_correlate_new(tcs_rulebook_corrplan(book), &opts);
    if (c->arena && c->scratch && c->run && name_rules(c))
        return c;
    tcs_correlations_free(c);
    return NULL;
}

void
tcs_correlations_free(struct tcs_correlations *c)
{
    if (!c)
        return;
    tcs_correlate_free(c->run);
    tcs_map_done(&c->text_of);
    tcs_map_done(&c->found_of);
    tcs_map_done(&c->rule_of);
    tcs_map_done(&c->origin_of);
    tcs_buf_done(&c->packed);
    tcs_arena_free(c->scratch);
    tcs_arena_free(c->arena);
    free(c->records);
    free(c);
}

/* --- on the workers' threads --- */

static bool
room(struct tcs_result *r)
{
    if (r->nmatches < r->cap_matches)
        return true;
    size_t cap = r->cap_matches ? r->cap_matches * 2 : 64;
    struct tcs_corr_kept *p = reallocarray(r->matches, cap, sizeof *p);
    if (!p) {
        r->no_memory = true;
        return false;
    }
    r->matches = p;
    r->cap_matches = cap;
    return true;
}

static void
keep(const struct tcs_correlations *c, struct tcs_result *r, const struct tcs_event *ev,
     const struct tcs_hit *hit, const struct tcs_identity *who)
{
    if (!room(r))
        return;
    struct tcs_corr_kept *k = &r->matches[r->nmatches++];
    *k = (struct tcs_corr_kept){0};
    tcs_corr_extract(tcs_rulebook_corrplan(c->book), ev, hit, r->arena, &k->match);
    tcs_finding_keep(&k->finding, ev, hit, who, r->arena);
    k->source_ip = tcs_arena_str(r->arena, tcs_identity_source(who));
    k->about_target = tcs_identity_traits(who->activity) & TCS_TRAIT_ABOUT_TARGET;
    k->subject = tcs_account_keep(tcs_identity_subject(who), r->arena);
    /* the texts may still be the event's */
    struct tcs_str *own = tcs_arena_array(r->arena, k->match.nvalues + 1, sizeof *own);
    for (uint32_t i = 0; own && i < k->match.nvalues; i++)
        if (k->match.values[i].n)
            own[i] = tcs_arena_str(r->arena, k->match.values[i]);
    k->match.values = own;
    if (!own)
        k->match.nvalues = 0; /* the arena's failure is seen by the pipeline */
}

uint32_t
tcs_correlations_take(const struct tcs_correlations *c, struct tcs_result *r,
                      const struct tcs_event *ev, const struct tcs_identity *who,
                      const struct tcs_hit **hits, uint32_t n)
{
    const struct tcs_corrplan *plan = tcs_rulebook_corrplan(c->book);
    uint32_t own = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (tcs_corrplan_reads(plan, (*hits)[i].rule))
            keep(c, r, ev, &(*hits)[i], who);
        own += tcs_rulebook_alerts(c->book, (*hits)[i].rule);
    }
    if (own == n || own == 0)
        return own;
    struct tcs_hit *list = tcs_arena_array(r->arena, own, sizeof *list);
    if (!list)
        return 0;
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        if (tcs_rulebook_alerts(c->book, (*hits)[i].rule))
            list[k++] = (*hits)[i];
    *hits = list;
    return own;
}

/* --- in input order --- */

static uint32_t
text_number(struct tcs_correlations *c, struct tcs_str s)
{
    uint32_t i = s.n ? tcs_map_get(&c->text_of, s) : 0;
    if (i != TCS_MAP_NONE)
        return i;
    if (c->ntexts >= c->max_texts) { /* those that are known stay known */
        c->nameless++;
        return 0;
    }
    struct tcs_str own = tcs_arena_str(c->arena, s);
    if (!tcs_arena_grow(c->arena, &c->texts, c->ntexts, &c->cap_texts, sizeof *c->texts) ||
        tcs_map_intern(&c->text_of, own, c->ntexts + 1) == TCS_MAP_NONE) {
        c->failed = true;
        return 0;
    }
    c->texts[c->ntexts++] = own;
    return c->ntexts; /* 0 is "none" */
}

static bool
record_room(struct tcs_correlations *c)
{
    if (c->nrecords < c->cap_records)
        return true;
    size_t cap = c->cap_records ? c->cap_records * 2 : 1024;
    struct record *p = reallocarray(c->records, cap, sizeof *p);
    if (!p)
        return false;
    c->records = p;
    c->cap_records = cap;
    return true;
}

/* Which log, so that records of equal times have an order: by its path, since its place among the
 * inputs is another one in another run. */
static uint32_t
source_number(struct tcs_str path)
{
    uint32_t h = 0x811c9dc5u; /* FNV-1a: the same everywhere */
    for (size_t i = 0; i < path.n; i++)
        h = (h ^ (unsigned char)path.p[i]) * 0x01000193u;
    return h;
}

static int
take_in(struct tcs_correlations *c, const struct tcs_corr_kept *k, bool now, struct tcs_err *err)
{
    struct tcs_corr_match m = k->match;
    if (c->nrecords == TCS_CORR_WAITING_MAX) {
        c->dropped++;
        return 0;
    }
    if (!record_room(c))
        return tcs_fail(err, TCS_ENOMEM, "out of memory for correlations");
    const struct tcs_hunt_finding *f = &k->finding;
    c->records[c->nrecords] = (struct record){.origin = f->origin,
                                              .record_id = f->record_id,
                                              .offset = f->offset,
                                              .time = f->time,
                                              .event_id = f->event_id,
                                              .rule = f->rule,
                                              .host = text_number(c, f->host),
                                              .account = text_number(c, f->account),
                                              .subject = text_number(c, k->subject),
                                              .source_ip = text_number(c, k->source_ip),
                                              .channel = text_number(c, f->channel),
                                              .key = f->key,
                                              .flags = (uint8_t)f->flags,
                                              .about_target = k->about_target,
                                              .now = now};
    m.ref = c->nrecords++;
    m.source = source_number(f->origin->path);
    return tcs_correlate_push(c->run, &m, err);
}

static int
push(struct tcs_correlations *c, const struct tcs_corr_kept *k, struct tcs_err *err)
{
    struct tcs_store_match m;
    int r = 1;
    if (c->keeper && k->match.time != TCS_TIME_NONE) {
        tcs_corr_pack(k, &c->packed, &m);
        m.rule = known_as(&c->rules[k->match.rule].doc);
        m.plan = tcs_corrplan_print(tcs_rulebook_corrplan(c->book), k->match.rule);
        r = c->packed.failed ? tcs_fail(err, TCS_ENOMEM, "out of memory for correlations")
                             : c->keeper->match(c->keeper->ctx, &m, err);
    }
    return r == 1 ? take_in(c, k, true, err) : r;
}

int
tcs_correlations_push(struct tcs_correlations *c, const struct tcs_result *r, struct tcs_err *err)
{
    int e = 0;
    for (size_t i = 0; i < r->nmatches && e == 0; i++)
        e = push(c, &r->matches[i], err);
    return e < 0 || !c->failed ? e : tcs_fail(err, TCS_ENOMEM, "out of memory for correlations");
}

/* --- of earlier runs --- */

void
tcs_correlations_keep(struct tcs_correlations *c, const struct tcs_corr_keeper *k)
{
    c->keeper = k;
}

void
tcs_correlations_after(struct tcs_correlations *c, int64_t after)
{
    c->after = after;
}

/* NULL: no memory. */
static const struct tcs_origin *
origin_of(struct tcs_correlations *c, struct tcs_str path)
{
    uint32_t i = tcs_map_get(&c->origin_of, path);
    if (i != TCS_MAP_NONE)
        return c->origins[i];
    struct tcs_origin *o = tcs_arena_array(c->arena, 1, sizeof *o);
    if (!o ||
        !tcs_arena_grow(c->arena, &c->origins, c->norigins, &c->cap_origins, sizeof *c->origins))
        return NULL;
    *o = (struct tcs_origin){.path = tcs_arena_str(c->arena, path)};
    if (tcs_arena_failed(c->arena) || tcs_map_put(&c->origin_of, o->path, c->norigins) < 0)
        return NULL;
    return c->origins[c->norigins++] = o;
}

int
tcs_correlations_again(struct tcs_correlations *c, const struct tcs_store_match *m,
                       struct tcs_err *err)
{
    const struct tcs_corrplan *plan = tcs_rulebook_corrplan(c->book);
    struct tcs_corr_kept k;
    uint32_t rule = tcs_map_get(&c->rule_of, m->rule), nfields;
    if (rule == TCS_MAP_NONE || tcs_corrplan_print(plan, rule) != m->plan) {
        c->unused++;
        return 0;
    }
    (void)tcs_corrplan_fields(plan, rule, &nfields);
    tcs_arena_reset(c->scratch);
    if (!tcs_corr_unpack(m, c->scratch, &k) || k.match.nvalues != nfields)
        return tcs_fail(err, TCS_ECORRUPT, "the store is damaged: a match without its values");
    k.match.rule = k.finding.rule = rule;
    k.finding.origin = origin_of(c, m->evidence.file);
    if (!k.finding.origin)
        return tcs_fail(err, TCS_ENOMEM, "out of memory for correlations");
    int r = take_in(c, &k, m->met, err);
    return r < 0 || !c->failed ? r : tcs_fail(err, TCS_ENOMEM, "out of memory for correlations");
}

void
tcs_correlations_limit(struct tcs_correlations *c, uint32_t texts)
{
    c->max_texts = texts;
}

uint64_t
tcs_correlations_nameless(const struct tcs_correlations *c)
{
    return c->nameless;
}

uint64_t
tcs_correlations_unused(const struct tcs_correlations *c)
{
    return c->unused;
}

bool
tcs_correlations_whole(const struct tcs_correlations *c)
{
    const struct tcs_corr_stats *s = tcs_correlate_stats(c->run);
    return !c->dropped && !s->overflowed && !s->evicted_groups;
}

/* --- at the end --- */

static struct tcs_str
text_of(const struct tcs_correlations *c, uint32_t i)
{
    return i ? c->texts[i - 1] : (struct tcs_str){0};
}

struct tcs_corr_evidence
tcs_correlations_evidence(const struct tcs_correlations *c, uint64_t ref)
{
    const struct record *r = &c->records[ref];
    return (struct tcs_corr_evidence){.origin = r->origin,
                                      .record_id = r->record_id,
                                      .offset = r->offset,
                                      .time = r->time,
                                      .event_id = r->event_id,
                                      .rule = r->rule,
                                      .key = r->key,
                                      .flags = r->flags,
                                      .about_target = r->about_target,
                                      .host = text_of(c, r->host),
                                      .account = text_of(c, r->account),
                                      .subject = text_of(c, r->subject),
                                      .source_ip = text_of(c, r->source_ip),
                                      .channel = text_of(c, r->channel)};
}

/* Keeps in *s what x says too; the first one decides the spelling. */
static void
agree(struct tcs_str *s, struct tcs_str x, bool first)
{
    if (first)
        *s = x;
    else if (!tcs_str_ieq(*s, x))
        *s = (struct tcs_str){0};
}

static int
by_time(const void *pa, const void *pb)
{
    const struct tcs_corr_found *a = pa, *b = pb;
    if (a->last != b->last)
        return a->last < b->last ? -1 : 1;
    if (a->corr != b->corr)
        return a->corr < b->corr ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* What all evidence agrees about, and whether some of it is of this run. */
static void
sum_up(const struct tcs_correlations *c, struct tcs_corr_found *f)
{
    for (uint32_t k = 0; k < f->nrefs; k++) {
        struct tcs_corr_evidence e = tcs_correlations_evidence(c, f->refs[k]);
        agree(&f->host, e.host, k == 0);
        agree(&f->account, e.account, k == 0);
        agree(&f->source_ip, e.source_ip, k == 0);
        f->news = f->news || c->records[f->refs[k]].now;
    }
}

/* Could matches that are gone have made another result of it? */
static bool
beyond(const struct tcs_correlations *c, const struct tcs_corr_found *f)
{
    const struct tcs_corrplan *plan = tcs_rulebook_corrplan(c->book);
    int64_t from, reach = tcs_corrplan_basis(plan, f->corr).reach;
    return c->after != INT64_MIN &&
           (__builtin_sub_overflow(f->first, reach, &from) || from <= c->after);
}

int
tcs_correlations_finish(struct tcs_correlations *c, struct tcs_err *err)
{
    int r = tcs_correlate_flush(c->run, err);
    if (r == 0 && c->failed)
        r = tcs_fail(err, TCS_ENOMEM, "out of memory for correlations");
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->nfound && r == 0; i++) {
        struct tcs_corr_found *f = &c->found[i];
        sum_up(c, f);
        if (tcs_rulebook_corr_wanted(c->book, f->corr) && (f->news || !beyond(c, f)))
            c->found[kept++] = *f;
    }
    c->nfound = kept;
    if (c->nfound)
        qsort(c->found, c->nfound, sizeof *c->found, by_time);
    return r;
}

void
tcs_correlations_news(struct tcs_correlations *c, uint32_t i)
{
    c->found[i].news = true;
}

void
tcs_correlations_forget(struct tcs_correlations *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->nfound; i++)
        if (c->found[i].news)
            c->found[kept++] = c->found[i];
    c->nfound = kept;
}

const struct tcs_corr_found *
tcs_correlations_found(const struct tcs_correlations *c, uint32_t *n)
{
    *n = c->nfound;
    return c->found;
}

const struct tcs_corr_stats *
tcs_correlations_stats(const struct tcs_correlations *c)
{
    return tcs_correlate_stats(c->run);
}

const struct tcs_rulebook *
tcs_correlations_book(const struct tcs_correlations *c)
{
    return c->book;
}

uint64_t
tcs_correlations_dropped(const struct tcs_correlations *c)
{
    return c->dropped;
}
