/* store/match.c - matches of rules that correlations read, as a set: the same record, rule and plan
 * is one row.  What the match brings is bytes of the caller's, kept as they are. */
#include "store/store_int.h"

#include "event/event.h"

static const struct tcs_sql_col cols[] = {
    TCS_SQL_S(struct tcs_store_match, rule),
    {TCS_SQL_U64, offsetof(struct tcs_store_match, plan), 0},
    {TCS_SQL_TIME, offsetof(struct tcs_store_match, time), 0},
    {TCS_SQL_U8, offsetof(struct tcs_store_match, flags), TCS_EVENT_CARVED | TCS_MATCH_UNCHECKED},
    {TCS_SQL_BOOL, offsetof(struct tcs_store_match, about_target), 0},
    TCS_SQL_S(struct tcs_store_match, host),
    TCS_SQL_S(struct tcs_store_match, account),
    TCS_SQL_S(struct tcs_store_match, subject),
    TCS_SQL_S(struct tcs_store_match, source_ip),
    TCS_SQL_EVIDENCE_COLS(struct tcs_store_match),
    TCS_SQL_RECORD_COL(struct tcs_store_match),
};
enum { COLS = sizeof cols / sizeof *cols };

int
tcs_store_match_put(struct tcs_store *s, const struct tcs_store_match *m, struct tcs_err *err)
{
    const struct tcs_key key = tcs_store_sql_match_key(m->evidence.key, m->rule, m->plan);
    int64_t nr = 0;
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0 && s->legacy[TCS_SQL_MATCHES]) {
        struct tcs_key old = tcs_store_legacy_match(m);
        r = tcs_store_legacy_adopt(s, TCS_SQL_MATCHES, &key, &old, &nr, err);
    }
    if (r == 0 && !nr)
        r = tcs_store_sql_beyond(s, TCS_SQL_MATCHES, m->time, &key, err);
    if (r != 0)
        return r < 0 ? r : TCS_STORE_BEYOND;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_MATCH_PUT, err);
    if (!st)
        return -err->code;
    if (nr) /* else the next one */
        sqlite3_bind_int64(st, 1, nr);
    sqlite3_bind_blob(st, 2, key.b, TCS_KEY, SQLITE_STATIC);
    tcs_store_sql_bind(st, 3, cols, COLS, m);
    sqlite3_bind_blob64(st, 3 + COLS, m->values.n ? m->values.p : "", m->values.n, SQLITE_STATIC);
    const struct tcs_sql_row row = {TCS_SQL_MATCHES, key, nr != 0};
    return tcs_store_sql_insert(s, st, &row, &s->stats.matches, err);
}

int
tcs_store_matches(struct tcs_store *s,
                  int (*each)(void *ctx, const struct tcs_store_match *m, struct tcs_err *err),
                  void *ctx, struct tcs_err *err)
{
    struct tcs_store_match m = {0};
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0)
        r = tcs_store_sql_flush(s, err);
    sqlite3_stmt *st = r == 0 ? tcs_store_sql_get(s, TCS_SQL_MATCH_ALL, err) : NULL;
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, s->first_nr[TCS_SQL_MATCHES]);
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        const char *p = sqlite3_column_blob(st, COLS);
        int n = sqlite3_column_bytes(st, COLS);
        bool good = tcs_store_sql_read(st, 0, cols, COLS, &m, NULL);
        m.values = p && n > 0 ? (struct tcs_str){p, (size_t)n} : (struct tcs_str){"", 0};
        r = good ? each(ctx, &m, err) : tcs_store_sql_damaged(s, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

static const char settled[] = "settled.matches";

int
tcs_store_settled_put(struct tcs_store *s, struct tcs_str bytes, struct tcs_err *err)
{
    return tcs_store_blob_put(s, settled, bytes, err);
}

int
tcs_store_settled_get(struct tcs_store *s, struct tcs_arena *a, struct tcs_str *ret,
                      struct tcs_err *err)
{
    return tcs_store_blob_get(s, settled, a, ret, err);
}

int64_t
tcs_store_matches_after(const struct tcs_store *s)
{
    const struct tcs_sql_horizon *h = &s->horizon[TCS_SQL_MATCHES];
    return h->set ? h->time : INT64_MIN;
}
