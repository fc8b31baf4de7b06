/* sigma/build.c - appends nodes, kids and predicates to a condition tree, and keeps what it became.
 */
#include "sigma/build.h"

#include "base/limits.h"

struct tcs_build
tcs_sigma_build_new(struct tcs_load *l)
{
    return (struct tcs_build){.load = l,
                              .values_left = TCS_RULE_VALUES_MAX,
                              .looks_left = TCS_COND_LOOKS_MAX,
                              .noun = "search identifier"};
}

bool
tcs_sigma_build_take(struct tcs_build *b, uint64_t n, struct tcs_place at)
{
    if (n <= b->values_left) {
        b->values_left -= (uint32_t)n;
        return true;
    }
    if (!b->full)
        tcs_sigma_load_error(b->load, at, TCS_WHY_LIMIT,
                             "the rule has more than %d values after its modifiers are applied",
                             TCS_RULE_VALUES_MAX);
    b->full = true;
    return false;
}

void
tcs_sigma_build_add(struct tcs_build *b, struct tcs_nodes *list, uint32_t node)
{
    if (tcs_base_arena_grow(b->load->scratch, &list->v, list->n, &list->cap, sizeof *list->v))
        list->v[list->n++] = node;
}

static uint32_t
add_node(struct tcs_build *b, struct tcs_node node)
{
    if (!tcs_base_arena_grow(b->load->scratch, &b->nodes, b->nnodes, &b->cap_nodes,
                             sizeof *b->nodes))
        return 0;
    b->nodes[b->nnodes] = node;
    return b->nnodes++;
}

uint32_t
tcs_sigma_build_pred(struct tcs_build *b, struct tcs_pred pred)
{
    if (!tcs_base_arena_grow(b->load->scratch, &b->preds, b->npreds, &b->cap_preds,
                             sizeof *b->preds))
        return 0;
    b->preds[b->npreds] = pred;
    return add_node(b, (struct tcs_node){.op = TCS_N_PRED, .a = b->npreds++});
}

uint32_t
tcs_sigma_build_group(struct tcs_build *b, uint8_t op, const struct tcs_nodes *list)
{
    if (list->n == 1)
        return list->v[0];
    uint32_t first = b->nkids;
    for (uint32_t i = 0; i < list->n; i++) {
        if (!tcs_base_arena_grow(b->load->scratch, &b->kids, b->nkids, &b->cap_kids,
                                 sizeof *b->kids))
            return 0;
        b->kids[b->nkids++] = list->v[i];
    }
    return add_node(b, (struct tcs_node){.op = op, .a = first, .n = list->n});
}

uint32_t
tcs_sigma_build_not(struct tcs_build *b, uint32_t node)
{
    return add_node(b, (struct tcs_node){.op = TCS_N_NOT, .a = node});
}

uint32_t
tcs_sigma_build_search(struct tcs_build *b, uint32_t search)
{
    b->used[search] = true;
    return add_node(b, (struct tcs_node){.op = TCS_N_SEARCH, .a = search});
}

static void *
keep_array(struct tcs_arena *keep, const void *p, size_t n, size_t size)
{
    void *q = tcs_base_arena_array(keep, n, size);
    return q && n ? memcpy(q, p, n * size) : q;
}

void
tcs_sigma_build_keep(const struct tcs_build *b, uint32_t root, struct tcs_rule *to)
{
    to->nodes = keep_array(b->load->keep, b->nodes, b->nnodes, sizeof *b->nodes);
    to->kids = keep_array(b->load->keep, b->kids, b->nkids, sizeof *b->kids);
    to->preds = keep_array(b->load->keep, b->preds, b->npreds, sizeof *b->preds);
    to->searches = keep_array(b->load->keep, b->searches, b->nsearches, sizeof *b->searches);
    to->nnodes = b->nnodes;
    to->nkids = b->nkids;
    to->npreds = b->npreds;
    to->nsearches = b->nsearches;
    to->root = root;
}
