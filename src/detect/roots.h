/* detect/roots.h - who reads inputs gives up everything else. */
#pragma once
#include "base/err.h"
#include "input/source.h"
#include "process/sandbox.h"

/* From now on only what lies below the paths can be read, and what links in them lead to; `rights`
 * as in process/sandbox.h.  0 and *state, or negative with *err. */
int tcs_detect_roots_confine(const struct tcs_inputs *in, const char *const *paths, size_t n,
                             unsigned rights, enum tcs_sandbox_state *state, struct tcs_err *err);

/* Where that fails: what can be done. */
#define TCS_UNCONFINED_ADVICE "use --no-sandbox to go on without"
