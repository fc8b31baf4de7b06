/* input/json_scan.h - where JSON objects begin and end, without parsing them.
 *
 * Used twice: to frame a source into blocks, and to step from object to object inside a block.  It
 * knows strings and brackets, nothing else; what is wrong inside an object is the parser's to say.
 * A line feed ends a string (RFC 8259 §7 does not allow it in one), so that one missing quote does
 * not turn the rest of the file inside out. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: before an object's first brace.  Keeps its place when the bytes run out. */
struct tcs_json_scan {
    uint32_t depth;
    bool string, escape;
};

/* Goes on at p[*at], which is '{' when st is zero.  True: *at is behind the object's last brace.
 * False: *at is n, go on when there are more bytes. */
bool tcs_input_json_scan_object(struct tcs_json_scan *st, const uint8_t *p, size_t n, size_t *at);

enum tcs_json_gap {
    TCS_JSON_GAP_OBJECT, /* *at is an object's first brace */
    TCS_JSON_GAP_JUNK,   /* *at is a byte that belongs to nothing */
    TCS_JSON_GAP_END,    /* *at is n */
    TCS_JSON_GAP_MORE,   /* more bytes are needed to tell what begins at *at */
};

/* Steps over what stands between objects: white space, commas, brackets of an array around them,
 * the head of a known envelope ({"Records":[), and "Record 17" lines.  `whole`: nothing follows
 * p[n-1]. */
enum tcs_json_gap tcs_input_json_scan_gap(const uint8_t *p, size_t n, bool whole, size_t *at);
/* From junk at p[at] to the next byte that can begin an object; n if there is none. */
size_t tcs_input_json_scan_junk(const uint8_t *p, size_t n, size_t at);
/* Behind an object that could not be parsed: the next brace at the start of a line after p[at]. */
size_t tcs_input_json_scan_resync(const uint8_t *p, size_t n, size_t at);
/* The last brace at the start of a line after p[at]; n if there is none. */
size_t tcs_input_json_scan_last(const uint8_t *p, size_t n, size_t at);
