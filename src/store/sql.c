/* store/sql.c - between SQLite's calls and the store's: errors as sentences, statements from the
 * table, structs to parameters and back by tables of columns. */
#include "store/store_int.h"

#include "base/invariant.h"
#include "base/time.h"

#include <errno.h>

static const char *const sql[] = {
#define X(name, text) text,
    TCS_SQL_ALL(X)
#undef X
};
TCS_ROW_FOR_EACH(sql, TCS_SQL_STATEMENTS);

int
tcs_store_sql_damaged(struct tcs_store *s, struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ECORRUPT,
                         "%.120s is damaged and was left as it is; move it away to begin anew",
                         s->path);
}

static int
fail_with(struct tcs_store *s, int code, struct tcs_err *err)
{
    const char *why = sqlite3_errmsg(s->db);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return tcs_base_fail(err, TCS_EIO,
                             "another tocsin writes to %.120s; try again when it is done", s->dir);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return tcs_store_sql_damaged(s, err);
    case SQLITE_NOMEM:
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the store");
    case SQLITE_FULL:
        return tcs_base_fail_sys(err, ENOSPC, "%.120s", s->path);
    case SQLITE_IOERR: {
        int sys = sqlite3_system_errno(s->db);
        return tcs_base_fail_sys(err, sys ? sys : EIO, "%.120s", s->path);
    }
    case SQLITE_ERROR: /* a table or column is missing: somebody changed the file */
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return tcs_base_fail(err, TCS_ECORRUPT, "%.100s does not hold what it should: %.90s",
                             s->path, why);
    default:
        return tcs_base_fail(err, TCS_EIO, "%.120s: %.80s", s->path, why);
    }
}

int
tcs_store_sql_fail(struct tcs_store *s, struct tcs_err *err)
{
    return fail_with(s, sqlite3_errcode(s->db), err);
}

int
tcs_store_sql_exec(struct tcs_store *s, const char *text, struct tcs_err *err)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0
                                                                    : tcs_store_sql_fail(s, err);
}

sqlite3_stmt *
tcs_store_sql_get(struct tcs_store *s, enum tcs_sql_statement id, struct tcs_err *err)
{
    sqlite3_stmt **st = &s->stmts[id];
    if (*st) {
        sqlite3_reset(*st);
        sqlite3_clear_bindings(*st);
        return *st;
    }
    if (sqlite3_prepare_v3(s->db, sql[id], -1, SQLITE_PREPARE_PERSISTENT, st, NULL) != SQLITE_OK) {
        tcs_store_sql_fail(s, err);
        return NULL;
    }
    return *st;
}

/* The bytes stay where they are until the statement has been stepped.  An empty text is not NULL.
 */
void
tcs_store_sql_text(sqlite3_stmt *st, int at, struct tcs_str text)
{
    sqlite3_bind_text64(st, at, text.n ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

static int64_t
member(const struct tcs_sql_col *c, const void *item)
{
    const char *p = (const char *)item + c->at;
    uint64_t v = 0;
    if (c->type == TCS_SQL_U8)
        return *(const uint8_t *)p;
    if (c->type == TCS_SQL_BOOL)
        return *(const bool *)p;
    if (c->type == TCS_SQL_U32) {
        uint32_t w;
        memcpy(&w, p, sizeof w);
        return w;
    }
    memcpy(&v, p, sizeof v);
    return (int64_t)v; /* numbers above 2^63 come back as they were */
}

void
tcs_store_sql_bind(sqlite3_stmt *st, int first, const struct tcs_sql_col *cols, int n,
                   const void *item)
{
    for (int i = 0; i < n; i++) {
        const char *at = (const char *)item + cols[i].at;
        if (cols[i].type == TCS_SQL_RECORD) {
            sqlite3_bind_blob(st, first + i, at + offsetof(struct tcs_key, b), TCS_KEY,
                              SQLITE_STATIC);
            continue;
        }
        if (cols[i].type != TCS_SQL_STR) {
            sqlite3_bind_int64(st, first + i, member(&cols[i], item));
            continue;
        }
        struct tcs_str text;
        memcpy(&text, at, sizeof text);
        tcs_store_sql_text(st, first + i, text);
    }
}

struct tcs_str
tcs_store_sql_str(sqlite3_stmt *st, int col)
{
    const char *p = (const char *)sqlite3_column_text(st, col);
    int n = sqlite3_column_bytes(st, col);
    return p && n > 0 ? (struct tcs_str){p, (size_t)n} : (struct tcs_str){"", 0};
}

bool
tcs_store_sql_time(int64_t t)
{
    return t >= TCS_TIME_FIRST && t <= TCS_TIME_LAST;
}

/* May the column hold this? */
static bool
may_be(const struct tcs_sql_col *c, int64_t v)
{
    switch (c->type) {
    case TCS_SQL_U8:
        return v >= 0 && v <= (c->max ? c->max : UINT8_MAX);
    case TCS_SQL_U32:
        return v >= 0 && v <= (c->max ? c->max : UINT32_MAX);
    case TCS_SQL_BOOL:
        return v == 0 || v == 1;
    case TCS_SQL_COUNT:
        return v >= 0;
    case TCS_SQL_TIME:
        return tcs_store_sql_time(v);
    case TCS_SQL_TIME_OR_NONE:
        return v == TCS_TIME_NONE || tcs_store_sql_time(v);
    default:
        return true;
    }
}

static bool
read_number(const struct tcs_sql_col *c, int64_t v, char *to)
{
    if (!may_be(c, v))
        return false;
    if (c->type == TCS_SQL_U8) {
        *(uint8_t *)to = (uint8_t)v;
    } else if (c->type == TCS_SQL_BOOL) {
        *(bool *)to = v != 0;
    } else if (c->type == TCS_SQL_U32) {
        uint32_t w = (uint32_t)v;
        memcpy(to, &w, sizeof w);
    } else {
        memcpy(to, &v, sizeof v);
    }
    return true;
}

bool
tcs_store_sql_read_key(sqlite3_stmt *st, int col, struct tcs_key *ret)
{
    const void *p = sqlite3_column_blob(st, col);
    if (!p || sqlite3_column_bytes(st, col) != TCS_KEY)
        return false;
    *ret = (struct tcs_key){.uncounted = false};
    memcpy(ret->b, p, TCS_KEY);
    return true;
}

bool
tcs_store_sql_read(sqlite3_stmt *st, int first, const struct tcs_sql_col *cols, int n, void *item,
                   struct tcs_arena *a)
{
    for (int i = 0; i < n; i++) {
        char *to = (char *)item + cols[i].at;
        if (cols[i].type == TCS_SQL_RECORD) {
            struct tcs_key key;
            if (!tcs_store_sql_read_key(st, first + i, &key))
                return false;
            memcpy(to, &key, sizeof key);
            continue;
        }
        if (cols[i].type != TCS_SQL_STR) {
            if (!read_number(&cols[i], sqlite3_column_int64(st, first + i), to))
                return false;
            continue;
        }
        struct tcs_str text = tcs_store_sql_str(st, first + i);
        if (a)
            text = tcs_base_arena_str(a, text);
        memcpy(to, &text, sizeof text);
    }
    return !a || !tcs_base_arena_failed(a);
}

bool
tcs_store_refused(const struct tcs_err *err)
{
    return err->sys == ENOSPC || err->sys == EDQUOT || err->sys == EFBIG || err->sys == EIO;
}

/* True: from here on the run writes nothing, and what it has written is taken back.  What earlier
 * ones kept can still be asked, so that what is found is told as it would have been. */
static bool
spoil(struct tcs_store *s, const struct tcs_err *why)
{
    if (!s->begun || s->spoiled.code || !tcs_store_refused(why))
        return false;
    s->spoiled = *why;
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* SQLite may have done so already */
    sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL);
    return true;
}

int
tcs_store_sql_step(struct tcs_store *s, sqlite3_stmt *st, struct tcs_err *err)
{
    bool begins = !sqlite3_stmt_busy(st), again;
    do {
        if (s->spoiled.code && !sqlite3_stmt_readonly(st))
            return 0;
        int r = sqlite3_step(st);
        if (r == SQLITE_ROW)
            return 1;
        if (r == SQLITE_DONE)
            return 0;
        tcs_store_sql_fail(s, err);
        sqlite3_reset(st);
        /* to read may need room too: for what was written and is not on disk yet */
        again = begins && spoil(s, err);
    } while (again);
    return -err->code;
}

int
tcs_store_sql_flush(struct tcs_store *s, struct tcs_err *err)
{
    int code = s->begun && !s->spoiled.code ? sqlite3_db_cacheflush(s->db) : SQLITE_OK;
    if (code == SQLITE_OK)
        return 0;
    fail_with(s, code, err); /* the connection does not remember this one */
    return spoil(s, err) ? 0 : -err->code;
}

int
tcs_store_sql_done(struct tcs_store *s, sqlite3_stmt *st, struct tcs_err *err)
{
    int r = tcs_store_sql_step(s, st, err);
    sqlite3_reset(st);
    return r < 0 ? r : 0;
}

int
tcs_store_sql_run(struct tcs_store *s, enum tcs_sql_statement id, int64_t one, int64_t two,
                  struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, id, err);
    if (!st)
        return -err->code;
    int n = sqlite3_bind_parameter_count(st);
    if (n > 0)
        sqlite3_bind_int64(st, 1, one);
    if (n > 1)
        sqlite3_bind_int64(st, 2, two);
    return tcs_store_sql_done(s, st, err);
}

int
tcs_store_sql_number(struct tcs_store *s, enum tcs_sql_statement id, int64_t *ret,
                     struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, id, err);
    if (!st)
        return -err->code;
    int r = tcs_store_sql_step(s, st, err);
    if (r == 1)
        *ret = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return r < 0 ? r : 0;
}

int
tcs_store_sql_need_write(struct tcs_store *s, struct tcs_err *err)
{
    return s->begun ? 0 : tcs_base_fail(err, TCS_EUSAGE, "%.120s is not open for writing", s->path);
}
