/* store/store_int.h - what the parts of the store share: the connection, its prepared statements,
 * and rows described by tables of columns. */
#pragma once
#include "base/map.h"
#include "store/statements.h"
#include "store/store.h"

#include <sqlite3.h>

enum { TCS_STORE_KEY = 16, TCS_STORE_SCHEMA = 3 };

/* What is kept up to a number of rows. */
enum tcs_sql_kind { TCS_SQL_DETECTIONS, TCS_SQL_OBSERVATIONS, TCS_SQL_MATCHES, TCS_SQL_KINDS };

/* The newest row that was pruned: what is not newer is not taken again. */
struct tcs_sql_horizon {
    int64_t time;
    uint8_t key[TCS_STORE_KEY];
    bool set;
};

struct tcs_store {
    sqlite3 *db;
    char *path, *dir;
    enum tcs_store_mode mode;
    bool begun;
    struct tcs_store_limits limits;
    struct tcs_store_stats stats;
    struct tcs_arena *arena;         /* keys of `signatures`, live as long as the transaction */
    struct tcs_map signatures;       /* id -> nr, of those put in this run */
    int64_t first_nr[TCS_SQL_KINDS]; /* the run's rows are numbered above */
    struct tcs_sql_horizon horizon[TCS_SQL_KINDS];
    sqlite3_stmt *stmts[TCS_SQL_STATEMENTS];
};

/* What a number in the file may be is part of its type: the file may be damaged, or made to harm,
 * and what is read from it becomes an index, a size or a time. */
enum tcs_sql_type {
    TCS_SQL_U8,
    TCS_SQL_BOOL,
    TCS_SQL_U32,
    TCS_SQL_U64,   /* any: a hash, a number that a record has */
    TCS_SQL_COUNT, /* of 64 bits, the first one 0 */
    TCS_SQL_I64,   /* any: only compared */
    TCS_SQL_TIME,
    TCS_SQL_TIME_OR_NONE,
    TCS_SQL_STR,
};

/* A member of a struct, and so a column of its table. */
struct tcs_sql_col {
    uint8_t type; /* enum tcs_sql_type */
    uint16_t at;  /* offset */
    uint32_t max; /* U8, U32: values above it are damage; 0: any */
};

/* Columns of who and evidence, the same in every struct that has both. */
#define TCS_SQL_S(T, member)                                                                       \
    {                                                                                              \
        TCS_SQL_STR, offsetof(T, member), 0                                                        \
    }
#define TCS_SQL_EVIDENCE_COLS(T)                                                                   \
    TCS_SQL_S(T, evidence.file), TCS_SQL_S(T, evidence.channel),                                   \
        {TCS_SQL_U64, offsetof(T, evidence.record_id), 0},                                         \
        {TCS_SQL_U64, offsetof(T, evidence.offset), 0},                                            \
    {                                                                                              \
        TCS_SQL_U32, offsetof(T, evidence.event_id), 0                                             \
    }

/* sql.c */
int tcs_sql_fail(struct tcs_store *s, struct tcs_err *err); /* the connection's last error */
int tcs_sql_exec(struct tcs_store *s, const char *sql, struct tcs_err *err);
/* The statement, reset, without bindings; NULL with *err filled: the file lacks what it names. */
sqlite3_stmt *tcs_sql_get(struct tcs_store *s, enum tcs_sql_statement id, struct tcs_err *err);
void tcs_sql_text(sqlite3_stmt *st, int at, struct tcs_str text);
/* Columns to parameters from `first` on. */
void tcs_sql_bind(sqlite3_stmt *st, int first, const struct tcs_sql_col *cols, int n,
                  const void *item);
/* Result columns from `first` on into the item; texts point into the statement unless `a`.
 * False: a value that cannot be, or no memory in `a`. */
bool tcs_sql_read(sqlite3_stmt *st, int first, const struct tcs_sql_col *cols, int n, void *item,
                  struct tcs_arena *a);
struct tcs_str tcs_sql_str(sqlite3_stmt *st, int col);
/* Steps a statement that gives no rows. */
int tcs_sql_done(struct tcs_store *s, sqlite3_stmt *st, struct tcs_err *err);
/* 1: a row; 0: none (more); negative. */
int tcs_sql_step(struct tcs_store *s, sqlite3_stmt *st, struct tcs_err *err);
/* Runs a statement whose parameters are at most two numbers. */
int tcs_sql_run(struct tcs_store *s, enum tcs_sql_statement id, int64_t one, int64_t two,
                struct tcs_err *err);
/* The first number of the first row. */
int tcs_sql_number(struct tcs_store *s, enum tcs_sql_statement id, int64_t *ret,
                   struct tcs_err *err);
int tcs_sql_damaged(struct tcs_store *s, struct tcs_err *err);
int tcs_sql_need_write(struct tcs_store *s, struct tcs_err *err);

/* evidence.c */
void tcs_sql_match_key(const struct tcs_store_match *m, uint8_t out[TCS_STORE_KEY]);
void tcs_sql_result_key(struct tcs_str signature, struct tcs_str host, uint64_t group,
                        uint8_t out[TCS_STORE_KEY]);
/* Not newer than what was pruned: it was here, or would be pruned at once. */
bool tcs_sql_beyond(const struct tcs_store *s, enum tcs_sql_kind kind, int64_t time,
                    const uint8_t *key);

/* schema.c: the version of the open file, 0 if it is empty; what is not ours or too new is refused.
 * Then brings it to TCS_STORE_SCHEMA in one transaction. */
int tcs_sql_version(struct tcs_store *s, int64_t *version, struct tcs_err *err);
int tcs_sql_migrate(struct tcs_store *s, struct tcs_err *err);

/* sql.c: may it be the time of a record? */
bool tcs_sql_time(int64_t t);

/* prune.c: what a run added goes into the baseline, what is too much into summaries. */
int tcs_sql_fold(struct tcs_store *s, struct tcs_err *err);
int tcs_sql_load_horizons(struct tcs_store *s, struct tcs_err *err);
