/* store/evidence.c - detections, their signatures, and observations as a set.
 *
 * The key of a row is a hash of what the record is, not of where its file lies:
 *   signature (detections) or kind (observations), host in lower case, and
 *   - where the log numbers its records (a channel and a record id): channel, record id and second;
 *   - else: the file's base name, offset and second;
 *   - not for a correlation's result: that is signature, host and number (`group`);
 *   - for a match that correlations read the rule's id and the hash of its plan.
 * Seconds, since the tools that export a log keep different fractions of them. */
#include "store/store_int.h"

#include "attack/level.h"
#include "base/limits.h"
#include "base/time.h"

#include <sodium.h>

#define U64(T, m)                                                                                  \
    {                                                                                              \
        TCS_SQL_U64, offsetof(T, m), 0                                                             \
    }
#define PARTIES(T)                                                                                 \
    TCS_SQL_S(T, who.host), TCS_SQL_S(T, who.user), TCS_SQL_S(T, who.user_domain),                 \
        TCS_SQL_S(T, who.user_id), TCS_SQL_S(T, who.target), TCS_SQL_S(T, who.target_domain),      \
        TCS_SQL_S(T, who.target_id), TCS_SQL_S(T, who.source_ip), TCS_SQL_S(T, who.source_host),   \
        TCS_SQL_S(T, who.dest_ip), TCS_SQL_S(T, who.dest_host), TCS_SQL_S(T, who.own_ip),          \
        {TCS_SQL_U32, offsetof(T, who.pid), 0}, U64(T, who.session), U64(T, who.target_session),   \
        U64(T, who.linked_session), TCS_SQL_S(T, who.process), TCS_SQL_S(T, who.parent),           \
        TCS_SQL_S(T, who.image), TCS_SQL_S(T, who.object), TCS_SQL_S(T, who.hash)

static const struct tcs_sql_col detection_cols[] = {
    {TCS_SQL_U32, offsetof(struct tcs_finding, signature), 0},
    {TCS_SQL_TIME_OR_NONE, offsetof(struct tcs_finding, time), 0},
    {TCS_SQL_TIME_OR_NONE, offsetof(struct tcs_finding, first), 0},
    {TCS_SQL_U8, offsetof(struct tcs_finding, flags), TCS_DET_FLAGS},
    {TCS_SQL_U32, offsetof(struct tcs_finding, count), 0},
    {TCS_SQL_U64, offsetof(struct tcs_finding, group), 0},
    PARTIES(struct tcs_finding),
    TCS_SQL_EVIDENCE_COLS(struct tcs_finding),
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
    PARTIES(struct tcs_observation),
    TCS_SQL_EVIDENCE_COLS(struct tcs_observation),
};
enum {
    DETECTION_COLS = sizeof detection_cols / sizeof *detection_cols,
    OBSERVATION_COLS = sizeof observation_cols / sizeof *observation_cols,
    SIGNATURE_COLS = sizeof signature_cols / sizeof *signature_cols,
};

/* --- keys --- */

static void
add(crypto_generichash_state *h, struct tcs_str s)
{
    uint64_t n = s.n; /* the length first, so that no two lists of texts look alike */
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    if (s.n)
        crypto_generichash_update(h, (const unsigned char *)s.p, s.n);
}

static void
add_lower(crypto_generichash_state *h, struct tcs_str s)
{
    char low[64];
    uint64_t n = s.n;
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    for (size_t at = 0; at < s.n;) {
        size_t k = s.n - at < sizeof low ? s.n - at : sizeof low;
        for (size_t i = 0; i < k; i++)
            low[i] = tcs_ascii_lower(s.p[at + i]);
        crypto_generichash_update(h, (const unsigned char *)low, k);
        at += k;
    }
}

static void
add_number(crypto_generichash_state *h, uint64_t v)
{
    unsigned char b[8];
    for (int i = 0; i < 8; i++)
        b[i] = (unsigned char)(v >> (8 * i)); /* the same file on every machine */
    crypto_generichash_update(h, b, sizeof b);
}

static void
add_seconds(crypto_generichash_state *h, int64_t t)
{
    add_number(h, (uint64_t)(t / TCS_TICKS_PER_SEC));
}

static struct tcs_str
base_name(struct tcs_str path)
{
    size_t at = path.n;
    while (at && path.p[at - 1] != '/' && path.p[at - 1] != '\\' && path.p[at - 1] != '!')
        at--;
    return tcs_str_slice(path, at, path.n);
}

static void
add_record(crypto_generichash_state *h, struct tcs_str host, int64_t time,
           const struct tcs_evidence *e)
{
    bool numbered = e->channel.n && e->record_id;
    add_lower(h, host);
    add_seconds(h, time);
    add_number(h, numbered);
    if (numbered)
        add_lower(h, e->channel);
    else
        add(h, base_name(e->file));
    add_number(h, numbered ? e->record_id : e->offset);
}

static void
detection_key(const struct tcs_signature *sig, const struct tcs_finding *d,
              uint8_t out[TCS_STORE_KEY])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_STORE_KEY);
    add(&h, sig->id);
    add_record(&h, d->who.host, d->time, &d->evidence);
    crypto_generichash_final(&h, out, TCS_STORE_KEY);
}

void
tcs_sql_result_key(struct tcs_str signature, struct tcs_str host, uint64_t group,
                   uint8_t out[TCS_STORE_KEY])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_STORE_KEY);
    add(&h, TCS_STR("result"));
    add(&h, signature);
    add_lower(&h, host);
    add_number(&h, group);
    crypto_generichash_final(&h, out, TCS_STORE_KEY);
}

void
tcs_sql_match_key(const struct tcs_store_match *m, uint8_t out[TCS_STORE_KEY])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_STORE_KEY);
    add(&h, m->rule);
    add_number(&h, m->plan);
    add_record(&h, m->host, m->time, &m->evidence);
    crypto_generichash_final(&h, out, TCS_STORE_KEY);
}

static void
observation_key(const struct tcs_observation *o, uint8_t out[TCS_STORE_KEY])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_STORE_KEY);
    add_number(&h, o->kind);
    add_record(&h, o->who.host, o->time, &o->evidence);
    crypto_generichash_final(&h, out, TCS_STORE_KEY);
}

/* --- signatures --- */

static int
put_techniques(struct tcs_store *s, int64_t nr, const struct tcs_signature *sig,
               struct tcs_err *err)
{
    int r = tcs_sql_run(s, TCS_SQL_TECHNIQUE_DROP, nr, 0, err);
    for (uint32_t i = 0; r == 0 && i < sig->ntechniques; i++) {
        sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_TECHNIQUE_PUT, err);
        if (!st)
            return -err->code;
        sqlite3_bind_int64(st, 1, nr);
        sqlite3_bind_int64(st, 2, i);
        tcs_sql_text(st, 3, sig->techniques[i]);
        r = tcs_sql_done(s, st, err);
    }
    return r;
}

static int
insert_signature(struct tcs_store *s, const struct tcs_signature *sig, int64_t *nr,
                 struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_SIGNATURE_PUT, err);
    if (!st)
        return -err->code;
    tcs_sql_bind(st, 1, signature_cols, SIGNATURE_COLS, sig);
    int r = tcs_sql_step(s, st, err);
    if (r == 1)
        *nr = sqlite3_column_int64(st, 0);
    if (r == 1)
        r = tcs_sql_step(s, st, err);
    sqlite3_reset(st);
    return r < 0 ? r : put_techniques(s, *nr, sig, err);
}

/* 1: *nr; 0: there are too many. */
static int
signature_nr(struct tcs_store *s, const struct tcs_signature *sig, int64_t *nr, struct tcs_err *err)
{
    uint32_t known = tcs_map_get(&s->signatures, sig->id);
    int64_t count = 0;
    *nr = known;
    if (known != TCS_MAP_NONE)
        return 1;
    int r = tcs_sql_number(s, TCS_SQL_SIGNATURE_COUNT, &count, err);
    if (r < 0)
        return r;
    if (count >= s->limits.signatures) {
        sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_SIGNATURE_KNOWN, err);
        if (!st)
            return -err->code;
        tcs_sql_text(st, 1, sig->id);
        r = tcs_sql_step(s, st, err);
        sqlite3_reset(st);
        if (r != 1)
            return r;
    }
    r = insert_signature(s, sig, nr, err);
    if (r < 0)
        return r;
    struct tcs_str id = tcs_arena_str(s->arena, sig->id);
    if (*nr < 0 || *nr >= TCS_MAP_NONE)
        return tcs_sql_damaged(s, err);
    if (!id.p || tcs_map_put(&s->signatures, id, (uint32_t)*nr) < 0)
        return tcs_fail(err, TCS_ENOMEM, "out of memory for the store");
    return 1;
}

/* --- rows --- */

bool
tcs_sql_beyond(const struct tcs_store *s, enum tcs_sql_kind kind, int64_t time, const uint8_t *key)
{
    const struct tcs_sql_horizon *h = &s->horizon[kind];
    return h->set &&
           (time < h->time || (time == h->time && memcmp(key, h->key, TCS_STORE_KEY) <= 0));
}

static int
insert(struct tcs_store *s, sqlite3_stmt *st, uint64_t *fresh, struct tcs_err *err)
{
    int r = tcs_sql_done(s, st, err);
    if (r < 0)
        return r;
    bool is_new = sqlite3_changes(s->db) > 0;
    *(is_new ? fresh : &s->stats.known) += 1;
    return is_new;
}

int
tcs_store_detection_put(struct tcs_store *s, const struct tcs_signature *sig,
                        const struct tcs_finding *d, struct tcs_err *err)
{
    uint8_t key[TCS_STORE_KEY];
    int64_t nr = 0;
    int r = tcs_sql_need_write(s, err);
    if (r < 0)
        return r;
    detection_key(sig, d, key);
    if (tcs_sql_beyond(s, TCS_SQL_DETECTIONS, d->time, key)) {
        s->stats.beyond++;
        return 0;
    }
    r = signature_nr(s, sig, &nr, err);
    if (r == 0)
        s->stats.dropped++;
    if (r != 1)
        return r;
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_DETECTION_PUT, err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key, sizeof key, SQLITE_STATIC);
    tcs_sql_bind(st, 2, detection_cols, DETECTION_COLS, d);
    sqlite3_bind_int64(st, 2, nr); /* the store's number, not the chain's */
    return insert(s, st, &s->stats.detections, err);
}

/* 1: there, with its number, and whether it says the same; 0: not. */
static int
find_result(struct tcs_store *s, const uint8_t *key, const struct tcs_finding *d, int64_t *nr,
            bool *same, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_RESULT_GET, err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key, TCS_STORE_KEY, SQLITE_STATIC);
    int r = tcs_sql_step(s, st, err);
    *nr = r == 1 ? sqlite3_column_int64(st, 0) : 0;
    *same = r == 1 && sqlite3_column_int64(st, 1) == d->count &&
            sqlite3_column_int64(st, 2) == d->first && sqlite3_column_int64(st, 3) == d->time;
    sqlite3_reset(st);
    return r;
}

/* 1: a new row; 0: the row of that number says something else now. */
static int
write_result(struct tcs_store *s, const struct tcs_store_result *r, const uint8_t *key,
             int64_t signature, int64_t nr, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_RESULT_PUT, err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key, TCS_STORE_KEY, SQLITE_STATIC);
    tcs_sql_bind(st, 2, detection_cols, DETECTION_COLS, r->detection);
    sqlite3_bind_int64(st, 2, signature);
    if (nr) /* else the next one */
        sqlite3_bind_int64(st, 2 + DETECTION_COLS, nr);
    sqlite3_bind_int64(st, 3 + DETECTION_COLS, (int64_t)r->plan);
    int e = tcs_sql_done(s, st, err);
    if (e == 0)
        e = tcs_sql_run(s, TCS_SQL_RESULT_HELD, nr ? nr : sqlite3_last_insert_rowid(s->db), 0, err);
    *(nr ? &s->stats.known : &s->stats.detections) += 1;
    return e < 0 ? e : !nr;
}

int
tcs_store_result_put(struct tcs_store *s, struct tcs_store_result *r, struct tcs_err *err)
{
    const struct tcs_finding *d = r->detection;
    uint8_t key[TCS_STORE_KEY];
    int64_t nr = 0, signature = 0;
    bool same = false;
    int e = tcs_sql_need_write(s, err);
    r->news = false;
    if (e < 0)
        return e;
    tcs_sql_result_key(r->signature->id, d->who.host, d->group, key);
    e = find_result(s, key, d, &nr, &same, err);
    if (e == 0 && tcs_sql_beyond(s, TCS_SQL_DETECTIONS, d->time, key)) {
        s->stats.beyond++;
        return 0;
    }
    if (e >= 0)
        e = signature_nr(s, r->signature, &signature, err);
    if (e == 0)
        s->stats.dropped++;
    r->news = e == 1 && !same;
    return e == 1 ? write_result(s, r, key, signature, nr, err) : e;
}

int
tcs_store_results_settle(struct tcs_store *s, uint64_t plan, int64_t after, struct tcs_err *err)
{
    int r = tcs_sql_need_write(s, err);
    if (r == 0)
        r = tcs_sql_run(s, TCS_SQL_RESULT_UNDO, (int64_t)plan, after, err);
    if (r == 0)
        s->stats.undone += (uint64_t)sqlite3_changes(s->db);
    return r;
}

int
tcs_store_observation_put(struct tcs_store *s, const struct tcs_observation *o, struct tcs_err *err)
{
    uint8_t key[TCS_STORE_KEY];
    int r = tcs_sql_need_write(s, err);
    if (r < 0)
        return r;
    observation_key(o, key);
    if (tcs_sql_beyond(s, TCS_SQL_OBSERVATIONS, o->time, key)) {
        s->stats.beyond++;
        return 0;
    }
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_OBSERVATION_PUT, err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key, sizeof key, SQLITE_STATIC);
    tcs_sql_bind(st, 2, observation_cols, OBSERVATION_COLS, o);
    return insert(s, st, &s->stats.observations, err);
}

/* --- reading all of it --- */

static int
read_techniques(struct tcs_store *s, int64_t nr, struct tcs_arena *a, struct tcs_signature *sig,
                struct tcs_err *err)
{
    int r;
    uint32_t cap = 0;
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_TECHNIQUE_GET, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, nr);
    while ((r = tcs_sql_step(s, st, err)) == 1) {
        if (sig->ntechniques == TCS_STORE_LIST_MAX) {
            r = tcs_sql_damaged(s, err);
            break;
        }
        if (!tcs_arena_grow(a, &sig->techniques, sig->ntechniques, &cap, sizeof *sig->techniques)) {
            r = tcs_fail(err, TCS_ENOMEM, "out of memory");
            break;
        }
        sig->techniques[sig->ntechniques++] = tcs_arena_str(a, tcs_sql_str(st, 0));
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
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_SIGNATURE_ALL, err);
    if (!st)
        return -err->code;
    while ((r = tcs_sql_step(s, st, err)) == 1) {
        tcs_arena_reset(a);
        int64_t nr = sqlite3_column_int64(st, 0);
        struct tcs_signature sig = {0};
        bool sane = nr > before && nr < TCS_MAP_NONE &&
                    tcs_sql_read(st, 1, signature_cols, SIGNATURE_COLS, &sig, a);
        before = nr;
        r = sane ? read_techniques(s, nr, a, &sig, err) : tcs_sql_damaged(s, err);
        if (r == 0)
            r = to->signature(to->ctx, (uint32_t)nr, &sig, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

static int
each_detection(struct tcs_store *s, const struct tcs_store_reader *to, struct tcs_err *err)
{
    int r;
    struct tcs_finding d = {0};
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_DETECTION_ALL, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, s->begun ? s->first_nr[TCS_SQL_DETECTIONS] : INT64_MAX);
    while ((r = tcs_sql_step(s, st, err)) == 1) {
        r = tcs_sql_read(st, 0, detection_cols, DETECTION_COLS, &d, NULL)
                ? to->detection(to->ctx, &d, err)
                : tcs_sql_damaged(s, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

static int
each_observation(struct tcs_store *s, const struct tcs_store_reader *to, struct tcs_err *err)
{
    int r;
    struct tcs_observation o = {0};
    sqlite3_stmt *st = tcs_sql_get(s, TCS_SQL_OBSERVATION_ALL, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, s->begun ? s->first_nr[TCS_SQL_OBSERVATIONS] : INT64_MAX);
    while ((r = tcs_sql_step(s, st, err)) == 1) {
        r = tcs_sql_read(st, 0, observation_cols, OBSERVATION_COLS, &o, NULL)
                ? to->observation(to->ctx, &o, err)
                : tcs_sql_damaged(s, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_read(struct tcs_store *s, const struct tcs_store_reader *to, struct tcs_err *err)
{
    struct tcs_arena *a = tcs_arena_new(0);
    if (!a)
        return tcs_fail(err, TCS_ENOMEM, "out of memory");
    int r = each_signature(s, a, to, err);
    tcs_arena_free(a);
    if (r == 0)
        r = each_detection(s, to, err);
    return r < 0 ? r : each_observation(s, to, err);
}
