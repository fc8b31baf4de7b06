/* sigma/plan.h - inside of the engine: what compilation (plan_*.c) leaves for scan.c.  Private to
 * src/sigma.
 *
 *   rule x view       --sigma_plan_expr-->  unit: tree in negation normal form, predicates on slots
 *   units             --sigma_plan_route-->  base: product and channel agree
 *   base x event id   --sigma_plan_group-->  group: programs, and the literals that must occur
 *   ruleset           <--plan_image.c-->     bytes that are used where they are mapped
 *
 * A ruleset is frozen after the build. */
#pragma once
#include "base/buf.h"
#include "base/map.h"
#include "event/fieldset.h"
#include "match/glob.h"
#include "match/litset.h"
#include "match/regex.h"
#include "match/regexlit.h"
#include "sigma/logsource.h"

/* Predicate kinds that only the engine knows, behind enum tcs_pred_kind. */
enum {
    PLAN_P_WHERE = 64, /* one text is one of `alts`, ASCII case ignored; absent: the empty text */
    PLAN_P_PROVIDER,   /* the header's provider is one of `alts`, ASCII case ignored */
    PLAN_P_SERVICE,    /* the header's service is alts[0] */
};

#define PLAN_SLOT_KEYWORD (TCS_SLOT_NONE - 1) /* every field */
#define PLAN_SLOT_MADE (1u << 30)             /* made[slot - PLAN_SLOT_MADE] */
#define PLAN_TRUE UINT32_MAX                  /* the exits of a program */
#define PLAN_FALSE (UINT32_MAX - 1)
#define PLAN_NONE UINT32_MAX
#define PLAN_SCANNED (1u << 31) /* in an instruction: the scan has told, not found is false */

struct plan_pred {
    uint8_t kind, flags, cmp, part, bits;
    uint8_t addr[16];
    uint32_t slot, slot2; /* slot2: FIELDREF */
    double num;
    struct tcs_glob glob;      /* STR; of RE the expression as its pat */
    struct tcs_regex *re;      /* RE */
    struct tcs_regexlit needs; /* RE */
    struct tcs_str *alts;      /* WHERE, PROVIDER, SERVICE */
    uint32_t nalts;
    uint32_t trigger,
        ntriggers; /* while building: in b->pred_triggers; one of them fires if true */
    bool triggers_known;
    bool exact; /* and it is true if one of them fires */
};

/* A field that a view makes out of others. */
struct plan_made {
    const struct tcs_view_field *field;
    uint32_t *sources;       /* slots */
    struct plan_made *cases; /* one for each of the field's; else NULL */
};

enum plan_op { PLAN_EX_FALSE, PLAN_EX_TRUE, PLAN_EX_LIT, PLAN_EX_AND, PLAN_EX_OR };

/* A tree in negation normal form; lives while building. */
struct plan_ex {
    uint8_t op;
    bool neg;      /* LIT: the predicate must be false */
    bool event_id; /* somewhere below, EventID is compared with a constant */
    uint32_t n;    /* AND, OR: kids; LIT: predicate */
    const struct plan_ex **kids;
};

/* What of a rule may be unknown in a view: looked at only where its program says that it matches.
 * Numbers are places in rs->doubt_lists. */
struct plan_doubt {
    uint32_t preds; /* for each predicate of the rule the compiled one; PLAN_NONE: never known */
    uint32_t slots, nslots; /* fields by whose absence it may be true */
    bool always;            /* ... and some that the view never has */
};

/* One rule in one view. */
struct plan_unit {
    uint32_t rule;
    uint32_t doubt; /* index into rs->doubts; PLAN_NONE: what it finds is certain */
    const struct tcs_view *view;
    const struct plan_ex *ex;
    uint32_t product;              /* route class; 0: any */
    uint32_t *channels, nchannels; /* route classes; none: any */
};

struct plan_instr {
    uint32_t pred, on_true, on_false; /* program counters, PLAN_TRUE or PLAN_FALSE */
};

struct plan_entry {
    uint32_t rule, start; /* start: program counter */
    uint32_t doubt;       /* as the unit's */
    const struct tcs_view *view;
};

/* What one look at the values of a field can tell.  Triggers number within the group. */
struct plan_field {
    uint32_t slot;
    uint32_t present;              /* trigger: there is a value; PLAN_NONE: nobody asks */
    const struct tcs_litset *lits; /* of the field and of keywords; NULL: none */
    const struct plan_num *nums;   /* a value equal to one of them */
    uint32_t nnums;
    bool text_only; /* no literal can be in the text of a number, time or identifier */
};
struct plan_num {
    double num;
    uint32_t trigger;
};

/* What a trigger does: sets bits that say "this entry's clause holds", and a predicate's truth. */
struct plan_fire {
    uint32_t pred;     /* PLAN_NONE: no program asks for it */
    uint32_t first, n; /* marks */
};
struct plan_mark {
    uint64_t bits;
    uint32_t word;
};

/* All that can match one kind of record.
 *
 * Entries have up to PLAN_CLAUSES clauses, sets of triggers of which one must fire.  Clause c of
 * entry e is bit e of column c.  An entry is a candidate when all its bits are set; bits of clauses
 * that it does not have are set from the start. */
enum { PLAN_CLAUSES = 4 };

struct plan_group {
    struct plan_entry *entries; /* ascending by rule, then view */
    const struct plan_instr *code;
    uint32_t nentries, ncode;
    const uint32_t *made; /* made fields that are read */
    uint32_t nmade;
    uint32_t words, columns; /* of a column; the number of columns */
    const uint64_t *start;   /* columns x words */
    struct plan_field *fields;
    uint32_t nfields;
    const uint16_t *field_of; /* slot -> index into fields + 1; 0: not looked at */
    const struct plan_fire *fires;
    const struct plan_mark *marks;
    uint32_t ntriggers, nmarks;
    uint32_t number;        /* in rs->groups */
    struct plan_field rest; /* keywords, for values of all other fields; no lits: none */
};

/* What agrees in product and channel.  (The service is a predicate: it would multiply the groups,
 * and one look at a field costs the same for many rules as for few.) */
struct plan_base {
    const uint32_t *ids; /* ascending; groups[i] is for ids[i] */
    uint32_t nids;
    uint32_t number;                  /* in rs->bases */
    const struct plan_group **groups; /* [nids]: any other id; [nids + 1]: no id */
};

/* Classes number the words that some unit names, from 1; 0 is every other word. */
struct plan_product {
    const uint16_t *channels; /* class -> index into bases; 0: makes no difference */
    const struct plan_base **bases;
    uint32_t nbases;
};

struct plan_routes {
    struct tcs_map products, channels; /* channels: in lower case */
    struct plan_product *product;      /* by class */
};

struct tcs_ruleset {
    struct tcs_arena *arena;
    const struct tcs_rule *rules;
    uint32_t nrules;
    bool no_prefilter, no_memory;
    struct tcs_fieldset *fields;
    uint32_t event_id_slot;
    struct plan_pred *preds;
    bool preds_kept; /* preds are in the arena */
    struct plan_made *made;
    struct plan_doubt *doubts;
    uint32_t *doubt_lists;
    uint32_t npreds, nmade, ndoubts, ndoubt_lists;
    uint32_t most_triggers, most_words; /* of one group: sizes of a scan's scratch */
    struct plan_routes routes;
    const struct plan_base **bases;
    const struct plan_group **groups;
    uint32_t nbases, ngroups;
    const uint8_t *reachable; /* by rule: 0 or 1 */
};

/* With its arena and fields, and nothing else; NULL: no memory. */
struct tcs_ruleset *sigma_ruleset_new(const struct tcs_rule *rules, uint32_t n);

/* While building: something that one look at a field can find. */
enum plan_trigger_kind {
    PLAN_T_EXACT, /* the first four as enum tcs_lit_kind */
    PLAN_T_PREFIX,
    PLAN_T_SUFFIX,
    PLAN_T_CONTAINS,
    PLAN_T_NUM,     /* a value equal to num */
    PLAN_T_PRESENT, /* the field */
};

struct plan_trigger {
    struct tcs_str text; /* folded */
    double num;
    uint32_t slot;
    uint8_t kind;
    uint8_t cost;          /* how usual it is that it fires */
    uint16_t place;        /* tcs_match_litset_place */
    uint32_t local, group; /* its number in the group being built, valid if group is that one's */
};

/* Slots in one row: the fieldset's, then the made ones. */
static inline uint32_t
sigma_plan_slot_index(const struct tcs_ruleset *rs, uint32_t slot)
{
    return slot < PLAN_SLOT_MADE ? slot
                                 : tcs_event_fieldset_count(rs->fields) + (slot - PLAN_SLOT_MADE);
}

/* While building. */
struct plan_build {
    struct tcs_ruleset *rs;
    const struct tcs_logsources *ls;
    struct tcs_arena *tmp;        /* dies with the build; what stays is in rs->arena */
    struct tcs_arena *group_tmp;  /* dies with each group */
    struct tcs_arena *scratch;    /* dies with each set of literals */
    struct tcs_map slots;         /* view and name -> slot */
    struct tcs_map preds;         /* contents -> predicate */
    struct tcs_map mades;         /* contents -> made field */
    struct tcs_map bases, groups; /* contents -> index into the lists below */
    struct tcs_map trigger_map;   /* contents -> trigger */
    struct plan_trigger *triggers;
    uint32_t *pred_triggers; /* lists of triggers, by predicate */
    struct plan_unit *units;
    uint8_t *reachable;
    uint32_t nunits, units_cap, preds_cap, made_cap, base_cap, group_cap;
    uint32_t doubts_cap, doubt_lists_cap;
    uint32_t ntriggers, triggers_cap, npred_triggers, pred_triggers_cap;
    uint32_t group_no;  /* of the group being built */
    struct tcs_buf key; /* scratch for the maps' keys */
    struct tcs_lit_costs costs;
    struct tcs_err *err;
};

/* The index of the key in b->key, adding `fresh` (key copied to tmp) if new; PLAN_NONE: no
 * memory. */
uint32_t sigma_plan_intern(struct plan_build *b, struct tcs_map *m, uint32_t fresh);

/* plan_pred.c */
int sigma_plan_pred(struct plan_build *b, const struct tcs_pred *p, uint32_t slot, uint32_t slot2,
                    uint32_t *ret);
/* PLAN_P_WHERE, PLAN_P_PROVIDER or PLAN_P_SERVICE. */
int sigma_plan_pred_alts(struct plan_build *b, uint8_t kind, uint32_t slot,
                         const struct tcs_str *alts, uint32_t n, uint32_t *ret);
/* The event id that the predicate compares EventID with, if it is such a comparison. */
bool sigma_plan_pred_event_id(const struct tcs_ruleset *rs, const struct plan_pred *p,
                              uint32_t *ret);

/* plan_trigger.c: makes b->rs->preds[pred].trigger..exact known */
int sigma_plan_triggers(struct plan_build *b, uint32_t pred);

/* plan_expr.c: the tree of the unit, whose rule and view are set, and its doubt */
int sigma_plan_expr(struct plan_build *b, struct plan_unit *u);
/* The tree when EventID is `id`; `other`: when it is none of those that units compare with. */
const struct plan_ex *sigma_plan_expr_fold(struct plan_build *b, const struct plan_ex *ex,
                                           uint32_t id, bool other);

/* plan_doubt.c: what of the unit's rule may be unknown; preds: the compiled one of each of the
 * rule's predicates, PLAN_NONE where the view has no such field. */
int sigma_plan_doubt(struct plan_build *b, struct plan_unit *u, const uint32_t *preds);

/* plan_expr.c: the slots of what the field is made of, so that decoders and scans keep those. */
int sigma_plan_made(struct tcs_ruleset *rs, const struct tcs_view_field *f, struct plan_made *ret,
                    struct tcs_err *err);

/* plan_route.c */
int sigma_plan_route(struct plan_build *b);

/* plan_group.c: the group of these units with these trees */
struct plan_member {
    const struct plan_unit *unit;
    const struct plan_ex *ex;
};
int sigma_plan_group(struct plan_build *b, const struct plan_member *members, uint32_t n,
                     struct plan_group **ret);

/* plan_clause.c: what must hold for a tree to be true */
struct plan_clause {
    const uint32_t *triggers;
    uint32_t n;
    uint64_t cost;
    bool exact; /* the tree is true if one fires */
};
/* In group_tmp.  1 and *ret: the cheapest clause; 0: nothing must hold; negative: failed. */
int sigma_plan_clause(struct plan_build *b, const struct plan_ex *ex, struct plan_clause *ret);

/* plan_field.c: g->fields, field_of and rest from the group's triggers */
int sigma_plan_fields(struct plan_build *b, struct plan_group *g, const uint32_t *triggers,
                      uint32_t n);
