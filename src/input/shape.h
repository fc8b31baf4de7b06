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
    TCS_MARK_EVE = 1 << 20, /* "event_type", and one of what Suricata writes beside it: two */
    TCS_MARK_EVE_BODY = 1 << 21,
    TCS_MARK_WAZUH_RULE = 1 << 22, /* "rule": {}, and who raised it: two */
    TCS_MARK_WAZUH_BY = 1 << 23,
    TCS_MARK_NEVER = 1 << 30, /* no key has it */
};

/* A path and what it is; for a role, the lowest rank present wins. */
struct tcs_shape_path {
    const char *path;
    uint8_t role, rank;
    bool keep;         /* stays a field under its own name even when it wins */
    const char *field; /* without a role: the field's name; "" for none */
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

/* In the order in which they are tried; the one called generic takes everything. */
extern const struct tcs_shape tcs_shapes[];
/* Marks of a root key. */
void tcs_shape_marks(struct tcs_str key, uint32_t marks[2]);
const struct tcs_shape *tcs_shape_of(uint32_t marks);
/* The row of events as XML text: Sysmon for Linux. */
const struct tcs_shape *tcs_shape_xml(void);
/* The row of tables (input/csv.h). */
const struct tcs_shape *tcs_shape_csv(void);
/* Elements and attributes of an XML event, whatever JSON or XML they come from (shape_event.c). */
void tcs_shape_map_event(const struct tcs_shape *shape, struct tcs_name *n, struct tcs_arena *a);
