/* report/stix.c - one incident as a STIX 2.1 bundle.
 *
 * A grouping holds it together: an `incident` (a name and a description is all that STIX 2.1 gives
 * it), what was observed (observed-data over accounts, addresses and host names), each technique
 * sighted on a host, moves between hosts as relationships, and a note with the sentences.  No
 * indicators: names and addresses of one's own network are none, and which of the others are must
 * be decided by people (docs/adr/0016).  Raw log lines are not in it; internal names are, so all is
 * marked TLP:AMBER. */
#include "report/stix_int.h"

enum { COUNT_MAX = 999999999 };

static uint64_t
count_of(const struct tcs_link *l)
{
    return l->count < 1 ? 1 : l->count > COUNT_MAX ? COUNT_MAX : l->count;
}

static int64_t
last_of(const struct tcs_link *l)
{
    return l->last > l->time ? l->last : l->time;
}

static struct tcs_str
own_id(const struct rp_stix *s)
{
    return tcs_str_slice(tcs_str_of(s->in->id), 0, TCS_INCIDENT_ID);
}

/* What tells one link of the incident from the others. */
static struct rp_stix_id
link_id(const struct rp_stix *s, const char *type, const struct tcs_link *l, struct tcs_str more)
{
    struct tcs_buf time = {0};
    tcs_buf_i64(&time, l->time);
    const struct tcs_str parts[] = {own_id(s), l->rule_id,          l->title, l->host, l->account,
                                    l->source, tcs_buf_view(&time), more};
    struct rp_stix_id id = rp_stix_id(type, parts, sizeof parts / sizeof *parts);
    tcs_buf_done(&time);
    return id;
}

static bool
put_observed(struct rp_stix *s, const struct tcs_link *l, struct rp_stix_id *ret)
{
    struct rp_stix_id refs[3];
    uint32_t n = 0;
    n += rp_stix_account(s, l->account, &refs[n]);
    n += rp_stix_address(s, l->host, &refs[n]);
    n += rp_stix_address(s, l->source, &refs[n]);
    if (n > 1 && strcmp(refs[n - 1].text, refs[n - 2].text) == 0)
        n--; /* from the host itself */
    if (n == 0)
        return false;
    *ret = link_id(s, "observed-data", l, TCS_STR(""));
    if (!rp_stix_open(s, "observed-data", *ret, l->time, last_of(l)))
        return !s->j.b->failed;
    rp_stix_time(s, "first_observed", l->time);
    rp_stix_time(s, "last_observed", last_of(l));
    tcs_jo_u64(&s->j, "number_observed", count_of(l));
    rp_stix_refs(s, "object_refs", refs, n);
    rp_stix_close(s);
    return true;
}

static void
put_sighting(struct rp_stix *s, const struct tcs_link *l, struct tcs_str technique,
             const struct rp_stix_id *observed)
{
    struct rp_stix_id pattern, host, id = link_id(s, "sighting", l, technique);
    bool placed = rp_stix_host(s, l->host, &host);
    if (!rp_stix_technique(s, technique, &pattern) ||
        !rp_stix_open(s, "sighting", id, l->time, last_of(l)))
        return;
    tcs_jo_str_if(&s->j, "description", l->title);
    rp_stix_time(s, "first_seen", l->time);
    rp_stix_time(s, "last_seen", last_of(l));
    tcs_jo_u64(&s->j, "count", count_of(l));
    tcs_jo_str(&s->j, "sighting_of_ref", tcs_str_of(pattern.text));
    rp_stix_refs(s, "observed_data_refs", observed, observed ? 1 : 0);
    rp_stix_refs(s, "where_sighted_refs", &host, placed ? 1 : 0);
    rp_stix_close(s);
}

static void
put_link(struct rp_stix *s, const struct tcs_link *l)
{
    struct rp_stix_id observed;
    bool seen = put_observed(s, l, &observed);
    for (uint32_t i = 0; i < l->ntechniques; i++)
        put_sighting(s, l, l->techniques[i], seen ? &observed : NULL);
}

static void
put_move(struct rp_stix *s, const struct tcs_join *j)
{
    struct rp_stix_id from, to;
    struct tcs_buf time = {0};
    tcs_buf_i64(&time, j->time);
    const struct tcs_str parts[] = {own_id(s), j->from_host, j->to_host, j->reason,
                                    tcs_buf_view(&time)};
    struct rp_stix_id id = rp_stix_id("relationship", parts, sizeof parts / sizeof *parts);
    tcs_buf_done(&time);
    if (!rp_stix_host(s, j->from_host, &from) || !rp_stix_host(s, j->to_host, &to) ||
        !rp_stix_open(s, "relationship", id, j->time, j->time))
        return;
    tcs_jo_str(&s->j, "relationship_type", TCS_STR("related-to"));
    tcs_jo_str_if(&s->j, "description", j->reason);
    tcs_jo_str(&s->j, "source_ref", tcs_str_of(from.text));
    tcs_jo_str(&s->j, "target_ref", tcs_str_of(to.text));
    rp_stix_time(s, "start_time", j->time);
    rp_stix_close(s);
}

static void
put_sentences(struct tcs_buf *b, const struct tcs_incident *in)
{
    tcs_buf_str(b, in->summary.n ? in->summary : TCS_STR("No summary."));
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        tcs_buf_lit(b, "\n");
        rp_time(b, in->transitions[i].time);
        tcs_buf_printf(b, ": %s, ", rp_state_word(in->transitions[i].state));
        tcs_buf_str(b, in->transitions[i].why);
    }
    for (uint32_t i = 0; i < in->nlinks; i++)
        if (in->links[i].chosen) {
            tcs_buf_lit(b, "\n");
            rp_time(b, in->links[i].time);
            tcs_buf_printf(b, ": %c, ", rp_stage_letter(in->links[i].stage));
            tcs_buf_str(b, in->links[i].title);
        }
    for (uint32_t i = 0; i < in->nmissing; i++) {
        tcs_buf_lit(b, "\nNot seen: ");
        tcs_buf_str(b, in->missing[i].text);
    }
    tcs_buf_lit(b, "\n");
    rp_count(b, in->detections, "detection", "detections");
    tcs_buf_lit(b, " in ");
    rp_count(b, in->nlinks, "link", "links");
    tcs_buf_lit(b, "; ");
    rp_count(b, in->dropped, "link", "links");
    tcs_buf_lit(b, " beyond the limit only counted.");
}

static void
put_incident(struct rp_stix *s, struct rp_stix_id *ret)
{
    const struct tcs_incident *in = s->in;
    *ret = rp_stix_id("incident", (const struct tcs_str[]){own_id(s)}, 1);
    if (!rp_stix_open(s, "incident", *ret, in->first, in->last))
        return;
    tcs_jo_str(&s->j, "name", tcs_str_of(rp_state_says(in->state)));
    tcs_jo_str_if(&s->j, "description", in->summary);
    rp_stix_close(s);
}

static void
put_note(struct rp_stix *s, struct rp_stix_id incident)
{
    struct tcs_buf text = {0};
    struct rp_stix_id id = rp_stix_id("note", (const struct tcs_str[]){own_id(s)}, 1);
    put_sentences(&text, s->in);
    if (rp_stix_open(s, "note", id, s->in->first, s->in->last)) {
        tcs_jo_str(&s->j, "abstract", tcs_str_of(rp_state_says(s->in->state)));
        tcs_jo_str(&s->j, "content", tcs_buf_view(&text));
        rp_stix_refs(s, "object_refs", &incident, 1);
        rp_stix_close(s);
    }
    s->j.b->failed |= text.failed;
    tcs_buf_done(&text);
}

/* Last, since it names all others. */
static void
put_grouping(struct rp_stix *s)
{
    struct rp_stix_id id = rp_stix_id("grouping", (const struct tcs_str[]){own_id(s)}, 1);
    uint32_t n = s->nids;
    if (!rp_stix_open(s, "grouping", id, s->in->first, s->in->last))
        return;
    tcs_jo_str(&s->j, "name", tcs_str_of(rp_state_says(s->in->state)));
    tcs_jo_str(&s->j, "context", TCS_STR("suspicious-activity"));
    rp_stix_refs(s, "object_refs", s->ids, n);
    rp_stix_close(s);
}

static void
put_objects(struct rp_stix *s)
{
    struct rp_stix_id incident, technique;
    rp_stix_author(s);
    put_incident(s, &incident);
    for (uint32_t i = 0; i < s->in->nlinks; i++)
        put_link(s, &s->in->links[i]);
    for (uint32_t i = 0; i < s->in->ntechniques; i++)
        rp_stix_technique(s, s->in->techniques[i], &technique);
    for (uint32_t i = 0; i < s->in->njoins; i++)
        if (s->in->joins[i].kind == TCS_JOINED && s->in->joins[i].to_host.n)
            put_move(s, &s->in->joins[i]);
    put_note(s, incident);
    put_grouping(s);
}

void
rp_write_stix(struct tcs_buf *b, const struct tcs_incident *in)
{
    struct rp_stix s = {.j = {.b = b}, .a = tcs_arena_new(0), .in = in};
    if (!s.a) {
        b->failed = true;
        return;
    }
    struct rp_stix_id id = rp_stix_id("bundle", (const struct tcs_str[]){own_id(&s)}, 1);
    tcs_jo_open(&s.j, NULL, '{');
    tcs_jo_str(&s.j, "type", TCS_STR("bundle"));
    tcs_jo_str(&s.j, "id", tcs_str_of(id.text));
    tcs_jo_open(&s.j, "objects", '[');
    put_objects(&s);
    tcs_jo_close(&s.j, ']');
    tcs_jo_close(&s.j, '}');
    tcs_buf_c(b, '\n');
    tcs_arena_free(s.a);
}
