/* tests/report/samples.h - incidents made by hand, for every format's tests and for looking at. */
#pragma once
#include "base/arena.h"
#include "chain/incident.h"

struct sample {
    const char *name;
    void (*make)(struct tcs_arena *a, struct tcs_incident *in);
};

/* Ends with a row without a name. */
extern const struct sample samples[];
/* NULL: no such sample. */
const struct sample *sample_find(const char *name);
