/* report/stix_objects.c - the objects of a STIX bundle that stand for things: addresses, accounts,
 * hosts, techniques; and the ids of all.
 *
 * Observables have the ids of STIX 2.1 section 2.9, so that everybody's are the same.  All other
 * ids come from a name space of our own (theirs is forbidden for these), so that the same incident
 * gives the same bytes; docs/adr/0016 says why not random ones. */
#include "attack/attack.h"
#include "report/stix_int.h"

#include <arpa/inet.h>

static const char amber[] = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
/* 2026-01-01: things that do not change have no better time of creation */
#define RP_FIXED_TIME ((int64_t)1767225600 * TCS_TICKS_PER_SEC)

struct rp_stix_id
report_stix_id(const char *type, const struct tcs_str *parts, size_t n)
{
    struct rp_stix_id id;
    struct tcs_buf b = {0};
    tcs_buf_lit(&b, "report"); /* apart from what else has ids of ours */
    for (size_t i = 0; i < n; i++) {
        tcs_base_buf_c(&b, '\xff');
        tcs_base_buf_u64(&b, parts[i].n); /* so that no part can imitate a boundary */
        tcs_base_buf_c(&b, ':');
        tcs_base_buf_str(&b, parts[i]);
    }
    tcs_stix_id(id.text, type, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return id;
}

/* RFC 8785 form of the one contributing property. */
static struct rp_stix_id
observable_id(struct rp_stix *s, const char *type, const char *key, struct tcs_str value)
{
    struct rp_stix_id id;
    struct tcs_buf b = {0};
    tcs_base_buf_printf(&b, "{\"%s\":\"", key);
    tcs_base_buf_json(&b, value);
    tcs_buf_lit(&b, "\"}");
    tcs_stix_observable_id(id.text, type, tcs_base_buf_view(&b));
    s->j.b->failed |= b.failed;
    tcs_base_buf_done(&b);
    return id;
}

static bool
add_id(struct rp_stix *s, struct rp_stix_id id)
{
    for (uint32_t i = 0; i < s->nids; i++)
        if (strcmp(s->ids[i].text, id.text) == 0)
            return false;
    if (!tcs_base_arena_grow(s->a, &s->ids, s->nids, &s->cap, sizeof *s->ids)) {
        s->j.b->failed = true;
        return false;
    }
    s->ids[s->nids++] = id;
    return true;
}

void
report_stix_time(struct rp_stix *s, const char *key, int64_t t)
{
    struct tcs_buf b = {0};
    report_stamp(&b, t);
    tcs_base_jo_str(&s->j, key, tcs_base_buf_view(&b));
    s->j.b->failed |= b.failed;
    tcs_base_buf_done(&b);
}

void
report_stix_refs(struct rp_stix *s, const char *key, const struct rp_stix_id *ids, uint32_t n)
{
    if (n == 0)
        return; /* STIX forbids empty lists */
    tcs_base_jo_open(&s->j, key, '[');
    for (uint32_t i = 0; i < n; i++)
        tcs_base_jo_str(&s->j, NULL, tcs_base_str_of(ids[i].text));
    tcs_base_jo_close(&s->j, ']');
}

static void
open_object(struct rp_stix *s, const char *type, const char *id)
{
    tcs_base_jo_open(&s->j, NULL, '{');
    tcs_base_jo_str(&s->j, "type", tcs_base_str_of(type));
    tcs_base_jo_str(&s->j, "spec_version", TCS_STR("2.1"));
    tcs_base_jo_str(&s->j, "id", tcs_base_str_of(id));
}

static void
put_marking(struct rp_stix *s)
{
    tcs_base_jo_open(&s->j, "object_marking_refs", '[');
    tcs_base_jo_str(&s->j, NULL, tcs_base_str_of(amber));
    tcs_base_jo_close(&s->j, ']');
}

bool
report_stix_open(struct rp_stix *s, const char *type, struct rp_stix_id id, int64_t created,
                 int64_t modified)
{
    if (!add_id(s, id))
        return false;
    open_object(s, type, id.text);
    tcs_base_jo_str(&s->j, "created_by_ref", tcs_base_str_of(s->author.text));
    report_stix_time(s, "created", created);
    report_stix_time(s, "modified", modified > created ? modified : created);
    put_marking(s);
    return true;
}

void
report_stix_close(struct rp_stix *s)
{
    tcs_base_jo_close(&s->j, '}');
}

/* The marking and who writes: first, so that readers know them when they are referred to. */
void
report_stix_author(struct rp_stix *s)
{
    open_object(s, "marking-definition", amber);
    tcs_base_jo_str(&s->j, "created", TCS_STR("2022-10-01T00:00:00.000Z"));
    tcs_base_jo_str(&s->j, "name", TCS_STR("TLP:AMBER"));
    tcs_base_jo_open(&s->j, "extensions", '{');
    tcs_base_jo_open(&s->j, "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d", '{');
    tcs_base_jo_str(&s->j, "extension_type", TCS_STR("property-extension"));
    tcs_base_jo_str(&s->j, "tlp_2_0", TCS_STR("amber"));
    tcs_base_jo_close(&s->j, '}');
    tcs_base_jo_close(&s->j, '}');
    tcs_base_jo_close(&s->j, '}');
    s->author = report_stix_id("identity", &TCS_STR("tocsin"), 1);
    if (!report_stix_open(s, "identity", s->author, RP_FIXED_TIME, RP_FIXED_TIME))
        return;
    tcs_base_jo_str(&s->j, "name", TCS_STR("tocsin"));
    tcs_base_jo_str(&s->j, "identity_class", TCS_STR("system"));
    report_stix_close(s);
}

static bool
put_observable(struct rp_stix *s, const char *type, const char *key, struct tcs_str value,
               struct rp_stix_id *ret)
{
    *ret = observable_id(s, type, key, value);
    if (!add_id(s, *ret))
        return !s->j.b->failed;
    open_object(s, type, ret->text);
    tcs_base_jo_str(&s->j, key, value);
    put_marking(s);
    report_stix_close(s);
    return true;
}

static bool
is_address(int family, struct tcs_str name)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr addr;
    if (name.n == 0 || name.n >= sizeof text || memchr(name.p, 0, name.n))
        return false;
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    return inet_pton(family, text, &addr) == 1;
}

/* What RFC 1034 and the underscore of Windows allow. */
static bool
is_domain(struct tcs_str s)
{
    enum { NAME = 253, LABEL = 63 };
    size_t label = 0;
    if (s.n == 0 || s.n > NAME)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = tcs_base_ascii_lower(s.p[i]);
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c == '-' && label > 0);
        if (c == '.' ? label == 0 || i + 1 == s.n : !plain)
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > LABEL)
            return false;
    }
    return s.p[s.n - 1] != '-';
}

bool
report_stix_address(struct rp_stix *s, struct tcs_str name, struct rp_stix_id *ret)
{
    const char *type = is_address(AF_INET, name)    ? "ipv4-addr"
                       : is_address(AF_INET6, name) ? "ipv6-addr"
                       : is_domain(name)            ? "domain-name"
                                                    : NULL;
    return type && put_observable(s, type, "value", name, ret);
}

bool
report_stix_account(struct rp_stix *s, struct tcs_str name, struct rp_stix_id *ret)
{
    return name.n && put_observable(s, "user-account", "account_login", name, ret);
}

bool
report_stix_host(struct rp_stix *s, struct tcs_str name, struct rp_stix_id *ret)
{
    if (name.n == 0)
        return false;
    *ret = report_stix_id("identity", (const struct tcs_str[]){TCS_STR("host"), name}, 2);
    if (!report_stix_open(s, "identity", *ret, RP_FIXED_TIME, RP_FIXED_TIME))
        return !s->j.b->failed;
    tcs_base_jo_str(&s->j, "name", name);
    tcs_base_jo_str(&s->j, "identity_class", TCS_STR("system"));
    report_stix_close(s);
    return true;
}

static void
put_reference(struct rp_stix *s, struct tcs_str id)
{
    struct tcs_buf url = {0};
    tcs_buf_lit(&url, "https://attack.mitre.org/techniques/");
    tcs_base_buf_str(&url, tcs_base_str_slice(id, 0, 5));
    if (id.n > 5) {
        tcs_base_buf_c(&url, '/');
        tcs_base_buf_str(&url, tcs_base_str_slice(id, 6, id.n));
    }
    tcs_base_jo_open(&s->j, "external_references", '[');
    tcs_base_jo_open(&s->j, NULL, '{');
    tcs_base_jo_str(&s->j, "source_name", TCS_STR("mitre-attack"));
    tcs_base_jo_str(&s->j, "url", tcs_base_buf_view(&url));
    tcs_base_jo_str(&s->j, "external_id", id);
    tcs_base_jo_close(&s->j, '}');
    tcs_base_jo_close(&s->j, ']');
    s->j.b->failed |= url.failed;
    tcs_base_buf_done(&url);
}

bool
report_stix_technique(struct rp_stix *s, struct tcs_str technique, struct rp_stix_id *ret)
{
    struct tcs_str id = tcs_attack_v19(technique), name = tcs_attack_name(technique);
    if (id.n == 0)
        return false;
    *ret = report_stix_id("attack-pattern", &id, 1);
    if (!report_stix_open(s, "attack-pattern", *ret, RP_FIXED_TIME, RP_FIXED_TIME))
        return !s->j.b->failed;
    struct tcs_buf both = {0}; /* a child has its parent's name */
    tcs_base_buf_str(&both, id);
    tcs_base_buf_str(&both, name.n ? TCS_STR(" ") : name);
    tcs_base_buf_str(&both, name);
    tcs_base_jo_str(&s->j, "name", tcs_base_buf_view(&both));
    s->j.b->failed |= both.failed;
    tcs_base_buf_done(&both);
    if (tcs_attack_well_formed(id))
        put_reference(s, id);
    report_stix_close(s);
    return true;
}
