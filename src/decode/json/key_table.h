/* decode/json/key_table.h - the keys that a decoder meets, each looked up once.
 *
 * A name is a key under a parent name: what field it becomes, in which slot, which role, is found
 * out when the key is first seen there and remembered.  The memory has a cap; beyond it names live
 * as long as their record, so that hostile keys cost time but no memory, and results never depend
 * on what was seen before.  One thread. */
#pragma once
#include "decode/json/record.h"

struct tcs_schema;

enum tcs_name_kind {
    TCS_NAME_PLAIN,
    TCS_NAME_SKIP,  /* nothing below it becomes a field */
    TCS_NAME_DATA,  /* <Data> elements: objects with a name of their own in an attribute */
    TCS_NAME_PARAM, /* also a field "Data" */
    TCS_NAME_TEXT,  /* text that may hold JSON */
};

enum { TCS_SCHEMAS_MAX = 32 };

struct tcs_name {
    struct tcs_str key;
    struct tcs_str path;             /* dotted, from the root */
    struct tcs_str field;            /* what a value here is called */
    struct tcs_str elem;             /* the element, in schemas that come from XML */
    const struct tcs_schema *schema; /* NULL: a root key before the schema is known */
    struct tcs_name *parent;
    struct tcs_name *base;                /* "X_1": the name X beside it; else NULL */
    struct tcs_name *first, *next;        /* guesses: what followed last time */
    struct tcs_name *as[TCS_SCHEMAS_MAX]; /* a root key: the same in that schema */
    uint64_t hash;
    uint32_t slot;      /* of field */
    uint64_t marks[2];  /* a root key: what it says of the schema, as a scalar, as an object */
    uint8_t kind;       /* enum tcs_name_kind */
    uint8_t role, rank; /* TCS_ROLE_NONE: a plain field */
    uint8_t section;    /* the schema's own */
    bool telling;       /* a root key: so does its text */
    bool keep;          /* has a role and is a field too */
    bool like_system;   /* data whose name System has too */
    bool no_null;       /* a null here is no field */
    bool lasting;       /* outlives the record: may be remembered */
};

struct tcs_names;

/* NULL: no memory.  `overflow` is where names beyond the cap go: the record's arena. */
struct tcs_names *tcs_decode_keys_new(const struct tcs_fieldset *fields,
                                      struct tcs_arena *overflow);
void tcs_decode_keys_free(struct tcs_names *t);
/* The root of a schema; NULL schema: of keys whose schema is not known yet. */
struct tcs_name *tcs_decode_keys_root(struct tcs_names *t, const struct tcs_schema *schema);
/* The name of `key` under `parent`; NULL when out of memory or longer than TCS_FIELD_NAME_MAX. */
struct tcs_name *tcs_decode_keys_find(struct tcs_names *t, struct tcs_name *parent,
                                      struct tcs_str key);
/* `n->as[schema]`, filled in. */
struct tcs_name *tcs_decode_keys_as(struct tcs_names *t, struct tcs_name *n,
                                    const struct tcs_schema *schema);

/* As tcs_decode_keys_find, trying the guess first.  *guess: what came before, NULL at an
 * object's start.
 * */
static inline struct tcs_name *
tcs_decode_keys_after(struct tcs_names *t, struct tcs_name *parent, struct tcs_name **before,
                      struct tcs_str key)
{
    struct tcs_name **guess = *before ? &(*before)->next : &parent->first;
    struct tcs_name *n = *guess;
    if (!n || n->key.n != key.n || memcmp(n->key.p, key.p, key.n) != 0) {
        n = tcs_decode_keys_find(t, parent, key);
        if (!n)
            return NULL;
        if (n->lasting)
            *guess = n;
    }
    *before = n;
    return n;
}
