/* event/event.h - one log record, decoded: where it came from, when, which log, and its fields.
 *
 * Lifetime: everything an event points at belongs to the batch and is gone when the sink callback
 * that received it returns.  What must live longer is copied by name (detect/finding.h).
 *
 * Field names of a Windows record, the same for EVTX and for every JSON schema of one:
 *   System:    Provider_Name Provider_Guid EventID Version Level Task Opcode Keywords EventRecordID
 *              TimeCreated Correlation_ActivityID Execution_ProcessID Execution_ThreadID Channel
 *              Computer Security_UserID (an element's attribute is Element_Attribute)
 *   EventData: the Name attribute of each Data or ComplexData; Data without one is "Data"
 *              (repeated)
 *   UserData:  the local name of each leaf element; Element_Attribute for attributes
 * A name that occurs several times is several fields with equal names, in document order; of a name
 * that System and the data have, System's is the first. */
#pragma once
#include "event/fieldset.h"
#include "event/value.h"

/* Where a run of bytes came from; lives as long as the run does. */
struct tcs_origin {
    struct tcs_str path; /* as the user would name it; members of containers as "a.zip!b.json" */
    uint32_t index;      /* position in the deterministic order of inputs */
    bool named;          /* the user named this path itself */
};

struct tcs_field {
    struct tcs_str name;
    struct tcs_value value;
    uint32_t slot; /* in the fieldset the decoder was given; TCS_SLOT_NONE if no rule reads it */
};

/* Flags. */
enum {
    TCS_EVENT_CARVED = 1,   /* recovered from slack, not a live record */
    TCS_EVENT_NUMBERED = 2, /* record_id is the log's own number for the record */
    TCS_EVENT_JSON = 4,     /* `content` is JSON */
};
#define TCS_EVENT_ID_NONE UINT32_MAX

struct tcs_event {
    const struct tcs_origin *origin;
    uint64_t offset;    /* of the record's first byte in the origin */
    uint64_t record_id; /* the log's own number, or the 1-based line or object number */
    int64_t time;       /* ticks (base/time.h); TCS_TIME_NONE if the record has none */
    uint32_t flags;
    /* What routes the event to rules.  product and service are Sigma logsource words, static
     * strings, empty when unknown: "windows" or "linux" here; others come with their inputs. */
    struct tcs_str product, service;
    const char
        *schema; /* the form of log it was read from: "evtx", "winlogbeat"; static; NULL: none */
    uint32_t event_id; /* TCS_EVENT_ID_NONE if the log has no such number */
    struct tcs_value channel, provider, computer;
    struct tcs_str uid;     /* the id that the log itself gave the event; may be empty */
    struct tcs_str content; /* the record's bytes in an export of text; empty for binary logs */
    /* Filled unless the sink declined the body (tcs_sink.want). */
    struct tcs_field *fields;
    uint32_t nfields;
    /* Writes the record in the shape users know (for EVTX: evtx_dump's JSON), no newline.  Valid
     * in the callback only.  NULL: use tcs_event_json_flat. */
    void (*raw_json)(const struct tcs_event *ev, struct tcs_buf *b);
    const void *raw;
};

/* The head's channel, provider or computer by the field name that System gives it; else NULL. */
const struct tcs_value *tcs_event_header(const struct tcs_event *ev, struct tcs_str name);
/* First field of that name, or NULL. */
const struct tcs_field *tcs_event_field(const struct tcs_event *ev, struct tcs_str name);
/* {"EventID":1,...}: fields as they are named above, repeated names as an array. */
void tcs_event_json_flat(const struct tcs_event *ev, struct tcs_buf *b);
