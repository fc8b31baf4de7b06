/* sigma/ast.h - a checked Sigma document: what the parser makes and everything else reads.
 *
 * Values have been through their modifiers already: `contains|windash` and `base64offset` have
 * become several STR predicates under an OR, `neq` a NOT, `contains` a pattern with wildcards at
 * both ends.  So the meaning of a rule is its tree of AND, OR, NOT over predicates, and the two
 * matchers (sigma/scan.c, tests/plain) need to know nothing about modifiers.
 *
 * All memory belongs to the arena of the tcs_rules that holds the document.  Frozen once loaded. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

/* Bytes that cannot occur in UTF-8 stand for the wildcards in a STR pattern. */
#define TCS_ANY_RUN '\xff' /* `*`: any number of characters, none included */
#define TCS_ANY_ONE '\xfe' /* `?`: exactly one character (code point) */

enum tcs_pred_kind {
    TCS_P_STR,      /* text: the pattern, whole-value match; case ignored unless TCS_PF_CASED */
    TCS_P_RE,       /* text: PCRE pattern, unanchored; case-sensitive unless TCS_PF_RE_I */
    TCS_P_CIDR,     /* addr/bits; a value that is no address does not match */
    TCS_P_NUM,      /* value `cmp` num; a value that is no number does not match */
    TCS_P_NULL,     /* the field is absent, or present without a value */
    TCS_P_EXISTS,   /* the field is present (even without a value) == (num != 0) */
    TCS_P_FIELDREF, /* the value against the value of field `text`, by TCS_PF_REF_*; absent: no */
    TCS_P_TIMEPART, /* part `part` of the value read as a time (UTC) `cmp` num */
};

enum tcs_cmp { TCS_EQ, TCS_NE, TCS_LT, TCS_LE, TCS_GT, TCS_GE };

/* `a cmp b`, for the engine and for explain. */
static inline bool
tcs_sigma_cmp_holds(double a, uint8_t cmp, double b)
{
    switch ((enum tcs_cmp)cmp) {
    case TCS_EQ:
        return a == b;
    case TCS_NE:
        return a != b;
    case TCS_LT:
        return a < b;
    case TCS_LE:
        return a <= b;
    case TCS_GT:
        return a > b;
    case TCS_GE:
        return a >= b;
    }
    return false;
}

enum tcs_timepart { TCS_MINUTE, TCS_HOUR, TCS_DAY, TCS_WEEK, TCS_MONTH, TCS_YEAR };

enum {
    TCS_PF_CASED = 1,
    TCS_PF_RE_I = 2, /* re|i, re|m, re|s */
    TCS_PF_RE_M = 4,
    TCS_PF_RE_S = 8,
    TCS_PF_REF_CONTAINS = 16, /* fieldref|contains, |startswith, |endswith; none: equal */
    TCS_PF_REF_STARTS = 32,
    TCS_PF_REF_ENDS = 64,
};

/* A field with several values matches if one of them does. */
struct tcs_pred {
    uint8_t kind, flags, cmp, part;
    uint8_t bits;       /* CIDR: prefix length in the 16-byte form (IPv4 is ::ffff:a.b.c.d, +96) */
    uint8_t addr[16];   /* CIDR: network address, host bits zero */
    uint32_t line, col; /* of the value in its file, 1-based */
    struct tcs_str field; /* empty: keyword, tried on every field's value of the event */
    struct tcs_str text;
    double num;
};

enum tcs_node_op { TCS_N_AND, TCS_N_OR, TCS_N_NOT, TCS_N_PRED, TCS_N_SEARCH };

struct tcs_node {
    uint8_t op;
    uint32_t a; /* AND, OR: first index into kids; NOT: node; PRED: index into preds; SEARCH: index
                   into searches */
    uint32_t n; /* AND, OR: number of kids; an AND of none is true, an OR of none is false */
};

/* One detection identifier ("selection", "filter_main_x"). */
struct tcs_search {
    struct tcs_str name;
    uint32_t root; /* node */
    uint32_t line, col;
};

struct tcs_logsource {
    struct tcs_str product, category, service, definition; /* empty: not given */
};

enum tcs_status {
    TCS_STATUS_NONE,
    TCS_STABLE,
    TCS_TEST,
    TCS_EXPERIMENTAL,
    TCS_DEPRECATED,
    TCS_UNSUPPORTED,
    TCS_STATUSES
};

/* What every document has. */
struct tcs_doc {
    struct tcs_str path; /* of the file it came from */
    uint32_t line;       /* where the document starts in it */
    struct tcs_str id, name, title, author, description, date, modified, license;
    struct tcs_str *tags, *references, *falsepositives, *fields;
    uint32_t ntags, nreferences, nfalsepositives, nfields;
    uint8_t level, status; /* enum tcs_level, enum tcs_status */
};

struct tcs_rule {
    struct tcs_doc doc;
    struct tcs_logsource logsource;
    struct tcs_search *searches;
    struct tcs_node *nodes;
    uint32_t *kids;
    struct tcs_pred *preds;
    uint32_t nsearches, nnodes, nkids, npreds;
    uint32_t root; /* node: the condition (several conditions are an OR), filters already applied */
    struct tcs_str condition; /* as written, for people */
};

enum tcs_corr_type {
    TCS_CORR_EVENT_COUNT,
    TCS_CORR_VALUE_COUNT,
    TCS_CORR_TEMPORAL,
    TCS_CORR_TEMPORAL_ORDERED,
    TCS_CORR_VALUE_SUM,
    TCS_CORR_VALUE_AVG,
    TCS_CORR_VALUE_PERCENTILE,
    TCS_CORR_VALUE_MEDIAN,
};

struct tcs_corr_cond {
    uint8_t cmp; /* enum tcs_cmp; several are AND-ed */
    double num;
};

struct tcs_corr_alias {
    struct tcs_str alias, rule, field; /* in rule `rule`, `alias` means `field` */
};

/* A correlation, loaded and checked; correlate/correlate.h runs it. */
struct tcs_correlation {
    struct tcs_doc doc;
    uint8_t type;
    bool generate;
    struct tcs_str *rules; /* ids or names, as written; all were found */
    struct tcs_str *group_by;
    struct tcs_corr_alias *aliases;
    struct tcs_corr_cond *conds;
    struct tcs_str *cond_fields; /* condition.field: one or several */
    struct tcs_str extended;     /* extended boolean condition over rule names; empty if none */
    struct tcs_node *nodes;      /* of it; a SEARCH's a is an index into rules */
    uint32_t *kids;
    uint32_t nrules, ngroup_by, naliases, nconds, ncond_fields;
    uint32_t nnodes, nkids, root;
    uint64_t timespan_s;
    double percentile; /* -1: not given */
};
