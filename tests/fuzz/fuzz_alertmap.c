/* tests/fuzz/fuzz_alertmap.c - bytes as a user's alert map on top of a small one of the built-in
 * one's form, then alerts of each product through it.  Nothing may crash, hang or leak; an error
 * must carry a sentence. */
#include "alertmap/alertmap.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char base[] =
    "tools:\n"
    "  suricata:\n"
    "    product: suricata\n"
    "    where: {event_type: alert}\n"
    "    fields: {name: alert.signature, severity: b, technique: rule.mitre.id}\n"
    "    severity: {1: high, 2-255: low}\n"
    "  wazuh:\n"
    "    product: wazuh\n"
    "    fields: {name: rule.description, id: a, category: rule.groups, time: time}\n"
    "    default: {level: low}\n"
    "alerts:\n"
    "  - {name: ['*brute force*', 'x*y*'], stage: account, techniques: [T1110], level: high}\n"
    "  - {category: 'a*', level: informational}\n";

static const char *const names[] = {
    "name",        "time",         "a", "b", "event_type", "alert.signature", "rule.description",
    "rule.groups", "rule.mitre.id"};
static const char *const values[] = {
    "1642723347", "alert", "A brute force of x*y", "-", "T1059.001", "\xff\xfe bad", "12"};
static const char *const products[] = {"csv", "suricata", "wazuh", ""};

/* What was remembered must be what is found. */
static void
both(struct tcs_alert_reader *r, struct tcs_alert_reader *plain, const struct tcs_event *ev,
     struct tcs_arena *a)
{
    struct tcs_alert x, y;
    bool is = tcs_alertmap_apply(r, ev, a, &x);
    if (tcs_alertmap_apply(plain, ev, a, &y) != is)
        abort();
    if (is && (!x.signature.title.n || !x.signature.level ||
               x.signature.level != y.signature.level || x.signature.stage != y.signature.stage ||
               x.time != y.time || x.signature.ntechniques != y.signature.ntechniques ||
               !tcs_base_str_eq(x.signature.id, y.signature.id)))
        abort();
}

static void
use(const struct tcs_alertmap *m)
{
    enum { NAMES = sizeof names / sizeof *names, VALUES = sizeof values / sizeof *values };
    struct tcs_field fields[NAMES];
    struct tcs_alert_reader *r = tcs_alertmap_reader_new(m, false);
    struct tcs_alert_reader *plain = tcs_alertmap_reader_new(m, true);
    struct tcs_arena *a = tcs_base_arena_new(0);
    if (!r || !plain || !a)
        abort();
    for (size_t k = 0; k < VALUES * (sizeof products / sizeof *products); k++) {
        struct tcs_event ev = {.product = tcs_base_str_of(products[k / VALUES]), .fields = fields};
        for (; ev.nfields < NAMES; ev.nfields++)
            fields[ev.nfields] = (struct tcs_field){
                .name = tcs_base_str_of(names[ev.nfields]),
                .value = tcs_event_value_str(tcs_base_str_of(values[(k + ev.nfields) % VALUES]))};
        for (int again = 0; again < 2 && tcs_alertmap_wants(m, &ev); again++)
            both(r, plain, &ev, a);
        tcs_base_arena_reset(a);
    }
    tcs_alertmap_reader_free(r);
    tcs_alertmap_reader_free(plain);
    tcs_base_arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_err err = {0};
    struct tcs_alertmap *m = tcs_alertmap_new();
    uint32_t n;
    if (!m)
        return 0;
    if (tcs_alertmap_add(m, TCS_STR("base"), tcs_base_str_of(base), &err) < 0)
        abort();
    if (tcs_alertmap_add(m, TCS_STR("user"), (struct tcs_str){(const char *)data, size}, &err) ==
        0) {
        for (uint32_t i = 0; tcs_alertmap_table(m, i, &n); i++)
            if (n == 0)
                abort();
        use(m);
    } else if (!err.msg[0]) {
        abort();
    }
    tcs_alertmap_free(m);
    return 0;
}
