/* store/store_int.h - what the parts of the store share: the connection, its prepared statements,
 * and rows described by tables of columns. */
#pragma once
#include "base/map.h"
#include "store/statements.h"
#include "store/store.h"

#include <sodium.h>
#include <sqlite3.h>

enum { TCS_STORE_SCHEMA = 6 };

/* What is kept up to a number of rows. */
enum tcs_sql_kind { TCS_SQL_FINDINGS, TCS_SQL_OBSERVATIONS, TCS_SQL_MATCHES, TCS_SQL_KINDS };

/* The newest row that was pruned: what is not newer is not taken again. */
struct tcs_sql_horizon {
    int64_t time;
    struct tcs_key key;
    bool set;
};

struct tcs_store {
    sqlite3 *db;
    char *path, *dir;
    enum tcs_store_mode mode;
    bool begun;
    struct tcs_err spoiled; /* of this run: why nothing of it can be kept; code 0: it can */
    struct tcs_store_limits limits;
    struct tcs_store_stats stats;
    struct tcs_arena *arena;         /* keys of `signatures`, live as long as the transaction */
    struct tcs_map signatures;       /* id -> nr, of those put in this run */
    int64_t first_nr[TCS_SQL_KINDS]; /* the run's rows are numbered above */
    struct tcs_sql_horizon horizon[TCS_SQL_KINDS];
    bool legacy[TCS_SQL_KINDS]; /* rows of an older program that may be adopted (legacy.c) */
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
    TCS_SQL_RECORD, /* struct tcs_key */
};

/* A member of a struct, and so a column of its table. */
struct tcs_sql_col {
    uint8_t type; /* enum tcs_sql_type */
    uint16_t at;  /* offset */
    uint32_t max; /* U8, U32: values above it are damage; 0: any */
};

/* Columns of evidence, the same in every struct that has it.  Which record it is stands in a column
 * behind them, where the row is of one record. */
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
#define TCS_SQL_RECORD_COL(T)                                                                      \
    {                                                                                              \
        TCS_SQL_RECORD, offsetof(T, evidence.key), 0                                               \
    }

/* sql.c */
int tcs_store_sql_fail(struct tcs_store *s, struct tcs_err *err); /* the connection's last error */
int tcs_store_sql_exec(struct tcs_store *s, const char *sql, struct tcs_err *err);
/* What the run has written goes to the disk now, and not while rows are read one by one: if there
 * is no room, it is noticed here. */
int tcs_store_sql_flush(struct tcs_store *s, struct tcs_err *err);
/* The statement, reset, without bindings; NULL with *err filled: the file lacks what it names. */
sqlite3_stmt *tcs_store_sql_get(struct tcs_store *s, enum tcs_sql_statement id,
                                struct tcs_err *err);
void tcs_store_sql_text(sqlite3_stmt *st, int at, struct tcs_str text);
/* Columns to parameters from `first` on. */
void tcs_store_sql_bind(sqlite3_stmt *st, int first, const struct tcs_sql_col *cols, int n,
                        const void *item);
/* Result columns from `first` on into the item; texts point into the statement unless `a`.
 * False: a value that cannot be, or no memory in `a`. */
bool tcs_store_sql_read(sqlite3_stmt *st, int first, const struct tcs_sql_col *cols, int n,
                        void *item, struct tcs_arena *a);
struct tcs_str tcs_store_sql_str(sqlite3_stmt *st, int col);
/* False: it is no key. */
bool tcs_store_sql_read_key(sqlite3_stmt *st, int col, struct tcs_key *ret);
/* Steps a statement that gives no rows. */
int tcs_store_sql_done(struct tcs_store *s, sqlite3_stmt *st, struct tcs_err *err);
/* 1: a row; 0: none (more); negative. */
int tcs_store_sql_step(struct tcs_store *s, sqlite3_stmt *st, struct tcs_err *err);
/* Runs a statement whose parameters are at most two numbers. */
int tcs_store_sql_run(struct tcs_store *s, enum tcs_sql_statement id, int64_t one, int64_t two,
                      struct tcs_err *err);
/* The first number of the first row. */
int tcs_store_sql_number(struct tcs_store *s, enum tcs_sql_statement id, int64_t *ret,
                         struct tcs_err *err);
int tcs_store_sql_damaged(struct tcs_store *s, struct tcs_err *err);
int tcs_store_sql_need_write(struct tcs_store *s, struct tcs_err *err);

/* key.c: what rows are known by; and how it is hashed where it is no record's key. */
struct tcs_key tcs_store_sql_observation_key(struct tcs_key record, uint8_t kind);
struct tcs_key tcs_store_sql_match_key(struct tcs_key record, struct tcs_str rule, uint64_t plan);
struct tcs_key tcs_store_sql_result_key(struct tcs_str signature, struct tcs_str host,
                                        uint64_t group);
void tcs_store_sql_hash_text(crypto_generichash_state *h, struct tcs_str s);
void tcs_store_sql_hash_lower(crypto_generichash_state *h, struct tcs_str s);
void tcs_store_sql_hash_number(crypto_generichash_state *h, uint64_t v);

/* legacy.c: what the same were known by up to schema 3. */
struct tcs_key tcs_store_legacy_finding(struct tcs_str signature, const struct tcs_finding *d);
struct tcs_key tcs_store_legacy_observation(const struct tcs_observation *o);
struct tcs_key tcs_store_legacy_match(const struct tcs_store_match *m);
/* The step to schema 4: rows get keys of records. */
int tcs_store_legacy_rekey(struct tcs_store *s, struct tcs_err *err);
int tcs_store_legacy_load(struct tcs_store *s, struct tcs_err *err); /* are there any: s->legacy */
/* If a row of an older program is the one in hand (has its key, or else its old one), it goes and
 * leaves its number in *nr: the row in hand takes it. */
int tcs_store_legacy_adopt(struct tcs_store *s, enum tcs_sql_kind kind, const struct tcs_key *key,
                           const struct tcs_key *old, int64_t *nr, struct tcs_err *err);

/* evidence.c */
/* 1: not newer than what was pruned, so it was here, or would be pruned at once (counted); 0: not
 * so, or it is kept. */
int tcs_store_sql_beyond(struct tcs_store *s, enum tcs_sql_kind kind, int64_t time,
                         const struct tcs_key *key, struct tcs_err *err);
struct tcs_sql_row {
    enum tcs_sql_kind kind;
    struct tcs_key key;
    bool adopted; /* a row of an older program became this one, so it is known */
};
/* Ends a statement that inserts a row unless its key is there; *fresh counts new ones.
 * TCS_STORE_NEW or _KNOWN. */
int tcs_store_sql_insert(struct tcs_store *s, sqlite3_stmt *st, const struct tcs_sql_row *row,
                         uint64_t *fresh, struct tcs_err *err);

/* tables.c: the version of the open file, 0 if it is empty; what is not ours or too new is refused.
 * Then brings it to TCS_STORE_SCHEMA in one transaction. */
int tcs_store_sql_version(struct tcs_store *s, int64_t *version, struct tcs_err *err);
int tcs_store_sql_migrate(struct tcs_store *s, struct tcs_err *err);

/* sql.c: may it be the time of a record? */
bool tcs_store_sql_time(int64_t t);
/* columns.c: do the tables lack a field of identity?  Then, in a transaction, not any more. */
int tcs_store_sql_columns_lack(struct tcs_store *s, bool *lack, struct tcs_err *err);
int tcs_store_sql_columns_add(struct tcs_store *s, struct tcs_err *err);

/* evidence.c: all signatures; findings and observations with numbers in (from, to], or all results
 * of correlations up to `to`. */
struct tcs_sql_span {
    int64_t from, to;
};
int tcs_store_sql_signatures(struct tcs_store *s, const struct tcs_store_reader *to,
                             struct tcs_err *err);
int tcs_store_sql_findings(struct tcs_store *s, enum tcs_sql_statement id, struct tcs_sql_span span,
                           const struct tcs_store_reader *to, struct tcs_err *err);
int tcs_store_sql_observations(struct tcs_store *s, struct tcs_sql_span span,
                               const struct tcs_store_reader *to, struct tcs_err *err);

/* chain_rows.c: how far the image goes, and what is in it; all zero: there is none. */
struct tcs_sql_image {
    int64_t finding, observation;    /* the last numbers */
    uint64_t findings, observations; /* as the chain counts them */
};
int tcs_store_image_head(struct tcs_store *s, struct tcs_sql_image *ret, struct tcs_err *err);
int tcs_store_image_read(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err);
/* If it is time for it: all that the chain was fed, which is all that is kept but results. */
int tcs_store_image_write(struct tcs_store *s, struct tcs_chain *chain,
                          const struct tcs_sql_image *old, struct tcs_err *err);
/* A row that may be in it goes or changes. */
int tcs_store_image_drop(struct tcs_store *s, struct tcs_err *err);

/* prune.c: what a run added goes into the baseline, what is too much into summaries. */
int tcs_store_sql_fold(struct tcs_store *s, struct tcs_err *err);
int tcs_store_sql_load_horizons(struct tcs_store *s, struct tcs_err *err);
