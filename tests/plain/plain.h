/* tests/plain/plain.h - the deliberately plain matcher: every rule on every event.
 *
 * Written from docs/matching.md alone: no prefilter, nothing shared between rules, nothing kept
 * between events but the compiled regular expressions.  It is what the fast engine is compared
 * with, so it uses none of src/match and none of the engine; of src/sigma only the data: the rule
 * trees (ast.h) and the table's views (tcs_sigma_logsources_find). */
#pragma once
#include "sigma/logsource.h"
#include "sigma/scan.h"

struct plain;

/* `rules` and `ls` must outlive it.  NULL when out of memory. */
struct plain *plain_new(const struct tcs_rule *rules, uint32_t n, const struct tcs_logsources *ls);
void plain_free(struct plain *p);
/* The matching rules, ascending, each with the first view in which it matched (NULL: none needed).
 * *hits, with what was unchecked, lives until the next call. */
uint32_t plain_event(struct plain *p, const struct tcs_event *ev,
                     const struct tcs_sigma_match **hits);
/* The same for one rule. */
bool plain_rule(struct plain *p, uint32_t rule, const struct tcs_event *ev,
                struct tcs_sigma_match *hit);
/* The same rule in the same view, with the same unchecked? */
bool plain_same_hit(const struct tcs_sigma_match *a, const struct tcs_sigma_match *b);
