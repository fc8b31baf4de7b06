/* decode/json/schema.c - the table of JSON schemas.
 *
 * To add one: a row in `tcs_decode_schemas` before the last, its paths, and marks that tell it.
 * Paths are dotted, so that {"winlog":{"channel":..}} and {"winlog.channel":..} are the same. */
#include "decode/json/schema.h"

static bool
map_path(const struct tcs_schema *schema, struct tcs_name *n)
{
    for (const struct tcs_schema_path *p = schema->paths; p && p->path; p++)
        if (tcs_base_str_eq(n->path, tcs_base_str_of(p->path))) {
            n->role = p->role;
            n->rank = p->rank;
            n->keep = p->keep || !schema->canonical;
            n->no_null = p->no_null;
            if (p->text)
                n->kind = TCS_NAME_TEXT;
            if (p->field)
                n->field = tcs_base_str_of(p->field);
            return true;
        }
    return false;
}

/* NOLINTNEXTLINE(misc-unused-parameters) */
void
tcs_decode_schema_map_paths(const struct tcs_schema *schema, struct tcs_name *n,
                            struct tcs_arena *a)
{
    (void)a;
    if (map_path(schema, n))
        return;
    for (const char *const *s = schema->strip; s && *s; s++)
        if (tcs_base_str_starts(n->path, tcs_base_str_of(*s))) {
            n->field = tcs_base_str_slice(n->path, strlen(*s), n->path.n);
            n->kind =
                tcs_base_str_starts(n->field, TCS_STR("param")) ? TCS_NAME_PARAM : TCS_NAME_PLAIN;
            return;
        }
}

#define ROLE(path_, role_, rank_)                                                                  \
    {                                                                                              \
        .path = (path_), .role = TCS_ROLE_##role_, .rank = (rank_)                                 \
    }
#define BOTH(path_, role_, rank_)                                                                  \
    {                                                                                              \
        .path = (path_), .role = TCS_ROLE_##role_, .rank = (rank_), .keep = true                   \
    }
#define CALLED(path_, field_)                                                                      \
    {                                                                                              \
        .path = (path_), .role = TCS_ROLE_NONE, .field = (field_)                                  \
    }

/* Winlogbeat 7 and later, and what is built on it. */
static const struct tcs_schema_path winlogbeat_paths[] = {
    ROLE("winlog.channel", CHANNEL, 0),
    ROLE("winlog.event_id", EVENT_ID, 0),
    BOTH("event.code", EVENT_ID, 1),
    ROLE("winlog.provider_name", PROVIDER, 0),
    BOTH("event.provider", PROVIDER, 1),
    ROLE("winlog.provider_guid", PROVIDER_GUID, 0),
    ROLE("winlog.computer_name", COMPUTER, 0),
    BOTH("host.name", COMPUTER, 1),
    BOTH("host.hostname", COMPUTER, 2),
    ROLE("winlog.record_id", RECORD_ID, 0),
    ROLE("@timestamp", TIME, 0),
    ROLE("winlog.time_created", TIME, 1),
    ROLE("winlog.version", VERSION, 0),
    ROLE("winlog.process.pid", PID, 0),
    ROLE("winlog.process.thread.id", TID, 0),
    ROLE("winlog.activity_id", ACTIVITY, 0),
    ROLE("winlog.user.identifier", USER_ID, 0),
    CALLED("message", "Message"),
    {0},
};
static const char *const winlogbeat_strip[] = {"winlog.event_data.", "winlog.user_data.", NULL};

/* Winlogbeat 5 and 6. */
static const struct tcs_schema_path winlogbeat6_paths[] = {
    ROLE("log_name", CHANNEL, 0),       ROLE("event_id", EVENT_ID, 0),
    ROLE("source_name", PROVIDER, 0),   ROLE("provider_guid", PROVIDER_GUID, 0),
    ROLE("computer_name", COMPUTER, 0), ROLE("record_number", RECORD_ID, 0),
    ROLE("@timestamp", TIME, 0),        ROLE("version", VERSION, 0),
    ROLE("process_id", PID, 0),         ROLE("thread_id", TID, 0),
    ROLE("activity_id", ACTIVITY, 0),   ROLE("user.identifier", USER_ID, 0),
    CALLED("message", "Message"),       {0},
};
static const char *const winlogbeat6_strip[] = {"event_data.", "user_data.", NULL};

/* One level, System and event data side by side: NXLog, PowerShell's ConvertTo-Json, Splunk.  Where
 * a name may as well be event data, it stays a field too. */
static const struct tcs_schema_path flat_paths[] = {
    ROLE("Channel", CHANNEL, 0),
    ROLE("LogName", CHANNEL, 1),
    ROLE("channel", CHANNEL, 2),
    ROLE("log_name", CHANNEL, 3),
    ROLE("EventID", EVENT_ID, 0),
    ROLE("EventId", EVENT_ID, 1),
    ROLE("event_id", EVENT_ID, 2),
    ROLE("EventCode", EVENT_ID, 3),
    ROLE("Provider_Name", PROVIDER, 0),
    ROLE("SourceName", PROVIDER, 1),
    ROLE("source_name", PROVIDER, 2),
    BOTH("ProviderName", PROVIDER, 3),
    BOTH("provider_name", PROVIDER, 4),
    BOTH("Provider", PROVIDER, 5),
    ROLE("Provider_Guid", PROVIDER_GUID, 0),
    ROLE("ProviderGuid", PROVIDER_GUID, 1),
    ROLE("provider_guid", PROVIDER_GUID, 2),
    ROLE("Computer", COMPUTER, 0),
    ROLE("ComputerName", COMPUTER, 1),
    ROLE("computer_name", COMPUTER, 2),
    ROLE("MachineName", COMPUTER, 3),
    ROLE("Hostname", COMPUTER, 4),
    BOTH("HostName", COMPUTER, 5),
    BOTH("hostname", COMPUTER, 6),
    ROLE("EventRecordID", RECORD_ID, 0),
    ROLE("EventRecordId", RECORD_ID, 1),
    ROLE("RecordNumber", RECORD_ID, 2),
    ROLE("RecordId", RECORD_ID, 3),
    ROLE("RecordID", RECORD_ID, 4),
    ROLE("record_number", RECORD_ID, 5),
    ROLE("TimeCreated", TIME, 0),
    ROLE("SystemTime", TIME, 1),
    ROLE("@timestamp", TIME, 2),
    ROLE("EventTime", TIME, 3),
    BOTH("UtcTime", TIME, 4),
    BOTH("timestamp", TIME, 5),
    BOTH("TimeGenerated", TIME, 6),
    ROLE("Version", VERSION, 0),
    ROLE("Level", LEVEL, 0),
    ROLE("Task", TASK, 0),
    ROLE("OpcodeValue", OPCODE, 0),
    ROLE("Opcode", OPCODE, 1),
    ROLE("Keywords", KEYWORDS, 0),
    ROLE("Correlation_ActivityID", ACTIVITY, 0),
    ROLE("ActivityID", ACTIVITY, 1),
    ROLE("Execution_ProcessID", PID, 0),
    ROLE("ExecutionProcessID", PID, 1),
    BOTH("ProcessID", PID, 2),
    ROLE("Execution_ThreadID", TID, 0),
    ROLE("ExecutionThreadID", TID, 1),
    BOTH("ThreadID", TID, 2),
    ROLE("Security_UserID", USER_ID, 0),
    BOTH("UserID", USER_ID, 1),
    {0},
};
static const char *const flat_strip[] = {"EventData.", "UserData.", NULL};

static const struct tcs_schema_path cloudtrail_paths[] = {
    ROLE("eventTime", TIME, 0),
    ROLE("@timestamp", TIME, 1),
    ROLE("eventID", UID, 0),
    {0},
};

/* Suricata's EVE: `host` is the sensor, if its name is written at all. */
static const struct tcs_schema_path eve_paths[] = {
    ROLE("timestamp", TIME, 0),
    ROLE("@timestamp", TIME, 1),
    ROLE("host", COMPUTER, 0),
    {0},
};

/* Wazuh's alerts: the agent is the host they are about; without one it is the manager itself. */
static const struct tcs_schema_path wazuh_paths[] = {
    ROLE("timestamp", TIME, 0),
    ROLE("@timestamp", TIME, 1),
    ROLE("agent.name", COMPUTER, 0),
    ROLE("predecoder.hostname", COMPUTER, 1),
    ROLE("manager.name", COMPUTER, 2),
    ROLE("id", UID, 0),
    {0},
};

/* Any other object: where logs usually have their time and host. */
static const struct tcs_schema_path generic_paths[] = {
    ROLE("@timestamp", TIME, 0),
    ROLE("timestamp", TIME, 1),
    ROLE("TimeGenerated", TIME, 2),
    ROLE("eventTime", TIME, 3),
    ROLE("EventTime", TIME, 4),
    ROLE("time", TIME, 5),
    ROLE("ts", TIME, 6),
    ROLE("host.name", COMPUTER, 0),
    ROLE("hostname", COMPUTER, 1),
    ROLE("HostName", COMPUTER, 2),
    ROLE("Computer", COMPUTER, 3),
    ROLE("host", COMPUTER, 4),
    {0},
};

#define WINDOWS .product = TCS_STR("windows"), .canonical = true
#define CLOUD(name_, index_, all_, any_, product_, service_, paths_)                               \
    {                                                                                              \
        .name = (name_), .index = (index_), .all = (all_), .any = (any_),                          \
        .map = tcs_decode_schema_map_paths, .paths = tcs_decode_schema_##paths_##_paths,           \
        .product = TCS_STR(product_), .service = TCS_STR(service_)                                 \
    }
#define LINUX .product = TCS_STR("linux"), .canonical = true

const struct tcs_schema tcs_decode_schemas[] = {
    {.name = "event",
     .index = 0,
     .all = TCS_MARK_EVENT,
     .map = tcs_decode_schema_map_event,
     WINDOWS},
    {.name = "bare event",
     .index = 1,
     .all = TCS_MARK_SYSTEM,
     .map = tcs_decode_schema_map_event,
     WINDOWS},
    {.name = "winlogbeat",
     .index = 2,
     .all = TCS_MARK_WINLOG,
     .map = tcs_decode_schema_map_paths,
     .paths = winlogbeat_paths,
     .strip = winlogbeat_strip,
     WINDOWS},
    {.name = "winlogbeat 6",
     .index = 3,
     .all = TCS_MARK_EVENT_ID | TCS_MARK_CHANNEL | TCS_MARK_PROVIDER | TCS_MARK_EVENT_DATA,
     .map = tcs_decode_schema_map_paths,
     .paths = winlogbeat6_paths,
     .strip = winlogbeat6_strip,
     WINDOWS},
    {.name = "flat",
     .index = 4,
     .all = TCS_MARK_EVENT_ID,
     .any = TCS_MARK_CHANNEL | TCS_MARK_PROVIDER,
     .map = tcs_decode_schema_map_paths,
     .paths = flat_paths,
     .strip = flat_strip,
     WINDOWS},
    {.name = "eve",
     .index = 23,
     .all = TCS_MARK_EVE | TCS_MARK_EVE_BODY,
     .map = tcs_decode_schema_map_paths,
     .paths = eve_paths,
     .product = TCS_STR("suricata"),
     .service = TCS_STR("eve")},
    {.name = "wazuh",
     .index = 24,
     .all = TCS_MARK_WAZUH_RULE | TCS_MARK_WAZUH_BY,
     .map = tcs_decode_schema_map_paths,
     .paths = wazuh_paths,
     .product = TCS_STR("wazuh"),
     .service = TCS_STR("alerts")},
    {.name = "xml",
     .index = 5,
     .all = TCS_MARK_TEXT,
     .map = tcs_decode_schema_map_event,
     .xml = true,
     .service = TCS_STR("sysmon"),
     LINUX},
    {.name = "cloudtrail",
     .index = 6,
     .all = TCS_MARK_AWS | TCS_MARK_AWS_NAME | TCS_MARK_AWS_REGION,
     .map = tcs_decode_schema_map_paths,
     .paths = cloudtrail_paths,
     .product = TCS_STR("aws"),
     .service = TCS_STR("cloudtrail")},
    CLOUD("intune audit", 10, TCS_MARK_INTUNE | TCS_MARK_ACTIVITY, 0, "azure", "intuneaudit",
          intune),
    CLOUD("directory audit", 7, TCS_MARK_ACTIVITY | TCS_MARK_BY, 0, "azure", "auditlogs", audit),
    CLOUD("directory audit export", 8, TCS_MARK_IS_AUDIT_TOO | TCS_MARK_RESOURCE, 0, "azure",
          "auditlogs", audit),
    CLOUD("directory audit table", 9, TCS_MARK_IS_AUDIT, 0, "azure", "auditlogs", audit),
    CLOUD("intune audit export", 11, 0, TCS_MARK_IS_INTUNE | TCS_MARK_IS_AUDIT_TOO, "azure",
          "intuneaudit", intune),
    CLOUD("sign-in", 12, TCS_MARK_DATE | TCS_MARK_STATUS | TCS_MARK_WHO, 0, "azure", "signinlogs",
          signin),
    CLOUD("sign-in export", 13, TCS_MARK_IS_SIGNIN, 0, "azure", "signinlogs", signin),
    CLOUD("risk detection", 14, 0, TCS_MARK_RISK | TCS_MARK_IS_RISK, "azure", "riskdetection",
          risk),
    CLOUD("pim alert", 15, TCS_MARK_IS_ALERT, 0, "azure", "pim", pim),
    CLOUD("azure activity", 16, TCS_MARK_ARM | TCS_MARK_DATE, 0, "azure", "activitylogs", activity),
    CLOUD("azure activity export", 17, TCS_MARK_IS_ACTIVITY | TCS_MARK_RESOURCE, 0, "azure",
          "activitylogs", activity),
    {.name = "unified audit",
     .index = 18,
     .all = TCS_MARK_OPERATION | TCS_MARK_WORKLOAD,
     .map = tcs_decode_schema_map_paths,
     .paths = tcs_decode_schema_m365_paths,
     .product = TCS_STR("m365"),
     .service = TCS_STR("audit")},
    {.name = "unified audit search",
     .index = 19,
     .all = TCS_MARK_AUDIT_DATA,
     .map = tcs_decode_schema_map_paths,
     .paths = tcs_decode_schema_m365_paths,
     .strip = tcs_decode_schema_m365_strip,
     .product = TCS_STR("m365"),
     .service = TCS_STR("audit")},
    CLOUD("okta system log", 20, TCS_MARK_EVENT_TYPE | TCS_MARK_BY | TCS_MARK_DATE, 0, "okta",
          "okta", okta),
    {.name = "generic", .index = 21, .map = tcs_decode_schema_map_paths, .paths = generic_paths},
    /* Behind the one that takes everything: no JSON is of these. */
    {.name = "csv",
     .index = 22,
     .all = TCS_MARK_NEVER,
     .map = tcs_decode_schema_map_paths,
     .paths = generic_paths,
     .product = TCS_STR("csv")},
};

struct mark_row {
    const char *key; /* a last '.' means: or anything that begins so */
    uint64_t scalar, object;
};

static const struct mark_row mark_rows[] = {
    {"Event", 0, TCS_MARK_EVENT},
    {"System", 0, TCS_MARK_SYSTEM},
    {"winlog", 0, TCS_MARK_WINLOG},
    {"winlog.", TCS_MARK_WINLOG, TCS_MARK_WINLOG},
    {"event_data", 0, TCS_MARK_EVENT_DATA},
    {"event_data.", TCS_MARK_EVENT_DATA, TCS_MARK_EVENT_DATA},
    {"user_data", 0, TCS_MARK_EVENT_DATA},
    {"beat", 0, TCS_MARK_EVENT_DATA}, /* Winlogbeat 6 on an event without data */
    {"EventID", TCS_MARK_EVENT_ID, 0},
    {"EventId", TCS_MARK_EVENT_ID, 0},
    {"event_id", TCS_MARK_EVENT_ID, 0},
    {"EventCode", TCS_MARK_EVENT_ID, 0},
    {"Channel", TCS_MARK_CHANNEL, 0},
    {"channel", TCS_MARK_CHANNEL, 0},
    {"LogName", TCS_MARK_CHANNEL, 0},
    {"log_name", TCS_MARK_CHANNEL, 0},
    {"SourceName", TCS_MARK_PROVIDER, 0},
    {"source_name", TCS_MARK_PROVIDER, 0},
    {"ProviderName", TCS_MARK_PROVIDER, 0},
    {"Provider_Name", TCS_MARK_PROVIDER, 0},
    {"SyslogMessage", TCS_MARK_TEXT, 0},
    {"message", TCS_MARK_TEXT, 0},
    {"Message", TCS_MARK_TEXT, 0},
    {"MESSAGE", TCS_MARK_TEXT, 0},
    {"msg", TCS_MARK_TEXT, 0},
    {"log", TCS_MARK_TEXT, 0},
    {"_raw", TCS_MARK_TEXT, 0},
    {"eventSource", TCS_MARK_AWS, 0},
    {"eventName", TCS_MARK_AWS_NAME, 0},
    {"awsRegion", TCS_MARK_AWS_REGION, 0},
    {"createdDateTime", TCS_MARK_DATE, 0},
    {"CreatedDateTime", TCS_MARK_DATE, 0},
    {"TimeGenerated", TCS_MARK_DATE, 0},
    {"eventTimestamp", TCS_MARK_DATE, 0},
    {"published", TCS_MARK_DATE, 0},
    {"userPrincipalName", TCS_MARK_WHO, 0},
    {"UserPrincipalName", TCS_MARK_WHO, 0},
    {"servicePrincipalName", TCS_MARK_WHO, 0},
    {"ServicePrincipalName", TCS_MARK_WHO, 0},
    {"initiatedBy", 0, TCS_MARK_BY},
    {"InitiatedBy", TCS_MARK_BY, TCS_MARK_BY}, /* an object, or its text */
    {"actor", 0, TCS_MARK_BY},
    {"status", 0, TCS_MARK_STATUS},
    {"ResultType", TCS_MARK_STATUS, 0},
    {"activityDisplayName", TCS_MARK_ACTIVITY, 0},
    {"ActivityDisplayName", TCS_MARK_ACTIVITY, 0},
    {"activityType", TCS_MARK_ACTIVITY, 0},
    {"resourceId", TCS_MARK_RESOURCE, 0},
    {"operationName", 0, TCS_MARK_ARM},
    {"OperationNameValue", TCS_MARK_ARM, 0},
    {"riskEventType", TCS_MARK_RISK, 0},
    {"RiskEventType", TCS_MARK_RISK, 0},
    {"componentName", TCS_MARK_INTUNE, 0},
    {"activityOperationType", TCS_MARK_INTUNE, 0},
    {"Operation", TCS_MARK_OPERATION, 0},
    {"Workload", TCS_MARK_WORKLOAD, 0},
    {"OfficeWorkload", TCS_MARK_WORKLOAD, 0},
    {"AuditData", TCS_MARK_AUDIT_DATA, TCS_MARK_AUDIT_DATA},
    {"eventType", TCS_MARK_EVENT_TYPE, 0},
    {"event_type", TCS_MARK_EVE, 0},
    {"flow_id", TCS_MARK_EVE_BODY, 0},
    {"in_iface", TCS_MARK_EVE_BODY, 0},
    {"stats", 0, TCS_MARK_EVE_BODY},
    {"rule", 0, TCS_MARK_WAZUH_RULE},
    {"manager", 0, TCS_MARK_WAZUH_BY},
    {"decoder", 0, TCS_MARK_WAZUH_BY},
    {NULL, 0, 0},
};

/* Keys whose text says which log it is. */
struct value_row {
    const char *key;
    const char *text; /* a first '*' means: what ends so */
    uint64_t marks;
};

static const struct value_row value_rows[] = {
    {"category", "SignInLogs", TCS_MARK_IS_SIGNIN},
    {"category", "NonInteractiveUserSignInLogs", TCS_MARK_IS_SIGNIN},
    {"category", "ServicePrincipalSignInLogs", TCS_MARK_IS_SIGNIN},
    {"category", "ManagedIdentitySignInLogs", TCS_MARK_IS_SIGNIN},
    {"category", "ADFSSignInLogs", TCS_MARK_IS_SIGNIN},
    {"category", "AuditLogs", TCS_MARK_IS_AUDIT_TOO},
    {"category", "UserRiskEvents", TCS_MARK_IS_RISK},
    {"category", "ServicePrincipalRiskEvents", TCS_MARK_IS_RISK},
    {"category", "Administrative", TCS_MARK_IS_ACTIVITY},
    {"category", "Policy", TCS_MARK_IS_ACTIVITY},
    {"category", "Security", TCS_MARK_IS_ACTIVITY},
    {"Type", "SigninLogs", TCS_MARK_IS_SIGNIN},
    {"Type", "AADNonInteractiveUserSignInLogs", TCS_MARK_IS_SIGNIN},
    {"Type", "AADServicePrincipalSignInLogs", TCS_MARK_IS_SIGNIN},
    {"Type", "AADManagedIdentitySignInLogs", TCS_MARK_IS_SIGNIN},
    {"Type", "AuditLogs", TCS_MARK_IS_AUDIT},
    {"Type", "AADUserRiskEvents", TCS_MARK_IS_RISK},
    {"Type", "IntuneAuditLogs", TCS_MARK_IS_INTUNE},
    {"Type", "AzureActivity", TCS_MARK_ARM | TCS_MARK_DATE},
    {"@odata.type", "*AlertIncident", TCS_MARK_IS_ALERT},
    {"@odata.type", "*AlertConfiguration", TCS_MARK_IS_ALERT},
    {NULL, NULL, 0},
};

void
tcs_decode_schema_marks(struct tcs_str key, uint64_t marks[2], bool *telling)
{
    for (const struct mark_row *m = mark_rows; m->key; m++) {
        struct tcs_str word = tcs_base_str_of(m->key);
        bool prefix = word.p[word.n - 1] == '.';
        if (prefix ? tcs_base_str_starts(key, word) : tcs_base_str_eq(key, word)) {
            marks[0] |= m->scalar;
            marks[1] |= m->object;
        }
    }
    for (const struct value_row *v = value_rows; v->key; v++)
        *telling |= tcs_base_str_eq(key, tcs_base_str_of(v->key));
}

uint64_t
tcs_decode_schema_value_marks(struct tcs_str key, struct tcs_str text)
{
    uint64_t marks = 0;
    for (const struct value_row *v = value_rows; v->key; v++) {
        struct tcs_str want = tcs_base_str_of(v->text);
        bool same = *v->text == '*' ? tcs_base_str_ends(text, tcs_base_str_slice(want, 1, want.n))
                                    : tcs_base_str_eq(text, want);
        if (same && tcs_base_str_eq(key, tcs_base_str_of(v->key)))
            marks |= v->marks;
    }
    return marks;
}

const struct tcs_schema *
tcs_decode_schema_of(uint64_t marks)
{
    const struct tcs_schema *s = tcs_decode_schemas;
    while ((marks & s->all) != s->all || (s->any && !(marks & s->any)))
        s++;
    return s;
}

const struct tcs_schema *
tcs_decode_schema_xml(void)
{
    const struct tcs_schema *s = tcs_decode_schemas;
    while (!s->xml)
        s++;
    return s;
}

const struct tcs_schema *
tcs_decode_schema_csv(void)
{
    const struct tcs_schema *s = tcs_decode_schemas;
    while (s->all != TCS_MARK_NEVER)
        s++;
    return s;
}
