/* store/columns.c - the columns that identity's fields need, in tables that were made before a
 * field was there.  The list is TCS_IDENTITY_FIELDS: what it names and a table lacks is added when
 * the file is opened for writing, and filled where the rows tell. */
#include "store/store_int.h"

#include <stdio.h>

static const struct column {
    const char *name, *type;
} columns[] = {
#define TEXT(name) {#name, "TEXT NOT NULL DEFAULT ''"},
#define NUMBER(name) {#name, "INTEGER NOT NULL DEFAULT 0"},
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, NUMBER)
#undef TEXT
#undef NUMBER
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *const tables[] = {"detection", "observation"};
enum { TABLES = sizeof tables / sizeof *tables };

/* What rows that are there have in a column that is added, as far as the log and the number of
 * their event tell it.  A field that is not here stays empty in them. */
static const struct fill {
    const char *column;
    uint32_t (*value)(struct tcs_str channel, uint32_t event_id);
} fills[] = {
    {NULL, NULL},
};

/* `lacks` has a flag for each column; *n: how many. */
static int
look(struct tcs_store *s, const char *table, bool lacks[COLUMNS], int *n, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_COLUMN_NAMES, err);
    if (!st)
        return -err->code;
    int r;
    for (int i = 0; i < COLUMNS; i++)
        lacks[i] = true;
    *n = COLUMNS;
    tcs_store_sql_text(st, 1, tcs_base_str_of(table));
    while ((r = tcs_store_sql_step(s, st, err)) == 1)
        for (int i = 0; i < COLUMNS; i++)
            if (lacks[i] &&
                tcs_base_str_eq(tcs_store_sql_str(st, 0), tcs_base_str_of(columns[i].name))) {
                lacks[i] = false;
                --*n;
            }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_sql_columns_lack(struct tcs_store *s, bool *lack, struct tcs_err *err)
{
    bool lacks[COLUMNS];
    int r = 0, n = 0;
    *lack = false;
    for (int t = 0; r == 0 && t < TABLES; t++) {
        r = look(s, tables[t], lacks, &n, err);
        *lack = *lack || n > 0;
    }
    return r;
}

/* As SQLite calls it, for a row's channel and event_id. */
static void
value_of(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    const struct fill *f = sqlite3_user_data(ctx);
    const char *p = (const char *)sqlite3_value_text(v[0]);
    struct tcs_str channel = {p ? p : "", (size_t)sqlite3_value_bytes(v[0])};
    (void)n;
    sqlite3_result_int64(ctx, f->value(channel, (uint32_t)sqlite3_value_int64(v[1])));
}

static int
fill(struct tcs_store *s, const char *table, const struct fill *f, struct tcs_err *err)
{
    char text[160];
    union {
        const struct fill *in;
        void *out; /* SQLite's callbacks take no constant */
    } data = {f};
    snprintf(text, sizeof text, "UPDATE %s SET %s = fill(channel, event_id)", table, f->column);
    if (sqlite3_create_function(s->db, "fill", 2, SQLITE_UTF8, data.out, value_of, NULL, NULL) !=
        SQLITE_OK)
        return tcs_store_sql_fail(s, err);
    int r = tcs_store_sql_exec(s, text, err);
    sqlite3_create_function(s->db, "fill", 2, SQLITE_UTF8, NULL, NULL, NULL, NULL);
    return r;
}

static int
add(struct tcs_store *s, const char *table, const struct column *c, struct tcs_err *err)
{
    char text[160];
    snprintf(text, sizeof text, "ALTER TABLE %s ADD COLUMN %s %s", table, c->name, c->type);
    int r = tcs_store_sql_exec(s, text, err);
    for (const struct fill *f = fills; r == 0 && f->column; f++)
        if (strcmp(f->column, c->name) == 0)
            r = fill(s, table, f, err);
    return r;
}

int
tcs_store_sql_columns_add(struct tcs_store *s, struct tcs_err *err)
{
    bool lacks[COLUMNS];
    int r = 0, n = 0;
    for (int t = 0; r == 0 && t < TABLES; t++) {
        r = look(s, tables[t], lacks, &n, err);
        for (int i = 0; r == 0 && i < COLUMNS; i++)
            if (lacks[i])
                r = add(s, tables[t], &columns[i], err);
    }
    return r;
}
