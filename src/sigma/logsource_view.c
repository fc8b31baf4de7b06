/* sigma/logsource_view.c - a view against an event: is it in, and what are its fields there.
 *
 * In: a view of the logsource table and an event.  Out: yes or no; for one of the view's names the
 * values made from the record's.  The exact words are in docs/matching.md, section 4. */
#include "base/num.h"
#include "sigma/logsource.h"

#include <stdio.h>

/* One of the texts, or no texts at all? */
static bool
among(const struct tcs_str *list, uint32_t n, struct tcs_str text)
{
    for (uint32_t i = 0; i < n; i++)
        if (tcs_base_str_ieq(list[i], text))
            return true;
    return n == 0;
}

/* The same for a header value; short ones only, as channels and providers are. */
static bool
value_among(const struct tcs_str *list, uint32_t n, const struct tcs_value *v)
{
    struct tcs_buf text = {0};
    bool in;
    if (n == 0)
        return true;
    if (v->type == TCS_V_UTF8)
        return among(list, n, (struct tcs_str){v->p, v->n});
    tcs_event_value_print(v, &text);
    in = among(list, n, tcs_base_buf_view(&text));
    tcs_base_buf_done(&text);
    return in;
}

bool
tcs_sigma_view_routes(const struct tcs_view *v, const struct tcs_event *head)
{
    if (v->product.n && !tcs_base_str_eq(v->product, head->product))
        return false;
    if (v->service.n && !tcs_base_str_eq(v->service, head->service))
        return false;
    bool id = v->nevent_ids == 0;
    for (uint32_t i = 0; i < v->nevent_ids; i++)
        id |= v->event_ids[i] == head->event_id;
    return id && value_among(v->channels, v->nchannels, &head->channel) &&
           value_among(v->providers, v->nproviders, &head->provider);
}

/* Is text one of "a|b|c"? */
static bool
alternative(struct tcs_str list, struct tcs_str text)
{
    for (size_t from = 0; from <= list.n;) {
        size_t to = tcs_base_str_find(list, '|', from);
        if (tcs_base_str_ieq(tcs_base_str_slice(list, from, to), text))
            return true;
        from = to + 1;
    }
    return false;
}

/* The event's values of that name, one per call, from *at = 0 on.  EventID is the header's. */
static bool
next_own(const struct tcs_event *ev, struct tcs_str name, uint32_t *at, struct tcs_value *ret)
{
    if (ev->event_id != TCS_EVENT_ID_NONE && tcs_base_str_eq(name, TCS_STR("EventID"))) {
        *ret = (struct tcs_value){.type = TCS_V_UINT, .u = ev->event_id};
        return (*at)++ == 0;
    }
    while (*at < ev->nfields) {
        const struct tcs_field *f = &ev->fields[(*at)++];
        if (tcs_base_str_eq(f->name, name)) {
            *ret = f->value;
            return true;
        }
    }
    return false;
}

static bool
holds(struct tcs_str field, struct tcs_str wanted, const struct tcs_event *ev)
{
    bool negated = wanted.n && wanted.p[0] == '!', present = false, hit = false;
    struct tcs_str list = tcs_base_str_slice(wanted, negated, wanted.n);
    struct tcs_value v;
    for (uint32_t at = 0; !hit && next_own(ev, field, &at, &v);) {
        struct tcs_buf text = {0};
        present = true;
        tcs_event_value_print(&v, &text);
        hit = alternative(list, tcs_base_buf_view(&text));
        tcs_base_buf_done(&text);
    }
    if (!present)
        hit = alternative(list, (struct tcs_str){NULL, 0});
    return hit != negated;
}

static bool
all_hold(const struct tcs_view_where *where, const struct tcs_event *ev)
{
    for (uint32_t i = 0; i < where->n; i++)
        if (!holds(where->fields[i], where->values[i], ev))
            return false;
    return true;
}

bool
tcs_sigma_view_fits(const struct tcs_view *v, const struct tcs_event *ev)
{
    return tcs_sigma_view_routes(v, ev) && all_hold(&v->where, ev);
}

const struct tcs_view_field *
tcs_sigma_view_case(const struct tcs_view_field *f, const struct tcs_event *ev)
{
    if (f->rewrite != TCS_RW_CASES)
        return f;
    for (uint32_t i = 0; i < f->ncases; i++)
        if (all_hold(&f->cases[i].where, ev))
            return &f->cases[i];
    return NULL;
}

enum tcs_view_look
tcs_sigma_view_look(const struct tcs_view *v, struct tcs_str name,
                    const struct tcs_view_field **ret)
{
    if (!v)
        return TCS_LOOK_OWN;
    for (uint32_t i = 0; i < v->nfields; i++)
        if (tcs_base_str_eq(v->fields[i].name, name)) {
            *ret = &v->fields[i];
            return TCS_LOOK_MADE;
        }
    if (!v->closed)
        return TCS_LOOK_OWN;
    for (uint32_t i = 0; i < v->nnative; i++)
        if (tcs_base_str_eq(v->native[i], name))
            return TCS_LOOK_OWN;
    return TCS_LOOK_NEVER;
}

static struct tcs_str
number_text(struct tcs_str text, bool hex, struct tcs_arena *a)
{
    uint64_t u;
    if (hex)
        return tcs_base_num_u64(text, &u)
                   ? tcs_base_arena_printf(a, "0x%llx", (unsigned long long)u)
                   : text;
    return tcs_base_num_hex(text, &u) ? tcs_base_arena_printf(a, "%llu", (unsigned long long)u)
                                      : text;
}

static struct tcs_str
mapped(const struct tcs_view_field *f, struct tcs_str text)
{
    for (uint32_t i = 0; i < f->npairs; i++)
        if (tcs_base_str_ieq(f->from[i], text))
            return f->to[i];
    return text;
}

/* How many bytes of text the prefix covers: 0 if it does not begin it. */
static size_t
covers(struct tcs_str prefix, struct tcs_str text)
{
    size_t at = 0;
    for (size_t i = 0; i < prefix.n; i++) {
        if (prefix.p[i] == '?') {
            size_t from = at;
            while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
                at++;
            if (at == from)
                return 0;
        } else if (at < text.n &&
                   tcs_base_ascii_lower(text.p[at]) == tcs_base_ascii_lower(prefix.p[i])) {
            at++;
        } else {
            return 0;
        }
    }
    return at;
}

static struct tcs_str
prefixed(const struct tcs_view_field *f, struct tcs_str text, struct tcs_arena *a)
{
    for (uint32_t i = 0; i < f->npairs; i++) {
        size_t n = covers(f->from[i], text);
        if (!n)
            continue;
        size_t rest = text.n - n;
        char *p = tcs_base_arena_alloc(a, f->to[i].n + rest + 1);
        if (!p)
            return (struct tcs_str){NULL, 0};
        memcpy(p, f->to[i].p, f->to[i].n);
        memcpy(p + f->to[i].n, text.p + n, rest);
        return (struct tcs_str){p, f->to[i].n + rest};
    }
    return text;
}

/* Where sep begins in text at or after `from`, or text.n. */
static size_t
find_sep(struct tcs_str text, struct tcs_str sep, size_t from)
{
    if (!sep.n || from >= text.n)
        return text.n;
    const char *p = memmem(text.p + from, text.n - from, sep.p, sep.n);
    return p ? (size_t)(p - text.p) : text.n;
}

static bool
begins(struct tcs_str text, struct tcs_str key)
{
    return text.n >= key.n && tcs_base_str_ieq(tcs_base_str_slice(text, 0, key.n), key);
}

static bool
part(const struct tcs_view_field *f, struct tcs_str text, struct tcs_str *ret)
{
    for (size_t from = 0; from < text.n;) {
        size_t to = find_sep(text, f->sep, from);
        struct tcs_str piece = tcs_base_str_trim(tcs_base_str_slice(text, from, to));
        if (begins(piece, f->from[0])) {
            *ret = tcs_base_str_slice(piece, f->from[0].n, piece.n);
            return true;
        }
        from = to + f->sep.n;
    }
    return false;
}

static struct tcs_str
without_pad(struct tcs_str text)
{
    while (text.n && text.p[text.n - 1] == ' ')
        text.n--;
    return text;
}

struct tcs_str
tcs_sigma_view_pattern(const struct tcs_view_field *f, struct tcs_str pattern)
{
    struct tcs_str t = f->rewrite == TCS_RW_PADDED ? without_pad(pattern) : pattern;
    bool bare = !t.n || t.p[t.n - 1] == TCS_ANY_RUN || t.p[t.n - 1] == TCS_ANY_ONE;
    return bare ? pattern : t;
}

bool
tcs_sigma_view_keeps(const struct tcs_view_field *f, const struct tcs_value *v,
                     const struct tcs_value *made)
{
    return f->rewrite == TCS_RW_PADDED && (v->type != made->type || v->n != made->n);
}

bool
tcs_sigma_view_of_header(const struct tcs_view_field *f, struct tcs_str source,
                         const struct tcs_event *ev, const struct tcs_value *v)
{
    const struct tcs_value *header = tcs_event_header(ev, source);
    struct tcs_buf text = {0}, said = {0};
    if (f->rewrite != TCS_RW_DATA)
        return false;
    tcs_event_value_print(v, &text);
    if (header)
        tcs_event_value_print(header, &said);
    bool none = text.n == 0 || tcs_base_str_eq(tcs_base_buf_view(&text), tcs_base_buf_view(&said));
    tcs_base_buf_done(&text);
    tcs_base_buf_done(&said);
    return none;
}

bool
tcs_sigma_view_rewrite(const struct tcs_view_field *f, const struct tcs_value *v,
                       struct tcs_arena *a, struct tcs_value *ret)
{
    struct tcs_str text;
    bool as_it_is = f->rewrite == TCS_RW_NONE || f->rewrite == TCS_RW_DATA;
    if (as_it_is || (v->type == TCS_V_NULL && f->rewrite != TCS_RW_PART)) {
        *ret = *v;
        return true;
    }
    text = tcs_event_value_text(v, a);
    switch ((enum tcs_rewrite)f->rewrite) {
    case TCS_RW_DECIMAL:
    case TCS_RW_HEX:
        text = number_text(text, f->rewrite == TCS_RW_HEX, a);
        break;
    case TCS_RW_MAP:
        text = mapped(f, text);
        break;
    case TCS_RW_PREFIX:
        text = prefixed(f, text, a);
        break;
    case TCS_RW_PART:
        if (!part(f, text, &text))
            return false;
        break;
    case TCS_RW_PADDED:
        if (!tcs_base_str_ends(text, TCS_STR(" "))) {
            *ret = *v;
            return true;
        }
        text = without_pad(text);
        break;
    case TCS_RW_NONE:
    case TCS_RW_JOIN:
    case TCS_RW_DATA:
    case TCS_RW_CASES:
        break;
    }
    *ret = tcs_event_value_str(text);
    return true;
}

/* The sources' first values with sep between. */
static uint32_t
join(const struct tcs_view_field *f, const struct tcs_event *ev, struct tcs_arena *a,
     struct tcs_value *out)
{
    struct tcs_buf b = {0};
    struct tcs_str text;
    bool all = true, some = false;
    for (uint32_t i = 0; all && i < f->nsources; i++) {
        uint32_t at = 0;
        struct tcs_value v;
        if (i)
            tcs_base_buf_str(&b, f->sep);
        size_t before = b.n;
        all = next_own(ev, f->sources[i], &at, &v);
        if (all)
            tcs_event_value_print(&v, &b);
        some |= b.n > before;
    }
    text = all && some && !b.failed ? tcs_base_arena_str(a, tcs_base_buf_view(&b))
                                    : (struct tcs_str){NULL, 0};
    tcs_base_buf_done(&b);
    if (text.n)
        *out = tcs_event_value_str(prefixed(f, text, a));
    return text.n != 0;
}

/* Does the data have a value of its own beside the header's? */
static bool
has_data(const struct tcs_view_field *f, struct tcs_str source, const struct tcs_event *ev)
{
    struct tcs_value v;
    for (uint32_t at = 0; f->rewrite == TCS_RW_DATA && next_own(ev, source, &at, &v);)
        if (!tcs_sigma_view_of_header(f, source, ev, &v))
            return true;
    return false;
}

/* The values made of one source; *present: it has any. */
static uint32_t
make_of(const struct tcs_view_field *f, struct tcs_str source, const struct tcs_event *ev,
        struct tcs_arena *a, struct tcs_value *out, uint32_t max, bool *present)
{
    uint32_t n = 0;
    bool data = has_data(f, source, ev);
    struct tcs_value v;
    for (uint32_t at = 0; n < max && next_own(ev, source, &at, &v);) {
        *present = true;
        if ((data && tcs_sigma_view_of_header(f, source, ev, &v)) ||
            !tcs_sigma_view_rewrite(f, &v, a, &out[n]))
            continue;
        n++;
        if (n < max && tcs_sigma_view_keeps(f, &v, &out[n - 1]))
            out[n++] = v;
    }
    return n;
}

uint32_t
tcs_sigma_view_make(const struct tcs_view_field *f, const struct tcs_event *ev, struct tcs_arena *a,
                    struct tcs_value *out, uint32_t max)
{
    uint32_t n = 0;
    bool present = false;
    f = tcs_sigma_view_case(f, ev);
    if (!f)
        return 0;
    if (f->rewrite == TCS_RW_JOIN)
        return max ? join(f, ev, a, out) : 0;
    for (uint32_t s = 0; s < f->nsources && !present; s++)
        n = make_of(f, f->sources[s], ev, a, out, max, &present);
    return n;
}

bool
tcs_sigma_view_blank(const struct tcs_value *v, struct tcs_arena *a)
{
    struct tcs_str t = tcs_event_value_text(v, a);
    return t.n == 0 || tcs_base_str_eq(t, TCS_STR("-"));
}
