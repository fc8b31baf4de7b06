/* chain/sentences.c - sentences from the chain's links: one clause a stage, then state and numbers,
 * then the first thing to do.
 *
 * Phrases for techniques are in advice.c. */
#include "chain/sentences.h"

#include "base/invariant.h"
#include "base/time.h"
#include "chain/advice.h"

enum { NAMES_SHOWN = 4, CLAUSES_MAX = 6, DATE = 10, CLOCK_FROM = 11, CLOCK_TO = 16 };

struct tcs_str
tcs_chain_host_short(struct tcs_str host)
{
    size_t dot = tcs_base_str_find(host, '.', 0);
    for (size_t i = 0; i < dot; i++)
        if ((host.p[i] < '0' || host.p[i] > '9') && host.p[i] != ':')
            return tcs_base_str_slice(host, 0, dot);
    return host; /* an address */
}

void
chain_put_names(struct tcs_buf *b, const struct tcs_str *names, uint32_t n, bool hosts)
{
    uint32_t shown = n > NAMES_SHOWN + 1 ? NAMES_SHOWN : n;
    for (uint32_t i = 0; i < shown; i++) {
        if (i)
            tcs_base_buf_str(b, i + 1 == n ? TCS_STR(" and ") : TCS_STR(", "));
        tcs_base_buf_str(b, hosts ? tcs_chain_host_short(names[i]) : names[i]);
    }
    if (n > shown)
        tcs_base_buf_printf(b, " and %u more", n - shown);
}

static void
put_clock(struct tcs_buf *b, int64_t t, bool date)
{
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(t, 0, text);
    tcs_base_buf_str(b, tcs_base_str_slice(s, CLOCK_FROM, CLOCK_TO));
    tcs_buf_lit(b, " UTC");
    if (!date)
        return;
    tcs_buf_lit(b, " on ");
    tcs_base_buf_str(b, tcs_base_str_slice(s, 0, DATE));
}

static bool
same_day(int64_t a, int64_t b)
{
    const int64_t day = (int64_t)86400 * TCS_TICKS_PER_SEC;
    return a / day == b / day;
}

/* The chosen link of the stage that says most: of the highest level, the first. */
static const struct tcs_link *
best_of(const struct tcs_incident *in, uint8_t stage)
{
    const struct tcs_link *best = NULL;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        if (l->chosen && l->stage == stage && (!best || l->level > best->level))
            best = l;
    }
    return best;
}

/* Hosts of the chosen links of a stage, each once. */
static uint32_t
hosts_of(const struct tcs_incident *in, uint8_t stage, struct tcs_str *out, uint32_t max)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        uint32_t k = 0;
        if (!l->chosen || l->stage != stage || !l->host.n)
            continue;
        while (k < n && !tcs_base_str_eq(out[k], l->host))
            k++;
        if (k == n && n < max)
            out[n++] = l->host;
    }
    return n;
}

static void
put_clause(struct tcs_buf *b, const struct tcs_incident *in, const struct tcs_link *l, int64_t *day)
{
    enum { HOSTS = 32 };
    struct tcs_str hosts[HOSTS];
    uint32_t n = hosts_of(in, l->stage, hosts, HOSTS);
    struct tcs_str technique = l->ntechniques ? l->techniques[0] : (struct tcs_str){0};
    tcs_base_buf_str(b, tcs_chain_advice_phrase(technique, l->stage));
    if (n) {
        tcs_buf_lit(b, " on ");
        chain_put_names(b, hosts, n, true);
    }
    tcs_buf_lit(b, " at ");
    bool date = *day == TCS_TIME_NONE || !same_day(*day, l->time);
    put_clock(b, l->time, date);
    *day = l->time;
}

static void
put_course(struct tcs_buf *b, const struct tcs_incident *in)
{
    int64_t day = TCS_TIME_NONE;
    struct tcs_str who = {0};
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++) {
        const struct tcs_link *l = best_of(in, s);
        if (!l)
            continue;
        if (!b->n || !tcs_base_str_eq(who, l->account)) {
            if (b->n)
                tcs_buf_lit(b, "; then ");
            who = l->account;
            tcs_base_buf_str(b, who.n ? who : b->n ? TCS_STR("somebody") : TCS_STR("Somebody"));
            tcs_base_buf_c(b, ' ');
        } else {
            tcs_buf_lit(b, ", then ");
        }
        put_clause(b, in, l, &day);
    }
    if (in->origin_address.n) {
        tcs_buf_lit(b, "; it came from ");
        tcs_base_buf_str(b, in->origin_address);
    }
    tcs_buf_lit(b, ".");
}

static void
put_state(struct tcs_buf *b, const struct tcs_incident *in)
{
    static const char *const words[] = {
        [TCS_STATE_WATCH] = " Watch it: there is no sign of destruction yet",
        [TCS_STATE_WARN] = " This is a running intrusion",
        [TCS_STATE_IMMINENT] = " Destruction is being prepared",
        [TCS_STATE_DESTRUCTION] = " Destruction has begun",
    };
    TCS_ROW_FOR_EACH(words, TCS_STATES);
    bool lone = in->state == TCS_STATE_WATCH && in->stages >> TCS_STAGE_DESTROY & 1;
    if (lone)
        tcs_buf_lit(b,
                    " Watch it: it prepares destruction, unless somebody can say why it was done");
    else if (words[in->state])
        tcs_base_buf_str(b, tcs_base_str_of(words[in->state]));
    tcs_buf_lit(b, "; involved: ");
    chain_put_names(b, in->hosts, in->nhosts, true);
    if (in->naccounts && in->nhosts)
        tcs_buf_lit(b, "; ");
    chain_put_names(b, in->accounts, in->naccounts, false);
    tcs_buf_lit(b, ".");
}

struct tcs_str
chain_summary(const struct tcs_incident *in, struct tcs_arena *a)
{
    struct tcs_buf b = {0};
    put_course(&b, in);
    put_state(&b, in);
    if (in->nmitigations) {
        tcs_buf_lit(&b, " Now: ");
        tcs_base_buf_str(&b, in->mitigations[0].text);
    }
    struct tcs_str s =
        b.failed ? (struct tcs_str){0} : tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return s;
}
