/* decode/evtx/evtx_int.h - what the modules of the EVTX decoder share; nobody else includes it.
 *
 *   evtx.c        blocks -> chunks -> records -> events  (the walk, and tcs_decode_format_evtx)
 *   evtx_chunk.c  the frame: how far a chunk's live records go, where the next whole one starts
 *   evtx_name.c   names of elements and fields, interned
 *   evtx_parse.c  BinXML tokens -> a tree with holes            (templates and plain fragments)
 *   evtx_shared.c templates that many chunks have, compiled once
 *   evtx_inst.c   a template instance: the tree to use, the values for its holes
 *   evtx_value.c  one value, by its type byte
 *   evtx_head.c   instance -> header of an event
 *   evtx_field.c  instance -> its fields
 *   evtx_json.c   instance -> evtx_dump's JSON: evtx_json_tree.c from its tree, or evtx_prog.c the
 *                 same, prepared per template
 *   evtx_put.c    a value as JSON, decoded or straight from its bytes
 *   evtx_stand.c  a plan for values whose template is gone
 *   evtx_carve.c  records in the space behind the live ones
 *
 * References: MS-EVEN6 2.2.12-2.2.18 (BinXml), and the libyal notes on the file around it.
 * Lifetimes: a name lives as long as the decoder (until its table is full and a chunk starts), a
 * plan as long as its chunk or, shared, as the names, an instance as long as its record. */
#pragma once
#include "base/arena.h"
#include "base/crc32.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "input/format.h"

/* MS-EVEN6 2.2.13, value types; 0x80 makes an array of them. */
enum {
    EVTX_T_NULL = 0x00,
    EVTX_T_STRING = 0x01,
    EVTX_T_ANSI = 0x02,
    EVTX_T_INT8 = 0x03,
    EVTX_T_UINT8 = 0x04,
    EVTX_T_INT16 = 0x05,
    EVTX_T_UINT16 = 0x06,
    EVTX_T_INT32 = 0x07,
    EVTX_T_UINT32 = 0x08,
    EVTX_T_INT64 = 0x09,
    EVTX_T_UINT64 = 0x0a,
    EVTX_T_REAL32 = 0x0b,
    EVTX_T_REAL64 = 0x0c,
    EVTX_T_BOOL = 0x0d,
    EVTX_T_BINARY = 0x0e,
    EVTX_T_GUID = 0x0f,
    EVTX_T_SIZET = 0x10,
    EVTX_T_FILETIME = 0x11,
    EVTX_T_SYSTIME = 0x12,
    EVTX_T_SID = 0x13,
    EVTX_T_HEX32 = 0x14,
    EVTX_T_HEX64 = 0x15,
    EVTX_T_HANDLE = 0x20,
    EVTX_T_BINXML = 0x21,
    EVTX_T_XML = 0x23,
    EVTX_T_ARRAY = 0x80,
};

/* Names that mean something to the decoder itself. */
enum evtx_known {
    EVTX_N_OTHER,
    EVTX_N_EVENT,
    EVTX_N_SYSTEM,
    EVTX_N_EVENTDATA,
    EVTX_N_USERDATA,
    EVTX_N_RENDERING,
    EVTX_N_DATA,
    EVTX_N_COMPLEXDATA,
    EVTX_N_PROVIDER,
    EVTX_N_EVENTID,
    EVTX_N_CHANNEL,
    EVTX_N_COMPUTER,
    EVTX_N_TIMECREATED,
    EVTX_N_RECORDID,
    EVTX_N_NAME,
    EVTX_N_SYSTEMTIME,
    EVTX_N_MESSAGE,
    EVTX_N_XMLNS,
};

struct evtx_name {
    struct tcs_str s;     /* UTF-8, as written */
    struct tcs_str local; /* without a namespace prefix */
    uint32_t slot;        /* in opts.fields */
    uint8_t known;        /* enum evtx_known, of `s` */
};

/* One substitution value, undecoded. */
struct evtx_val {
    const uint8_t *p;
    uint16_t n;
    uint8_t type;
    const struct evtx_inst *sub; /* EVTX_T_BINXML with content: what it holds */
};

enum evtx_node_kind { EVTX_TEXT, EVTX_SLOT, EVTX_ELEM, EVTX_INST };

/* Content of an element or attribute: a list in document order. */
struct evtx_node {
    struct evtx_node *next;
    uint8_t kind;  /* enum evtx_node_kind */
    bool optional; /* EVTX_SLOT: leaves nothing behind when its value is empty */
    uint16_t slot; /* EVTX_SLOT: index of the value */
    union {
        struct tcs_value text;
        struct evtx_elem *elem;
        const struct evtx_inst *inst;
    };
};

struct evtx_attr {
    struct evtx_attr *next;
    const struct evtx_name *name;
    const struct evtx_name *field;      /* set with plan->nops; NULL: not a field (xmlns) */
    struct tcs_str key_first, key_next; /* JSON before its value (evtx_prog.c) */
    struct evtx_node *nodes, **tail;
};

struct evtx_elem {
    const struct evtx_name *name;
    const struct evtx_name *field; /* set with plan->nops */
    struct evtx_attr *attrs, **attr_tail;
    struct evtx_node *nodes, **tail;
    struct evtx_elem *parent;
    bool has_elem; /* an element or an instance among the nodes */
    bool has_slot; /* a hole among the nodes or in an attribute, not deeper */
    bool deep;     /* holes or instances anywhere inside */
    bool named;    /* Data or ComplexData whose Name is the field's name */
};

/* A step of making fields (evtx_field.c). */
struct evtx_op {
    uint8_t kind;
    bool named;    /* Data: an empty value is "", not nothing */
    uint16_t slot; /* of the value, when there is one */
    uint16_t span; /* on the first step of an element: how many belong to it */
    const struct evtx_name *field;
    const struct evtx_elem *elem;
    const struct evtx_node *child; /* the hole or text itself */
};

/* Where a header value comes from: the nodes of an element or attribute. */
struct evtx_head {
    const struct evtx_node *provider, *event_id, *channel, *computer, *time, *record_id;
    bool found; /* there is a System element in this very tree */
};

/* A piece of a plan's JSON: literal text, then what op says (evtx_prog.c). */
struct evtx_seg {
    uint32_t at, n; /* in plan->lits */
    uint8_t op;
    uint16_t slot;
    const struct evtx_elem *elem;
};

/* A tree ready for use.  Of a template: in chunk memory.  Of a plain fragment: in record memory. */
struct evtx_plan {
    struct evtx_elem *root; /* NULL: the template could not be read */
    const char *why;        /* then: the reason */
    struct evtx_head head;
    struct evtx_op *ops; /* NULL until first needed */
    uint32_t nops;
    bool prepared; /* the JSON: segs, or NULL when it is left to the tree */
    struct evtx_seg *segs;
    uint32_t nsegs;
    const char *lits;
    struct tcs_str key; /* "Root": */
    struct tcs_arena *mem;
};

struct evtx_inst {
    struct evtx_plan *plan;
    const struct evtx_val *vals;
    uint32_t nvals;
    bool has_array;
};

enum {
    EVTX_NAME_CACHE = 1024, /* chunk offsets of names, direct mapped */
    EVTX_PLAN_TABLE = 1024, /* templates of a chunk, open addressing */
    EVTX_PLANS_MAX = 700,   /* a template takes at least 90 bytes of the 64 KiB */
    EVTX_SHARED = 1024,     /* templates kept from chunk to chunk, half of it used */
    EVTX_CHUNK_MEM = 64 << 20,
    EVTX_RECORD_MEM = 64 << 20,
};

struct evtx {
    struct tcs_decode_opts opts;
    bool plain;  /* tests: without the fast paths */
    bool carved; /* reading slack: names and templates may be gone, so they must prove themselves */
    struct tcs_arena *chunk_mem, *rec_mem, *name_mem;
    struct tcs_map name_map; /* text -> index */
    uint64_t secret;         /* seed of other hashes */
    struct evtx_name **names;
    uint32_t nnames, names_cap;

    const uint8_t *chunk; /* the current chunk */
    size_t nchunk;        /* at most TCS_EVTX_CHUNK */
    uint32_t stamp;       /* entries below are of this chunk if they carry it */
    struct evtx_name_at {
        uint32_t stamp, offset;
        const struct evtx_name *name;
        uint32_t end; /* where an inline name ends */
    } name_at[EVTX_NAME_CACHE];
    struct evtx_plan_at {
        uint32_t stamp, offset;
        struct evtx_plan *plan;
    } plan_at[EVTX_PLAN_TABLE];
    struct evtx_shared {
        struct evtx_plan *plan; /* NULL: free */
        uint64_t hash;
        struct tcs_str key;
    } shared[EVTX_SHARED]; /* evtx_shared.c */
    uint32_t nshared;
    struct tcs_arena *shared_mem;
    struct tcs_buf canon; /* the key last looked for */
    uint32_t nplans;
    size_t compiled; /* bytes of definitions read in this chunk */

    struct tcs_field *fields;
    uint32_t nfields, fields_cap;
    size_t budget; /* nodes that this record may still unfold into */
    size_t limit;  /* budget of each record: halved by every one that uses it up */
    size_t slack;  /* bytes of slack that may still be tried as records */

    bool torn; /* the record lacks data, but stands */
    int code;  /* why the last step failed: TCS_E* */
    const char *why;
    struct tcs_buf scratch;
    struct tcs_crc32 crc;
    int64_t day; /* days since 1970 of `date`, "YYYY-MM-DDT" */
    char date[11];
};

/* Notes the reason; always false. */
static inline bool
tcs_decode_evtx_fail(struct evtx *e, int code, const char *why)
{
    e->code = code;
    e->why = why;
    return false;
}

/* evtx_name.c.  NULL with the reason noted. */
const struct evtx_name *tcs_decode_evtx_intern(struct evtx *e, struct tcs_str s);
/* The name that a u32 at the cursor points to; steps over it when it is written right there. */
const struct evtx_name *tcs_decode_evtx_name(struct evtx *e, struct tcs_cursor *c);
/* At a chunk's start: forgets all names if there are too many, and says so. */
bool tcs_decode_evtx_names_trim(struct evtx *e);

/* evtx_value.c */
enum { TCS_EVTX_NOT_A_TYPE = 255 };
/* Bytes of a value of a type: 0 not fixed, TCS_EVTX_NOT_A_TYPE none. */
extern const uint8_t tcs_decode_evtx_width[256];

/* Is this a type byte that a value can have? */
static inline bool
tcs_decode_evtx_type_ok(uint8_t type)
{
    return tcs_decode_evtx_width[type] != TCS_EVTX_NOT_A_TYPE;
}
/* A hole filled with it counts as empty: null, no text, no bytes, no items. */
bool tcs_decode_evtx_val_empty(const struct evtx_val *v);
struct tcs_value tcs_decode_evtx_val_get(const struct evtx_val *v);

/* The same; text, which is most of what records hold, without a call. */
static inline struct tcs_value
tcs_decode_evtx_val_fast(const struct evtx_val *v)
{
    uint32_t n = v->n & ~1u;
    if (v->type != EVTX_T_STRING)
        return tcs_decode_evtx_val_get(v);
    while (n && tcs_base_le16(v->p + n - 2) == 0)
        n -= 2;
    return (struct tcs_value){.type = TCS_V_UTF16, .n = n, .b = v->p};
}
/* Items of an array; 1 for everything else.  tcs_decode_evtx_val_item takes them in order: *at
 * starts at 0; false when there are no more. */
uint32_t tcs_decode_evtx_val_count(const struct evtx_val *v);
bool tcs_decode_evtx_val_item(const struct evtx_val *v, size_t *at, struct evtx_val *ret);
/* A value in a token stream, where only some types say how long they are. */
bool tcs_decode_evtx_val_inline(struct evtx *e, struct tcs_cursor *c, struct evtx_val *ret);

static inline bool
tcs_decode_evtx_value_empty(const struct tcs_value *v)
{
    return v->type == TCS_V_NULL ||
           (v->n == 0 && (v->type == TCS_V_UTF8 || v->type == TCS_V_UTF16 ||
                          v->type == TCS_V_ANSI || v->type == TCS_V_BIN));
}

/* evtx_parse.c: the tokens in [c->at, c->n) of the chunk.  `def`: a template definition. */
struct evtx_parse_opts {
    struct tcs_arena *mem;
    bool def;
    bool own; /* texts are copied into mem, to outlive the chunk */
    unsigned nest;
};
/* What a fragment holds: a plan of its own, or the instance that is all of it. */
bool tcs_decode_evtx_parse(struct evtx *e, struct tcs_cursor *c, const struct evtx_parse_opts *o,
                           const struct evtx_inst **ret);

/* evtx_shared.c: plans that outlive their chunk.  The entry of the definition at c, whose plan is
 * NULL when it is not there yet; false: it cannot be shared, or there is no room. */
bool tcs_decode_evtx_shared_find(struct evtx *e, const struct tcs_cursor *c,
                                 struct evtx_shared **ret);
/* Right after a find: what was compiled for it, in e->shared_mem. */
void tcs_decode_evtx_shared_add(struct evtx *e, struct evtx_shared *at, struct evtx_plan *plan);
/* At a chunk's start: forgets all if there are too many, or `all`. */
void tcs_decode_evtx_shared_trim(struct evtx *e, bool all);

/* evtx_inst.c: behind the 0x0c token. */
bool tcs_decode_evtx_inst_read(struct evtx *e, struct tcs_cursor *c, unsigned nest,
                               const struct evtx_inst **ret);
/* The values only, with no template for them. */
bool tcs_decode_evtx_inst_bare(struct evtx *e, struct tcs_cursor *c, struct evtx_inst *ret);

/* evtx_tree.c: the content of elements as it is for one instance. */
/* An override replaces a hole by one item of the array that fills it. */
struct evtx_over {
    const struct evtx_over *up;
    const struct evtx_node *node;
    struct evtx_val val;
    unsigned depth;
};
/* What a node stands for: an element of some instance, or a value. */
struct evtx_res {
    const struct evtx_elem *elem; /* NULL: a value */
    const struct evtx_inst *inst; /* that elem belongs to */
    struct tcs_value value;
};
struct evtx_at {
    struct evtx *e;
    const struct evtx_inst *inst;
    const struct evtx_over *over;
};
/* False: the node leaves nothing behind (a hole that is optional and empty, or beyond the values).
 */
bool tcs_decode_evtx_resolve(const struct evtx_at *at, const struct evtx_node *n,
                             struct evtx_res *ret);
/* The first array of more than one item that the element itself would show and that is not yet
 * overridden; NULL if none.  Such an element stands there once for each item (MS-EVEN6
 * 3.1.4.7.5). */
const struct evtx_node *tcs_decode_evtx_array(const struct evtx_at *at, const struct evtx_elem *el);
/* The value that fills a hole. */
const struct evtx_val *tcs_decode_evtx_slot(const struct evtx_at *at, const struct evtx_node *n);
/* Counts work against the record's budget; false when it is used up. */
static inline bool
tcs_decode_evtx_charge(struct evtx *e, size_t units)
{
    if (units > e->budget) {
        e->budget = 0;
        return tcs_decode_evtx_fail(e, TCS_ELIMIT,
                                    "the record unfolds into far more than it holds");
    }
    e->budget -= units;
    return true;
}

/* evtx_head.c */
/* Finds the System values in a plan's own tree. */
void tcs_decode_evtx_plan_head(struct evtx_plan *plan);
/* Fills record_id, time, product, event_id, channel, provider, computer where the record has them.
 */
bool tcs_decode_evtx_head(struct evtx *e, const struct evtx_inst *in, struct tcs_event *ev);

/* evtx_field.c */
/* What the nodes hold apart from elements: one value, joined text, or NULL. */
bool tcs_decode_evtx_content(const struct evtx_at *at, const struct evtx_node *n,
                             struct tcs_value *ret);
/* Fills e->fields.  False: out of memory or over a limit. */
bool tcs_decode_evtx_fields(struct evtx *e, const struct evtx_inst *in);

/* evtx_json.c */
void tcs_decode_evtx_json(struct evtx *e, const struct evtx_inst *in, struct tcs_buf *b);
