/* tests/fuzz/fuzz_store.c - files that were damaged, or made to harm, in the place of the store.
 *
 * The first byte decides: 0: the rest is the file; 2: the rest is numbers for a sound one, nine
 * bytes each: which column of which table, and what stands there in every row (low byte first);
 * else the rest is changes to a sound one, four bytes each: place (three bytes, low first) and
 * value.  Whatever the file is, everything is asked of it, reading and writing, and a chain is made
 * of it; each answer is sound or a sentence. */
#include "store/store.h"

#include "base/time.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x)                                                                                   \
    if (!(x))                                                                                      \
    abort()

static char dir[] = "/dev/shm/tocsin-fuzz-XXXXXX"; /* in memory: nothing waits for a disk */
static uint8_t *sound;
static size_t nsound;
static const char *const tails[] = {"", "-wal", "-shm", "-journal"};

/* Columns that hold numbers, as statements that set them. */
static char *columns[256];
static size_t ncolumns;

static const char *
path_of(const char *tail)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/tocsin.db%s", dir, tail);
    return path;
}

static void
answer(int r, const struct tcs_err *err)
{
    CHECK(r >= 0 || (err->code == -r && err->msg[0]));
}

static void
fill(struct tcs_store *s)
{
    struct tcs_str techniques[] = {TCS_STR("T1003.001")};
    struct tcs_link links[] = {
        {.rule_id = TCS_STR("r"), .techniques = techniques, .ntechniques = 1}};
    struct tcs_join joins[] = {{.link = 0, .to = UINT32_MAX, .reason = TCS_STR("why")}};
    struct tcs_incident in = {.id = "0123456789abcdef0123456789abcdef",
                              .state = 2,
                              .links = links,
                              .nlinks = 1,
                              .joins = joins,
                              .njoins = 1,
                              .hosts = techniques,
                              .nhosts = 1};
    struct tcs_signature sig = {
        .id = TCS_STR("r"), .level = 5, .techniques = techniques, .ntechniques = 1};
    struct tcs_finding d = {.time = INT64_C(17737056000000000),
                            .who = {.host = TCS_STR("H"), .user = TCS_STR("u")},
                            .evidence.record_id = 7};
    struct tcs_store_match m = {.rule = TCS_STR("r"), .time = 5, .host = TCS_STR("H")};
    struct tcs_observation o = {.time = 1 << 30, .kind = TCS_OBS_LOGON, .who.host = TCS_STR("H")};
    struct tcs_store_source src = {.path = TCS_STR("/a")};
    const struct tcs_store_limits limits = {1, 8, 8, 8, 8, 8, 8, 0};
    struct tcs_store_repeat repeat = {.count = 2};
    struct tcs_err err = {0};
    tcs_store_limit(s, &limits);
    answer(tcs_store_incident_put(s, &in, &err), &err);
    answer(tcs_store_detection_put(s, &sig, &d, &err), &err);
    d.evidence.record_id++;
    d.evidence.key.b[0]++;
    d.time = 1 << 30; /* pruned: a summary, a horizon */
    answer(tcs_store_detection_put(s, &sig, &d, &err), &err);
    answer(tcs_store_match_put(s, &m, &err), &err);
    answer(tcs_store_observation_put(s, &o, &err), &err);
    answer(tcs_store_source_put(s, &src, &err), &err);
    answer(tcs_store_repeats_put(s, src.path, &repeat, 1, &err), &err);
    answer(tcs_store_host_seen_put(s, TCS_STR("H"), 1, 2, &err), &err);
    answer(tcs_store_blob_put(s, "x", TCS_STR("y"), &err), &err);
    answer(tcs_store_incidents_settle(s, &err), &err);
    answer(tcs_store_commit(s, &err), &err);
}

static void
remove_all(void)
{
    for (size_t i = 0; i < 4; i++)
        unlink(path_of(tails[i]));
}

static void
at_exit(void)
{
    remove_all();
    rmdir(dir);
    free(sound);
    for (size_t i = 0; i < ncolumns; i++)
        sqlite3_free(columns[i]);
}

static sqlite3 *
opened(void)
{
    sqlite3 *db;
    CHECK(sqlite3_open(path_of(""), &db) == SQLITE_OK);
    return db;
}

static void
list_columns(void)
{
    static const char list[] =
        "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c "
        "WHERE t.type = 'table' AND c.type = 'INTEGER' ORDER BY t.rowid, c.cid";
    sqlite3 *db = opened();
    sqlite3_stmt *st;
    CHECK(sqlite3_prepare_v2(db, list, -1, &st, NULL) == SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW && ncolumns < 256)
        columns[ncolumns++] = sqlite3_mprintf("UPDATE OR IGNORE %s SET %s = ?",
                                              (const char *)sqlite3_column_text(st, 0),
                                              (const char *)sqlite3_column_text(st, 1));
    CHECK(sqlite3_finalize(st) == SQLITE_OK && ncolumns > 80);
    sqlite3_close(db);
}

/* In a file that is sound otherwise. */
static void
set_numbers(const uint8_t *data, size_t size)
{
    enum { CHANGE = 9 };
    sqlite3 *db = opened();
    for (; size >= CHANGE; data += CHANGE, size -= CHANGE) {
        sqlite3_stmt *st;
        uint64_t v = 0;
        for (int i = 8; i > 0; i--)
            v = v << 8 | data[i];
        CHECK(sqlite3_prepare_v2(db, columns[data[0] % ncolumns], -1, &st, NULL) == SQLITE_OK);
        sqlite3_bind_int64(st, 1, (int64_t)v);
        sqlite3_step(st);
        sqlite3_finalize(st);
    }
    sqlite3_close(db);
}

static void
make_sound(void)
{
    struct tcs_store *s = NULL;
    struct tcs_err err = {0};
    if (access("/dev/shm", W_OK) < 0)
        strcpy(dir, "/tmp/tocsin-fuzz-XXXXXX");
    CHECK(mkdtemp(dir) && atexit(at_exit) == 0);
    CHECK(tcs_store_open(dir, TCS_STORE_WRITE, &s, &err) == 0 && tcs_store_begin(s, &err) == 0);
    fill(s);
    tcs_store_close(s);
    FILE *f = fopen(path_of(""), "rb");
    sound = malloc(1 << 20);
    CHECK(f && sound);
    nsound = fread(sound, 1, 1 << 20, f);
    fclose(f);
    CHECK(nsound > 4096 && nsound < 1 << 20);
    list_columns();
}

static void
write_file(const uint8_t *data, size_t size)
{
    remove_all();
    FILE *f = fopen(path_of(""), "wb");
    CHECK(f);
    if (size && data[0] == 0) {
        fwrite(data + 1, 1, size - 1, f);
    } else {
        uint8_t *p = malloc(nsound);
        CHECK(p);
        memcpy(p, sound, nsound);
        for (size_t i = 1; data[0] != 2 && i + 4 <= size; i += 4)
            p[(data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16) % nsound] =
                data[i + 3];
        fwrite(p, 1, nsound, f);
        free(p);
    }
    CHECK(fclose(f) == 0);
    if (size && data[0] == 2)
        set_numbers(data + 1, size - 1);
}

static void
on_head(void *ctx, const struct tcs_incident *head)
{
    if (strlen(head->id) == TCS_INCIDENT_ID)
        memcpy(ctx, head->id, sizeof head->id);
}

static void
on_source(void *ctx, const struct tcs_store_source *src)
{
    *(uint64_t *)ctx += src->size + src->path.n;
}

static void
on_summary(void *ctx, const struct tcs_store_summary *row)
{
    *(uint64_t *)ctx += row->count + row->name.n;
}

static void
on_pair(void *ctx, const struct tcs_store_pair *row)
{
    *(uint64_t *)ctx += row->count + row->name.n;
}

static int
on_signature(void *ctx, uint32_t nr, const struct tcs_signature *sig, struct tcs_err *err)
{
    (void)err;
    *(uint64_t *)ctx += nr + sig->ntechniques;
    return 0;
}

static int
on_detection(void *ctx, const struct tcs_finding *d, struct tcs_err *err)
{
    (void)err;
    *(uint64_t *)ctx += d->count + d->who.host.n;
    return 0;
}

static int
on_observation(void *ctx, const struct tcs_observation *o, struct tcs_err *err)
{
    (void)err;
    CHECK(o->kind < TCS_OBS_KINDS);
    *(uint64_t *)ctx += o->who.host.n;
    return 0;
}

static int
on_match(void *ctx, const struct tcs_store_match *m, struct tcs_err *err)
{
    (void)err;
    CHECK(m->time >= TCS_TIME_FIRST && m->time <= TCS_TIME_LAST);
    *(uint64_t *)ctx += m->values.n + m->host.n;
    return 0;
}

static int
on_repeat(void *ctx, const struct tcs_store_repeat *row, struct tcs_err *err)
{
    (void)err;
    *(uint64_t *)ctx += row->count;
    return 0;
}

/* Every index of an incident that was let through can be followed. */
static void
walk(const struct tcs_incident *in)
{
    CHECK(in->state < TCS_STATES && in->stages >> TCS_STAGES == 0);
    CHECK(in->first >= TCS_TIME_FIRST && in->last <= TCS_TIME_LAST);
    for (uint32_t i = 0; i < in->njoins; i++) {
        const struct tcs_join *j = &in->joins[i];
        CHECK(j->link == UINT32_MAX || in->links[j->link].stage < TCS_STAGES);
        CHECK(j->to == UINT32_MAX || in->links[j->to].stage < TCS_STAGES);
    }
}

/* What the chain makes of all that is kept; in a run it is kept, and read again. */
static void
make_chain(struct tcs_store *s, bool run)
{
    struct tcs_err err = {0};
    struct tcs_chain *c = tcs_chain_new(NULL);
    struct tcs_arena *a = tcs_base_arena_new(0);
    uint32_t n = 0;
    CHECK(a && c);
    int r = run ? tcs_store_recall(s, c, &err) : tcs_store_replay(s, c, &err);
    if (r == 0 && run)
        r = tcs_store_complete(s, c, &err);
    answer(r, &err);
    if (r == 0) {
        r = tcs_chain_finish(c, &err);
        answer(r, &err);
    }
    const struct tcs_incident *in = tcs_chain_incidents(c, &n);
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        struct tcs_incident got;
        walk(&in[i]);
        r = run ? tcs_store_incident_put(s, &in[i], &err) : -TCS_EUSAGE;
        if (r < 0)
            break;
        r = tcs_store_incident_get(s, tcs_base_str_of(in[i].id), a, &got, &err);
        answer(r, &err);
        if (r == 1)
            walk(&got);
    }
    tcs_base_arena_free(a);
    tcs_chain_free(c);
}

static void
ask_everything(struct tcs_store *s)
{
    char id[TCS_INCIDENT_ID + 1] = "0123";
    uint64_t sum = 0;
    struct tcs_err err = {0};
    struct tcs_str bytes;
    struct tcs_incident in;
    struct tcs_arena *a = tcs_base_arena_new(0);
    const struct tcs_store_reader to = {&sum, on_signature, on_detection, on_observation};
    CHECK(a);
    answer(tcs_store_incidents(s, 0, on_head, id, &err), &err);
    int r = tcs_store_incident_get(s, tcs_base_str_of(id), a, &in, &err);
    answer(r, &err);
    if (r == 1)
        walk(&in);
    answer(tcs_store_read(s, &to, &err), &err);
    answer(tcs_store_sources(s, a, on_source, &sum, &err), &err);
    answer(tcs_store_repeats_get(s, TCS_STR("/a"), on_repeat, &sum, &err), &err);
    answer(tcs_store_summaries(s, on_summary, &sum, &err), &err);
    answer(tcs_store_baseline(s, on_pair, &sum, &err), &err);
    answer(tcs_store_blob_get(s, "x", a, &bytes, &err), &err);
    tcs_base_arena_free(a);
    make_chain(s, false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_err err = {0};
    if (!sound)
        make_sound();
    write_file(data, size);
    for (int mode = TCS_STORE_READ; mode <= TCS_STORE_WRITE; mode++) {
        struct tcs_store *s = NULL;
        int r = tcs_store_open(dir, (enum tcs_store_mode)mode, &s, &err);
        answer(r, &err);
        CHECK((r == 0) == (s != NULL));
        if (r < 0)
            continue;
        ask_everything(s);
        if (mode == TCS_STORE_WRITE) {
            r = tcs_store_begin(s, &err);
            answer(r, &err);
            uint64_t sum = 0;
            if (r == 0)
                answer(tcs_store_matches(s, on_match, &sum, &err), &err);
            if (r == 0)
                make_chain(s, true);
            if (r == 0)
                fill(s);
        }
        tcs_store_close(s);
    }
    return 0;
}
