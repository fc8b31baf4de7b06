/* tests/unit/store/scratch.c - a store in a folder of its own for each test. */
#include "scratch.h"

#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

char dir[64], file[96];
struct tcs_arena *arena;

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

int
setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/tocsin-store-XXXXXX");
    arena = tcs_base_arena_new(0);
    if (!mkdtemp(dir) || !arena)
        return -1;
    snprintf(file, sizeof file, "%s/tocsin.db", dir);
    return 0;
}

int
teardown(void **state)
{
    (void)state;
    tcs_base_arena_free(arena);
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct tcs_store *
opened(enum tcs_store_mode mode)
{
    struct tcs_err err = {0};
    struct tcs_store *s = NULL;
    if (tcs_store_open(dir, mode, &s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

struct tcs_store *
begun(void)
{
    struct tcs_err err = {0};
    struct tcs_store *s = opened(TCS_STORE_WRITE);
    if (tcs_store_begin(s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

void
good(int r, const struct tcs_err *err)
{
    if (r < 0)
        fail_msg("%s", err->msg);
}

void
end(struct tcs_store *s)
{
    struct tcs_err err = {0};
    good(tcs_store_commit(s, &err), &err);
    tcs_store_close(s);
}

/* The first number of the first row. */
int64_t
ask(const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

void
do_sql(const char *text)
{
    sqlite3 *db;
    char *msg = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &msg) != SQLITE_OK)
        fail_msg("%s", msg);
    sqlite3_close(db);
}

const struct tcs_signature rule_one = {.id = TCS_STR("one"), .title = TCS_STR("One")};

struct tcs_finding
seen(int64_t time)
{
    struct tcs_finding d = {
        .time = time,
        .first = time,
        .count = 1,
        .who = {.host = TCS_STR("DC01.elbwerft.example"), .user = TCS_STR("j.brandt")},
        .evidence = {.file = TCS_STR("/mnt/a/Security.evtx"),
                     .channel = TCS_STR("Security"),
                     .record_id = 4711,
                     .offset = 100}};
    rekey(&d);
    return d;
}

void
rekey(struct tcs_finding *d)
{
    struct tcs_evidence *e = &d->evidence;
    e->key = tcs_identity_key_numbered(d->who.host, e->channel, e->record_id, d->time);
}

int
put(struct tcs_store *s, struct tcs_finding d)
{
    struct tcs_err err = {0};
    int r = tcs_store_detection_put(s, &rule_one, &d, &err);
    good(r, &err);
    return r;
}
