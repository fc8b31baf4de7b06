/* report/timesketch.c - one incident as CSV for Timesketch: RFC 4180, one row for each link, each
 * change of state and each move between hosts.
 *
 * Timesketch asks for message, timestamp (microseconds), datetime and timestamp_desc; the rest are
 * columns to search in.  Cells that a spreadsheet would run get an apostrophe. */
#include "attack/level.h"
#include "report/report_int.h"

enum { TICKS_PER_US = 10 };

struct cells {
    struct tcs_str message, desc, host, account, source, stage, level, rule, techniques, state;
    const struct tcs_evidence *evidence;
    uint64_t count;
    uint32_t step;
};

static void
put_cell(struct tcs_buf *b, struct tcs_str s)
{
    tcs_base_buf_c(b, ',');
    report_csv(b, s, RP_TEXT_MAX);
}

static void
put_time(struct tcs_buf *b, int64_t t)
{
    enum { MICROSECONDS = 6 };
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(t, MICROSECONDS, text);
    tcs_base_buf_c(b, ',');
    tcs_base_buf_i64(b, s.n ? t / TICKS_PER_US : 0);
    tcs_base_buf_c(b, ',');
    /* the offset in digits: older importers do not know Z */
    tcs_base_buf_str(b, s.n ? tcs_base_str_slice(s, 0, s.n - 1)
                            : TCS_STR("1970-01-01T00:00:00.000000"));
    tcs_buf_lit(b, "+00:00");
}

static void
put_row(struct tcs_buf *b, const struct tcs_incident *in, int64_t time, const struct cells *c)
{
    static const struct tcs_evidence none;
    const struct tcs_evidence *e = c->evidence ? c->evidence : &none;
    report_csv(b, c->message, RP_TEXT_MAX);
    put_time(b, time);
    put_cell(b, time == TCS_TIME_NONE ? TCS_STR("No Time") : c->desc);
    put_cell(b, tcs_base_str_slice(tcs_base_str_of(in->id), 0, TCS_INCIDENT_ID));
    put_cell(b, c->state);
    put_cell(b, c->stage);
    tcs_base_buf_c(b, ',');
    if (c->step)
        tcs_base_buf_u64(b, c->step);
    put_cell(b, c->level);
    put_cell(b, c->host);
    put_cell(b, c->account);
    put_cell(b, c->source);
    put_cell(b, c->rule);
    put_cell(b, c->techniques);
    tcs_base_buf_c(b, ',');
    tcs_base_buf_u64(b, c->count);
    put_cell(b, e->file);
    put_cell(b, e->channel);
    tcs_base_buf_c(b, ',');
    if (e->file.n)
        tcs_base_buf_u64(b, e->record_id);
    tcs_buf_lit(b, "\r\n");
}

static void
put_link(struct tcs_buf *b, const struct tcs_incident *in, const struct tcs_link *l, uint32_t step)
{
    struct tcs_buf techniques = {0}, message = {0};
    tcs_base_buf_str(&message, l->title);
    if (l->unchecked.n)
        tcs_base_buf_printf(&message, "; not checked: %.*s", TCS_STR_FMT(l->unchecked));
    for (uint32_t i = 0; i < l->ntechniques; i++) {
        if (i)
            tcs_base_buf_c(&techniques, ' ');
        tcs_base_buf_str(&techniques, l->techniques[i]);
    }
    struct cells c = {.message = tcs_base_buf_view(&message),
                      .desc = TCS_STR("First Seen"),
                      .host = l->host,
                      .account = l->account,
                      .source = l->source,
                      .stage = tcs_base_str_of(tcs_attack_stage_name(l->stage)),
                      .level = tcs_base_str_of(tcs_attack_level_name(report_level_clamp(l->level))),
                      .rule = l->rule_id,
                      .techniques = tcs_base_buf_view(&techniques),
                      .evidence = &l->evidence,
                      .count = l->count,
                      .step = step};
    put_row(b, in, l->time, &c);
    c.desc = TCS_STR("Last Seen");
    if (l->last != l->time && l->last != TCS_TIME_NONE)
        put_row(b, in, l->last, &c);
    b->failed |= techniques.failed || message.failed;
    tcs_base_buf_done(&techniques);
    tcs_base_buf_done(&message);
}

static void
put_move(struct tcs_buf *b, const struct tcs_incident *in, const struct tcs_join *j)
{
    put_row(b, in, j->time,
            &(struct cells){.message = j->reason,
                            .desc = TCS_STR("Moved Between Hosts"),
                            .host = j->to_host,
                            .source = j->from_host,
                            .stage = tcs_base_str_of(tcs_attack_stage_name(TCS_STAGE_LATERAL)),
                            .evidence = &j->evidence,
                            .count = 1});
}

void
report_write_timesketch(struct tcs_buf *b, const struct tcs_incident *in)
{
    uint32_t step = 0;
    tcs_buf_lit(b, "message,timestamp,datetime,timestamp_desc,incident,state,stage,step,level,"
                   "hostname,username,source,rule_id,technique,count,file,channel,record_id\r\n");
    for (uint32_t i = 0; i < in->nlinks; i++)
        put_link(b, in, &in->links[i], in->links[i].chosen ? ++step : 0);
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        const struct tcs_transition *t = &in->transitions[i];
        put_row(b, in, t->time,
                &(struct cells){.message = t->why,
                                .desc = TCS_STR("State Changed"),
                                .state = tcs_base_str_of(tcs_chain_state_name(t->state)),
                                .count = 1});
    }
    for (uint32_t i = 0; i < in->njoins; i++)
        if (in->joins[i].kind == TCS_JOINED && in->joins[i].to_host.n)
            put_move(b, in, &in->joins[i]);
}
