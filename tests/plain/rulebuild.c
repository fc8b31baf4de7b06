/* tests/plain/rulebuild.c - see rulebuild.h.  Running out of room is a bug in the test: abort. */
#include "plain/rulebuild.h"

#include <stdlib.h>

static uint32_t
push(uint32_t *count, uint32_t room)
{
    if (*count == room)
        abort();
    return (*count)++;
}

struct rulebuild
rb_new(struct tcs_arena *a, struct tcs_rule *rule, const char *product, const char *category,
       const char *service)
{
    *rule = (struct tcs_rule){0};
    rule->logsource.product = tcs_base_arena_str(a, tcs_base_str_of(product));
    rule->logsource.category = tcs_base_arena_str(a, tcs_base_str_of(category));
    rule->logsource.service = tcs_base_arena_str(a, tcs_base_str_of(service));
    rule->nodes = tcs_base_arena_array(a, RB_NODES, sizeof *rule->nodes);
    rule->kids = tcs_base_arena_array(a, RB_KIDS, sizeof *rule->kids);
    rule->preds = tcs_base_arena_array(a, RB_PREDS, sizeof *rule->preds);
    rule->searches = tcs_base_arena_array(a, RB_SEARCHES, sizeof *rule->searches);
    if (tcs_base_arena_failed(a))
        abort();
    return (struct rulebuild){a, rule};
}

static uint32_t
add_node(struct rulebuild *b, enum tcs_node_op op, uint32_t a, uint32_t n)
{
    uint32_t i = push(&b->rule->nnodes, RB_NODES);
    b->rule->nodes[i] = (struct tcs_node){.op = (uint8_t)op, .a = a, .n = n};
    return i;
}

uint32_t
rb_pred(struct rulebuild *b, struct tcs_pred pred)
{
    uint32_t i = push(&b->rule->npreds, RB_PREDS);
    b->rule->preds[i] = pred;
    return add_node(b, TCS_N_PRED, i, 0);
}

uint32_t
rb_not(struct rulebuild *b, uint32_t node)
{
    return add_node(b, TCS_N_NOT, node, 0);
}

uint32_t
rb_list(struct rulebuild *b, enum tcs_node_op op, const uint32_t *kids, uint32_t n)
{
    uint32_t first = b->rule->nkids;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = push(&b->rule->nkids, RB_KIDS);
        b->rule->kids[at] = kids[i];
    }
    return add_node(b, op, first, n);
}

uint32_t
rb_search(struct rulebuild *b, const char *name, uint32_t root)
{
    uint32_t i = push(&b->rule->nsearches, RB_SEARCHES);
    b->rule->searches[i] =
        (struct tcs_search){.name = tcs_base_arena_str(b->a, tcs_base_str_of(name)), .root = root};
    return add_node(b, TCS_N_SEARCH, i, 0);
}

struct tcs_str
rb_pattern(struct tcs_arena *a, const char *text)
{
    struct tcs_str s = tcs_base_str_of(text);
    char *p = tcs_base_arena_alloc(a, s.n + 1);
    if (!p)
        abort();
    for (size_t i = 0; i < s.n; i++)
        p[i] = text[i] == '*' ? TCS_ANY_RUN : text[i] == '?' ? TCS_ANY_ONE : text[i];
    return (struct tcs_str){p, s.n};
}
