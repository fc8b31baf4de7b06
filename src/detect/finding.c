/* detect/finding.c - what outlives the batch. */
#include "detect/finding.h"

enum { NAME_MAX_BYTES = 256 }; /* of a host, account or channel in a summary */

static struct tcs_str
keep_text(const struct tcs_value *v, struct tcs_arena *a)
{
    struct tcs_str s = tcs_str_slice(tcs_value_text(v, a), 0, NAME_MAX_BYTES);
    return tcs_arena_str(a, s);
}

struct tcs_str
tcs_account_keep(struct tcs_identity_account who, struct tcs_arena *a)
{
    struct tcs_str domain = tcs_str_slice(who.domain, 0, NAME_MAX_BYTES);
    struct tcs_str name = tcs_str_slice(who.name, 0, NAME_MAX_BYTES);
    if (!domain.n)
        return tcs_arena_str(a, name);
    char *p = tcs_arena_alloc(a, domain.n + 1 + name.n);
    if (!p)
        return (struct tcs_str){0};
    memcpy(p, domain.p, domain.n);
    p[domain.n] = '\\';
    memcpy(p + domain.n + 1, name.p, name.n);
    return (struct tcs_str){p, domain.n + 1 + name.n};
}

void
tcs_finding_keep(struct tcs_hunt_finding *f, const struct tcs_event *ev, const struct tcs_hit *hit,
                 const struct tcs_identity *who, struct tcs_arena *a)
{
    *f = (struct tcs_hunt_finding){
        .rule = hit->rule,
        .event_id = ev->event_id,
        .flags = ev->flags,
        .time = ev->time,
        .offset = ev->offset,
        .record_id = ev->record_id,
        .origin = ev->origin,
        .view = hit->view,
        .host = keep_text(&ev->computer, a),
        .account = tcs_account_keep(tcs_identity_account(who), a),
        .channel = keep_text(&ev->channel, a),
        .key = tcs_identity_key(ev, a),
    };
}
