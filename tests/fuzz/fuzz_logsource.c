/* tests/fuzz/fuzz_logsource.c - bytes as a user's table on top of a small one of the built-in one's
 * form, then every view it can answer with is held against an event.  Nothing may crash, hang or
 * leak; an error must carry a sentence. */
#include "sigma/logsource.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char base[] =
    "products:\n"
    "  windows:\n"
    "    fields: {ComputerName: {from: [ComputerName, Computer]}}\n"
    "    native: [EventID]\n"
    "    shapes:\n"
    "      x: {closed: true, sparse: true, native: [A], fields: {B: {from: A, map: {a: b}}}}\n"
    "      y: {fields: {C: [{from: A, where: {A: x}}, {from: Data}]}}\n"
    "    services:\n"
    "      security: {channels: [Security]}\n"
    "      sysmon: {channels: [S], fields: {h: {from: Hashes, part: 'A=', by: ','}}}\n"
    "    categories:\n"
    "      process_creation:\n"
    "        - {name: sysmon_1, log: sysmon, event_id: 1}\n"
    "        - {name: security_4688, log: security, event_id: 4688, shape: x}\n"
    "      antivirus: {note: none}\n";

static const char *const products[] = {"windows", "linux", ""};
static const char *const categories[] = {"process_creation", "registry_event", "antivirus", "c",
                                         ""};
static const char *const services[] = {"security", "s", ""};

/* Every name that the view makes, from an event with the sources' usual names. */
static void
use(const struct tcs_view *v, const struct tcs_event *ev, struct tcs_arena *a)
{
    struct tcs_value out[4];
    (void)tcs_sigma_view_fits(v, ev);
    for (uint32_t i = 0; i < v->nfields; i++)
        for (uint32_t n = tcs_sigma_view_make(&v->fields[i], ev, a, out, 4); n > 0; n--)
            (void)tcs_sigma_view_blank(&out[n - 1], a);
}

static void
ask(const struct tcs_logsources *ls, const char *product, const char *category, const char *service)
{
    static const char *const names[] = {"NewProcessName", "ObjectName", "Hashes", "Data", "A"};
    struct tcs_logsource want = {tcs_base_str_of(product), tcs_base_str_of(category),
                                 tcs_base_str_of(service), TCS_STR("")};
    struct tcs_field fields[5];
    struct tcs_event ev = {.product = TCS_STR("windows"), .event_id = 1, .fields = fields};
    struct tcs_arena *a = tcs_base_arena_new(0);
    uint32_t n;
    const struct tcs_view *v = tcs_sigma_logsources_find(ls, &want, &n);
    (void)tcs_sigma_logsources_note(ls, &want);
    for (; ev.nfields < 5; ev.nfields++)
        fields[ev.nfields] =
            (struct tcs_field){.name = tcs_base_str_of(names[ev.nfields]),
                               .value = tcs_event_value_str(TCS_STR("0x12,A=b\n\\REGISTRY\\1x"))};
    for (uint32_t i = 0; a && i < n; i++)
        use(&v[i], &ev, a);
    tcs_base_arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    struct tcs_err err = {0};
    if (!ls)
        return 0;
    if (tcs_sigma_logsources_add(ls, TCS_STR("base"), tcs_base_str_of(base), &err))
        abort();
    if (tcs_sigma_logsources_add(ls, TCS_STR("user"), (struct tcs_str){(const char *)data, size},
                                 &err) &&
        !err.msg[0])
        abort();
    for (size_t p = 0; p < sizeof products / sizeof *products; p++)
        for (size_t c = 0; c < sizeof categories / sizeof *categories; c++)
            for (size_t s = 0; s < sizeof services / sizeof *services; s++)
                ask(ls, products[p], categories[c], services[s]);
    tcs_sigma_logsources_free(ls);
    return 0;
}
