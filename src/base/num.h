/* base/num.h - strict numbers from text: the whole slice or nothing, no locale, no white space. */
#pragma once
#include "base/str.h"

#include <stdint.h>

bool tcs_base_num_u64(struct tcs_str s, uint64_t *ret);  /* [0-9]+ */
bool tcs_base_num_i64(struct tcs_str s, int64_t *ret);   /* [+-]?[0-9]+ */
bool tcs_base_num_hex(struct tcs_str s, uint64_t *ret);  /* 0x[0-9a-fA-F]{1,16} */
bool tcs_base_num_double(struct tcs_str s, double *ret); /* decimal, fraction, exponent; finite */
/* "8M", "512k", "2G" (powers of 1024) or plain bytes. */
bool tcs_base_num_size(struct tcs_str s, uint64_t *ret);
