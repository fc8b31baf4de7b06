/* report/incident_json.c - the contract for machines.  In: an incident.  Out: one line of JSON. */
#include "report/incident_json.h"

#include "attack/level.h"
#include "base/invariant.h"
#include "base/json_out.h"
#include "event/event.h"

/* {"name":[...]} */
static void
put_named(struct tcs_jo *j, const char *object, const char *key, const struct tcs_str *list,
          uint32_t n)
{
    if (!n)
        return;
    tcs_base_jo_open(j, object, '{');
    tcs_base_jo_list(j, key, list, n);
    tcs_base_jo_close(j, '}');
}

/* user.name without the domain, as ECS has it; tocsin.incident.accounts has both. */
static void
put_users(struct tcs_jo *j, const struct tcs_incident *in)
{
    if (!in->naccounts)
        return;
    tcs_base_jo_open(j, "user", '{');
    tcs_base_jo_open(j, "name", '[');
    for (uint32_t i = 0; i < in->naccounts; i++) {
        struct tcs_str s = in->accounts[i];
        size_t slash = tcs_base_str_find(s, '\\', 0);
        tcs_base_jo_str(j, NULL, slash < s.n ? tcs_base_str_slice(s, slash + 1, s.n) : s);
    }
    tcs_base_jo_close(j, ']');
    tcs_base_jo_close(j, '}');
}

static void
put_threat(struct tcs_jo *j, const struct tcs_incident *in)
{
    if (!in->ntechniques)
        return;
    tcs_base_jo_open(j, "threat", '{');
    tcs_base_jo_str(j, "framework", TCS_STR("MITRE ATT&CK"));
    put_named(j, "technique", "id", in->techniques, in->ntechniques);
    tcs_base_jo_close(j, '}');
}

static void
put_evidence(struct tcs_jo *j, const struct tcs_evidence *e)
{
    if (!e->file.n)
        return;
    tcs_base_jo_open(j, "evidence", '{');
    tcs_base_jo_str(j, "file", e->file);
    tcs_base_jo_str_if(j, "channel", e->channel);
    tcs_base_jo_u64(j, "record", e->record_id);
    tcs_base_jo_u64(j, "offset", e->offset);
    if (e->event_id != TCS_EVENT_ID_NONE)
        tcs_base_jo_u64(j, "event_id", e->event_id);
    tcs_base_jo_close(j, '}');
}

static void
put_link(struct tcs_jo *j, const struct tcs_link *l)
{
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_time(j, "time", l->time);
    tcs_base_jo_time(j, "last", l->last);
    tcs_base_jo_u64(j, "count", l->count);
    tcs_base_jo_str_if(j, "stage", tcs_base_str_of(tcs_attack_stage_name(l->stage)));
    tcs_base_jo_bool(j, "chosen", l->chosen);
    tcs_base_jo_str(j, "rule", l->rule_id);
    tcs_base_jo_str(j, "title", l->title);
    tcs_base_jo_str(j, "level", tcs_base_str_of(tcs_attack_level_name(l->level)));
    tcs_base_jo_list(j, "technique", l->techniques, l->ntechniques);
    tcs_base_jo_str_if(j, "host", l->host);
    tcs_base_jo_str_if(j, "account", l->account);
    tcs_base_jo_str_if(j, "source", l->source);
    tcs_base_jo_str_if(j, "unchecked", l->unchecked);
    put_evidence(j, &l->evidence);
    tcs_base_jo_close(j, '}');
}

static void
put_join(struct tcs_jo *j, const struct tcs_join *x)
{
    static const char *const kinds[] = {
        [TCS_JOINED] = "joined", [TCS_JOIN_RELATED] = "related", [TCS_JOIN_REFUSED] = "refused"};
    TCS_ROW_FOR_EACH(kinds, TCS_JOIN_REFUSED + 1);
    static const char *const strengths[] = {
        [TCS_JOIN_WEAK] = "weak", [TCS_JOIN_MEDIUM] = "medium", [TCS_JOIN_STRONG] = "strong"};
    TCS_ROW_FOR_EACH(strengths, TCS_JOIN_STRONG + 1);
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(
        j, "kind",
        tcs_base_str_of(kinds[x->kind <= TCS_JOIN_REFUSED ? x->kind : TCS_JOIN_REFUSED]));
    tcs_base_jo_str(j, "strength",
                    tcs_base_str_of(strengths[x->strength <= TCS_JOIN_STRONG ? x->strength : 0]));
    tcs_base_jo_time(j, "time", x->time);
    if (x->link != UINT32_MAX)
        tcs_base_jo_u64(j, "link", x->link);
    if (x->to != UINT32_MAX)
        tcs_base_jo_u64(j, "to", x->to);
    tcs_base_jo_str(j, "reason", x->reason);
    tcs_base_jo_str_if(j, "incident", x->other);
    tcs_base_jo_str_if(j, "from_host", x->from_host);
    tcs_base_jo_str_if(j, "to_host", x->to_host);
    put_evidence(j, &x->evidence);
    tcs_base_jo_close(j, '}');
}

static void
put_next(struct tcs_jo *j, const char *key, const struct tcs_next *list, uint32_t n)
{
    tcs_base_jo_open(j, key, '[');
    for (uint32_t i = 0; i < n; i++) {
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_str_if(j, "stage", tcs_base_str_of(tcs_attack_stage_name(list[i].stage)));
        if (list[i].priority)
            tcs_base_jo_u64(j, "priority", list[i].priority);
        tcs_base_jo_str_if(j, "technique", list[i].technique);
        tcs_base_jo_str(j, "text", list[i].text);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, ']');
}

static void
put_transitions(struct tcs_jo *j, const struct tcs_incident *in)
{
    tcs_base_jo_open(j, "transitions", '[');
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        const struct tcs_transition *t = &in->transitions[i];
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_str(j, "state", tcs_base_str_of(tcs_chain_state_name(t->state)));
        tcs_base_jo_time(j, "time", t->time);
        tcs_base_jo_str(j, "why", t->why);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, ']');
}

static void
put_reach(struct tcs_jo *j, const struct tcs_incident *in)
{
    tcs_base_jo_open(j, "reach", '[');
    for (uint32_t i = 0; i < in->nreach; i++) {
        const struct tcs_reach *r = &in->reach[i];
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_u64(j, "hops", r->hops);
        tcs_base_jo_str(j, r->is_host ? "host" : "account", r->name);
        tcs_base_jo_str(j, "why", r->why);
        tcs_base_jo_time(j, "last", r->last);
        put_evidence(j, &r->evidence);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, ']');
}

static void
put_missing(struct tcs_jo *j, const struct tcs_incident *in)
{
    tcs_base_jo_open(j, "missing", '[');
    for (uint32_t i = 0; i < in->nmissing; i++) {
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_str(j, "stage", tcs_base_str_of(tcs_attack_stage_name(in->missing[i].stage)));
        tcs_base_jo_str(j, "text", in->missing[i].text);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, ']');
}

static void
put_overlaps(struct tcs_jo *j, const struct tcs_incident *in)
{
    tcs_base_jo_open(j, "overlap", '[');
    for (uint32_t i = 0; i < in->noverlaps; i++) {
        const struct tcs_overlap *o = &in->overlaps[i];
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_str(j, "profile", o->profile);
        tcs_base_jo_str_if(j, "source", o->source);
        tcs_base_jo_u64(j, "shared", o->shared);
        tcs_base_jo_u64(j, "of_incident", o->of_incident);
        tcs_base_jo_u64(j, "of_profile", o->of_profile);
        tcs_base_jo_list(j, "technique", o->techniques, o->ntechniques);
        tcs_base_jo_close(j, '}');
    }
    tcs_base_jo_close(j, ']');
}

static void
put_stages(struct tcs_jo *j, const struct tcs_incident *in)
{
    tcs_base_jo_open(j, "stages", '[');
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++)
        if (in->stages >> s & 1)
            tcs_base_jo_str(j, NULL, tcs_base_str_of(tcs_attack_stage_name(s)));
    tcs_base_jo_close(j, ']');
}

static void
put_head(struct tcs_jo *j, const struct tcs_incident *in)
{
    tcs_base_jo_str(j, "id", tcs_base_str_of(in->id));
    tcs_base_jo_str(j, "state", tcs_base_str_of(tcs_chain_state_name(in->state)));
    tcs_base_jo_u64(j, "score", in->score);
    put_stages(j, in);
    tcs_base_jo_time(j, "first", in->first);
    tcs_base_jo_time(j, "last", in->last);
    tcs_base_jo_str(j, "summary", in->summary);
    tcs_base_jo_u64(j, "detections", in->detections);
    tcs_base_jo_u64(j, "dropped", in->dropped);
    tcs_base_jo_list(j, "accounts", in->accounts, in->naccounts);
    tcs_base_jo_open(j, "origin", '{');
    tcs_base_jo_str_if(j, "host", in->origin_host);
    tcs_base_jo_str_if(j, "account", in->origin_account);
    tcs_base_jo_str_if(j, "address", in->origin_address);
    tcs_base_jo_close(j, '}');
}

static void
put_incident(struct tcs_jo *j, const struct tcs_incident *in)
{
    tcs_base_jo_open(j, "incident", '{');
    put_head(j, in);
    tcs_base_jo_open(j, "chain", '[');
    for (uint32_t i = 0; i < in->nlinks; i++)
        put_link(j, &in->links[i]);
    tcs_base_jo_close(j, ']');
    tcs_base_jo_open(j, "joins", '[');
    for (uint32_t i = 0; i < in->njoins; i++)
        put_join(j, &in->joins[i]);
    tcs_base_jo_close(j, ']');
    put_transitions(j, in);
    put_missing(j, in);
    put_next(j, "next", in->expected, in->nexpected);
    put_next(j, "mitigations", in->mitigations, in->nmitigations);
    put_reach(j, in);
    put_overlaps(j, in);
    tcs_base_jo_list(j, "merged", in->merged, in->nmerged);
    tcs_base_jo_close(j, '}');
}

void
tcs_report_incident_json(struct tcs_buf *b, const struct tcs_incident *in)
{
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    tcs_base_jo_time(&j, "@timestamp", in->last);
    tcs_base_jo_open(&j, "ecs", '{');
    tcs_base_jo_str(&j, "version", TCS_STR("8.11.0"));
    tcs_base_jo_close(&j, '}');
    tcs_base_jo_open(&j, "event", '{');
    tcs_base_jo_str(&j, "kind", TCS_STR("alert"));
    tcs_base_jo_close(&j, '}');
    put_named(&j, "host", "name", in->hosts, in->nhosts);
    put_users(&j, in);
    put_named(&j, "source", "ip", in->addresses, in->naddresses);
    put_threat(&j, in);
    tcs_base_jo_open(&j, "tocsin", '{');
    tcs_base_jo_str(&j, "kind", TCS_STR("incident"));
    put_incident(&j, in);
    tcs_base_jo_close(&j, '}');
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}
