/* sigma/cache.h - checked rules as bytes, so that the next start need not read YAML.
 *
 * Bytes are read with every index, count and length checked, so that no byte string does more than
 * fail.  No I/O and no secrets here: who may have written the bytes is for the caller to know
 * (detect/sealed.h). */
#pragma once
#include "base/buf.h"
#include "sigma/rules.h"

/* Appends to ret.  `r` is finished.  -TCS_ENOMEM. */
int tcs_sigma_rules_save(const struct tcs_rules *r, struct tcs_buf *ret, struct tcs_err *err);
/* 0: *ret is as r was, free with tcs_sigma_rules_free; its texts are in `bytes`, which must outlive
 * it.  -TCS_ECORRUPT: not what tcs_sigma_rules_save writes. */
int tcs_sigma_rules_load(struct tcs_str bytes, struct tcs_rules **ret, struct tcs_err *err);
