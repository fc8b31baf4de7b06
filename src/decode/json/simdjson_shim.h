/* decode/json/simdjson_shim.h - simdjson's DOM parser for C: parse, then walk the tape.
 *
 * The tape (simdjson's doc/tape.md) is what the parser writes: 64-bit words, the kind in the top
 * byte, a payload in the low 56 bits.  It is the parser's own memory and well-formed by
 * construction; it holds until the next parse. */
#pragma once
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcs_simdjson;

enum tcs_simdjson_result {
    TCS_SJ_OK,
    TCS_SJ_REPAIRABLE, /* malformed UTF-8, control characters, numbers out of range */
    TCS_SJ_DEPTH,
    TCS_SJ_SYNTAX,
    TCS_SJ_NOMEM,
};

struct tcs_simdjson_doc {
    const uint64_t *tape;
    const char *strings;
    const char *why; /* for a result other than OK: static text */
};

/* Documents of up to `capacity` bytes and `depth` levels.  NULL: no memory. */
struct tcs_simdjson *tcs_decode_simdjson_new(size_t capacity, size_t depth);
void tcs_decode_simdjson_free(struct tcs_simdjson *sj);
/* p is readable for TCS_BLOCK_PADDING bytes beyond n; n <= capacity. */
enum tcs_simdjson_result tcs_decode_simdjson_parse(struct tcs_simdjson *sj, const uint8_t *p,
                                                   size_t n, struct tcs_simdjson_doc *ret);
/* The document without white space into out (room for n bytes); returns how many, 0 on failure. */
size_t tcs_decode_simdjson_minify(const uint8_t *p, size_t n, char *out);

#ifdef __cplusplus
}
#endif

/* A walk over the tape, no calls. */
static inline char
tcs_decode_tape_kind(const struct tcs_simdjson_doc *d, size_t at)
{
    return (char)(d->tape[at] >> 56);
}

static inline uint64_t
tcs_decode_tape_payload(const struct tcs_simdjson_doc *d, size_t at)
{
    return d->tape[at] & 0x00ffffffffffffffu;
}

/* at is '"'. */
static inline struct tcs_str
tcs_decode_tape_str(const struct tcs_simdjson_doc *d, size_t at)
{
    const char *p = d->strings + tcs_decode_tape_payload(d, at);
    uint32_t n;
    memcpy(&n, p, sizeof n);
    return (struct tcs_str){p + sizeof n, n};
}

/* The word behind the value at `at`. */
static inline size_t
tcs_decode_tape_next(const struct tcs_simdjson_doc *d, size_t at)
{
    switch (tcs_decode_tape_kind(d, at)) {
    case '{':
    case '[':
        return (size_t)(tcs_decode_tape_payload(d, at) & 0xffffffffu);
    case 'l':
    case 'u':
    case 'd':
        return at + 2;
    default:
        return at + 1;
    }
}
