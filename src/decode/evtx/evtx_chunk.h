/* decode/evtx/evtx_chunk.h - the frame of a chunk and of its records; evtx.c and evtx_carve.c only.
 */
#pragma once
#include "decode/evtx/evtx_int.h"

/* A record's header, and how much of a record it is. */
struct evtx_frame {
    size_t at;
    uint32_t magic, size;
    uint64_t id, filetime;
    bool framed; /* signature, and a size that fits into the chunk */
    bool whole;  /* also the copy of the size at its end is right */
};

/* The live part of a chunk. */
struct evtx_bounds {
    size_t end; /* free space starts here */
    bool known; /* the header says so; else it is the end of the bytes */
    bool open;  /* dirty, or not as its checksum says: records may go on behind the end */
    bool cut;   /* the file ends before the live part does */
    uint64_t after, until; /* numbers of records that may follow: after < id <= until */
};

bool tcs_decode_evtx_frame(const struct evtx *e, size_t at,
                           struct evtx_frame *ret); /* ret->framed */
/* Offset of the next whole record at or behind `from` within the bounds; 0: none. */
size_t tcs_decode_evtx_resync(const struct evtx *e, size_t from, const struct evtx_bounds *b);
bool tcs_decode_evtx_chunk_empty(const struct evtx *e);
/* At least TCS_EVTX_CHUNK_HEADER bytes are there. */
void tcs_decode_evtx_chunk_bounds(const struct evtx *e, struct evtx_bounds *ret);
/* What the checksums say is wrong, NULL: nothing, or none kept (dirty, switched off). */
const char *tcs_decode_evtx_chunk_checksum(const struct evtx *e);
