/* store/evidence.c - findings, their signatures, and observations as a set: a row is one record
 * and what was said of it (row_key.c), wherever the file lies that it was read from. */
#include "store/store_int.h"

#include "attack/level.h"
#include "base/limits.h"

#define TEXT(name) TCS_SQL_S(OF, who.name),
#define NUMBER(name) {TCS_SQL_U64, offsetof(OF, who.name), 0},
#define SMALL(name) {TCS_SQL_U32, offsetof(OF, who.name), 0},
static const struct tcs_sql_col finding_cols[] = {
    {TCS_SQL_U32, offsetof(struct tcs_finding, signature), 0},
    {TCS_SQL_TIME_OR_NONE, offsetof(struct tcs_finding, time), 0},
    {TCS_SQL_TIME_OR_NONE, offsetof(struct tcs_finding, first), 0},
    {TCS_SQL_U8, offsetof(struct tcs_finding, flags), TCS_FINDING_FLAGS},
    {TCS_SQL_U32, offsetof(struct tcs_finding, count), 0},
    {TCS_SQL_U64, offsetof(struct tcs_finding, group), 0},
    TCS_SQL_S(struct tcs_finding, unchecked),
#define OF struct tcs_finding
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL) TCS_SQL_EVIDENCE_COLS(OF),
    TCS_SQL_RECORD_COL(OF),
#undef OF
};
static const struct tcs_sql_col signature_cols[] = {
    TCS_SQL_S(struct tcs_signature, id),
    TCS_SQL_S(struct tcs_signature, title),
    {TCS_SQL_U8, offsetof(struct tcs_signature, level), TCS_CRITICAL},
    {TCS_SQL_U8, offsetof(struct tcs_signature, stage), TCS_STAGES - 1},
};
static const struct tcs_sql_col observation_cols[] = {
    {TCS_SQL_TIME_OR_NONE, offsetof(struct tcs_observation, time), 0},
    {TCS_SQL_U8, offsetof(struct tcs_observation, kind), TCS_OBS_KINDS - 1},
    {TCS_SQL_U8, offsetof(struct tcs_observation, logon_type), 0},
#define OF struct tcs_observation
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL) TCS_SQL_EVIDENCE_COLS(OF),
    TCS_SQL_RECORD_COL(OF),
#undef OF
};
#undef TEXT
#undef NUMBER
#undef SMALL
enum {
    FINDING_COLS = sizeof finding_cols / sizeof *finding_cols,
    OBSERVATION_COLS = sizeof observation_cols / sizeof *observation_cols,
    SIGNATURE_COLS = sizeof signature_cols / sizeof *signature_cols,
};

/* --- signatures --- */

static int
put_techniques(struct tcs_store *s, int64_t nr, const struct tcs_signature *sig,
               struct tcs_err *err)
{
    int r = tcs_store_sql_run(s, TCS_SQL_TECHNIQUE_DROP, nr, 0, err);
    for (uint32_t i = 0; r == 0 && i < sig->ntechniques; i++) {
        sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_TECHNIQUE_PUT, err);
        if (!st)
            return -err->code;
        sqlite3_bind_int64(st, 1, nr);
        sqlite3_bind_int64(st, 2, i);
        tcs_store_sql_text(st, 3, sig->techniques[i]);
        r = tcs_store_sql_done(s, st, err);
    }
    return r;
}

static int
insert_signature(struct tcs_store *s, const struct tcs_signature *sig, int64_t *nr,
                 struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_SIGNATURE_PUT, err);
    if (!st)
        return -err->code;
    tcs_store_sql_bind(st, 1, signature_cols, SIGNATURE_COLS, sig);
    int r = tcs_store_sql_step(s, st, err);
    if (r == 1)
        *nr = sqlite3_column_int64(st, 0);
    if (r == 1)
        r = tcs_store_sql_step(s, st, err);
    sqlite3_reset(st);
    return r < 0 ? r : put_techniques(s, *nr, sig, err);
}

/* 1: *nr; 0: there are too many. */
static int
signature_nr(struct tcs_store *s, const struct tcs_signature *sig, int64_t *nr, struct tcs_err *err)
{
    uint32_t known = tcs_base_map_get(&s->signatures, sig->id);
    int64_t count = 0;
    *nr = known;
    if (known != TCS_MAP_NONE)
        return 1;
    int r = tcs_store_sql_number(s, TCS_SQL_SIGNATURE_COUNT, &count, err);
    if (r < 0)
        return r;
    if (count >= s->limits.signatures) {
        sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_SIGNATURE_KNOWN, err);
        if (!st)
            return -err->code;
        tcs_store_sql_text(st, 1, sig->id);
        r = tcs_store_sql_step(s, st, err);
        sqlite3_reset(st);
        if (r != 1)
            return r;
    }
    r = insert_signature(s, sig, nr, err);
    if (r < 0 || s->spoiled.code)
        return r < 0 ? r : 1;
    struct tcs_str id = tcs_base_arena_str(s->arena, sig->id);
    if (*nr < 0 || *nr >= TCS_MAP_NONE)
        return tcs_store_sql_damaged(s, err);
    if (!id.p || tcs_base_map_put(&s->signatures, id, (uint32_t)*nr) < 0)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the store");
    return 1;
}

/* --- rows --- */

/* 1: a row of that key is kept; 0: none. */
static int
there(struct tcs_store *s, enum tcs_sql_kind kind, const struct tcs_key *key, struct tcs_err *err)
{
    static const enum tcs_sql_statement asks[TCS_SQL_KINDS] = {
        TCS_SQL_FINDING_THERE, TCS_SQL_OBSERVATION_THERE, TCS_SQL_MATCH_THERE};
    sqlite3_stmt *st = tcs_store_sql_get(s, asks[kind], err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key->b, TCS_KEY, SQLITE_STATIC);
    int r = tcs_store_sql_step(s, st, err);
    sqlite3_reset(st);
    return r;
}

/* Rows as old as the newest that was pruned are looked for: an older program ordered those of one
 * time by other keys, so some may be kept that would have been pruned. */
int
tcs_store_sql_beyond(struct tcs_store *s, enum tcs_sql_kind kind, int64_t time,
                     const struct tcs_key *key, struct tcs_err *err)
{
    const struct tcs_sql_horizon *h = &s->horizon[kind];
    int kept = 0;
    if (!h->set || time > h->time || (time == h->time && memcmp(key->b, h->key.b, TCS_KEY) > 0))
        return 0;
    if (time == h->time && (kept = there(s, kind, key, err)) < 0)
        return kept;
    s->stats.beyond += !kept;
    return !kept;
}

int
tcs_store_sql_insert(struct tcs_store *s, sqlite3_stmt *st, const struct tcs_sql_row *row,
                     uint64_t *fresh, struct tcs_err *err)
{
    int r = tcs_store_sql_done(s, st, err);
    bool is_new = sqlite3_changes(s->db) > 0 && !row->adopted;
    if (r == 0 && s->spoiled.code) { /* nothing was written: is it one of an earlier run? */
        r = there(s, row->kind, &row->key, err);
        is_new = r == 0;
    }
    if (r < 0)
        return r;
    *(is_new ? fresh : &s->stats.known) += 1;
    return is_new ? TCS_STORE_NEW : TCS_STORE_KNOWN;
}

/* The statement's first parameters, and the item's columns behind them. */
static void
bind_row(sqlite3_stmt *st, int64_t nr, const struct tcs_key *key, const struct tcs_sql_col *cols,
         int ncols, const void *item)
{
    if (nr) /* else the next one */
        sqlite3_bind_int64(st, 1, nr);
    sqlite3_bind_blob(st, 2, key->b, TCS_KEY, SQLITE_STATIC);
    tcs_store_sql_bind(st, 3, cols, ncols, item);
}

int
tcs_store_detection_put(struct tcs_store *s, const struct tcs_signature *sig,
                        const struct tcs_finding *d, struct tcs_err *err)
{
    const struct tcs_key key = tcs_identity_key_with(d->evidence.key, sig->id);
    int64_t nr = 0, signature = 0;
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0 && s->legacy[TCS_SQL_FINDINGS]) {
        struct tcs_key old = tcs_store_legacy_finding(sig->id, d);
        r = tcs_store_legacy_adopt(s, TCS_SQL_FINDINGS, &key, &old, &nr, err);
    }
    if (r == 0 && !nr)
        r = tcs_store_sql_beyond(s, TCS_SQL_FINDINGS, d->time, &key, err);
    if (r != 0)
        return r < 0 ? r : TCS_STORE_BEYOND;
    r = signature_nr(s, sig, &signature, err);
    if (r == 0)
        s->stats.dropped++;
    if (r != 1)
        return r;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_FINDING_PUT, err);
    if (!st)
        return -err->code;
    bind_row(st, nr, &key, finding_cols, FINDING_COLS, d);
    sqlite3_bind_int64(st, 3, signature); /* the store's number, not the chain's */
    const struct tcs_sql_row row = {TCS_SQL_FINDINGS, key, nr != 0};
    return tcs_store_sql_insert(s, st, &row, &s->stats.findings, err);
}

/* 1: there, with its number, and whether it says the same; 0: not. */
static int
find_result(struct tcs_store *s, const struct tcs_key *key, const struct tcs_finding *d,
            int64_t *nr, bool *same, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_RESULT_GET, err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key->b, TCS_KEY, SQLITE_STATIC);
    int r = tcs_store_sql_step(s, st, err);
    *nr = r == 1 ? sqlite3_column_int64(st, 0) : 0;
    *same = r == 1 && sqlite3_column_int64(st, 1) == d->count &&
            sqlite3_column_int64(st, 2) == d->first && sqlite3_column_int64(st, 3) == d->time;
    bool imaged = r == 1 && sqlite3_column_int64(st, 4) == 0; /* by an older program */
    sqlite3_reset(st);
    return imaged && tcs_store_image_drop(s, err) < 0 ? -err->code : r;
}

/* 1: a new row; 0: the row of that number says something else now. */
static int
write_result(struct tcs_store *s, const struct tcs_store_result *r, const struct tcs_key *key,
             int64_t signature, int64_t nr, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_RESULT_PUT, err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key->b, TCS_KEY, SQLITE_STATIC);
    tcs_store_sql_bind(st, 2, finding_cols, FINDING_COLS, r->detection);
    sqlite3_bind_int64(st, 2, signature);
    if (nr) /* else the next one */
        sqlite3_bind_int64(st, 2 + FINDING_COLS, nr);
    sqlite3_bind_int64(st, 3 + FINDING_COLS, (int64_t)r->plan);
    int e = tcs_store_sql_done(s, st, err);
    if (e == 0)
        e = tcs_store_sql_run(s, TCS_SQL_RESULT_HELD, nr ? nr : sqlite3_last_insert_rowid(s->db), 0,
                              err);
    *(nr ? &s->stats.known : &s->stats.findings) += 1;
    return e < 0 ? e : nr ? TCS_STORE_KNOWN : TCS_STORE_NEW;
}

int
tcs_store_result_put(struct tcs_store *s, struct tcs_store_result *r, struct tcs_err *err)
{
    const struct tcs_finding *d = r->detection;
    const struct tcs_key key = tcs_store_sql_result_key(r->signature->id, d->who.host, d->group);
    int64_t nr = 0, signature = 0;
    bool same = false;
    int e = tcs_store_sql_need_write(s, err);
    r->news = false;
    if (e < 0)
        return e;
    e = find_result(s, &key, d, &nr, &same, err);
    if (e == 0)
        e = tcs_store_sql_beyond(s, TCS_SQL_FINDINGS, d->time, &key, err);
    if (!nr && e == 1)
        return TCS_STORE_BEYOND;
    if (e >= 0)
        e = signature_nr(s, r->signature, &signature, err);
    if (e == 0)
        s->stats.dropped++;
    r->news = e == 1 && !same;
    return e == 1 ? write_result(s, r, &key, signature, nr, err) : e;
}

int
tcs_store_results_settle(struct tcs_store *s, uint64_t plan, int64_t after, struct tcs_err *err)
{
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0)
        r = tcs_store_sql_run(s, TCS_SQL_RESULT_UNDO, (int64_t)plan, after, err);
    if (r == 0)
        s->stats.undone += s->spoiled.code ? 0 : (uint64_t)sqlite3_changes(s->db);
    return r;
}

int
tcs_store_observation_put(struct tcs_store *s, const struct tcs_observation *o, struct tcs_err *err)
{
    const struct tcs_key key = tcs_store_sql_observation_key(o->evidence.key, o->kind);
    int64_t nr = 0;
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0 && s->legacy[TCS_SQL_OBSERVATIONS]) {
        struct tcs_key old = tcs_store_legacy_observation(o);
        r = tcs_store_legacy_adopt(s, TCS_SQL_OBSERVATIONS, &key, &old, &nr, err);
    }
    if (r == 0 && !nr)
        r = tcs_store_sql_beyond(s, TCS_SQL_OBSERVATIONS, o->time, &key, err);
    if (r != 0)
        return r < 0 ? r : TCS_STORE_BEYOND;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_OBSERVATION_PUT, err);
    if (!st)
        return -err->code;
    bind_row(st, nr, &key, observation_cols, OBSERVATION_COLS, o);
    const struct tcs_sql_row row = {TCS_SQL_OBSERVATIONS, key, nr != 0};
    return tcs_store_sql_insert(s, st, &row, &s->stats.observations, err);
}

/* --- reading all of it --- */

static int
read_techniques(struct tcs_store *s, int64_t nr, struct tcs_arena *a, struct tcs_signature *sig,
                struct tcs_err *err)
{
    int r;
    uint32_t cap = 0;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_TECHNIQUE_GET, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, nr);
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        if (sig->ntechniques == TCS_STORE_LIST_MAX) {
            r = tcs_store_sql_damaged(s, err);
            break;
        }
        if (!tcs_base_arena_grow(a, &sig->techniques, sig->ntechniques, &cap,
                                 sizeof *sig->techniques)) {
            r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
            break;
        }
        sig->techniques[sig->ntechniques++] = tcs_base_arena_str(a, tcs_store_sql_str(st, 0));
    }
    sqlite3_reset(st);
    return r < 0 ? r : 0;
}

static int
each_signature(struct tcs_store *s, struct tcs_arena *a, const struct tcs_store_reader *to,
               struct tcs_err *err)
{
    int r;
    int64_t before = -1;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_SIGNATURE_ALL, err);
    if (!st)
        return -err->code;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        tcs_base_arena_reset(a);
        int64_t nr = sqlite3_column_int64(st, 0);
        struct tcs_signature sig = {0};
        bool sane = nr > before && nr < TCS_MAP_NONE &&
                    tcs_store_sql_read(st, 1, signature_cols, SIGNATURE_COLS, &sig, a);
        before = nr;
        r = sane ? read_techniques(s, nr, a, &sig, err) : tcs_store_sql_damaged(s, err);
        if (r == 0)
            r = to->signature(to->ctx, (uint32_t)nr, &sig, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_sql_signatures(struct tcs_store *s, const struct tcs_store_reader *to,
                         struct tcs_err *err)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    int r = a ? each_signature(s, a, to, err) : tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    tcs_base_arena_free(a);
    return r;
}

static sqlite3_stmt *
ask_span(struct tcs_store *s, enum tcs_sql_statement id, struct tcs_sql_span span,
         struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, id, err);
    if (st) {
        sqlite3_bind_int64(st, 1, span.from);
        sqlite3_bind_int64(st, 2, span.to);
    }
    return st;
}

int
tcs_store_sql_findings(struct tcs_store *s, enum tcs_sql_statement id, struct tcs_sql_span span,
                       const struct tcs_store_reader *to, struct tcs_err *err)
{
    int r;
    struct tcs_finding d = {0};
    sqlite3_stmt *st = ask_span(s, id, span, err);
    if (!st)
        return -err->code;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        r = tcs_store_sql_read(st, 0, finding_cols, FINDING_COLS, &d, NULL)
                ? to->finding(to->ctx, &d, err)
                : tcs_store_sql_damaged(s, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_sql_observations(struct tcs_store *s, struct tcs_sql_span span,
                           const struct tcs_store_reader *to, struct tcs_err *err)
{
    int r;
    struct tcs_observation o = {0};
    sqlite3_stmt *st = ask_span(s, TCS_SQL_OBSERVATION_SINCE, span, err);
    if (!st)
        return -err->code;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        r = tcs_store_sql_read(st, 0, observation_cols, OBSERVATION_COLS, &o, NULL)
                ? to->observation(to->ctx, &o, err)
                : tcs_store_sql_damaged(s, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_read(struct tcs_store *s, const struct tcs_store_reader *to, struct tcs_err *err)
{
    const struct tcs_sql_span all = {INT64_MIN, INT64_MAX},
                              findings = {INT64_MIN, s->first_nr[TCS_SQL_FINDINGS]},
                              observations = {INT64_MIN, s->first_nr[TCS_SQL_OBSERVATIONS]};
    int r = tcs_store_sql_flush(s, err);
    if (r == 0)
        r = tcs_store_sql_signatures(s, to, err);
    if (r == 0)
        r = tcs_store_sql_findings(s, TCS_SQL_FINDING_ALL, s->begun ? findings : all, to, err);
    return r < 0 ? r : tcs_store_sql_observations(s, s->begun ? observations : all, to, err);
}
