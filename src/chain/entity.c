/* chain/entity.c - names in, numbers out; then which names mean the same.
 *
 * host      a short name is the one full name whose first label it is, if there is just one
 * account   a SID is the name that some record gave it; user@dns.domain is DOMAIN\user if one of
 *           the DNS name's labels is DOMAIN; a bare user is the one account of that name
 * address   without ::ffff: and zone; loopback is none */
#include "chain/entity.h"

#include "base/grow.h"

#include <stdlib.h>

static void
names_init(struct chain_names *n, struct tcs_arena *a)
{
    *n = (struct chain_names){.a = a, .n = 1};
}

bool
chain_entities_init(struct chain_entities *e)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    names_init(&e->hosts, a);
    names_init(&e->accounts, a);
    names_init(&e->addresses, a);
    names_init(&e->texts, a);
    e->sid = CHAIN_NONE;
    return a != NULL;
}

static void
names_done(struct chain_names *n)
{
    tcs_base_map_done(&n->map);
    free(n->at);
}

void
chain_entities_done(struct chain_entities *e)
{
    names_done(&e->hosts);
    names_done(&e->accounts);
    names_done(&e->addresses);
    names_done(&e->texts);
    tcs_base_arena_free(e->texts.a);
}

bool
chain_entities_failed(const struct chain_entities *e)
{
    return e->hosts.failed || e->accounts.failed || e->addresses.failed || e->texts.failed;
}

static bool
room(struct chain_names *n)
{
    bool first = !n->cap;
    if (n->n >= TCS_CHAIN_NAMES_MAX || !tcs_base_grow(&n->at, &n->cap, n->n, 1, sizeof *n->at))
        return false;
    if (first)
        n->at[0] = (struct chain_name){0};
    return true;
}

/* `key` is what is compared, `shown` what people see. */
static uint32_t
intern(struct chain_names *n, struct tcs_str key, struct tcs_str shown)
{
    uint32_t id = tcs_base_map_get(&n->map, key);
    if (id != TCS_MAP_NONE) {
        struct tcs_str better = n->at[id].shown;
        if (tcs_base_str_cmp(shown, better) < 0)
            better = tcs_base_arena_str(n->a, shown);
        if (better.p)
            n->at[id].shown = better;
        return id;
    }
    if (!room(n)) {
        n->failed = true;
        return CHAIN_NONE;
    }
    struct tcs_str kept = tcs_base_arena_str(n->a, key);
    if (!kept.p || tcs_base_map_put(&n->map, kept, n->n) < 0) {
        n->failed = true;
        return CHAIN_NONE;
    }
    n->at[n->n] = (struct chain_name){
        .key = kept,
        .shown = tcs_base_str_eq(key, shown) ? kept : tcs_base_arena_str(n->a, shown),
        .canon = n->n};
    return n->n++;
}

uint32_t
chain_name_again(struct chain_names *n, struct tcs_str key, struct tcs_str shown, bool stop)
{
    uint32_t id = intern(n, key, shown);
    if (id && stop)
        n->at[id].stop = true;
    return id;
}

size_t
chain_entities_bytes(const struct chain_entities *e)
{
    enum { SLOTS = 64 }; /* of the map, between one and a half and three of them */
    const size_t each = sizeof(struct chain_name) + SLOTS;
    size_t n = (size_t)e->hosts.n + e->accounts.n + e->addresses.n + e->texts.n;
    return n * each + tcs_base_arena_used(e->texts.a);
}

bool
chain_names_copy(const struct chain_names *from, struct chain_names *to, uint32_t *used)
{
    for (uint32_t i = 1; i < from->n; i++) {
        if (!used[i])
            continue;
        used[i] = intern(to, from->at[i].key, from->at[i].shown);
        if (!used[i])
            return false;
        to->at[used[i]].stop = from->at[i].stop;
    }
    used[0] = CHAIN_NONE;
    return true;
}

static struct tcs_str
lower(struct tcs_str s, char *out)
{
    for (size_t i = 0; i < s.n; i++)
        out[i] = tcs_base_ascii_lower(s.p[i]);
    return (struct tcs_str){out, s.n};
}

static struct tcs_str
cut(struct tcs_str s)
{
    return tcs_base_str_slice(s, 0, TCS_IDENTITY_TEXT_MAX);
}

static struct tcs_str
without_slashes(struct tcs_str s)
{
    while (s.n && s.p[0] == '\\')
        s = tcs_base_str_slice(s, 1, s.n);
    return s;
}

uint32_t
chain_host(struct chain_entities *e, struct tcs_str name)
{
    name = without_slashes(cut(name)); /* \\HOST */
    while (name.n && (name.p[name.n - 1] == '.' || name.p[name.n - 1] == '$'))
        name.n--;
    return name.n ? intern(&e->hosts, lower(name, e->key), name) : CHAIN_NONE;
}

uint32_t
chain_text(struct chain_entities *e, struct tcs_str text)
{
    text = cut(text);
    return text.n ? intern(&e->texts, text, text) : CHAIN_NONE;
}

uint32_t
chain_address(struct chain_entities *e, struct tcs_str ip)
{
    struct tcs_str s = lower(cut(ip), e->key);
    if (tcs_base_str_starts(s, TCS_STR("::ffff:")))
        s = tcs_base_str_slice(s, 7, s.n);
    s = tcs_base_str_slice(s, 0, tcs_base_str_find(s, '%', 0));
    if (!s.n || tcs_base_str_eq(s, TCS_STR("::1")) || tcs_base_str_starts(s, TCS_STR("127.")) ||
        tcs_base_str_eq(s, TCS_STR("-")))
        return CHAIN_NONE;
    return intern(&e->addresses, s, s);
}

/* --- accounts --- */

static bool
is_sid(struct tcs_str s)
{
    return s.n > 4 && tcs_base_str_ieq(tcs_base_str_slice(s, 0, 4), TCS_STR("S-1-"));
}

bool
chain_is_system(struct tcs_str domain, struct tcs_str user, struct tcs_str id)
{
    static const struct tcs_str ids[] = {
        {"S-1-5-18", 8}, {"S-1-5-19", 8}, {"S-1-5-20", 8}, {"S-1-5-7", 7}};
    static const struct tcs_str begins[] = {{"S-1-5-90-", 9}, {"S-1-5-96-", 9}};
    /* NT AUTHORITY in the languages Windows writes it in, Window Manager, Font Driver Host */
    static const struct tcs_str domains[] = {
        {"NT ", 3}, {"NT-", 3}, {"AUTORI", 6}, {"WINDOW MANAGER", 14}, {"FONT DRIVER HOST", 16}};
    static const struct tcs_str users[] = {
        {"SYSTEM", 6}, {"LOCAL SERVICE", 13}, {"NETWORK SERVICE", 15}, {"ANONYMOUS LOGON", 15}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (tcs_base_str_ieq(id, ids[i]))
            return true;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (tcs_base_str_starts(id, begins[i]))
            return true;
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (domain.n && tcs_base_str_ieq(tcs_base_str_slice(domain, 0, domains[i].n), domains[i]))
            return true;
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (tcs_base_str_ieq(user, users[i]))
            return true;
    user = tcs_base_str_slice(user, 0, tcs_base_str_find(user, '@', 0));
    return user.n > 1 && user.p[user.n - 1] == '$';
}

static struct tcs_str
join(struct tcs_str domain, struct tcs_str user, char *out)
{
    if (!domain.n)
        return user;
    memcpy(out, domain.p, domain.n);
    out[domain.n] = '\\';
    memcpy(out + domain.n + 1, user.p, user.n);
    return (struct tcs_str){out, domain.n + 1 + user.n};
}

/* user@domain and DOMAIN\user in one text; \user is a bare one. */
static void
split(struct tcs_str *domain, struct tcs_str *user)
{
    *domain = without_slashes(*domain);
    *user = without_slashes(*user);
    size_t slash = tcs_base_str_find(*user, '\\', 0), at = tcs_base_str_find(*user, '@', 0);
    if (slash < user->n) {
        *domain = tcs_base_str_slice(*user, 0, slash);
        *user = without_slashes(tcs_base_str_slice(*user, slash + 1, user->n));
    } else if (at > 0 && at + 1 < user->n) {
        *domain = tcs_base_str_slice(*user, at + 1, user->n);
        *user = tcs_base_str_slice(*user, 0, at);
    }
}

static uint32_t
account_of(struct chain_entities *e, struct tcs_str domain, struct tcs_str user, struct tcs_str id)
{
    struct tcs_str s = join(domain, user, e->joined);
    uint32_t n = intern(&e->accounts, lower(s, e->key), s);
    if (n && chain_is_system(domain, user, id))
        e->accounts.at[n].stop = true;
    return n;
}

/* Of several names the first in byte order: independent of order. */
void
chain_alias(struct chain_entities *e, uint32_t sid, uint32_t account)
{
    struct chain_name *s = &e->accounts.at[sid];
    if (!s->alias ||
        tcs_base_str_cmp(e->accounts.at[account].key, e->accounts.at[s->alias].key) < 0)
        s->alias = account;
}

uint32_t
chain_account(struct chain_entities *e, struct tcs_str domain, struct tcs_str user,
              struct tcs_str id)
{
    uint32_t name = CHAIN_NONE, sid = CHAIN_NONE;
    domain = cut(domain);
    user = cut(user);
    id = cut(id);
    if (!user.n && id.n && !is_sid(id)) { /* a UPN or a cloud's id */
        user = id;
        id = (struct tcs_str){0};
    }
    split(&domain, &user);
    if (user.n && !is_sid(user))
        name = account_of(e, domain, user, id);
    else if (user.n)
        id = user;
    if (is_sid(id)) {
        sid = intern(&e->accounts, lower(id, e->key), id);
        if (sid && chain_is_system((struct tcs_str){0}, (struct tcs_str){0}, id))
            e->accounts.at[sid].stop = true;
    }
    e->sid = name ? sid : CHAIN_NONE;
    if (e->sid)
        chain_alias(e, sid, name);
    return name ? name : sid;
}

void
chain_stop(struct chain_entities *e, struct tcs_str name)
{
    uint32_t host = chain_host(e, name), ip = chain_address(e, name);
    uint32_t account = chain_account(e, (struct tcs_str){0}, name, (struct tcs_str){0});
    if (host)
        e->hosts.at[host].stop = true;
    if (ip)
        e->addresses.at[ip].stop = true;
    if (account)
        e->accounts.at[account].stop = true;
}

/* --- which are the same --- */

struct item {
    struct tcs_str first, rest; /* host: first label, what follows; account: user, domain */
    uint32_t id;
};

static int
by_first(const void *pa, const void *pb)
{
    const struct item *a = pa, *b = pb;
    int c = tcs_base_str_cmp(a->first, b->first);
    return c ? c : tcs_base_str_cmp(a->rest, b->rest);
}

static bool
is_address(struct tcs_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.')
            return memchr(s.p, ':', s.n) != NULL;
    return true;
}

/* Items of equal `first` are handed to `same` together. */
static void
in_groups(struct chain_names *n, struct item *items, uint32_t count,
          void (*same)(struct chain_names *n, struct item *items, uint32_t count))
{
    qsort(items, count, sizeof *items, by_first);
    for (uint32_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && tcs_base_str_eq(items[i].first, items[end].first);)
            end++;
        same(n, items + i, end - i);
    }
}

/* A bare name that is to join nothing means whoever has it, in every domain. */
static void
stop_all(struct chain_names *n, const struct item *items, uint32_t count)
{
    for (uint32_t i = 1; n->at[items[0].id].stop && !items[0].rest.n && i < count; i++)
        n->at[items[i].id].stop = true;
}

static void
same_hosts(struct chain_names *n, struct item *items, uint32_t count)
{
    stop_all(n, items, count);
    if (count == 2 && !items[0].rest.n) /* "dc01" and one "dc01.elbwerft.example" */
        n->at[items[0].id].canon = items[1].id;
}

static bool
has_label(struct tcs_str dns, struct tcs_str label)
{
    for (size_t from = 0; from < dns.n;) {
        size_t dot = tcs_base_str_find(dns, '.', from);
        if (tcs_base_str_eq(tcs_base_str_slice(dns, from, dot), label))
            return true;
        from = dot + 1;
    }
    return false;
}

static void
same_accounts(struct chain_names *n, struct item *items, uint32_t count)
{
    uint32_t domains = 0, only = 0;
    stop_all(n, items, count);
    for (uint32_t i = 0; i < count; i++) {
        bool dns = memchr(items[i].rest.p ? items[i].rest.p : "", '.', items[i].rest.n) != NULL;
        for (uint32_t k = 0; dns && k < count; k++)
            if (k != i && items[k].rest.n && has_label(items[i].rest, items[k].rest))
                n->at[items[i].id].canon = items[k].id;
        if (items[i].rest.n && n->at[items[i].id].canon == items[i].id) {
            domains++;
            only = items[i].id;
        }
    }
    if (domains == 1 && !items[0].rest.n)
        n->at[items[0].id].canon = only;
}

static struct item
split_key(struct tcs_str key, uint32_t id, bool host)
{
    size_t at = tcs_base_str_find(key, host ? '.' : '\\', 0);
    struct tcs_str head = tcs_base_str_slice(key, 0, at);
    struct tcs_str tail = tcs_base_str_slice(key, at + 1, key.n);
    if (host && is_address(key))
        return (struct item){key, {0}, id};
    if (host)
        return (struct item){head, tail, id};
    return at < key.n ? (struct item){tail, head, id} : (struct item){key, {0}, id};
}

static void
resolve(struct chain_names *n, bool host)
{
    struct item *items = n->n > 1 ? calloc(n->n, sizeof *items) : NULL;
    uint32_t count = 0;
    if (n->n > 1 && !items)
        n->failed = true;
    for (uint32_t i = 1; items && i < n->n; i++)
        if (host || !is_sid(n->at[i].key))
            items[count++] = split_key(n->at[i].key, i, host);
    if (count)
        in_groups(n, items, count, host ? same_hosts : same_accounts);
    free(items);
}

void
chain_entities_resolve(struct chain_entities *e)
{
    struct chain_names *acc = &e->accounts;
    resolve(&e->hosts, true);
    resolve(acc, false);
    for (uint32_t i = 1; i < acc->n; i++) /* SIDs after names: to what the name became */
        if (acc->at[i].alias)
            acc->at[i].canon = acc->at[acc->at[i].alias].canon;
    for (int k = 0; k < 2; k++) {
        struct chain_names *n = k ? acc : &e->hosts;
        for (uint32_t i = 1; i < n->n; i++)
            if (n->at[i].stop)
                n->at[n->at[i].canon].stop = true;
    }
}
