/* identity/account.c - what people ask of an identity: which account, who acted, from where. */
#include "identity/identity.h"

static bool
is_sid(struct tcs_str s)
{
    return tcs_base_str_starts(s, TCS_STR("S-1-"));
}

/* DOMAIN\name in one text, where the log gives no domain of its own. */
static struct tcs_identity_account
split(struct tcs_str domain, struct tcs_str name)
{
    size_t slash = tcs_base_str_find(name, '\\', 0);
    if (domain.n || slash == name.n)
        return (struct tcs_identity_account){domain, name};
    return (struct tcs_identity_account){tcs_base_str_slice(name, 0, slash),
                                         tcs_base_str_slice(name, slash + 1, name.n)};
}

static struct tcs_identity_account
target_of(const struct tcs_identity *w)
{
    return split(w->target_domain, w->target);
}

/* Clouds know accounts by an id that is a name. */
static struct tcs_identity_account
actor_of(const struct tcs_identity *w)
{
    if (w->user.n)
        return split(w->user_domain, w->user);
    return split((struct tcs_str){0}, is_sid(w->user_id) ? (struct tcs_str){0} : w->user_id);
}

static bool
about_target(const struct tcs_identity *w)
{
    return (tcs_identity_traits(w->activity) & TCS_TRAIT_ABOUT_TARGET) != 0;
}

struct tcs_identity_account
tcs_identity_account(const struct tcs_identity *w)
{
    struct tcs_identity_account who = about_target(w) ? target_of(w) : actor_of(w);
    if (!who.name.n)
        who = about_target(w) ? actor_of(w) : target_of(w);
    if (!who.name.n)
        who = split((struct tcs_str){0}, w->named.n ? w->named : w->user_id);
    return who;
}

struct tcs_identity_account
tcs_identity_subject(const struct tcs_identity *w)
{
    if (!about_target(w) || !w->target.n || tcs_base_str_ends(w->user, TCS_STR("$")))
        return (struct tcs_identity_account){0};
    return actor_of(w);
}

struct tcs_str
tcs_identity_source(const struct tcs_identity *w)
{
    static const struct tcs_str mapped = TCS_STR("::ffff:");
    struct tcs_str s = w->source_ip.n ? w->source_ip : w->own_ip;
    bool v4 = tcs_base_str_ieq(tcs_base_str_slice(s, 0, mapped.n), mapped) &&
              tcs_base_str_find(s, '.', 0) < s.n;
    return v4 ? tcs_base_str_slice(s, mapped.n, s.n) : s;
}

struct tcs_str
tcs_identity_account_text(struct tcs_identity_account account, struct tcs_arena *a)
{
    const struct tcs_str d = account.domain, name = account.name;
    if (!d.n)
        return tcs_base_arena_str(a, name);
    char *p = tcs_base_arena_alloc(a, d.n + 1 + name.n);
    if (!p)
        return (struct tcs_str){0};
    memcpy(p, d.p, d.n);
    p[d.n] = '\\';
    if (name.n)
        memcpy(p + d.n + 1, name.p, name.n);
    return (struct tcs_str){p, d.n + 1 + name.n};
}
