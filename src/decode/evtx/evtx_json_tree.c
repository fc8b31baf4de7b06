/* decode/evtx/evtx_json_tree.c - elements as the JSON that evtx_dump prints for them.
 *
 * The shape: an element is null when empty, a bare number or boolean when that is its only content,
 * else a string; with attributes or elements inside it is an object of "#attributes", "#text" and
 * its elements, where the second X becomes "X_1".  In EventData and UserData a <Data Name="n"> is a
 * member n, and Data without names are one member "Data": {"#text": [...]}.
 *
 * This says what the JSON means.  A plan's segments (evtx_prog.c) are the same text prepared as far
 * as it does not depend on values. */
#include "decode/evtx/evtx_json_tree.h"

#include "decode/evtx/evtx_put.h"

/* What stands in a list of nodes. */
struct scan {
    bool elems;      /* elements */
    unsigned values; /* values, empty ones too */
    unsigned filled; /* values that are not empty */
    struct tcs_value last;
};

static struct scan
scan(const struct evtx_at *at, const struct evtx_node *n)
{
    struct scan s = {0};
    struct evtx_res r;
    for (; n && tcs_decode_evtx_charge(at->e, 1); n = n->next) {
        if (!tcs_decode_evtx_resolve(at, n, &r))
            continue;
        s.elems |= r.elem != NULL;
        if (r.elem)
            continue;
        s.values++;
        if (!tcs_decode_evtx_value_empty(&r.value)) {
            s.filled++;
            s.last = r.value;
        }
    }
    return s;
}

/* The values as one JSON value; elements are passed over. */
static void
put_content(const struct evtx_at *at, const struct evtx_node *n, const struct scan *s,
            struct tcs_buf *b)
{
    struct evtx_res r;
    unsigned count = s->elems ? s->filled : s->values;
    if (count == 1 && s->filled == 1) {
        tcs_decode_evtx_charge(at->e, s->last.n / 64);
        tcs_decode_evtx_json_scalar(at->e, b, &s->last);
        return;
    }
    tcs_base_buf_c(b, '"');
    for (; n && tcs_decode_evtx_charge(at->e, 1); n = n->next)
        if (tcs_decode_evtx_resolve(at, n, &r) && !r.elem &&
            tcs_decode_evtx_charge(at->e, r.value.n / 64))
            tcs_decode_evtx_json_text(at->e, b, &r.value);
    tcs_base_buf_c(b, '"');
}

bool
tcs_decode_evtx_json_attrs(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b)
{
    bool any = false;
    for (const struct evtx_attr *a = el->attrs; a; a = a->next) {
        struct scan s = scan(at, a->nodes);
        if (!s.filled)
            continue;
        if (any)
            tcs_base_buf_c(b, ',');
        else
            tcs_buf_lit(b, "\"#attributes\":{");
        any = true;
        tcs_decode_evtx_json_key(b, a->name->s, 0);
        put_content(at, a->nodes, &s, b);
    }
    if (any)
        tcs_base_buf_c(b, '}');
    return any;
}

static bool
attrs_filled(const struct evtx_at *at, const struct evtx_elem *el)
{
    for (const struct evtx_attr *a = el->attrs; a; a = a->next)
        if (scan(at, a->nodes).filled)
            return true;
    return false;
}

const struct evtx_attr *
tcs_decode_evtx_json_name_attr(const struct evtx_elem *el)
{
    const struct evtx_attr *a = el->attrs;
    while (a && a->name->known != EVTX_N_NAME)
        a = a->next;
    return a;
}

/* ---- elements inside an element ---- */

struct seen {
    const struct evtx_name *name;
    uint32_t count;
};

struct body {
    struct tcs_buf *b;
    bool container, named, any; /* any: a member was written */
    uint32_t data;              /* unnamed Data elements; written as one member by the first */
    bool data_done;
    struct seen *seen; /* names so far, open addressing; NULL: at most one element */
    uint32_t mask;
    const struct evtx_at *at;
    const struct evtx_elem *el;
    unsigned depth;
};

/* How often the name was there before. */
static uint32_t
suffix_of(struct body *d, const struct evtx_name *name)
{
    if (!d->seen)
        return 0;
    uint32_t i = (uint32_t)(((uintptr_t)name >> 4) * 0x9e3779b1u) & d->mask;
    while (d->seen[i].name && d->seen[i].name != name)
        i = (i + 1) & d->mask;
    d->seen[i].name = name;
    return d->seen[i].count++;
}

static void
comma(struct body *d)
{
    if (d->any)
        tcs_base_buf_c(d->b, ',');
    d->any = true;
}

typedef void on_elem(struct body *d, const struct evtx_at *at, const struct evtx_elem *el);

/* fn for the element, or for each of its repetitions. */
static void
unfold(struct body *d, const struct evtx_at *at, const struct evtx_elem *el, on_elem *fn)
{
    const struct evtx_node *array = tcs_decode_evtx_array(at, el);
    if (!array) {
        if (tcs_decode_evtx_charge(at->e, 1))
            fn(d, at, el);
        return;
    }
    struct evtx_over over = {.up = at->over, .node = array};
    struct evtx_at sub = {.e = at->e, .inst = at->inst, .over = &over};
    const struct evtx_val *v = tcs_decode_evtx_slot(at, array);
    over.depth = at->over ? at->over->depth + 1 : 1;
    for (size_t pos = 0; tcs_decode_evtx_val_item(v, &pos, &over.val);)
        unfold(d, &sub, el, fn);
}

static void
each(struct body *d, on_elem *fn)
{
    struct evtx_res r;
    for (const struct evtx_node *n = d->el->nodes; n && tcs_decode_evtx_charge(d->at->e, 1);
         n = n->next) {
        if (!tcs_decode_evtx_resolve(d->at, n, &r) || !r.elem)
            continue;
        struct evtx_at at = {
            .e = d->at->e, .inst = r.inst, .over = r.inst == d->at->inst ? d->at->over : NULL};
        if (n->kind == EVTX_ELEM)
            unfold(d, &at, r.elem, fn);
        else
            fn(d, &at, r.elem); /* the root of a fragment stands there once */
    }
}

static void
look(struct body *d, const struct evtx_at *at, const struct evtx_elem *el)
{
    d->mask++;
    if (!d->container || el->name->known != EVTX_N_DATA)
        return;
    const struct evtx_attr *a = tcs_decode_evtx_json_name_attr(el);
    d->data++;
    d->named |= a && scan(at, a->nodes).filled;
}

static void put_data(struct body *d, const struct evtx_at *at, const struct evtx_elem *el);
static void put_value(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b,
                      unsigned depth);

static void
put_positional(struct body *d, const struct evtx_at *at, const struct evtx_elem *el)
{
    if (el->name->known != EVTX_N_DATA)
        return;
    if (d->data_done)
        tcs_base_buf_c(d->b, ',');
    d->data_done = true;
    put_data(d, at, el);
}

static void
put_named(struct body *d, const struct evtx_at *at, const struct evtx_elem *el)
{
    const struct evtx_attr *a = tcs_decode_evtx_json_name_attr(el);
    struct scan s = a ? scan(at, a->nodes) : (struct scan){0};
    if (!s.filled)
        return;
    comma(d);
    if (tcs_decode_evtx_json_bare(&s.last)) /* a key is a string whatever it was */
        tcs_base_buf_c(d->b, '"');
    put_content(at, a->nodes, &s, d->b);
    if (tcs_decode_evtx_json_bare(&s.last))
        tcs_base_buf_c(d->b, '"');
    tcs_base_buf_c(d->b, ':');
    put_data(d, at, el);
}

static void
put_member(struct body *d, const struct evtx_at *at, const struct evtx_elem *el)
{
    if (!d->container || el->name->known != EVTX_N_DATA) {
        uint32_t suffix = suffix_of(d, el->name);
        comma(d);
        tcs_decode_evtx_json_key(d->b, el->name->s, suffix);
        put_value(at, el, d->b, d->depth + 1);
    } else if (d->named) {
        put_named(d, at, el);
    } else if (!d->data_done) {
        comma(d);
        tcs_buf_lit(d->b, "\"Data\":{\"#text\":");
        if (d->data > 1)
            tcs_base_buf_c(d->b, '[');
        each(d, put_positional);
        if (d->data > 1)
            tcs_base_buf_c(d->b, ']');
        tcs_base_buf_c(d->b, '}');
        d->data_done = true;
    }
}

static void
put_body(const struct evtx_at *at, const struct evtx_elem *el, const struct scan *s, bool data,
         struct body *d)
{
    d->at = at;
    d->el = el;
    tcs_base_buf_c(d->b, '{');
    if (!data)
        d->any = tcs_decode_evtx_json_attrs(at, el, d->b);
    if (s->filled) {
        comma(d);
        tcs_buf_lit(d->b, "\"#text\":");
        put_content(at, el->nodes, s, d->b);
    }
    if (s->elems) {
        each(d, look);
        uint32_t count = d->mask;
        if (count > 1) {
            d->mask = (2u << (31 - __builtin_clz(count | 1))) * 2 - 1;
            d->seen = tcs_base_arena_array(at->e->rec_mem, d->mask + 1, sizeof *d->seen);
        }
        each(d, put_member);
    }
    tcs_base_buf_c(d->b, '}');
}

/* A Data element in EventData: only its content counts, "" when there is none. */
static void
put_data(struct body *up, const struct evtx_at *at, const struct evtx_elem *el)
{
    tcs_decode_evtx_json_data(at, el, up->b, up->depth + 1);
}

void
tcs_decode_evtx_json_data(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b,
                          unsigned depth)
{
    struct scan s = scan(at, el->nodes);
    if (s.elems && depth < EVTX_JSON_DEPTH) {
        struct body d = {.b = b, .depth = depth};
        put_body(at, el, &s, true, &d);
    } else if (s.filled) {
        put_content(at, el->nodes, &s, b);
    } else {
        tcs_buf_lit(b, "\"\"");
    }
}

static void
put_value(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b, unsigned depth)
{
    struct scan s = scan(at, el->nodes);
    bool attrs = attrs_filled(at, el);
    if ((!s.elems && !s.filled && !attrs) || depth > EVTX_JSON_DEPTH) {
        tcs_buf_lit(b, "null");
    } else if (!s.elems && !attrs) {
        put_content(at, el->nodes, &s, b);
    } else {
        struct body d = {.b = b,
                         .depth = depth,
                         .container = el->name->known == EVTX_N_EVENTDATA ||
                                      el->name->known == EVTX_N_USERDATA};
        put_body(at, el, &s, false, &d);
    }
}

void
tcs_decode_evtx_json_value(const struct evtx_at *at, const struct evtx_elem *el, struct tcs_buf *b)
{
    put_value(at, el, b, 0);
}
