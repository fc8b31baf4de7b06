/* decode/json/schema_event.c - names of an XML event's elements and attributes, whatever carries
 * it.
 *
 *   evtx_dump       {"Event":{"System":{"Provider":{"#attributes":{"Name":..}},..},"EventData":..
 *                   also with --separate-json-attributes: "Provider_attributes":{"Name":..}
 *   XML to JSON     {"Event":{"System":{"Provider":{"@Name":..}},"EventData":{"Data":[{"@Name":..
 *   bare            {"System":{"Provider":{"Name":..},"EventID":{"Value":1}},"EventData":{..}}
 *
 * Result: the field names of event/event.h.  Namespace declarations are no fields. */
#include "decode/json/schema.h"

enum section {
    AT_ROOT,
    AT_EVENT,       /* below Event */
    AT_SYSTEM,      /* below System: its elements */
    AT_SYSTEM_ELEM, /* below an element of System */
    AT_DATA,        /* below EventData, UserData and their like */
    AT_ELEM,        /* below an element of those */
    AT_ATTRS,       /* below "#attributes" */
};

static const struct tcs_str attributes_suffix = TCS_STR("_attributes");

static void
to_skip(struct tcs_name *n)
{
    n->kind = TCS_NAME_SKIP;
    n->field = (struct tcs_str){"", 0};
}

/* What a leaf here is called; the System's names are roles. */
static void
to_field(const struct tcs_schema *schema, struct tcs_name *n, struct tcs_str field, bool system)
{
    n->field = field;
    enum tcs_role role = system && schema->canonical ? tcs_decode_role_of(field) : TCS_ROLE_NONE;
    if (system && tcs_base_str_eq(field, TCS_STR("TimeCreated_SystemTime")))
        role = TCS_ROLE_TIME;
    if (system && tcs_base_str_eq(field, TCS_STR("Provider")))
        role = TCS_ROLE_PROVIDER;
    n->role = (uint8_t)role;
}

static void
to_attribute(const struct tcs_schema *schema, struct tcs_name *n, struct tcs_str name, bool system,
             struct tcs_arena *a)
{
    if (tcs_base_str_starts(name, TCS_STR("xmlns"))) {
        to_skip(n);
        return;
    }
    struct tcs_str elem = n->parent->elem;
    char *p = tcs_base_arena_alloc(a, elem.n + 1 + name.n);
    if (!p) {
        to_skip(n);
        return;
    }
    if (elem.n) /* System and EventData have none */
        memcpy(p, elem.p, elem.n);
    p[elem.n] = '_';
    memcpy(p + elem.n + 1, name.p, name.n);
    struct tcs_str field = {p, elem.n + 1 + name.n};
    if (system && tcs_base_str_ieq(field, TCS_STR("Security_UserID"))) /* Linux writes UserId */
        field = tcs_decode_role_name(TCS_ROLE_USER_ID);
    to_field(schema, n, field, system);
}

/* An element's local name: the prefix of a namespace falls off. */
static struct tcs_str
local_name(struct tcs_str key)
{
    size_t colon = tcs_base_str_find(key, ':', 0);
    return colon + 1 < key.n ? tcs_base_str_slice(key, colon + 1, key.n) : key;
}

/* An element below System or below EventData. */
static void
map_element(const struct tcs_schema *schema, struct tcs_name *n, bool system)
{
    n->elem = local_name(n->key);
    n->section = system ? AT_SYSTEM_ELEM : AT_ELEM;
    if (tcs_base_str_ends(n->elem, attributes_suffix)) {
        n->elem = tcs_base_str_slice(n->elem, 0, n->elem.n - attributes_suffix.n);
        n->section = AT_ATTRS;
    }
    to_field(schema, n, n->elem, system);
    if (!system && (tcs_base_str_eq(n->key, TCS_STR("Data")) ||
                    tcs_base_str_eq(n->key, TCS_STR("ComplexData")))) {
        n->kind = TCS_NAME_DATA;
        n->field = TCS_STR("Data");
    }
}

static bool
is_container(struct tcs_str key)
{
    static const struct tcs_str words[] = {TCS_STR("EventData"), TCS_STR("UserData"),
                                           TCS_STR("RenderingInfo"), TCS_STR("DebugData"),
                                           TCS_STR("ProcessingErrorData")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tcs_base_str_eq(key, words[i]))
            return true;
    return false;
}

static void
map_top(struct tcs_name *n, bool root)
{
    if (root && tcs_base_str_eq(n->key, TCS_STR("Event"))) {
        n->section = AT_EVENT;
    } else if (tcs_base_str_eq(n->key, TCS_STR("System"))) {
        n->section = AT_SYSTEM;
    } else if (is_container(n->key)) {
        n->section = AT_DATA;
        n->elem = n->key;
    } else if (!root || tcs_base_str_eq(n->key, TCS_STR("Event_attributes")) ||
               tcs_base_str_starts(n->key, TCS_STR("xmlns")) || n->key.p[0] == '@' ||
               n->key.p[0] == '#') {
        to_skip(n);
    } else {
        n->section = AT_ELEM; /* what a tool put beside the event */
    }
    n->no_null = n->section != AT_ELEM;
}

static void
map_below(const struct tcs_schema *schema, struct tcs_name *n, bool system, struct tcs_arena *a)
{
    const struct tcs_name *up = n->parent;
    if (tcs_base_str_eq(n->key, TCS_STR("#attributes"))) {
        n->section = AT_ATTRS;
        n->elem = up->elem;
    } else if (tcs_base_str_eq(n->key, TCS_STR("#text")) ||
               (system && tcs_base_str_eq(n->key, TCS_STR("Value")))) {
        to_field(schema, n, up->elem, system);
    } else if (n->key.n > 1 && n->key.p[0] == '@') {
        to_attribute(schema, n, tcs_base_str_slice(n->key, 1, n->key.n), system, a);
    } else if (system) {
        to_attribute(schema, n, n->key, true, a);
    } else {
        map_element(schema, n, false);
    }
}

static bool
below_system(const struct tcs_name *n)
{
    for (; n; n = n->parent)
        if (n->section == AT_SYSTEM)
            return true;
    return false;
}

void
tcs_decode_schema_map_event(const struct tcs_schema *schema, struct tcs_name *n,
                            struct tcs_arena *a)
{
    switch ((enum section)n->parent->section) {
    case AT_ROOT:
    case AT_EVENT:
        map_top(n, n->parent->section == AT_ROOT);
        return;
    case AT_SYSTEM:
        map_element(schema, n, true);
        return;
    case AT_SYSTEM_ELEM:
        map_below(schema, n, true, a);
        return;
    case AT_DATA:
    case AT_ELEM:
        map_below(schema, n, false, a);
        return;
    case AT_ATTRS:
        to_attribute(schema, n, n->key, below_system(n->parent), a);
        return;
    }
}
