/* tests/evtxgen/case_write.c - the steps of a case to EVTX files.
 *
 * In: struct evg_case.  Out: one file per log that a host names, its events in the order of time.
 * What varies from event to event (process ids, jitter, picks) comes from a generator seeded by the
 * line of the step: the same text gives the same bytes. */
#include "base/num.h"
#include "base/time.h"
#include "evtxgen/case.h"
#include "evtxgen/damage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FILETIME_1970 116444736000000000u

/* One event to be: the n-th of its step. */
struct item {
    int64_t time;
    const struct evg_case_step *step;
    const struct evg_case_log *log;
    uint64_t n, seed;
    size_t order; /* among equal times */
};

struct items {
    struct item *p;
    size_t n, cap;
};

/* What is needed to fill in one value. */
struct fill {
    const struct evg_case *c;
    struct evg *g;
    const struct item *it;
    uint64_t seed;
};

static uint64_t
alternatives(struct tcs_str s)
{
    uint64_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '|';
    return n;
}

static struct tcs_str
alternative(struct tcs_str s, uint64_t k)
{
    size_t from = 0;
    for (; k; k--)
        from = tcs_base_str_find(s, '|', from) + 1;
    return tcs_base_str_trim(tcs_base_str_slice(s, from, tcs_base_str_find(s, '|', from)));
}

/* An `each` makes one event per alternative, `repeat` times over. */
static uint64_t
step_count(const struct evg_case_step *s)
{
    uint64_t n = 1;
    for (const struct evg_case_setting *v = s->settings; v; v = v->next)
        if (v->mode == EVG_EACH && alternatives(v->value) > n)
            n = alternatives(v->value);
    return n * (s->repeat ? s->repeat : 1);
}

static const struct evg_case_log *
log_of(const struct evg_case_step *s)
{
    const struct evg_case_log *log = s->host->logs;
    while (log && !tcs_base_str_eq(log->channel, s->kind->channel))
        log = log->next;
    return log;
}

static int
items_add(struct items *list, const struct evg_case_step *s, struct tcs_err *err)
{
    const struct evg_case_log *log = log_of(s);
    uint64_t count = step_count(s), seed = s->index * 0x9e3779b97f4a7c15u;
    if (!log) {
        int rc = tcs_base_fail(err, TCS_EPARSE, "host %.*s has no log for channel %.*s",
                               TCS_STR_FMT(s->host->name), TCS_STR_FMT(s->kind->channel));
        err->line = s->line;
        return rc;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (list->n == list->cap) {
            size_t cap = list->cap ? 2 * list->cap : 1024;
            struct item *p = reallocarray(list->p, cap, sizeof *p);
            if (!p)
                return tcs_base_fail(err, TCS_ENOMEM, "events");
            list->p = p;
            list->cap = cap;
        }
        uint64_t r = evg_random(&seed);
        int64_t jitter = s->jitter ? (int64_t)(r % (uint64_t)s->jitter) : 0;
        list->p[list->n] = (struct item){.time = s->time + (int64_t)i * s->step + jitter,
                                         .step = s,
                                         .log = log,
                                         .n = i,
                                         .seed = evg_random(&seed),
                                         .order = list->n};
        list->n++;
    }
    return 0;
}

static int
by_time(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* ${name}: of the case, or one that differs from event to event. */
static void
put_name(struct fill *f, struct tcs_str name, struct tcs_buf *b)
{
    char text[TCS_TIME_TEXT];
    for (const struct evg_case_var *v = f->c->vars; v; v = v->next)
        if (tcs_base_str_eq(v->name, name)) {
            tcs_base_buf_str(b, v->value);
            return;
        }
    if (tcs_base_str_eq(name, TCS_STR("n"))) {
        tcs_base_buf_u64(b, f->it->n);
    } else if (tcs_base_str_eq(name, TCS_STR("time"))) { /* as Sysmon writes UtcTime */
        struct tcs_str t = tcs_base_time_format(f->it->time, 3, text);
        text[10] = ' ';
        tcs_base_buf_put(b, t.p, t.n - 1);
    } else if (tcs_base_str_eq(name, TCS_STR("pid"))) {
        tcs_base_buf_u64(b, 1000 + 4 * (evg_random(&f->seed) % 2000));
    } else if (tcs_base_str_eq(name, TCS_STR("hexpid"))) {
        tcs_base_buf_hex(b, 1000 + 4 * (evg_random(&f->seed) % 2000));
    } else if (tcs_base_str_eq(name, TCS_STR("port"))) {
        tcs_base_buf_u64(b, 49152 + evg_random(&f->seed) % 16000);
    } else if (tcs_base_str_eq(name, TCS_STR("luid"))) {
        tcs_base_buf_hex(b, 0x100000 + evg_random(&f->seed) % 0xf00000);
    } else if (tcs_base_str_eq(name, TCS_STR("guid"))) {
        uint64_t x = evg_random(&f->seed), y = evg_random(&f->seed);
        tcs_base_buf_printf(b, "{%08x-%04x-%04x-%04x-%012llx}", (unsigned)x,
                            (unsigned)(x >> 32) & 0xffff, (unsigned)(x >> 48), (unsigned)y & 0xffff,
                            (unsigned long long)y >> 16);
    } else {
        b->failed = true;
    }
}

/* The value with its ${names} filled in; failed: a name that there is not. */
static struct tcs_buf
expand(struct fill *f, struct tcs_str s)
{
    struct tcs_buf b = {0};
    for (size_t at = 0; at < s.n;) {
        if (!tcs_base_str_starts(tcs_base_str_slice(s, at, s.n), TCS_STR("${"))) {
            tcs_base_buf_c(&b, s.p[at++]);
            continue;
        }
        size_t end = tcs_base_str_find(s, '}', at);
        put_name(f, tcs_base_str_slice(s, at + 2, end), &b);
        at = end + 1;
    }
    return b;
}

static const struct evg_case_setting *
find_setting(const struct evg_case_step *s, struct tcs_str name)
{
    const struct evg_case_setting *v = s->settings;
    while (v && !tcs_base_str_eq(v->name, name))
        v = v->next;
    return v;
}

static struct tcs_str
chosen(struct fill *f, const struct evg_case_setting *v)
{
    uint64_t k = v->mode == EVG_EACH ? f->it->n : evg_random(&f->seed);
    return v->mode == EVG_SET ? v->value : alternative(v->value, k % alternatives(v->value));
}

static int
bad_value(const struct fill *f, struct tcs_str name, struct tcs_err *err)
{
    int rc = tcs_base_fail(err, TCS_EPARSE, "%.*s: no value of its type", TCS_STR_FMT(name));
    err->line = f->it->step->line;
    return rc;
}

static int
fill_fields(struct fill *f, struct evg_field *out, struct tcs_err *err)
{
    const struct evg_case_kind *k = f->it->step->kind;
    for (uint32_t i = 0; i < k->nfields; i++) {
        const struct evg_case_field *d = &k->fields[i];
        const struct evg_case_setting *v = find_setting(f->it->step, d->name);
        struct tcs_buf text = expand(f, v ? chosen(f, v) : d->fallback);
        bool none = text.n == 0 && d->type != EVG_STRING;
        bool ok = !text.failed;
        if (!tcs_base_str_eq(d->name, TCS_STR("-")))
            out[i].name = evg_text(f->g, "%.*s", TCS_STR_FMT(d->name));
        if (none)
            out[i].value = evg_null();
        else if (ok)
            ok = evg_parse(f->g, (unsigned)d->type, tcs_base_buf_view(&text), &out[i].value);
        tcs_base_buf_done(&text);
        if (!ok)
            return bad_value(f, d->name, err);
    }
    return 0;
}

/* A setting that names no field is a slip of the author. */
static int
check_settings(const struct fill *f, struct tcs_err *err)
{
    const struct evg_case_kind *k = f->it->step->kind;
    for (const struct evg_case_setting *v = f->it->step->settings; v; v = v->next) {
        uint32_t i = 0;
        while (i < k->nfields && !tcs_base_str_eq(k->fields[i].name, v->name))
            i++;
        if (i == k->nfields && !tcs_base_str_eq(v->name, TCS_STR(".user")))
            return bad_value(f, v->name, err);
    }
    return 0;
}

/* The user that the record names: a SID once its names are filled in. */
static const char *
event_user(struct fill *f)
{
    const struct evg_case_setting *user = find_setting(f->it->step, TCS_STR(".user"));
    struct tcs_buf text = expand(f, user ? user->value : f->it->step->kind->user);
    const char *ret = text.n ? evg_text(f->g, "%.*s", (int)text.n, text.p) : NULL;
    tcs_base_buf_done(&text);
    return ret;
}

static const char *
text_or_null(struct evg *g, struct tcs_str s)
{
    return s.n ? evg_text(g, "%.*s", TCS_STR_FMT(s)) : NULL;
}

static int
write_event(struct fill *f, struct tcs_err *err)
{
    const struct evg_case_kind *k = f->it->step->kind;
    struct evg_field *fields = evg_alloc(f->g, k->nfields * sizeof *fields);
    int rc = fields ? check_settings(f, err) : tcs_base_fail(err, TCS_ENOMEM, "event");
    if (rc == 0)
        rc = fill_fields(f, fields, err);
    if (rc < 0)
        return rc;
    uint64_t qualifiers = k->number[EVG_N_QUALIFIERS];
    struct evg_event ev = {
        .filetime = (uint64_t)f->it->time + FILETIME_1970,
        .provider = text_or_null(f->g, k->provider),
        .guid = text_or_null(f->g, k->guid),
        .source = text_or_null(f->g, k->source),
        .channel = text_or_null(f->g, k->channel),
        .computer = text_or_null(f->g, f->it->step->host->computer),
        .user = event_user(f),
        .userdata = text_or_null(f->g, k->userdata),
        .event_id = (uint16_t)k->number[EVG_N_ID],
        .version = (uint8_t)k->number[EVG_N_VERSION],
        .level = (uint8_t)k->number[EVG_N_LEVEL],
        .task = (uint16_t)k->number[EVG_N_TASK],
        .opcode = (uint8_t)k->number[EVG_N_OPCODE],
        .keywords = k->number[EVG_N_KEYWORDS],
        .qualifiers = qualifiers == UINT64_MAX ? -1 : (int32_t)qualifiers,
        .pid = (uint32_t)k->number[EVG_N_PID],
        .tid = (uint32_t)k->number[EVG_N_TID],
        .fields = fields,
        .nfields = k->nfields,
    };
    return evg_add_event(f->g, &ev, err);
}

static int
save(const char *dir, struct tcs_str name, const struct tcs_buf *file, struct tcs_err *err)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%.*s", dir, TCS_STR_FMT(name));
    if (n < 0 || (size_t)n >= sizeof path)
        return tcs_base_fail(err, TCS_EUSAGE, "path too long");
    FILE *o = fopen(path, "wb");
    if (!o)
        return tcs_base_fail_sys(err, errno, "%s", path);
    bool ok = fwrite(file->p, 1, file->n, o) == file->n;
    if (fclose(o) != 0 || !ok)
        return tcs_base_fail_sys(err, errno, "%s", path);
    return 0;
}

/* Hosts and channels may share a file; it is written for the first that names it. */
static bool
names_file_first(const struct evg_case *c, const struct evg_case_log *log)
{
    for (const struct evg_case_host *h = c->hosts; h; h = h->next)
        for (const struct evg_case_log *l = h->logs; l; l = l->next)
            if (tcs_base_str_eq(l->file, log->file))
                return l == log;
    return false;
}

/* All events that go into `log`'s file, which other hosts' and channels' logs may share. */
static int
write_log(const struct evg_case *c, const struct evg_case_log *log, const struct items *list,
          struct tcs_buf *ret, struct evg *g, struct tcs_err *err)
{
    uint64_t id = log->first_id;
    for (size_t i = 0; i < list->n; i++) {
        if (!tcs_base_str_eq(list->p[i].log->file, log->file))
            continue;
        struct fill f = {.c = c, .g = g, .it = &list->p[i], .seed = list->p[i].seed};
        evg_next_id(g, id++);
        int rc = write_event(&f, err);
        if (rc < 0)
            return rc;
    }
    struct tcs_buf *file = evg_finish(g);
    if (!file)
        return tcs_base_fail(err, TCS_ENOMEM, "file");
    *ret = *file;
    return 0;
}

int
evg_case_write(const struct evg_case *c, const char *dir, struct tcs_err *err)
{
    struct items list = {0};
    int rc = 0;
    for (const struct evg_case_step *s = c->steps; s && rc == 0; s = s->next)
        rc = items_add(&list, s, err);
    if (rc == 0 && list.n)
        qsort(list.p, list.n, sizeof *list.p, by_time);
    for (const struct evg_case_host *h = c->hosts; h && rc == 0; h = h->next)
        for (const struct evg_case_log *log = h->logs; log && rc == 0; log = log->next) {
            struct tcs_buf file;
            if (!names_file_first(c, log))
                continue;
            struct evg *g = evg_new();
            rc = g ? write_log(c, log, &list, &file, g, err)
                   : tcs_base_fail(err, TCS_ENOMEM, "writer");
            if (rc == 0)
                rc = save(dir, log->file, &file, err);
            evg_free(g);
        }
    free(list.p);
    return rc;
}
