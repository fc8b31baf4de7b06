/* store/store.c - the file: made, opened, refused; the one transaction of a run.
 *
 * Everything that has to be opened is open when tcs_store_begin returns, since the caller gives up
 * opening files after it: the database, its -wal and -shm (kept on disk between runs), SQLite's
 * source of random numbers.  Temporary tables and journals are in memory. */
#include "store/store_int.h"

#include "base/invariant.h"
#include "base/limits.h"
#include "process/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* More rows than anybody writes; there must be room for a run's behind the last one. */
#define NR_MAX (INT64_MAX / 2)

enum { BUSY_MS = 2000, TEXT_MAX = 64 << 20, MAGIC = 16 };

const char *const tcs_store_files[] = {"tocsin.db", "tocsin.db-wal", "tocsin.db-shm", NULL};

/* Nobody else may put another file in the place of ours, whoever is to read it. */
static int
check_folder(const char *dir, enum tcs_store_mode mode, struct tcs_err *err)
{
    if (mode == TCS_STORE_WRITE && mkdir(dir, 0700) < 0 && errno != EEXIST)
        return tcs_base_fail_sys(err, errno, "cannot make %.150s", dir);
    if (mode == TCS_STORE_READ && access(dir, F_OK) < 0)
        return 0; /* whoever opens the file says what is missing */
    return tcs_process_dirs_ours(dir, err);
}

/* What SQLite would make with a wider mode is made here; -wal and -shm follow the file's mode. */
static int
make_file(struct tcs_store *s, struct tcs_err *err)
{
    int fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : tcs_base_fail_sys(err, errno, "cannot make %.150s", s->path);
    close(fd);
    return 0;
}

/* A regular file that is empty or begins as SQLite's do. */
static int
check_file(struct tcs_store *s, struct tcs_err *err)
{
    char head[MAGIC] = {0};
    struct stat st;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return tcs_base_fail(err, TCS_EIO,
                             "%.100s holds no store; tocsin hunt --state DIR makes one", s->dir);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "cannot open %.150s", s->path);
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    ssize_t n = regular ? pread(fd, head, sizeof head, 0) : -1;
    close(fd);
    if (n == 0 || (n == MAGIC && memcmp(head, "SQLite format 3", MAGIC) == 0))
        return 0;
    return tcs_base_fail(err, TCS_EPARSE, "%.120s is not a store of tocsin; it was left as it is",
                         s->path);
}

static int
configure(struct tcs_store *s, struct tcs_err *err)
{
    static const struct {
        int what, on;
    } rules[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    };
    int keep = 1;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        sqlite3_db_config(s->db, rules[i].what, rules[i].on, NULL);
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, TEXT_MAX);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    return tcs_store_sql_exec(s,
                              "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; "
                              "PRAGMA cache_size = -65536; PRAGMA cell_size_check = ON; "
                              "PRAGMA journal_size_limit = 1048576",
                              err);
}

static int
open_database(struct tcs_store *s, struct tcs_err *err)
{
    int flags = SQLITE_OPEN_NOMUTEX |
                (s->mode == TCS_STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
        return s->db ? tcs_store_sql_fail(s, err)
                     : tcs_base_fail(err, TCS_ENOMEM, "out of memory for the store");
    int64_t version;
    int r = configure(s, err);
    if (r == 0) /* before anything is changed in a file that may not be ours */
        r = tcs_store_sql_version(s, &version, err);
    if (r == 0 && s->mode == TCS_STORE_WRITE)
        r = tcs_store_sql_exec(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", err);
    if (r == 0)
        r = tcs_store_sql_migrate(s, err);
    if (r == 0 && s->mode == TCS_STORE_READ)
        r = tcs_store_sql_exec(s, "BEGIN", err); /* one state of the file for all that is read */
    if (r == 0 && s->mode == TCS_STORE_WRITE)
        r = tcs_store_sql_exec(s,
                               "CREATE TEMP TABLE doomed(nr INTEGER PRIMARY KEY); "
                               "CREATE TEMP TABLE held(nr INTEGER PRIMARY KEY); "
                               "CREATE TEMP TABLE fresh(id TEXT PRIMARY KEY)",
                               err);
    return r;
}

int
tcs_store_open(const char *dir, enum tcs_store_mode mode, struct tcs_store **ret,
               struct tcs_err *err)
{
    struct tcs_store *s = calloc(1, sizeof *s);
    if (!s || asprintf(&s->path, "%s/%s", dir, tcs_store_files[0]) < 0 || !(s->dir = strdup(dir)) ||
        !(s->arena = tcs_base_arena_new(0))) {
        tcs_store_close(s);
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the store");
    }
    s->mode = mode;
    s->limits = (struct tcs_store_limits){TCS_STORE_FINDINGS_MAX,  TCS_STORE_OBSERVATIONS_MAX,
                                          TCS_STORE_SUMMARIES_MAX, TCS_STORE_BASELINE_MAX,
                                          TCS_STORE_SOURCES_MAX,   TCS_STORE_SIGNATURES_MAX,
                                          TCS_STORE_MATCHES_MAX,   TCS_STORE_IMAGE_MIN};
    int r = check_folder(dir, mode, err);
    if (r == 0 && mode == TCS_STORE_WRITE)
        r = make_file(s, err);
    if (r == 0)
        r = check_file(s, err);
    if (r == 0)
        r = open_database(s, err);
    if (r == 0)
        *ret = s;
    else
        tcs_store_close(s);
    return r;
}

void
tcs_store_close(struct tcs_store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < TCS_SQL_STATEMENTS; i++)
        sqlite3_finalize(s->stmts[i]);
    sqlite3_close(s->db);
    tcs_base_map_done(&s->signatures);
    tcs_base_arena_free(s->arena);
    free(s->path);
    free(s->dir);
    free(s);
}

/* The names of new files are on disk too: SQLite would do it later, when it may no longer. */
static void
sync_folder(const struct tcs_store *s)
{
    int fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

int
tcs_store_begin(struct tcs_store *s, struct tcs_err *err)
{
    static const enum tcs_sql_statement clear[] = {TCS_SQL_FRESH_CLEAR, TCS_SQL_HELD_CLEAR};
    static const enum tcs_sql_statement last[] = {TCS_SQL_FINDING_LAST, TCS_SQL_OBSERVATION_LAST,
                                                  TCS_SQL_MATCH_LAST};
    TCS_ROW_FOR_EACH(last, TCS_SQL_KINDS);
    uint8_t random[8];
    if (s->mode != TCS_STORE_WRITE)
        return tcs_base_fail(err, TCS_EUSAGE, "%.120s is open for reading only", s->path);
    sqlite3_randomness(sizeof random, random); /* opens its source now */
    if (!sqlite3_get_autocommit(s->db))        /* of a run that was never committed */
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    int r = tcs_store_sql_exec(s, "BEGIN IMMEDIATE", err);
    if (r < 0)
        return r;
    s->begun = true;
    s->spoiled = (struct tcs_err){0};
    s->stats = (struct tcs_store_stats){0};
    tcs_base_map_done(&s->signatures);
    tcs_base_arena_reset(s->arena);
    sync_folder(s);
    for (size_t i = 0; r == 0 && i < sizeof clear / sizeof *clear; i++)
        r = tcs_store_sql_run(s, clear[i], 0, 0, err);
    for (int i = 0; r == 0 && i < TCS_SQL_KINDS; i++)
        r = tcs_store_sql_number(s, last[i], &s->first_nr[i], err);
    for (int i = 0; r == 0 && i < TCS_SQL_KINDS; i++) /* a run's rows are known by their numbers */
        if (s->first_nr[i] < 0 || s->first_nr[i] > NR_MAX)
            r = tcs_store_sql_damaged(s, err);
    if (r == 0)
        r = tcs_store_legacy_load(s, err);
    return r < 0 ? r : tcs_store_sql_load_horizons(s, err);
}

int
tcs_store_commit(struct tcs_store *s, struct tcs_err *err)
{
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0)
        r = tcs_store_sql_fold(s, err);
    if (s->spoiled.code) {
        *err = s->spoiled;
        r = -err->code;
    }
    if (r == 0)
        r = tcs_store_sql_exec(s, "COMMIT", err);
    if (r < 0 && s->begun)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->begun = false;
    return r;
}

void
tcs_store_limit(struct tcs_store *s, const struct tcs_store_limits *limits)
{
    s->limits = *limits;
}

void
tcs_store_image_always(struct tcs_store *s)
{
    s->limits.image = 0;
}

const struct tcs_store_stats *
tcs_store_stats(const struct tcs_store *s)
{
    return &s->stats;
}
