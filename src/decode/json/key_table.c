/* decode/json/key_table.c - a hash table of names by (parent, key), with guesses for the
 * usual order. */
#include "decode/json/key_table.h"

#include "base/hash.h"
#include "decode/json/schema.h"

#include <stdlib.h>

enum {
    NAMES_MAX = 16384, /* remembered; real logs of all providers stay below 8000 */
    TABLE = 65536, /* sparse: a probe sequence longer than PROBES is an attack or a full table */
    PROBES = 16,
    ARENA_MAX = NAMES_MAX * 1024,
};

struct tcs_names {
    const struct tcs_fieldset *fields;
    struct tcs_arena *arena, *overflow;
    struct tcs_name *roots[TCS_SCHEMAS_MAX + 1];
    struct tcs_name **table;
    uint32_t count;
};

struct tcs_names *
tcs_decode_keys_new(const struct tcs_fieldset *fields, struct tcs_arena *overflow)
{
    struct tcs_names *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->fields = fields;
    t->overflow = overflow;
    t->arena = tcs_base_arena_new(ARENA_MAX);
    t->table = calloc(TABLE, sizeof(struct tcs_name *));
    if (!t->arena || !t->table) {
        tcs_decode_keys_free(t);
        return NULL;
    }
    for (size_t i = 0; i <= TCS_SCHEMAS_MAX; i++) {
        struct tcs_name *root = tcs_base_arena_zalloc(t->arena, sizeof *root);
        if (!root) {
            tcs_decode_keys_free(t);
            return NULL;
        }
        root->hash = tcs_base_hash_mix(tcs_base_hash_secret(), i);
        root->lasting = true;
        t->roots[i] = root;
    }
    return t;
}

void
tcs_decode_keys_free(struct tcs_names *t)
{
    if (!t)
        return;
    tcs_base_arena_free(t->arena);
    free(t->table);
    free(t);
}

struct tcs_name *
tcs_decode_keys_root(struct tcs_names *t, const struct tcs_schema *schema)
{
    struct tcs_name *root = t->roots[schema ? schema->index : TCS_SCHEMAS_MAX];
    root->schema = schema;
    return root;
}

static struct tcs_str
join_path(struct tcs_arena *a, struct tcs_str parent, struct tcs_str key)
{
    if (parent.n == 0)
        return tcs_base_arena_str(a, key);
    char *p = tcs_base_arena_alloc(a, parent.n + 1 + key.n);
    if (!p)
        return (struct tcs_str){NULL, 0};
    memcpy(p, parent.p, parent.n);
    p[parent.n] = '.';
    memcpy(p + parent.n + 1, key.p, key.n);
    return (struct tcs_str){p, parent.n + 1 + key.n};
}

/* "Header_1" -> "Header"; the whole key when it has no number. */
static struct tcs_str
without_number(struct tcs_str key)
{
    size_t n = key.n;
    while (n && key.p[n - 1] >= '0' && key.p[n - 1] <= '9')
        n--;
    return n > 1 && n < key.n && key.p[n - 1] == '_' ? tcs_base_str_slice(key, 0, n - 1) : key;
}

static struct tcs_name *
new_name(struct tcs_names *t, struct tcs_name *parent, struct tcs_str key, bool lasting)
{
    struct tcs_arena *a = lasting ? t->arena : t->overflow;
    struct tcs_name *n = tcs_base_arena_zalloc(a, sizeof *n);
    if (!n)
        return NULL;
    n->path = join_path(a, parent->path, key);
    if (!n->path.p && key.n)
        return NULL;
    n->key = tcs_base_str_slice(n->path, n->path.n - key.n, n->path.n);
    n->field = n->path;
    n->parent = parent;
    n->schema = parent->schema;
    n->role = TCS_ROLE_NONE;
    n->lasting = lasting;
    if (n->schema)
        n->schema->map(n->schema, n, a);
    else
        tcs_decode_schema_marks(n->key, n->marks, &n->telling);
    n->slot = tcs_event_fieldset_find(t->fields, n->field);
    n->like_system = n->role == TCS_ROLE_NONE && tcs_decode_role_of(n->field) != TCS_ROLE_NONE;
    return n;
}

/* The entry for (parent, key): filled, empty, or NULL when neither is near. */
static struct tcs_name **
probe(struct tcs_names *t, const struct tcs_name *parent, struct tcs_str key, uint64_t hash)
{
    for (uint32_t i = 0; i < PROBES; i++) {
        struct tcs_name **at = &t->table[(hash + i) % TABLE];
        const struct tcs_name *n = *at;
        if (!n || (n->hash == hash && n->parent == parent && tcs_base_str_eq(n->key, key)))
            return at;
    }
    return NULL;
}

/* "X_1" beside "X" is how evtx_dump writes a repeated element. */
static bool
find_base(struct tcs_names *t, struct tcs_name *n)
{
    struct tcs_str base = without_number(n->key);
    if (!n->schema || n->schema->map != tcs_decode_schema_map_event || base.n == n->key.n)
        return true;
    n->base = tcs_decode_keys_find(t, n->parent, base);
    return n->base && (n->base->lasting || !n->lasting);
}

/* NOLINTNEXTLINE(misc-no-recursion): find_base comes back with a shorter key without a number */
struct tcs_name *
tcs_decode_keys_find(struct tcs_names *t, struct tcs_name *parent, struct tcs_str key)
{
    if (parent->path.n + 1 + key.n > TCS_FIELD_NAME_MAX)
        return NULL;
    uint64_t hash = tcs_base_hash(key.p, key.n, parent->hash);
    struct tcs_name **at = parent->lasting ? probe(t, parent, key, hash) : NULL;
    if (at && *at)
        return *at;
    bool room = at && t->count < NAMES_MAX;
    struct tcs_name *n = new_name(t, parent, key, room);
    if (!n && room)
        n = new_name(t, parent, key, room = false);
    if (!n)
        return NULL;
    n->hash = hash;
    if (!find_base(t, n))
        return NULL;
    if (room && !*at) {
        *at = n;
        t->count++;
    }
    return n;
}

struct tcs_name *
tcs_decode_keys_as(struct tcs_names *t, struct tcs_name *n, const struct tcs_schema *schema)
{
    struct tcs_name *as = n->as[schema->index];
    if (as)
        return as;
    as = tcs_decode_keys_find(t, tcs_decode_keys_root(t, schema), n->key);
    if (as && (as->lasting || !n->lasting))
        n->as[schema->index] = as;
    return as;
}
