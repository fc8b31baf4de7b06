/* report/markdown.c - one incident for a ticket, in GitHub-flavoured Markdown.
 *
 * Names stand in code, sentences are escaped: nothing in them becomes markup, a mention, an issue's
 * number or a link. */
#include "attack/level.h"
#include "report/report_int.h"

static void
put_code(struct tcs_buf *b, const char *before, struct tcs_str name)
{
    if (name.n == 0)
        return;
    tcs_base_buf_str(b, tcs_base_str_of(before));
    report_md_code(b, name, RP_NAME_MAX);
}

static void
put_heading(struct tcs_buf *b, const char *text)
{
    tcs_base_buf_printf(b, "\n## %s\n\n", text);
}

static void
put_head(struct tcs_buf *b, const struct tcs_incident *in)
{
    tcs_base_buf_printf(b, "# %s\n\n", report_state_says(in->state));
    if (in->summary.n) {
        report_md(b, in->summary, RP_TEXT_MAX);
        tcs_buf_lit(b, "\n\n");
    }
    put_code(b, "Incident ", tcs_base_str_slice(tcs_base_str_of(in->id), 0, TCS_INCIDENT_ID));
    tcs_buf_lit(b, " · ");
    report_time(b, in->first);
    tcs_buf_lit(b, " to ");
    report_time(b, in->last);
    tcs_buf_lit(b, " · stages");
    bool any = false;
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++)
        if (in->stages >> s & 1) {
            tcs_base_buf_printf(b, "%s %c %s", any ? "," : "", report_stage_letter(s),
                                tcs_attack_stage_name(s));
            any = true;
        }
    tcs_base_buf_str(b, any ? TCS_STR("\n") : TCS_STR(" none\n"));
}

static void
put_next(struct tcs_buf *b, const char *title, const char *mark, const struct tcs_next *list,
         uint32_t n)
{
    if (n == 0)
        return;
    put_heading(b, title);
    for (uint32_t i = 0; i < n; i++) {
        tcs_base_buf_str(b, tcs_base_str_of(mark));
        report_md(b, list[i].text, RP_TEXT_MAX);
        put_code(b, " ", list[i].technique);
        tcs_base_buf_c(b, '\n');
    }
}

static void
put_evidence(struct tcs_buf *b, const struct tcs_evidence *e)
{
    struct tcs_buf v = {0};
    report_evidence(&v, e);
    put_code(b, "", tcs_base_buf_view(&v));
    b->failed |= v.failed;
    tcs_base_buf_done(&v);
}

static void
put_links(struct tcs_buf *b, const struct tcs_incident *in)
{
    uint32_t step = 0;
    put_heading(b, "Chain");
    if (in->nlinks == 0)
        tcs_buf_lit(b, "This incident has no links.\n");
    if (in->nlinks == 0)
        return;
    tcs_buf_lit(b, "| Step | Time (UTC) | Stage | Level | What | Host | Account | From | Seen | "
                   "Evidence |\n|--:|---|---|---|---|---|---|---|--:|---|\n");
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        tcs_buf_lit(b, "| ");
        if (l->chosen)
            tcs_base_buf_printf(b, "**%u**", ++step);
        tcs_buf_lit(b, " | ");
        report_time(b, l->time);
        tcs_base_buf_printf(b, " | %c %s | %s | ", report_stage_letter(l->stage),
                            tcs_attack_stage_name(l->stage),
                            tcs_attack_level_name(report_level_clamp(l->level)));
        report_md(b, l->title, RP_NAME_MAX);
        put_code(b, "; not checked: ", l->unchecked);
        tcs_buf_lit(b, " | ");
        put_code(b, "", l->host);
        tcs_buf_lit(b, " | ");
        put_code(b, "", l->account);
        tcs_buf_lit(b, " | ");
        put_code(b, "", l->source);
        tcs_buf_lit(b, " | ");
        tcs_base_buf_u64(b, l->count);
        tcs_buf_lit(b, " | ");
        put_evidence(b, &l->evidence);
        tcs_buf_lit(b, " |\n");
    }
}

static void
put_names(struct tcs_buf *b, const char *title, const struct tcs_str *names, uint32_t n)
{
    if (n == 0)
        return;
    tcs_base_buf_printf(b, "- %s: ", title);
    for (uint32_t i = 0; i < n; i++)
        put_code(b, i ? ", " : "", names[i].n ? names[i] : TCS_STR("(empty)"));
    tcs_base_buf_c(b, '\n');
}

static void
put_joins(struct tcs_buf *b, const struct tcs_incident *in, bool joined)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->njoins; i++) {
        const struct tcs_join *j = &in->joins[i];
        if ((j->kind == TCS_JOINED) != joined)
            continue;
        if (n++ == 0)
            put_heading(b, joined ? "Why it is one incident" : "Not joined");
        tcs_buf_lit(b, "- ");
        report_time(b, j->time);
        tcs_base_buf_str(b, j->kind == TCS_JOIN_REFUSED ? TCS_STR(": refused: ") : TCS_STR(": "));
        report_md(b, j->reason, RP_TEXT_MAX);
        put_code(b, ", from ", j->from_host);
        put_code(b, " to ", j->to_host);
        put_code(b, ", incident ", j->other);
        if (j->evidence.file.n) {
            tcs_buf_lit(b, ", ");
            put_evidence(b, &j->evidence);
        }
        tcs_base_buf_c(b, '\n');
    }
}

static void
put_reach(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->nreach)
        put_heading(b, "What can be reached from here");
    for (uint32_t i = 0; i < in->nreach; i++) {
        const struct tcs_reach *r = &in->reach[i];
        tcs_base_buf_printf(b, "- in %u %s: %s", r->hops, r->hops == 1 ? "hop" : "hops",
                            r->is_host ? "host " : "account ");
        put_code(b, "", r->name);
        tcs_buf_lit(b, ", ");
        report_md(b, r->why, RP_TEXT_MAX);
        tcs_buf_lit(b, ", last ");
        report_time(b, r->last);
        tcs_base_buf_c(b, '\n');
    }
}

static void
put_rest(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->nmissing)
        put_heading(b, "Not seen, and which log would show it");
    for (uint32_t i = 0; i < in->nmissing; i++) {
        tcs_base_buf_printf(b, "- %c %s: ", report_stage_letter(in->missing[i].stage),
                            tcs_attack_stage_name(in->missing[i].stage));
        report_md(b, in->missing[i].text, RP_TEXT_MAX);
        tcs_base_buf_c(b, '\n');
    }
    put_next(b, "Likely next", "- ", in->expected, in->nexpected);
    if (in->noverlaps) {
        put_heading(b, "Overlap with published profiles");
        tcs_buf_lit(b, "Overlap is not attribution: many actors use the same techniques.\n\n");
    }
    for (uint32_t i = 0; i < in->noverlaps; i++) {
        const struct tcs_overlap *o = &in->overlaps[i];
        tcs_buf_lit(b, "- ");
        report_md(b, o->profile, RP_NAME_MAX);
        tcs_base_buf_printf(b, ": %u of %u techniques of this incident, %u known of the profile",
                            o->shared, o->of_incident, o->of_profile);
        put_code(b, ", ", o->source);
        tcs_base_buf_c(b, '\n');
    }
}

static void
put_states(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->ntransitions)
        put_heading(b, "When the state changed");
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        tcs_buf_lit(b, "- ");
        report_time(b, in->transitions[i].time);
        tcs_base_buf_printf(b, ": **%s**, ", report_state_word(in->transitions[i].state));
        report_md(b, in->transitions[i].why, RP_TEXT_MAX);
        tcs_base_buf_c(b, '\n');
    }
}

void
report_write_md(struct tcs_buf *b, const struct tcs_incident *in)
{
    put_head(b, in);
    put_next(b, "Do now", "1. ", in->mitigations, in->nmitigations);
    put_heading(b, "Who and where");
    put_names(b, "Hosts", in->hosts, in->nhosts);
    put_names(b, "Accounts", in->accounts, in->naccounts);
    put_names(b, "Addresses", in->addresses, in->naddresses);
    put_names(b, "ATT&CK", in->techniques, in->ntechniques);
    put_states(b, in);
    put_links(b, in);
    put_joins(b, in, true);
    put_joins(b, in, false);
    put_reach(b, in);
    put_rest(b, in);
    tcs_buf_lit(b, "\n---\n");
    report_count(b, in->detections, "finding", "findings");
    tcs_buf_lit(b, " in ");
    report_count(b, in->nlinks, "link", "links");
    tcs_buf_lit(b, "; ");
    report_count(b, in->dropped, "link", "links");
    tcs_buf_lit(b,
                " beyond the limit only counted. Holds internal names: TLP:AMBER unless you decide "
                "otherwise. Written by tocsin " TCS_VERSION ".\n");
}
