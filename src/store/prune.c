/* store/prune.c - at the end of a run: its rows into the baseline; what is beyond the limits out of
 * the tables, findings of it into summaries.
 *
 * The oldest go first, by time and then by key, so that the order of arrival decides nothing. */
#include "store/store_int.h"

#include "base/invariant.h"
#include "base/time.h"

static const struct evidence {
    const char *horizon; /* blob */
    enum tcs_sql_statement count, doom, edge, prune;
} kinds[] = {
    {"horizon.detection", TCS_SQL_FINDING_COUNT, TCS_SQL_FINDING_DOOM, TCS_SQL_FINDING_EDGE,
     TCS_SQL_FINDING_PRUNE},
    {"horizon.observation", TCS_SQL_OBSERVATION_COUNT, TCS_SQL_OBSERVATION_DOOM,
     TCS_SQL_OBSERVATION_EDGE, TCS_SQL_OBSERVATION_PRUNE},
    {"horizon.match", TCS_SQL_MATCH_COUNT, TCS_SQL_MATCH_DOOM, TCS_SQL_MATCH_EDGE,
     TCS_SQL_MATCH_PRUNE},
};
TCS_ROW_FOR_EACH(kinds, TCS_SQL_KINDS);

enum { HORIZON = 8 + TCS_KEY };

int
tcs_store_sql_load_horizons(struct tcs_store *s, struct tcs_err *err)
{
    for (int k = 0; k < TCS_SQL_KINDS; k++) {
        struct tcs_str bytes;
        struct tcs_sql_horizon *h = &s->horizon[k];
        int r = tcs_store_blob_get(s, kinds[k].horizon, s->arena, &bytes, err);
        if (r < 0)
            return r;
        if (r == 1 && bytes.n != HORIZON)
            return tcs_store_sql_damaged(s, err);
        h->set = r == 1;
        uint64_t t = 0;
        for (int i = 0; h->set && i < 8; i++)
            t |= (uint64_t)(uint8_t)bytes.p[i] << (8 * i);
        h->time = (int64_t)t;
        if (h->set && h->time != TCS_TIME_NONE && !tcs_store_sql_time(h->time))
            return tcs_store_sql_damaged(s, err);
        if (h->set)
            memcpy(h->key.b, bytes.p + 8, TCS_KEY);
    }
    return 0;
}

static int
save_horizon(struct tcs_store *s, const struct evidence *e, struct tcs_err *err)
{
    char bytes[HORIZON];
    sqlite3_stmt *st = tcs_store_sql_get(s, e->edge, err);
    if (!st)
        return -err->code;
    int r = tcs_store_sql_step(s, st, err);
    struct tcs_key key;
    bool good = r == 1 && tcs_store_sql_read_key(st, 1, &key);
    uint64_t t = good ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(t >> (8 * i));
    if (good)
        memcpy(bytes + 8, key.b, TCS_KEY);
    sqlite3_reset(st);
    if (r < 0)
        return r;
    return good ? tcs_store_blob_put(s, e->horizon, (struct tcs_str){bytes, HORIZON}, err)
                : tcs_store_sql_damaged(s, err);
}

static int
fold_findings(struct tcs_store *s, struct tcs_err *err)
{
    static const enum tcs_sql_statement folds[] = {TCS_SQL_FOLD_HOST, TCS_SQL_FOLD_USER,
                                                   TCS_SQL_FOLD_TARGET};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof folds / sizeof *folds; i++)
        r = tcs_store_sql_run(s, folds[i], 0, 0, err);
    return r;
}

/* A sixteenth more goes than has to, so that the next runs need not put all in order again, nor
 * read it row by row. */
static int
prune(struct tcs_store *s, enum tcs_sql_kind kind, uint32_t keep, struct tcs_err *err)
{
    const struct evidence *e = &kinds[kind];
    int64_t count = 0;
    int r = tcs_store_sql_number(s, e->count, &count, err);
    if (r < 0 || count <= keep)
        return r;
    keep -= keep / 16;
    r = kind == TCS_SQL_MATCHES ? tcs_store_settled_put(s, (struct tcs_str){"", 0}, err)
                                : tcs_store_image_drop(s, err);
    if (r == 0)
        r = tcs_store_sql_run(s, TCS_SQL_DOOMED_CLEAR, 0, 0, err);
    if (r == 0)
        r = tcs_store_sql_run(s, e->doom, keep, 0, err);
    if (r == 0)
        r = save_horizon(s, e, err);
    if (r == 0 && kind == TCS_SQL_FINDINGS)
        r = fold_findings(s, err);
    if (r == 0)
        r = tcs_store_sql_run(s, e->prune, 0, 0, err);
    if (r == 0)
        s->stats.pruned += (uint64_t)(count - keep);
    return r;
}

/* What is not evidence: the rows beyond the limit go.  They are put in order only if there are
 * any. */
static int
prune_rest(struct tcs_store *s, enum tcs_sql_statement counted, enum tcs_sql_statement prune,
           uint32_t keep, struct tcs_err *err)
{
    int64_t count = 0;
    int r = tcs_store_sql_number(s, counted, &count, err);
    return r < 0 || count <= keep ? r : tcs_store_sql_run(s, prune, keep, 0, err);
}

int
tcs_store_sql_fold(struct tcs_store *s, struct tcs_err *err)
{
    const struct tcs_store_limits *l = &s->limits;
    int r = tcs_store_sql_run(s, TCS_SQL_PAIR_SIGNATURE, s->first_nr[TCS_SQL_FINDINGS], 0, err);
    if (r == 0)
        r = tcs_store_sql_run(s, TCS_SQL_PAIR_USER, s->first_nr[TCS_SQL_FINDINGS], 0, err);
    if (r == 0)
        r = tcs_store_sql_run(s, TCS_SQL_PAIR_LOGON, s->first_nr[TCS_SQL_OBSERVATIONS],
                              TCS_OBS_LOGON, err);
    if (r == 0)
        r = prune(s, TCS_SQL_FINDINGS, l->findings, err);
    if (r == 0)
        r = prune(s, TCS_SQL_OBSERVATIONS, l->observations, err);
    if (r == 0)
        r = prune(s, TCS_SQL_MATCHES, l->matches, err);
    if (r == 0)
        r = prune_rest(s, TCS_SQL_SUMMARY_COUNT, TCS_SQL_SUMMARY_PRUNE, l->summaries, err);
    if (r == 0)
        r = prune_rest(s, TCS_SQL_BASELINE_COUNT, TCS_SQL_BASELINE_PRUNE, l->baseline, err);
    if (r == 0)
        r = prune_rest(s, TCS_SQL_HEARD_COUNT, TCS_SQL_HEARD_PRUNE, l->sources, err);
    if (r == 0)
        r = prune_rest(s, TCS_SQL_SOURCE_COUNT, TCS_SQL_SOURCE_PRUNE, l->sources, err);
    return r;
}

static const struct tcs_sql_col summary_cols[] = {
    TCS_SQL_S(struct tcs_store_summary, kind),
    TCS_SQL_S(struct tcs_store_summary, name),
    {TCS_SQL_U8, offsetof(struct tcs_store_summary, stage), TCS_STAGES - 1},
    TCS_SQL_S(struct tcs_store_summary, technique),
    {TCS_SQL_TIME_OR_NONE, offsetof(struct tcs_store_summary, first), 0},
    {TCS_SQL_TIME_OR_NONE, offsetof(struct tcs_store_summary, last), 0},
    {TCS_SQL_COUNT, offsetof(struct tcs_store_summary, count), 0},
    TCS_SQL_S(struct tcs_store_summary, incident),
};
static const struct tcs_sql_col pair_cols[] = {
    TCS_SQL_S(struct tcs_store_pair, kind),
    TCS_SQL_S(struct tcs_store_pair, name),
    TCS_SQL_S(struct tcs_store_pair, host),
    {TCS_SQL_TIME, offsetof(struct tcs_store_pair, first), 0},
    {TCS_SQL_TIME, offsetof(struct tcs_store_pair, last), 0},
    {TCS_SQL_COUNT, offsetof(struct tcs_store_pair, count), 0},
    {TCS_SQL_COUNT, offsetof(struct tcs_store_pair, days), 0},
};
enum {
    SUMMARY_COLS = sizeof summary_cols / sizeof *summary_cols,
    PAIR_COLS = sizeof pair_cols / sizeof *pair_cols,
};

static bool
one_of(struct tcs_str s, const char *a, const char *b)
{
    return tcs_base_str_eq(s, tcs_base_str_of(a)) || tcs_base_str_eq(s, tcs_base_str_of(b));
}

int
tcs_store_summaries(struct tcs_store *s,
                    void (*each)(void *ctx, const struct tcs_store_summary *row), void *ctx,
                    struct tcs_err *err)
{
    int r;
    struct tcs_store_summary row = {0};
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_SUMMARY_ALL, err);
    if (!st)
        return -err->code;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        if (!tcs_store_sql_read(st, 0, summary_cols, SUMMARY_COLS, &row, NULL) ||
            !one_of(row.kind, "host", "account")) {
            r = tcs_store_sql_damaged(s, err);
            break;
        }
        each(ctx, &row);
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_baseline(struct tcs_store *s, void (*each)(void *ctx, const struct tcs_store_pair *row),
                   void *ctx, struct tcs_err *err)
{
    int r;
    struct tcs_store_pair row = {0};
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_BASELINE_ALL, err);
    if (!st)
        return -err->code;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        if (!tcs_store_sql_read(st, 0, pair_cols, PAIR_COLS, &row, NULL) ||
            !one_of(row.kind, "signature", "account")) {
            r = tcs_store_sql_damaged(s, err);
            break;
        }
        each(ctx, &row);
    }
    sqlite3_reset(st);
    return r;
}
