/* store/chain_rows.c - the image of what a chain was fed (chain/chain_image.c), in rows of about a
 * megabyte, so that a later run reads them instead of a row for each finding and observation.
 *
 *   row 0        format 4 | last number of a finding 8, of an observation 8 | how many of each 8, 8
 *   row 1 ...    parts, in their order
 *
 * It is what the rows say up to these numbers, no more: it may be dropped at any time, and has to
 * be where one of the rows goes or changes.  Results of correlations change with each run, so they
 * are never in it. */
#include "store/store_int.h"

#include "base/cursor.h"

/* FORMAT changes with the tables of chain/chain_image.c: an image of another one is not read. */
enum { FORMAT = 2, HEAD = 4 + 4 * 8 };

int
tcs_store_image_drop(struct tcs_store *s, struct tcs_err *err)
{
    return tcs_store_sql_run(s, TCS_SQL_IMAGE_DROP, 0, 0, err);
}

/* --- reading --- */

static sqlite3_stmt *
ask_rows(struct tcs_store *s, int64_t first, int64_t last, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_IMAGE_GET, err);
    if (st) {
        sqlite3_bind_int64(st, 1, first);
        sqlite3_bind_int64(st, 2, last);
    }
    return st;
}

static struct tcs_str
row_bytes(sqlite3_stmt *st)
{
    const char *p = sqlite3_column_blob(st, 0);
    int n = sqlite3_column_bytes(st, 0);
    return p && n > 0 ? (struct tcs_str){p, (size_t)n} : (struct tcs_str){"", 0};
}

static bool
read_head(struct tcs_str bytes, struct tcs_sql_image *ret)
{
    struct tcs_cursor c = tcs_base_cur(bytes.p, bytes.n);
    if (tcs_base_cur_u32(&c) != FORMAT)
        return false;
    ret->finding = (int64_t)tcs_base_cur_u64(&c);
    ret->observation = (int64_t)tcs_base_cur_u64(&c);
    ret->findings = tcs_base_cur_u64(&c);
    ret->observations = tcs_base_cur_u64(&c);
    return !c.bad && bytes.n == HEAD;
}

/* May it be?  Numbers up to the last row's, and of each row at most an address beside it. */
static bool
sane(const struct tcs_store *s, const struct tcs_sql_image *i)
{
    return i->finding >= 0 && i->finding <= s->first_nr[TCS_SQL_FINDINGS] && i->observation >= 0 &&
           i->observation <= s->first_nr[TCS_SQL_OBSERVATIONS] &&
           i->findings <= (uint64_t)i->finding && i->observations / 2 <= (uint64_t)i->observation;
}

int
tcs_store_image_head(struct tcs_store *s, struct tcs_sql_image *ret, struct tcs_err *err)
{
    sqlite3_stmt *st = ask_rows(s, 0, 0, err);
    if (!st)
        return -err->code;
    int r = tcs_store_sql_step(s, st, err);
    bool known = r == 1 && read_head(row_bytes(st), ret);
    sqlite3_reset(st);
    if (r < 0)
        return r;
    if (known && !sane(s, ret))
        return tcs_store_sql_damaged(s, err);
    if (!known) /* another program's */
        *ret = (struct tcs_sql_image){0};
    return 0;
}

int
tcs_store_image_read(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err)
{
    int r;
    sqlite3_stmt *st = ask_rows(s, 1, INT64_MAX, err);
    struct tcs_chain_unpacker *u = st ? tcs_chain_unpacker_new(chain) : NULL;
    if (!st)
        return -err->code;
    if (!u)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the store");
    while ((r = tcs_store_sql_step(s, st, err)) == 1)
        if ((r = tcs_chain_unpack(u, row_bytes(st), err)) < 0)
            break;
    sqlite3_reset(st);
    tcs_chain_unpacker_free(u);
    return r == -TCS_ECORRUPT ? tcs_store_sql_damaged(s, err) : r;
}

/* --- writing --- */

struct writing {
    struct tcs_store *s;
    int64_t n;
};

static int
put_row(void *ctx, struct tcs_str bytes, struct tcs_err *err)
{
    struct writing *w = ctx;
    sqlite3_stmt *st = tcs_store_sql_get(w->s, TCS_SQL_IMAGE_PUT, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, w->n++);
    sqlite3_bind_blob64(st, 2, bytes.p, bytes.n, SQLITE_STATIC);
    return tcs_store_sql_done(w->s, st, err);
}

static int
put_head(struct tcs_store *s, const struct tcs_sql_image *i, struct tcs_err *err)
{
    const uint64_t numbers[] = {(uint64_t)i->finding, (uint64_t)i->observation, i->findings,
                                i->observations};
    char head[HEAD] = {FORMAT};
    for (unsigned k = 0; k < sizeof numbers / sizeof *numbers; k++)
        for (unsigned b = 0; b < 8; b++)
            head[4 + 8 * k + b] = (char)(numbers[k] >> 8 * b);
    struct writing w = {s, 0};
    return put_row(&w, (struct tcs_str){head, sizeof head}, err);
}

/* A sixteenth more than is in the old one, and more than can be read at once; nothing that is
 * pruned in a moment. */
static int
is_due(struct tcs_store *s, const struct tcs_sql_image *old, const struct tcs_sql_image *now,
       bool *due, struct tcs_err *err)
{
    uint64_t more =
        (uint64_t)(now->finding - old->finding) + (uint64_t)(now->observation - old->observation);
    int64_t findings = 0, observations = 0;
    *due = false;
    if (s->spoiled.code || more <= s->limits.image ||
        more <= (old->findings + old->observations) / 16)
        return 0;
    int r = tcs_store_sql_number(s, TCS_SQL_FINDING_COUNT, &findings, err);
    if (r == 0)
        r = tcs_store_sql_number(s, TCS_SQL_OBSERVATION_COUNT, &observations, err);
    *due = findings <= s->limits.findings && observations <= s->limits.observations;
    return r;
}

int
tcs_store_image_write(struct tcs_store *s, struct tcs_chain *chain, const struct tcs_sql_image *old,
                      struct tcs_err *err)
{
    const struct tcs_chain_stats *st = tcs_chain_stats(chain);
    struct tcs_sql_image now = {.findings = st->detections, .observations = st->observations};
    bool due = false;
    int r = tcs_store_sql_number(s, TCS_SQL_FINDING_EDGE_NR, &now.finding, err);
    if (r == 0)
        r = tcs_store_sql_number(s, TCS_SQL_OBSERVATION_LAST, &now.observation, err);
    if (r == 0)
        r = is_due(s, old, &now, &due, err);
    if (r < 0 || !due)
        return r;
    struct writing w = {s, 1};
    const struct tcs_chain_parts to = {put_row, &w};
    r = tcs_store_image_drop(s, err);
    if (r == 0)
        r = tcs_chain_pack(chain, &to, err);
    if (r == 1) /* none is better than half of it */
        return tcs_store_image_drop(s, err);
    return r < 0 ? r : put_head(s, &now, err);
}
