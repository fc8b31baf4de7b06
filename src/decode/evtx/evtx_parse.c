/* decode/evtx/evtx_parse.c - BinXML tokens (MS-EVEN6 2.2.12) to a tree of elements, text and holes.
 *
 * In: a window of the chunk.  Out: a tree in the caller's arena.  Template definitions carry a
 * dependency id in each element and may have holes; plain fragments have neither, but may hold
 * template instances.  Recursion is only into fragments inside fragments, counted by `nest`; open
 * elements are a linked list, counted by `depth`.  A definition cannot contain an instance, so
 * templates cannot loop.  Every step takes at least one byte of the window. */
#include "base/utf.h"
#include "decode/evtx/evtx_int.h"

#include <stdio.h>

struct parse {
    struct evtx *e;
    struct tcs_cursor *c;
    const struct evtx_parse_opts *o;
    struct evtx_elem *root, *open; /* open: the innermost element whose content is being read */
    struct evtx_elem *start;       /* between its start and the end of its attributes */
    struct evtx_attr *attr;
    const struct evtx_inst *inst; /* the first instance outside any element */
    unsigned depth;
    bool done;
};

static bool
bad(struct parse *p, const char *why)
{
    return tcs_decode_evtx_fail(p->e, TCS_EPARSE, why);
}

static bool
no_memory(struct parse *p)
{
    return tcs_decode_evtx_fail(p->e, TCS_ENOMEM, "out of memory");
}

/* Appends to the attribute or element that is open. */
static bool
add_node(struct parse *p, const struct evtx_node *n)
{
    struct evtx_node ***tail = p->start  ? (p->attr ? &p->attr->tail : NULL)
                               : p->open ? &p->open->tail
                                         : NULL;
    if (!tail)
        return bad(p, "content outside any element");
    struct evtx_node *own = tcs_base_arena_alloc(p->o->mem, sizeof *own);
    if (!own)
        return no_memory(p);
    *own = *n;
    own->next = NULL;
    **tail = own;
    *tail = &own->next;
    struct evtx_elem *el = p->start ? p->start : p->open;
    el->has_slot |= n->kind == EVTX_SLOT;
    el->deep |= n->kind == EVTX_SLOT || n->kind == EVTX_INST;
    if (!p->start)
        el->has_elem |= n->kind == EVTX_ELEM || n->kind == EVTX_INST;
    return true;
}

static bool
add_text(struct parse *p, struct tcs_value v)
{
    if (p->o->own && v.type == TCS_V_UTF16) {
        v.b = (const uint8_t *)tcs_base_arena_str(p->o->mem, (struct tcs_str){v.p, v.n}).p;
        if (!v.b)
            return no_memory(p);
    }
    return add_node(p, &(struct evtx_node){.kind = EVTX_TEXT, .text = v});
}

static bool
on_eof(struct parse *p, uint8_t tok)
{
    (void)tok;
    p->done = true;
    return true;
}

static bool
on_open(struct parse *p, uint8_t tok)
{
    if (p->start || p->depth >= TCS_EVTX_DEPTH_MAX)
        return bad(p, "elements are nested too deep or opened inside a start tag");
    if (p->o->def)
        tcs_base_cur_u16(p->c); /* dependency id */
    tcs_base_cur_u32(p->c);     /* size of the element; its end token says the same */
    const struct evtx_name *name = tcs_decode_evtx_name(p->e, p->c);
    if (!name)
        return false;
    if (tok & 0x40)
        tcs_base_cur_u32(p->c); /* size of the attribute list */
    struct evtx_elem *el = tcs_base_arena_zalloc(p->o->mem, sizeof *el);
    if (!el)
        return no_memory(p);
    el->name = name;
    el->attr_tail = &el->attrs;
    el->tail = &el->nodes;
    p->start = el;
    p->attr = NULL;
    return true;
}

/* The start tag is complete: the element takes its place under its parent. */
static bool
place(struct parse *p)
{
    struct evtx_elem *el = p->start;
    p->start = NULL;
    p->attr = NULL;
    if (!el)
        return bad(p, "a start tag ends that was not opened");
    el->parent = p->open;
    if (p->open)
        return add_node(p, &(struct evtx_node){.kind = EVTX_ELEM, .elem = el});
    if (!p->root && !p->inst)
        p->root = el;
    else if (p->o->def)
        return bad(p, "a template with two root elements");
    return true;
}

static bool
on_close_start(struct parse *p, uint8_t tok)
{
    (void)tok;
    struct evtx_elem *el = p->start;
    if (!place(p))
        return false;
    p->open = el;
    p->depth++;
    return true;
}

static void
leave(struct evtx_elem *el)
{
    if (el->parent)
        el->parent->deep |= el->deep;
}

static bool
on_close_empty(struct parse *p, uint8_t tok)
{
    (void)tok;
    struct evtx_elem *el = p->start;
    if (!place(p))
        return false;
    leave(el);
    return true;
}

static bool
on_end(struct parse *p, uint8_t tok)
{
    (void)tok;
    if (!p->open || p->start)
        return bad(p, "an element ends that was not opened");
    leave(p->open);
    p->open = p->open->parent;
    p->depth--;
    return true;
}

static bool
add_instance(struct parse *p, const struct evtx_inst *in)
{
    if (p->start)
        return bad(p, "a template instance inside an attribute");
    if (p->open)
        return add_node(p, &(struct evtx_node){.kind = EVTX_INST, .inst = in});
    if (!p->root && !p->inst)
        p->inst = in;
    return true;
}

static bool
on_value(struct parse *p, uint8_t tok)
{
    (void)tok;
    struct evtx_val v;
    if (!tcs_decode_evtx_val_inline(p->e, p->c, &v))
        return false;
    if (v.type != EVTX_T_BINXML)
        return add_text(p, tcs_decode_evtx_val_get(&v));
    if (v.n == 0)
        return true;
    if (p->o->def)
        return bad(p, "a template with a fragment inside");
    const struct evtx_inst *in;
    struct tcs_cursor c = tcs_base_cur(p->e->chunk, p->c->at);
    c.at = p->c->at - v.n;
    struct evtx_parse_opts o = {.mem = p->o->mem, .nest = p->o->nest + 1};
    return tcs_decode_evtx_parse(p->e, &c, &o, &in) && add_instance(p, in);
}

static bool
on_attr(struct parse *p, uint8_t tok)
{
    (void)tok;
    const struct evtx_name *name = tcs_decode_evtx_name(p->e, p->c);
    if (!name || !p->start)
        return name ? bad(p, "an attribute outside a start tag") : false;
    struct evtx_attr *a = tcs_base_arena_zalloc(p->o->mem, sizeof *a);
    if (!a)
        return no_memory(p);
    a->name = name;
    a->tail = &a->nodes;
    *p->start->attr_tail = a;
    p->start->attr_tail = &a->next;
    p->attr = a;
    return true;
}

/* u16 length in characters, then UTF-16. */
static bool
on_cdata(struct parse *p, uint8_t tok)
{
    (void)tok;
    uint16_t n = tcs_base_cur_u16(p->c);
    const uint8_t *t = tcs_base_cur_take(p->c, 2u * n);
    return t ? add_text(p, (struct tcs_value){.type = TCS_V_UTF16, .n = 2u * n, .b = t})
             : bad(p, "the record ends inside a text");
}

static bool
on_char(struct parse *p, uint8_t tok)
{
    (void)tok;
    char *out = tcs_base_arena_alloc(p->o->mem, 4);
    return out ? add_text(p, (struct tcs_value){.type = TCS_V_UTF8,
                                                .n = (uint32_t)tcs_base_utf8_put(
                                                    out, tcs_base_cur_u16(p->c)),
                                                .p = out})
               : no_memory(p);
}

static bool
on_entity(struct parse *p, uint8_t tok)
{
    (void)tok;
    static const struct {
        const char *name, *text;
    } known[] = {{"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}};
    const struct evtx_name *n = tcs_decode_evtx_name(p->e, p->c);
    if (!n)
        return false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (tcs_base_str_eq(n->s, tcs_base_str_of(known[i].name)))
            return add_text(p, tcs_event_value_str(tcs_base_str_of(known[i].text)));
    struct tcs_str s = tcs_base_arena_printf(p->o->mem, "&%.*s;", TCS_STR_FMT(n->s));
    return s.p ? add_text(p, tcs_event_value_str(s)) : no_memory(p);
}

/* Processing instructions are no part of an event. */
static bool
on_pi_target(struct parse *p, uint8_t tok)
{
    (void)tok;
    return tcs_decode_evtx_name(p->e, p->c) != NULL;
}

static bool
on_pi_data(struct parse *p, uint8_t tok)
{
    (void)tok;
    return tcs_base_cur_skip(p->c, 2u * tcs_base_cur_u16(p->c)) ||
           bad(p, "the record ends inside a text");
}

static bool
on_instance(struct parse *p, uint8_t tok)
{
    (void)tok;
    const struct evtx_inst *in;
    if (p->o->def)
        return bad(p, "a template that contains a template");
    return tcs_decode_evtx_inst_read(p->e, p->c, p->o->nest, &in) && add_instance(p, in);
}

static bool
on_slot(struct parse *p, uint8_t tok)
{
    struct evtx_node n = {.kind = EVTX_SLOT, .optional = (tok & 0x3f) == 0x0e};
    n.slot = tcs_base_cur_u16(p->c);
    uint8_t type = tcs_base_cur_u8(p->c);
    if (!p->o->def || !tcs_decode_evtx_type_ok(type))
        return bad(p, "a hole outside a template, or for an undefined type");
    return add_node(p, &n);
}

static bool
on_fragment(struct parse *p, uint8_t tok)
{
    (void)tok;
    return tcs_base_cur_skip(p->c, 3) || bad(p, "the record ends inside a fragment header");
}

static bool (*const on_token[])(struct parse *p, uint8_t tok) = {
    [0x00] = on_eof,      [0x01] = on_open,   [0x02] = on_close_start, [0x03] = on_close_empty,
    [0x04] = on_end,      [0x05] = on_value,  [0x06] = on_attr,        [0x07] = on_cdata,
    [0x08] = on_char,     [0x09] = on_entity, [0x0a] = on_pi_target,   [0x0b] = on_pi_data,
    [0x0c] = on_instance, [0x0d] = on_slot,   [0x0e] = on_slot,        [0x0f] = on_fragment,
};

/* A torn record often ends in zeros where its data should be: System is still good.  The stand-in
 * is an empty element, as in evtx_dump; that data was lost is reported with the event. */
static bool
stand_in(struct parse *p)
{
    p->e->torn = true;
    p->root = tcs_base_arena_zalloc(p->o->mem, sizeof *p->root);
    if (!p->root)
        return no_memory(p);
    p->root->name = tcs_decode_evtx_intern(p->e, TCS_STR("Event"));
    return p->root->name != NULL;
}

static bool
run(struct parse *p)
{
    while (!p->done && tcs_base_cur_left(p->c)) {
        uint8_t tok = tcs_base_cur_u8(p->c);
        if ((tok & 0xbf) >= sizeof on_token / sizeof on_token[0])
            return bad(p, "an undefined token");
        if (!on_token[tok & 0x3f](p, tok))
            return false;
        if (p->c->bad)
            return bad(p, "the record ends inside a token");
    }
    if (p->start || p->open)
        return bad(p, "an element is not closed");
    if (p->root || p->inst)
        return true;
    if (p->o->nest == 0 || p->o->def)
        return bad(p, "there is no element in it");
    return stand_in(p);
}

bool
tcs_decode_evtx_parse(struct evtx *e, struct tcs_cursor *c, const struct evtx_parse_opts *o,
                      const struct evtx_inst **ret)
{
    struct parse p = {.e = e, .c = c, .o = o};
    if (o->nest > TCS_EVTX_NEST_MAX)
        return tcs_decode_evtx_fail(e, TCS_ELIMIT, "fragments are nested too deep");
    if (!run(&p))
        return false;
    if (p.inst) {
        *ret = p.inst;
        return true;
    }
    struct evtx_inst *in = tcs_base_arena_zalloc(o->mem, sizeof *in);
    struct evtx_plan *plan = tcs_base_arena_zalloc(o->mem, sizeof *plan);
    if (!in || !plan)
        return no_memory(&p);
    plan->root = p.root;
    plan->mem = o->mem;
    tcs_decode_evtx_plan_head(plan);
    in->plan = plan;
    *ret = in;
    return true;
}
