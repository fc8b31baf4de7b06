/* sigma/detection.c - search identifiers: maps (AND), lists of maps (OR), keywords -> nodes.
 *
 * Sigma rules specification, "Detection".  Reports every fault, not only the first. */
#include "sigma/detection.h"

#include "base/limits.h"
#include "sigma/rule_value.h"

static void
odd(struct tcs_build *b, const struct tcs_ynode *at, const char *what)
{
    tcs_sigma_load_warn(b->load, tcs_sigma_load_place(at, 0), TCS_WHY_ODD, "%s", what);
}

static bool
bad(struct tcs_build *b, const struct tcs_ynode *at, const char *what)
{
    tcs_sigma_load_error(b->load, tcs_sigma_load_place(at, 0), TCS_WHY_DETECTION, "%s", what);
    return false;
}

static bool
add_value(struct tcs_build *b, const struct tcs_mods *m, const struct tcs_ynode *v,
          struct tcs_nodes *list)
{
    uint32_t node;
    if (v->kind == TCS_Y_MAP)
        return bad(b, v, "a field's value cannot be a map; write each field as its own key");
    if (v->kind == TCS_Y_SEQ)
        return bad(b, v, "a list of values cannot hold another list");
    if (!tcs_sigma_mods_check_value(b->load, m, v) || !tcs_sigma_value_build(b, m, v, &node))
        return false;
    tcs_sigma_build_add(b, list, node);
    return true;
}

/* `Field|mods: value` or `Field|mods: [values]` */
static bool
build_item(struct tcs_build *b, const struct tcs_ynode *key, const struct tcs_ynode *v,
           uint32_t *node)
{
    struct tcs_mods m;
    struct tcs_nodes list = {0};
    bool ok = tcs_sigma_mods_parse(b->load, key, &m), all = m.set & TCS_M(ALL);
    if (!ok)
        return false;
    if (v->kind == TCS_Y_SEQ && v->n == 0)
        return bad(b, v, "an empty list of values can never match");
    if (all && (v->kind != TCS_Y_SEQ || v->n == 1))
        odd(b, key, "'all' needs a list of several values; with one it changes nothing");
    for (uint32_t i = 0; v->kind == TCS_Y_SEQ && i < v->n; i++)
        ok = add_value(b, &m, v->kids[i], &list) && ok;
    if (v->kind != TCS_Y_SEQ)
        ok = add_value(b, &m, v, &list);
    if (!ok)
        return false;
    *node = tcs_sigma_build_group(b, all ? TCS_N_AND : TCS_N_OR, &list);
    if (m.set & TCS_M(NEQ))
        *node = tcs_sigma_build_not(b, *node);
    return true;
}

static bool
build_map(struct tcs_build *b, const struct tcs_ynode *map, uint32_t *node)
{
    struct tcs_nodes list = {0};
    bool ok = true;
    if (map->n == 0)
        return bad(b, map, "an empty map says nothing about the event");
    for (uint32_t i = 0; i < map->n; i++) {
        uint32_t item;
        bool good = build_item(b, map->kids[(size_t)2 * i], map->kids[(size_t)2 * i + 1], &item);
        if (good)
            tcs_sigma_build_add(b, &list, item);
        ok = ok && good;
    }
    *node = tcs_sigma_build_group(b, TCS_N_AND, &list);
    return ok;
}

static bool
build_keyword(struct tcs_build *b, const struct tcs_ynode *v, uint32_t *node)
{
    static const struct tcs_mods none;
    return tcs_sigma_value_build(b, &none, v, node);
}

static bool
build_list(struct tcs_build *b, const struct tcs_ynode *seq, uint32_t *node)
{
    struct tcs_nodes list = {0};
    bool ok = true;
    if (seq->n == 0)
        return bad(b, seq, "an empty list can never match");
    for (uint32_t i = 0; i < seq->n; i++) {
        const struct tcs_ynode *v = seq->kids[i];
        uint32_t item;
        bool good = v->kind == TCS_Y_MAP   ? build_map(b, v, &item)
                    : v->kind == TCS_Y_SEQ ? bad(b, v, "a list cannot hold another list here")
                                           : build_keyword(b, v, &item);
        if (good)
            tcs_sigma_build_add(b, &list, item);
        ok = ok && good;
    }
    *node = tcs_sigma_build_group(b, TCS_N_OR, &list);
    return ok;
}

static bool
build_search(struct tcs_build *b, const struct tcs_ynode *v, uint32_t *node)
{
    if (v->kind == TCS_Y_MAP)
        return build_map(b, v, node);
    if (v->kind == TCS_Y_SEQ)
        return build_list(b, v, node);
    if (v->type == TCS_YT_NULL)
        return bad(b, v, "the search identifier is empty");
    odd(b, v, "a single value: keywords are usually written as a list");
    return build_keyword(b, v, node);
}

static bool
is_one_of(struct tcs_str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tcs_base_str_eq(s, tcs_base_str_of(list[i])))
            return true;
    return false;
}

static void
add_search(struct tcs_build *b, const struct tcs_ynode *key, uint32_t root)
{
    struct tcs_arena *a = b->load->scratch;
    struct tcs_place at = tcs_sigma_load_place(key, 0);
    if (!tcs_base_arena_grow(a, &b->searches, b->nsearches, &b->cap_searches,
                             sizeof *b->searches) ||
        !tcs_base_arena_grow(a, &b->used, b->nsearches, &b->cap_used, sizeof *b->used))
        return;
    b->searches[b->nsearches++] =
        (struct tcs_search){.name = tcs_base_arena_str(b->load->keep, key->text),
                            .root = root,
                            .line = at.line,
                            .col = at.col};
}

void
tcs_sigma_detection_parse(struct tcs_build *b, const struct tcs_ynode *map, const char *const *skip,
                          size_t nskip)
{
    if (map->n > TCS_SEARCHES_MAX + nskip) {
        tcs_sigma_load_error(b->load, tcs_sigma_load_place(map, 0), TCS_WHY_LIMIT,
                             "the rule has %u search identifiers, and %d are allowed", map->n,
                             TCS_SEARCHES_MAX);
        return;
    }
    for (uint32_t i = 0; i < map->n; i++) {
        const struct tcs_ynode *key = map->kids[(size_t)2 * i];
        uint32_t root = 0;
        if (is_one_of(key->text, skip, nskip))
            continue;
        if (tcs_base_str_find(key->text, '|', 0) < key->text.n)
            odd(b, key,
                "modifiers belong to field names; in the name of a search identifier they "
                "have no effect");
        /* a faulty one is entered all the same: the condition may name it */
        (void)build_search(b, map->kids[(size_t)2 * i + 1], &root);
        add_search(b, key, root);
    }
}
