/* decode/json/builder.c - values under names to fields and roles, records to the sink. */
#include "decode/json/builder.h"

#include <stdlib.h>

struct tcs_builder *
tcs_decode_builder_new(const struct tcs_decode_opts *opts)
{
    struct tcs_builder *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    const struct tcs_fieldset *fields = opts ? opts->fields : NULL;
    if (tcs_decode_record_init(&b->rec, fields) < 0 ||
        !(b->names = tcs_decode_keys_new(fields, b->rec.arena))) {
        tcs_decode_builder_free(b);
        return NULL;
    }
    return b;
}

void
tcs_decode_builder_free(struct tcs_builder *b)
{
    if (!b)
        return;
    tcs_decode_keys_free(b->names);
    tcs_decode_record_done(&b->rec);
    free(b);
}

void
tcs_decode_builder_value(struct tcs_builder *b, const struct tcs_name *n, struct tcs_value v)
{
    if (n->kind == TCS_NAME_SKIP || (v.type == TCS_V_NULL && n->no_null))
        return;
    if (n->role != TCS_ROLE_NONE) {
        struct tcs_role_value rv = {
            .value = v, .name = n->field, .slot = n->slot, .rank = n->rank, .kept = n->keep};
        tcs_decode_record_role(&b->rec, (enum tcs_role)n->role, rv);
    }
    b->rec.like_system |= n->like_system;
    if (n->role == TCS_ROLE_NONE || n->keep)
        tcs_decode_record_field(&b->rec, n->field, n->slot, v);
    if (n->kind == TCS_NAME_PARAM)
        tcs_decode_record_field(&b->rec, TCS_STR("Data"), b->rec.data_slot, v);
}

static void
too_many(const struct tcs_event *ev, const struct tcs_sink *sink)
{
    struct tcs_problem p = {
        .cause = TCS_CAUSE_RECORD_LIMIT,
        .offset = ev->offset,
        .msg = "a record has too many fields or too long names; the rest of it was not read",
    };
    if (sink->problem)
        sink->problem(sink->ctx, ev->origin, &p);
}

void
tcs_decode_builder_send(struct tcs_builder *b, const struct tcs_schema *schema,
                        struct tcs_event *ev, const struct tcs_sink *sink,
                        struct tcs_decode_stats *stats)
{
    struct tcs_record *r = &b->rec;
    ev->product = schema->product;
    ev->service = schema->service;
    ev->schema = schema->name;
    tcs_decode_record_head(r, ev);
    if (tcs_base_arena_failed(r->arena))
        r->cut = true;
    if (r->cut)
        too_many(ev, sink);
    stats->events++;
    if (sink->want && sink->want(sink->ctx, ev) == TCS_WANT_NOTHING)
        return;
    tcs_decode_record_finish(r, ev, schema->canonical);
    sink->event(sink->ctx, ev);
}
