/* tests/plain/yaml_same.h - do two readings of a YAML text agree in every member of every node? */
#pragma once
#include "sigma/yaml.h"

static inline bool
yaml_same_node(const struct tcs_ynode *a, const struct tcs_ynode *b)
{
    if (a->kind != b->kind || a->type != b->type || a->truth != b->truth ||
        a->inline_text != b->inline_text || a->line != b->line || a->col != b->col ||
        a->n != b->n || a->weight != b->weight || !tcs_base_str_eq(a->text, b->text) ||
        memcmp(&a->num, &b->num, sizeof a->num) != 0)
        return false;
    uint32_t kids = a->kind == TCS_Y_SCALAR ? 0 : a->kind == TCS_Y_MAP ? a->n * 2 : a->n;
    for (uint32_t i = 0; i < kids; i++)
        if (!yaml_same_node(a->kids[i], b->kids[i]))
            return false;
    return true;
}

static inline bool
yaml_same(const struct tcs_yaml *a, const struct tcs_yaml *b)
{
    bool same = a->ndocs == b->ndocs;
    for (uint32_t i = 0; same && i < a->ndocs; i++)
        same =
            a->docs[i].line == b->docs[i].line && yaml_same_node(a->docs[i].root, b->docs[i].root);
    return same;
}
