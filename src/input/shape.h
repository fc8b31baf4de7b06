/* input/shape.h - the shapes in which tools write events as JSON, one row each: how to tell one,
 * and what its keys mean. */
#pragma once
#include "input/names.h"

/* What a root key tells; a row asks for some of these. */
enum {
    TCS_MARK_EVENT = 1 << 0,      /* "Event": {} */
    TCS_MARK_SYSTEM = 1 << 1,     /* "System": {} */
    TCS_MARK_WINLOG = 1 << 2,     /* "winlog": {} or "winlog.channel" */
    TCS_MARK_EVENT_DATA = 1 << 3, /* "event_data": {} or "event_data.Image" */
    TCS_MARK_EVENT_ID = 1 << 4,
    TCS_MARK_CHANNEL = 1 << 5,
    TCS_MARK_PROVIDER = 1 << 6,
    TCS_MARK_TEXT = 1 << 7, /* a line of text that may hold an XML event */
    TCS_MARK_AWS = 1 << 8,  /* "eventSource", "eventName", "awsRegion": three marks */
    TCS_MARK_AWS_NAME = 1 << 9,
    TCS_MARK_AWS_REGION = 1 << 10,
    /* Cloud logs.  Their exports differ in case and depth, so most of these stand for several keys;
     * shape_cloud.c says which marks together tell which log. */
    TCS_MARK_DATE = 1 << 11,
    TCS_MARK_WHO = 1 << 12,        /* a user's or service's name */
    TCS_MARK_BY = 1 << 13,         /* who did it, as an object */
    TCS_MARK_STATUS = 1 << 14,     /* a sign-in's result */
    TCS_MARK_ACTIVITY = 1 << 15,   /* what was done, in a directory or in Intune */
    TCS_MARK_RESOURCE = 1 << 16,   /* "resourceId" */
    TCS_MARK_ARM = 1 << 17,        /* Azure Resource Manager's name of an operation */
    TCS_MARK_RISK = 1 << 18,       /* "riskEventType" */
    TCS_MARK_INTUNE = 1 << 19,     /* "componentName", "activityOperationType" */
    TCS_MARK_OPERATION = 1 << 20,  /* "Operation" */
    TCS_MARK_WORKLOAD = 1 << 21,   /* "Workload" */
    TCS_MARK_AUDIT_DATA = 1 << 22, /* "AuditData" */
    TCS_MARK_EVENT_TYPE = 1 << 23, /* "eventType" */
    TCS_MARK_IS_SIGNIN = 1 << 24,  /* "category" or "Type" says which log it is */
    TCS_MARK_IS_AUDIT = 1 << 25,
    TCS_MARK_IS_AUDIT_TOO = 1 << 26, /* the category that Entra and Intune both use */
    TCS_MARK_IS_ACTIVITY = 1 << 27,
    TCS_MARK_IS_RISK = 1 << 28,
    TCS_MARK_IS_INTUNE = 1 << 29,
    TCS_MARK_IS_ALERT = 1 << 30, /* "@odata.type": an alert of PIM */
};

/* A path and what it is; for a role, the lowest rank present wins. */
struct tcs_shape_path {
    const char *path;
    uint8_t role, rank;
    bool keep;         /* stays a field under its own name even when it wins */
    const char *field; /* another name for the field; "" for none */
    bool text;         /* a text here may be JSON: it stays a field, and what is in it are fields */
    bool no_null;      /* a null here is no field */
};

struct tcs_shape {
    const char *name;
    uint8_t index;     /* place in the table */
    uint32_t all, any; /* marks: all of these, and one of those (0: none needed) */
    struct tcs_str product, service;
    bool canonical; /* roles become fields by their canonical names */
    /* Fills in field, role, rank, kind ... of a new name from its parent, key and path. */
    void (*map)(const struct tcs_shape *shape, struct tcs_name *n, struct tcs_arena *a);
    const struct tcs_shape_path *paths; /* NULL-terminated; for the general map */
    const char *const *strip;           /* path prefixes that fall off; NULL-terminated */
    bool xml;                           /* events as text inside: read by input/xml.h */
};

/* In the order in which they are tried; the last takes everything. */
extern const struct tcs_shape tcs_shapes[];
/* Marks of a root key; *telling: its text tells too (tcs_shape_value_marks). */
void tcs_shape_marks(struct tcs_str key, uint32_t marks[2], bool *telling);
uint32_t tcs_shape_value_marks(struct tcs_str key, struct tcs_str text);
const struct tcs_shape *tcs_shape_of(uint32_t marks);
/* The row of events as XML text: Sysmon for Linux. */
const struct tcs_shape *tcs_shape_xml(void);
/* Paths, then prefixes that fall off. */
void tcs_shape_map_paths(const struct tcs_shape *shape, struct tcs_name *n, struct tcs_arena *a);
/* Paths of the cloud logs (shape_cloud.c). */
extern const struct tcs_shape_path tcs_shape_signin_paths[], tcs_shape_audit_paths[],
    tcs_shape_activity_paths[], tcs_shape_risk_paths[], tcs_shape_pim_paths[],
    tcs_shape_intune_paths[], tcs_shape_m365_paths[], tcs_shape_okta_paths[];
extern const char *const tcs_shape_m365_strip[];
/* Elements and attributes of an XML event, whatever JSON or XML they come from (shape_event.c). */
void tcs_shape_map_event(const struct tcs_shape *shape, struct tcs_name *n, struct tcs_arena *a);
