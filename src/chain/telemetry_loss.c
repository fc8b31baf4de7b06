/* chain/telemetry_loss.c - a host that falls silent right after credentials were read or somebody
 * moved on to it: its sensor may have been switched off.
 *
 * A recording that just ends must not look like that: the host must have been seen for an hour
 * before, and another host that was seen within the same minutes must go on. */
#include "chain/chain_int.h"

#include "attack/level.h"
#include "base/grow.h"
#include "chain/weights.h"

/* Somebody else spoke before and after. */
static bool
others_go_on(const struct tcs_chain *c, uint32_t host, int64_t silent)
{
    for (uint32_t i = 1; i < c->e.hosts.n; i++)
        if (i != host && c->host_first[i] < silent - chain_seconds(W_LOSS_S) &&
            c->host_last[i] >= silent + chain_seconds(W_LOSS_PROOF_S))
            return true;
    return false;
}

static bool
may_lose(const struct tcs_chain *c, const struct chain_finding *d)
{
    const struct chain_sig *s = &c->sigs[d->sig];
    if (!d->host || chain_level(c, d) < TCS_HIGH || s->s.ntechniques == 0 ||
        (s->stage != TCS_STAGE_CREDENTIALS && s->stage != TCS_STAGE_LATERAL))
        return false;
    int64_t last = c->host_last[d->host];
    return last - d->time <= chain_seconds(W_LOSS_S) &&
           d->time - c->host_first[d->host] >= chain_seconds(3600);
}

bool
chain_telemetry_loss(struct tcs_chain *c)
{
    static struct tcs_str technique[] = {{"T1685", 5}};
    const struct tcs_signature sig = {.id = TCS_STR("tocsin:host-silent"),
                                      .title = TCS_STR("Host Fell Silent After A Finding"),
                                      .level = TCS_HIGH,
                                      .stage = TCS_STAGE_CREDENTIALS,
                                      .techniques = technique,
                                      .ntechniques = 1};
    uint32_t n = c->nfindings, number = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        struct chain_finding d = c->findings[i];
        if (!may_lose(c, &d) || !others_go_on(c, d.host, c->host_last[d.host]))
            continue;
        if (number == UINT32_MAX && (number = tcs_chain_signature(c, &sig)) == UINT32_MAX)
            return false;
        c->sigs[number].impairs = false; /* a guess, not a tool seen going off */
        d.sig = number;
        d.time = c->host_last[d.host];
        d.group = 0;
        if (!tcs_base_grow(&c->findings, &c->cap_findings, c->nfindings, 1, sizeof d))
            return false;
        c->findings[c->nfindings++] = d;
    }
    return true;
}
