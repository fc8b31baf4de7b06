/* decode/json/record.c - roles to head and canonical fields. */
#include "decode/json/record.h"

#include "base/err.h"
#include "base/invariant.h"
#include "base/num.h"
#include "base/time.h"

#include <stdlib.h>

enum {
    ARENA_MAX = 64 << 20, /* names, unescaped text: less than the record itself */
    UID_MIN = 12, /* shorter is no id, but one word that a masked export has in all records */
};

static const struct tcs_str role_names[] = {
    [TCS_ROLE_PROVIDER] = TCS_STR("Provider_Name"),
    [TCS_ROLE_PROVIDER_GUID] = TCS_STR("Provider_Guid"),
    [TCS_ROLE_EVENT_ID] = TCS_STR("EventID"),
    [TCS_ROLE_VERSION] = TCS_STR("Version"),
    [TCS_ROLE_LEVEL] = TCS_STR("Level"),
    [TCS_ROLE_TASK] = TCS_STR("Task"),
    [TCS_ROLE_OPCODE] = TCS_STR("Opcode"),
    [TCS_ROLE_KEYWORDS] = TCS_STR("Keywords"),
    [TCS_ROLE_RECORD_ID] = TCS_STR("EventRecordID"),
    [TCS_ROLE_TIME] = TCS_STR("TimeCreated"),
    [TCS_ROLE_ACTIVITY] = TCS_STR("Correlation_ActivityID"),
    [TCS_ROLE_PID] = TCS_STR("Execution_ProcessID"),
    [TCS_ROLE_TID] = TCS_STR("Execution_ThreadID"),
    [TCS_ROLE_CHANNEL] = TCS_STR("Channel"),
    [TCS_ROLE_COMPUTER] = TCS_STR("Computer"),
    [TCS_ROLE_USER_ID] = TCS_STR("Security_UserID"),
    [TCS_ROLE_UID] = {NULL, 0}, /* no field of Windows has it */
};
TCS_ROW_FOR_EACH(role_names, TCS_ROLES);

struct tcs_str
tcs_decode_role_name(enum tcs_role role)
{
    return role_names[role];
}

enum tcs_role
tcs_decode_role_of(struct tcs_str name)
{
    for (int i = 0; i < TCS_ROLES; i++)
        if (role_names[i].n && tcs_base_str_eq(role_names[i], name))
            return (enum tcs_role)i;
    return TCS_ROLE_NONE;
}

int
tcs_decode_record_init(struct tcs_record *r, const struct tcs_fieldset *fields)
{
    *r = (struct tcs_record){
        .arena = tcs_base_arena_new(ARENA_MAX),
        .fields = calloc(TCS_FIELDS_MAX, sizeof *r->fields),
    };
    if (!r->arena || !r->fields)
        return -TCS_ENOMEM;
    for (int i = 0; i < TCS_ROLES; i++)
        r->slots[i] = tcs_event_fieldset_find(fields, role_names[i]);
    r->data_slot = tcs_event_fieldset_find(fields, TCS_STR("Data"));
    return 0;
}

void
tcs_decode_record_done(struct tcs_record *r)
{
    tcs_base_arena_free(r->arena);
    free(r->fields);
}

void
tcs_decode_record_begin(struct tcs_record *r)
{
    if (tcs_base_arena_used(r->arena) || tcs_base_arena_failed(r->arena))
        tcs_base_arena_reset(r->arena);
    r->cut = false;
    tcs_decode_record_restart(r);
}

void
tcs_decode_record_restart(struct tcs_record *r)
{
    r->nfields = 0;
    r->have = 0;
    r->like_system = false;
}

void
tcs_decode_record_role(struct tcs_record *r, enum tcs_role role, struct tcs_role_value v)
{
    struct tcs_role_value *cur = &r->roles[role];
    if (v.value.type == TCS_V_NULL)
        return;
    if (!(r->have & 1u << role)) {
        r->have |= 1u << role;
        *cur = v;
        return;
    }
    if (v.rank < cur->rank) {
        struct tcs_role_value lost = *cur;
        *cur = v;
        v = lost;
    } else if (v.rank == cur->rank && !v.kept) { /* the same key twice: a repeated field */
        v.name = role_names[role];
        v.slot = r->slots[role];
    }
    if (!v.kept)
        tcs_decode_record_field(r, v.name, v.slot, v.value);
}

static const struct tcs_value *
role(const struct tcs_record *r, enum tcs_role k)
{
    return r->have & 1u << k ? &r->roles[k].value : NULL;
}

static struct tcs_value
role_text(const struct tcs_record *r, enum tcs_role k)
{
    const struct tcs_value *v = role(r, k);
    return v && v->type == TCS_V_UTF8 ? *v : tcs_event_value_str((struct tcs_str){"", 0});
}

static bool
role_u64(const struct tcs_record *r, enum tcs_role k, uint64_t *ret)
{
    const struct tcs_value *v = role(r, k);
    if (!v)
        return false;
    if (v->type == TCS_V_UTF8)
        return tcs_base_num_u64((struct tcs_str){v->p, v->n}, ret);
    *ret = v->u;
    return v->type == TCS_V_UINT || (v->type == TCS_V_INT && v->i >= 0);
}

int64_t
tcs_decode_record_time(const struct tcs_value *v)
{
    int64_t t;
    double d;
    if (v->type == TCS_V_UTF8 && tcs_base_time_parse((struct tcs_str){v->p, v->n}, &t))
        return t;
    if (v->type == TCS_V_INT || v->type == TCS_V_UINT)
        return v->type == TCS_V_INT && v->i < 0 ? TCS_TIME_NONE
                                                : tcs_base_time_from_epoch((double)v->u);
    if (v->type == TCS_V_REAL || v->type == TCS_V_UTF8)
        return tcs_event_value_number(v, &d) ? tcs_base_time_from_epoch(d) : TCS_TIME_NONE;
    return TCS_TIME_NONE;
}

void
tcs_decode_record_head(struct tcs_record *r, struct tcs_event *ev)
{
    uint64_t u;
    const struct tcs_value *time = role(r, TCS_ROLE_TIME);
    ev->event_id = TCS_EVENT_ID_NONE;
    if (role_u64(r, TCS_ROLE_EVENT_ID, &u) && u < TCS_EVENT_ID_NONE)
        ev->event_id = (uint32_t)u;
    ev->channel = role_text(r, TCS_ROLE_CHANNEL);
    if (role_u64(r, TCS_ROLE_RECORD_ID, &u)) {
        ev->record_id = u;
        ev->flags |= ev->channel.n ? TCS_EVENT_NUMBERED : 0u; /* else: in which log? */
    }
    struct tcs_value uid = role_text(r, TCS_ROLE_UID);
    ev->uid = uid.n >= UID_MIN ? (struct tcs_str){uid.p, uid.n} : (struct tcs_str){0};
    ev->time = time ? tcs_decode_record_time(time) : TCS_TIME_NONE;
    ev->provider = role_text(r, TCS_ROLE_PROVIDER);
    ev->computer = role_text(r, TCS_ROLE_COMPUTER);
}

/* GUIDs as EVTX events have them: upper case, no braces. */
static struct tcs_value
plain_guid(struct tcs_record *r, struct tcs_value v)
{
    if (v.type != TCS_V_UTF8 || v.n != 38 || v.p[0] != '{' || v.p[37] != '}')
        return v;
    char *p = tcs_base_arena_alloc(r->arena, 36);
    for (size_t i = 0; p && i < 36; i++) {
        char c = v.p[i + 1];
        p[i] = c >= 'a' && c <= 'f' ? (char)(c - 'a' + 'A') : c;
    }
    return p ? tcs_event_value_str((struct tcs_str){p, 36}) : v;
}

static struct tcs_value
canonical(struct tcs_record *r, enum tcs_role k, const struct tcs_event *ev)
{
    struct tcs_value v = r->roles[k].value;
    if (k == TCS_ROLE_TIME && ev->time != TCS_TIME_NONE)
        return (struct tcs_value){.type = TCS_V_TIME, .i = ev->time};
    if (k == TCS_ROLE_PROVIDER_GUID || k == TCS_ROLE_ACTIVITY)
        return plain_guid(r, v);
    if (k == TCS_ROLE_KEYWORDS && (v.type == TCS_V_INT || v.type == TCS_V_UINT))
        return (struct tcs_value){.type = TCS_V_HEX, .u = v.u}; /* negative: the mask's top bit */
    return v;
}

/* The fields from `at` on, at most one for each role, to the front. */
static void
move_to_front(struct tcs_record *r, uint32_t at)
{
    struct tcs_field moved[TCS_ROLES];
    size_t n = r->nfields - at;
    memcpy(moved, r->fields + at, n * sizeof *moved);
    memmove(r->fields + n, r->fields, at * sizeof *moved);
    memcpy(r->fields, moved, n * sizeof *moved);
}

void
tcs_decode_record_finish(struct tcs_record *r, struct tcs_event *ev, bool canonical_too)
{
    uint32_t data = r->nfields;
    for (uint32_t left = canonical_too ? r->have : 0; left; left &= left - 1) {
        enum tcs_role k = (enum tcs_role)__builtin_ctz(left);
        tcs_decode_record_field(r, role_names[k], r->slots[k], canonical(r, k, ev));
    }
    if (r->like_system)
        move_to_front(r, data);
    ev->fields = r->fields;
    ev->nfields = r->nfields;
}
