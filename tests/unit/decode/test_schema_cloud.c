/* unit/decode/test_schema_cloud.c - sign-in and audit logs of the cloud: which log an object is
 * from, its time, and columns whose text is JSON.
 *
 * The forms are those that the services' references describe: Microsoft Graph (signIn,
 * directoryAudit, riskDetection, auditEvent), diagnostic settings, the tables of Log Analytics, the
 * Management Activity API's schema, Okta's System Log.  Names and values are invented. */
/* claim: reads */
#include "decode/formats.h"
#include "unit/input/input_collect.h"

struct heads {
    struct tcs_buf text;
};

static unsigned
want(void *ctx, const struct tcs_event *ev)
{
    struct heads *h = ctx;
    char time[TCS_TIME_TEXT];
    struct tcs_str t = tcs_base_time_format(ev->time, 0, time);
    tcs_base_buf_printf(&h->text, "%.*s/%.*s %.*s", TCS_STR_FMT(ev->product),
                        TCS_STR_FMT(ev->service), TCS_STR_FMT(t));
    return TCS_WANT_NOTHING;
}

static void
head(const char *text, const char *expected)
{
    static const struct tcs_origin origin = {.path = {"t", 1}};
    struct heads h = {0};
    size_t n = strlen(text);
    uint8_t *copy = calloc(1, n + TCS_BLOCK_PADDING);
    assert_non_null(copy);
    memcpy(copy, text, n);
    struct tcs_decoder *d = tcs_decode_format_jsonl.open(&(struct tcs_decode_opts){0});
    struct tcs_sink sink = {.ctx = &h, .want = want};
    struct tcs_decode_stats stats = {0};
    struct tcs_block b = {.origin = &origin, .p = copy, .n = n, .first_record = 1};
    tcs_decode_format_jsonl.decode(d, &b, &sink, &stats);
    tcs_decode_format_jsonl.close(d);
    free(copy);
    check_str(tcs_base_buf_view(&h.text), expected);
    tcs_base_buf_done(&h.text);
}

static void
test_entra(void **state)
{
    (void)state;
    head("{\"id\":\"1\",\"createdDateTime\":\"2026-03-17T20:04:12Z\",\"userPrincipalName\":\"j\","
         "\"status\":{\"errorCode\":50126}}",
         "azure/signinlogs 2026-03-17T20:04:12Z");
    /* the event's time, not that of the export */
    head("{\"time\":\"2026-03-17T20:09:00Z\",\"resourceId\":\"/tenants/t\",\"category\":"
         "\"SignInLogs\",\"properties\":{\"createdDateTime\":\"2026-03-17T20:04:12Z\"}}",
         "azure/signinlogs 2026-03-17T20:04:12Z");
    head("{\"TimeGenerated\":\"2026-03-17T20:04:12Z\",\"ResultType\":\"0\",\"UserPrincipalName\":"
         "\"j\"}",
         "azure/signinlogs 2026-03-17T20:04:12Z");
    head("{\"TimeGenerated\":\"2026-03-17T20:04:12Z\",\"Type\":"
         "\"AADServicePrincipalSignInLogs\"}",
         "azure/signinlogs 2026-03-17T20:04:12Z");
    head("{\"activityDateTime\":\"2026-03-17T20:04:12Z\",\"activityDisplayName\":\"Add user\","
         "\"initiatedBy\":{\"user\":null}}",
         "azure/auditlogs 2026-03-17T20:04:12Z");
    head("{\"time\":\"2026-03-17T20:09:00Z\",\"resourceId\":\"/tenants/t\",\"category\":"
         "\"AuditLogs\",\"properties\":{\"activityDateTime\":\"2026-03-17T20:04:12Z\"}}",
         "azure/auditlogs 2026-03-17T20:04:12Z");
    head("{\"TimeGenerated\":\"2026-03-17T20:04:12Z\",\"ActivityDisplayName\":\"Add user\","
         "\"InitiatedBy\":\"{}\"}",
         "azure/auditlogs 2026-03-17T20:04:12Z");
    head("{\"activityDateTime\":\"2026-03-17T20:04:12Z\",\"riskEventType\":\"unlikelyTravel\"}",
         "azure/riskdetection 2026-03-17T20:04:12Z");
    head("{\"@odata.type\":\"#microsoft.graph.staleSignInAlertIncident\"}", "azure/pim ");
}

static void
test_azure(void **state)
{
    (void)state;
    head("{\"eventTimestamp\":\"2026-03-17T20:04:12Z\",\"operationName\":{\"value\":\"a/delete\"}}",
         "azure/activitylogs 2026-03-17T20:04:12Z");
    head("{\"time\":\"2026-03-17T20:04:12Z\",\"resourceId\":\"/S\",\"category\":"
         "\"Administrative\",\"operationName\":\"A/DELETE\"}",
         "azure/activitylogs 2026-03-17T20:04:12Z");
    head("{\"TimeGenerated\":\"2026-03-17T20:04:12Z\",\"OperationNameValue\":\"A/DELETE\"}",
         "azure/activitylogs 2026-03-17T20:04:12Z");
    head("{\"activityDateTime\":\"2026-03-17T20:04:12Z\",\"componentName\":\"M\","
         "\"activityType\":\"wipe ManagedDevice\",\"actor\":{}}",
         "azure/intuneaudit 2026-03-17T20:04:12Z");
    head("{\"time\":\"2026-03-17T20:04:12Z\",\"tenantId\":\"t\",\"category\":\"AuditLogs\","
         "\"operationName\":\"wipe ManagedDevice\"}",
         "azure/intuneaudit 2026-03-17T20:04:12Z");
    head("{\"TimeGenerated\":\"2026-03-17T20:04:12Z\",\"Type\":\"IntuneAuditLogs\"}",
         "azure/intuneaudit 2026-03-17T20:04:12Z");
}

static void
test_others(void **state)
{
    (void)state;
    /* without a zone it is UTC */
    head("{\"CreationTime\":\"2026-03-17T20:04:12\",\"Operation\":\"X\",\"Workload\":\"Exchange\"}",
         "m365/audit 2026-03-17T20:04:12Z");
    head("{\"CreationDate\":\"2026-03-17T20:09:00Z\",\"AuditData\":"
         "\"{\\\"CreationTime\\\":\\\"2026-03-17T20:04:12\\\"}\"}",
         "m365/audit 2026-03-17T20:04:12Z");
    head("{\"AuditData\":{\"CreationTime\":\"2026-03-17T20:04:12\"}}",
         "m365/audit 2026-03-17T20:04:12Z");
    head("{\"published\":\"2026-03-17T20:04:12.123Z\",\"eventType\":\"user.session.start\","
         "\"actor\":{}}",
         "okta/okta 2026-03-17T20:04:12Z");
}

/* What only looks a little like one of them. */
static void
test_not(void **state)
{
    (void)state;
    head("{\"time\":\"2026-03-17T20:04:12Z\",\"category\":\"Security\"}", "/ 2026-03-17T20:04:12Z");
    head("{\"category\":\"signinlogs\"}", "/ "); /* another case, another thing */
    head("{\"category\":{\"SignInLogs\":1}}", "/ ");
    head("{\"status\":{},\"userPrincipalName\":\"j\"}", "/ ");
    head("{\"Operation\":\"X\"}", "/ ");
    head("{\"eventType\":\"X\",\"actor\":{}}", "/ ");
    head("{\"eventTime\":\"2026-03-17T20:04:12Z\",\"eventSource\":\"s\",\"eventName\":\"n\","
         "\"awsRegion\":\"r\",\"eventType\":\"AwsApiCall\"}",
         "aws/cloudtrail 2026-03-17T20:04:12Z");
}

static void
check(const struct tcs_format *f, const char *text, const char *events)
{
    struct collect c = {0};
    collect_text(&c, f, text, strlen(text));
    collect_check(&c.events, events);
    collect_check(&c.problems, "");
    collect_done(&c);
}

/* A column of text is a field, and so is what is in it. */
static void
test_text(void **state)
{
    (void)state;
    check(
        &tcs_decode_format_jsonl,
        "{\"Type\":\"SigninLogs\",\"Status\":\"{\\\"errorCode\\\":0,\\\"a\\\":[{\\\"b\\\":"
        "\\\"x\\\"},{\\\"b\\\":\\\"y\\\"}]}\",\"UserId\":\"{\\\"c\\\":1}\"}",
        "{\"Type\":\"SigninLogs\",\"Status\":\"{\\\"errorCode\\\":0,\\\"a\\\":[{\\\"b\\\":"
        "\\\"x\\\"},{\\\"b\\\":\\\"y\\\"}]}\",\"Status.errorCode\":0,\"Status.a.b\":[\"x\",\"y\"],"
        "\"UserId\":\"{\\\"c\\\":1}\"}\n");
    /* no JSON, broken JSON, JSON within JSON: text */
    check(&tcs_decode_format_jsonl,
          "{\"Type\":\"SigninLogs\",\"Status\":\"x\",\"DeviceDetail\":\"{\"}",
          "{\"Type\":\"SigninLogs\",\"Status\":\"x\",\"DeviceDetail\":\"{\"}\n");
    check(&tcs_decode_format_jsonl,
          "{\"AuditData\":\"{\\\"AuditData\\\":\\\"{\\\\\\\"a\\\\\\\":1}\\\"}\"}",
          "{\"AuditData\":[\"{\\\"AuditData\\\":\\\"{\\\\\\\"a\\\\\\\":1}\\\"}\","
          "\"{\\\"a\\\":1}\"]}\n");
    /* two of them: the first one's values must outlive the second's parsing */
    check(&tcs_decode_format_jsonl,
          "{\"Type\":\"AuditLogs\",\"TargetResources\":\"[{\\\"a\\\":\\\"first\\\"}]\","
          "\"InitiatedBy\":\"{\\\"b\\\":\\\"other\\\"}\"}",
          "{\"Type\":\"AuditLogs\",\"TargetResources\":\"[{\\\"a\\\":\\\"first\\\"}]\","
          "\"TargetResources.a\":\"first\",\"InitiatedBy\":\"{\\\"b\\\":\\\"other\\\"}\","
          "\"InitiatedBy.b\":\"other\"}\n");
}

/* The answers of APIs hold their records in an array. */
static void
test_envelopes(void **state)
{
    (void)state;
    check(&tcs_decode_format_json, "{\"records\":[{\"a\":1},{\"a\":2}]}\n{\"records\":[{\"a\":3}]}",
          "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    check(&tcs_decode_format_json, "{ \"value\" : [ {\"a\":1}, {\"a\":2} ] }",
          "{\"a\":1}\n{\"a\":2}\n");
    check(&tcs_decode_format_json,
          "{\"@odata.context\":\"https://example.com/v1.0/$metadata#x(\\\"y\\\")\",\n"
          "  \"value\": [{\"a\":1}]}",
          "{\"a\":1}\n");
    check(&tcs_decode_format_json,
          "{\"@odata.context\":\"x\",\"@odata.nextLink\":\"y\",\"value\":[{\"a\":1}]}",
          "{\"a\":1}\n");
    /* records that only begin so */
    check(&tcs_decode_format_json, "{\"value\":[1,2]}", "{\"value\":[1,2]}\n");
    check(&tcs_decode_format_json, "{\"value\":\"[{\"}", "{\"value\":\"[{\"}\n");
    check(&tcs_decode_format_json, "{\"@odata.context\":1,\"value\":[{\"a\":1}]}",
          "{\"@odata.context\":1,\"value.a\":1}\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entra),  cmocka_unit_test(test_azure),
        cmocka_unit_test(test_others), cmocka_unit_test(test_not),
        cmocka_unit_test(test_text),   cmocka_unit_test(test_envelopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
