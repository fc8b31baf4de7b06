/* store/tables.c - the tables, and the steps that bring an older file to them.
 *
 * In: an open file, empty or ours.  Out: TCS_STORE_SCHEMA.  A step is never changed once released:
 * a change of the schema is a new step and a new number.  docs/store.md tells what is in the
 * tables. */
#include "store/store_int.h"

#include <stdio.h>

enum { APPLICATION_ID = 0x7463736e }; /* "tcsn" */

/* As schema 1 had them.  Fields that came later are columns by columns.c. */
#define IDENTITY                                                                                   \
    "host TEXT NOT NULL, user TEXT NOT NULL, user_domain TEXT NOT NULL, user_id TEXT NOT NULL, "   \
    "target TEXT NOT NULL, target_domain TEXT NOT NULL, target_id TEXT NOT NULL, "                 \
    "source_ip TEXT NOT NULL, source_host TEXT NOT NULL, dest_ip TEXT NOT NULL, "                  \
    "dest_host TEXT NOT NULL, own_ip TEXT NOT NULL, pid INTEGER NOT NULL, "                        \
    "session INTEGER NOT NULL, target_session INTEGER NOT NULL, "                                  \
    "linked_session INTEGER NOT NULL, process TEXT NOT NULL, parent TEXT NOT NULL, "               \
    "image TEXT NOT NULL, object TEXT NOT NULL, hash TEXT NOT NULL"
#define EVIDENCE                                                                                   \
    "file TEXT NOT NULL, channel TEXT NOT NULL, record_id INTEGER NOT NULL, "                      \
    "offset INTEGER NOT NULL, event_id INTEGER NOT NULL"
/* A list of an incident: row n of it. */
#define LIST(table, columns)                                                                       \
    "CREATE TABLE " table "(incident INTEGER NOT NULL REFERENCES incident(nr) ON DELETE CASCADE, " \
    "n INTEGER NOT NULL, " columns ", PRIMARY KEY (incident, n)) STRICT, WITHOUT ROWID;"
/* A list of a row of a list. */
#define SUBLIST(table, parent)                                                                     \
    "CREATE TABLE " table "(incident INTEGER NOT NULL, " parent " INTEGER NOT NULL, "              \
    "n INTEGER NOT NULL, technique TEXT NOT NULL, PRIMARY KEY (incident, " parent ", n), "         \
    "FOREIGN KEY (incident, " parent ") REFERENCES " parent "(incident, n) ON DELETE CASCADE) "    \
    "STRICT, WITHOUT ROWID;"

static const char evidence_tables[] =
    "CREATE TABLE source(nr INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, head BLOB NOT NULL, "
    "head_size INTEGER NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, "
    "read INTEGER NOT NULL, records INTEGER NOT NULL, content BLOB NOT NULL) STRICT;"
    "CREATE TABLE blob(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE heard(host TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID;"
    "CREATE TABLE signature(nr INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, "
    "level INTEGER NOT NULL, stage INTEGER NOT NULL) STRICT;"
    "CREATE TABLE signature_technique(signature INTEGER NOT NULL REFERENCES signature(nr) "
    "ON DELETE CASCADE, n INTEGER NOT NULL, technique TEXT NOT NULL, "
    "PRIMARY KEY (signature, n)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE detection(nr INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
    "signature INTEGER NOT NULL REFERENCES signature(nr), time INTEGER NOT NULL, "
    "first INTEGER NOT NULL, flags INTEGER NOT NULL, count INTEGER NOT NULL, "
    "grouped INTEGER NOT NULL, " IDENTITY ", " EVIDENCE ") STRICT;"
    "CREATE TABLE observation(nr INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
    "time INTEGER NOT NULL, kind INTEGER NOT NULL, logon_type INTEGER NOT NULL, " IDENTITY
    ", " EVIDENCE ") STRICT;";

static const char incident_tables[] =
    "CREATE TABLE incident(nr INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, "
    "state INTEGER NOT NULL, stages INTEGER NOT NULL, score INTEGER NOT NULL, "
    "first INTEGER NOT NULL, last INTEGER NOT NULL, summary TEXT NOT NULL, "
    "detections INTEGER NOT NULL, dropped INTEGER NOT NULL, origin_host TEXT NOT NULL, "
    "origin_account TEXT NOT NULL, origin_address TEXT NOT NULL) STRICT;"
    "CREATE TABLE alias(id TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident(id) "
    "DEFERRABLE INITIALLY DEFERRED) STRICT, WITHOUT ROWID;"
    "CREATE INDEX alias_incident ON alias(incident);"
    "CREATE TABLE entity(incident INTEGER NOT NULL REFERENCES incident(nr) ON DELETE CASCADE, "
    "role TEXT NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (incident, role, n)) "
    "STRICT, WITHOUT ROWID;" LIST(
        "link", "time INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, "
                "stage INTEGER NOT NULL, level INTEGER NOT NULL, flags INTEGER NOT NULL, "
                "chosen INTEGER NOT NULL, rule_id TEXT NOT NULL, title TEXT NOT NULL, "
                "host TEXT NOT NULL, account TEXT NOT NULL, source TEXT NOT NULL, " EVIDENCE)
        SUBLIST("link_technique", "link") "CREATE INDEX link_rule ON link(rule_id, time);" LIST(
            "joined",
            "kind INTEGER NOT NULL, strength INTEGER NOT NULL, time INTEGER NOT NULL, "
            "link INTEGER NOT NULL, to_link INTEGER NOT NULL, reason TEXT NOT NULL, "
            "other TEXT NOT NULL, from_host TEXT NOT NULL, to_host TEXT NOT NULL, " EVIDENCE)
            LIST("transition", "state INTEGER NOT NULL, time INTEGER NOT NULL, why TEXT NOT NULL")
                LIST("reach",
                     "hops INTEGER NOT NULL, is_host INTEGER NOT NULL, "
                     "name TEXT NOT NULL, why TEXT NOT NULL, last INTEGER NOT NULL, " EVIDENCE)
                    LIST("missing", "stage INTEGER NOT NULL, text TEXT NOT NULL")
                        LIST("expected", "stage INTEGER NOT NULL, priority INTEGER NOT NULL, "
                                         "technique TEXT NOT NULL, text TEXT NOT NULL")
                            LIST("mitigation", "stage INTEGER NOT NULL, priority INTEGER NOT NULL, "
                                               "technique TEXT NOT NULL, text TEXT NOT NULL")
                                LIST("overlap", "profile TEXT NOT NULL, source TEXT NOT NULL, "
                                                "shared INTEGER NOT NULL, of_incident INTEGER NOT "
                                                "NULL, of_profile INTEGER NOT NULL")
                                    SUBLIST("overlap_technique", "overlap");

/* The long memory: what is pruned, and who did what where on which days. */
static const char memory_tables[] =
    "CREATE TABLE summary(kind TEXT NOT NULL, name TEXT NOT NULL, stage INTEGER NOT NULL, "
    "technique TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
    "count INTEGER NOT NULL, incident TEXT NOT NULL, "
    "PRIMARY KEY (kind, name, stage, technique)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE baseline(kind TEXT NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL, "
    "day INTEGER NOT NULL, count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
    "PRIMARY KEY (kind, name, host, day)) STRICT, WITHOUT ROWID;";

/* Windows of correlations that span runs; `plan` tells which results are derived anew. */
static const char match_tables[] =
    "CREATE TABLE matched(nr INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, rule TEXT NOT NULL, "
    "plan INTEGER NOT NULL, time INTEGER NOT NULL, flags INTEGER NOT NULL, "
    "about_target INTEGER NOT NULL, host TEXT NOT NULL, account TEXT NOT NULL, "
    "subject TEXT NOT NULL, source_ip TEXT NOT NULL, " EVIDENCE ", bring BLOB NOT NULL) STRICT;"
    "ALTER TABLE detection ADD COLUMN plan INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX detection_plan ON detection(plan) WHERE plan <> 0;";

/* Rows are known by their record, so of logs that number nothing equal records are counted: n of
 * one source stay n. */
static const char record_columns[] =
    "ALTER TABLE detection ADD COLUMN record BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE detection ADD COLUMN legacy BLOB;"
    "ALTER TABLE observation ADD COLUMN record BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE observation ADD COLUMN legacy BLOB;"
    "ALTER TABLE matched ADD COLUMN record BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE matched ADD COLUMN legacy BLOB;"
    "CREATE TABLE repeated(source INTEGER NOT NULL REFERENCES source(nr) ON DELETE CASCADE, "
    "record BLOB NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (source, record)) "
    "STRICT, WITHOUT ROWID;";
/* Everything is read once more, so that rows find their records.  Of the rows that are as old as
 * the newest that was pruned all are: those that were are told apart by another key now. */
static const char record_rest[] =
    "CREATE INDEX detection_legacy ON detection(legacy) WHERE legacy IS NOT NULL;"
    "CREATE INDEX observation_legacy ON observation(legacy) WHERE legacy IS NOT NULL;"
    "CREATE INDEX matched_legacy ON matched(legacy) WHERE legacy IS NOT NULL;"
    "DELETE FROM source;"
    "UPDATE blob SET bytes = CAST(substr(bytes, 1, 8) || x'ffffffffffffffffffffffffffffffff' "
    "AS BLOB) WHERE name LIKE 'horizon.%' AND length(bytes) = 24;";

/* What the chain was fed up to some rows, so that they need not be read one by one
 * (chain_rows.c). */
static const char image_table[] =
    "CREATE TABLE image(n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;";

static int
make_first(struct tcs_store *s, struct tcs_err *err)
{
    char id[64];
    snprintf(id, sizeof id, "PRAGMA application_id = %d", APPLICATION_ID);
    int r = tcs_store_sql_exec(s, id, err);
    if (r == 0)
        r = tcs_store_sql_exec(s, evidence_tables, err);
    return r < 0 ? r : tcs_store_sql_exec(s, incident_tables, err);
}

/* What is kept already counts for the baseline. */
static int
add_memory(struct tcs_store *s, struct tcs_err *err)
{
    int r = tcs_store_sql_exec(s, memory_tables, err);
    if (r == 0)
        r = tcs_store_sql_run(s, TCS_SQL_PAIR_SIGNATURE, 0, 0, err);
    if (r == 0)
        r = tcs_store_sql_run(s, TCS_SQL_PAIR_USER, 0, 0, err);
    return r < 0 ? r : tcs_store_sql_run(s, TCS_SQL_PAIR_LOGON, 0, TCS_OBS_LOGON, err);
}

/* Results of correlations are known by their number now; of several rows the one of most events. */
static int
add_matches(struct tcs_store *s, struct tcs_err *err)
{
    int r = tcs_store_sql_exec(s, match_tables, err);
    sqlite3_stmt *old = r == 0 ? tcs_store_sql_get(s, TCS_SQL_RESULT_ALL, err) : NULL;
    if (!old)
        return -err->code;
    sqlite3_bind_int64(old, 1, TCS_FINDING_CORRELATION);
    while ((r = tcs_store_sql_step(s, old, err)) == 1) {
        const struct tcs_key key =
            tcs_store_sql_result_key(tcs_store_sql_str(old, 1), tcs_store_sql_str(old, 2),
                                     (uint64_t)sqlite3_column_int64(old, 3));
        sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_RESULT_KEY, err);
        if (!st)
            return -err->code;
        sqlite3_bind_blob(st, 1, key.b, TCS_KEY, SQLITE_STATIC);
        sqlite3_bind_int64(st, 2, sqlite3_column_int64(old, 0));
        r = tcs_store_sql_done(s, st, err);
        if (r < 0)
            break;
    }
    sqlite3_reset(old);
    return r;
}

static int
know_records(struct tcs_store *s, struct tcs_err *err)
{
    int r = tcs_store_sql_exec(s, record_columns, err);
    if (r == 0)
        r = tcs_store_legacy_rekey(s, err);
    return r < 0 ? r : tcs_store_sql_exec(s, record_rest, err);
}

/* What could not be checked of a finding. */
static int
add_unchecked(struct tcs_store *s, struct tcs_err *err)
{
    return tcs_store_sql_exec(s,
                              "ALTER TABLE detection ADD COLUMN unchecked TEXT NOT NULL DEFAULT '';"
                              "ALTER TABLE link ADD COLUMN unchecked TEXT NOT NULL DEFAULT '';",
                              err);
}

static int
make_image(struct tcs_store *s, struct tcs_err *err)
{
    return tcs_store_sql_exec(s, image_table, err);
}

/* Step i leads from version i to i + 1. */
static int (*const steps[TCS_STORE_SCHEMA])(struct tcs_store *s, struct tcs_err *err) = {
    make_first, add_memory, add_matches, know_records, add_unchecked, make_image,
};

static int
number_of(struct tcs_store *s, const char *text, int64_t *ret, struct tcs_err *err)
{
    sqlite3_stmt *st = NULL;
    bool good = sqlite3_prepare_v2(s->db, text, -1, &st, NULL) == SQLITE_OK &&
                sqlite3_step(st) == SQLITE_ROW;
    if (good)
        *ret = sqlite3_column_int64(st, 0);
    else
        tcs_store_sql_fail(s, err);
    sqlite3_finalize(st);
    return good ? 0 : -err->code;
}

/* Ours, or empty: then *version is 0. */
int
tcs_store_sql_version(struct tcs_store *s, int64_t *version, struct tcs_err *err)
{
    int64_t id = 0, tables = 0;
    int r = number_of(s, "PRAGMA application_id", &id, err);
    if (r == 0)
        r = number_of(s, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (r == 0)
        r = number_of(s, "PRAGMA user_version", version, err);
    if (r < 0)
        return r;
    bool fresh = id == 0 && tables == 0 && *version == 0;
    if (!fresh && (id != APPLICATION_ID || *version < 1 || tables == 0))
        return tcs_base_fail(err, TCS_EPARSE,
                             "%.120s is not a store of tocsin; it was left as it is", s->path);
    if (*version > TCS_STORE_SCHEMA)
        return tcs_base_fail(err, TCS_EUNSUPP,
                             "%.120s was written by a newer tocsin (schema %d, this one knows %d)",
                             s->path, (int)*version, TCS_STORE_SCHEMA);
    return 0;
}

static int
climb(struct tcs_store *s, int64_t version, struct tcs_err *err)
{
    char text[64];
    int r = 0;
    for (; r == 0 && version < TCS_STORE_SCHEMA; version++)
        r = steps[version](s, err);
    snprintf(text, sizeof text, "PRAGMA user_version = %d", TCS_STORE_SCHEMA);
    if (r == 0)
        r = tcs_store_sql_columns_add(s, err);
    if (r == 0)
        r = tcs_store_sql_exec(s, text, err);
    return r < 0 ? r : tcs_store_sql_exec(s, "COMMIT", err);
}

int
tcs_store_sql_migrate(struct tcs_store *s, struct tcs_err *err)
{
    int64_t version = 0;
    bool lack = true;
    struct tcs_err ignored;
    int r = tcs_store_sql_version(s, &version, err);
    if (r == 0 && version == TCS_STORE_SCHEMA)
        r = tcs_store_sql_columns_lack(s, &lack, err);
    if (r < 0 || !lack)
        return r;
    if (s->mode == TCS_STORE_READ && version == 0)
        return tcs_base_fail(err, TCS_EIO, "%.120s is empty: no hunt has ended yet", s->path);
    if (s->mode == TCS_STORE_READ)
        return tcs_base_fail(
            err, TCS_EUNSUPP,
            "%.100s was written by an older tocsin (schema %d); the next hunt with "
            "--state brings it up to date",
            s->path, (int)version);
    r = tcs_store_sql_exec(s, "BEGIN IMMEDIATE", err);
    if (r < 0)
        return r;
    r = tcs_store_sql_version(s, &version, err); /* another process may have been faster */
    if (r == 0)
        r = climb(s, version, err);
    if (r < 0)
        tcs_store_sql_exec(s, "ROLLBACK", &ignored);
    return r;
}
