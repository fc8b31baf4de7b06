/* sigma/rules.h - load Sigma documents: YAML text -> checked documents, and everything that is
 * wrong with them.  No I/O here: callers bring the bytes (detect/rulefiles.c walks the folders). */
#pragma once
#include "sigma/ast.h"
#include "sigma/diag.h"
#include "sigma/placeholder.h"

struct tcs_rules; /* owns every document; free with tcs_sigma_rules_free */

struct tcs_rules *tcs_sigma_rules_new(const struct tcs_placeholder *ph,
                                      uint32_t n); /* NULL: no memory */
void tcs_sigma_rules_free(struct tcs_rules *r);
/* Parse one file (one or several YAML documents, Sigma 2.1) and add what is sound.  Returns 0 even
 * when documents were refused: that is in the diags.  Fails only for lack of memory. */
int tcs_sigma_rules_add(struct tcs_rules *r, struct tcs_str path, struct tcs_str text,
                        struct tcs_err *err);
/* Everything of src, which was not finished and is gone afterwards, also if this fails: for reading
 * files on several threads, each into rules of its own.  Fails only for lack of memory. */
int tcs_sigma_rules_merge(struct tcs_rules *dst, struct tcs_rules *src, struct tcs_err *err);
/* After the last file: resolve names, apply filter documents, check correlations' references and
 * duplicate ids; sorts rules by id, then path, so that the order of files does not matter. */
int tcs_sigma_rules_finish(struct tcs_rules *r, struct tcs_err *err);

const struct tcs_rule *tcs_sigma_rules_all(const struct tcs_rules *r, uint32_t *n);
const struct tcs_correlation *tcs_sigma_rules_correlations(const struct tcs_rules *r, uint32_t *n);
const struct tcs_diag *tcs_sigma_rules_diags(const struct tcs_rules *r, uint32_t *n);
/* Documents seen: rules, correlations, filters; refused ones included. */
uint32_t tcs_sigma_rules_seen(const struct tcs_rules *r);
