/* stix/profile_out.c - a profile as a STIX 2.1 bundle: the marking, one intrusion set, and an
 * attack pattern and a `uses` relationship for each technique. */
#include "stix/profile_stix.h"

#include "attack/attack.h"
#include "base/json_out.h"
#include "base/time.h"
#include "stix/id.h"

/* The one instance that FIRST and OASIS agreed upon for TLP 2.0. */
#define TLP_CLEAR "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

struct out {
    struct tcs_jo j;
    const struct tcs_profile *p;
    struct tcs_str time; /* created and modified of all */
    char actor[TCS_STIX_ID];
};

static void
marking(struct out *o)
{
    struct tcs_jo *j = &o->j;
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(j, "type", TCS_STR("marking-definition"));
    tcs_base_jo_str(j, "spec_version", TCS_STR("2.1"));
    tcs_base_jo_str(j, "id", TCS_STR(TLP_CLEAR));
    tcs_base_jo_str(j, "created", TCS_STR("2022-10-01T00:00:00.000Z"));
    tcs_base_jo_str(j, "name", TCS_STR("TLP:CLEAR"));
    tcs_base_jo_open(j, "extensions", '{');
    tcs_base_jo_open(j, TLP_EXTENSION, '{');
    tcs_base_jo_str(j, "extension_type", TCS_STR("property-extension"));
    tcs_base_jo_str(j, "tlp_2_0", TCS_STR("clear"));
    tcs_base_jo_close(j, '}');
    tcs_base_jo_close(j, '}');
    tcs_base_jo_close(j, '}');
    tcs_base_buf_c(j->b, '\n');
}

/* What every object begins with. */
static void
head(struct out *o, const char *type, const char *id)
{
    struct tcs_jo *j = &o->j;
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(j, "type", tcs_base_str_of(type));
    tcs_base_jo_str(j, "spec_version", TCS_STR("2.1"));
    tcs_base_jo_str(j, "id", tcs_base_str_of(id));
    tcs_base_jo_str(j, "created", o->time);
    tcs_base_jo_str(j, "modified", o->time);
}

static void
tail(struct out *o)
{
    struct tcs_jo *j = &o->j;
    tcs_base_jo_open(j, "object_marking_refs", '[');
    tcs_base_jo_str(j, NULL, TCS_STR(TLP_CLEAR));
    tcs_base_jo_close(j, ']');
    tcs_base_jo_close(j, '}');
    tcs_base_buf_c(j->b, '\n');
}

/* One publication: an address, an ATT&CK id, or another id. */
static void
reference(struct tcs_jo *j, struct tcs_str s)
{
    struct tcs_str attack = TCS_STR("ATT&CK ");
    tcs_base_jo_open(j, NULL, '{');
    if (tcs_base_str_starts(s, TCS_STR("https://")) || tcs_base_str_starts(s, TCS_STR("http://"))) {
        tcs_base_jo_str(j, "source_name", TCS_STR("publication"));
        tcs_base_jo_str(j, "url", s);
    } else if (tcs_base_str_starts(s, attack)) {
        tcs_base_jo_str(j, "source_name", TCS_STR("mitre-attack"));
        tcs_base_jo_str(j, "external_id", tcs_base_str_slice(s, attack.n, s.n));
    } else {
        tcs_base_jo_str(j, "source_name", s);
        tcs_base_jo_str(j, "external_id", s);
    }
    tcs_base_jo_close(j, '}');
}

/* Of "a, b, c"; the property is left out if there is nothing: STIX has no empty lists. */
static void
references(struct tcs_jo *j, struct tcs_str list)
{
    if (!list.n)
        return;
    tcs_base_jo_open(j, "external_references", '[');
    for (size_t i = 0; i < list.n;) {
        size_t end = tcs_base_str_find(list, ',', i);
        while (end + 1 < list.n && list.p[end + 1] != ' ')
            end = tcs_base_str_find(list, ',', end + 1);
        if (end > i)
            reference(j, tcs_base_str_slice(list, i, end));
        i = end + 2;
    }
    tcs_base_jo_close(j, ']');
}

static void
actor(struct out *o)
{
    head(o, "intrusion-set", o->actor);
    tcs_base_jo_str(&o->j, "name", o->p->name);
    references(&o->j, o->p->source);
    tail(o);
}

static void
pattern(struct out *o, struct tcs_str technique, const char *id)
{
    struct tcs_jo *j = &o->j;
    struct tcs_buf url = {0};
    struct tcs_str name = tcs_attack_name(technique);
    size_t dot = tcs_base_str_find(technique, '.', 0);
    tcs_buf_lit(&url, "https://attack.mitre.org/techniques/");
    tcs_base_buf_str(&url, tcs_base_str_slice(technique, 0, dot));
    if (dot < technique.n) {
        tcs_base_buf_c(&url, '/');
        tcs_base_buf_str(&url, tcs_base_str_slice(technique, dot + 1, technique.n));
    }
    head(o, "attack-pattern", id);
    tcs_base_jo_str(j, "name", name.n ? name : technique);
    tcs_base_jo_open(j, "external_references", '[');
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(j, "source_name", TCS_STR("mitre-attack"));
    tcs_base_jo_str(j, "external_id", technique);
    tcs_base_jo_str(j, "url", tcs_base_buf_view(&url));
    tcs_base_jo_close(j, '}');
    tcs_base_jo_close(j, ']');
    tail(o);
    o->j.b->failed |= url.failed;
    tcs_base_buf_done(&url);
}

static void
use(struct out *o, const struct tcs_profile_use *u)
{
    struct tcs_buf name = {0};
    char to[TCS_STIX_ID], id[TCS_STIX_ID];
    tcs_base_buf_str(&name, o->p->id);
    tcs_buf_lit(&name, " uses ");
    tcs_base_buf_str(&name, u->technique);
    tcs_stix_id(to, "attack-pattern", u->technique);
    tcs_stix_id(id, "relationship", tcs_base_buf_view(&name));
    pattern(o, u->technique, to);
    head(o, "relationship", id);
    tcs_base_jo_str(&o->j, "relationship_type", TCS_STR("uses"));
    tcs_base_jo_str(&o->j, "source_ref", tcs_base_str_of(o->actor));
    tcs_base_jo_str(&o->j, "target_ref", tcs_base_str_of(to));
    references(&o->j, u->reference);
    tail(o);
    o->j.b->failed |= name.failed;
    tcs_base_buf_done(&name);
}

void
tcs_stix_profile_write(struct tcs_buf *b, const struct tcs_profile *p, int64_t modified)
{
    char time[TCS_TIME_TEXT], id[TCS_STIX_ID];
    struct out o = {.j = {.b = b}, .p = p};
    o.time = tcs_base_time_format(modified == TCS_TIME_NONE ? 0 : modified, 3, time);
    tcs_stix_id(o.actor, "intrusion-set", p->id);
    tcs_stix_id(id, "bundle", p->id);
    tcs_base_jo_open(&o.j, NULL, '{');
    tcs_base_jo_str(&o.j, "type", TCS_STR("bundle"));
    tcs_base_jo_str(&o.j, "id", tcs_base_str_of(id));
    tcs_base_jo_open(&o.j, "objects", '[');
    marking(&o);
    actor(&o);
    for (uint32_t i = 0; i < p->nuses; i++)
        use(&o, &p->uses[i]);
    tcs_base_jo_close(&o.j, ']');
    tcs_base_jo_close(&o.j, '}');
    tcs_base_buf_c(b, '\n');
}
