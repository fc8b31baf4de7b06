/* chain/join_reasons.c - why detections are one incident, and why others near it are not, in words.
 *
 * In: the reasons the engine noted.  Out: the incident's joins, each a sentence without a full
 * stop. */
#include "chain/chain_int.h"

#include "base/invariant.h"
#include "base/time.h"

#include <stdlib.h>

static void
short_host(struct tcs_buf *b, struct tcs_str host)
{
    tcs_base_buf_str(b, tcs_chain_host_short(host));
}

static void
put_ago(struct tcs_buf *b, int64_t ticks)
{
    int64_t s = ticks / TCS_TICKS_PER_SEC, days = s / 86400;
    if (days >= 2)
        tcs_base_buf_printf(b, "%lld days", (long long)days);
    else if (s >= 7200)
        tcs_base_buf_printf(b, "%lld hours", (long long)(s / 3600));
    else if (s >= 120)
        tcs_base_buf_printf(b, "%lld minutes", (long long)(s / 60));
    else
        tcs_base_buf_printf(b, "%lld seconds", (long long)s);
}

struct told {
    const struct chain_det *d, *to; /* to may be NULL */
    struct tcs_str host, account, from, address, file;
};

static void
put_who(struct tcs_buf *b, const struct told *t)
{
    tcs_base_buf_str(b, t->account.n ? t->account : TCS_STR("an account that is not named"));
}

/* One sentence without a full stop. */
static void
put_why(struct tcs_buf *b, enum chain_why why, const struct told *t)
{
    switch (why) {
    case WHY_GROUP:
        tcs_buf_lit(b, "part of the same correlation");
        return;
    case WHY_SESSION:
        tcs_buf_lit(b, "same logon session");
        if (t->d->luid)
            tcs_base_buf_printf(b, " 0x%llx", (unsigned long long)t->d->luid);
        tcs_buf_lit(b, " on ");
        short_host(b, t->host);
        return;
    case WHY_PROCESS:
        tcs_buf_lit(b, "same process on ");
        short_host(b, t->host);
        return;
    case WHY_PARENT:
        tcs_buf_lit(b, "begun by a process of the incident on ");
        short_host(b, t->host);
        return;
    case WHY_HOST_ACCOUNT:
        put_who(b, t);
        tcs_buf_lit(b, " on ");
        short_host(b, t->host);
        tcs_buf_lit(b, ", within a day");
        return;
    case WHY_LOGON_FROM:
        tcs_buf_lit(b, "session of ");
        put_who(b, t);
        tcs_buf_lit(b, " came from ");
        short_host(b, t->from);
        return;
    case WHY_ADDRESS_ACCOUNT:
        put_who(b, t);
        tcs_buf_lit(b, " from ");
        tcs_base_buf_str(b, t->address);
        return;
    case WHY_ADDRESS_HOST:
        tcs_base_buf_str(b, t->address);
        tcs_buf_lit(b, " to ");
        short_host(b, t->host);
        tcs_buf_lit(b, ", within a day");
        return;
    case WHY_FILE:
        tcs_buf_lit(b, "runs or uses the file that was written: ");
        tcs_base_buf_str(b, t->file);
        return;
    case WHY_MADE_ACCOUNT:
        tcs_buf_lit(b, "account ");
        put_who(b, t);
        tcs_buf_lit(b, " was made or given rights in the incident");
        return;
    case WHY_ALERT_HOST:
        tcs_buf_lit(b, "new on ");
        short_host(b, t->host);
        tcs_buf_lit(b, " within an hour of it");
        return;
    case WHY_STOLEN:
        put_who(b, t);
        tcs_buf_lit(b, " came from ");
        short_host(b, t->from);
        tcs_buf_lit(b, ", where credentials had been read");
        return;
    case WHY_SWEEP:
        tcs_buf_lit(b, "the same on another host within two minutes");
        return;
    case WHY_REMEMBERED:
    case WHY_LONG_AGO:
    case WHY_TWO_WEAK:
    case WHY_ACCOUNT:
    case WHY_HOST:
    case WHY_ADDRESS:
    case WHY_DEGREE:
    case WHYS:
        return; /* put_remembered, put_weak */
    }
}

static void
put_weak(struct tcs_buf *b, enum chain_why why, const struct told *t, bool joined)
{
    static const char *const more[] = {
        [WHY_TWO_WEAK] = "same names agree in two ways, and the course goes on",
        [WHY_ACCOUNT] = "same account, but nothing else agrees",
        [WHY_HOST] = "same host, but nothing else agrees",
        [WHY_ADDRESS] = "same address, but nothing else agrees",
        [WHY_DEGREE] = "the name they share is in too many incidents to mean anything",
    };
    TCS_ROW_FOR_EACH(more, WHYS);
    if (why != WHY_LONG_AGO) {
        tcs_base_buf_str(b, tcs_base_str_of(more[why]));
        return;
    }
    tcs_base_buf_str(b, joined ? TCS_STR("earlier, ") : TCS_STR("earlier, weak link, "));
    put_ago(b, t->to ? t->d->time - t->to->time : 0);
    tcs_buf_lit(b, " before: ");
    if (t->account.n && t->to && t->to->actor == t->d->actor) {
        tcs_base_buf_str(b, t->account);
        if (t->to->place == t->d->place)
            tcs_buf_lit(b, " on ");
    }
    if (t->to && t->to->place == t->d->place)
        short_host(b, t->host);
}

static void
put_remembered(const struct tcs_chain *c, struct tcs_buf *b, const struct chain_reason *r)
{
    const struct chain_earlier *e = &c->earlier[r->other];
    tcs_buf_lit(b, "earlier, weak link, ");
    put_ago(b, r->time - e->last);
    tcs_buf_lit(b, " before, in records that are no longer kept: ");
    if (e->account)
        tcs_base_buf_str(b, chain_shown(&c->e.accounts, e->id));
    else
        short_host(b, chain_shown(&c->e.hosts, e->id));
}

static struct tcs_str
reason_text(struct tcs_chain *c, const struct chain_reason *r)
{
    struct tcs_buf b = {0};
    const struct chain_det *d = &c->dets[r->det];
    const struct told t = {
        .d = d,
        .to = r->to == UINT32_MAX ? NULL : &c->dets[r->to],
        .host = chain_shown(&c->e.hosts, d->place ? d->place : d->host),
        .account = chain_shown(&c->e.accounts, d->actor),
        .from = chain_shown(&c->e.hosts, d->from),
        .address = chain_shown(&c->e.addresses, d->from_ip),
        .file = r->to == UINT32_MAX ? (struct tcs_str){0}
                                    : chain_shown(&c->e.texts, c->dets[r->to].object),
    };
    if (r->why == WHY_REMEMBERED)
        put_remembered(c, &b, r);
    else if (r->why >= WHY_LONG_AGO)
        put_weak(&b, (enum chain_why)r->why, &t, r->kind == TCS_JOINED);
    else
        put_why(&b, (enum chain_why)r->why, &t);
    return chain_keep(c, &b);
}

static uint32_t
link_index(const struct tcs_chain *c, const struct chain_inc *in, uint32_t det)
{
    if (det == UINT32_MAX)
        return UINT32_MAX;
    const struct chain_det *d = &c->dets[det];
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct chain_det *p = &c->dets[in->links[i].det];
        if (p->sig == d->sig && p->host == d->host && p->actor == d->actor)
            return i;
    }
    return UINT32_MAX;
}

/* The arrow of a join between hosts. */
static void
put_arrow(const struct tcs_chain *c, const struct chain_reason *r, struct tcs_join *j)
{
    const struct chain_det *d = &c->dets[r->det];
    uint32_t to = d->place ? d->place : d->host;
    if (r->kind != TCS_JOINED || !d->from || d->from == to)
        return;
    j->from_host = chain_shown(&c->e.hosts, d->from);
    j->to_host = chain_shown(&c->e.hosts, to);
}

static bool
said(const struct tcs_incident *out, const struct tcs_join *j)
{
    for (uint32_t i = 0; i < out->njoins; i++) {
        const struct tcs_join *k = &out->joins[i];
        if (k->kind == j->kind && k->link == j->link && tcs_base_str_eq(k->reason, j->reason) &&
            tcs_base_str_eq(k->other, j->other))
            return true;
    }
    return false;
}

static int
by_time(const void *pa, const void *pb)
{
    const struct chain_reason *a = pa, *b = pb;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->det != b->det)
        return a->det < b->det ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

static bool
became_one(const struct tcs_chain *c, const struct chain_inc *in, const struct chain_reason *r)
{
    return r->kind != TCS_JOINED && r->why != WHY_REMEMBERED && chain_root(c, r->other) == in;
}

/* The incident that is related, and the record in it that the name was seen in. */
static void
put_other(struct tcs_chain *c, const struct chain_reason *r, struct tcs_join *j)
{
    char id[TCS_INCIDENT_ID + 1];
    if (r->why == WHY_REMEMBERED) {
        j->other = chain_shown(&c->e.texts, c->earlier[r->other].incident);
        return;
    }
    chain_put_id(c, chain_root(c, r->other), id);
    j->other = tcs_base_arena_str(c->arena, tcs_base_str_of(id));
    j->evidence = chain_det_evidence(c, &c->dets[r->to]);
}

bool
chain_put_joins(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out)
{
    if (in->nreasons)
        qsort(in->reasons, in->nreasons, sizeof *in->reasons, by_time);
    out->joins = tcs_base_arena_array(c->arena, in->nreasons + 1u, sizeof *out->joins);
    if (!out->joins)
        return false;
    for (uint32_t i = 0; i < in->nreasons; i++) {
        const struct chain_reason *r = &in->reasons[i];
        struct tcs_join j = {.kind = r->kind,
                             .strength = r->strength,
                             .time = r->time,
                             .link = link_index(c, in, r->det),
                             .to = link_index(c, in, r->to)};
        if (became_one(c, in, r))
            continue;
        if (r->kind == TCS_JOINED && j.link == j.to)
            continue; /* one more of the same */
        j.reason = reason_text(c, r);
        if (r->kind != TCS_JOINED)
            put_other(c, r, &j);
        put_arrow(c, r, &j);
        if (!said(out, &j))
            out->joins[out->njoins++] = j;
    }
    return true;
}
