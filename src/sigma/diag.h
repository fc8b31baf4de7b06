/* sigma/diag.h - one thing that is wrong with a document, and where.  Types only. */
#pragma once
#include "base/str.h"

#include <stdint.h>

enum tcs_severity { TCS_SEV_ERROR, TCS_SEV_WARNING }; /* an error refuses the document */

/* One thing wrong with one document.  `reason` is a short stable word group for counting
 * ("unknown modifier", "bad regular expression", "yaml"); `text` is the helpful sentence. */
struct tcs_diag {
    struct tcs_str path;
    uint32_t line, col;
    uint8_t severity;
    struct tcs_str rule_id, rule_title; /* empty if not known yet */
    const char *reason;
    struct tcs_str text;
};

/* Groups of reasons, for counting.  The text of a diagnostic says the rest. */
#define TCS_WHY_YAML "yaml"
#define TCS_WHY_NOT_SIGMA "not a Sigma document"
#define TCS_WHY_MISSING "missing attribute"
#define TCS_WHY_ATTRIBUTE "bad attribute"
#define TCS_WHY_MODIFIER "unknown modifier"
#define TCS_WHY_CHAIN "modifiers do not go together"
#define TCS_WHY_VALUE "value does not fit its modifiers"
#define TCS_WHY_DETECTION "bad detection"
#define TCS_WHY_CONDITION "bad condition"
#define TCS_WHY_UNKNOWN "unknown search identifier"
#define TCS_WHY_UNUSED "unused search identifier"
#define TCS_WHY_AGGREGATION "aggregation in the condition"
#define TCS_WHY_REGEX "bad regular expression"
#define TCS_WHY_REGEX_COST "regular expression outside the specification"
#define TCS_WHY_PLACEHOLDER "placeholder without values"
#define TCS_WHY_DUPLICATE "duplicate id or name"
#define TCS_WHY_REFERENCE "reference to no rule"
#define TCS_WHY_CORRELATION "bad correlation"
#define TCS_WHY_FILTER "bad filter"
#define TCS_WHY_LIMIT "too large"
#define TCS_WHY_ODD "allowed but odd"

struct tcs_place {
    uint32_t line, col;
};

/* Long texts from a file are cut when they are quoted in a sentence. */
#define TCS_QUOTE(s) ((s).n > 60 ? 60 : (int)(s).n), (s).p
