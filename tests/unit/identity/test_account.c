/* unit/identity/test_account.c - which account a record is about, who acted, from where.  Expected
 * accounts are those that Microsoft's descriptions of the events say they are about. */
#include "identity/identity.h"

#include "check.h"

#define S(lit)                                                                                     \
    {                                                                                              \
        "" lit, sizeof("" lit) - 1                                                                 \
    }

static const struct row {
    const char *name;
    struct tcs_identity w;
    const char *domain, *account, *subject, *source;
} rows[] = {
    {"a logon is about its target",
     {.activity = TCS_ACT_LOGON,
      .user = S("svc"),
      .user_domain = S("D1"),
      .target = S("anna"),
      .target_domain = S("D2"),
      .source_ip = S("10.0.0.7")},
     "D2",
     "anna",
     "svc",
     "10.0.0.7"},
    {"who acted was the system itself",
     {.activity = TCS_ACT_LOGON, .user = S("WS5$"), .user_domain = S("D1"), .target = S("anna")},
     "",
     "anna",
     "",
     ""},
    {"a logon that names no target",
     {.activity = TCS_ACT_LOGON_FAILED, .user = S("svc"), .user_domain = S("D1")},
     "D1",
     "svc",
     "",
     ""},
    {"who asks for a ticket is the account, and nobody else acted",
     {.activity = TCS_ACT_TICKET, .user = S("j@ELB"), .user_domain = S("ELB")},
     "ELB",
     "j@ELB",
     "",
     ""},
    {"a process is about whom it runs as",
     {.activity = TCS_ACT_PROCESS, .user = S("adm"), .user_domain = S("D"), .target = S("anna")},
     "D",
     "adm",
     "",
     ""},
    {"nobody acts", {.target = S("anna"), .target_domain = S("D2")}, "D2", "anna", "", ""},
    {"clouds know by an id",
     {.user_id = S("anna@elb.example"), .source_ip = S("2001:db8::7")},
     "",
     "anna@elb.example",
     "",
     "2001:db8::7"},
    {"with its domain", {.user_id = S("ELB\\anna")}, "ELB", "anna", "", ""},
    {"named is better than a SID",
     {.user_id = S("S-1-5-18"), .named = S("ELB\\svc_sql")},
     "ELB",
     "svc_sql",
     "",
     ""},
    {"a target is better than a SID",
     {.user_id = S("S-1-5-18"), .target = S("anna"), .named = S("x")},
     "",
     "anna",
     "",
     ""},
    {"a SID is better than nothing", {.user_id = S("S-1-5-18")}, "", "S-1-5-18", "", ""},
    {"nothing", {.host = S("A")}, "", "", "", ""},
    {"an address in the form of the other family",
     {.source_ip = S("::FFFF:10.0.0.7")},
     "",
     "",
     "",
     "10.0.0.7"},
    {"not that form", {.source_ip = S("::ffff:1")}, "", "", "", "::ffff:1"},
    {"a connection of the host itself", {.own_ip = S("10.0.0.1")}, "", "", "", "10.0.0.1"},
};

static void
answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct tcs_identity_account who = tcs_identity_account(&r->w),
                                    by = tcs_identity_subject(&r->w);
        print_message("%s\n", r->name);
        check_str(who.domain, r->domain);
        check_str(who.name, r->account);
        check_str(by.name, r->subject);
        check_str(tcs_identity_source(&r->w), r->source);
    }
}

/* What is kept outlives what it was made of, in every text there is. */
static void
kept(void **state)
{
    char batch[] = "text";
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_identity w;
    struct tcs_evidence e = {.channel = {batch, 4}};
    (void)state;
#define TEXT(name) w.name = (struct tcs_str){batch, 4};
#define OTHER(name) w.name = 7;
    TCS_IDENTITY_FIELDS(TEXT, OTHER, OTHER)
#undef TEXT
#undef OTHER
    tcs_identity_keep(&w, a);
    tcs_identity_evidence_keep(&e, a);
    memset(batch, 'x', 4);
#define TEXT(name) check_str(w.name, "text");
#define OTHER(name) assert_int_equal(w.name, 7);
    TCS_IDENTITY_FIELDS(TEXT, OTHER, OTHER)
#undef TEXT
#undef OTHER
    check_str(e.channel, "text");
    tcs_base_arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
