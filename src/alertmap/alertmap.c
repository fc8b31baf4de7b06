/* alertmap/alertmap.c - an event -> the alert that it is, by the map's tools and rows.
 *
 * In: events whose fields are as the decoder named them.  Out: signature, identity, time; every
 * text that is kept is copied into the caller's arena.  Does not judge: stage and level are what
 * the map, or else the tool itself, says. */
#include "alertmap/alertmap_int.h"

#include "attack/attack.h"
#include "attack/level.h"
#include "base/hash.h"
#include "base/invariant.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/time.h"
#include "match/fold.h"

#include <stdlib.h>

enum {
    TEXT_MAX = 512,      /* bytes kept of a name, host, account ... */
    VALUES_MAX = 64,     /* categories or techniques looked at */
    TECHNIQUES_MAX = 16, /* kept of one alert */
    SEEN = 1024,         /* names whose row is remembered */
    SEEN_KEY_MAX = 1024
};

/* What the rows looked at, and the row that they gave. */
struct seen {
    char *key;
    size_t n;
    const struct tcs_alert_row *row;
};

struct tcs_alert_reader {
    const struct tcs_alertmap *map;
    struct tcs_regex_scratch *regex;
    struct tcs_arena *scratch; /* reset with each event */
    struct seen *seen;         /* by hash of the key, the last one stays; NULL: forget */
    struct tcs_buf key;
};

struct tcs_alertmap *
tcs_alertmap_new(void)
{
    struct tcs_alertmap *m = calloc(1, sizeof *m);
    if (m && !(m->arena = tcs_base_arena_new(0))) {
        free(m);
        return NULL;
    }
    return m;
}

void
tcs_alertmap_free(struct tcs_alertmap *m)
{
    if (!m)
        return;
    for (struct tcs_alert_regex *r = m->regexes; r; r = r->next)
        tcs_match_regex_free(r->re);
    tcs_base_arena_free(m->arena);
    free(m);
}

const struct tcs_str *
tcs_alertmap_table(const struct tcs_alertmap *m, uint32_t i, uint32_t *n)
{
    for (const struct tcs_alert_tool *t = m->tools; t; t = t->next)
        if (t->columns.n && i-- == 0) {
            *n = t->columns.n;
            return t->columns.at;
        }
    *n = 0;
    return NULL;
}

struct tcs_alert_reader *
tcs_alertmap_reader_new(const struct tcs_alertmap *m, bool forget)
{
    struct tcs_alert_reader *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->map = m;
    r->regex = tcs_match_regex_scratch_new();
    r->scratch = tcs_base_arena_new(0);
    r->seen = forget ? NULL : calloc(SEEN, sizeof *r->seen);
    if (r->regex && r->scratch && (r->seen || forget))
        return r;
    tcs_alertmap_reader_free(r);
    return NULL;
}

void
tcs_alertmap_reader_free(struct tcs_alert_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; r->seen && i < SEEN; i++)
        free(r->seen[i].key);
    free(r->seen);
    tcs_base_buf_done(&r->key);
    tcs_match_regex_scratch_free(r->regex);
    tcs_base_arena_free(r->scratch);
    free(r);
}

bool
tcs_alertmap_wants(const struct tcs_alertmap *m, const struct tcs_event *head)
{
    for (const struct tcs_alert_tool *t = m->tools; t; t = t->next)
        if (tcs_base_str_eq(t->product, head->product))
            return true;
    return false;
}

static struct tcs_str
field_text(const struct tcs_event *ev, struct tcs_str name, struct tcs_arena *a)
{
    const struct tcs_field *f = tcs_event_field(ev, name);
    return f ? tcs_event_value_text(&f->value, a) : (struct tcs_str){NULL, 0};
}

static bool
is_of(const struct tcs_alert_tool *t, const struct tcs_event *ev, struct tcs_arena *a)
{
    if (!tcs_base_str_eq(t->product, ev->product))
        return false;
    for (uint32_t i = 0; i < t->columns.n; i++)
        if (!tcs_event_field(ev, t->columns.at[i]))
            return false;
    for (uint32_t i = 0; i < t->where_field.n; i++)
        if (!tcs_base_str_eq(field_text(ev, t->where_field.at[i], a), t->where_value.at[i]))
            return false;
    return true;
}

/* The words that mean "none". */
static struct tcs_str
something(struct tcs_str s)
{
    bool none = tcs_base_str_eq(s, TCS_STR("-")) || tcs_base_str_eq(s, TCS_STR("N/A"));
    return none ? (struct tcs_str){NULL, 0} : s;
}

/* The first of the key's fields that says something. */
static struct tcs_str
first_text(const struct tcs_alert_tool *t, int key, const struct tcs_event *ev, struct tcs_arena *a)
{
    for (uint32_t i = 0; i < t->fields[key].n; i++) {
        struct tcs_str s = something(tcs_base_str_trim(field_text(ev, t->fields[key].at[i], a)));
        if (s.n)
            return s;
    }
    return (struct tcs_str){NULL, 0};
}

/* All values of all of the key's fields. */
static uint32_t
all_texts(const struct tcs_alert_tool *t, int key, const struct tcs_event *ev, struct tcs_arena *a,
          struct tcs_str ret[VALUES_MAX])
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < t->fields[key].n; k++)
        for (uint32_t i = 0; i < ev->nfields && n < VALUES_MAX; i++)
            if (tcs_base_str_eq(ev->fields[i].name, t->fields[key].at[k]))
                ret[n++] = tcs_event_value_text(&ev->fields[i].value, a);
    return n;
}

/* A text both ways: for wildcards folded, for expressions well-formed. */
struct subject {
    struct tcs_str folded, clean;
};

static struct subject
subject_of(struct tcs_str s, struct tcs_arena *a)
{
    struct subject x = {{NULL, 0}, {NULL, 0}};
    s = tcs_base_str_slice(s, 0, TEXT_MAX);
    char *fold = tcs_base_arena_alloc(a, TCS_FOLD_ROOM_UTF8(s.n));
    char *clean = tcs_base_arena_alloc(a, TCS_FOLD_ROOM_UTF8(s.n));
    if (!fold || !clean)
        return x;
    x.folded = (struct tcs_str){fold, tcs_match_fold_utf8(s, fold)};
    x.clean = tcs_match_fold_clean(s, clean);
    return x;
}

static bool
fits(const struct tcs_alert_reader *r, const struct tcs_alert_patterns *p, const struct subject *s,
     uint32_t n)
{
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t k = 0; k < n; k++)
            if (p->at[i].re ? tcs_match_regex_match(p->at[i].re, r->regex, s[k].clean) == 1
                            : tcs_match_glob_match(&p->at[i].glob, s[k].folded))
                return true;
    return false;
}

/* What the rows look at: name, id, categories. */
struct looked {
    struct tcs_str at[TCS_AK_CONDITIONS][VALUES_MAX];
    uint32_t n[TCS_AK_CONDITIONS];
};

struct subjects {
    struct subject at[TCS_AK_CONDITIONS][VALUES_MAX];
    uint32_t n[TCS_AK_CONDITIONS];
};

static const struct tcs_alert_row *
row_in(const struct tcs_alert_reader *r, const struct tcs_alert_row *row, const struct subjects *s)
{
    for (; row; row = row->next) {
        bool good = true;
        for (int i = 0; good && i < TCS_AK_CONDITIONS; i++)
            good = !row->on[i].n || fits(r, &row->on[i], s->at[i], s->n[i]);
        if (good)
            return row;
    }
    return NULL;
}

static const struct tcs_alert_row *
row_by_rows(const struct tcs_alert_reader *r, const struct tcs_alert_tool *t,
            const struct looked *l)
{
    static const struct tcs_alert_row nothing;
    struct subjects s;
    for (int k = 0; k < TCS_AK_CONDITIONS; k++) {
        s.n[k] = l->n[k];
        for (uint32_t i = 0; i < l->n[k]; i++)
            s.at[k][i] = subject_of(l->at[k][i], r->scratch);
    }
    const struct tcs_alert_row *row = row_in(r, t->rows, &s);
    if (!row)
        row = row_in(r, r->map->rows, &s);
    return row ? row : t->otherwise ? t->otherwise : &nothing;
}

/* Where what was looked at is remembered, its key in r->key; NULL: it is not. */
static struct seen *
seen_of(struct tcs_alert_reader *r, const struct tcs_alert_tool *t, const struct looked *l)
{
    r->key.n = 0;
    tcs_base_buf_str(&r->key, t->name);
    for (int k = 0; k < TCS_AK_CONDITIONS; k++)
        for (uint32_t i = 0; i < l->n[k] && r->key.n <= SEEN_KEY_MAX; i++) {
            const uint32_t head[2] = {(uint32_t)k, (uint32_t)l->at[k][i].n};
            tcs_base_buf_put(&r->key, head, sizeof head);
            tcs_base_buf_str(&r->key, tcs_base_str_slice(l->at[k][i], 0, SEEN_KEY_MAX + 1));
        }
    if (!r->seen || r->key.failed || r->key.n > SEEN_KEY_MAX)
        return NULL;
    return &r->seen[tcs_base_hash_str(tcs_base_buf_view(&r->key)) % SEEN];
}

static const struct tcs_alert_row *
row_of(struct tcs_alert_reader *r, const struct tcs_alert_tool *t, struct tcs_str name,
       struct tcs_str id, const struct tcs_event *ev)
{
    struct looked l;
    l.at[TCS_AK_NAME][0] = name;
    l.at[TCS_AK_ID][0] = id;
    l.n[TCS_AK_NAME] = l.n[TCS_AK_ID] = 1;
    l.n[TCS_AK_CATEGORY] = all_texts(t, TCS_AK_CATEGORY, ev, r->scratch, l.at[TCS_AK_CATEGORY]);
    struct seen *seen = seen_of(r, t, &l);
    if (seen && seen->key &&
        tcs_base_str_eq((struct tcs_str){seen->key, seen->n}, tcs_base_buf_view(&r->key)))
        return seen->row;
    const struct tcs_alert_row *row = row_by_rows(r, t, &l);
    char *key = seen && !tcs_base_arena_failed(r->scratch) ? realloc(seen->key, r->key.n) : NULL;
    if (key) {
        memcpy(key, r->key.p, r->key.n);
        *seen = (struct seen){key, r->key.n, row};
    }
    return row;
}

static uint8_t
severity_of(const struct tcs_alert_tool *t, const struct tcs_event *ev, struct tcs_arena *a)
{
    double d = 0;
    struct tcs_str s = first_text(t, TCS_AK_SEVERITY, ev, a);
    bool number = s.n && tcs_base_num_double(s, &d);
    for (const struct tcs_alert_severity *v = t->severities; s.n && v; v = v->next)
        if (v->word.n ? tcs_base_str_ieq(v->word, s) : number && d >= v->from && d <= v->to)
            return v->level;
    return 0;
}

static struct tcs_str
keep(struct tcs_str s, struct tcs_arena *a)
{
    return s.n ? tcs_base_arena_str(a, tcs_base_str_slice(s, 0, TEXT_MAX))
               : (struct tcs_str){NULL, 0};
}

/* Those that the tool names itself. */
static void
own_techniques(const struct tcs_alert_reader *r, const struct tcs_alert_tool *t,
               const struct tcs_event *ev, struct tcs_arena *a, struct tcs_signature *s)
{
    struct tcs_str found[VALUES_MAX];
    uint32_t n = all_texts(t, TCS_AK_TECHNIQUE, ev, r->scratch, found);
    if (!n || !(s->techniques = tcs_base_arena_array(a, TECHNIQUES_MAX, sizeof *s->techniques)))
        return;
    for (uint32_t i = 0; i < n && s->ntechniques < TECHNIQUES_MAX; i++) {
        char *copy = NULL;
        size_t len = found[i].n;
        if ((len == 5 || len == 9) && (copy = tcs_base_arena_alloc(a, len)))
            memcpy(copy, found[i].p, len);
        if (!copy)
            continue;
        if (copy[0] == 't')
            copy[0] = 'T';
        for (size_t k = 5; k < len; k++) /* rules of Suricata write T1071_004 */
            copy[k] = copy[k] == '_' ? '.' : copy[k];
        if (tcs_attack_well_formed((struct tcs_str){copy, len}))
            s->techniques[s->ntechniques++] = (struct tcs_str){copy, len};
    }
}

static void
put_signature(const struct tcs_alert_reader *r, const struct tcs_alert_tool *t,
              const struct tcs_event *ev, const struct tcs_alert_row *row, struct tcs_arena *a,
              struct tcs_signature *s)
{
    s->level = row != t->otherwise ? row->level : 0;
    if (!s->level)
        s->level = severity_of(t, ev, r->scratch);
    if (!s->level && t->otherwise)
        s->level = t->otherwise->level;
    if (!s->level)
        s->level = TCS_LOW;
    s->stage = row->stage;
    s->techniques = row->techniques;
    s->ntechniques = row->ntechniques;
    if (!row->ntechniques)
        own_techniques(r, t, ev, a, s);
}

static int64_t
time_of(const struct tcs_alert_tool *t, const struct tcs_event *ev, struct tcs_arena *a)
{
    struct tcs_str s = first_text(t, TCS_AK_TIME, ev, a);
    int64_t ticks;
    double d;
    if (!s.n)
        return ev->time;
    if (tcs_base_time_parse(s, &ticks))
        return ticks;
    return tcs_base_num_double(s, &d) ? tcs_base_time_from_epoch(d) : TCS_TIME_NONE;
}

static void
put_identity(const struct tcs_alert_reader *r, const struct tcs_alert_tool *t,
             const struct tcs_event *ev, struct tcs_arena *a, struct tcs_identity *who)
{
#define TEXT(name) who->name = keep(first_text(t, TCS_AK_##name, ev, r->scratch), a);
#define OTHER(name)
    TCS_IDENTITY_FIELDS(TEXT, OTHER, OTHER)
#undef TEXT
#undef OTHER
    if (!who->host.n)
        who->host = keep(something(tcs_event_value_text(&ev->computer, r->scratch)), a);
    if (!who->host.n)
        who->host = who->own_ip;
}

/* "TOOL:WHAT" */
static struct tcs_str
signature_id(struct tcs_str tool, struct tcs_str what, struct tcs_arena *a)
{
    char *p = tcs_base_arena_alloc(a, tool.n + 1 + what.n);
    if (!p)
        return (struct tcs_str){NULL, 0};
    memcpy(p, tool.p, tool.n);
    p[tool.n] = ':';
    if (what.n)
        memcpy(p + tool.n + 1, what.p, what.n);
    return (struct tcs_str){p, tool.n + 1 + what.n};
}

bool
tcs_alertmap_apply(struct tcs_alert_reader *r, const struct tcs_event *ev, struct tcs_arena *a,
                   struct tcs_alert *ret)
{
    const struct tcs_alert_tool *t = r->map->tools;
    tcs_base_arena_reset(r->scratch);
    tcs_match_regex_renew(r->regex);
    while (t && !is_of(t, ev, r->scratch))
        t = t->next;
    if (!t)
        return false;
    struct tcs_str name = first_text(t, TCS_AK_NAME, ev, r->scratch);
    struct tcs_str id = first_text(t, TCS_AK_ID, ev, r->scratch);
    if (!name.n)
        name = id.n ? id : TCS_STR("an alert without a name");
    const struct tcs_alert_row *row = row_of(r, t, name, id, ev);
    if (row->drop)
        return false;
    struct tcs_alert alert = {
        .tool = t->name, .time = time_of(t, ev, r->scratch), .novel = row->novel};
    put_signature(r, t, ev, row, a, &alert.signature);
    put_identity(r, t, ev, a, &alert.who);
    alert.signature.title = keep(name, a);
    alert.signature.id = signature_id(t->name, id.n ? keep(id, a) : alert.signature.title, a);
    if (tcs_base_arena_failed(a) || tcs_base_arena_failed(r->scratch))
        return false;
    *ret = alert;
    return true;
}
