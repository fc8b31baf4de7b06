/* sigma/logsource.h - which events a rule's logsource means, and under which names it finds its
 * fields there.  The data is one YAML table (data/logsource.yaml, built in; users add to it).
 *
 * A logsource resolves to views.  "process_creation/windows" has two: Sysmon 1, whose fields are
 * the rule's own, and Security 4688, where Image is NewProcessName and OriginalFileName does not
 * exist.  A field that the view lacks is *unknown*: the rule is tried by the letter, as if it were
 * absent, but what rests on unknown fields is told, and does not do alone (docs/matching.md
 * section 2). */
#pragma once
#include "event/event.h"
#include "sigma/ast.h"

/* What is done to a source's value; docs/matching.md section 4 is exact. */
enum tcs_rewrite {
    TCS_RW_NONE,
    TCS_RW_DECIMAL, /* 0x1f -> 31 */
    TCS_RW_HEX,     /* 31 -> 0x1f */
    TCS_RW_MAP,     /* whole value, case ignored: from[i] -> to[i]; others unchanged */
    TCS_RW_PREFIX,  /* leading text, case ignored: from[i] -> to[i]; '?' in from is one digit run */
    TCS_RW_JOIN,    /* every source, `sep` between, then as PREFIX; one absent: the field is */
    TCS_RW_PART,    /* "SHA1=..,IMPHASH=..": the part behind from[0], parts end at `sep` */
    TCS_RW_DATA,    /* without the values that the header has under the source's name */
    TCS_RW_PADDED,  /* "x  " -> "x" and "x  " */
    TCS_RW_CASES,   /* as the first of `cases` whose conditions hold */
};

/* Conditions on a record.  All must hold: one of the field's texts is (case ignored) one of the
 * alternatives, which '|' separates; behind a leading '!', none of its texts is one of them.
 * Absent: the empty text. */
struct tcs_view_where {
    struct tcs_str *fields, *values;
    uint32_t n;
};

/* How a view makes the field `name` that rules ask for out of what the record holds. */
struct tcs_view_field {
    struct tcs_str name;
    struct tcs_str *sources; /* JOIN: all of them; else the first that the event has */
    uint32_t nsources;
    uint8_t rewrite;
    struct tcs_str sep;
    struct tcs_str *from, *to;
    uint32_t npairs;
    struct tcs_view_where where;  /* of a case: when it is the one */
    struct tcs_view_field *cases; /* CASES: none of them is of CASES or PADDED */
    uint32_t ncases;
};

struct tcs_view {
    struct tcs_str name;       /* "sysmon", "security_4688": for explain and for messages */
    struct tcs_str product;    /* the event's product must be this; empty: any */
    struct tcs_str service;    /* the event's service must be this; empty: any */
    struct tcs_str *channels;  /* any of these, case ignored; none: any channel */
    struct tcs_str *providers; /* any of these, case ignored; none: any */
    uint32_t *event_ids;       /* any of these; none: any */
    uint32_t nchannels, nproviders, nevent_ids;
    struct tcs_view_where where;
    struct tcs_view_field *fields; /* renamed or rewritten ones */
    uint32_t nfields;
    bool closed;            /* fields not in `fields` or `native` do not exist here (unknown) */
    struct tcs_str *native; /* closed view: names that exist as they are */
    uint32_t nnative;
    bool fixed; /* a record has all fields of its event: one that it lacks is unknown */
    /* Fields that this log often leaves out (a 4688 without its command line): one that is absent
     * in the record, or whose every text is "" or "-", is unknown. */
    bool sparse;
};

struct tcs_logsources;

/* Parse the table; call again with user tables to add or replace entries.  Errors carry line and
 * column. */
struct tcs_logsources *tcs_sigma_logsources_new(void);
void tcs_sigma_logsources_free(struct tcs_logsources *ls);
int tcs_sigma_logsources_add(struct tcs_logsources *ls, struct tcs_str path, struct tcs_str yaml,
                             struct tcs_err *err);
/* The views of a rule's logsource.  *n == 0: not in the table; then the rule applies to events
 * whose product and service equal the logsource's where it names them, if it has no category; and
 * to no event at all if it has one (nothing that reaches us is of that category). */
const struct tcs_view *tcs_sigma_logsources_find(const struct tcs_logsources *ls,
                                                 const struct tcs_logsource *want, uint32_t *n);
/* Why there are no views, if the table says so ("written to ETW only"); else empty. */
struct tcs_str tcs_sigma_logsources_note(const struct tcs_logsources *ls,
                                         const struct tcs_logsource *want);
/* The built-in table. */
struct tcs_str tcs_sigma_logsources_builtin(void);

/* Is the event in the view, as far as its header tells (all but `where`)? */
bool tcs_sigma_view_routes(const struct tcs_view *v, const struct tcs_event *head);
/* Is it in the view?  Needs the fields that `where` names. */
bool tcs_sigma_view_fits(const struct tcs_view *v, const struct tcs_event *ev);

/* How a view answers for a field name. */
enum tcs_view_look {
    TCS_LOOK_OWN,   /* the event's own field of that name */
    TCS_LOOK_MADE,  /* *ret makes it */
    TCS_LOOK_NEVER, /* the view has no such field */
};
/* v may be NULL: always TCS_LOOK_OWN. */
enum tcs_view_look tcs_sigma_view_look(const struct tcs_view *v, struct tcs_str name,
                                       const struct tcs_view_field **ret);
/* The field itself or, of CASES, the case that holds for the event; NULL: none does. */
const struct tcs_view_field *tcs_sigma_view_case(const struct tcs_view_field *f,
                                                 const struct tcs_event *ev);
/* The values of a made field, in `a`; at most `max` (no field makes more than two of each value of
 * the event).  0: absent. */
uint32_t tcs_sigma_view_make(const struct tcs_view_field *f, const struct tcs_event *ev,
                             struct tcs_arena *a, struct tcs_value *out, uint32_t max);
/* A source's value through the rewrite; not for JOIN and CASES.  False: it yields nothing (PART
 * only). */
bool tcs_sigma_view_rewrite(const struct tcs_view_field *f, const struct tcs_value *v,
                            struct tcs_arena *a, struct tcs_value *ret);
/* PADDED: is v, which became `made`, a value of the field as well? */
bool tcs_sigma_view_keeps(const struct tcs_view_field *f, const struct tcs_value *v,
                          const struct tcs_value *made);
/* DATA: is v, a value of `source`, no more than the header says?  Such a value is left out if there
 * are others. */
bool tcs_sigma_view_of_header(const struct tcs_view_field *f, struct tcs_str source,
                              const struct tcs_event *ev, const struct tcs_value *v);
/* A string pattern of a rule as it is tried on the field (PADDED: blanks at its end are none). */
struct tcs_str tcs_sigma_view_pattern(const struct tcs_view_field *f, struct tcs_str pattern);
/* Does this value count as missing in a sparse view: text "" or "-"? */
bool tcs_sigma_view_blank(const struct tcs_value *v, struct tcs_arena *a);
