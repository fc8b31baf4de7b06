/* tests/evtxgen/writer.c - records into chunks, chunks into a file: headers, sizes, checksums.
 *
 * In: encoded records (binxml.c).  Out: the bytes of a file as a cleanly closed Windows log has
 * them, chunk headers and CRCs included.  Knows nothing of XML. */
#include "evtxgen/int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_VERSION_MINOR = 1, FILE_VERSION_MAJOR = 3, HEADER_PART = 128, CRC_PART = 120 };

uint32_t
evg_crc32(uint32_t crc, const void *p, size_t n)
{
    /* The reflected polynomial 0xedb88320, four bits at a time. */
    static const uint32_t nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    const uint8_t *b = p;
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc = nibble[(crc ^ b[i]) & 15] ^ (crc >> 4);
        crc = nibble[(crc ^ (b[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

static void
le(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void
evg_put(struct evg *g, const void *p, size_t n)
{
    if (g->c.full || n > EVG_CHUNK - g->c.n) {
        g->c.full = true;
        return;
    }
    if (n)
        memcpy(g->c.b + g->c.n, p, n);
    g->c.n += (uint32_t)n;
}

void
evg_put8(struct evg *g, unsigned v)
{
    evg_put(g, &(uint8_t){(uint8_t)v}, 1);
}

void
evg_put16(struct evg *g, unsigned v)
{
    uint8_t b[2];
    le(b, v, sizeof b);
    evg_put(g, b, sizeof b);
}

void
evg_put32(struct evg *g, uint32_t v)
{
    uint8_t b[4];
    le(b, v, sizeof b);
    evg_put(g, b, sizeof b);
}

void
evg_put64(struct evg *g, uint64_t v)
{
    uint8_t b[8];
    le(b, v, sizeof b);
    evg_put(g, b, sizeof b);
}

void
evg_set32(struct evg *g, uint32_t at, uint32_t v)
{
    if (!g->c.full)
        le(g->c.b + at, v, 4);
}

void *
evg_alloc(struct evg *g, size_t n)
{
    return tcs_base_arena_zalloc(g->a, n ? n : 1);
}

char *
evg_text(struct evg *g, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *s = n < 0 ? NULL : tcs_base_arena_alloc(g->a, (size_t)n + 1);
    if (!s)
        return NULL;
    va_start(ap, fmt);
    vsnprintf(s, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return s;
}

static void
chunk_reset(struct evg *g)
{
    memset(&g->c, 0, sizeof g->c);
    g->c.n = EVG_CHUNK_HEADER;
    g->first = g->nplaces;
}

struct evg *
evg_new(void)
{
    struct evg *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->a = tcs_base_arena_new(0);
    if (!g->a || !tcs_base_buf_room(&g->out, EVG_HEADER)) {
        evg_free(g);
        return NULL;
    }
    memset(g->out.p, 0, EVG_HEADER);
    g->out.n = EVG_HEADER;
    g->next_id = 1;
    chunk_reset(g);
    return g;
}

void
evg_free(struct evg *g)
{
    if (!g)
        return;
    tcs_base_arena_free(g->a);
    tcs_base_buf_done(&g->out);
    free(g->places);
    free(g);
}

static void
chunk_header(struct evg *g)
{
    uint8_t *h = g->c.b;
    const struct evg_place *first = &g->places[g->first], *last = &g->places[g->nplaces - 1];
    memcpy(h, "ElfChnk", 8);
    le(h + 8, g->first + 1, 8); /* record numbers count from 1 in the file */
    le(h + 16, g->nplaces, 8);
    le(h + 24, first->id, 8);
    le(h + 32, last->id, 8);
    le(h + 40, HEADER_PART, 4);
    le(h + 44, last->offset - g->out.n, 4);
    le(h + 48, g->c.n, 4);
    le(h + 52, evg_crc32(0, h + EVG_CHUNK_HEADER, g->c.n - EVG_CHUNK_HEADER), 4);
    for (size_t i = 0; i < 64; i++)
        le(h + 128 + 4 * i, g->c.strings[i], 4);
    for (size_t i = 0; i < 32; i++)
        le(h + 384 + 4 * i, g->c.templates[i], 4);
    uint32_t crc = evg_crc32(0, h, CRC_PART);
    le(h + 124, evg_crc32(crc, h + HEADER_PART, EVG_CHUNK_HEADER - HEADER_PART), 4);
}

void
evg_chunk(struct evg *g)
{
    if (g->first == g->nplaces)
        return;
    chunk_header(g);
    tcs_base_buf_put(&g->out, g->c.b, EVG_CHUNK);
    g->chunks++;
    chunk_reset(g);
}

void
evg_next_id(struct evg *g, uint64_t id)
{
    g->next_id = id;
}

struct tcs_buf *
evg_finish(struct evg *g)
{
    evg_chunk(g);
    if (g->out.failed)
        return NULL;
    uint8_t *h = (uint8_t *)g->out.p;
    memcpy(h, "ElfFile", 8);
    le(h + 16, g->chunks ? g->chunks - 1 : 0, 8);
    le(h + 24, g->next_id, 8);
    le(h + 32, HEADER_PART, 4);
    le(h + 36, FILE_VERSION_MINOR, 2);
    le(h + 38, FILE_VERSION_MAJOR, 2);
    le(h + 40, EVG_HEADER, 2);
    le(h + 42, g->chunks & 0xffff, 2);
    le(h + 124, evg_crc32(0, h, CRC_PART), 4);
    return &g->out;
}

const struct evg_place *
evg_places(const struct evg *g, size_t *n)
{
    *n = g->nplaces;
    return g->places;
}

/* The heads of the tables, which change when a record adds a name or a template. */
struct tables {
    uint32_t strings[64], templates[32];
};

static struct tables
tables_of(const struct evg *g)
{
    struct tables t;
    memcpy(t.strings, g->c.strings, sizeof t.strings);
    memcpy(t.templates, g->c.templates, sizeof t.templates);
    return t;
}

static int
place_add(struct evg *g, struct evg_place place, struct tcs_err *err)
{
    if (g->nplaces == g->cap) {
        size_t cap = g->cap ? 2 * g->cap : 256;
        struct evg_place *p = reallocarray(g->places, cap, sizeof *p);
        if (!p)
            return tcs_base_fail(err, TCS_ENOMEM, "list of records");
        g->places = p;
        g->cap = cap;
    }
    g->places[g->nplaces++] = place;
    return 0;
}

/* One try to put the record into the open chunk.  1: it did not fit. */
static int
record_put(struct evg *g, const struct evg_record *r, uint64_t id, const struct tables *before,
           struct tcs_err *err)
{
    uint32_t start = g->c.n;
    evg_put(g, "**\0", 4);
    evg_put32(g, 0);
    evg_put64(g, id);
    evg_put64(g, r->filetime);
    int rc = evg_put_fragment(g, &r->xml, err);
    if (rc < 0)
        return rc;
    while ((g->c.n - start) % 8 != 4 && !g->c.full) /* as Windows does: sizes are multiples of 8 */
        evg_put8(g, 0);
    evg_put32(g, g->c.n - start + 4);
    if (g->c.full)
        return 1;
    evg_set32(g, start + 4, g->c.n - start);
    struct tables now = tables_of(g);
    struct evg_place place = {
        .offset = g->out.n + start,
        .size = g->c.n - start,
        .chunk = g->chunks,
        .id = id,
        .defines = memcmp(&now, before, sizeof now) != 0,
    };
    return place_add(g, place, err);
}

int
evg_add(struct evg *g, const struct evg_record *r, struct tcs_err *err)
{
    uint64_t id = r->id ? r->id : g->next_id;
    for (int tries = 0; tries < 2; tries++) {
        uint32_t start = g->c.n;
        struct tables before = tables_of(g);
        int rc = record_put(g, r, id, &before, err);
        if (rc == 0) {
            g->next_id = id + 1;
            return 0;
        }
        memset(g->c.b + start, 0, EVG_CHUNK - start);
        g->c.n = start;
        g->c.full = false;
        memcpy(g->c.strings, before.strings, sizeof before.strings);
        memcpy(g->c.templates, before.templates, sizeof before.templates);
        if (rc < 0)
            return rc;
        if (g->first == g->nplaces)
            break;
        evg_chunk(g);
    }
    return tcs_base_fail(err, TCS_ELIMIT, "record %llu fits in no chunk", (unsigned long long)id);
}
