/* report/html_parts.c - the page's words: headline, what to do, steps, tables, what is missing. */
#include "report/report_int.h"

#include "attack/attack.h"
#include "attack/level.h"
#include "base/invariant.h"

enum { DO_FIRST = 5 }; /* steps above the picture: what one can begin at once */

static void
put_name(struct tcs_buf *b, struct tcs_str s)
{
    tcs_buf_lit(b, "<bdi>");
    report_html(b, s, RP_NAME_MAX);
    tcs_buf_lit(b, "</bdi>");
}

static void
put_text(struct tcs_buf *b, struct tcs_str s)
{
    report_html(b, s, RP_TEXT_MAX);
}

void
report_html_badge(struct tcs_buf *b, uint8_t stage)
{
    char letter = report_stage_letter(stage);
    tcs_base_buf_printf(b, "<span class=\"badge t%c\" title=\"%s\">%c</span>",
                        letter == '-' ? '0' : letter, tcs_attack_stage_name(stage), letter);
}

static void
open_section(struct tcs_buf *b, const char *id, const char *title)
{
    tcs_base_buf_printf(b, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", id, id,
                        title);
}

/* A cell whose heading goes with it where there is no room for columns. */
static void
open_cell(struct tcs_buf *b, const char *heading, const char *class)
{
    tcs_base_buf_printf(b, "<td class=\"%s\" data-h=\"%s\">", class, heading);
}

static void
name_cell(struct tcs_buf *b, const char *heading, struct tcs_str s)
{
    if (s.n == 0) {
        tcs_buf_lit(b, "<td></td>");
        return;
    }
    open_cell(b, heading, "n");
    put_name(b, s);
    tcs_buf_lit(b, "</td>");
}

static void
evidence_cell(struct tcs_buf *b, const struct tcs_evidence *e)
{
    struct tcs_buf v = {0};
    report_evidence(&v, e);
    if (v.n == 0) {
        tcs_buf_lit(b, "<td></td>");
    } else {
        open_cell(b, "Evidence", "e");
        put_text(b, tcs_base_buf_view(&v));
        tcs_buf_lit(b, "</td>");
    }
    b->failed |= v.failed;
    tcs_base_buf_done(&v);
}

static void
time_cell(struct tcs_buf *b, const char *heading, int64_t t)
{
    open_cell(b, heading, "t");
    report_time(b, t);
    tcs_buf_lit(b, "</td>");
}

/* --- headline --- */

static void
state_ladder(struct tcs_buf *b, const struct tcs_incident *in)
{
    tcs_buf_lit(b, "<ol class=\"ladder\" aria-label=\"How near to destruction\">\n");
    for (uint8_t s = TCS_STATE_WATCH; s < TCS_STATES; s++) {
        const struct tcs_transition *t = NULL;
        for (uint32_t i = 0; i < in->ntransitions && !t; i++)
            if (in->transitions[i].state == s)
                t = &in->transitions[i];
        bool yes = in->state < TCS_STATES && s <= in->state;
        tcs_base_buf_printf(b, "<li class=\"%s", yes ? "yes s" : "no");
        if (yes)
            tcs_base_buf_printf(b, "%u%s", s, s == in->state ? " now" : "");
        tcs_base_buf_printf(b, "\"><b>%s %s</b> <small>", yes ? "\xe2\x97\x8f" : "\xe2\x97\x8b",
                            report_state_word(s));
        if (t)
            report_time_bare(b, t->time);
        else
            tcs_base_buf_str(b, yes ? TCS_STR("passed") : TCS_STR("not reached"));
        tcs_buf_lit(b, "</small></li>\n");
    }
    tcs_buf_lit(b, "</ol>\n");
}

static void
stage_ladder(struct tcs_buf *b, const struct tcs_incident *in)
{
    tcs_buf_lit(b, "<ol class=\"ladder\" aria-label=\"Stages of the intrusion\">\n");
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++) {
        bool yes = in->stages >> s & 1;
        uint64_t n = 0;
        const struct tcs_link *first = NULL;
        for (uint32_t i = 0; i < in->nlinks; i++)
            if (in->links[i].stage == s) {
                n++;
                first = first ? first : &in->links[i];
            }
        tcs_base_buf_printf(b, "<li class=\"%s\"><b>", yes ? "yes" : "no");
        if (yes)
            report_html_badge(b, s);
        else
            tcs_base_buf_c(b, report_stage_letter(s));
        tcs_base_buf_printf(b, " %s</b> <small>", tcs_attack_stage_name(s));
        if (first) {
            report_count(b, n, "link", "links");
            tcs_buf_lit(b, ", first ");
            report_time_bare(b, first->time);
        } else {
            tcs_base_buf_str(b, yes ? TCS_STR("seen") : TCS_STR("not seen"));
        }
        tcs_buf_lit(b, "</small></li>\n");
    }
    tcs_buf_lit(b, "</ol>\n");
}

/* What to do, from one place in the list to another: the most urgent stands above the picture. */
static void
put_to_do(struct tcs_buf *b, const struct tcs_incident *in, uint32_t from, uint32_t to,
          const char *heading)
{
    to = to < in->nmitigations ? to : in->nmitigations;
    if (from >= to)
        return;
    open_section(b, from ? "h-then" : "h-do", heading);
    tcs_base_buf_printf(b, "<ol class=\"do\" start=\"%u\">\n", from + 1);
    for (uint32_t i = from; i < to; i++) {
        tcs_buf_lit(b, "<li>");
        put_text(b, in->mitigations[i].text);
        tcs_buf_lit(b, "</li>\n");
    }
    tcs_buf_lit(b, "</ol></section>\n");
}

void
report_html_header(struct tcs_buf *b, const struct tcs_incident *in)
{
    uint8_t state = in->state < TCS_STATES ? in->state : 0;
    tcs_base_buf_printf(b, "<header class=\"state s%u\">\n<p class=\"kind\">Incident <code>",
                        state);
    put_text(b, tcs_base_str_slice(tcs_base_str_of(in->id), 0, TCS_INCIDENT_ID));
    tcs_buf_lit(b, "</code> \xc2\xb7 ");
    report_time(b, in->first);
    tcs_buf_lit(b, " to ");
    report_time(b, in->last);
    tcs_buf_lit(b, " \xc2\xb7 ");
    report_gap(b, report_between(in->first, in->last), false);
    tcs_buf_lit(b, "</p>\n<h1>");
    tcs_base_buf_str(b, tcs_base_str_of(report_state_says(state)));
    tcs_buf_lit(b, "</h1>\n");
    if (in->summary.n) {
        tcs_buf_lit(b, "<p class=\"sum\">");
        put_text(b, in->summary);
        tcs_buf_lit(b, "</p>\n");
    }
    state_ladder(b, in);
    stage_ladder(b, in);
    tcs_buf_lit(b, "</header>\n");
    put_to_do(b, in, 0, DO_FIRST, "Do now");
}

/* --- the chain --- */

/* Parts of the rule whose field the record does not have. */
static void
put_unchecked(struct tcs_buf *b, const struct tcs_link *l)
{
    if (!l->unchecked.n)
        return;
    tcs_buf_lit(b, " \xc2\xb7 not checked: ");
    put_name(b, l->unchecked);
}

static void
put_step(struct tcs_buf *b, const struct tcs_link *l, uint32_t number, int64_t before)
{
    tcs_base_buf_printf(b, "<li><span class=\"n\">%u</span><span>", number);
    report_html_badge(b, l->stage);
    tcs_buf_lit(b, "</span><div><b>");
    put_name(b, l->title);
    tcs_buf_lit(b, "</b><span class=\"w\">");
    report_time(b, l->time);
    if (number > 1) {
        tcs_buf_lit(b, " \xc2\xb7 ");
        report_gap(b, report_between(before, l->time), false);
        tcs_buf_lit(b, " later");
    }
    const struct {
        const char *word;
        struct tcs_str name;
    } parts[] = {
        {" \xc2\xb7 on ", l->host}, {" \xc2\xb7 as ", l->account}, {" \xc2\xb7 from ", l->source}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].name.n) {
            tcs_base_buf_str(b, tcs_base_str_of(parts[i].word));
            put_name(b, parts[i].name);
        }
    put_unchecked(b, l);
    tcs_buf_lit(b, "</span></div></li>\n");
}

static void
put_steps(struct tcs_buf *b, const struct tcs_incident *in)
{
    uint32_t number = 0;
    int64_t before = TCS_TIME_NONE;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        if (!l->chosen)
            continue;
        if (!number)
            tcs_buf_lit(b, "<ol class=\"steps\" aria-label=\"Steps of the chain\">\n");
        put_step(b, l, ++number, before);
        before = l->time;
    }
    if (number)
        tcs_buf_lit(b, "</ol>\n");
}

static void
put_links(struct tcs_buf *b, const struct tcs_incident *in)
{
    uint32_t step = 0;
    open_section(b, "h-links", "The chain with its evidence");
    if (in->nlinks == 0)
        tcs_buf_lit(b, "<p class=\"note\">This incident has no links.</p></section>\n");
    if (in->nlinks == 0)
        return;
    tcs_buf_lit(b, "<table><caption>All ");
    report_count(b, in->nlinks, "link", "links");
    tcs_buf_lit(b,
                " by time; steps of the chain are numbered.</caption>\n<thead><tr><th "
                "scope=\"col\">Step</th><th scope=\"col\">Time</th><th scope=\"col\">Stage</th>"
                "<th scope=\"col\">What</th><th scope=\"col\">Level</th><th scope=\"col\">Host"
                "</th><th scope=\"col\">Account</th><th scope=\"col\">From</th><th "
                "scope=\"col\">Seen</th><th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        tcs_base_buf_str(b, l->chosen ? TCS_STR("<tr class=\"on\">") : TCS_STR("<tr>"));
        if (l->chosen)
            tcs_base_buf_printf(b, "<td data-h=\"Step\">%u</td>", ++step);
        else
            tcs_buf_lit(b, "<td></td>");
        time_cell(b, "Time", l->time);
        open_cell(b, "Stage", "");
        report_html_badge(b, l->stage);
        tcs_buf_lit(b, "</td>");
        open_cell(b, "What", "");
        put_name(b, l->title);
        put_unchecked(b, l);
        tcs_buf_lit(b, "</td>");
        open_cell(b, "Level", "s");
        tcs_base_buf_str(b, tcs_base_str_of(tcs_attack_level_name(report_level_clamp(l->level))));
        tcs_buf_lit(b, "</td>");
        name_cell(b, "Host", l->host);
        name_cell(b, "Account", l->account);
        name_cell(b, "From", l->source);
        open_cell(b, "Seen", "s");
        report_count(b, l->count, "time", "times");
        if (l->count > 1 && l->last > l->time) {
            tcs_buf_lit(b, " in ");
            report_gap(b, report_between(l->time, l->last), false);
        }
        tcs_buf_lit(b, "</td>");
        evidence_cell(b, &l->evidence);
        tcs_buf_lit(b, "</tr>\n");
    }
    tcs_buf_lit(b, "</tbody></table></section>\n");
}

/* --- who and where --- */

static void
put_names(struct tcs_buf *b, const char *title, const struct tcs_str *names, uint32_t n,
          struct tcs_str origin)
{
    if (n == 0)
        return;
    tcs_base_buf_printf(b, "<section><h2>%s (%u)</h2><ul>\n", title, n);
    for (uint32_t i = 0; i < n; i++) {
        tcs_buf_lit(b, "<li>");
        put_name(b, names[i]);
        if (origin.n && tcs_base_str_eq(origin, names[i]))
            tcs_buf_lit(b, " \xe2\x80\x93 the course began here");
        tcs_buf_lit(b, "</li>\n");
    }
    tcs_buf_lit(b, "</ul></section>\n");
}

/* --- joins --- */

static const char *const strengths[] = {"weak", "medium", "strong"};
TCS_ROW_FOR_EACH(strengths, TCS_JOIN_STRONG + 1);

static void
put_link_name(struct tcs_buf *b, const struct tcs_incident *in, const char *heading, uint32_t at)
{
    if (at < in->nlinks)
        name_cell(b, heading, in->links[at].title);
    else
        tcs_buf_lit(b, "<td></td>");
}

static void
put_joins(struct tcs_buf *b, const struct tcs_incident *in, bool joined)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->njoins; i++)
        n += (in->joins[i].kind == TCS_JOINED) == joined;
    open_section(b, joined ? "h-why" : "h-not", joined ? "Why it is one incident" : "Not joined");
    if (n == 0) {
        tcs_base_buf_printf(b, "<p class=\"note\">%s</p></section>\n",
                            joined ? "No joins are recorded." : "Nothing near was left out.");
        return;
    }
    tcs_buf_lit(b, "<table><thead><tr><th scope=\"col\">Time</th><th scope=\"col\">Reason</th><th "
                   "scope=\"col\">Strength</th><th scope=\"col\">Link</th><th scope=\"col\">Joined "
                   "to</th><th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < in->njoins; i++) {
        const struct tcs_join *j = &in->joins[i];
        if ((j->kind == TCS_JOINED) != joined)
            continue;
        tcs_buf_lit(b, "<tr>");
        time_cell(b, "Time", j->time);
        open_cell(b, "Reason", "");
        tcs_base_buf_str(b, j->kind == TCS_JOIN_REFUSED ? TCS_STR("refused: ") : TCS_STR(""));
        put_text(b, j->reason);
        if (j->other.n) {
            tcs_buf_lit(b, " (incident ");
            put_name(b, j->other);
            tcs_base_buf_c(b, ')');
        }
        tcs_buf_lit(b, "</td>");
        open_cell(b, "Strength", "s");
        tcs_base_buf_str(
            b, tcs_base_str_of(strengths[j->strength <= TCS_JOIN_STRONG ? j->strength : 0]));
        tcs_buf_lit(b, "</td>");
        put_link_name(b, in, "Link", j->link);
        put_link_name(b, in, "Joined to", j->to);
        evidence_cell(b, &j->evidence);
        tcs_buf_lit(b, "</tr>\n");
    }
    tcs_buf_lit(b, "</tbody></table></section>\n");
}

/* --- reach, missing, next, overlap, techniques --- */

static void
put_reach(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->nreach == 0)
        return;
    open_section(b, "h-reach", "What can be reached from here");
    tcs_buf_lit(b, "<table><thead><tr><th scope=\"col\">Hops</th><th scope=\"col\">Name</th><th "
                   "scope=\"col\">Kind</th><th scope=\"col\">Why</th><th scope=\"col\">Last seen"
                   "</th><th scope=\"col\">Evidence</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < in->nreach; i++) {
        const struct tcs_reach *r = &in->reach[i];
        tcs_base_buf_printf(b, "<tr><td data-h=\"Hops\">%u</td>", r->hops);
        name_cell(b, "Name", r->name);
        tcs_base_buf_printf(b, "<td data-h=\"Kind\">%s</td>", r->is_host ? "host" : "account");
        open_cell(b, "Why", "");
        put_text(b, r->why);
        tcs_buf_lit(b, "</td>");
        time_cell(b, "Last seen", r->last);
        evidence_cell(b, &r->evidence);
        tcs_buf_lit(b, "</tr>\n");
    }
    tcs_buf_lit(b, "</tbody></table></section>\n");
}

static void
put_stage_item(struct tcs_buf *b, uint8_t stage, struct tcs_str technique, struct tcs_str text)
{
    tcs_buf_lit(b, "<li>");
    report_html_badge(b, stage);
    tcs_base_buf_c(b, ' ');
    put_text(b, text);
    if (technique.n) {
        tcs_buf_lit(b, " <code>");
        put_name(b, technique);
        tcs_buf_lit(b, "</code>");
    }
    tcs_buf_lit(b, "</li>\n");
}

static void
put_missing_and_next(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->nmissing) {
        open_section(b, "h-miss", "Not seen, and which log would show it");
        tcs_buf_lit(b, "<ul>\n");
        for (uint32_t i = 0; i < in->nmissing; i++)
            put_stage_item(b, in->missing[i].stage, (struct tcs_str){0}, in->missing[i].text);
        tcs_buf_lit(b, "</ul></section>\n");
    }
    if (in->nexpected) {
        open_section(b, "h-next", "Likely next");
        tcs_buf_lit(b, "<ul>\n");
        for (uint32_t i = 0; i < in->nexpected; i++)
            put_stage_item(b, in->expected[i].stage, in->expected[i].technique,
                           in->expected[i].text);
        tcs_buf_lit(b, "</ul></section>\n");
    }
}

static void
put_overlaps(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->noverlaps == 0)
        return;
    open_section(b, "h-over", "Overlap with published profiles");
    tcs_buf_lit(b, "<p class=\"note\">Overlap is not attribution: many actors use the same "
                   "techniques.</p>\n<ul>\n");
    for (uint32_t i = 0; i < in->noverlaps; i++) {
        const struct tcs_overlap *o = &in->overlaps[i];
        tcs_buf_lit(b, "<li>");
        put_name(b, o->profile);
        tcs_base_buf_printf(b, ": %u of %u techniques of this incident, %u known of the profile",
                            o->shared, o->of_incident, o->of_profile);
        if (o->source.n) {
            tcs_buf_lit(b, " (");
            put_name(b, o->source);
            tcs_base_buf_c(b, ')');
        }
        for (uint32_t k = 0; k < o->ntechniques; k++) {
            tcs_base_buf_str(b, k ? TCS_STR(" <code>") : TCS_STR("<br><code>"));
            put_name(b, o->techniques[k]);
            tcs_buf_lit(b, "</code>");
        }
        tcs_buf_lit(b, "</li>\n");
    }
    tcs_buf_lit(b, "</ul></section>\n");
}

static void
put_techniques(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->ntechniques == 0)
        return;
    open_section(b, "h-attack", "ATT&amp;CK techniques");
    tcs_buf_lit(b, "<ul>\n");
    for (uint32_t i = 0; i < in->ntechniques; i++) {
        struct tcs_str name = tcs_attack_name(in->techniques[i]);
        tcs_buf_lit(b, "<li>");
        report_html_badge(b, tcs_attack_stage(in->techniques[i]));
        tcs_buf_lit(b, " <code>");
        put_name(b, in->techniques[i]);
        tcs_buf_lit(b, "</code> ");
        put_text(b, name);
        tcs_buf_lit(b, "</li>\n");
    }
    tcs_buf_lit(b, "</ul></section>\n");
}

static void
put_changes(struct tcs_buf *b, const struct tcs_incident *in)
{
    if (in->ntransitions == 0)
        return;
    open_section(b, "h-state", "When the state changed");
    tcs_buf_lit(b, "<ul>\n");
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        tcs_base_buf_printf(b, "<li><b>%s</b>, ", report_state_word(in->transitions[i].state));
        report_time(b, in->transitions[i].time);
        tcs_buf_lit(b, ": ");
        put_text(b, in->transitions[i].why);
        tcs_buf_lit(b, "</li>\n");
    }
    tcs_buf_lit(b, "</ul></section>\n");
}

static void
put_footer(struct tcs_buf *b, const struct tcs_incident *in)
{
    tcs_buf_lit(b, "<footer><p>");
    report_count(b, in->detections, "finding", "findings");
    tcs_buf_lit(b, " in ");
    report_count(b, in->nlinks, "link", "links");
    tcs_buf_lit(b, "; ");
    report_count(b, in->dropped, "link", "links");
    tcs_buf_lit(b, " beyond the limit left out and only counted; score ");
    tcs_base_buf_u64(b, in->score);
    tcs_buf_lit(b, ".</p>\n");
    if (in->nmerged) {
        tcs_buf_lit(b, "<p>Incidents that became part of this one:");
        for (uint32_t i = 0; i < in->nmerged; i++) {
            tcs_buf_lit(b, " <code>");
            put_name(b, in->merged[i]);
            tcs_buf_lit(b, "</code>");
        }
        tcs_buf_lit(b, "</p>\n");
    }
    tcs_buf_lit(b,
                "<p>Times are UTC. Names are as the logs wrote them, unusual characters shown as "
                "\\x.. or \\u{..}. Written by tocsin " TCS_VERSION ". Holds internal names: "
                "TLP:AMBER unless you decide otherwise.</p></footer>\n");
}

void
report_html_sections(struct tcs_buf *b, const struct tcs_incident *in)
{
    put_steps(b, in);
    put_to_do(b, in, DO_FIRST, UINT32_MAX, "Then");
    tcs_buf_lit(b, "<div class=\"two\">\n");
    put_names(b, "Hosts", in->hosts, in->nhosts, in->origin_host);
    put_names(b, "Accounts", in->accounts, in->naccounts, in->origin_account);
    put_names(b, "Addresses", in->addresses, in->naddresses, in->origin_address);
    put_changes(b, in);
    put_missing_and_next(b, in);
    tcs_buf_lit(b, "</div>\n");
    put_links(b, in);
    put_joins(b, in, true);
    put_joins(b, in, false);
    put_reach(b, in);
    tcs_buf_lit(b, "<div class=\"two\">\n");
    put_overlaps(b, in);
    put_techniques(b, in);
    tcs_buf_lit(b, "</div>\n</main>\n");
    put_footer(b, in);
}
