/* What of an event becomes the values of a match: docs/correlations.md, "Matches, groups, windows".
 */
#include "correlate_run.h"

enum { FIELDS = 8 };

struct row {
    const char *name, *value, *want; /* want NULL: missing */
};

static const char yaml[] =
    CT_RULE("a") "title: C\ncorrelation: {rules: [a], type: event_count, timespan: 1m, condition: "
                 "{gte: 1}, group-by: [F, Computer, EventID, Channel, Missing]}\n";

static struct tcs_field
text_field(const char *name, const char *value)
{
    return (struct tcs_field){.name = tcs_base_str_of(name),
                              .value = tcs_event_value_str(tcs_base_str_of(value)),
                              .slot = TCS_SLOT_NONE};
}

/* The value of one of the fields above, for an event with those fields, in that view. */
static void
check_value(const struct tcs_event *ev, const struct tcs_view *view, const char *field,
            const char *want)
{
    struct ct t = {0};
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_corr_match m;
    uint32_t n;
    ct_open(&t, yaml);
    const struct tcs_sigma_match hit = {.rule = 0, .view = view};
    tcs_correlate_extract(t.plan, ev, &hit, a, &m);
    const struct tcs_str *names = tcs_correlate_plan_fields(t.plan, 0, &n);
    assert_int_equal(m.nvalues, n);
    assert_int_equal(m.time, ev->time);
    assert_int_equal(m.record, ev->record_id);
    for (uint32_t i = 0; i < n; i++)
        if (tcs_base_str_eq(names[i], tcs_base_str_of(field)))
            check_str(m.values[i], want ? want : "");
    tcs_base_arena_free(a);
    ct_close(&t);
}

static void
words_for_none(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"F", "x", "x"},
        {"F", "", NULL},
        {"F", "-", NULL},
        {"F", " - ", NULL},
        {"F", "N/A", NULL},
        {"F", "S-1-0-0", NULL},
        {"F", "S-1-0-01", "S-1-0-01"},
        {"F", "::1", NULL},
        {"F", "127.0.0.1", NULL},
        {"F", "::ffff:127.0.0.1", NULL},
        {"F", "::ffff:192.0.2.1", "192.0.2.1"},
        {"F", "::FFFF:192.0.2.1", "192.0.2.1"},
        {"F", "::ffff:1", "::ffff:1"},
        {"F", "Bob", "Bob"}, /* case is kept, and ignored when compared */
        {"G", "x", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tcs_field f = text_field(rows[i].name, rows[i].value);
        const struct tcs_event ev = {.time = 5, .record_id = 7, .fields = &f, .nfields = 1};
        check_value(&ev, NULL, "F", rows[i].want);
    }
}

static void
null_and_first_of_several(void **state)
{
    (void)state;
    struct tcs_field f[3] = {text_field("F", "one"),
                             text_field("F", "two"),
                             {.name = TCS_STR("Missing"), .value = {.type = TCS_V_NULL}}};
    const struct tcs_event ev = {.fields = f, .nfields = 3};
    check_value(&ev, NULL, "F", "one");
    check_value(&ev, NULL, "Missing", NULL);
}

static void
header(void **state)
{
    (void)state;
    struct tcs_field f = text_field("Computer", "from the field");
    struct tcs_event ev = {.event_id = 4625,
                           .computer = tcs_event_value_str(TCS_STR("WS1")),
                           .channel = tcs_event_value_str(TCS_STR("Security"))};
    check_value(&ev, NULL, "Computer", "WS1");
    check_value(&ev, NULL, "Channel", "Security");
    check_value(&ev, NULL, "EventID", "4625");
    ev.fields = &f;
    ev.nfields = 1;
    check_value(&ev, NULL, "Computer", "from the field");
    ev.event_id = TCS_EVENT_ID_NONE;
    check_value(&ev, NULL, "EventID", NULL);
}

/* A view gives the field another source, or says that there is none. */
static void
view(void **state)
{
    (void)state;
    struct tcs_str source = TCS_STR("NewProcessName");
    struct tcs_view_field made = {.name = TCS_STR("F"), .sources = &source, .nsources = 1};
    struct tcs_view v = {.fields = &made, .nfields = 1};
    struct tcs_field f[2] = {text_field("F", "own"), text_field("NewProcessName", "made")};
    const struct tcs_event ev = {.fields = f,
                                 .nfields = 2,
                                 .event_id = TCS_EVENT_ID_NONE,
                                 .computer = tcs_event_value_str(TCS_STR("WS1"))};
    check_value(&ev, &v, "F", "made");
    v = (struct tcs_view){.closed = true};
    check_value(&ev, &v, "F", NULL);
    check_value(&ev, &v, "Computer", "WS1"); /* the header is no field of the view */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_for_none),
        cmocka_unit_test(null_and_first_of_several),
        cmocka_unit_test(header),
        cmocka_unit_test(view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
