/* tests/differential/generate.h - random Sigma rules, as YAML, and random events that they often
 * meet.  Both are small models, so that a failing pair can be made smaller piece by piece. */
#pragma once
#include "check.h"

#include "event/event.h"

enum {
    GEN_SEARCHES = 3,
    GEN_ITEMS = 3,
    GEN_VALUES = 3,
    GEN_FIELDS = 10,
    GEN_TEXT = 160,
};

/* FIELD|MODIFIERS: VALUES */
struct gen_item {
    const char *field, *modifiers;
    char values[GEN_VALUES][GEN_TEXT]; /* as YAML scalars, quotes included */
    unsigned n;
};

enum gen_form { GEN_MAP, GEN_LIST, GEN_KEYWORDS };

struct gen_rule {
    unsigned source; /* row of the table of logsources */
    struct {
        enum gen_form form;
        struct gen_item item[GEN_ITEMS];
        unsigned n;
    } search[GEN_SEARCHES];
    unsigned nsearches, condition;
};

struct gen_event {
    unsigned kind; /* row of the table of record kinds */
    uint32_t id;
    struct {
        const char *name;
        char text[GEN_TEXT];
        uint8_t type; /* enum tcs_vtype: UTF8, UTF16, NULL, UINT, HEX, GUID */
        uint64_t u;
    } field[GEN_FIELDS];
    unsigned n;
};

/* A generator's state; the same seed gives the same everything. */
struct gen {
    uint64_t state;
};

/* A logsource table for the category `generated` of the rules, whose fields have several cases. */
extern const char gen_logsources[];

uint32_t gen_below(struct gen *g, uint32_t n);
void gen_make_rule(struct gen *g, struct gen_rule *r);
void gen_make_event(struct gen *g, struct gen_event *e);
/* One YAML document with that number in its id. */
void gen_yaml(const struct gen_rule *r, unsigned number, struct tcs_buf *b);
/* The event, its fields in `a`, slots from fs (may be NULL). */
struct tcs_event gen_event(const struct gen_event *e, const struct tcs_fieldset *fs,
                           struct tcs_arena *a);
