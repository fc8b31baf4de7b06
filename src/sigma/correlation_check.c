/* sigma/correlation_check.c - correlation documents: read and checked, not run. */
#include "sigma/store.h"

void
tcs_correlation_read(struct tcs_load *l, const struct tcs_ynode *map, struct tcs_doc *doc)
{
    (void)doc;
    tcs_load_error(l, tcs_load_place(map, 0), TCS_WHY_CORRELATION, "correlations are not read yet");
}

void
tcs_correlations_resolve(struct tcs_rules *r)
{
    (void)r;
}
