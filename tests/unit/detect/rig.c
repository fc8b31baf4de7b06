/* unit/detect/rig.c - an engine on a bench; see rig.h. */
#include "rig.h"

#include "base/hash.h"
#include "detect/files.h"

#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

char rig_dir[64];
static struct tcs_arena *texts; /* of paths */

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

int
rig_setup(void **state)
{
    (void)state;
    snprintf(rig_dir, sizeof rig_dir, "/tmp/tocsin-detect-XXXXXX");
    texts = tcs_base_arena_new(0);
    return texts && mkdtemp(rig_dir) ? 0 : -1;
}

int
rig_teardown(void **state)
{
    (void)state;
    tcs_base_arena_free(texts);
    return nftw(rig_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
rig_path(const char *name)
{
    struct tcs_str s = tcs_base_arena_printf(texts, "%s/%s", rig_dir, name);
    assert_non_null(s.p);
    return s.p;
}

const char *
rig_write(const char *name, struct tcs_str bytes)
{
    const char *path = rig_path(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    assert_int_equal(fclose(f), 0);
    return path;
}

int64_t
rig_ask(const char *state, const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    struct tcs_str file = tcs_base_arena_printf(texts, "%s/tocsin.db", state);
    assert_int_equal(sqlite3_open_v2(file.p, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static struct tcs_detector *
detector(const char *rules, bool carve)
{
    char name[32];
    struct tcs_detector *d = NULL;
    struct tcs_err err = {0};
    /* the same file for the same text: its name and age are part of what decides */
    snprintf(name, sizeof name, "%016llx.yml",
             (unsigned long long)tcs_base_hash_str(tcs_base_str_of(rules)));
    const char **path = tcs_base_arena_array(texts, 1, sizeof *path); /* borrowed by the detector */
    *path = rig_path(name);
    if (access(*path, F_OK) < 0)
        rig_write(name, tcs_base_str_of(rules));
    const struct tcs_detect_opts opts = {
        .rules = {.paths = {path, 1}, .threads = 1, .no_cache = true},
        .from = TCS_TIME_NONE,
        .to = TCS_TIME_NONE,
        .carve = carve};
    if (tcs_detect_load(&opts, &d, &err) < 0)
        fail_msg("%s", err.msg);
    return d;
}

struct tcs_detector *
rig_detector(const char *rules)
{
    return detector(rules, false);
}

struct tcs_detector *
rig_carver(const char *rules)
{
    return detector(rules, true);
}

/* --- what was told --- */

static int
on_finding(void *ctx, const struct tcs_outlet_finding *t, struct tcs_err *err)
{
    struct rig *r = ctx;
    assert_true(r->nfindings < RIG_TOLD_MAX);
    struct tcs_str title = t->rule ? t->rule->doc.title : t->alert->title;
    char *out = r->findings[r->nfindings++];
    const char *sign = t->is_new ? "+" : "";
    if (r->fail_at == r->nfindings)
        return tcs_base_fail(err, TCS_EIO, "nobody listens");
    if (t->correlated)
        snprintf(out, sizeof *r->findings, "%s%.*s x%llu", sign, TCS_STR_FMT(title),
                 (unsigned long long)t->correlated->count);
    else
        snprintf(out, sizeof *r->findings, "%s%.*s %.*s/%llu", sign, TCS_STR_FMT(title),
                 TCS_STR_FMT(t->finding->who.host),
                 (unsigned long long)t->finding->evidence.record_id);
    return 0;
}

static int
on_incident(void *ctx, const struct tcs_incident *was, const struct tcs_incident *is,
            struct tcs_err *err)
{
    struct rig *r = ctx;
    (void)err;
    assert_true(r->nincidents < RIG_TOLD_MAX);
    memcpy(r->incidents[r->nincidents].id, is->id, sizeof is->id);
    r->incidents[r->nincidents].detections = is->detections;
    r->incidents[r->nincidents++].before = was ? was->detections : UINT64_MAX;
    if (was)
        assert_string_equal(was->id, is->id);
    return 0;
}

void
rig_told(struct rig *r)
{
    *r = (struct rig){.outlet = {.ctx = r, .finding = on_finding, .incident = on_incident}};
}

void
rig_forget(struct rig *r)
{
    r->nfindings = r->nincidents = 0;
}

bool
rig_has(const struct rig *r, const char *word)
{
    for (uint32_t i = 0; i < r->nfindings; i++)
        if (strcmp(r->findings[i], word) == 0)
            return true;
    return false;
}

uint32_t
rig_fresh(const struct rig *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->nfindings; i++)
        n += r->findings[i][0] == '+';
    return n;
}

struct tcs_engine *
rig_engine(struct rig *r, struct tcs_detector *d, const char *state)
{
    const struct tcs_engine_opts opts = {
        .detector = d, .outlet = r ? &r->outlet : NULL, .state = state, .incidents = true};
    struct tcs_engine *e = NULL;
    struct tcs_err err = {0};
    if (tcs_detect_engine_new(&opts, &e, &err) < 0)
        fail_msg("%s", err.msg);
    return e;
}

void
rig_settle(struct tcs_engine *e)
{
    struct tcs_err err = {0};
    if (tcs_detect_engine_settle(e, NULL, true, &err) < 0)
        fail_msg("%s", err.msg);
}

void
rig_hunt(struct tcs_engine *e, const char *const *paths, size_t n, unsigned threads)
{
    struct tcs_files files = {0};
    struct tcs_err err = {0};
    struct tcs_job job = tcs_detect_engine_job(e, threads);
    const struct tcs_files_opts opts = {
        .paths = paths, .npaths = n, .memory = tcs_detect_engine_memory(e)};
    if (tcs_detect_files_run(&files, &opts, &job, &err) < 0)
        fail_msg("%s", err.msg);
    rig_settle(e);
    assert_false(tcs_detect_files_close(&files));
}

/* --- batches by hand --- */

struct tcs_batch
rig_batch(const struct tcs_origin *origin)
{
    struct tcs_batch b = {.origin = origin};
    assert_true(tcs_detect_batch_open(&b));
    return b;
}

static uint32_t
add_record(struct tcs_batch *b, struct tcs_key key)
{
    assert_true(tcs_detect_batch_room(b, &b->records, &b->cap_records, b->nrecords, 1, sizeof key));
    b->records[b->nrecords] = key;
    return b->nrecords++;
}

static int64_t
ticks(int64_t second)
{
    return second == INT64_MIN ? TCS_TIME_NONE : (RIG_DAY + second) * TCS_TICKS_PER_SEC;
}

uint32_t
rig_numbered(struct tcs_batch *b, const char *host, uint64_t number, int64_t second)
{
    return add_record(b, tcs_identity_key_numbered(tcs_base_str_of(host), TCS_STR("Security"),
                                                   number, ticks(second)));
}

uint32_t
rig_line(struct tcs_batch *b, const char *text)
{
    const struct tcs_event ev = {.origin = b->origin, .content = tcs_base_str_of(text)};
    struct tcs_key key = tcs_identity_key(&ev, b->arena);
    assert_true(key.uncounted);
    return add_record(b, key);
}

void
rig_found(struct tcs_batch *b, uint32_t rule, uint32_t record, const char *host, uint64_t number,
          int64_t second)
{
    assert_true(tcs_detect_batch_room(b, &b->findings, &b->cap_findings, b->nfindings, 1,
                                      sizeof *b->findings));
    b->findings[b->nfindings++] = (struct tcs_batch_finding){
        .finding = {.time = ticks(second),
                    .first = ticks(second),
                    .count = 1,
                    .who = {.host = tcs_base_str_of(host), .user = TCS_STR("j.falk")},
                    .evidence = {.file = b->origin->path,
                                 .channel = TCS_STR("Security"),
                                 .record_id = number,
                                 .event_id = 4624}},
        .rule = rule,
        .record = record};
}

void
rig_matched(struct tcs_batch *b, uint32_t rule, uint32_t record, const char *ip, int64_t second)
{
    struct tcs_str *value = tcs_base_arena_array(b->arena, 1, sizeof *value);
    assert_true(
        tcs_detect_batch_room(b, &b->matches, &b->cap_matches, b->nmatches, 1, sizeof *b->matches));
    *value = tcs_base_str_of(ip);
    b->matches[b->nmatches++] = (struct tcs_batch_match){
        .match =
            {.time = ticks(second), .rule = rule, .record = record, .values = value, .nvalues = 1},
        .evidence = {.file = b->origin->path,
                     .channel = TCS_STR("Security"),
                     .record_id = record,
                     .event_id = 4625},
        .host = TCS_STR("DC01"),
        .source_ip = tcs_base_str_of(ip),
        .record = record};
}

void
rig_put(struct tcs_engine *e, struct tcs_batch *b)
{
    struct tcs_err err = {0};
    if (tcs_detect_engine_put(e, b, &err) < 0)
        fail_msg("%s", err.msg);
    tcs_detect_batch_close(b);
    *b = (struct tcs_batch){0};
}
