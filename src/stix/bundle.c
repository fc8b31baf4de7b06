/* stix/bundle.c - JSON text -> objects and links between them.
 *
 * Bundles come from others: every object may be malformed, and what is malformed is passed over as
 * if it were not there; only a text that is no bundle at all is refused.  Not here: which
 * techniques make a profile (profile.c). */
#include "stix/bundle.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"

#include <jansson.h>
#include <stdlib.h>

struct tcs_stix_bundle {
    struct tcs_arena *arena;
    struct tcs_map ids; /* STIX id -> object */
    struct tcs_stix_object *objects;
    struct tcs_stix_link *links;
    uint32_t nobjects, nlinks, capobjects, caplinks;
};

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory while reading a STIX bundle");
}

/* Empty if it is no string; lives as long as the document. */
static struct tcs_str
text(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) ? (struct tcs_str){json_string_value(v), json_string_length(v)}
                             : (struct tcs_str){0};
}

static int64_t
when(const json_t *o)
{
    int64_t t;
    return tcs_base_time_parse(text(o, "modified"), &t) ? t : TCS_TIME_NONE;
}

static bool
withdrawn(const json_t *o)
{
    return json_is_true(json_object_get(o, "revoked")) ||
           json_is_true(json_object_get(o, "x_mitre_deprecated"));
}

static uint8_t
kind_of(struct tcs_str type)
{
    static const struct {
        struct tcs_str type;
        uint8_t kind;
    } kinds[] = {
        {{"intrusion-set", 13}, TCS_STIX_SET},      {{"campaign", 8}, TCS_STIX_CAMPAIGN},
        {{"malware", 7}, TCS_STIX_SOFTWARE},        {{"tool", 4}, TCS_STIX_SOFTWARE},
        {{"attack-pattern", 14}, TCS_STIX_PATTERN},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (tcs_base_str_eq(kinds[i].type, type))
            return kinds[i].kind;
    return TCS_STIX_OTHER;
}

/* Adds a copy, once; beyond TCS_STIX_REFS_MAX no more. */
static void
add_text(struct tcs_arena *a, struct tcs_str **list, uint32_t *n, struct tcs_str s)
{
    if (!s.n || *n >= TCS_STIX_REFS_MAX)
        return;
    if (!*list)
        *list = tcs_base_arena_array(a, TCS_STIX_REFS_MAX, sizeof **list);
    for (uint32_t i = 0; i < *n; i++)
        if (tcs_base_str_eq((*list)[i], s))
            return;
    if (*list)
        (*list)[(*n)++] = tcs_base_arena_str(a, s);
}

static bool
from_attack(const json_t *reference)
{
    return tcs_base_str_eq(text(reference, "source_name"), TCS_STR("mitre-attack"));
}

/* "AA22-264A", "ATT&CK G0059"; empty if the reference has no id. */
static struct tcs_str
source(struct tcs_arena *a, const json_t *reference)
{
    struct tcs_str id = text(reference, "external_id");
    if (id.n && from_attack(reference))
        return tcs_base_arena_printf(a, "ATT&CK %.64s", id.p);
    return id;
}

static void
references_of_object(struct tcs_arena *a, struct tcs_stix_object *to, const json_t *o)
{
    const json_t *list = json_object_get(o, "external_references");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        if (!to->external.n && from_attack(r))
            to->external = tcs_base_arena_str(a, text(r, "external_id"));
        add_text(a, &to->sources, &to->nsources, source(a, r));
    }
}

static void
references_of_link(struct tcs_arena *a, struct tcs_stix_link *to, const json_t *o)
{
    const json_t *list = json_object_get(o, "external_references");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        struct tcs_str s = source(a, r);
        s = s.n ? s : text(r, "url");
        add_text(a, &to->references, &to->nreferences, s.n ? s : text(r, "source_name"));
    }
}

static int
add_object(struct tcs_stix_bundle *b, const json_t *o, struct tcs_err *err)
{
    struct tcs_arena *a = b->arena;
    struct tcs_str id = text(o, "id");
    uint8_t kind = kind_of(text(o, "type"));
    if (kind == TCS_STIX_OTHER || !id.n || withdrawn(o) ||
        tcs_base_map_get(&b->ids, id) != TCS_MAP_NONE)
        return 0;
    if (!tcs_base_arena_grow(a, &b->objects, b->nobjects, &b->capobjects, sizeof *b->objects))
        return no_memory(err);
    struct tcs_stix_object *to = &b->objects[b->nobjects];
    *to = (struct tcs_stix_object){
        .kind = kind,
        .id = tcs_base_arena_str(a, id),
        .name = tcs_base_arena_str(a, text(o, "name")),
        .modified = when(o),
    };
    const json_t *aliases = json_object_get(o, "aliases");
    for (size_t i = 0; i < json_array_size(aliases); i++) {
        const json_t *s = json_array_get(aliases, i);
        if (json_is_string(s))
            add_text(a, &to->aliases, &to->naliases,
                     (struct tcs_str){json_string_value(s), json_string_length(s)});
    }
    references_of_object(a, to, o);
    return tcs_base_map_put(&b->ids, to->id, b->nobjects++) < 0 ? no_memory(err) : 0;
}

static int
add_link(struct tcs_stix_bundle *b, const json_t *o, struct tcs_err *err)
{
    struct tcs_str kind = text(o, "relationship_type");
    bool attributed = tcs_base_str_eq(kind, TCS_STR("attributed-to"));
    if (!tcs_base_str_eq(text(o, "type"), TCS_STR("relationship")) || withdrawn(o) ||
        !(attributed || tcs_base_str_eq(kind, TCS_STR("uses"))))
        return 0;
    uint32_t from = tcs_base_map_get(&b->ids, text(o, "source_ref"));
    uint32_t to = tcs_base_map_get(&b->ids, text(o, "target_ref"));
    if (from == TCS_MAP_NONE || to == TCS_MAP_NONE)
        return 0;
    if (!tcs_base_arena_grow(b->arena, &b->links, b->nlinks, &b->caplinks, sizeof *b->links))
        return no_memory(err);
    struct tcs_stix_link *link = &b->links[b->nlinks++];
    *link = (struct tcs_stix_link){attributed, from, to, NULL, 0, when(o)};
    references_of_link(b->arena, link, o);
    return 0;
}

/* Relationships may stand before what they relate: two passes. */
static int
read_objects(struct tcs_stix_bundle *b, const json_t *list, struct tcs_err *err)
{
    int r = 0;
    if (json_array_size(list) > TCS_STIX_OBJECTS_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "the bundle has more than %d objects",
                             TCS_STIX_OBJECTS_MAX);
    for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
        r = add_object(b, json_array_get(list, i), err);
    for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
        r = add_link(b, json_array_get(list, i), err);
    return r < 0 ? r : tcs_base_arena_failed(b->arena) ? no_memory(err) : 0;
}

static int
parse(struct tcs_str json, json_t **ret, struct tcs_err *err)
{
    json_error_t e;
    if (json.n > TCS_STIX_BUNDLE_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "a STIX bundle of more than %d MiB",
                             TCS_STIX_BUNDLE_MAX >> 20);
    json_t *root = json_loadb(json.p ? json.p : "", json.n, JSON_REJECT_DUPLICATES, &e);
    if (!root) {
        int r = tcs_base_fail(err, TCS_EPARSE, "not JSON: line %d: %.150s", e.line, e.text);
        if (err) {
            err->line = e.line > 0 ? (uint32_t)e.line : 0;
            err->col = e.column > 0 ? (uint32_t)e.column : 0;
        }
        return r;
    }
    if (!tcs_base_str_eq(text(root, "type"), TCS_STR("bundle")) ||
        !json_is_array(json_object_get(root, "objects"))) {
        json_decref(root);
        return tcs_base_fail(err, TCS_EPARSE,
                             "not a STIX bundle: no \"type\": \"bundle\" with objects");
    }
    *ret = root;
    return 0;
}

void
tcs_stix_seed(void)
{
    json_object_seed(0);
}

int
tcs_stix_bundle_new(struct tcs_str json, struct tcs_stix_bundle **ret, struct tcs_err *err)
{
    json_t *root = NULL;
    int r = parse(json, &root, err);
    if (r < 0)
        return r;
    struct tcs_stix_bundle *b = calloc(1, sizeof *b);
    if (b)
        b->arena = tcs_base_arena_new(0);
    r = b && b->arena ? read_objects(b, json_object_get(root, "objects"), err) : no_memory(err);
    json_decref(root);
    if (r < 0)
        tcs_stix_bundle_free(b);
    else
        *ret = b;
    return r;
}

void
tcs_stix_bundle_free(struct tcs_stix_bundle *b)
{
    if (!b)
        return;
    tcs_base_arena_free(b->arena);
    tcs_base_map_done(&b->ids);
    free(b);
}

const struct tcs_stix_object *
tcs_stix_objects(const struct tcs_stix_bundle *b, uint32_t *n)
{
    *n = b->nobjects;
    return b->objects;
}

const struct tcs_stix_link *
tcs_stix_links(const struct tcs_stix_bundle *b, uint32_t *n)
{
    *n = b->nlinks;
    return b->links;
}
