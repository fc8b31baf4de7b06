/* tests/fuzz/fuzz_report.c - incidents of any texts, numbers and times in every format: what comes
 * out is well formed, whatever went in.  The first bytes say how much of everything there is. */
#include "report/report.h"

#include "base/arena.h"
#include "base/time.h"
#include "base/utf.h"

#include <stdlib.h>

struct source {
    struct tcs_arena *a;
    const uint8_t *p;
    size_t n;
};

static uint8_t
byte(struct source *s)
{
    uint8_t b = s->n ? *s->p : 0;
    s->p += s->n ? 1 : 0;
    s->n -= s->n ? 1 : 0;
    return b;
}

static uint64_t
number(struct source *s)
{
    uint64_t v = 0;
    for (int n = byte(s) & 7; n > 0; n--)
        v = v << 8 | byte(s);
    return v;
}

/* Copied, so that the sanitizer sees a read beyond the end. */
static struct tcs_str
text(struct source *s)
{
    size_t n = byte(s) & 31;
    n = n > s->n ? s->n : n;
    struct tcs_str t = tcs_base_arena_str(s->a, (struct tcs_str){(const char *)s->p, n});
    s->p += n;
    s->n -= n;
    return t;
}

static int64_t
time_of(struct source *s)
{
    uint8_t kind = byte(s);
    return kind == 0   ? TCS_TIME_NONE
           : kind == 1 ? (int64_t)number(s)
                       : INT64_C(17000000000000000) + (int64_t)(number(s) << (kind & 31));
}

static struct tcs_evidence
evidence(struct source *s)
{
    return (struct tcs_evidence){.file = text(s),
                                 .channel = text(s),
                                 .record_id = number(s),
                                 .offset = number(s),
                                 .event_id = (uint32_t)number(s)};
}

/* Memory for n elements; *count is 0 if there is none. */
static void *
list(struct source *s, size_t size, uint32_t *count)
{
    *count = byte(s) & 15;
    return tcs_base_arena_array(s->a, *count + 1u, size);
}

static struct tcs_str *
texts(struct source *s, uint32_t *n)
{
    struct tcs_str *t = list(s, sizeof *t, n);
    for (uint32_t i = 0; i < *n; i++)
        t[i] = text(s);
    return t;
}

static void
fill_links(struct source *s, struct tcs_incident *in)
{
    in->links = list(s, sizeof *in->links, &in->nlinks);
    for (uint32_t i = 0; i < in->nlinks; i++) {
        struct tcs_link *l = &in->links[i];
        *l = (struct tcs_link){time_of(s),
                               time_of(s),
                               number(s),
                               byte(s),
                               byte(s),
                               byte(s),
                               byte(s) & 1,
                               text(s),
                               text(s),
                               .host = text(s),
                               .account = text(s),
                               .source = text(s),
                               .evidence = evidence(s)};
        l->techniques = texts(s, &l->ntechniques);
    }
    in->joins = list(s, sizeof *in->joins, &in->njoins);
    for (uint32_t i = 0; i < in->njoins; i++)
        in->joins[i] = (struct tcs_join){
            byte(s), byte(s), time_of(s), (uint32_t)number(s), (uint32_t)number(s), text(s),
            text(s), text(s), text(s),    evidence(s)};
}

static void
fill_rest(struct source *s, struct tcs_incident *in)
{
    in->transitions = list(s, sizeof *in->transitions, &in->ntransitions);
    for (uint32_t i = 0; i < in->ntransitions; i++)
        in->transitions[i] = (struct tcs_transition){byte(s), time_of(s), text(s)};
    in->reach = list(s, sizeof *in->reach, &in->nreach);
    for (uint32_t i = 0; i < in->nreach; i++)
        in->reach[i] =
            (struct tcs_reach){byte(s), byte(s) & 1, text(s), text(s), time_of(s), evidence(s)};
    in->missing = list(s, sizeof *in->missing, &in->nmissing);
    for (uint32_t i = 0; i < in->nmissing; i++)
        in->missing[i] = (struct tcs_missing){byte(s), text(s)};
    in->expected = list(s, sizeof *in->expected, &in->nexpected);
    for (uint32_t i = 0; i < in->nexpected; i++)
        in->expected[i] = (struct tcs_next){byte(s), byte(s), text(s), text(s)};
    in->mitigations = in->expected;
    in->nmitigations = in->nexpected;
    in->overlaps = list(s, sizeof *in->overlaps, &in->noverlaps);
    for (uint32_t i = 0; i < in->noverlaps; i++) {
        struct tcs_overlap *o = &in->overlaps[i];
        *o = (struct tcs_overlap){text(s), text(s), (uint32_t)number(s), 1, 2, NULL, 0};
        o->techniques = texts(s, &o->ntechniques);
    }
    in->hosts = texts(s, &in->nhosts);
    in->accounts = texts(s, &in->naccounts);
    in->addresses = texts(s, &in->naddresses);
    in->techniques = texts(s, &in->ntechniques);
    in->merged = texts(s, &in->nmerged);
}

static void
must(bool good)
{
    if (!good)
        abort();
}

/* UTF-8 without control characters other than those that the format has itself. */
static void
check_bytes(struct tcs_str s, const char *allowed)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t n = c < 0x80 ? 1 : tcs_base_utf8_len(s, i);
        must(n > 0);
        must(c >= 0x20 || (c && strchr(allowed, c)));
        i += n;
    }
}

/* Every < begins one of our elements, quotes in tags are paired, elements are closed. */
static void
check_markup(struct tcs_str s)
{
    size_t opened = 0, closed = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '>' &&
            tcs_base_str_starts(tcs_base_str_slice(s, i, s.n), TCS_STR("><style>")))
            i = tcs_base_str_find(s, '<', i + 9); /* the sheet is ours */
        if (i >= s.n || s.p[i] != '<')
            continue;
        size_t end = i + 1;
        bool quoted = false;
        for (; end < s.n && (quoted || s.p[end] != '>'); end++) {
            must(s.p[end] != '<');
            quoted ^= s.p[end] == '"';
        }
        must(end < s.n);
        bool closing = s.p[i + 1] == '/', single = s.p[end - 1] == '/';
        struct tcs_str tag = tcs_base_str_slice(s, i, end);
        must(closing || s.p[i + 1] == '!' || (s.p[i + 1] >= 'a' && s.p[i + 1] <= 'z'));
        if (s.p[i + 1] != '!' && !single && !tcs_base_str_starts(tag, TCS_STR("<meta")) &&
            !tcs_base_str_eq(tag, TCS_STR("<br")))
            closing ? closed++ : opened++;
        i = end;
    }
    must(opened == closed);
}

/* Rows end outside of quotes, and quotes are even. */
static void
check_csv(struct tcs_str s)
{
    bool quoted = false;
    size_t cells = 1;
    for (size_t i = 0; i < s.n; i++) {
        quoted ^= s.p[i] == '"';
        cells += !quoted && s.p[i] == ',';
        if (s.p[i] == '\n') {
            must(!quoted && i > 0 && s.p[i - 1] == '\r' && cells == 18);
            cells = 1;
        }
    }
    must(!quoted && (s.n == 0 || s.p[s.n - 1] == '\n'));
}

/* Brackets pair, strings end. */
static void
check_json(struct tcs_str s)
{
    long depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        must(depth >= 0);
    }
    must(depth == 0 && !quoted);
}

static void
check(const char *format, struct tcs_str s)
{
    if (strcmp(format, "html") == 0) {
        check_bytes(s, "\n");
        check_markup(s);
    } else if (strcmp(format, "md") == 0) {
        check_bytes(s, "\n");
    } else if (strcmp(format, "timesketch") == 0) {
        check_bytes(s, "\r\n");
        check_csv(s);
    } else {
        check_bytes(s, "\n");
        check_json(s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {tcs_base_arena_new(0), data, size};
    struct tcs_incident in = {.state = byte(&s),
                              .stages = (uint32_t)number(&s),
                              .first = time_of(&s),
                              .last = time_of(&s),
                              .summary = text(&s)};
    for (size_t i = 0; i < TCS_INCIDENT_ID; i++)
        in.id[i] = "0123456789abcdef"[byte(&s) & 15];
    fill_links(&s, &in);
    fill_rest(&s, &in);
    in.origin_host = text(&s);
    for (const struct tcs_report_format *f = tcs_report_formats; f->name; f++) {
        struct tcs_buf b = {0}, again = {0};
        f->write(&b, &in);
        f->write(&again, &in);
        must(!b.failed && tcs_base_str_eq(tcs_base_buf_view(&b), tcs_base_buf_view(&again)));
        check(f->name, tcs_base_buf_view(&b));
        tcs_base_buf_done(&b);
        tcs_base_buf_done(&again);
    }
    tcs_base_arena_free(s.a);
    return 0;
}
