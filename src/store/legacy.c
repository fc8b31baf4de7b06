/* store/legacy.c - rows of stores up to schema 3: what those were known by, and how they come to be
 * known by the record that they are from.
 *
 * They were hashes of signature (or kind, or rule and plan), host, second and, where there was a
 * channel and a number, those, else the file's base name and the offset.  In exports that number
 * their lines that is another record in every file, so it is not used any more; but the rows do not
 * hold what the key of such a record is made of.  So the old key stays beside the new one (column
 * `legacy`) until the record is put again: then the row is the record's.
 *
 * The formula is frozen: it is that of files which exist. */
#include "store/store_int.h"

#include "base/time.h"
#include "event/event.h"

#include <sodium.h>

/* By what an old program told records apart. */
struct place {
    struct tcs_str host, file, channel;
    uint64_t record_id, offset;
    int64_t time;
};

static struct tcs_str
base_name(struct tcs_str path)
{
    size_t at = path.n;
    while (at && path.p[at - 1] != '/' && path.p[at - 1] != '\\' && path.p[at - 1] != '!')
        at--;
    return tcs_base_str_slice(path, at, path.n);
}

static struct place
place_of(struct tcs_str host, int64_t time, const struct tcs_evidence *e)
{
    return (struct place){host, e->file, e->channel, e->record_id, e->offset, time};
}

static void
add_record(crypto_generichash_state *h, const struct place *p)
{
    bool numbered = p->channel.n && p->record_id;
    tcs_store_sql_hash_lower(h, p->host);
    tcs_store_sql_hash_number(h, (uint64_t)(p->time / TCS_TICKS_PER_SEC));
    tcs_store_sql_hash_number(h, numbered);
    if (numbered)
        tcs_store_sql_hash_lower(h, p->channel);
    else
        tcs_store_sql_hash_text(h, base_name(p->file));
    tcs_store_sql_hash_number(h, numbered ? p->record_id : p->offset);
}

static struct tcs_key
end(crypto_generichash_state *h, const struct place *p)
{
    struct tcs_key k = {.uncounted = false};
    add_record(h, p);
    crypto_generichash_final(h, k.b, TCS_KEY);
    return k;
}

struct tcs_key
tcs_store_legacy_finding(struct tcs_str signature, const struct tcs_finding *d)
{
    const struct place p = place_of(d->who.host, d->time, &d->evidence);
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_KEY);
    tcs_store_sql_hash_text(&h, signature);
    return end(&h, &p);
}

struct tcs_key
tcs_store_legacy_observation(const struct tcs_observation *o)
{
    const struct place p = place_of(o->who.host, o->time, &o->evidence);
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_KEY);
    tcs_store_sql_hash_number(&h, o->kind);
    return end(&h, &p);
}

struct tcs_key
tcs_store_legacy_match(const struct tcs_store_match *m)
{
    struct place p = place_of(m->host, m->time, &m->evidence);
    crypto_generichash_state h;
    /* Of a cloud's log, which has no event ids, matches had the record's own channel, none, where
     * findings had the log's name. */
    if (m->evidence.event_id == TCS_EVENT_ID_NONE)
        p.channel = (struct tcs_str){NULL, 0};
    crypto_generichash_init(&h, NULL, 0, TCS_KEY);
    tcs_store_sql_hash_text(&h, m->rule);
    tcs_store_sql_hash_number(&h, m->plan);
    return end(&h, &p);
}

/* --- the step from schema 3 --- */

/* What a row of an old program tells of its record.  Windows' events have a number of their own,
 * whose key is exact; in exports of lines it may be that of the line, which no other row has.  Of
 * others the place, under a name that no key of a record has. */
static struct tcs_key
record_of(const struct place *p, uint32_t event_id)
{
    if (p->host.n && p->channel.n && p->record_id && event_id != TCS_EVENT_ID_NONE)
        return tcs_identity_key_numbered(p->host, p->channel, p->record_id, p->time);
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_KEY);
    tcs_store_sql_hash_text(&h, TCS_STR("legacy"));
    return end(&h, p);
}

/* Columns of the statements *_OLD. */
enum { NR, KEY, HOST, FILE_NAME, CHANNEL, RECORD_ID, OFFSET, EVENT_ID, TIME, SAID, PLAN, FLAGS };

static int
rekey(struct tcs_store *s, enum tcs_sql_kind kind, sqlite3_stmt *row, struct tcs_err *err)
{
    static const enum tcs_sql_statement rekeys[TCS_SQL_KINDS] = {
        TCS_SQL_FINDING_REKEY, TCS_SQL_OBSERVATION_REKEY, TCS_SQL_MATCH_REKEY};
    const struct place p = {.host = tcs_store_sql_str(row, HOST),
                            .file = tcs_store_sql_str(row, FILE_NAME),
                            .channel = tcs_store_sql_str(row, CHANNEL),
                            .record_id = (uint64_t)sqlite3_column_int64(row, RECORD_ID),
                            .offset = (uint64_t)sqlite3_column_int64(row, OFFSET),
                            .time = sqlite3_column_int64(row, TIME)};
    struct tcs_str said = tcs_store_sql_str(row, SAID);
    struct tcs_key record = record_of(&p, (uint32_t)sqlite3_column_int64(row, EVENT_ID));
    struct tcs_key key =
        kind == TCS_SQL_MATCHES
            ? tcs_store_sql_match_key(record, said, (uint64_t)sqlite3_column_int64(row, PLAN))
            : tcs_identity_key_with(record, said);
    bool result = sqlite3_column_int64(row, FLAGS) & TCS_FINDING_CORRELATION; /* keeps its key */
    sqlite3_stmt *st = tcs_store_sql_get(s, rekeys[kind], err);
    if (!st)
        return -err->code;
    const void *old = sqlite3_column_blob(row, KEY);
    int nold = sqlite3_column_bytes(row, KEY);
    if (result)
        sqlite3_bind_blob(st, 1, old, nold, SQLITE_STATIC);
    else
        sqlite3_bind_blob(st, 1, key.b, TCS_KEY, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, record.b, TCS_KEY, SQLITE_STATIC);
    if (!result)
        sqlite3_bind_blob(st, 3, old, nold, SQLITE_STATIC);
    sqlite3_bind_int64(st, 4, sqlite3_column_int64(row, NR));
    return tcs_store_sql_done(s, st, err);
}

int
tcs_store_legacy_rekey(struct tcs_store *s, struct tcs_err *err)
{
    static const enum tcs_sql_statement old[TCS_SQL_KINDS] = {
        TCS_SQL_FINDING_OLD, TCS_SQL_OBSERVATION_OLD, TCS_SQL_MATCH_OLD};
    int r = 0;
    for (int kind = 0; r == 0 && kind < TCS_SQL_KINDS; kind++) {
        sqlite3_stmt *row = tcs_store_sql_get(s, old[kind], err);
        if (!row)
            return -err->code;
        while ((r = tcs_store_sql_step(s, row, err)) == 1)
            if ((r = rekey(s, (enum tcs_sql_kind)kind, row, err)) < 0)
                break;
        sqlite3_reset(row);
    }
    return r;
}

/* --- in a run --- */

int
tcs_store_legacy_load(struct tcs_store *s, struct tcs_err *err)
{
    static const enum tcs_sql_statement any[TCS_SQL_KINDS] = {
        TCS_SQL_FINDING_LEGACY, TCS_SQL_OBSERVATION_LEGACY, TCS_SQL_MATCH_LEGACY};
    int r = 0;
    for (int kind = 0; r == 0 && kind < TCS_SQL_KINDS; kind++) {
        int64_t yes = 0;
        r = tcs_store_sql_number(s, any[kind], &yes, err);
        s->legacy[kind] = yes != 0;
    }
    return r;
}

int
tcs_store_legacy_adopt(struct tcs_store *s, enum tcs_sql_kind kind, const struct tcs_key *key,
                       const struct tcs_key *old, int64_t *nr, struct tcs_err *err)
{
    static const enum tcs_sql_statement adopt[TCS_SQL_KINDS] = {
        TCS_SQL_FINDING_ADOPT, TCS_SQL_OBSERVATION_ADOPT, TCS_SQL_MATCH_ADOPT};
    sqlite3_stmt *st = tcs_store_sql_get(s, adopt[kind], err);
    if (!st)
        return -err->code;
    sqlite3_bind_blob(st, 1, key->b, TCS_KEY, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, old->b, TCS_KEY, SQLITE_STATIC);
    int r = tcs_store_sql_step(s, st, err);
    if (r == 1)
        *nr = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    if (r != 1)
        return r;
    return kind == TCS_SQL_MATCHES ? tcs_store_settled_put(s, (struct tcs_str){"", 0}, err)
                                   : tcs_store_image_drop(s, err);
}
