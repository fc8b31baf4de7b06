/* tests/plain/rulebuild.h - rule trees made by hand, for tests that must not depend on the parser.
 *
 * Nodes come out as indexes; put the tree together bottom up and name the root.  Memory is the
 * arena's. */
#pragma once
#include "sigma/ast.h"

enum { RB_NODES = 256, RB_KIDS = 512, RB_PREDS = 128, RB_SEARCHES = 16 };

struct rulebuild {
    struct tcs_arena *a;
    struct tcs_rule *rule; /* grows in place */
};

/* A rule of that logsource without a condition. */
struct rulebuild rb_new(struct tcs_arena *a, struct tcs_rule *rule, const char *product,
                        const char *category, const char *service);
uint32_t rb_pred(struct rulebuild *b, struct tcs_pred pred);
uint32_t rb_not(struct rulebuild *b, uint32_t node);
uint32_t rb_list(struct rulebuild *b, enum tcs_node_op op, const uint32_t *kids, uint32_t n);
uint32_t rb_search(struct rulebuild *b, const char *name, uint32_t root);
/* A pattern written with * and ? (no escapes) as the parser would leave it. */
struct tcs_str rb_pattern(struct tcs_arena *a, const char *text);
