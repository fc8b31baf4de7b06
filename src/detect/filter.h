/* detect/filter.h - which events a run looks at: --from, --to, --host. */
#pragma once
#include "detect/opts.h"
#include "event/event.h"

/* Decides on the header alone.  `scratch` is used for the computer's name. */
bool tcs_detect_filter_wants(const struct tcs_detect_opts *opts, const struct tcs_event *head,
                             struct tcs_arena *scratch);
