/* What explain says: the lines for a hit, a miss, a field that the log lacks, and an event that is
 * in none of the rule's views.  Its truth is compared elsewhere (tests/differential). */
#include "check.h"

#include "plain/rulebuild.h"
#include "sigma/explain.h"

struct world {
    struct tcs_arena *a;
    struct tcs_logsources *ls;
    struct tcs_rule rule;
    struct rulebuild b;
    struct tcs_event ev;
    struct tcs_field fields[2];
    struct tcs_explain ex;
    struct tcs_buf text;
};

static struct tcs_pred
is(struct world *w, const char *field, const char *pattern)
{
    return (struct tcs_pred){
        .kind = TCS_P_STR, .field = tcs_base_str_of(field), .text = rb_pattern(w->a, pattern)};
}

/* "selection and not filter" about process creation; the event is a 4688. */
static void
start(struct world *w, const char *image, const char *filter_field)
{
    struct tcs_err err;
    *w = (struct world){.a = tcs_base_arena_new(0), .ls = tcs_sigma_logsources_new()};
    assert_int_equal(
        tcs_sigma_logsources_add(w->ls, TCS_STR("builtin"), tcs_sigma_logsources_builtin(), &err),
        0);
    w->b = rb_new(w->a, &w->rule, "windows", "process_creation", "");
    uint32_t sel = rb_search(&w->b, "selection", rb_pred(&w->b, is(w, "Image", image)));
    uint32_t fil = rb_search(&w->b, "filter", rb_pred(&w->b, is(w, filter_field, "*x*")));
    w->rule.condition = TCS_STR("selection and not filter");
    w->rule.root = rb_list(&w->b, TCS_N_AND, (uint32_t[]){sel, rb_not(&w->b, fil)}, 2);
    w->fields[0] =
        (struct tcs_field){.name = TCS_STR("NewProcessName"),
                           .value = tcs_event_value_str(TCS_STR("C:\\Windows\\whoami.exe"))};
    w->fields[1] = (struct tcs_field){.name = TCS_STR("CommandLine"),
                                      .value = tcs_event_value_str(TCS_STR("who\n"))};
    w->ev = (struct tcs_event){.product = TCS_STR("windows"),
                               .event_id = 4688,
                               .channel = tcs_event_value_str(TCS_STR("Security")),
                               .fields = w->fields,
                               .nfields = 2};
}

static const char *
explain(struct world *w, const struct tcs_event *ev)
{
    assert_int_equal(tcs_sigma_explain(&w->rule, w->ls, ev, w->a, &w->ex, NULL), 0);
    w->text.n = 0;
    tcs_sigma_explain_print(&w->ex, &w->text);
    tcs_base_buf_c(&w->text, 0);
    return w->text.p;
}

static void
stop(struct world *w)
{
    tcs_base_buf_done(&w->text);
    tcs_sigma_logsources_free(w->ls);
    tcs_base_arena_free(w->a);
}

static void
has(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("\"%s\" is not in:\n%s", line, text);
}

static void
test_hit(void **state)
{
    struct world w;
    (void)state;
    start(&w, "*\\whoami.exe", "CommandLine");
    const char *t = explain(&w, &w.ev);
    assert_int_equal(w.ex.verdict, TCS_YES);
    assert_true(w.ex.applies);
    check_str(w.ex.view->name, "security_4688");
    has(t,
        "? view sysmon_1: product \"windows\", channel \"Microsoft-Windows-Sysmon/Operational\", "
        "event id 1; the event is not in it\n");
    has(t, "+ view security_4688: ");
    has(t, "condition: selection and not filter\n");
    has(t, "+ selection\n");
    has(t, "+ Image ends with \"\\whoami.exe\": it is \"C:\\Windows\\whoami.exe\" "
           "(from NewProcessName)\n");
    has(t, "+ not\n");
    has(t, "- filter\n");
    has(t, "- CommandLine contains \"x\": it is \"who\\n\"\n");
    stop(&w);
}

static void
test_miss_and_unknown(void **state)
{
    struct world w;
    (void)state;
    start(&w, "*\\net.exe", "OriginalFileName");
    const char *t = explain(&w, &w.ev);
    assert_int_equal(w.ex.verdict, TCS_NO);
    assert_true(w.ex.applies);
    assert_null(w.ex.view);
    has(t, "- Image ends with \"\\net.exe\": it is \"C:\\Windows\\whoami.exe\"");
    has(t, "? not\n");
    has(t, "? OriginalFileName contains \"x\": this log has no such field\n");
    stop(&w);
    /* by the letter it matches, and it says what was not checked */
    start(&w, "*\\whoami.exe", "ParentImage");
    t = explain(&w, &w.ev);
    assert_int_equal(w.ex.verdict, TCS_YES);
    assert_true(w.ex.unchecked);
    has(t, "+ view security_4688: ");
    has(t, "? ParentImage contains \"x\": the record does not have it\n");
    has(t, "unchecked: ParentImage of filter\n");
    stop(&w);
}

static void
test_wrong_log(void **state)
{
    struct world w;
    (void)state;
    start(&w, "*", "CommandLine");
    w.ev.channel = tcs_event_value_str(TCS_STR("System"));
    const char *t = explain(&w, &w.ev);
    assert_int_equal(w.ex.verdict, TCS_NO);
    assert_false(w.ex.applies);
    has(t, "the event: product \"windows\", channel \"System\", event id 4688\n");
    assert_null(strstr(t, "selection"));
    w.rule.logsource.category = TCS_STR("file_access");
    has(explain(&w, &w.ev), "category file_access: written to the ETW provider");
    w.rule.logsource.category = TCS_STR("");
    w.rule.logsource.product = TCS_STR("linux");
    w.rule.logsource.service = TCS_STR("sshd");
    has(explain(&w, &w.ev),
        "view as logged: product \"linux\", service \"sshd\"; the event is not");
    stop(&w);
}

static void
test_without_event(void **state)
{
    struct world w;
    (void)state;
    start(&w, "*\\whoami.exe", "CommandLine");
    const char *t = explain(&w, NULL);
    assert_int_equal(w.ex.verdict, TCS_UNKNOWN);
    has(t, "? Image ends with \"\\whoami.exe\"\n");
    has(t, "? view security_4688: ");
    stop(&w);
}

/* A field that is told as cases: which one, and why. */
static void
test_cases(void **state)
{
    struct world w;
    (void)state;
    start(&w, "*\\whoami.exe", "User");
    w.fields[1] = (struct tcs_field){.name = TCS_STR("SubjectUserSid"),
                                     .value = tcs_event_value_str(TCS_STR("S-1-5-18"))};
    const char *t = explain(&w, &w.ev);
    has(t, "- User contains \"x\": it is \"NT AUTHORITY\\SYSTEM\" (from SubjectUserSid, where "
           "SubjectUserSid one of \"S-1-5-18|S-1-5-19|S-1-5-20\")\n");
    w.fields[1].name = TCS_STR("TargetUserName");
    has(explain(&w, &w.ev), "? User contains \"x\": the record does not have it");
    stop(&w);
    start(&w, "*\\cmd.exe", "LogonId");
    w.fields[0] = (struct tcs_field){.name = TCS_STR("TargetUserName"),
                                     .value = tcs_event_value_str(TCS_STR("ann"))};
    w.fields[1] = (struct tcs_field){.name = TCS_STR("TargetLogonId"),
                                     .value = tcs_event_value_str(TCS_STR("0x5a"))};
    has(explain(&w, &w.ev), "+ LogonId contains \"x\": it is \"0x5a\" (from TargetLogonId, where "
                            "TargetUserName none of \"-|\")\n");
    stop(&w);
}

/* A long list: all values are tried, few are shown. */
static void
test_long_list(void **state)
{
    struct world w;
    uint32_t kids[100];
    (void)state;
    start(&w, "x", "y");
    for (uint32_t i = 0; i < 100; i++)
        kids[i] = rb_pred(&w.b, is(&w, "CommandLine", i == 90 ? "who*" : "nothing"));
    w.rule.root = rb_list(&w.b, TCS_N_OR, kids, 100);
    const char *t = explain(&w, &w.ev);
    assert_int_equal(w.ex.verdict, TCS_YES);
    has(t, "one of these 100\n");
    has(t, "+ CommandLine starts with \"who\"");
    has(t, "and 93 more of the kind\n");
    assert_true(w.ex.n < 20);
    stop(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hit),       cmocka_unit_test(test_miss_and_unknown),
        cmocka_unit_test(test_wrong_log), cmocka_unit_test(test_without_event),
        cmocka_unit_test(test_cases),     cmocka_unit_test(test_long_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
