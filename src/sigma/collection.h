/* sigma/collection.h - the collection of documents: what struct tcs_rules is made of, and what puts
 * something into it.  Internal to src/sigma. */
#pragma once
#include "sigma/ast.h"
#include "sigma/diag.h"
#include "sigma/placeholder.h"

#include <stdarg.h>

/* A filter document: a condition that is added to the rules it names.  Its predicates and nodes
 * are a rule's, with numbers of their own. */
struct tcs_filter {
    struct tcs_rule rule;    /* searches, nodes, kids, preds, root, logsource, doc */
    struct tcs_str *targets; /* ids or names; none: every rule of its logsource */
    struct tcs_place *target_places;
    uint8_t *fates; /* of the targets, in tcs_sigma_rules_finish */
    uint32_t ntargets;
};

/* A correlation that is not yet resolved. */
struct tcs_corr_entry {
    struct tcs_correlation c;
    struct tcs_place *places; /* of c.rules */
};

struct tcs_rules {
    struct tcs_arena *keep, *scratch;
    struct tcs_arena **taken; /* of rules that were merged into this */
    struct tcs_rule *rules;
    struct tcs_corr_entry *entries;
    struct tcs_correlation *corrs; /* of the entries, made by tcs_sigma_rules_finish; in keep */
    struct tcs_filter *filters;
    struct tcs_diag *diags;
    struct tcs_placeholder *placeholders;
    uint32_t nrules, nentries, ncorrs, nfilters, ndiags, ntaken, nplaceholders, seen;
    uint32_t cap_rules, cap_entries, cap_filters, cap_diags, cap_taken;
    bool failed; /* out of memory in an array */
};

/* Room for one more in an array on the heap. */
bool tcs_sigma_store_room(struct tcs_rules *r, void *array, uint32_t n, uint32_t *cap, size_t size);
/* Adds a diagnostic; its text is made from fmt and becomes one line. */
void tcs_sigma_store_vdiag(struct tcs_rules *r, struct tcs_diag d, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));
/* A diagnostic that is not about a document in hand. */
void tcs_sigma_store_diag(struct tcs_rules *r, uint8_t severity, const struct tcs_doc *doc,
                          struct tcs_place at, const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* By id, then path, then line. */
int tcs_sigma_store_order(const struct tcs_doc *a, const struct tcs_doc *b);
