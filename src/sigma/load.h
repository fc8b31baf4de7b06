/* sigma/load.h - what the parts of the rule parser share while one file is read: where its memory
 * is, and how it says what is wrong.  Internal to src/sigma. */
#pragma once
#include "sigma/rules.h"
#include "sigma/yaml.h"

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

struct tcs_load {
    struct tcs_rules *rules;
    struct tcs_arena *keep;    /* lives as long as the rules */
    struct tcs_arena *scratch; /* until the end of this file */
    struct tcs_str path;
    struct tcs_str id, title; /* of the document in hand; in keep */
    bool refused;             /* the document in hand has an error */
    uint32_t told;            /* diagnostics of the document in hand */
};

/* Character `at` of a scalar's text, as near as it can be told (a folded text: its start). */
struct tcs_place tcs_load_place(const struct tcs_ynode *y, size_t at);
void tcs_load_error(struct tcs_load *l, struct tcs_place at, const char *reason, const char *fmt,
                    ...) __attribute__((format(printf, 4, 5)));
void tcs_load_warn(struct tcs_load *l, struct tcs_place at, const char *reason, const char *fmt,
                   ...) __attribute__((format(printf, 4, 5)));
/* The values of a placeholder, or NULL. */
const struct tcs_placeholder *tcs_load_placeholder(const struct tcs_load *l, struct tcs_str name);
/* The word of `list` (n entries) that is nearest to `word`, NULL if none is near. */
const char *tcs_load_suggest(struct tcs_str word, const char *const *list, size_t n);

/* Long texts from a file are cut when they are quoted in a sentence. */
#define TCS_QUOTE(s) ((s).n > 60 ? 60 : (int)(s).n), (s).p
