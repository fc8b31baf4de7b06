/* chain/order.c - the order of time.
 *
 * Records of one time stand in an order of what they say of themselves, so that it is the same
 * whatever order they were fed in. */
#include "chain/chain_int.h"

#define ORDER(x, y)                                                                                \
    do {                                                                                           \
        if ((x) != (y))                                                                            \
            return (x) < (y) ? -1 : 1;                                                             \
    } while (0)

/* Numbers of names depend on the order in which they came; what is compared here must not, so it is
 * the names themselves. */
static int
by_name(const struct chain_names *n, uint32_t a, uint32_t b)
{
    return a == b ? 0 : tcs_base_str_cmp(n->at[a].key, n->at[b].key);
}

#define ORDER_NAME(names, x, y)                                                                    \
    do {                                                                                           \
        int order_ = by_name(names, x, y);                                                         \
        if (order_)                                                                                \
            return order_;                                                                         \
    } while (0)

/* Records that say the same of where and when they are: by what they hold, so that which of them
 * comes first does not depend on the order fed. */
static int
by_content_finding(const struct chain_finding *a, const struct chain_finding *b,
                   const struct tcs_chain *c)
{
    ORDER(a->session, b->session);
    ORDER(a->target_session, b->target_session);
    ORDER(a->process, b->process);
    ORDER(a->parent, b->parent);
    ORDER(a->path, b->path);
    ORDER(a->pid, b->pid);
    ORDER(a->flags, b->flags);
    ORDER(a->activity, b->activity);
    ORDER_NAME(&c->e.accounts, a->user, b->user);
    ORDER_NAME(&c->e.accounts, a->target, b->target);
    ORDER_NAME(&c->e.hosts, a->source_host, b->source_host);
    ORDER_NAME(&c->e.addresses, a->source_ip, b->source_ip);
    ORDER_NAME(&c->e.texts, a->object, b->object);
    ORDER_NAME(&c->e.texts, a->image, b->image);
    ORDER_NAME(&c->e.texts, a->unchecked, b->unchecked);
    return 0;
}

static int
by_content_obs(const struct chain_obs *a, const struct chain_obs *b, const struct tcs_chain *c)
{
    ORDER(a->session, b->session);
    ORDER(a->linked, b->linked);
    ORDER(a->process, b->process);
    ORDER(a->parent, b->parent);
    ORDER(a->pid, b->pid);
    ORDER(a->logon_type, b->logon_type);
    ORDER_NAME(&c->e.accounts, a->user, b->user);
    ORDER_NAME(&c->e.accounts, a->target, b->target);
    ORDER_NAME(&c->e.hosts, a->source_host, b->source_host);
    ORDER_NAME(&c->e.hosts, a->dest_host, b->dest_host);
    ORDER_NAME(&c->e.addresses, a->source_ip, b->source_ip);
    ORDER_NAME(&c->e.texts, a->object, b->object);
    return 0;
}

int
chain_order_finding(const void *pa, const void *pb, void *ctx)
{
    const struct chain_finding *a = pa, *b = pb;
    const struct tcs_chain *c = ctx;
    ORDER(a->time, b->time);
    ORDER_NAME(&c->e.hosts, a->host, b->host);
    ORDER_NAME(&c->e.texts, a->channel, b->channel);
    ORDER(a->record, b->record);
    if (a->sig != b->sig)
        return tcs_base_str_cmp(c->sigs[a->sig].s.id, c->sigs[b->sig].s.id);
    ORDER(a->group, b->group);
    ORDER(a->key, b->key);
    ORDER(a->event_id, b->event_id);
    ORDER_NAME(&c->e.texts, a->file, b->file);
    ORDER(a->offset, b->offset);
    return by_content_finding(a, b, c);
}

int
chain_order_obs(const void *pa, const void *pb, void *ctx)
{
    const struct chain_obs *a = pa, *b = pb;
    const struct tcs_chain *c = ctx;
    ORDER(a->time, b->time);
    ORDER_NAME(&c->e.hosts, a->host, b->host);
    ORDER_NAME(&c->e.texts, a->channel, b->channel);
    ORDER(a->record, b->record);
    ORDER(a->kind, b->kind);
    ORDER(a->key, b->key);
    ORDER(a->event_id, b->event_id);
    ORDER_NAME(&c->e.texts, a->file, b->file);
    ORDER(a->offset, b->offset);
    return by_content_obs(a, b, c);
}

/* Fractions of a second, files and places in them are all that copies differ in; the rest is for
 * records that only seem to be the same. */
int
chain_order_finding_copy(const void *pa, const void *pb, void *ctx)
{
    const struct chain_finding *a = pa, *b = pb;
    const struct tcs_chain *c = ctx;
    ORDER(a->time, b->time);
    ORDER_NAME(&c->e.texts, a->file, b->file);
    ORDER(a->offset, b->offset);
    return chain_order_finding(a, b, ctx);
}

int
chain_order_obs_copy(const void *pa, const void *pb, void *ctx)
{
    const struct chain_obs *a = pa, *b = pb;
    const struct tcs_chain *c = ctx;
    ORDER(a->time, b->time);
    ORDER_NAME(&c->e.texts, a->file, b->file);
    ORDER(a->offset, b->offset);
    return chain_order_obs(a, b, ctx);
}
