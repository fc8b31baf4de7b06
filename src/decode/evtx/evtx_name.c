/* decode/evtx/evtx_name.c - names of elements, attributes and fields, each kept once.
 *
 * In: an offset in the chunk (next-in-bucket u32, hash u16, length u16, UTF-16 text, NUL).  Out: a
 * shared struct with the UTF-8 text and the fieldset slot.  The chunk's string table is not used:
 * every reference carries the offset of the text itself, so damaged buckets, missing entries and
 * chains that loop cost nothing. */
#include "base/grow.h"
#include "base/utf.h"
#include "decode/evtx/evtx_int.h"

enum { NAMES_MAX = 16384 }; /* distinct names before the table starts anew; a host has ~3,000 */

static const struct {
    struct tcs_str s;
    uint8_t known;
} known_names[] = {
    {{"Event", 5}, EVTX_N_EVENT},
    {{"System", 6}, EVTX_N_SYSTEM},
    {{"EventData", 9}, EVTX_N_EVENTDATA},
    {{"UserData", 8}, EVTX_N_USERDATA},
    {{"RenderingInfo", 13}, EVTX_N_RENDERING},
    {{"Data", 4}, EVTX_N_DATA},
    {{"ComplexData", 11}, EVTX_N_COMPLEXDATA},
    {{"Provider", 8}, EVTX_N_PROVIDER},
    {{"EventID", 7}, EVTX_N_EVENTID},
    {{"Channel", 7}, EVTX_N_CHANNEL},
    {{"Computer", 8}, EVTX_N_COMPUTER},
    {{"TimeCreated", 11}, EVTX_N_TIMECREATED},
    {{"EventRecordID", 13}, EVTX_N_RECORDID},
    {{"Name", 4}, EVTX_N_NAME},
    {{"SystemTime", 10}, EVTX_N_SYSTEMTIME},
    {{"Message", 7}, EVTX_N_MESSAGE},
};

static uint8_t
known_of(struct tcs_str s)
{
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++)
        if (tcs_base_str_eq(s, known_names[i].s))
            return known_names[i].known;
    if (tcs_base_str_eq(s, TCS_STR("xmlns")) || tcs_base_str_starts(s, TCS_STR("xmlns:")))
        return EVTX_N_XMLNS;
    return EVTX_N_OTHER;
}

const struct evtx_name *
tcs_decode_evtx_intern(struct evtx *e, struct tcs_str s)
{
    uint32_t i = tcs_base_map_get(&e->name_map, s);
    if (i != TCS_MAP_NONE)
        return e->names[i];
    struct evtx_name *n = tcs_base_arena_alloc(e->name_mem, sizeof *n);
    struct tcs_str own = tcs_base_arena_str(e->name_mem, s);
    if (!n || !own.p || !tcs_base_grow(&e->names, &e->names_cap, e->nnames, 1, sizeof *e->names) ||
        tcs_base_map_put(&e->name_map, own, e->nnames) < 0) {
        tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory");
        return NULL;
    }
    size_t colon = tcs_base_str_find(own, ':', 0);
    *n = (struct evtx_name){
        .s = own,
        .local = colon < own.n ? tcs_base_str_slice(own, colon + 1, own.n) : own,
        .known = known_of(own),
    };
    n->slot = tcs_event_fieldset_find(e->opts.fields, n->s);
    e->names[e->nnames++] = n;
    return n;
}

bool
tcs_decode_evtx_names_trim(struct evtx *e)
{
    if (e->nnames < NAMES_MAX)
        return false;
    tcs_base_map_done(&e->name_map);
    tcs_base_arena_reset(e->name_mem);
    e->nnames = 0;
    return true;
}

/* The hash that the writer put before the text; slack must still have it right. */
static bool
hash_fits(const uint8_t *p, size_t units, uint16_t hash)
{
    uint32_t h = 0;
    for (size_t i = 0; i < units; i++)
        h = h * 65599 + tcs_base_le16(p + 2 * i);
    return (h & 0xffff) == hash;
}

/* The name record at `offset`; *end is behind its NUL. */
static const struct evtx_name *
read_name(struct evtx *e, uint32_t offset, uint32_t *end)
{
    struct tcs_cursor c = tcs_base_cur(e->chunk, e->nchunk);
    tcs_base_cur_seek(&c, offset);
    tcs_base_cur_skip(&c, 4); /* next name of the bucket */
    uint16_t hash = tcs_base_cur_u16(&c);
    size_t units = tcs_base_cur_u16(&c);
    const uint8_t *p = tcs_base_cur_take(&c, units * 2);
    if (!p || units > TCS_EVTX_NAME_MAX) {
        tcs_decode_evtx_fail(e, TCS_EPARSE, "a name lies outside the chunk or is too long");
        return NULL;
    }
    if (e->carved && !hash_fits(p, units, hash)) {
        tcs_decode_evtx_fail(e, TCS_ECORRUPT, "a name was overwritten");
        return NULL;
    }
    *end = (uint32_t)c.at + 2;
    size_t len = 0;
    while (len < units && tcs_base_le16(p + 2 * len))
        len++;
    e->scratch.n = 0; /* and not an array: those are cleared on entry, 3 KiB for a name of 8 */
    char *text = tcs_base_buf_room(&e->scratch, len * 3 + 1);
    if (!text) {
        tcs_decode_evtx_fail(e, TCS_ENOMEM, "out of memory");
        return NULL;
    }
    return tcs_decode_evtx_intern(e,
                                  (struct tcs_str){text, tcs_base_utf16_to_utf8(p, len * 2, text)});
}

const struct evtx_name *
tcs_decode_evtx_name(struct evtx *e, struct tcs_cursor *c)
{
    uint32_t offset = tcs_base_cur_u32(c);
    if (c->bad) {
        tcs_decode_evtx_fail(e, TCS_EPARSE, "the record ends inside an element");
        return NULL;
    }
    struct evtx_name_at *at = &e->name_at[(offset >> 1) % EVTX_NAME_CACHE];
    if (at->stamp != e->stamp || at->offset != offset) {
        uint32_t end = 0;
        const struct evtx_name *n = read_name(e, offset, &end);
        if (!n)
            return NULL;
        *at = (struct evtx_name_at){.stamp = e->stamp, .offset = offset, .name = n, .end = end};
    }
    if (offset == c->at && !tcs_base_cur_seek(c, at->end)) {
        tcs_decode_evtx_fail(e, TCS_EPARSE, "the record ends inside a name");
        return NULL;
    }
    return at->name;
}
