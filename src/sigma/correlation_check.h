/* sigma/correlation_check.h - correlation documents: read and checked.  Internal to src/sigma. */
#pragma once
#include "sigma/ast.h"
#include "sigma/load.h"

/* Reads one document and adds it to l->rules if it is sound. */
void tcs_sigma_correlation_read(struct tcs_load *l, const struct tcs_ynode *map,
                                struct tcs_doc *doc);
/* At the end: drops those whose references lead nowhere, and says why. */
void tcs_sigma_correlations_resolve(struct tcs_rules *r);
