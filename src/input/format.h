/* input/format.h - the formats that bytes can have, one row each (decode/formats.c). */
#pragma once
#include "event/sink.h"
#include "input/csv_scan.h"

struct tcs_decode_opts {
    const struct tcs_fieldset *fields; /* slots to fill in; may be NULL */
    bool carve;                        /* EVTX: also slack and deleted records, tagged */
};

/* What a decoder counted.  Everything passed over is in here or was a problem. */
struct tcs_decode_stats {
    uint64_t bytes, events, bad_records;
    uint64_t carved;                           /* of the events: those from slack */
    uint64_t chunks, bad_chunks, empty_chunks; /* EVTX */
};

struct tcs_decoder; /* per thread and format; scratch memory */

/* A run of bytes to decode.  EVTX: whole 64 KiB chunks (the last may be short).  JSON: whole
 * objects. */
struct tcs_block {
    const struct tcs_origin *origin;
    const uint8_t *p; /* readable for TCS_BLOCK_PADDING bytes beyond n */
    size_t n;
    uint64_t offset;       /* of p[0] in the origin */
    uint64_t first_record; /* JSON: number of the block's first object, counted from 1; EVTX: 0 */
    struct tcs_str head;   /* CSV: the first row of the source, which names the columns */
};

enum { TCS_BLOCK_PADDING = 64 }; /* what simdjson asks for */

/* How the splitter cuts a source of this format into blocks. */
enum tcs_framing { TCS_FRAMING_CHUNKS, TCS_FRAMING_LINES, TCS_FRAMING_OBJECTS, TCS_FRAMING_ROWS };

struct tcs_format {
    const char *name;  /* "evtx", "json" */
    const char *about; /* one line for --help */
    /* Is this the format of a source that starts with these bytes?  n may be as small as 0. */
    bool (*sniff)(const uint8_t *p, size_t n);
    /* Instead, for tables that only their description tells: has a source that begins with these
     * bytes (`whole`: and ends with them) the columns of one of the tables? */
    bool (*sniff_table)(const struct tcs_csv_tables *t, const uint8_t *p, size_t n, bool whole);
    enum tcs_framing framing;
    struct tcs_decoder *(*open)(const struct tcs_decode_opts *opts); /* NULL: no memory */
    void (*close)(struct tcs_decoder *d);
    /* Decode all of the block into the sink.  Adds to *stats.  Never fails as a whole. */
    void (*decode)(struct tcs_decoder *d, const struct tcs_block *b, const struct tcs_sink *sink,
                   struct tcs_decode_stats *stats);
};
