/* store/source_rows.c - how far sources were read and what was equal in them, when hosts were seen,
 * and opaque state by name. */
#include "store/store_int.h"

static const struct tcs_sql_col numbers[] = {
    {TCS_SQL_COUNT, offsetof(struct tcs_store_source, head_size), 0},
    {TCS_SQL_COUNT, offsetof(struct tcs_store_source, size), 0},
    {TCS_SQL_I64, offsetof(struct tcs_store_source, mtime), 0},
    {TCS_SQL_COUNT, offsetof(struct tcs_store_source, read), 0},
    {TCS_SQL_COUNT, offsetof(struct tcs_store_source, records), 0},
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* A hash of the wrong size is damage. */
static bool
read_hash(sqlite3_stmt *st, int col, uint8_t out[32])
{
    const void *p = sqlite3_column_blob(st, col);
    if (!p || sqlite3_column_bytes(st, col) != 32)
        return false;
    memcpy(out, p, 32);
    return true;
}

static bool
read_source(sqlite3_stmt *st, struct tcs_arena *a, struct tcs_store_source *ret)
{
    ret->path = tcs_base_arena_str(a, tcs_store_sql_str(st, 0));
    return ret->path.p && read_hash(st, 1, ret->head) && read_hash(st, 7, ret->content) &&
           tcs_store_sql_read(st, 2, numbers, NUMBERS, ret, NULL) &&
           ret->head_size <= TCS_STORE_HEAD;
}

int
tcs_store_source_get(struct tcs_store *s, struct tcs_str path, struct tcs_arena *a,
                     struct tcs_store_source *ret, struct tcs_err *err)
{
    struct tcs_store_source got = {0};
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_SOURCE_GET, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, path);
    int r = tcs_store_sql_step(s, st, err);
    if (r == 1 && !read_source(st, a, &got))
        r = tcs_store_sql_damaged(s, err);
    sqlite3_reset(st);
    if (r == 1)
        *ret = got;
    return r;
}

int
tcs_store_sources(struct tcs_store *s, struct tcs_arena *a,
                  void (*each)(void *ctx, const struct tcs_store_source *src), void *ctx,
                  struct tcs_err *err)
{
    int r;
    struct tcs_store_source got = {0};
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_SOURCE_ALL, err);
    if (!st)
        return -err->code;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        if (!read_source(st, a, &got)) {
            r = tcs_store_sql_damaged(s, err);
            break;
        }
        each(ctx, &got);
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_source_put(struct tcs_store *s, const struct tcs_store_source *src, struct tcs_err *err)
{
    sqlite3_stmt *st = NULL;
    int r = tcs_store_sql_need_write(s, err);
    if (r < 0 || !(st = tcs_store_sql_get(s, TCS_SQL_SOURCE_PUT, err)))
        return -err->code;
    tcs_store_sql_text(st, 1, src->path);
    sqlite3_bind_blob(st, 2, src->head, sizeof src->head, SQLITE_STATIC);
    tcs_store_sql_bind(st, 3, numbers, NUMBERS, src);
    sqlite3_bind_blob(st, 3 + NUMBERS, src->content, sizeof src->content, SQLITE_STATIC);
    return tcs_store_sql_done(s, st, err);
}

static int
drop_repeats(struct tcs_store *s, struct tcs_str path, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_REPEATS_DROP, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, path);
    return tcs_store_sql_done(s, st, err);
}

int
tcs_store_repeats_put(struct tcs_store *s, struct tcs_str path, const struct tcs_store_repeat *rows,
                      size_t n, struct tcs_err *err)
{
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0)
        r = drop_repeats(s, path, err);
    for (size_t i = 0; r == 0 && i < n; i++) {
        sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_REPEATS_PUT, err);
        if (!st)
            return -err->code;
        tcs_store_sql_text(st, 1, path);
        sqlite3_bind_blob(st, 2, rows[i].record.b, TCS_KEY, SQLITE_STATIC);
        sqlite3_bind_int64(st, 3, (int64_t)rows[i].count);
        r = tcs_store_sql_done(s, st, err);
        if (r == 0 && !s->spoiled.code && sqlite3_changes(s->db) == 0)
            r = tcs_base_fail(err, TCS_EUSAGE, "no read position of %.*s is kept",
                              (int)tcs_base_str_slice(path, 0, 150).n, path.p);
    }
    return r;
}

int
tcs_store_repeats_get(struct tcs_store *s, struct tcs_str path,
                      int (*each)(void *ctx, const struct tcs_store_repeat *row,
                                  struct tcs_err *err),
                      void *ctx, struct tcs_err *err)
{
    int r;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_REPEATS_GET, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, path);
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        struct tcs_store_repeat row;
        int64_t count = sqlite3_column_int64(st, 1);
        bool sane = count >= 0 && tcs_store_sql_read_key(st, 0, &row.record);
        row.record.uncounted = true;
        row.count = (uint64_t)count;
        r = sane ? each(ctx, &row, err) : tcs_store_sql_damaged(s, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_host_seen_put(struct tcs_store *s, struct tcs_str host, int64_t first, int64_t last,
                        struct tcs_err *err)
{
    sqlite3_stmt *st = NULL;
    int r = tcs_store_sql_need_write(s, err);
    if (r < 0 || !(st = tcs_store_sql_get(s, TCS_SQL_HEARD_PUT, err)))
        return -err->code;
    tcs_store_sql_text(st, 1, host);
    sqlite3_bind_int64(st, 2, first);
    sqlite3_bind_int64(st, 3, last);
    return tcs_store_sql_done(s, st, err);
}

int
tcs_store_hosts_seen(struct tcs_store *s,
                     int (*each)(void *ctx, struct tcs_str host, int64_t first, int64_t last,
                                 struct tcs_err *err),
                     void *ctx, struct tcs_err *err)
{
    int r;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_HEARD_ALL, err);
    if (!st)
        return -err->code;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        int64_t first = sqlite3_column_int64(st, 1), last = sqlite3_column_int64(st, 2);
        bool sane = tcs_store_sql_time(first) && tcs_store_sql_time(last);
        r = sane ? each(ctx, tcs_store_sql_str(st, 0), first, last, err)
                 : tcs_store_sql_damaged(s, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_blob_put(struct tcs_store *s, const char *name, struct tcs_str bytes, struct tcs_err *err)
{
    sqlite3_stmt *st = NULL;
    int r = tcs_store_sql_need_write(s, err);
    if (r < 0 || !(st = tcs_store_sql_get(s, TCS_SQL_BLOB_PUT, err)))
        return -err->code;
    tcs_store_sql_text(st, 1, tcs_base_str_of(name));
    sqlite3_bind_blob64(st, 2, bytes.n ? bytes.p : "", bytes.n, SQLITE_STATIC);
    return tcs_store_sql_done(s, st, err);
}

int
tcs_store_blob_get(struct tcs_store *s, const char *name, struct tcs_arena *a, struct tcs_str *ret,
                   struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_BLOB_GET, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, tcs_base_str_of(name));
    int r = tcs_store_sql_step(s, st, err);
    if (r == 1) {
        const char *p = sqlite3_column_blob(st, 0);
        struct tcs_str bytes = {p ? p : "", (size_t)sqlite3_column_bytes(st, 0)};
        struct tcs_str copy = tcs_base_arena_str(a, bytes);
        if (copy.p)
            *ret = copy;
        else
            r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    }
    sqlite3_reset(st);
    return r;
}
