/* tests/plain/plain_view.c - docs/matching.md section 4, line by line. */
#include "plain/plain_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool
listed(const struct tcs_str *list, uint32_t n, const struct tcs_value *v, struct tcs_arena *a)
{
    struct tcs_str text = tcs_event_value_text(v, a);
    for (uint32_t i = 0; i < n; i++)
        if (plain_same(list[i], text))
            return true;
    return n == 0;
}

static bool
one_of(struct tcs_str alternatives, struct tcs_str text)
{
    size_t from = 0;
    for (size_t i = 0; i <= alternatives.n; i++) {
        if (i < alternatives.n && alternatives.p[i] != '|')
            continue;
        if (plain_same((struct tcs_str){alternatives.p + from, i - from}, text))
            return true;
        from = i + 1;
    }
    return false;
}

/* The event's own values of that name; EventID is the header's number, where it has one. */
static struct plain_values
own(const struct tcs_event *ev, struct tcs_str name, struct tcs_arena *a)
{
    struct plain_values r = {.v = tcs_base_arena_array(a, ev->nfields + 1, sizeof *r.v)};
    if (r.v && tcs_base_str_eq(name, TCS_STR("EventID")) && ev->event_id != TCS_EVENT_ID_NONE) {
        r.v[r.n++] = (struct tcs_value){.type = TCS_V_UINT, .u = ev->event_id};
        return r;
    }
    for (uint32_t i = 0; i < ev->nfields && r.v; i++)
        if (tcs_base_str_eq(ev->fields[i].name, name))
            r.v[r.n++] = ev->fields[i].value;
    return r;
}

static bool
where_holds(struct tcs_str field, struct tcs_str want, const struct tcs_event *ev,
            struct tcs_arena *a)
{
    bool none = want.n > 0 && want.p[0] == '!', found = false;
    struct tcs_str list = none ? (struct tcs_str){want.p + 1, want.n - 1} : want;
    struct plain_values values = own(ev, field, a);
    if (values.n == 0)
        found = one_of(list, TCS_STR(""));
    for (uint32_t i = 0; i < values.n; i++)
        found |= one_of(list, tcs_event_value_text(&values.v[i], a));
    return none ? !found : found;
}

static bool
all_hold(const struct tcs_view_where *where, const struct tcs_event *ev, struct tcs_arena *a)
{
    for (uint32_t i = 0; i < where->n; i++)
        if (!where_holds(where->fields[i], where->values[i], ev, a))
            return false;
    return true;
}

static bool
fits(const struct tcs_view *view, const struct tcs_event *ev, struct tcs_arena *a)
{
    bool id = view->nevent_ids == 0;
    for (uint32_t i = 0; i < view->nevent_ids; i++)
        if (view->event_ids[i] == ev->event_id)
            id = true;
    if (!id || (view->product.n && !tcs_base_str_eq(view->product, ev->product)) ||
        (view->service.n && !tcs_base_str_eq(view->service, ev->service)) ||
        !listed(view->channels, view->nchannels, &ev->channel, a) ||
        !listed(view->providers, view->nproviders, &ev->provider, a))
        return false;
    return all_hold(&view->where, ev, a);
}

bool
plain_fits(const struct tcs_view *view, const struct tcs_event *ev)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    bool yes = a && fits(view, ev, a);
    tcs_base_arena_free(a);
    return yes;
}

static bool
all_digits(struct tcs_str t, const char *digits)
{
    for (size_t i = 0; i < t.n; i++)
        if (!t.p[i] || !strchr(digits, t.p[i]))
            return false;
    return t.n > 0;
}

/* Decimal text below 2^64? */
static bool
read_decimal(struct tcs_str t, uint64_t *ret)
{
    uint64_t v = 0;
    if (!all_digits(t, "0123456789"))
        return false;
    for (size_t i = 0; i < t.n; i++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(t.p[i] - '0'), &v))
            return false;
    *ret = v;
    return true;
}

static bool
read_hex(struct tcs_str t, uint64_t *ret)
{
    uint64_t v = 0;
    if (t.n < 3 || t.n > 18 || t.p[0] != '0' || t.p[1] != 'x')
        return false;
    if (!all_digits((struct tcs_str){t.p + 2, t.n - 2}, "0123456789abcdefABCDEF"))
        return false;
    for (size_t i = 2; i < t.n; i++) {
        char c = tcs_base_ascii_lower(t.p[i]);
        v = v * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = v;
    return true;
}

/* Bytes of text that the prefix stands for; 0: it does not begin the text. */
static size_t
prefix_length(struct tcs_str prefix, struct tcs_str text)
{
    size_t t = 0;
    for (size_t i = 0; i < prefix.n; i++) {
        size_t digits = t;
        while (prefix.p[i] == '?' && digits < text.n && text.p[digits] >= '0' &&
               text.p[digits] <= '9')
            digits++;
        if (prefix.p[i] == '?' && digits == t)
            return 0;
        if (prefix.p[i] == '?') {
            t = digits;
            continue;
        }
        if (t == text.n || tcs_base_ascii_lower(text.p[t]) != tcs_base_ascii_lower(prefix.p[i]))
            return 0;
        t++;
    }
    return t;
}

static struct tcs_str
replace_prefix(const struct tcs_view_field *f, struct tcs_str t, struct tcs_arena *a)
{
    struct tcs_buf b = {0};
    for (uint32_t i = 0; i < f->npairs; i++) {
        size_t n = prefix_length(f->from[i], t);
        if (n == 0)
            continue;
        tcs_base_buf_str(&b, f->to[i]);
        tcs_base_buf_put(&b, t.p + n, t.n - n);
        t = tcs_base_arena_str(a, tcs_base_buf_view(&b));
        break;
    }
    tcs_base_buf_done(&b);
    return t;
}

static struct tcs_str
trimmed(struct tcs_str s)
{
    while (s.n && strchr(" \t\r\n", s.p[0]) && s.p[0])
        s = (struct tcs_str){s.p + 1, s.n - 1};
    while (s.n && strchr(" \t\r\n", s.p[s.n - 1]) && s.p[s.n - 1])
        s.n--;
    return s;
}

/* The part of t behind f->from[0]. */
static bool
cut_part(const struct tcs_view_field *f, struct tcs_str t, struct tcs_str *ret)
{
    struct tcs_str key = f->from[0];
    size_t from = 0;
    while (from <= t.n) {
        size_t to = from;
        while (to < t.n && (t.n - to < f->sep.n || memcmp(t.p + to, f->sep.p, f->sep.n) != 0))
            to++;
        struct tcs_str piece = trimmed((struct tcs_str){t.p + from, to - from});
        if (piece.n >= key.n && plain_same((struct tcs_str){piece.p, key.n}, key)) {
            *ret = (struct tcs_str){piece.p + key.n, piece.n - key.n};
            return true;
        }
        from = to + f->sep.n;
    }
    return false;
}

/* One source value through the rewrite.  False: it gives none. */
static bool
rewrite(const struct tcs_view_field *f, struct tcs_value v, struct tcs_arena *a,
        struct tcs_value *ret)
{
    uint64_t number;
    struct tcs_str t = tcs_event_value_text(&v, a);
    *ret = v;
    if (f->rewrite == TCS_RW_NONE)
        return true;
    if (v.type == TCS_V_NULL)
        return f->rewrite != TCS_RW_PART;
    if (f->rewrite == TCS_RW_DECIMAL && read_hex(t, &number))
        t = tcs_base_arena_printf(a, "%" PRIu64, number);
    if (f->rewrite == TCS_RW_HEX && read_decimal(t, &number))
        t = tcs_base_arena_printf(a, "0x%" PRIx64, number);
    for (uint32_t i = 0; f->rewrite == TCS_RW_MAP && i < f->npairs; i++)
        if (plain_same(f->from[i], t)) {
            t = f->to[i];
            break;
        }
    if (f->rewrite == TCS_RW_PREFIX)
        t = replace_prefix(f, t, a);
    if (f->rewrite == TCS_RW_PART && !cut_part(f, t, &t))
        return false;
    *ret = tcs_event_value_str(t);
    return true;
}

static struct plain_values
joined(const struct tcs_view_field *f, const struct tcs_event *ev, struct tcs_arena *a)
{
    struct plain_values r = {.v = tcs_base_arena_array(a, 1, sizeof *r.v)};
    struct tcs_buf b = {0};
    bool absent = false, some = false;
    for (uint32_t i = 0; i < f->nsources; i++) {
        struct plain_values source = own(ev, f->sources[i], a);
        struct tcs_str t = source.n ? tcs_event_value_text(&source.v[0], a) : TCS_STR("");
        absent |= source.n == 0;
        some |= t.n > 0;
        if (i)
            tcs_base_buf_str(&b, f->sep);
        tcs_base_buf_str(&b, t);
    }
    if (!absent && some && r.v)
        r.v[r.n++] =
            tcs_event_value_str(replace_prefix(f, tcs_base_arena_str(a, tcs_base_buf_view(&b)), a));
    tcs_base_buf_done(&b);
    return r;
}

/* What the header says under that name. */
static struct tcs_str
header_text(const struct tcs_event *ev, struct tcs_str name, struct tcs_arena *a)
{
    if (tcs_base_str_eq(name, TCS_STR("Channel")))
        return tcs_event_value_text(&ev->channel, a);
    if (tcs_base_str_eq(name, TCS_STR("Computer")))
        return tcs_event_value_text(&ev->computer, a);
    if (tcs_base_str_eq(name, TCS_STR("Provider_Name")))
        return tcs_event_value_text(&ev->provider, a);
    return TCS_STR("");
}

/* DATA: the values that neither say nothing nor what the header says; else all. */
static struct plain_values
data_alone(struct plain_values all, struct tcs_str header, struct tcs_arena *a)
{
    struct plain_values r = {.v = tcs_base_arena_array(a, all.n + 1, sizeof *r.v)};
    for (uint32_t i = 0; i < all.n && r.v; i++) {
        struct tcs_str t = tcs_event_value_text(&all.v[i], a);
        if (t.n > 0 && !tcs_base_str_eq(t, header))
            r.v[r.n++] = all.v[i];
    }
    return r.n > 0 ? r : all;
}

/* PADDED: each value that ends in a blank is behind its text without such. */
static struct plain_values
unpadded(struct plain_values all, struct tcs_arena *a)
{
    struct plain_values r = {.v = tcs_base_arena_array(a, 2 * all.n + 1, sizeof *r.v)};
    for (uint32_t i = 0; i < all.n && r.v; i++) {
        struct tcs_str t = tcs_event_value_text(&all.v[i], a);
        bool padded = t.n > 0 && t.p[t.n - 1] == ' ';
        while (t.n > 0 && t.p[t.n - 1] == ' ')
            t.n--;
        if (padded)
            r.v[r.n++] = tcs_event_value_str(t);
        r.v[r.n++] = all.v[i];
    }
    return r;
}

static struct plain_values
made(const struct tcs_view_field *f, const struct tcs_event *ev, struct tcs_arena *a)
{
    struct plain_values source = {0}, r = {0};
    if (f->rewrite == TCS_RW_CASES) {
        const struct tcs_view_field *one = NULL;
        for (uint32_t i = 0; i < f->ncases && !one; i++)
            if (all_hold(&f->cases[i].where, ev, a))
                one = &f->cases[i];
        if (!one)
            return r;
        f = one;
    }
    if (f->rewrite == TCS_RW_JOIN)
        return joined(f, ev, a);
    uint32_t from = 0;
    for (uint32_t i = 0; i < f->nsources && source.n == 0; i++) {
        from = i;
        source = own(ev, f->sources[i], a);
    }
    if (f->rewrite == TCS_RW_DATA)
        return data_alone(source, header_text(ev, f->sources[from], a), a);
    if (f->rewrite == TCS_RW_PADDED)
        return unpadded(source, a);
    r.v = tcs_base_arena_array(a, source.n + 1, sizeof *r.v);
    for (uint32_t i = 0; i < source.n && r.v; i++)
        if (rewrite(f, source.v[i], a, &r.v[r.n]))
            r.n++;
    return r;
}

static struct plain_values
through(const struct tcs_view *view, const struct tcs_event *ev, struct tcs_str name,
        struct tcs_arena *a)
{
    bool native = !view->closed;
    for (uint32_t i = 0; i < view->nfields; i++)
        if (tcs_base_str_eq(view->fields[i].name, name))
            return made(&view->fields[i], ev, a);
    for (uint32_t i = 0; i < view->nnative; i++)
        native |= tcs_base_str_eq(view->native[i], name);
    return native ? own(ev, name, a) : (struct plain_values){.unknown = true, .never = true};
}

struct tcs_str
plain_pattern(const struct tcs_view *view, const struct tcs_pred *pred)
{
    size_t n = pred->text.n;
    bool padded = false;
    for (uint32_t i = 0; view && i < view->nfields; i++)
        if (tcs_base_str_eq(view->fields[i].name, pred->field))
            padded = view->fields[i].rewrite == TCS_RW_PADDED;
    while (padded && n > 0 && pred->text.p[n - 1] == ' ')
        n--;
    if (n == 0 || pred->text.p[n - 1] == TCS_ANY_RUN || pred->text.p[n - 1] == TCS_ANY_ONE)
        return pred->text;
    return (struct tcs_str){pred->text.p, n};
}

struct plain_values
plain_values(const struct tcs_view *view, const struct tcs_event *ev, struct tcs_str name,
             struct tcs_arena *a)
{
    struct plain_values r = view ? through(view, ev, name, a) : own(ev, name, a);
    bool blank = true;
    if (view && view->fixed && r.n == 0)
        r.unknown = true;
    for (uint32_t i = 0; i < r.n; i++) {
        struct tcs_str t = tcs_event_value_text(&r.v[i], a);
        blank &= t.n == 0 || tcs_base_str_eq(t, TCS_STR("-"));
    }
    if (view && view->sparse && blank)
        r.unknown = true;
    return r;
}
