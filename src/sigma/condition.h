/* sigma/condition.h - the condition over search identifiers or names.  Internal to src/sigma. */
#pragma once
#include "sigma/build.h"

/* A condition or a list of them -> node; *text is what was written.  *root is only set when there
 * was no error. */
bool tcs_sigma_condition_parse(struct tcs_build *b, const struct tcs_ynode *y, uint32_t *root,
                               struct tcs_str *text);
