/* event/value.h - one field's value, still as the log stored it.
 *
 * A value is a slice of the batch it was decoded from (or a small number), so making one costs
 * nothing; it becomes text only when a rule or a printer asks. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

#include <stdint.h>

enum tcs_vtype {
    TCS_V_NULL,  /* present without a value: JSON null, EVTX NullType, an empty element */
    TCS_V_UTF8,  /* p, n bytes; may hold malformed bytes when it came from a binary log */
    TCS_V_UTF16, /* little-endian bytes b, n bytes (an odd last byte is ignored) */
    TCS_V_ANSI,  /* one byte per character, Windows-1252 */
    TCS_V_INT,   /* i */
    TCS_V_UINT,  /* u */
    TCS_V_HEX,   /* u, written 0x.. lower case without padding (EVTX HexInt32/64, SizeT, Pointer) */
    TCS_V_REAL,  /* d */
    TCS_V_BOOL,  /* u: 0 or 1 */
    TCS_V_GUID,  /* b: 16 bytes, Microsoft byte order; written upper case without braces */
    TCS_V_SID,   /* b, n bytes, MS-DTYP 2.4.2.2 */
    TCS_V_TIME,  /* i: ticks, base/time.h */
    TCS_V_BIN,   /* b, n bytes; written as upper-case hex */
};

struct tcs_value {
    uint8_t type; /* enum tcs_vtype */
    uint32_t n;
    union {
        const char *p;
        const uint8_t *b;
        int64_t i;
        uint64_t u;
        double d;
    };
};

static inline struct tcs_value
tcs_event_value_str(struct tcs_str s)
{
    return (struct tcs_value){.type = TCS_V_UTF8, .n = (uint32_t)s.n, .p = s.p};
}

/* The canonical text, the form rules are matched against: UTF-8, NULs kept, no surrounding quotes,
 * times as RFC 3339 with 6 digits (evtx_dump's form).  Borrowed when the value already is UTF-8,
 * else in `a`. A NULL value is the empty text.  At most TCS_VALUE_TEXT_MAX bytes; {NULL,0} when `a`
 * is full. */
struct tcs_str tcs_event_value_text(const struct tcs_value *v, struct tcs_arena *a);
/* The same text appended to b. */
void tcs_event_value_print(const struct tcs_value *v, struct tcs_buf *b);
/* As a JSON value: numbers and booleans bare, null for NULL, the rest a string. */
void tcs_event_value_json(const struct tcs_value *v, struct tcs_buf *b);
/* True and *ret when the value is a number, or text that is wholly one (decimal or 0x hex). */
bool tcs_event_value_number(const struct tcs_value *v, double *ret);
