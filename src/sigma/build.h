/* sigma/build.h - a condition tree that is growing.  Internal to src/sigma.
 *
 * Out of memory shows in the arena's flag; whoever takes the tree out tests it once.  Node numbers
 * are never read back before that. */
#pragma once
#include "sigma/ast.h"
#include "sigma/load.h"

struct tcs_build {
    struct tcs_load *load;
    struct tcs_node *nodes;
    uint32_t *kids;
    struct tcs_pred *preds;
    struct tcs_search *searches;
    bool *used; /* searches[i] is named by a condition */
    uint32_t nnodes, nkids, npreds, nsearches;
    uint32_t cap_nodes, cap_kids, cap_preds, cap_searches, cap_used;
    uint32_t values_left;            /* of TCS_RULE_VALUES_MAX */
    uint32_t *by_name, by_name_mask; /* searches by the hash of their names (condition.c) */
    uint32_t looks_left;             /* of TCS_COND_LOOKS_MAX */
    bool full;                       /* said once that there are too many of either */
    const char *noun;                /* what a name in the condition stands for, for messages */
    bool names_only;                 /* no "1 of x*" in the condition */
};

/* A growing list of nodes, in scratch memory. */
struct tcs_nodes {
    uint32_t *v, n, cap;
};

struct tcs_build tcs_sigma_build_new(struct tcs_load *l);
/* Counts n more values; false, with an error said once, when the rule has too many. */
bool tcs_sigma_build_take(struct tcs_build *b, uint64_t n, struct tcs_place at);
void tcs_sigma_build_add(struct tcs_build *b, struct tcs_nodes *list, uint32_t node);
uint32_t tcs_sigma_build_pred(struct tcs_build *b, struct tcs_pred pred);
/* op is TCS_N_AND or TCS_N_OR; a group of one is its member. */
uint32_t tcs_sigma_build_group(struct tcs_build *b, uint8_t op, const struct tcs_nodes *list);
uint32_t tcs_sigma_build_not(struct tcs_build *b, uint32_t node);
uint32_t tcs_sigma_build_search(struct tcs_build *b, uint32_t search);
/* Moves what was built into the memory that the rules keep.  Out of memory shows in its flag. */
void tcs_sigma_build_keep(const struct tcs_build *b, uint32_t root, struct tcs_rule *to);
