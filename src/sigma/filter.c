/* sigma/filter.c - filter documents: read, then added to the conditions of the rules they name.
 *
 * Sigma filters specification 2.1.  The rule then matches if its own condition and the filter's
 * hold; so a filter that leaves events out says `not selection`. */
#include "sigma/store.h"

void
tcs_filter_read(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc)
{
    (void)map;
    (void)doc;
    tcs_load_error(l, tcs_load_place(map, 0), TCS_WHY_FILTER, "filters are not read yet");
}

void
tcs_filters_apply(struct tcs_rules *r)
{
    (void)r;
}
