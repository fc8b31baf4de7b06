/* decode/evtx/evtx_carve.c - records in the space behind a chunk's live ones: what the chunk held
 * before it was used again, or what somebody cut off.
 *
 * In: a frame that is whole.  Out: an instance, by its own template if that is still there (its id
 * must fit, its names must have their hashes), else a stand-in (evtx_stand.c). */
#include "decode/evtx/evtx_carve.h"

#include "decode/evtx/evtx_stand.h"

bool
tcs_decode_evtx_carve_record(struct evtx *e, const struct evtx_frame *f,
                             const struct evtx_inst **ret)
{
    struct tcs_cursor c = tcs_base_cur(e->chunk, f->at + f->size - 4);
    struct evtx_parse_opts o = {.mem = e->rec_mem};
    c.at = f->at + 24;
    if (f->size > e->slack)
        return tcs_decode_evtx_fail(e, TCS_ELIMIT,
                                    "the slack looks like more records than it can hold");
    e->slack -= f->size;
    if (tcs_decode_evtx_parse(e, &c, &o, ret))
        return true;
    struct evtx_inst *in = tcs_base_arena_zalloc(e->rec_mem, sizeof *in);
    c = tcs_base_cur(e->chunk, f->at + f->size - 4);
    c.at = f->at + 24;
    *ret = in;
    return in && tcs_decode_evtx_inst_bare(e, &c, in) &&
           tcs_decode_evtx_stand_record(e, f->id, f->filetime, in);
}
