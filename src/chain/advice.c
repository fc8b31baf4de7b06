/* chain/advice.c - which of the rows fit an incident.
 *
 * Rows in, rows out: nothing is judged here.  The tables are in advice_phrases.c and
 * advice_rows.c. */
#include "chain/advice_int.h"

#include "attack/attack.h"
#include "base/buf.h"
#include "base/invariant.h"

#include <stdlib.h>

enum { PARENT = 5, KEY = 10, PRIORITIES = 5 };

static const char *const by_stage[] = {
    [TCS_STAGE_NONE] = "was noticed",
    [TCS_STAGE_ACCOUNT] = "was under attack",
    [TCS_STAGE_FOOTHOLD] = "ran something suspicious",
    [TCS_STAGE_CREDENTIALS] = "went for passwords or protections",
    [TCS_STAGE_LATERAL] = "moved between hosts",
    [TCS_STAGE_DESTROY] = "damaged data or the way back to it",
};
TCS_ROW_FOR_EACH(by_stage, TCS_STAGES);

static const char *const missing[] = {
    [TCS_STAGE_NONE] = "",
    [TCS_STAGE_ACCOUNT] =
        "How the account was taken is not seen: feed VPN, Entra ID and mail sign-in logs, Security "
        "4625, 4771 and 4776 of the domain controllers, and sshd's log on Linux.",
    [TCS_STAGE_FOOTHOLD] =
        "What ran on the hosts is not seen: feed Sysmon, or Security 4688 with command lines, "
        "System 7045, PowerShell 4104, and the logs of web servers that face the Internet.",
    [TCS_STAGE_CREDENTIALS] =
        "Theft of credentials is not seen: feed Sysmon 10, Security 4662 and 4769 of the domain "
        "controllers, and the operational log of the protection (Defender 1116, 5001, 5007).",
    [TCS_STAGE_LATERAL] =
        "Movement between hosts is not seen: feed Security 4624, 4648, 4697 and 5140 of servers "
        "and workstations, remote desktop's session logs (21, 25, 1149), and cloud audit logs.",
    [TCS_STAGE_DESTROY] =
        "No destruction is seen; it would show in process logs (Sysmon 1, Security 4688), System "
        "7036, 7045 and 1074, file server auditing (4663), and audit logs of cloud and device "
        "management.",
};
TCS_ROW_FOR_EACH(missing, TCS_STAGES);

static int
compare(const void *key, const void *row)
{
    return strcmp(key, ((const struct tcs_advice_phrase_row *)row)->technique);
}

struct tcs_str
tcs_chain_advice_phrase(struct tcs_str technique, uint8_t stage)
{
    char key[KEY] = {0};
    struct tcs_str t = tcs_attack_v19(technique);
    if (t.n < KEY && t.n >= PARENT) {
        memcpy(key, t.p, t.n);
        key[0] = key[0] == 't' ? 'T' : key[0];
        for (;;) {
            const struct tcs_advice_phrase_row *r =
                bsearch(key, tcs_chain_advice_phrases, tcs_chain_advice_nphrases,
                        sizeof *tcs_chain_advice_phrases, compare);
            if (r)
                return tcs_base_str_of(r->text);
            if (!key[PARENT])
                break;
            key[PARENT] = '\0';
        }
    }
    return tcs_base_str_of(by_stage[stage < TCS_STAGES ? stage : TCS_STAGE_NONE]);
}

struct tcs_str
tcs_chain_advice_missing(uint8_t stage)
{
    return tcs_base_str_of(missing[stage < TCS_STAGES ? stage : TCS_STAGE_NONE]);
}

/* Whether one of the techniques seen is `want` or a child of it. */
static bool
was_seen(struct tcs_str want, const struct tcs_str *seen, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct tcs_str t = tcs_attack_v19(seen[i]);
        if (tcs_base_str_ieq(tcs_base_str_slice(t, 0, want.n), want) &&
            (t.n == want.n || t.p[want.n] == '.'))
            return true;
    }
    return false;
}

static bool
listed(const struct tcs_advice_next *const *ret, uint32_t n, struct tcs_str technique)
{
    for (uint32_t i = 0; i < n; i++)
        if (tcs_base_str_eq(ret[i]->technique, technique))
            return true;
    return false;
}

uint32_t
tcs_chain_advice_next(const struct tcs_str *seen, uint32_t n, uint8_t furthest,
                      const struct tcs_advice_next *ret[TCS_ADVICE_MAX])
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < tcs_chain_advice_nnexts && found < TCS_ADVICE_MAX; i++) {
        const struct tcs_advice_next *r = &tcs_chain_advice_nexts[i];
        bool fits = r->after.n ? was_seen(r->after, seen, n) : r->after_stage == furthest;
        /* what leads to a stage that was passed is history, not expectation */
        if (fits && r->stage >= furthest && !was_seen(r->technique, seen, n) &&
            !listed(ret, found, r->technique))
            ret[found++] = r;
    }
    return found;
}

/* Whether what the row says was said already. */
static bool
said(const struct tcs_advice_step *const *ret, uint32_t n, const struct tcs_advice_step *row)
{
    for (uint32_t i = 0; i < n; i++)
        if (tcs_base_str_eq(ret[i]->text, row->text) || (row->topic && ret[i]->topic == row->topic))
            return true;
    return false;
}

bool
tcs_chain_advice_fits(const struct tcs_advice_step *row, const struct tcs_str *seen, uint32_t n,
                      uint32_t stages)
{
    return row->technique.n ? was_seen(row->technique, seen, n) : (stages & 1u << row->stage) != 0;
}

uint32_t
tcs_chain_advice_steps(const struct tcs_str *seen, uint32_t n, uint32_t stages,
                       const struct tcs_advice_step *ret[TCS_ADVICE_MAX])
{
    uint32_t found = 0;
    for (uint8_t priority = 1; priority <= PRIORITIES; priority++)
        for (uint32_t i = 0; i < tcs_chain_advice_nsteps && found < TCS_ADVICE_MAX; i++) {
            const struct tcs_advice_step *r = &tcs_chain_advice_all_steps[i];
            if (r->priority == priority && tcs_chain_advice_fits(r, seen, n, stages) &&
                !said(ret, found, r))
                ret[found++] = r;
        }
    return found;
}

/* The name at the beginning of `s`, and how long its placeholder is; 0: none. */
static size_t
placeholder(struct tcs_str s, const struct tcs_advice_names *names, struct tcs_str *ret)
{
    const struct {
        struct tcs_str mark, name, none;
    } all[] = {
        {TCS_STR("{account}"), names->account, TCS_STR("the account")},
        {TCS_STR("{host}"), names->host, TCS_STR("the host")},
        {TCS_STR("{hosts}"), names->hosts, TCS_STR("the hosts")},
        {TCS_STR("{address}"), names->address, TCS_STR("the source address")},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!tcs_base_str_starts(s, all[i].mark))
            continue;
        *ret = all[i].name.n ? all[i].name : all[i].none;
        return all[i].mark.n;
    }
    return 0;
}

struct tcs_str
tcs_chain_advice_fill(struct tcs_arena *a, struct tcs_str text,
                      const struct tcs_advice_names *names)
{
    struct tcs_buf b = {0};
    for (size_t i = 0; i < text.n;) {
        struct tcs_str name;
        size_t n = placeholder(tcs_base_str_slice(text, i, text.n), names, &name);
        if (n)
            tcs_base_buf_str(&b, name);
        else
            tcs_base_buf_c(&b, text.p[i]);
        i += n ? n : 1;
    }
    struct tcs_str ret =
        b.failed ? (struct tcs_str){0} : tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return ret;
}
