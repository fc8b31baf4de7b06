/* sigma/plan.h - inside of the engine: what compilation (plan_*.c) leaves for scan.c.  Private to
 * src/sigma.
 *
 *   rule x view       --plan_expr-->   unit: a tree in negation normal form, predicates on slots
 *   units             --plan_route-->  base: product, service and channel agree
 *   base x event id   --plan_group-->  group: programs, and the literals that must occur
 *
 * A ruleset is frozen after the build. */
#pragma once
#include "base/buf.h"
#include "base/map.h"
#include "match/glob.h"
#include "match/regex.h"
#include "sigma/scan.h"

/* Predicate kinds that only the engine knows, behind enum tcs_pred_kind. */
enum {
    PLAN_P_KNOWN = 64, /* sparse view: some value of the field is neither "" nor "-" */
    PLAN_P_WHERE,      /* one text is one of `alts`, ASCII case ignored */
    PLAN_P_PROVIDER,   /* the header's provider is one of `alts`, ASCII case ignored */
};

#define PLAN_SLOT_KEYWORD (TCS_SLOT_NONE - 1) /* every field */
#define PLAN_SLOT_MADE (1u << 30)             /* made[slot - PLAN_SLOT_MADE] */
#define PLAN_TRUE UINT32_MAX                  /* the exits of a program */
#define PLAN_FALSE (UINT32_MAX - 1)
#define PLAN_NONE UINT32_MAX

struct plan_pred {
    uint8_t kind, flags, cmp, part, bits;
    uint8_t addr[16];
    uint32_t slot, slot2; /* slot2: FIELDREF */
    double num;
    struct tcs_glob glob; /* STR */
    struct tcs_regex *re; /* RE */
    struct tcs_str *alts; /* WHERE, PROVIDER */
    uint32_t nalts;
};

/* A field that a view makes out of others. */
struct plan_made {
    const struct tcs_view_field *field;
    uint32_t *sources; /* slots */
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

/* One rule in one view. */
struct plan_unit {
    uint32_t rule;
    const struct tcs_view *view;
    const struct plan_ex *ex;
    uint32_t product, service;     /* route classes; 0: any */
    uint32_t *channels, nchannels; /* route classes; none: any */
};

struct plan_instr {
    uint32_t pred, on_true, on_false; /* program counters, PLAN_TRUE or PLAN_FALSE */
};

struct plan_entry {
    uint32_t rule, start; /* start: program counter */
    const struct tcs_view *view;
};

/* All that can match one kind of record. */
struct plan_group {
    struct plan_entry *entries; /* ascending by rule, then view */
    struct plan_instr *code;
    uint32_t nentries, ncode;
    uint32_t *made; /* made fields that its programs read */
    uint32_t nmade;
};

/* What agrees in product, service and channel. */
struct plan_base {
    uint32_t *ids; /* ascending; groups[i] is for ids[i] */
    uint32_t nids;
    const struct plan_group **groups; /* [nids]: any other id; [nids + 1]: no id */
};

/* Classes number the words that some unit names, from 1; 0 is every other word. */
struct plan_product {
    uint16_t *services, *channels; /* class -> row or column in bases; 0: makes no difference */
    uint32_t nchannels;            /* columns */
    const struct plan_base **bases;
};

struct plan_routes {
    struct tcs_map products, services, channels; /* channels: in lower case */
    struct plan_product *product;                /* by class */
};

struct tcs_ruleset {
    struct tcs_arena *arena;
    const struct tcs_rule *rules;
    uint32_t nrules;
    bool no_prefilter;
    struct tcs_fieldset *fields;
    uint32_t event_id_slot;
    struct plan_pred *preds;
    struct plan_made *made;
    uint32_t npreds, nmade;
    struct plan_routes routes;
    bool *reachable;
};

/* While building. */
struct plan_build {
    struct tcs_ruleset *rs;
    const struct tcs_logsources *ls;
    struct tcs_arena *tmp;        /* dies with the build; perm is rs->arena */
    struct tcs_map slots;         /* view and name -> slot */
    struct tcs_map preds;         /* contents -> predicate */
    struct tcs_map mades;         /* contents -> made field */
    struct tcs_map bases, groups; /* contents -> index into the lists below */
    struct plan_unit *units;
    const struct plan_base **base_list;
    const struct plan_group **group_list;
    uint32_t nunits, units_cap, preds_cap, made_cap, base_cap, group_cap, nbases, ngroups;
    struct tcs_buf key; /* scratch for the maps' keys */
    struct tcs_err *err;
};

/* A growing array: room for one more element of `size`, or false. */
bool plan_grow(void *array, uint32_t *cap, uint32_t n, size_t size);
/* The index of the key in b->key, adding `fresh` (key copied to tmp) if new; PLAN_NONE: no
 * memory. */
uint32_t plan_intern(struct plan_build *b, struct tcs_map *m, uint32_t fresh);

/* plan_pred.c */
int plan_pred(struct plan_build *b, const struct tcs_pred *p, uint32_t slot, uint32_t slot2,
              uint32_t *ret);
int plan_pred_known(struct plan_build *b, uint32_t slot, uint32_t *ret);
/* PLAN_P_WHERE or PLAN_P_PROVIDER. */
int plan_pred_alts(struct plan_build *b, uint8_t kind, uint32_t slot, const struct tcs_str *alts,
                   uint32_t n, uint32_t *ret);
/* The event id that the predicate compares EventID with, if it is such a comparison. */
bool plan_pred_event_id(const struct tcs_ruleset *rs, const struct plan_pred *p, uint32_t *ret);

/* plan_expr.c: the unit's tree; 0 with *ret == NULL is impossible */
int plan_expr(struct plan_build *b, const struct tcs_rule *rule, const struct tcs_view *view,
              const struct plan_ex **ret);
/* The tree when EventID is `id`; `other`: when it is none of those that units compare with. */
const struct plan_ex *plan_expr_fold(struct plan_build *b, const struct plan_ex *ex, uint32_t id,
                                     bool other);

/* plan_route.c */
int plan_route(struct plan_build *b);

/* plan_group.c: the group of these units with these trees */
struct plan_member {
    const struct plan_unit *unit;
    const struct plan_ex *ex;
};
int plan_group(struct plan_build *b, const struct plan_member *members, uint32_t n,
               struct plan_group **ret);
