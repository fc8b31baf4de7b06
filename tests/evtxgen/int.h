/* tests/evtxgen/int.h - what the writer's files share. */
#pragma once
#include "base/arena.h"
#include "evtxgen/evtxgen.h"

/* The chunk being filled.  Strings and templates are put at the head of their bucket, so that
 * undoing a record only needs the tables and the length as they were. */
struct evg_open_chunk {
    uint8_t b[EVG_CHUNK];
    uint32_t n; /* bytes in use */
    uint32_t strings[64], templates[32];
    bool full; /* something did not fit */
};

struct evg {
    struct tcs_arena *a;
    struct tcs_buf out;
    struct evg_open_chunk c;
    struct evg_place *places;
    size_t nplaces, cap;
    size_t first;    /* place of the open chunk's first record */
    uint32_t chunks; /* closed ones */
    uint64_t next_id;
};

/* Append to the open chunk; nothing once it is full. */
void evg_put(struct evg *g, const void *p, size_t n);
void evg_put8(struct evg *g, unsigned v);
void evg_put16(struct evg *g, unsigned v);
void evg_put32(struct evg *g, uint32_t v);
void evg_put64(struct evg *g, uint64_t v);
void evg_set32(struct evg *g, uint32_t at, uint32_t v); /* in place; no-op once full */

/* binxml.c: a fragment (header, content, EOF) with everything under it. */
int evg_put_fragment(struct evg *g, const struct evg_xml *x, struct tcs_err *err);
/* values.c: UTF-16LE of UTF-8 text, in the arena; *units counts. */
uint8_t *evg_utf16(struct evg *g, struct tcs_str s, size_t *units);
