/* decode/evtx/evtx_json.c - an instance as the JSON object of its record: prepared where that can
 * be, else from the tree. */
#include "decode/evtx/evtx_json_tree.h"
#include "decode/evtx/evtx_prog.h"
#include "decode/evtx/evtx_put.h"

void
tcs_decode_evtx_json(struct evtx *e, const struct evtx_inst *in, struct tcs_buf *b)
{
    struct evtx_at at = {.e = e, .inst = in};
    const struct evtx_elem *root = in->plan->root;
    size_t start = b->n;
    if (!e->plain && tcs_decode_evtx_prog_run(e, in, b))
        return;
    tcs_base_buf_c(b, '{');
    tcs_decode_evtx_json_key(b, root->name->s, 0);
    tcs_decode_evtx_json_value(&at, root, b);
    tcs_base_buf_c(b, '}');
    if (e->budget == 0 || tcs_base_arena_failed(e->rec_mem)) {
        b->n = start;
        tcs_buf_lit(b, "{\"Event\":{\"#damaged\":\"unfolds into far more than it holds\"}}");
    }
}
