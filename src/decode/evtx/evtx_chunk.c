/* decode/evtx/evtx_chunk.c - where the records of a chunk are: how far the live ones go, and where
 * the next whole one starts behind damage.
 *
 * A chunk's header says where its free space begins.  Behind it may lie records of an earlier use
 * of the chunk, which must not come back as live ones; before it may lie holes and torn records,
 * behind which reading goes on.  The header can also be stale (a log copied while it was open), so
 * records that go on behind the free space offset with the very next number count as live. */
#include "decode/evtx/evtx_chunk.h"

enum { MAGIC = 0x2a2a, H_LAST_ID = 32, H_FREE = 48, H_DATA_CRC = 52, H_FLAGS = 120, H_CRC = 124 };
enum { FLAG_DIRTY = 1, FLAG_NO_CRC = 4 };

bool
tcs_decode_evtx_frame(const struct evtx *e, size_t at, struct evtx_frame *ret)
{
    struct tcs_cursor c = tcs_base_cur(e->chunk, e->nchunk);
    c.at = at <= e->nchunk ? at : e->nchunk;
    struct evtx_frame f = {.at = at, .magic = tcs_base_cur_u32(&c)};
    f.size = tcs_base_cur_u32(&c);
    f.id = tcs_base_cur_u64(&c);
    f.filetime = tcs_base_cur_u64(&c);
    f.framed =
        !c.bad && f.magic == MAGIC && f.size >= TCS_EVTX_RECORD_MIN && f.size <= e->nchunk - at;
    f.whole = f.framed && tcs_base_le32(e->chunk + at + f.size - 4) == f.size;
    *ret = f;
    return f.framed;
}

/* Does a BinXML stream start like this? */
static bool
stream_starts(uint8_t token)
{
    return token == 0x0f || token == 0x0c || token == 0x01 || token == 0x41;
}

size_t
tcs_decode_evtx_resync(const struct evtx *e, size_t from, const struct evtx_bounds *b)
{
    struct evtx_frame f;
    for (size_t at = from; at + TCS_EVTX_RECORD_MIN <= b->end; at++) {
        const uint8_t *p = memchr(e->chunk + at, MAGIC & 0xff, b->end - at);
        if (!p)
            break;
        at = (size_t)(p - e->chunk);
        if (tcs_decode_evtx_frame(e, at, &f) && f.whole && f.size <= b->end - at &&
            f.id > b->after && f.id <= b->until && stream_starts(p[24]))
            return at;
    }
    return 0;
}

bool
tcs_decode_evtx_chunk_empty(const struct evtx *e)
{
    /* each byte is its neighbour, and the first is zero; memcmp looks at many at once */
    return e->nchunk == 0 ||
           (e->chunk[0] == 0 && memcmp(e->chunk, e->chunk + 1, e->nchunk - 1) == 0);
}

void
tcs_decode_evtx_chunk_bounds(const struct evtx *e, struct evtx_bounds *ret)
{
    uint32_t free_at = tcs_base_le32(e->chunk + H_FREE);
    uint64_t last = tcs_base_le64(e->chunk + H_LAST_ID);
    bool sane = free_at >= TCS_EVTX_CHUNK_HEADER && free_at <= TCS_EVTX_CHUNK;
    *ret = (struct evtx_bounds){.end = sane && free_at < e->nchunk ? free_at : e->nchunk,
                                .known = sane,
                                .open = (tcs_base_le32(e->chunk + H_FLAGS) & FLAG_DIRTY) != 0,
                                .cut = e->nchunk < TCS_EVTX_CHUNK && sane && free_at > e->nchunk,
                                .until = last ? last : UINT64_MAX};
}

const char *
tcs_decode_evtx_chunk_checksum(const struct evtx *e)
{
    uint32_t flags = tcs_base_le32(e->chunk + H_FLAGS), free_at = tcs_base_le32(e->chunk + H_FREE);
    if (flags & (FLAG_NO_CRC | FLAG_DIRTY) || free_at < TCS_EVTX_CHUNK_HEADER ||
        free_at > e->nchunk)
        return NULL;
    uint32_t crc = tcs_base_crc32(&e->crc, 0, e->chunk, H_FLAGS);
    crc = tcs_base_crc32(&e->crc, crc, e->chunk + H_CRC + 4, TCS_EVTX_CHUNK_HEADER - H_CRC - 4);
    if (crc != tcs_base_le32(e->chunk + H_CRC))
        return "a chunk's header does not match its checksum; its records were read anyway";
    crc = tcs_base_crc32(&e->crc, 0, e->chunk + TCS_EVTX_CHUNK_HEADER,
                         free_at - TCS_EVTX_CHUNK_HEADER);
    if (crc != tcs_base_le32(e->chunk + H_DATA_CRC))
        return "a chunk's records do not match its checksum; they were read anyway";
    return NULL;
}
