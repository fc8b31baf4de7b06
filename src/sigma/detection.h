/* sigma/detection.h - the search identifiers of a document.  Internal to src/sigma. */
#pragma once
#include "sigma/build.h"

/* The search identifiers of a `detection` or `filter` map, into b->searches.  `skip`: keys that are
 * not search identifiers. */
void tcs_sigma_detection_parse(struct tcs_build *b, const struct tcs_ynode *map,
                               const char *const *skip, size_t nskip);
