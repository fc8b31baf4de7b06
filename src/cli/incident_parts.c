/* cli/incident_parts.c - the lists of an incident behind its chain: why it is one, what to do, what
 * comes next, what was not seen, what can be reached, what was left out. */
#include "cli/incident_int.h"
#include "cli/text.h"

enum { BRIEF = 3, INDENT = 4 };

/* "  - text", further lines below the text; frees it. */
static void
item(struct tcs_buf *b, const struct tcs_term *t, struct tcs_buf *text)
{
    tcs_buf_lit(b, "  - ");
    tcs_cli_incident_wrap(b, t, tcs_base_buf_view(text), INDENT, INDENT);
    b->failed |= text->failed;
    tcs_base_buf_done(text);
}

static void
add_evidence(struct tcs_buf *text, const struct tcs_evidence *e)
{
    if (!e->file.n)
        return;
    tcs_buf_lit(text, " (");
    tcs_cli_incident_evidence(text, e);
    tcs_base_buf_c(text, ')');
}

/* Was the same said of another link before? */
static bool
told(const struct tcs_incident *in, uint32_t i)
{
    const struct tcs_join *j = &in->joins[i];
    for (uint32_t k = 0; k < i; k++) {
        const struct tcs_join *p = &in->joins[k];
        if ((p->kind == TCS_JOINED) == (j->kind == TCS_JOINED) &&
            tcs_base_str_eq(p->reason, j->reason) && tcs_base_str_eq(p->from_host, j->from_host))
            return true;
    }
    return false;
}

/* Joins of these kinds, under a heading if there are any. */
static void
put_joins(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in,
          const char *heading, bool joined, bool brief)
{
    uint32_t shown = 0, left = 0;
    for (uint32_t i = 0; i < in->njoins; i++) {
        const struct tcs_join *j = &in->joins[i];
        struct tcs_buf text = {0};
        if ((j->kind == TCS_JOINED) != joined)
            continue;
        if (brief && (shown == BRIEF || told(in, i))) {
            left++;
            continue;
        }
        if (shown++ == 0)
            tcs_cli_incident_heading(b, t, heading);
        tcs_base_buf_str(&text, j->reason);
        if (j->from_host.n && j->to_host.n) {
            tcs_buf_lit(&text, ": ");
            tcs_base_buf_str(&text, j->from_host);
            tcs_buf_lit(&text, " -> ");
            tcs_base_buf_str(&text, j->to_host);
        }
        add_evidence(&text, &j->evidence);
        if (j->other.n) {
            tcs_buf_lit(&text, "; incident ");
            tcs_base_buf_str(&text, tcs_base_str_slice(j->other, 0, TCS_INCIDENT_SHORT));
        }
        item(b, t, &text);
    }
    tcs_cli_incident_more(b, t, left);
}

/* Mitigations are in order of priority already, and numbered; what is expected is not. */
static void
put_next(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_next *list, uint32_t n,
         const char *heading, bool numbered, bool brief)
{
    uint32_t most = brief && n > BRIEF ? BRIEF : n;
    if (n)
        tcs_cli_incident_heading(b, t, heading);
    for (uint32_t i = 0; i < most; i++) {
        struct tcs_buf text = {0};
        tcs_base_buf_str(&text, list[i].text);
        if (list[i].technique.n) {
            tcs_buf_lit(&text, " [");
            tcs_base_buf_str(&text, list[i].technique);
            tcs_base_buf_c(&text, ']');
        }
        if (!numbered) {
            item(b, t, &text);
            continue;
        }
        tcs_cli_term_style(t, b, TCS_BOLD);
        tcs_base_buf_printf(b, " %2u ", i + 1);
        tcs_cli_term_style(t, b, TCS_PLAIN);
        tcs_cli_incident_wrap(b, t, tcs_base_buf_view(&text), INDENT, INDENT);
        b->failed |= text.failed;
        tcs_base_buf_done(&text);
    }
    tcs_cli_incident_more(b, t, n - most);
}

static void
put_missing(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in)
{
    if (in->nmissing)
        tcs_cli_incident_heading(b, t, "Not seen");
    for (uint32_t i = 0; i < in->nmissing; i++) {
        struct tcs_buf text = {0};
        tcs_base_buf_printf(&text, "%c %s: ", tcs_cli_incident_letter(in->missing[i].stage),
                            tcs_attack_stage_name(in->missing[i].stage));
        tcs_base_buf_str(&text, in->missing[i].text);
        item(b, t, &text);
    }
}

static void
put_reach(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in, bool brief)
{
    uint32_t most = brief && in->nreach > BRIEF ? BRIEF : in->nreach;
    if (in->nreach)
        tcs_cli_incident_heading(b, t, "Reach");
    for (uint32_t i = 0; i < most; i++) {
        const struct tcs_reach *r = &in->reach[i];
        struct tcs_buf text = {0};
        tcs_base_buf_str(&text, r->is_host ? TCS_STR("host ") : TCS_STR("account "));
        tcs_base_buf_str(&text, r->name);
        if (r->hops > 1)
            tcs_base_buf_printf(&text, ", in %u steps", r->hops);
        tcs_buf_lit(&text, ": ");
        tcs_base_buf_str(&text, r->why);
        add_evidence(&text, &r->evidence);
        item(b, t, &text);
    }
    tcs_cli_incident_more(b, t, in->nreach - most);
}

static void
put_transitions(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in)
{
    if (in->ntransitions)
        tcs_cli_incident_heading(b, t, "When it became what it is");
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        struct tcs_buf text = {0};
        tcs_cli_incident_time(&text, in->transitions[i].time);
        tcs_base_buf_printf(&text, " %s: ", tcs_chain_state_name(in->transitions[i].state));
        tcs_base_buf_str(&text, in->transitions[i].why);
        item(b, t, &text);
    }
}

static void
put_overlaps(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in)
{
    if (in->noverlaps)
        tcs_cli_incident_heading(b, t,
                                 "Techniques shared with published profiles (no attribution)");
    for (uint32_t i = 0; i < in->noverlaps; i++) {
        const struct tcs_overlap *o = &in->overlaps[i];
        struct tcs_buf text = {0};
        tcs_base_buf_str(&text, o->profile);
        tcs_base_buf_printf(&text, ": %u of this incident's %u, of the profile's %u", o->shared,
                            o->of_incident, o->of_profile);
        for (uint32_t k = 0; k < o->ntechniques; k++) {
            tcs_base_buf_str(&text, k ? TCS_STR(", ") : TCS_STR(": "));
            tcs_base_buf_str(&text, o->techniques[k]);
        }
        tcs_buf_lit(&text, " (");
        tcs_base_buf_str(&text, o->source);
        tcs_base_buf_c(&text, ')');
        item(b, t, &text);
    }
}

/* The names in full, for those who search elsewhere with them. */
static void
put_names(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in)
{
    const struct {
        const char *label;
        const struct tcs_str *names;
        uint32_t n;
    } rows[] = {
        {"Hosts", in->hosts, in->nhosts},
        {"Accounts", in->accounts, in->naccounts},
        {"Addresses", in->addresses, in->naddresses},
        {"Techniques", in->techniques, in->ntechniques},
        {"Began on host", &in->origin_host, in->origin_host.n != 0},
        {"Began with account", &in->origin_account, in->origin_account.n != 0},
        {"Began at address", &in->origin_address, in->origin_address.n != 0},
        {"Took in incidents", in->merged, in->nmerged},
    };
    tcs_cli_incident_heading(b, t, "Names");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcs_buf text = {0};
        if (!rows[i].n)
            continue;
        tcs_base_buf_printf(&text, "%s:", rows[i].label);
        for (uint32_t k = 0; k < rows[i].n; k++) {
            tcs_base_buf_str(&text, k ? TCS_STR(", ") : TCS_STR(" "));
            tcs_base_buf_str(&text, rows[i].names[k]);
        }
        item(b, t, &text);
    }
}

void
tcs_cli_incident_parts(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_incident *in,
                       bool brief)
{
    put_joins(b, t, in, "Why one incident", true, brief);
    put_next(b, t, in->mitigations, in->nmitigations, "Do now", true, brief);
    put_next(b, t, in->expected, in->nexpected, "Likely next", false, brief);
    put_missing(b, t, in);
    put_reach(b, t, in, brief);
    if (brief)
        return;
    put_joins(b, t, in, "Not joined", false, false);
    put_transitions(b, t, in);
    put_overlaps(b, t, in);
    put_names(b, t, in);
    tcs_base_buf_printf(b, "\nId: %s\n", in->id);
}
