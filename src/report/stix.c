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
    return tcs_base_str_slice(tcs_base_str_of(s->in->id), 0, TCS_INCIDENT_ID);
}

/* What tells one link of the incident from the others. */
static struct rp_stix_id
link_id(const struct rp_stix *s, const char *type, const struct tcs_link *l, struct tcs_str more)
{
    struct tcs_buf time = {0};
    tcs_base_buf_i64(&time, l->time);
    const struct tcs_str parts[] = {
        own_id(s), l->rule_id, l->title, l->host, l->account, l->source, tcs_base_buf_view(&time),
        more};
    struct rp_stix_id id = report_stix_id(type, parts, sizeof parts / sizeof *parts);
    tcs_base_buf_done(&time);
    return id;
}

static bool
put_observed(struct rp_stix *s, const struct tcs_link *l, struct rp_stix_id *ret)
{
    struct rp_stix_id refs[3];
    uint32_t n = 0;
    n += report_stix_account(s, l->account, &refs[n]);
    n += report_stix_address(s, l->host, &refs[n]);
    n += report_stix_address(s, l->source, &refs[n]);
    if (n > 1 && strcmp(refs[n - 1].text, refs[n - 2].text) == 0)
        n--; /* from the host itself */
    if (n == 0)
        return false;
    *ret = link_id(s, "observed-data", l, TCS_STR(""));
    if (!report_stix_open(s, "observed-data", *ret, l->time, last_of(l)))
        return !s->j.b->failed;
    report_stix_time(s, "first_observed", l->time);
    report_stix_time(s, "last_observed", last_of(l));
    tcs_base_jo_u64(&s->j, "number_observed", count_of(l));
    report_stix_refs(s, "object_refs", refs, n);
    report_stix_close(s);
    return true;
}

static void
put_sighting(struct rp_stix *s, const struct tcs_link *l, struct tcs_str technique,
             const struct rp_stix_id *observed)
{
    struct rp_stix_id pattern, host, id = link_id(s, "sighting", l, technique);
    bool placed = report_stix_host(s, l->host, &host);
    if (!report_stix_technique(s, technique, &pattern) ||
        !report_stix_open(s, "sighting", id, l->time, last_of(l)))
        return;
    tcs_base_jo_str_if(&s->j, "description", l->title);
    report_stix_time(s, "first_seen", l->time);
    report_stix_time(s, "last_seen", last_of(l));
    tcs_base_jo_u64(&s->j, "count", count_of(l));
    tcs_base_jo_str(&s->j, "sighting_of_ref", tcs_base_str_of(pattern.text));
    report_stix_refs(s, "observed_data_refs", observed, observed ? 1 : 0);
    report_stix_refs(s, "where_sighted_refs", &host, placed ? 1 : 0);
    report_stix_close(s);
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
    tcs_base_buf_i64(&time, j->time);
    const struct tcs_str parts[] = {own_id(s), j->from_host, j->to_host, j->reason,
                                    tcs_base_buf_view(&time)};
    struct rp_stix_id id = report_stix_id("relationship", parts, sizeof parts / sizeof *parts);
    tcs_base_buf_done(&time);
    if (!report_stix_host(s, j->from_host, &from) || !report_stix_host(s, j->to_host, &to) ||
        !report_stix_open(s, "relationship", id, j->time, j->time))
        return;
    tcs_base_jo_str(&s->j, "relationship_type", TCS_STR("related-to"));
    tcs_base_jo_str_if(&s->j, "description", j->reason);
    tcs_base_jo_str(&s->j, "source_ref", tcs_base_str_of(from.text));
    tcs_base_jo_str(&s->j, "target_ref", tcs_base_str_of(to.text));
    report_stix_time(s, "start_time", j->time);
    report_stix_close(s);
}

static void
put_sentences(struct tcs_buf *b, const struct tcs_incident *in)
{
    tcs_base_buf_str(b, in->summary.n ? in->summary : TCS_STR("No summary."));
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        tcs_buf_lit(b, "\n");
        report_time(b, in->transitions[i].time);
        tcs_base_buf_printf(b, ": %s, ", report_state_word(in->transitions[i].state));
        tcs_base_buf_str(b, in->transitions[i].why);
    }
    for (uint32_t i = 0; i < in->nlinks; i++)
        if (in->links[i].chosen) {
            tcs_buf_lit(b, "\n");
            report_time(b, in->links[i].time);
            tcs_base_buf_printf(b, ": %c, ", report_stage_letter(in->links[i].stage));
            tcs_base_buf_str(b, in->links[i].title);
        }
    for (uint32_t i = 0; i < in->nmissing; i++) {
        tcs_buf_lit(b, "\nNot seen: ");
        tcs_base_buf_str(b, in->missing[i].text);
    }
    tcs_buf_lit(b, "\n");
    report_count(b, in->detections, "finding", "findings");
    tcs_buf_lit(b, " in ");
    report_count(b, in->nlinks, "link", "links");
    tcs_buf_lit(b, "; ");
    report_count(b, in->dropped, "link", "links");
    tcs_buf_lit(b, " beyond the limit only counted.");
}

static void
put_incident(struct rp_stix *s, struct rp_stix_id *ret)
{
    const struct tcs_incident *in = s->in;
    *ret = report_stix_id("incident", (const struct tcs_str[]){own_id(s)}, 1);
    if (!report_stix_open(s, "incident", *ret, in->first, in->last))
        return;
    tcs_base_jo_str(&s->j, "name", tcs_base_str_of(report_state_says(in->state)));
    tcs_base_jo_str_if(&s->j, "description", in->summary);
    report_stix_close(s);
}

static void
put_note(struct rp_stix *s, struct rp_stix_id incident)
{
    struct tcs_buf text = {0};
    struct rp_stix_id id = report_stix_id("note", (const struct tcs_str[]){own_id(s)}, 1);
    put_sentences(&text, s->in);
    if (report_stix_open(s, "note", id, s->in->first, s->in->last)) {
        tcs_base_jo_str(&s->j, "abstract", tcs_base_str_of(report_state_says(s->in->state)));
        tcs_base_jo_str(&s->j, "content", tcs_base_buf_view(&text));
        report_stix_refs(s, "object_refs", &incident, 1);
        report_stix_close(s);
    }
    s->j.b->failed |= text.failed;
    tcs_base_buf_done(&text);
}

/* Last, since it names all others. */
static void
put_grouping(struct rp_stix *s)
{
    struct rp_stix_id id = report_stix_id("grouping", (const struct tcs_str[]){own_id(s)}, 1);
    uint32_t n = s->nids;
    if (!report_stix_open(s, "grouping", id, s->in->first, s->in->last))
        return;
    tcs_base_jo_str(&s->j, "name", tcs_base_str_of(report_state_says(s->in->state)));
    tcs_base_jo_str(&s->j, "context", TCS_STR("suspicious-activity"));
    report_stix_refs(s, "object_refs", s->ids, n);
    report_stix_close(s);
}

static void
put_objects(struct rp_stix *s)
{
    struct rp_stix_id incident, technique;
    report_stix_author(s);
    put_incident(s, &incident);
    for (uint32_t i = 0; i < s->in->nlinks; i++)
        put_link(s, &s->in->links[i]);
    for (uint32_t i = 0; i < s->in->ntechniques; i++)
        report_stix_technique(s, s->in->techniques[i], &technique);
    for (uint32_t i = 0; i < s->in->njoins; i++)
        if (s->in->joins[i].kind == TCS_JOINED && s->in->joins[i].to_host.n)
            put_move(s, &s->in->joins[i]);
    put_note(s, incident);
    put_grouping(s);
}

void
report_write_stix(struct tcs_buf *b, const struct tcs_incident *in)
{
    struct rp_stix s = {.j = {.b = b}, .a = tcs_base_arena_new(0), .in = in};
    if (!s.a) {
        b->failed = true;
        return;
    }
    struct rp_stix_id id = report_stix_id("bundle", (const struct tcs_str[]){own_id(&s)}, 1);
    tcs_base_jo_open(&s.j, NULL, '{');
    tcs_base_jo_str(&s.j, "type", TCS_STR("bundle"));
    tcs_base_jo_str(&s.j, "id", tcs_base_str_of(id.text));
    tcs_base_jo_open(&s.j, "objects", '[');
    put_objects(&s);
    tcs_base_jo_close(&s.j, ']');
    tcs_base_jo_close(&s.j, '}');
    tcs_base_buf_c(b, '\n');
    tcs_base_arena_free(s.a);
}
