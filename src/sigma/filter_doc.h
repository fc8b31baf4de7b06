/* sigma/filter_doc.h - filter documents.  Internal to src/sigma. */
#pragma once
#include "sigma/ast.h"
#include "sigma/load.h"

/* Reads one document and adds it to l->rules if it is sound. */
void tcs_sigma_filter_read(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc);
/* At the end: adds each filter to the rules that it names, and says which it did not find. */
void tcs_sigma_filters_apply(struct tcs_rules *r);
