/* store/incident.c - a struct tcs_incident as rows, and back.
 *
 * Each list of the incident is a table; a table of columns per list says which member is which
 * column, and the same loop writes and reads all of them. */
#include "store/store_int.h"

#include "attack/level.h"
#include "base/limits.h"

#define U8(T, m, max)                                                                              \
    {                                                                                              \
        TCS_SQL_U8, offsetof(T, m), max                                                            \
    }
#define U32(T, m, max)                                                                             \
    {                                                                                              \
        TCS_SQL_U32, offsetof(T, m), max                                                           \
    }
#define COUNT(T, m)                                                                                \
    {                                                                                              \
        TCS_SQL_COUNT, offsetof(T, m), 0                                                           \
    }
#define TIME(T, m)                                                                                 \
    {                                                                                              \
        TCS_SQL_TIME, offsetof(T, m), 0                                                            \
    }
#define FLAG(T, m)                                                                                 \
    {                                                                                              \
        TCS_SQL_BOOL, offsetof(T, m), 0                                                            \
    }
#define STR(T, m) TCS_SQL_S(T, m)
enum { STAGE = TCS_STAGES - 1, HOPS = 2 };

static const struct tcs_sql_col head_cols[] = {
    U8(struct tcs_incident, state, TCS_STATES - 1),
    U32(struct tcs_incident, stages, (1u << TCS_STAGES) - 1),
    U32(struct tcs_incident, score, 0),
    TIME(struct tcs_incident, first),
    TIME(struct tcs_incident, last),
    STR(struct tcs_incident, summary),
    COUNT(struct tcs_incident, detections),
    COUNT(struct tcs_incident, dropped),
    STR(struct tcs_incident, origin_host),
    STR(struct tcs_incident, origin_account),
    STR(struct tcs_incident, origin_address),
};
static const struct tcs_sql_col link_cols[] = {
    TIME(struct tcs_link, time),
    TIME(struct tcs_link, last),
    COUNT(struct tcs_link, count),
    U8(struct tcs_link, stage, STAGE),
    U8(struct tcs_link, level, TCS_CRITICAL),
    U8(struct tcs_link, flags, TCS_FINDING_FLAGS),
    FLAG(struct tcs_link, chosen),
    STR(struct tcs_link, rule_id),
    STR(struct tcs_link, title),
    STR(struct tcs_link, host),
    STR(struct tcs_link, account),
    STR(struct tcs_link, source),
    STR(struct tcs_link, unchecked),
    TCS_SQL_EVIDENCE_COLS(struct tcs_link),
};
static const struct tcs_sql_col join_cols[] = {
    U8(struct tcs_join, kind, TCS_JOIN_REFUSED),
    U8(struct tcs_join, strength, TCS_JOIN_STRONG),
    TIME(struct tcs_join, time),
    U32(struct tcs_join, link, 0),
    U32(struct tcs_join, to, 0),
    STR(struct tcs_join, reason),
    STR(struct tcs_join, other),
    STR(struct tcs_join, from_host),
    STR(struct tcs_join, to_host),
    TCS_SQL_EVIDENCE_COLS(struct tcs_join),
};
static const struct tcs_sql_col transition_cols[] = {
    U8(struct tcs_transition, state, TCS_STATES - 1),
    TIME(struct tcs_transition, time),
    STR(struct tcs_transition, why),
};
static const struct tcs_sql_col reach_cols[] = {
    U8(struct tcs_reach, hops, HOPS), FLAG(struct tcs_reach, is_host),
    STR(struct tcs_reach, name),      STR(struct tcs_reach, why),
    TIME(struct tcs_reach, last),     TCS_SQL_EVIDENCE_COLS(struct tcs_reach),
};
static const struct tcs_sql_col missing_cols[] = {
    U8(struct tcs_missing, stage, STAGE),
    STR(struct tcs_missing, text),
};
static const struct tcs_sql_col next_cols[] = {
    U8(struct tcs_next, stage, STAGE),
    U8(struct tcs_next, priority, 0),
    STR(struct tcs_next, technique),
    STR(struct tcs_next, text),
};
static const struct tcs_sql_col overlap_cols[] = {
    STR(struct tcs_overlap, profile),       STR(struct tcs_overlap, source),
    U32(struct tcs_overlap, shared, 0),     U32(struct tcs_overlap, of_incident, 0),
    U32(struct tcs_overlap, of_profile, 0),
};

#define NONE TCS_SQL_STATEMENTS

/* An array and its count within a struct; each element is a row. */
static const struct list {
    size_t array, count, size;
    const struct tcs_sql_col *cols;
    int ncols;
    enum tcs_sql_statement put, get;
    size_t texts, ntexts;                      /* of techniques in an element ... */
    enum tcs_sql_statement put_text, get_text; /* ... NONE: there are none */
} lists[] = {
#define LIST(array, T, cols, NAME)                                                                 \
    offsetof(struct tcs_incident, array), offsetof(struct tcs_incident, n##array), sizeof(T),      \
        cols, sizeof cols / sizeof *cols, TCS_SQL_##NAME##_PUT, TCS_SQL_##NAME##_GET
#define TEXTS(T, NAME)                                                                             \
    offsetof(T, techniques), offsetof(T, ntechniques), TCS_SQL_##NAME##_TECHNIQUE_PUT,             \
        TCS_SQL_##NAME##_TECHNIQUE_GET
    {LIST(links, struct tcs_link, link_cols, LINK), TEXTS(struct tcs_link, LINK)},
    {LIST(joins, struct tcs_join, join_cols, JOIN), 0, 0, NONE, NONE},
    {LIST(transitions, struct tcs_transition, transition_cols, TRANSITION), 0, 0, NONE, NONE},
    {LIST(reach, struct tcs_reach, reach_cols, REACH), 0, 0, NONE, NONE},
    {LIST(missing, struct tcs_missing, missing_cols, MISSING), 0, 0, NONE, NONE},
    {LIST(expected, struct tcs_next, next_cols, EXPECTED), 0, 0, NONE, NONE},
    {LIST(mitigations, struct tcs_next, next_cols, MITIGATION), 0, 0, NONE, NONE},
    {LIST(overlaps, struct tcs_overlap, overlap_cols, OVERLAP), TEXTS(struct tcs_overlap, OVERLAP)},
#undef LIST
#undef TEXTS
};
/* Lists of names, by role in the table of entities. */
static const struct names {
    const char *role;
    size_t array, count;
} names[] = {
#define NAMES(role, array)                                                                         \
    role, offsetof(struct tcs_incident, array), offsetof(struct tcs_incident, n##array)
    {NAMES("host", hosts)},           {NAMES("account", accounts)}, {NAMES("address", addresses)},
    {NAMES("technique", techniques)}, {NAMES("merged", merged)},
#undef NAMES
};
enum {
    HEAD_COLS = sizeof head_cols / sizeof *head_cols,
    LISTS = sizeof lists / sizeof *lists,
    NAMES = sizeof names / sizeof *names,
    HEAD_NAMES = 2, /* hosts and accounts: part of a head */
};

static void *
array_of(const void *item, size_t at)
{
    void *p;
    memcpy(&p, (const char *)item + at, sizeof p);
    return p;
}

static uint32_t
count_of(const void *item, size_t at)
{
    uint32_t n;
    memcpy(&n, (const char *)item + at, sizeof n);
    return n;
}

static void
set_array(void *item, size_t at, void *p, size_t count_at, uint32_t n)
{
    memcpy((char *)item + at, &p, sizeof p);
    memcpy((char *)item + count_at, &n, sizeof n);
}

/* --- writing --- */

static int
put_texts(struct tcs_store *s, const struct list *l, int64_t nr, uint32_t row, const void *item,
          struct tcs_err *err)
{
    const struct tcs_str *texts = array_of(item, l->texts);
    uint32_t n = count_of(item, l->ntexts);
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        sqlite3_stmt *st = tcs_store_sql_get(s, l->put_text, err);
        if (!st)
            return -err->code;
        sqlite3_bind_int64(st, 1, nr);
        sqlite3_bind_int64(st, 2, row);
        sqlite3_bind_int64(st, 3, i);
        tcs_store_sql_text(st, 4, texts[i]);
        r = tcs_store_sql_done(s, st, err);
    }
    return r;
}

static int
put_list(struct tcs_store *s, const struct list *l, int64_t nr, const struct tcs_incident *in,
         struct tcs_err *err)
{
    const char *items = array_of(in, l->array);
    uint32_t n = count_of(in, l->count);
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        const char *item = items + i * l->size;
        sqlite3_stmt *st = tcs_store_sql_get(s, l->put, err);
        if (!st)
            return -err->code;
        sqlite3_bind_int64(st, 1, nr);
        sqlite3_bind_int64(st, 2, i);
        tcs_store_sql_bind(st, 3, l->cols, l->ncols, item);
        r = tcs_store_sql_done(s, st, err);
        if (r == 0 && l->put_text != NONE)
            r = put_texts(s, l, nr, i, item, err);
    }
    return r;
}

static int
put_names(struct tcs_store *s, const struct names *list, int64_t nr, const struct tcs_incident *in,
          struct tcs_err *err)
{
    const struct tcs_str *texts = array_of(in, list->array);
    uint32_t n = count_of(in, list->count);
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_ENTITY_PUT, err);
        if (!st)
            return -err->code;
        sqlite3_bind_int64(st, 1, nr);
        tcs_store_sql_text(st, 2, tcs_base_str_of(list->role));
        sqlite3_bind_int64(st, 3, i);
        tcs_store_sql_text(st, 4, texts[i]);
        r = tcs_store_sql_done(s, st, err);
    }
    return r;
}

static int
with_text(struct tcs_store *s, enum tcs_sql_statement id, struct tcs_str one, struct tcs_str two,
          struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, id, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, one);
    if (sqlite3_bind_parameter_count(st) > 1)
        tcs_store_sql_text(st, 2, two);
    return tcs_store_sql_done(s, st, err);
}

/* The incident and all its rows, if it is there; names that lead to it stay. */
static int
drop(struct tcs_store *s, struct tcs_str id, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_INCIDENT_NR, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, id);
    int r = tcs_store_sql_step(s, st, err);
    int64_t nr = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return r == 1 ? tcs_store_sql_run(s, TCS_SQL_INCIDENT_DROP, nr, 0, err) : r;
}

/* What led to `old`, and `old` itself, lead to `id` now. */
static int
merge(struct tcs_store *s, struct tcs_str old, struct tcs_str id, struct tcs_err *err)
{
    if (tcs_base_str_eq(old, id))
        return 0;
    int r = with_text(s, TCS_SQL_ALIAS_MOVE, old, id, err);
    if (r == 0)
        r = drop(s, old, err);
    return r < 0 ? r : with_text(s, TCS_SQL_ALIAS_PUT, old, id, err);
}

static int
put_head(struct tcs_store *s, const struct tcs_incident *in, int64_t *nr, struct tcs_err *err)
{
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_INCIDENT_PUT, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, tcs_base_str_of(in->id));
    tcs_store_sql_bind(st, 2, head_cols, HEAD_COLS, in);
    int r = tcs_store_sql_done(s, st, err);
    *nr = sqlite3_last_insert_rowid(s->db);
    return r;
}

int
tcs_store_incident_put(struct tcs_store *s, const struct tcs_incident *in, struct tcs_err *err)
{
    struct tcs_str id = tcs_base_str_of(in->id);
    int64_t nr = 0;
    int r = tcs_store_sql_need_write(s, err);
    if (r == 0 && id.n != TCS_INCIDENT_ID)
        r = tcs_base_fail(err, TCS_EUSAGE, "an incident's id has %d digits", TCS_INCIDENT_ID);
    if (r == 0)
        r = drop(s, id, err);
    if (r == 0)
        r = with_text(s, TCS_SQL_ALIAS_DROP, id, id, err);
    if (r == 0)
        r = put_head(s, in, &nr, err);
    for (size_t i = 0; r == 0 && i < LISTS; i++)
        r = put_list(s, &lists[i], nr, in, err);
    for (size_t i = 0; r == 0 && i < NAMES; i++)
        r = put_names(s, &names[i], nr, in, err);
    for (uint32_t i = 0; r == 0 && i < in->nmerged; i++)
        r = merge(s, in->merged[i], id, err);
    if (r == 0)
        r = with_text(s, TCS_SQL_INCIDENT_FRESH, id, id, err);
    if (r == 0)
        s->stats.incidents++;
    return r;
}

/* --- what later knowledge replaced --- */

struct stale {
    struct tcs_str id, into;
};

static int
find_stale(struct tcs_store *s, struct tcs_arena *a, struct stale **ret, uint32_t *n,
           struct tcs_err *err)
{
    int r;
    uint32_t cap = 0;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_INCIDENT_STALE, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, s->horizon[0].set ? s->horizon[0].time : INT64_MIN);
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        if (!tcs_base_arena_grow(a, ret, *n, &cap, sizeof **ret)) {
            r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
            break;
        }
        (*ret)[(*n)++] = (struct stale){tcs_base_arena_str(a, tcs_store_sql_str(st, 0)),
                                        tcs_base_arena_str(a, tcs_store_sql_str(st, 1))};
    }
    sqlite3_reset(st);
    return r;
}

int
tcs_store_incidents_settle(struct tcs_store *s, struct tcs_err *err)
{
    struct stale *stale = NULL;
    uint32_t n = 0;
    struct tcs_arena *a = tcs_base_arena_new(0);
    int r = a ? tcs_store_sql_need_write(s, err) : tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    if (r == 0)
        r = find_stale(s, a, &stale, &n, err);
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        if (stale[i].into.n) {
            r = merge(s, stale[i].id, stale[i].into, err);
        } else {
            r = with_text(s, TCS_SQL_ALIAS_LOST, stale[i].id, stale[i].id, err);
            if (r == 0)
                r = drop(s, stale[i].id, err);
        }
    }
    tcs_base_arena_free(a);
    return r;
}

/* --- reading --- */

static int
get_texts(struct tcs_store *s, sqlite3_stmt *st, struct tcs_arena *a, struct tcs_str **ret,
          uint32_t *n, struct tcs_err *err)
{
    int r;
    uint32_t cap = 0;
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        if (*n == TCS_STORE_LIST_MAX) {
            r = tcs_store_sql_damaged(s, err);
            break;
        }
        if (!tcs_base_arena_grow(a, ret, *n, &cap, sizeof **ret)) {
            r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
            break;
        }
        (*ret)[(*n)++] = tcs_base_arena_str(a, tcs_store_sql_str(st, 0));
    }
    sqlite3_reset(st);
    return r;
}

static int
get_list(struct tcs_store *s, const struct list *l, int64_t nr, struct tcs_arena *a,
         struct tcs_incident *in, struct tcs_err *err)
{
    int r;
    char *items = NULL;
    uint32_t n = 0, cap = 0;
    sqlite3_stmt *st = tcs_store_sql_get(s, l->get, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, nr);
    while ((r = tcs_store_sql_step(s, st, err)) == 1) {
        if (!tcs_base_arena_grow(a, &items, n, &cap, l->size)) {
            r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
            break;
        }
        char *item = items + n++ * l->size;
        memset(item, 0, l->size);
        if (n > TCS_STORE_LIST_MAX || !tcs_store_sql_read(st, 0, l->cols, l->ncols, item, a)) {
            r = tcs_store_sql_damaged(s, err);
            break;
        }
    }
    sqlite3_reset(st);
    set_array(in, l->array, items, l->count, n);
    return r;
}

static int
get_list_texts(struct tcs_store *s, const struct list *l, int64_t nr, struct tcs_arena *a,
               struct tcs_incident *in, struct tcs_err *err)
{
    char *items = array_of(in, l->array);
    uint32_t n = count_of(in, l->count);
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        struct tcs_str *texts = NULL;
        uint32_t ntexts = 0;
        sqlite3_stmt *st = tcs_store_sql_get(s, l->get_text, err);
        if (!st)
            return -err->code;
        sqlite3_bind_int64(st, 1, nr);
        sqlite3_bind_int64(st, 2, i);
        r = get_texts(s, st, a, &texts, &ntexts, err);
        set_array(items + i * l->size, l->texts, texts, l->ntexts, ntexts);
    }
    return r;
}

static int
get_names(struct tcs_store *s, const struct names *list, int64_t nr, struct tcs_arena *a,
          struct tcs_incident *in, struct tcs_err *err)
{
    struct tcs_str *texts = NULL;
    uint32_t n = 0;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_ENTITY_GET, err);
    if (!st)
        return -err->code;
    sqlite3_bind_int64(st, 1, nr);
    tcs_store_sql_text(st, 2, tcs_base_str_of(list->role));
    int r = get_texts(s, st, a, &texts, &n, err);
    set_array(in, list->array, texts, list->count, n);
    return r;
}

/* Lower case into out; false if it is no beginning of an id. */
static bool
clean_id(struct tcs_str id, char out[TCS_INCIDENT_ID + 1])
{
    if (id.n > TCS_INCIDENT_ID)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char c = tcs_base_ascii_lower(id.p[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        out[i] = c;
    }
    out[id.n] = '\0';
    return true;
}

/* Columns nr, id and the head's. */
static int
read_head(struct tcs_store *s, sqlite3_stmt *st, struct tcs_arena *a, struct tcs_incident *in,
          struct tcs_err *err)
{
    struct tcs_str id = tcs_store_sql_str(st, 1);
    *in = (struct tcs_incident){0};
    bool sane = id.n == TCS_INCIDENT_ID && clean_id(id, in->id);
    return sane && tcs_store_sql_read(st, 2, head_cols, HEAD_COLS, in, a)
               ? 0
               : tcs_store_sql_damaged(s, err);
}

/* Numbers that readers use as indexes. */
static bool
indexes_fit(const struct tcs_incident *in)
{
    for (uint32_t i = 0; i < in->njoins; i++) {
        const struct tcs_join *j = &in->joins[i];
        if ((j->link != UINT32_MAX && j->link >= in->nlinks) ||
            (j->to != UINT32_MAX && j->to >= in->nlinks))
            return false;
    }
    return true;
}

static int
get_whole(struct tcs_store *s, struct tcs_str id, struct tcs_arena *a, struct tcs_incident *ret,
          struct tcs_err *err)
{
    struct tcs_incident in;
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_INCIDENT_GET, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, id);
    int r = tcs_store_sql_step(s, st, err);
    if (r != 1) {
        sqlite3_reset(st);
        return r < 0 ? r : tcs_store_sql_damaged(s, err); /* its id was just found */
    }
    int64_t nr = sqlite3_column_int64(st, 0);
    r = read_head(s, st, a, &in, err);
    sqlite3_reset(st);
    for (size_t i = 0; r == 0 && i < LISTS; i++) {
        r = get_list(s, &lists[i], nr, a, &in, err);
        if (r == 0 && lists[i].get_text != NONE)
            r = get_list_texts(s, &lists[i], nr, a, &in, err);
    }
    for (size_t i = 0; r == 0 && i < NAMES; i++)
        r = get_names(s, &names[i], nr, a, &in, err);
    if (r == 0 && !indexes_fit(&in))
        r = tcs_store_sql_damaged(s, err);
    if (r < 0)
        return r;
    *ret = in;
    return 1;
}

int
tcs_store_incident_get(struct tcs_store *s, struct tcs_str id, struct tcs_arena *a,
                       struct tcs_incident *ret, struct tcs_err *err)
{
    char clean[TCS_INCIDENT_ID + 1];
    struct tcs_str found = {0};
    if (!clean_id(id, clean))
        return 0;
    if (id.n < TCS_STORE_PREFIX_MIN)
        return tcs_base_fail(err, TCS_EUSAGE, "give at least %d digits of the incident's id",
                             TCS_STORE_PREFIX_MIN);
    sqlite3_stmt *st = tcs_store_sql_get(s, TCS_SQL_INCIDENT_LIKE, err);
    if (!st)
        return -err->code;
    tcs_store_sql_text(st, 1, tcs_base_str_of(clean));
    int r = tcs_store_sql_step(s, st, err);
    if (r == 1) {
        found = tcs_base_arena_str(a, tcs_store_sql_str(st, 0));
        r = tcs_store_sql_step(s, st, err);
        if (r == 1)
            r = tcs_base_fail(err, TCS_EUSAGE, "several incidents begin with %s; give more digits",
                              clean);
    }
    sqlite3_reset(st);
    return r < 0 || !found.p ? r : get_whole(s, found, a, ret, err);
}

int
tcs_store_incidents(struct tcs_store *s, uint8_t min_state,
                    void (*each)(void *ctx, const struct tcs_incident *head), void *ctx,
                    struct tcs_err *err)
{
    int r = 0;
    struct tcs_incident in;
    struct tcs_arena *a = tcs_base_arena_new(0);
    sqlite3_stmt *st = a ? tcs_store_sql_get(s, TCS_SQL_INCIDENT_ALL, err) : NULL;
    if (!a)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    if (!st)
        r = -err->code;
    else
        sqlite3_bind_int64(st, 1, min_state);
    while (r == 0 && (r = tcs_store_sql_step(s, st, err)) == 1) {
        tcs_base_arena_reset(a);
        int64_t nr = sqlite3_column_int64(st, 0);
        r = read_head(s, st, a, &in, err);
        for (size_t i = 0; r == 0 && i < HEAD_NAMES; i++)
            r = get_names(s, &names[i], nr, a, &in, err);
        if (r == 0)
            each(ctx, &in);
    }
    if (st)
        sqlite3_reset(st);
    tcs_base_arena_free(a);
    return r;
}
