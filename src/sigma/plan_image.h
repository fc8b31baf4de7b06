/* sigma/plan_image.h - a ruleset as an image (base/image.h), in the order in which it is written
 * and read.  Private to src/sigma.
 *
 *   head | field names | words of products, of channels | reachable
 *   | predicates | their texts | numbers | networks | literals of expressions | alternatives
 *   | made fields | doubts | doubt lists | groups | bases | products
 *
 * Arrays that scans read stay in the image: programs, marks, tables of literals, lists of numbers.
 * Everything with a pointer is made anew from them. */
#pragma once
#include "base/image.h"
#include "sigma/plan.h"

struct image_head {
    uint32_t rules, fields, products, channels, preds, made, groups, bases, event_id_slot;
    uint32_t no_memory;
};

/* One predicate; what only some kinds have stands in the lists behind, in the same order. */
struct image_pred {
    uint8_t kind, flags, cmp, part, bits, glob, lit_kind, exact; /* exact: the regexlit's */
    uint32_t slot, slot2;
    uint32_t text;     /* bytes of the pattern or expression */
    uint32_t lit, n;   /* the literal within it */
    uint32_t any, all; /* RE: literals; any: alternatives of WHERE, PROVIDER, SERVICE */
};

/* Field `field` of view `view` of the logsource of rule `rule`. */
struct image_made {
    uint32_t rule, view, field;
};

struct image_entry {
    uint32_t rule, start, doubt;
    uint32_t view; /* of its logsource's; PLAN_NONE: the log's own fields */
};

struct image_group {
    uint32_t words, columns;
};

struct image_field {
    uint32_t slot, present;
    uint32_t text_only, lits; /* lits: a set of literals follows */
};

static inline bool
sigma_image_has_num(uint8_t kind)
{
    return kind == TCS_P_NUM || kind == TCS_P_TIMEPART || kind == TCS_P_EXISTS;
}

static inline bool
sigma_image_has_text(uint8_t kind)
{
    return kind == TCS_P_STR || kind == TCS_P_RE;
}

static inline bool
sigma_image_has_alts(uint8_t kind)
{
    return kind == PLAN_P_WHERE || kind == PLAN_P_PROVIDER || kind == PLAN_P_SERVICE;
}
