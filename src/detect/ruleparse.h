/* detect/ruleparse.h - many rule files parsed on several threads, the result as if on one. */
#pragma once
#include "detect/rulefiles.h"

/* All files in order, finished (tcs_sigma_rules_finish).  Fails only for lack of memory. */
int tcs_detect_ruleparse(const struct tcs_rulefiles *f, const struct tcs_placeholder *ph,
                         uint32_t nph, unsigned threads, struct tcs_rules **ret,
                         struct tcs_err *err);
