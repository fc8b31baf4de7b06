/* decode/json/schema.h - the schemas in which tools write events as JSON, one row each: how to tell
 * one, and what its keys mean. */
#pragma once
#include "decode/json/key_table.h"

/* What a root key tells; a row asks for some of these. */
#define TCS_MARK_EVENT (UINT64_C(1) << 0)      /* "Event": {} */
#define TCS_MARK_SYSTEM (UINT64_C(1) << 1)     /* "System": {} */
#define TCS_MARK_WINLOG (UINT64_C(1) << 2)     /* "winlog": {} or "winlog.channel" */
#define TCS_MARK_EVENT_DATA (UINT64_C(1) << 3) /* "event_data": {} or "event_data.Image" */
#define TCS_MARK_EVENT_ID (UINT64_C(1) << 4)
#define TCS_MARK_CHANNEL (UINT64_C(1) << 5)
#define TCS_MARK_PROVIDER (UINT64_C(1) << 6)
#define TCS_MARK_TEXT (UINT64_C(1) << 7) /* a line of text that may hold an XML event */
#define TCS_MARK_AWS (UINT64_C(1) << 8)  /* "eventSource", "eventName", "awsRegion": three marks */
#define TCS_MARK_AWS_NAME (UINT64_C(1) << 9)
#define TCS_MARK_AWS_REGION (UINT64_C(1) << 10)
/* Cloud logs.  Their exports differ in case and depth, so most of these stand for several keys;
 * schema_cloud.c says which marks together tell which log. */
#define TCS_MARK_DATE (UINT64_C(1) << 11)
#define TCS_MARK_WHO (UINT64_C(1) << 12)        /* a user's or service's name */
#define TCS_MARK_BY (UINT64_C(1) << 13)         /* who did it, as an object */
#define TCS_MARK_STATUS (UINT64_C(1) << 14)     /* a sign-in's result */
#define TCS_MARK_ACTIVITY (UINT64_C(1) << 15)   /* what was done, in a directory or in Intune */
#define TCS_MARK_RESOURCE (UINT64_C(1) << 16)   /* "resourceId" */
#define TCS_MARK_ARM (UINT64_C(1) << 17)        /* Azure Resource Manager's name of an operation */
#define TCS_MARK_RISK (UINT64_C(1) << 18)       /* "riskEventType" */
#define TCS_MARK_INTUNE (UINT64_C(1) << 19)     /* "componentName", "activityOperationType" */
#define TCS_MARK_OPERATION (UINT64_C(1) << 20)  /* "Operation" */
#define TCS_MARK_WORKLOAD (UINT64_C(1) << 21)   /* "Workload" */
#define TCS_MARK_AUDIT_DATA (UINT64_C(1) << 22) /* "AuditData" */
#define TCS_MARK_EVENT_TYPE (UINT64_C(1) << 23) /* "eventType" */
#define TCS_MARK_IS_SIGNIN (UINT64_C(1) << 24)  /* "category" or "Type" says which log it is */
#define TCS_MARK_IS_AUDIT (UINT64_C(1) << 25)
#define TCS_MARK_IS_AUDIT_TOO (UINT64_C(1) << 26) /* Entra and Intune both use it */
#define TCS_MARK_IS_ACTIVITY (UINT64_C(1) << 27)
#define TCS_MARK_IS_RISK (UINT64_C(1) << 28)
#define TCS_MARK_IS_INTUNE (UINT64_C(1) << 29)
#define TCS_MARK_IS_ALERT (UINT64_C(1) << 30) /* "@odata.type": an alert of PIM */
#define TCS_MARK_EVE (UINT64_C(1) << 31)      /* "event_type", and what Suricata has beside it */
#define TCS_MARK_EVE_BODY (UINT64_C(1) << 32)
#define TCS_MARK_WAZUH_RULE (UINT64_C(1) << 33) /* "rule": {}, and who raised it: two */
#define TCS_MARK_WAZUH_BY (UINT64_C(1) << 34)
#define TCS_MARK_NEVER (UINT64_C(1) << 63) /* no key has it */

/* A path and what it is; for a role, the lowest rank present wins. */
struct tcs_schema_path {
    const char *path;
    uint8_t role, rank;
    bool keep;         /* stays a field under its own name even when it wins */
    const char *field; /* another name for the field; "" for none */
    bool text;         /* a text here may be JSON: it stays a field, and what is in it are fields */
    bool no_null;      /* a null here is no field */
};

struct tcs_schema {
    const char *name;
    uint8_t index;     /* place in the table */
    uint64_t all, any; /* marks: all of these, and one of those (0: none needed) */
    struct tcs_str product, service;
    bool canonical; /* roles become fields by their canonical names */
    /* Fills in field, role, rank, kind ... of a new name from its parent, key and path. */
    void (*map)(const struct tcs_schema *schema, struct tcs_name *n, struct tcs_arena *a);
    const struct tcs_schema_path *paths; /* NULL-terminated; for the general map */
    const char *const *strip;            /* path prefixes that fall off; NULL-terminated */
    bool xml;                            /* events as text inside: read by decode/text/xml.h */
};

/* In the order in which they are tried; the one called generic takes everything. */
extern const struct tcs_schema tcs_decode_schemas[];
/* Marks of a root key; *telling: its text tells too (tcs_decode_schema_value_marks). */
void tcs_decode_schema_marks(struct tcs_str key, uint64_t marks[2], bool *telling);
uint64_t tcs_decode_schema_value_marks(struct tcs_str key, struct tcs_str text);
const struct tcs_schema *tcs_decode_schema_of(uint64_t marks);
/* The row of events as XML text: Sysmon for Linux. */
const struct tcs_schema *tcs_decode_schema_xml(void);
/* Paths, then prefixes that fall off. */
void tcs_decode_schema_map_paths(const struct tcs_schema *schema, struct tcs_name *n,
                                 struct tcs_arena *a);
/* Paths of the cloud logs (schema_cloud.c). */
extern const struct tcs_schema_path tcs_decode_schema_signin_paths[],
    tcs_decode_schema_audit_paths[], tcs_decode_schema_activity_paths[],
    tcs_decode_schema_risk_paths[], tcs_decode_schema_pim_paths[], tcs_decode_schema_intune_paths[],
    tcs_decode_schema_m365_paths[], tcs_decode_schema_okta_paths[];
extern const char *const tcs_decode_schema_m365_strip[];
/* The row of tables (input/csv_scan.h). */
const struct tcs_schema *tcs_decode_schema_csv(void);
/* Elements and attributes of an XML event, whatever JSON or XML they come from (schema_event.c). */
void tcs_decode_schema_map_event(const struct tcs_schema *schema, struct tcs_name *n,
                                 struct tcs_arena *a);
