/* decode/json/schema_cloud.c - sign-in and audit logs of Entra ID, Azure, Intune, Microsoft 365 and
 * Okta: where each export has its time and the event's own id, and which columns hold JSON as text.
 *
 * The same record comes in up to three forms: as the service's API gives it, as diagnostic settings
 * write it to storage and event hubs (the API's form under "properties"), and as a row of a Log
 * Analytics table (names begin with a capital, objects may be text).  Which form it is, is left
 * open: the paths of all stand side by side, and data/logsource.yaml joins the names. */
#include "decode/json/schema.h"

#define TIME(path_, rank_)                                                                         \
    {                                                                                              \
        .path = (path_), .role = TCS_ROLE_TIME, .rank = (rank_)                                    \
    }
/* The same id in every form of the record. */
#define UID(path_, rank_)                                                                          \
    {                                                                                              \
        .path = (path_), .role = TCS_ROLE_UID, .rank = (rank_)                                     \
    }
#define TEXT(path_)                                                                                \
    {                                                                                              \
        .path = (path_), .role = TCS_ROLE_NONE, .text = true                                       \
    }
#define NO_NULL(path_)                                                                             \
    {                                                                                              \
        .path = (path_), .role = TCS_ROLE_NONE, .no_null = true                                    \
    }

const struct tcs_schema_path tcs_decode_schema_signin_paths[] = {
    TIME("properties.createdDateTime", 0),
    TIME("createdDateTime", 1),
    TIME("CreatedDateTime", 2),
    TIME("TimeGenerated", 3),
    TIME("time", 4),
    UID("properties.id", 0),
    UID("id", 1),
    UID("Id", 2),
    TEXT("properties"),
    TEXT("Status"),
    TEXT("DeviceDetail"),
    TEXT("LocationDetails"),
    TEXT("AuthenticationDetails"),
    TEXT("MfaDetail"),
    NO_NULL("status.additionalDetails"),
    NO_NULL("properties.status.additionalDetails"),
    NO_NULL("Status.additionalDetails"),
    {0},
};

const struct tcs_schema_path tcs_decode_schema_audit_paths[] = {
    TIME("properties.activityDateTime", 0),
    TIME("activityDateTime", 1),
    TIME("ActivityDateTime", 2),
    TIME("TimeGenerated", 3),
    TIME("time", 4),
    UID("properties.id", 0),
    UID("id", 1),
    UID("Id", 2),
    TEXT("properties"),
    TEXT("InitiatedBy"),
    TEXT("TargetResources"),
    TEXT("AdditionalDetails"),
    {0},
};

const struct tcs_schema_path tcs_decode_schema_activity_paths[] = {
    TIME("eventTimestamp", 0),
    TIME("TimeGenerated", 1),
    TIME("time", 2),
    UID("eventDataId", 0),
    UID("EventDataId", 1),
    UID("properties.eventDataId", 2),
    TEXT("properties"),
    TEXT("Properties"),
    TEXT("Authorization"),
    TEXT("Claims"),
    {0},
};

const struct tcs_schema_path tcs_decode_schema_risk_paths[] = {
    TIME("properties.activityDateTime", 0),
    TIME("activityDateTime", 1),
    TIME("ActivityDateTime", 2),
    TIME("properties.detectedDateTime", 3),
    TIME("detectedDateTime", 4),
    TIME("DetectedDateTime", 5),
    TIME("TimeGenerated", 6),
    TIME("time", 7),
    UID("properties.id", 0),
    UID("id", 1),
    UID("Id", 2),
    TEXT("properties"),
    TEXT("Location"),
    {0},
};

const struct tcs_schema_path tcs_decode_schema_pim_paths[] = {
    TIME("createdDateTime", 0),
    TIME("lastModifiedDateTime", 1),
    TIME("lastScannedDateTime", 2),
    {0},
};

const struct tcs_schema_path tcs_decode_schema_intune_paths[] = {
    TIME("activityDateTime", 0),
    TIME("properties.ActivityDate", 1),
    TIME("Properties.ActivityDate", 2),
    TIME("TimeGenerated", 3),
    TIME("time", 4),
    UID("properties.AuditEventId", 0),
    UID("Properties.AuditEventId", 1),
    UID("id", 2),
    TEXT("properties"),
    TEXT("Properties"),
    {0},
};

const struct tcs_schema_path tcs_decode_schema_m365_paths[] = {
    TIME("CreationTime", 0),
    {.path = "AuditData.CreationTime", .role = TCS_ROLE_TIME, .rank = 1, .field = "CreationTime"},
    TIME("CreationDate", 2),
    TIME("TimeGenerated", 3),
    UID("Id", 0),
    {.path = "AuditData.Id", .role = TCS_ROLE_UID, .rank = 1, .field = "Id"},
    UID("OfficeId", 2),
    TEXT("AuditData"),
    {0},
};
const char *const tcs_decode_schema_m365_strip[] = {"AuditData.", NULL};

const struct tcs_schema_path tcs_decode_schema_okta_paths[] = {
    TIME("published", 0),
    UID("uuid", 0),
    {0},
};
