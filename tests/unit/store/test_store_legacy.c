/* Tests store/legacy.c and columns.c: a store of schema 3 (version_3.sql) finds its records.
 *
 * The keys are those that the program of that schema wrote, of made-up logs: a log of Windows'
 * numbers as JSON lines; two exports whose lines number themselves, of one host and second, so that
 * their first lines were one row; a cloud's log, whose matches were kept without a channel: those
 * computed with Python's hashlib as that program did. */
#include "scratch.h"

#include "attack/stage.h"
#include "event/event.h"

#include <sqlite3.h>
#include <stdlib.h>

#define T INT64_C(17673230456780000)
#define LOGON "6b1f4b0e-0000-4000-8000-000000000001"
#define LOGIN "6b1f4b0e-0000-4000-8000-000000000004"
#define MANY "6b1f4b0e-0000-4000-8000-000000000003"
#define DC01 "DC01.elbwerft.example"
#define PLAN INT64_C(9006025777064516790)
#define GROUP INT64_C(-778290087302630277)

static char *version_3; /* the tables */

static const struct row {
    const char *detection, *observation, *match; /* keys */
    const char *host, *file, *channel;
    uint64_t record_id, offset;
    uint32_t event_id;
} rows[] = {
    {"42379BFB03E055F51686AE3DDEE43CDD", "0BD27D2A0F7CE039C842C2580F0D23AE",
     "5213A7FA0044B548A79AE3D0AF164B1E", DC01, "numbered.jsonl", "Security", 4711, 0, 4624},
    {"A9FD17DC80A87031C6A5CAD70D7AB78F", "0061CD6CC224CADB848E45F26F7031E2",
     "BED9C6FFD383281DF0AB906EF5988193", DC01, "numbered.jsonl", "Security", 4712, 293, 4624},
    {"B082D1EDC04B1C35550DFE76B9E8F43E", "72C483F291BCA4C88F73C2E77C962D7D",
     "8DD791013AC1ECEAA79B3FCF6605DBDD", DC01, "lines.jsonl", "Security", 1, 0, 4624},
    {"1BFBF1AAA431026307812F0818FF0B21", "B0E2A94D70F53150D966CE8A5A57A0FB",
     "DB1125BD3D00D95F36F5F8E5377E4C9C", DC01, "lines.jsonl", "Security", 2, 271, 4624},
    {"D4C9093B1AC898FAFD813C9BC75D9757", "86CAC3B6A1D6C85FE839BFBEC9143DB0",
     "4D263003170008193A3FF90F2BE450C7", DC01, "other.jsonl", "Security", 3, 541, 4624},
    {"B23655B55155F27B621187299DAEBE6E", NULL, "462DBAA982F80041AD3DF958F06DE467", "",
     "trail.jsonl", "cloudtrail", 1, 0, TCS_EVENT_ID_NONE},
    {"C0D8C39927BF36A58534BBCE93F3F09C", NULL, "CF48824A07F4D1F721248A6166A838B9", "",
     "trail.jsonl", "cloudtrail", 2, 337, TCS_EVENT_ID_NONE},
};
enum { ROWS = sizeof rows / sizeof *rows, NUMBERED = 2, WINDOWS = 5 };

static int64_t
time_of(const struct row *r)
{
    return *r->host ? T : T / TCS_TICKS_PER_SEC * TCS_TICKS_PER_SEC;
}

#define NOBODY "'', '', '', '', '', '', '', '', '', '', '', 0, 0, 0, 0, '', '', '', '', ''"

static void
insert(const char *table, const char *key, const char *head, const struct row *r)
{
    char text[1000];
    snprintf(text, sizeof text,
             "INSERT INTO %s VALUES (NULL, x'%s', %s, '%s', " NOBODY
             ", '/old/%s', '%s', %llu, %llu, %llu%s)",
             table, key, head, r->host, r->file, r->channel, (unsigned long long)r->record_id,
             (unsigned long long)r->offset, (unsigned long long)r->event_id,
             strcmp(table, "detection") == 0 ? ", 0" : "");
    do_sql(text);
}

static void
insert_match(const struct row *r)
{
    char text[600];
    snprintf(text, sizeof text,
             "INSERT INTO matched VALUES (NULL, x'%s', '" LOGON
             "', %lld, %lld, 0, 0, '%s', '', '', "
             "'', '/old/%s', '%s', %llu, %llu, %llu, x'')",
             r->match, (long long)PLAN, (long long)time_of(r), r->host, r->file,
             r->event_id == TCS_EVENT_ID_NONE ? "" : r->channel, (unsigned long long)r->record_id,
             (unsigned long long)r->offset, (unsigned long long)r->event_id);
    do_sql(text);
}

/* What the older program left. */
static void
make_old(void)
{
    do_sql(version_3);
    do_sql("INSERT INTO signature VALUES (1, '" LOGON "', 'Logon', 2, 0), (2, '" LOGIN
           "', 'Login', 2, 0), (3, '" MANY "', 'Many', 4, 0);"
           "INSERT INTO source VALUES (1, '/old/lines.jsonl', zeroblob(32), 1, 1, 1, 1, 1, "
           "zeroblob(32))");
    for (size_t i = 0; i < ROWS; i++) {
        char head[200];
        snprintf(head, sizeof head, "%d, %lld, %lld, 0, 1, 0", i < WINDOWS ? 1 : 2,
                 (long long)time_of(&rows[i]), (long long)time_of(&rows[i]));
        insert("detection", rows[i].detection, head, &rows[i]);
        snprintf(head, sizeof head, "%lld, 1, 3", (long long)T);
        if (rows[i].observation)
            insert("observation", rows[i].observation, head, &rows[i]);
        if (rows[i].match)
            insert_match(&rows[i]);
    }
    insert("detection", "4593133A14CCE5D53BC5D2D249711901",
           "3, 17673230456780000, 17673230456780000, 1, 5, -778290087302630277", &rows[2]);
}

/* The record as this program comes upon it: `key` is what it is by its content. */
static struct tcs_finding
found(const struct row *r, uint8_t key)
{
    struct tcs_finding d = {.time = time_of(r),
                            .first = time_of(r),
                            .count = 1,
                            .who.host = tcs_base_str_of(r->host),
                            .who.user = TCS_STR("anna"),
                            .evidence = {.file = tcs_base_arena_printf(arena, "/new/%s", r->file),
                                         .channel = tcs_base_str_of(r->channel),
                                         .record_id = r->record_id,
                                         .offset = r->offset,
                                         .event_id = r->event_id}};
    if (r->record_id > 4000)
        rekey(&d);
    else
        memset(d.evidence.key.b, key, TCS_KEY);
    return d;
}

static int
put_one(struct tcs_store *s, const struct row *r, uint8_t key)
{
    const struct tcs_signature sig = {.id = tcs_base_str_of(*r->host ? LOGON : LOGIN)};
    const struct tcs_finding d = found(r, key);
    const struct tcs_observation o = {
        .time = d.time, .kind = 1, .who = d.who, .evidence = d.evidence};
    const struct tcs_store_match m = {.rule = TCS_STR(LOGON),
                                      .plan = (uint64_t)PLAN,
                                      .time = d.time,
                                      .host = d.who.host,
                                      .evidence = d.evidence};
    struct tcs_err err = {0};
    int r1 = tcs_store_detection_put(s, &sig, &d, &err);
    good(r1, &err);
    if (r->observation)
        assert_int_equal(tcs_store_observation_put(s, &o, &err), r1);
    if (r->match)
        assert_int_equal(tcs_store_match_put(s, &m, &err), r1);
    return r1;
}

static int
put_result(struct tcs_store *s)
{
    struct tcs_finding d = found(&rows[2], 3);
    const struct tcs_signature sig = {.id = TCS_STR(MANY)};
    struct tcs_err err = {0};
    d.flags = TCS_FINDING_CORRELATION;
    d.count = 5;
    d.group = (uint64_t)GROUP;
    struct tcs_store_result r = {.signature = &sig, .detection = &d, .plan = 7};
    int e = tcs_store_result_put(s, &r, &err);
    good(e, &err);
    assert_false(r.news);
    return e;
}

static int64_t
legacy_rows(void)
{
    return ask("SELECT (SELECT count(*) FROM detection WHERE legacy IS NOT NULL) + "
               "(SELECT count(*) FROM observation WHERE legacy IS NOT NULL) + "
               "(SELECT count(*) FROM matched WHERE legacy IS NOT NULL)");
}

/* The step alone: every row has a record, Windows' own numbers the right one. */
static void
test_the_step(void **unused)
{
    (void)unused;
    make_old();
    do_sql("INSERT INTO blob VALUES ('horizon.detection', "
           "x'0807060504030201000102030405060708090a0b0c0d0e0f'), ('other', x'00')");
    tcs_store_close(opened(TCS_STORE_WRITE));
    assert_int_equal(ask("PRAGMA user_version"), 6);
    assert_int_equal(ask("SELECT count(*) FROM source"), 0);
    assert_int_equal(legacy_rows(), 2 * ROWS + WINDOWS); /* not the result */
    assert_int_equal(ask("SELECT count(DISTINCT record) FROM detection"), ROWS);
    assert_int_equal(ask("SELECT count(*) FROM detection WHERE length(record) <> 16"), 0);
    assert_int_equal(ask("SELECT count(*) FROM detection d JOIN observation USING (record) "
                         "JOIN matched USING (record) WHERE d.flags = 0"),
                     WINDOWS);
    assert_int_equal(
        ask("SELECT hex(key) = '4593133A14CCE5D53BC5D2D249711901' FROM detection WHERE flags = 1"),
        1);
    assert_int_equal(ask("SELECT hex(bytes) = '0807060504030201FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF' "
                         "AND typeof(bytes) = 'blob' FROM blob WHERE name LIKE 'horizon%'"),
                     1);
    struct tcs_finding d = found(&rows[0], 0);
    char hex[2 * TCS_KEY + 1], text[200];
    for (int i = 0; i < TCS_KEY; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02X", d.evidence.key.b[i]);
    snprintf(text, sizeof text, "SELECT count(*) FROM detection WHERE hex(record) = '%s'", hex);
    assert_int_equal(ask(text), 1);
}

/* The same logs again: nothing is new but what had been lost; and once more, nothing at all. */
static void
test_the_same_logs_again(void **unused)
{
    (void)unused;
    make_old();
    for (int run = 0; run < 2; run++) {
        struct tcs_store *s = begun();
        for (uint8_t i = 0; i < ROWS; i++)
            assert_int_equal(put_one(s, &rows[i], i), TCS_STORE_KNOWN);
        assert_int_equal(put_result(s), TCS_STORE_KNOWN);
        struct tcs_store_stats got = *tcs_store_stats(s);
        assert_int_equal(got.findings + got.observations + got.matches, 0);
        assert_int_equal(got.known, 2 * ROWS + WINDOWS + 1);
        end(s);
        assert_int_equal(legacy_rows(), 0);
    }
    assert_int_equal(ask("SELECT count(*) FROM detection"), ROWS + 1);
    assert_int_equal(ask("SELECT count(*) FROM observation"), WINDOWS);
    assert_int_equal(ask("SELECT count(*) FROM matched"), ROWS);
    /* rows keep their number, and say what the record says now */
    assert_int_equal(ask("SELECT max(nr) FROM detection"), ROWS + 1);
    assert_int_equal(ask("SELECT count(*) FROM detection WHERE user = 'anna'"), ROWS + 1);
    assert_int_equal(ask("SELECT sum(count) FROM baseline"), 0);
}

/* Line 1 of the other export had fallen on line 1 of the first: whichever comes first takes the
 * row, and the other one is new, whole. */
static void
test_what_was_lost(void **unused)
{
    struct row lost = rows[2];
    (void)unused;
    lost.file = "other.jsonl";
    make_old();
    struct tcs_store *s = begun();
    assert_int_equal(put_one(s, &lost, 77), TCS_STORE_KNOWN);
    assert_int_equal(put_one(s, &rows[2], 2), TCS_STORE_NEW);
    assert_int_equal(put_one(s, &lost, 77), TCS_STORE_KNOWN);
    assert_int_equal(put_one(s, &rows[2], 2), TCS_STORE_KNOWN);
    assert_int_equal(tcs_store_stats(s)->findings, 1);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM detection WHERE record_id = 1 AND flags = 0 AND "
                         "channel = 'Security' AND file LIKE '/new/%'"),
                     2);
    assert_int_equal(ask("SELECT count(DISTINCT file) FROM detection WHERE record_id = 1 AND "
                         "flags = 0 AND channel = 'Security'"),
                     2);
}

/* A line that has the number of a numbered record of the same second does not take its row away
 * once that one was there. */
static void
test_a_number_and_a_line(void **unused)
{
    struct row line = rows[0];
    struct tcs_finding d = found(&line, 0);
    const struct tcs_signature sig = {.id = TCS_STR(LOGON)};
    struct tcs_err err = {0};
    (void)unused;
    make_old();
    struct tcs_store *s = begun();
    assert_int_equal(put_one(s, &rows[0], 0), TCS_STORE_KNOWN);
    memset(d.evidence.key.b, 99, TCS_KEY);
    assert_int_equal(tcs_store_detection_put(s, &sig, &d, &err), TCS_STORE_NEW);
    assert_int_equal(put_one(s, &rows[0], 0), TCS_STORE_KNOWN);
    tcs_store_close(s);
}

/* What is not read again stays as it is, and is told apart from what is new. */
static void
test_other_logs(void **unused)
{
    struct row fresh = rows[3];
    (void)unused;
    fresh.record_id = 9;
    make_old();
    struct tcs_store *s = begun();
    assert_int_equal(put_one(s, &fresh, 1), TCS_STORE_NEW);
    assert_int_equal(put_one(s, &rows[3], 2), TCS_STORE_KNOWN);
    end(s);
    assert_int_equal(legacy_rows(), 2 * ROWS + WINDOWS - 3);
}

/* A log without a channel was known by its base name and the offset. */
static void
test_a_log_without_a_channel(void **unused)
{
    const struct row text = {"064C3B98B1C8BAE0068ED6D17B6639ED",
                             NULL,
                             NULL,
                             "",
                             "auth.log",
                             "",
                             7,
                             99,
                             TCS_EVENT_ID_NONE};
    struct tcs_finding d = found(&text, 5);
    (void)unused;
    do_sql(version_3);
    do_sql("INSERT INTO signature VALUES (1, 'one', 'One', 2, 0)");
    insert("detection", text.detection, "1, 17673230450000000, 17673230450000000, 0, 1, 0", &text);
    struct tcs_store *s = begun();
    assert_int_equal(put(s, d), TCS_STORE_KNOWN);
    d.evidence.offset++;
    d.evidence.key.b[0]++;
    assert_int_equal(put(s, d), TCS_STORE_NEW);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM detection"), 2);
}

/* Of the rows as old as the newest that was pruned, what was kept is known and nothing is taken
 * again. */
static void
test_at_the_horizon(void **unused)
{
    char text[160];
    struct row pruned = rows[4];
    struct tcs_err err = {0};
    const struct tcs_signature sig = {.id = TCS_STR(LOGON)};
    (void)unused;
    pruned.record_id = 8;
    make_old();
    snprintf(text, sizeof text, "INSERT INTO blob VALUES ('horizon.detection', x'");
    for (int i = 0; i < 8; i++)
        snprintf(text + strlen(text), 3, "%02x", (unsigned)((uint64_t)T >> (8 * i)) & 0xff);
    strcat(text, "00000000000000000000000000000000')");
    do_sql(text);
    struct tcs_finding gone = found(&pruned, 200), kept = found(&rows[4], 4);
    for (int run = 0; run < 2; run++) {
        struct tcs_store *s = begun();
        assert_int_equal(tcs_store_detection_put(s, &sig, &kept, &err), TCS_STORE_KNOWN);
        assert_int_equal(tcs_store_detection_put(s, &sig, &gone, &err), TCS_STORE_BEYOND);
        assert_int_equal(tcs_store_stats(s)->beyond, 1);
        end(s);
    }
}

/* An incident of the older program has another id: that one leads to the incident of this program
 * which has its first link. */
static void
test_old_ids_lead_on(void **unused)
{
    static const char id[] = "bbbb0000000000000000000000000002";
    struct tcs_link links[] = {
        {.time = T - 10, .last = T - 10, .rule_id = TCS_STR("x"), .host = TCS_STR("other")},
        {.time = T,
         .last = T,
         .rule_id = TCS_STR(LOGON),
         .host = TCS_STR("dc01.elbwerft.example")}};
    struct tcs_incident got,
        in = {.state = 2, .first = T - 10, .last = T, .links = links, .nlinks = 2};
    struct tcs_err err = {0};
    (void)unused;
    memcpy(in.id, id, sizeof id);
    make_old();
    do_sql("INSERT INTO incident VALUES (1, 'aaaa0000000000000000000000000001', 2, 1, 50, "
           "17673230456780000, 17673230456780000, '', 1, 0, '', '', '');"
           "INSERT INTO link VALUES (1, 0, 17673230456780000, 17673230456780000, 1, 1, 3, 0, 1, "
           "'" LOGON "', 'Logon', '" DC01 "', '', '', '/old/a', 'Security', 1, 0, 4624)");
    struct tcs_store *s = begun();
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("aaaa0"), arena, &got, &err), 1);
    good(tcs_store_incident_put(s, &in, &err), &err);
    good(tcs_store_incidents_settle(s, &err), &err);
    end(s);
    s = opened(TCS_STORE_READ);
    assert_int_equal(tcs_store_incident_get(s, TCS_STR("aaaa0"), arena, &got, &err), 1);
    check_str(tcs_base_str_of(got.id), id);
    assert_int_equal(
        tcs_store_incident_get(s, TCS_STR("aaaa0000000000000000000000000001"), arena, &got, &err),
        1);
    check_str(tcs_base_str_of(got.id), id);
    tcs_store_close(s);
}

/* --- columns --- */

/* A field that came after the file was made: a reader says that it is old, a writer adds it. */
static void
test_a_new_field(void **unused)
{
    struct tcs_err err = {0};
    struct tcs_store *s = begun();
    struct tcs_finding d = seen(DAY);
    (void)unused;
    d.who.hash = TCS_STR("abc");
    d.who.session = 7;
    put(s, d);
    end(s);
    do_sql("ALTER TABLE detection DROP COLUMN hash; ALTER TABLE detection DROP COLUMN session; "
           "ALTER TABLE observation DROP COLUMN pid");
    s = NULL;
    assert_int_equal(tcs_store_open(dir, TCS_STORE_READ, &s, &err), -TCS_EUNSUPP);
    assert_non_null(strstr(err.msg, "older tocsin"));
    s = begun();
    assert_int_equal(put(s, d), TCS_STORE_KNOWN);
    d = seen(2 * DAY);
    d.who.hash = TCS_STR("def");
    d.who.session = UINT64_MAX;
    assert_int_equal(put(s, d), TCS_STORE_NEW);
    end(s);
    assert_int_equal(ask("SELECT count(*) FROM detection WHERE hash = '' AND session = 0"), 1);
    assert_int_equal(ask("SELECT count(*) FROM detection WHERE hash = 'def' AND session = -1"), 1);
    assert_int_equal(ask("SELECT count(*) FROM pragma_table_info('observation') WHERE name = 'pid' "
                         "AND type = 'INTEGER' AND \"notnull\""),
                     1);
    tcs_store_close(opened(TCS_STORE_READ));
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_the_step),       TEST(test_the_same_logs_again),
        TEST(test_what_was_lost),  TEST(test_a_number_and_a_line),
        TEST(test_other_logs),     TEST(test_a_log_without_a_channel),
        TEST(test_at_the_horizon), TEST(test_old_ids_lead_on),
        TEST(test_a_new_field),
    };
    if (argc != 2)
        return 2;
    FILE *f = fopen(argv[1], "rb");
    version_3 = calloc(1, 1 << 16);
    if (!f || !version_3)
        return 2;
    bool read = fread(version_3, 1, (1 << 16) - 1, f) > 0;
    fclose(f);
    if (!read)
        return 2;
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    free(version_3);
    return r;
}
