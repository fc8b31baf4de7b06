/* tests/evtxgen/case_read.c - the text of a case to its kinds, hosts and steps.
 *
 * In: lines.  Out: lists in the order of the text.  A line that starts at the margin opens a block;
 * indented lines belong to the block above.  Values are not looked at here. */
#include "base/num.h"
#include "base/time.h"
#include "evtxgen/case.h"

struct reader {
    struct evg_case *c;
    struct tcs_err *err;
    struct evg_case_kind *kind; /* the open block: one of these, or none */
    struct evg_case_host *host;
    struct evg_case_step *step, **tail;
    uint32_t line, fields_cap;
};

static int
bad(struct reader *r, const char *what, struct tcs_str s)
{
    int rc = tcs_base_fail(r->err, TCS_EPARSE, "%s: %.*s", what, s.n > 80 ? 80 : (int)s.n, s.p);
    if (r->err)
        r->err->line = r->line;
    return rc;
}

/* The next word of *s, or what is "between quotes"; *s becomes what follows the blanks behind. */
static struct tcs_str
word(struct tcs_str *s)
{
    size_t n = 0;
    *s = tcs_base_str_trim(*s);
    if (s->n && s->p[0] == '"') {
        size_t end = tcs_base_str_find(*s, '"', 1);
        struct tcs_str quoted = tcs_base_str_slice(*s, 1, end);
        *s = tcs_base_str_trim(tcs_base_str_slice(*s, end + 1, s->n));
        return quoted;
    }
    while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
        n++;
    struct tcs_str w = tcs_base_str_slice(*s, 0, n);
    *s = tcs_base_str_trim(tcs_base_str_slice(*s, n, s->n));
    return w;
}

static bool
is(struct tcs_str s, const char *lit)
{
    return tcs_base_str_eq(s, tcs_base_str_of(lit));
}

static struct evg_case_kind *
find_kind(const struct evg_case *c, struct tcs_str name)
{
    struct evg_case_kind *k = c->kinds;
    while (k && !tcs_base_str_eq(k->name, name))
        k = k->next;
    return k;
}

static struct evg_case_host *
find_host(const struct evg_case *c, struct tcs_str name)
{
    struct evg_case_host *h = c->hosts;
    while (h && !tcs_base_str_eq(h->name, name))
        h = h->next;
    return h;
}

/* "90s", "1700ms", "5m", "2h" to ticks. */
static bool
duration(struct tcs_str s, int64_t *ret)
{
    static const struct {
        const char *unit;
        int64_t ticks;
    } units[] = {{"ms", TCS_TICKS_PER_SEC / 1000},
                 {"s", TCS_TICKS_PER_SEC},
                 {"m", 60LL * TCS_TICKS_PER_SEC},
                 {"h", 3600LL * TCS_TICKS_PER_SEC}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        uint64_t v;
        struct tcs_str unit = tcs_base_str_of(units[i].unit);
        if (!tcs_base_str_ends(s, unit) ||
            !tcs_base_num_u64(tcs_base_str_slice(s, 0, s.n - unit.n), &v))
            continue;
        *ret = (int64_t)v * units[i].ticks;
        return v < 100000;
    }
    return false;
}

static int
kind_field(struct reader *r, struct tcs_str rest)
{
    struct tcs_str name = word(&rest), type = word(&rest);
    struct evg_case_kind *k = r->kind;
    int t = evg_type(type);
    if (t < 0)
        return bad(r, "no such type", type);
    if (k->nfields == r->fields_cap) {
        uint32_t cap = r->fields_cap ? 2 * r->fields_cap : 16;
        struct evg_case_field *f = tcs_base_arena_array(r->c->a, cap, sizeof *f);
        if (!f)
            return tcs_base_fail(r->err, TCS_ENOMEM, "fields");
        if (k->nfields)
            memcpy(f, k->fields, k->nfields * sizeof *f);
        k->fields = f;
        r->fields_cap = cap;
    }
    k->fields[k->nfields++] = (struct evg_case_field){name, rest, t};
    return 0;
}

static int
kind_line(struct reader *r, struct tcs_str key, struct tcs_str rest)
{
    static const char *const numbers[] = {"id",       "version",    "level", "task", "opcode",
                                          "keywords", "qualifiers", "pid",   "tid"};
    struct evg_case_kind *k = r->kind;
    struct {
        const char *key;
        struct tcs_str *ret;
    } texts[] = {{"channel", &k->channel}, {"provider", &k->provider}, {"guid", &k->guid},
                 {"source", &k->source},   {"user", &k->user},         {"userdata", &k->userdata}};
    if (is(key, "field"))
        return kind_field(r, rest);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (is(key, texts[i].key)) {
            *texts[i].ret = rest;
            return 0;
        }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (is(key, numbers[i]))
            return tcs_base_num_u64(rest, &k->number[i]) || tcs_base_num_hex(rest, &k->number[i])
                       ? 0
                       : bad(r, "no number", rest);
    return bad(r, "no such line of a kind", key);
}

static int
host_line(struct reader *r, struct tcs_str key, struct tcs_str rest)
{
    if (!is(key, "log"))
        return bad(r, "no such line of a host", key);
    struct evg_case_log *log = tcs_base_arena_zalloc(r->c->a, sizeof *log);
    if (!log)
        return tcs_base_fail(r->err, TCS_ENOMEM, "log");
    log->file = word(&rest);
    if (!tcs_base_num_u64(word(&rest), &log->first_id))
        return bad(r, "no first record id", log->file);
    log->channel = rest; /* may hold blanks */
    log->next = r->host->logs;
    r->host->logs = log;
    return 0;
}

static int
setting(struct reader *r, unsigned mode, struct tcs_str name, struct tcs_str value)
{
    struct evg_case_setting *s = tcs_base_arena_zalloc(r->c->a, sizeof *s);
    if (!s)
        return tcs_base_fail(r->err, TCS_ENOMEM, "setting");
    *s = (struct evg_case_setting){
        .name = name, .value = value, .mode = (uint8_t)mode, .next = r->step->settings};
    r->step->settings = s;
    return 0;
}

static int
step_line(struct reader *r, struct tcs_str key, struct tcs_str rest)
{
    struct evg_case_step *s = r->step;
    if (is(key, ".repeat"))
        return tcs_base_num_u64(rest, &s->repeat) && s->repeat < 10000 ? 0
                                                                       : bad(r, "no count", rest);
    if (is(key, ".step"))
        return duration(rest, &s->step) ? 0 : bad(r, "no duration", rest);
    if (is(key, ".jitter"))
        return duration(rest, &s->jitter) ? 0 : bad(r, "no duration", rest);
    if (is(key, ".each") || is(key, ".pick")) {
        struct tcs_str name = word(&rest);
        return setting(r, is(key, ".each") ? EVG_EACH : EVG_PICK, name, rest);
    }
    return setting(r, EVG_SET, key, rest);
}

static int
open_kind(struct reader *r, struct tcs_str name)
{
    struct evg_case_kind *k = tcs_base_arena_zalloc(r->c->a, sizeof *k);
    if (!k)
        return tcs_base_fail(r->err, TCS_ENOMEM, "kind");
    if (find_kind(r->c, name))
        return bad(r, "second kind of this name", name);
    k->name = name;
    k->number[EVG_N_QUALIFIERS] = UINT64_MAX;
    k->next = r->c->kinds;
    r->c->kinds = r->kind = k;
    r->fields_cap = 0;
    return 0;
}

static int
open_host(struct reader *r, struct tcs_str rest)
{
    struct evg_case_host *h = tcs_base_arena_zalloc(r->c->a, sizeof *h);
    if (!h)
        return tcs_base_fail(r->err, TCS_ENOMEM, "host");
    h->name = word(&rest);
    h->computer = rest;
    h->next = r->c->hosts;
    r->c->hosts = r->host = h;
    return 0;
}

static int
open_let(struct reader *r, struct tcs_str rest)
{
    struct evg_case_var *v = tcs_base_arena_zalloc(r->c->a, sizeof *v);
    if (!v)
        return tcs_base_fail(r->err, TCS_ENOMEM, "name");
    v->name = word(&rest);
    v->value = rest;
    v->next = r->c->vars;
    r->c->vars = v;
    return 0;
}

static int
open_step(struct reader *r, struct tcs_str when, struct tcs_str rest)
{
    struct evg_case_step *s = tcs_base_arena_zalloc(r->c->a, sizeof *s);
    struct tcs_str host = word(&rest);
    if (!s)
        return tcs_base_fail(r->err, TCS_ENOMEM, "event");
    if (!tcs_base_time_parse(when, &s->time))
        return bad(r, "no time", when);
    s->host = find_host(r->c, host);
    s->kind = find_kind(r->c, rest);
    if (!s->host)
        return bad(r, "no such host", host);
    if (!s->kind)
        return bad(r, "no such kind of event", rest);
    s->line = s->index = r->line;
    *r->tail = s;
    r->tail = &s->next;
    r->step = s;
    return 0;
}

static int
one_line(struct reader *r, struct tcs_str line)
{
    bool indented = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
    struct tcs_str rest = line, key = word(&rest);
    if (key.n == 0 || key.p[0] == '#')
        return 0;
    if (indented) {
        if (r->kind)
            return kind_line(r, key, rest);
        if (r->host)
            return host_line(r, key, rest);
        return r->step ? step_line(r, key, rest) : bad(r, "indented line of no block", line);
    }
    r->kind = NULL;
    r->host = NULL;
    r->step = NULL;
    if (is(key, "let"))
        return open_let(r, rest);
    if (is(key, "kind"))
        return open_kind(r, rest);
    if (is(key, "host"))
        return open_host(r, rest);
    return open_step(r, key, rest);
}

int
evg_case_read(struct evg_case *c, struct tcs_str text, struct tcs_err *err)
{
    struct reader r = {.c = c, .err = err, .tail = &c->steps};
    while (*r.tail)
        r.tail = &(*r.tail)->next;
    for (size_t at = 0; at < text.n;) {
        size_t end = tcs_base_str_find(text, '\n', at);
        r.line++;
        int rc = one_line(&r, tcs_base_str_slice(text, at, end));
        if (rc < 0)
            return rc;
        at = end + 1;
    }
    return 0;
}
