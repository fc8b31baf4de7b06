/* detect/correlating.c - from matches to findings of correlations.
 *
 * Of every match some 60 bytes are kept until the end, names as numbers, because only then is it
 * known which ones a result names.  Everything is sorted before it is judged, so the order of the
 * inputs, how they were spread over runs and the number of threads make no difference. */
#include "detect/correlating.h"

#include "base/grow.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/share.h"
#include "detect/detector.h"

#include <stdlib.h>

enum { TEXTS_MAX = 4 << 20 };

struct record {
    const struct tcs_origin *origin;
    struct tcs_key key;
    uint64_t record_id, offset;
    int64_t time;
    uint32_t event_id, rule;
    uint32_t host, account, subject, source_ip, channel; /* texts; 0: none */
    uint32_t values;                                     /* where its values begin */
    uint8_t flags;
    bool about_target, now; /* now: nobody knew it before this run */
};

struct tcs_correlating {
    const struct tcs_rulebook *book;
    const struct tcs_rule *rules;
    uint32_t nrules;
    struct tcs_correlate *run; /* NULL: no correlation runs */
    struct tcs_arena *arena, *text_arena;
    struct tcs_map text_of;
    struct tcs_str *texts; /* names, and the values that are compared */
    uint32_t ntexts, cap_texts, max_texts;
    struct record *records;
    uint32_t nrecords, cap_records, max_records;
    uint32_t *values; /* texts; of each record as many as its rule has fields */
    uint32_t nvalues, cap_values;
    uint64_t dropped, nameless, unused;
    uint64_t fresh; /* matches that nobody knew before this run */
    bool settled;   /* with these nothing is derived: it would be what it was, with `was` */
    struct tcs_corr_stats was;
    struct tcs_store *store; /* NULL: nothing is kept */
    struct tcs_buf packed;
    struct tcs_arena *scratch;   /* of the match in hand that comes back */
    struct tcs_map rule_of;      /* what the store knows it by -> its number */
    struct tcs_map origin_of;    /* path -> index */
    struct tcs_origin **origins; /* of matches that came back */
    uint32_t norigins, cap_origins;
    int64_t after;           /* INT64_MIN: all that earlier runs kept is there */
    struct tcs_map found_of; /* id -> index */
    struct tcs_correlated *found;
    uint32_t nfound, cap_found;
    bool failed;
};

static void
on_result(void *ctx, const struct tcs_corr_result *r)
{
    struct tcs_correlating *c = ctx;
    struct tcs_str id =
        tcs_base_arena_str(c->arena, (struct tcs_str){(const char *)&r->id, sizeof r->id});
    uint32_t i = tcs_base_map_intern(&c->found_of, id, c->nfound);
    if (i == TCS_MAP_NONE || tcs_base_arena_failed(c->arena) ||
        (i == c->nfound &&
         !tcs_base_arena_grow(c->arena, &c->found, c->nfound, &c->cap_found, sizeof *c->found))) {
        c->failed = true;
        return;
    }
    c->nfound += i == c->nfound;
    struct tcs_correlated *f = &c->found[i];
    int64_t held = r->update ? f->held : r->last;
    *f = (struct tcs_correlated){.id = r->id,
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
    f->values = tcs_base_arena_array(c->arena, r->nvalues + 1, sizeof *f->values);
    f->refs = tcs_base_arena_array(c->arena, r->nrefs + 1, sizeof *f->refs);
    if (!f->values || !f->refs) {
        c->failed = true;
        return;
    }
    for (uint32_t k = 0; k < r->nvalues; k++)
        f->values[k] = tcs_base_arena_str(c->arena, r->values[k]);
    memcpy(f->refs, r->refs, r->nrefs * sizeof *f->refs);
}

/* What a rule is known by in the store.  One that a correlation reads has an id or a name. */
static struct tcs_str
known_as(const struct tcs_doc *doc)
{
    return doc->id.n ? doc->id : doc->name;
}

static bool
name_rules(struct tcs_correlating *c)
{
    const struct tcs_corrplan *plan = tcs_detect_rulebook_corrplan(c->book);
    for (uint32_t i = 0; i < c->nrules; i++)
        if (tcs_correlate_plan_reads(plan, i) &&
            tcs_base_map_put(&c->rule_of, known_as(&c->rules[i].doc), i) < 0)
            return false;
    return true;
}

struct tcs_correlating *
tcs_detect_correlating_new(const struct tcs_rulebook *book, struct tcs_store *store)
{
    struct tcs_correlating *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    const struct tcs_corr_opts opts = {.lateness = INT64_MAX, .result = on_result, .ctx = c};
    c->book = book;
    c->store = store;
    c->rules = tcs_detect_rulebook_rules(book, &c->nrules);
    c->after = INT64_MIN;
    c->max_texts = TEXTS_MAX;
    c->max_records = TCS_CORR_WAITING_MAX;
    c->arena = tcs_base_arena_new(0);
    c->text_arena = tcs_base_arena_new(0);
    c->scratch = tcs_base_arena_new(0);
    c->run = tcs_correlate_new(tcs_detect_rulebook_corrplan(book), &opts);
    if (c->arena && c->text_arena && c->scratch && c->run && name_rules(c))
        return c;
    tcs_detect_correlating_free(c);
    return NULL;
}

void
tcs_detect_correlating_free(struct tcs_correlating *c)
{
    if (!c)
        return;
    tcs_correlate_free(c->run);
    tcs_base_map_done(&c->text_of);
    tcs_base_map_done(&c->found_of);
    tcs_base_map_done(&c->rule_of);
    tcs_base_map_done(&c->origin_of);
    tcs_base_buf_done(&c->packed);
    tcs_base_arena_free(c->scratch);
    tcs_base_arena_free(c->text_arena);
    tcs_base_arena_free(c->arena);
    free(c->values);
    free(c->records);
    free(c);
}

void
tcs_detect_correlating_limit(struct tcs_correlating *c, uint32_t names, uint32_t matches)
{
    c->max_texts = names;
    c->max_records = matches;
}

/* --- in input order --- */

/* A value that is compared. */
static uint32_t
value_number(struct tcs_correlating *c, struct tcs_str s)
{
    uint32_t i = s.n ? tcs_base_map_get(&c->text_of, s) : 0;
    if (i != TCS_MAP_NONE)
        return i;
    struct tcs_str own = tcs_base_arena_str(c->text_arena, s);
    if (!tcs_base_arena_grow(c->text_arena, &c->texts, c->ntexts, &c->cap_texts,
                             sizeof *c->texts) ||
        tcs_base_map_intern(&c->text_of, own, c->ntexts + 1) == TCS_MAP_NONE) {
        c->failed = true;
        return 0;
    }
    c->texts[c->ntexts++] = own;
    return c->ntexts; /* 0 is "none" */
}

/* A name for the evidence. */
static uint32_t
text_number(struct tcs_correlating *c, struct tcs_str s)
{
    if (c->ntexts < c->max_texts || !s.n)
        return value_number(c, s);
    uint32_t i = tcs_base_map_get(&c->text_of, s); /* what is there stays known */
    c->nameless += i == TCS_MAP_NONE;
    return i == TCS_MAP_NONE ? 0 : i;
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

/* --- what is kept of too much (base/share.h) --- */

static uint32_t
hash_text(const struct tcs_correlating *c, uint32_t text)
{
    return text ? (uint32_t)tcs_base_hash_str(c->texts[text - 1]) : 0;
}

static int
by_record(uint32_t ia, uint32_t ib, const void *ctx)
{
    const struct tcs_correlating *c = ctx;
    const struct record *a = &c->records[ia], *b = &c->records[ib];
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    int r = memcmp(a->key.b, b->key.b, TCS_KEY);
    return r ? r : ia < ib ? -1 : ia > ib;
}

static void
put_source(const struct tcs_correlating *c, uint32_t i, struct tcs_share *s)
{
    const struct record *r = &c->records[i];
    struct tcs_str path = r->origin->path;
    size_t outer = tcs_base_str_find(path, '!', 0); /* an archive's file on the disk */
    *s = (struct tcs_share){
        .item = i,
        .source = {(uint32_t)tcs_base_hash_str(tcs_base_str_slice(path, 0, outer)),
                   (uint32_t)tcs_base_hash_str(path), r->rule, hash_text(c, r->host),
                   hash_text(c, r->account), hash_text(c, r->source_ip)}};
}

static uint32_t
fields_of(const struct tcs_correlating *c, uint32_t rule)
{
    uint32_t n;
    (void)tcs_correlate_plan_fields(tcs_detect_rulebook_corrplan(c->book), rule, &n);
    return n;
}

/* Texts and values of the records that are there, and of no others. */
static bool
renumber(struct tcs_correlating *c)
{
    struct tcs_correlating old = *c;
    c->text_arena = tcs_base_arena_new(0);
    c->text_of = (struct tcs_map){0};
    c->texts = NULL;
    c->ntexts = c->cap_texts = c->nvalues = 0;
    for (uint32_t i = 0; c->text_arena && i < c->nrecords; i++) {
        struct record *r = &c->records[i];
        uint32_t n = fields_of(c, r->rule), from = c->nvalues;
        uint32_t *const names[] = {&r->host, &r->account, &r->subject, &r->source_ip, &r->channel};
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            *names[k] = text_number(c, *names[k] ? old.texts[*names[k] - 1] : (struct tcs_str){0});
        for (uint32_t k = 0; k < n; k++) { /* they move towards the beginning only */
            uint32_t v = c->values[r->values + k];
            c->values[c->nvalues++] = value_number(c, v ? old.texts[v - 1] : (struct tcs_str){0});
        }
        r->values = from;
    }
    tcs_base_map_done(&old.text_of);
    tcs_base_arena_free(old.text_arena);
    return c->text_arena && !c->failed;
}

static bool
cut(struct tcs_correlating *c)
{
    const struct tcs_share_order order = {by_record, c};
    uint32_t n = c->nrecords, max = c->max_records;
    if (n <= max)
        return true;
    struct tcs_share *at = calloc(n, sizeof *at);
    bool *stays = calloc(n, sizeof *stays);
    for (uint32_t i = 0; at && i < n; i++)
        put_source(c, i, &at[i]);
    bool good = at && stays && tcs_base_share_cut(at, n, max, &order) != UINT32_MAX;
    for (uint32_t i = 0; good && i < n; i++)
        stays[at[i].item] = at[i].kept;
    free(at);
    c->nrecords = good ? 0 : n;
    for (uint32_t i = 0; good && i < n; i++)
        if (stays[i])
            c->records[c->nrecords++] = c->records[i];
    free(stays);
    c->dropped += n - c->nrecords;
    return good && renumber(c);
}

/* Longer texts are room for fewer records. */
static bool
make_room(struct tcs_correlating *c)
{
    enum { LEAST = 256 };
    bool good = true;
    if (c->nrecords >= c->max_records && c->nrecords - c->max_records > c->max_records / 4)
        good = cut(c);
    if (tcs_base_arena_used(c->text_arena) <= TCS_CORR_TEXTS_MAX)
        return good;
    while (good && tcs_base_arena_used(c->text_arena) > TCS_CORR_TEXTS_MAX / 2 &&
           c->max_records > LEAST) {
        c->max_records = c->nrecords < c->max_records ? c->nrecords / 2 : c->max_records / 2;
        c->max_records = c->max_records > LEAST ? c->max_records : LEAST;
        good = cut(c);
    }
    return good;
}

static int
take_in(struct tcs_correlating *c, const struct tcs_batch_match *k, bool now,
        const struct tcs_origin *origin, struct tcs_err *err)
{
    const struct tcs_corr_match *m = &k->match;
    const struct tcs_evidence *e = &k->evidence;
    uint32_t n = fields_of(c, m->rule);
    if (!make_room(c) ||
        !tcs_base_grow(&c->records, &c->cap_records, c->nrecords, 1, sizeof *c->records) ||
        !tcs_base_grow(&c->values, &c->cap_values, c->nvalues, n, sizeof *c->values))
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for correlations");
    c->records[c->nrecords++] = (struct record){.origin = origin,
                                                .key = e->key,
                                                .record_id = e->record_id,
                                                .offset = e->offset,
                                                .time = m->time,
                                                .event_id = e->event_id,
                                                .rule = m->rule,
                                                .host = text_number(c, k->host),
                                                .account = text_number(c, k->account),
                                                .subject = text_number(c, k->subject),
                                                .source_ip = text_number(c, k->source_ip),
                                                .channel = text_number(c, e->channel),
                                                .values = c->nvalues,
                                                .flags = k->flags,
                                                .about_target = k->about_target,
                                                .now = now};
    for (uint32_t i = 0; i < n; i++)
        c->values[c->nvalues++] =
            value_number(c, i < m->nvalues ? m->values[i] : (struct tcs_str){0});
    c->fresh += now;
    return c->failed ? tcs_base_fail(err, TCS_ENOMEM, "out of memory for correlations") : 0;
}

int
tcs_detect_correlating_push(struct tcs_correlating *c, const struct tcs_batch_match *k,
                            const struct tcs_origin *origin, struct tcs_err *err)
{
    struct tcs_store_match m;
    if (!c->store || k->match.time == TCS_TIME_NONE)
        return take_in(c, k, true, origin, err);
    tcs_detect_match_pack(k, &c->packed, &m);
    m.rule = known_as(&c->rules[k->match.rule].doc);
    m.plan = tcs_correlate_plan_print(tcs_detect_rulebook_corrplan(c->book), k->match.rule);
    if (c->packed.failed)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for correlations");
    int r = tcs_store_match_put(c->store, &m, err);
    return r > 0 ? take_in(c, k, true, origin, err) : r; /* 0: it comes back with recall */
}

void
tcs_detect_correlating_alone(struct tcs_correlating *c)
{
    c->store = NULL;
}

/* --- of earlier runs --- */

/* NULL: no memory. */
static const struct tcs_origin *
origin_of(struct tcs_correlating *c, struct tcs_str path)
{
    uint32_t i = tcs_base_map_get(&c->origin_of, path);
    if (i != TCS_MAP_NONE)
        return c->origins[i];
    struct tcs_origin *o = tcs_base_arena_array(c->arena, 1, sizeof *o);
    if (!o || !tcs_base_arena_grow(c->arena, &c->origins, c->norigins, &c->cap_origins,
                                   sizeof *c->origins))
        return NULL;
    *o = (struct tcs_origin){.path = tcs_base_arena_str(c->arena, path)};
    if (tcs_base_arena_failed(c->arena) ||
        tcs_base_map_put(&c->origin_of, o->path, c->norigins) < 0)
        return NULL;
    return c->origins[c->norigins++] = o;
}

static int
again(void *ctx, const struct tcs_store_match *m, struct tcs_err *err)
{
    struct tcs_correlating *c = ctx;
    const struct tcs_corrplan *plan = tcs_detect_rulebook_corrplan(c->book);
    struct tcs_batch_match k;
    uint32_t rule = tcs_base_map_get(&c->rule_of, m->rule), nfields;
    if (rule == TCS_MAP_NONE || tcs_correlate_plan_print(plan, rule) != m->plan) {
        c->unused++;
        return 0;
    }
    (void)tcs_correlate_plan_fields(plan, rule, &nfields);
    tcs_base_arena_reset(c->scratch);
    if (!tcs_detect_match_unpack(m, c->scratch, &k) || k.match.nvalues != nfields)
        return tcs_base_fail(err, TCS_ECORRUPT, "the store is damaged: a match without its values");
    k.match.rule = rule;
    const struct tcs_origin *origin = origin_of(c, m->evidence.file);
    if (!origin)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for correlations");
    return take_in(c, &k, false, origin, err);
}

int
tcs_detect_correlating_recall(struct tcs_correlating *c, struct tcs_err *err)
{
    c->after = tcs_store_matches_after(c->store);
    return tcs_store_matches(c->store, again, c, err);
}

/* --- what was derived last time --- */

/* content | unused 8 | statistics 8 each */
enum { CONTENT = TCS_DETECT_CONTENT, STATS = sizeof(struct tcs_corr_stats) / sizeof(uint64_t) };
enum { SETTLED = CONTENT + 8 * (1 + STATS) };

int
tcs_detect_correlating_settled(struct tcs_correlating *c, const uint8_t *content,
                               struct tcs_err *err)
{
    uint64_t numbers[1 + STATS] = {0};
    struct tcs_str was;
    if (c->fresh)
        return 0;
    tcs_base_arena_reset(c->scratch);
    int r = tcs_store_settled_get(c->store, c->scratch, &was, err);
    if (r != 1 || was.n != SETTLED || memcmp(was.p, content, CONTENT) != 0)
        return r < 0 ? r : 0;
    for (unsigned i = 0; i < 8 * (1 + STATS); i++)
        numbers[i / 8] |= (uint64_t)(uint8_t)was.p[CONTENT + i] << 8 * (i % 8);
    c->unused = numbers[0];
    memcpy(&c->was, numbers + 1, sizeof c->was);
    c->settled = true;
    return 1;
}

/* Everything came in, so that what was not found does not hold. */
static bool
whole(const struct tcs_correlating *c)
{
    const struct tcs_corr_stats *s = tcs_correlate_stats(c->run);
    return !c->dropped && !s->overflowed && !s->evicted_groups;
}

int
tcs_detect_correlating_remember(struct tcs_correlating *c, const uint8_t *content,
                                struct tcs_err *err)
{
    uint64_t numbers[1 + STATS] = {c->unused};
    char bytes[SETTLED];
    memcpy(numbers + 1, tcs_correlate_stats(c->run), sizeof c->was);
    memcpy(bytes, content, CONTENT);
    for (unsigned i = 0; i < 8 * (1 + STATS); i++)
        bytes[CONTENT + i] = (char)(numbers[i / 8] >> 8 * (i % 8));
    bool all = whole(c) && !c->nameless;
    return tcs_store_settled_put(c->store, (struct tcs_str){bytes, all ? SETTLED : 0}, err);
}

uint64_t
tcs_detect_correlating_unused(const struct tcs_correlating *c)
{
    return c->unused;
}

uint64_t
tcs_detect_correlating_nameless(const struct tcs_correlating *c)
{
    return c->nameless;
}

/* --- at the end --- */

static struct tcs_str
text_of(const struct tcs_correlating *c, uint32_t i)
{
    return i ? c->texts[i - 1] : (struct tcs_str){0};
}

struct tcs_correlated_record
tcs_detect_correlated_record(const struct tcs_correlating *c, uint64_t ref)
{
    const struct record *r = &c->records[ref];
    return (struct tcs_correlated_record){.origin = r->origin,
                                          .key = r->key,
                                          .record_id = r->record_id,
                                          .offset = r->offset,
                                          .time = r->time,
                                          .event_id = r->event_id,
                                          .rule = r->rule,
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
    else if (!tcs_base_str_ieq(*s, x))
        *s = (struct tcs_str){0};
}

static int
by_time(const void *pa, const void *pb)
{
    const struct tcs_correlated *a = pa, *b = pb;
    if (a->last != b->last)
        return a->last < b->last ? -1 : 1;
    if (a->corr != b->corr)
        return a->corr < b->corr ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* What all evidence agrees about, and whether some of it is of this run. */
static void
sum_up(const struct tcs_correlating *c, struct tcs_correlated *f)
{
    for (uint32_t k = 0; k < f->nrefs; k++) {
        struct tcs_correlated_record e = tcs_detect_correlated_record(c, f->refs[k]);
        agree(&f->host, e.host, k == 0);
        agree(&f->account, e.account, k == 0);
        agree(&f->source_ip, e.source_ip, k == 0);
        f->some_host |= k == 0 && e.host.n;
        f->some_account |= k == 0 && e.account.n;
        f->is_new = f->is_new || c->records[f->refs[k]].now;
    }
}

/* Could matches that are gone have made another result of it? */
static bool
beyond(const struct tcs_correlating *c, const struct tcs_correlated *f)
{
    const struct tcs_corrplan *plan = tcs_detect_rulebook_corrplan(c->book);
    int64_t from, reach = tcs_correlate_plan_basis(plan, f->corr).reach;
    return c->after != INT64_MIN &&
           (__builtin_sub_overflow(f->first, reach, &from) || from <= c->after);
}

/* All that is kept, to be judged in the order of time. */
static int
push_all(struct tcs_correlating *c, struct tcs_err *err)
{
    int r = cut(c) ? 0 : tcs_base_fail(err, TCS_ENOMEM, "out of memory for correlations");
    for (uint32_t i = 0; r == 0 && i < c->nrecords; i++) {
        const struct record *x = &c->records[i];
        struct tcs_corr_match m = {.time = x->time,
                                   .rule = x->rule,
                                   .source = source_number(x->origin->path),
                                   .record = x->record_id,
                                   .offset = x->offset,
                                   .ref = i,
                                   .nvalues = fields_of(c, x->rule)};
        tcs_base_arena_reset(c->scratch);
        struct tcs_str *values = tcs_base_arena_array(c->scratch, m.nvalues + 1u, sizeof *values);
        for (uint32_t k = 0; values && k < m.nvalues; k++)
            values[k] = text_of(c, c->values[x->values + k]);
        m.values = values;
        r = values ? tcs_correlate_push(c->run, &m, err)
                   : tcs_base_fail(err, TCS_ENOMEM, "out of memory for correlations");
    }
    return r;
}

int
tcs_detect_correlating_finish(struct tcs_correlating *c, struct tcs_err *err)
{
    int r = push_all(c, err);
    if (r == 0)
        r = tcs_correlate_flush(c->run, err);
    if (r == 0 && c->failed)
        r = tcs_base_fail(err, TCS_ENOMEM, "out of memory for correlations");
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->nfound && r == 0; i++) {
        struct tcs_correlated *f = &c->found[i];
        sum_up(c, f);
        if (tcs_detect_rulebook_corr_wanted(c->book, f->corr) && (f->is_new || !beyond(c, f)))
            c->found[kept++] = *f;
    }
    c->nfound = kept;
    if (c->nfound)
        qsort(c->found, c->nfound, sizeof *c->found, by_time);
    return r;
}

/* Only of correlations that were derived anew from all that is kept, and had something to say. */
int
tcs_detect_correlating_settle(struct tcs_correlating *c, struct tcs_err *err)
{
    const struct tcs_corrplan *plan = tcs_detect_rulebook_corrplan(c->book);
    int64_t after = tcs_store_matches_after(c->store);
    uint32_t n;
    int r = 0;
    (void)tcs_detect_rulebook_correlations(c->book, &n);
    for (uint32_t i = 0; r == 0 && i < n && whole(c); i++) {
        struct tcs_corr_basis basis = tcs_correlate_plan_basis(plan, i);
        int64_t from = after;
        if (after != INT64_MIN && __builtin_add_overflow(after, basis.reach, &from))
            from = INT64_MAX;
        if (basis.print && tcs_correlate_plan_corr_alerts(plan, i) &&
            tcs_detect_rulebook_corr_wanted(c->book, i))
            r = tcs_store_results_settle(c->store, basis.print, from, err);
    }
    return r;
}

void
tcs_detect_correlating_news(struct tcs_correlating *c, uint32_t i)
{
    c->found[i].is_new = true;
}

void
tcs_detect_correlating_forget(struct tcs_correlating *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->nfound; i++)
        if (c->found[i].is_new)
            c->found[kept++] = c->found[i];
    c->nfound = kept;
}

const struct tcs_correlated *
tcs_detect_correlated(const struct tcs_correlating *c, uint32_t *n)
{
    *n = c->nfound;
    return c->found;
}

const struct tcs_corr_stats *
tcs_detect_correlating_stats(const struct tcs_correlating *c)
{
    return c->settled ? &c->was : tcs_correlate_stats(c->run);
}

const struct tcs_rulebook *
tcs_detect_correlating_book(const struct tcs_correlating *c)
{
    return c->book;
}

uint64_t
tcs_detect_correlating_dropped(const struct tcs_correlating *c)
{
    return c->dropped;
}
