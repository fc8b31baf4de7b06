/* cli/filter.h - which events a run looks at: --from, --to, --host. */
#pragma once
#include "cli/settings.h"
#include "event/event.h"

/* Decides on the header alone.  `scratch` is used for the computer's name. */
bool tcs_filter_wants(const struct tcs_settings *set, const struct tcs_event *head,
                      struct tcs_arena *scratch);
